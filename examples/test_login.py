"""How a login tool tests its AWS half: one login that AWS accepts, and five that it does not."""

import textwrap

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_stssaml import IdentityProvider, active_backend


def log_in(saml_response, role_arn, provider_arn):
    """Your own code stands here: whatever calls AssumeRoleWithSAML."""
    sts = boto3.client("sts", region_name="us-east-1")
    answer = sts.assume_role_with_saml(RoleArn=role_arn, PrincipalArn=provider_arn, SAMLAssertion=saml_response)
    return answer["Credentials"]


@pytest.fixture
def role(sts_saml, saml_idp):
    return sts_saml.create_role("Developer")


def test_a_signed_response_gives_credentials(saml_idp, role):
    credentials = log_in(saml_idp.response(role), role.arn, saml_idp.provider.arn)
    say("accepted", f"{credentials['AccessKeyId']} until {credentials['Expiration']}")
    print()
    assert credentials["AccessKeyId"].startswith("ASIA")


def refused(saml_response, role, provider):
    with pytest.raises(ClientError) as refusal:
        log_in(saml_response, role.arn, provider.arn)
    error = refusal.value.response["Error"]
    say("refused", f"{error['Code']}: {error['Message']}")
    say("because", active_backend().last_attempt.because)
    print()
    return error["Code"]


def say(label, text):
    """Print a line, wrapped as a terminal of 80 columns shows it."""
    lines = textwrap.wrap(text, 66, break_on_hyphens=False)
    print(f"\n  {label:<9} " + "\n            ".join(lines), end="")


def test_an_old_response_is_refused(sts_saml, saml_idp, role):
    response = saml_idp.response(role)
    sts_saml.advance(minutes=6)
    assert refused(response, role, saml_idp.provider) == "ExpiredTokenException"


def test_a_foreign_signature_is_refused(saml_idp, role):
    stranger = IdentityProvider(saml_idp.entity_id)
    response = stranger.response((role, saml_idp.provider))
    assert refused(response, role, saml_idp.provider) == "InvalidIdentityToken"


def test_a_role_that_the_response_does_not_offer_is_refused(sts_saml, saml_idp, role):
    admin = sts_saml.create_role("Admin")
    assert refused(saml_idp.response(role), admin, saml_idp.provider) == "InvalidIdentityToken"


def test_a_role_that_trusts_somebody_else_is_refused(sts_saml, saml_idp):
    partner = sts_saml.create_saml_provider("Partner", IdentityProvider("https://partner.example.com/saml"))
    role = sts_saml.create_role("PartnersOnly", provider=partner)
    response = saml_idp.response((role, saml_idp.provider))
    assert refused(response, role, saml_idp.provider) == "AccessDenied"


def test_a_failed_sign_in_is_refused(saml_idp, role):
    response = saml_idp.response(role, status="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed")
    assert refused(response, role, saml_idp.provider) == "IDPRejectedClaim"
