"""What a test is told of a role or a provider of a mock that has ended, ours or moto's."""

import re

import boto3
import pytest
from inner_runs import InnerModule, Result
from moto import mock_aws
from wire import http_response

from pytest_stssaml import IdentityProvider, Role, SAMLProvider, STSBackend, mock_sts_saml

HEADER = """
import pytest
from inner_runs import KEY, log_in, saml_signing_key

from pytest_stssaml import active_backend, mock_sts_saml

kept = {}


def test_first(sts_saml, saml_idp):
    kept["role"] = sts_saml.create_role("FirstRole")
    kept["provider"] = sts_saml.create_saml_provider("FirstProvider", saml_idp)
"""


def without_number(text: str) -> str:
    """Return a text without the number of the inner module."""
    return re.sub(r"test_inner_\d+", "test_inner", text)


ROLE = "arn:aws:iam::123456789012:role/FirstRole"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/FirstProvider"
OTHER = "arn:aws:iam::123456789012:role/SecondRole"
EXAMPLE = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
IAM_ERROR = "pytest_stssaml.iam.errors.IAMError: NoSuchEntity:"
NO_ROLE = f"{IAM_ERROR} The role with name FirstRole cannot be found."
NO_PROVIDER = f"{IAM_ERROR} Manifest not found for arn {PROVIDER}"
MADE = "it was made in an earlier mock, that of test_inner.py::test_first"


def row(body: str, *values: str, id: str) -> object:  # noqa: A002 - as in pytest.param
    """Return a row of a table of inner modules, each with a second test that has this body."""
    module = InnerModule(f"{HEADER}\n\ndef test_second(sts_saml, saml_idp):\n    {body}\n")
    return pytest.param(module, *values, id=id)


@pytest.mark.parametrize(
    ("inner", "error"),
    [
        row(
            "saml_idp.response(kept['role'])",
            f"ValueError: there is no role {ROLE}; {MADE}; there is none",
            id="response",
        ),
        row(
            "sts_saml.create_role('SecondRole'); saml_idp.request((kept['role'], saml_idp.provider))",
            f"ValueError: there is no role {ROLE}; {MADE}; there is {OTHER}",
            id="request",
        ),
        row(
            "saml_idp.response(None, provider=kept['provider']); "
            "saml_idp.response((sts_saml.create_role('SecondRole'), kept['provider']))",
            f"ValueError: there is no provider {PROVIDER}; {MADE}; there is {EXAMPLE}",
            id="provider",
        ),
        row(
            "sts_saml.create_role('SecondRole', trusts=kept['role'])",
            f"ValueError: there is no role {ROLE}; {MADE}; there is none",
            id="trusts",
        ),
        row(
            "sts_saml.create_role('SecondRole', provider=kept['provider'])",
            f"ValueError: there is no provider {PROVIDER}; {MADE}; there is {EXAMPLE}; call create_saml_provider(...) "
            "before create_role(...)",
            id="create_role",
        ),
        row(
            "sts_saml.add_client_error('Throttling', role=kept['role'])",
            f"ValueError: there is no role {ROLE}; {MADE}; there is none",
            id="add_client_error",
        ),
        row(
            "sts_saml.delete_role(kept['role'])",
            f"{NO_ROLE} (there is no role {ROLE}; {MADE}; there is none)",
            id="delete_role",
        ),
        row(
            f"sts_saml.delete_role({ROLE!r})",
            f"{NO_ROLE} (there is no role {ROLE}; {MADE}; there is none)",
            id="delete_role by ARN",
        ),
        row(
            "sts_saml.delete_saml_provider(kept['provider'])",
            f"{NO_PROVIDER} (there is no provider {PROVIDER}; {MADE}; there is {EXAMPLE})",
            id="delete_saml_provider",
        ),
        row(
            "sts_saml.update_saml_provider(kept['provider'], saml_idp)",
            f"{NO_PROVIDER} (there is no provider {PROVIDER}; {MADE}; there is {EXAMPLE})",
            id="update_saml_provider",
        ),
    ],
    indirect=["inner"],
)
def test_what_an_earlier_test_made_is_refused(inner: Result, error: str) -> None:
    assert list(map(without_number, inner.errors)) == [error]


@pytest.mark.parametrize(
    ("inner", "because"),
    [
        row(
            f"log_in(saml_idp.response({ROLE!r}), type('', (), {{'arn': {ROLE!r}}}), saml_idp.provider)",
            f"there is no role {ROLE}; {MADE}; there is none",
            id="role",
        ),
        row(
            f"role = sts_saml.create_role('SecondRole'); pair = (role, {PROVIDER!r}); "
            f"log_in(saml_idp.response(pair), role, type('', (), {{'arn': {PROVIDER!r}}}))",
            f"there is no provider {PROVIDER}; {MADE}; there is {EXAMPLE}",
            id="provider",
        ),
    ],
    indirect=["inner"],
)
def test_a_refused_login_says_that_an_earlier_test_made_it(inner: Result, because: str) -> None:
    assert because in without_number(re.sub(r"\s+", " ", "".join(inner.sections)))


def made_before(name: str) -> tuple[Role, SAMLProvider]:
    """Return a role and a provider of a mock that has ended."""
    with mock_sts_saml() as sts:
        provider = sts.create_saml_provider(name, IdentityProvider())
        return sts.create_role(name), provider


def test_a_mock_of_the_same_test_is_called_so(request: pytest.FixtureRequest) -> None:
    role, _ = made_before("SameTest")
    with mock_sts_saml() as sts, pytest.raises(ValueError, match="; it was made in an earlier mock of this test; "):
        sts.delete_role(role)


def test_an_object_that_is_not_remembered_is_of_an_earlier_mock_too(idp: IdentityProvider, sts: STSBackend) -> None:
    role = sts.create_role("NeverRemembered")
    sts.delete_role(role)
    foreign = sts.create_role("NeverRemembered")
    sts.delete_role(foreign)
    with pytest.raises(ValueError, match="it was deleted"):
        idp.response(role)


def test_a_role_that_was_deleted_may_be_offered(idp: IdentityProvider, sts: STSBackend) -> None:
    role = sts.create_role("Deleted")
    sts.delete_role(role)
    assert idp.response(role)


def test_a_role_of_an_earlier_mock_stands_for_the_one_with_its_arn(idp: IdentityProvider, sts: STSBackend) -> None:
    earlier = sts.create_role("Again")
    sts.delete_role(earlier)
    sts.create_role("Again")
    assert idp.response(earlier)


def test_an_arn_of_an_earlier_mock_may_be_offered(idp: IdentityProvider) -> None:
    assert idp.response("arn:aws:iam::123456789012:role/Unknown")


def test_the_latest_thousand_are_remembered() -> None:
    with mock_sts_saml() as sts:
        provider = sts.create_saml_provider("Okta", IdentityProvider())
        roles = [sts.create_role(f"Numbered{number}", provider=provider) for number in range(1_001)]
    with mock_sts_saml() as sts:
        with pytest.raises(ValueError, match=r"Numbered0 cannot be found\. \(there is no role \S+\)$"):
            sts.delete_role(roles[0].arn)
        with pytest.raises(ValueError, match="earlier mock of this test"):
            sts.delete_role(roles[-1].arn)


# --- moto

NOT_ACTIVE = "it was made in moto, whose mock_aws is not active"


def make_in_moto(name: str) -> tuple[str, str]:
    """Return the ARNs of a role and a provider that moto's active mock makes."""
    iam = boto3.client("iam", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    metadata = IdentityProvider().metadata
    return role, iam.create_saml_provider(Name=name, SAMLMetadataDocument=metadata)["SAMLProviderArn"]


def test_a_role_and_a_provider_of_an_ended_mock_of_moto_are_told(sts: STSBackend) -> None:
    with mock_aws():
        role, provider = make_in_moto("OfMoto")
    with pytest.raises(ValueError, match=f"there is no role {role}; {NOT_ACTIVE}; there is none"):
        sts.delete_role(role)
    with pytest.raises(ValueError, match=f"there is no provider {provider}; {NOT_ACTIVE}; there is none"):
        sts.delete_saml_provider(provider)


def test_moto_itself_knows_what_it_has_while_it_is_active(sts: STSBackend) -> None:
    with mock_aws():
        role, _ = make_in_moto("OfMoto")
    with mock_aws(), pytest.raises(ValueError, match=rf"\(there is no role {role}\)$"):
        sts.delete_role(role)


def test_what_aws_itself_would_create_is_not_remembered(sts: STSBackend) -> None:
    client = boto3.client("iam", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    arn = "arn:aws:iam::123456789012:role/OfAWS"
    answer = (
        f"<CreateRoleResponse><CreateRoleResult><Role><Arn>{arn}</Arn></Role></CreateRoleResult></CreateRoleResponse>"
    )
    client.meta.events.register("before-send.iam", lambda request, **_: http_response(request.url, 200, {}, answer))
    assert client.create_role(RoleName="OfAWS", AssumeRolePolicyDocument="{}")["Role"]["Arn"] == arn
    with pytest.raises(ValueError, match=rf"\(there is no role {arn}\)$"):
        sts.delete_role(arn)
