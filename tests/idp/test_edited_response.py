"""`SAMLResponse.edited` makes a changed response, which the identity provider signs itself."""

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from decryption_keys import EC_KEY, KEYS
from lxml import etree

from pytest_stssaml import IdentityProvider, SAMLResponse, STSBackend
from pytest_stssaml.idp.shapes.vendors import SHAPES
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.vocabulary import NAMESPACES


def rename(root: etree._Element) -> None:
    for name_id in root.iterfind(".//saml:NameID", NAMESPACES):
        name_id.text = "bob@example.com"


def signed_elements(response: SAMLResponse) -> list[str]:
    parents = response.root.xpath("//ds:Signature/..", namespaces=NAMESPACES)
    return [etree.QName(parent).localname for parent in parents]


def log_in(response: str, role: Any, provider: Any) -> Any:
    sts = boto3.client("sts", region_name="us-east-1")
    return sts.assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response)


@pytest.mark.parametrize("shape", [None, *SHAPES])
@pytest.mark.parametrize("signed", ["assertion", "response", "both"])
def test_an_edited_response_is_accepted(
    sts_saml: STSBackend, saml_idp: IdentityProvider, shape: str | None, signed: Signed
) -> None:
    role = sts_saml.create_role("Developer")
    edited = saml_idp.response(role, shape=shape, signed=signed).edited(rename)
    assert log_in(edited, role, saml_idp.provider)["Subject"] == "bob@example.com"


@pytest.mark.parametrize("signed", ["assertion", "response", "both", None])
def test_an_edited_response_is_signed_as_before(
    sts_saml: STSBackend, saml_idp: IdentityProvider, signed: Signed
) -> None:
    response = saml_idp.response(sts_saml.create_role("Developer"), signed=signed)
    assert signed_elements(response.edited(rename)) == signed_elements(response)


def test_an_edited_response_can_be_unsigned(sts_saml: STSBackend, saml_idp: IdentityProvider) -> None:
    role = sts_saml.create_role("Developer")
    edited = saml_idp.response(role).edited(rename, signed=None)
    with pytest.raises(ClientError, match="Response signature invalid"):
        log_in(edited, role, saml_idp.provider)


def test_an_edited_response_is_encrypted_as_before(sts_saml: STSBackend) -> None:
    idp = IdentityProvider(signing_key=EC_KEY)
    provider = sts_saml.create_saml_provider("Encrypting", idp, private_keys=KEYS[:1])
    role = sts_saml.create_role("Developer", provider=provider)
    edited = idp.response(role, encrypted_for=provider).edited(rename)
    assert edited.root.find("saml:EncryptedAssertion", NAMESPACES) is not None
    assert log_in(edited, role, provider)["Subject"] == "bob@example.com"


def test_editing_leaves_the_response_as_it_was(sts_saml: STSBackend, saml_idp: IdentityProvider) -> None:
    response = saml_idp.response(sts_saml.create_role("Developer"))
    before = str(response)
    response.edited(rename)
    assert response == before


def test_a_response_can_be_edited_twice(sts_saml: STSBackend, saml_idp: IdentityProvider) -> None:
    response = saml_idp.response(sts_saml.create_role("Developer"))
    twice = response.edited(rename).edited(lambda root: root.set("Version", "1.1"))
    assert ("bob@example.com" in twice.xml, twice.root.get("Version")) == (True, "1.1")


def test_an_edited_response_keeps_its_shape(sts_saml: STSBackend, saml_idp: IdentityProvider) -> None:
    assert saml_idp.response(sts_saml.create_role("Developer"), shape="okta").edited(rename).shape == "okta"


def test_a_copied_response_can_be_edited(sts_saml: STSBackend, saml_idp: IdentityProvider) -> None:
    response = copy.deepcopy(saml_idp.response(sts_saml.create_role("Developer")))
    assert signed_elements(response.edited(rename)) == ["Assertion"]


ALTERED = [
    pytest.param(lambda response: response.tampered("alice", "eve"), id="tampered"),
    pytest.param(lambda response: response.unsigned(), id="unsigned"),
    pytest.param(lambda response: pickle.loads(pickle.dumps(response)), id="unpickled"),  # noqa: S301 - our own
]


@pytest.mark.parametrize("alter", ALTERED)
def test_an_altered_response_is_not_signed_again(
    sts_saml: STSBackend, saml_idp: IdentityProvider, alter: Callable[[SAMLResponse], SAMLResponse]
) -> None:
    response = alter(saml_idp.response(sts_saml.create_role("Developer")))
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is below
        response.edited(rename)
    assert str(caught.value) == (
        "edited() has no key to sign with, since this response was altered or unpickled; call edited() first, "
        "or write edited(..., signed=None)"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            "bob@example.com",
            "change must be a function that is called with the root element, not 'bob@example.com'",
            id="no-function",
        ),
        pytest.param(
            copy.deepcopy,
            "edited() ignores what the function returns, which is another document; change the root in place",
            id="another-document",
        ),
    ],
)
def test_a_change_that_is_not_made_in_place_is_a_type_error(
    sts_saml: STSBackend, saml_idp: IdentityProvider, change: Any, message: str
) -> None:
    response = saml_idp.response(sts_saml.create_role("Developer"))
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        response.edited(change)


def test_a_change_may_return_an_element_of_the_document(sts_saml: STSBackend, saml_idp: IdentityProvider) -> None:
    response = saml_idp.response(sts_saml.create_role("Developer"))
    assert response.edited(lambda root: root[0]).xml


@pytest.mark.parametrize("alter", ALTERED)
def test_an_altered_response_can_be_edited_without_a_signature(
    sts_saml: STSBackend, saml_idp: IdentityProvider, alter: Callable[[SAMLResponse], SAMLResponse]
) -> None:
    edited = alter(saml_idp.response(sts_saml.create_role("Developer"))).edited(rename, signed=None)
    assert ("bob@example.com" in edited.xml, signed_elements(edited)) == (True, [])
