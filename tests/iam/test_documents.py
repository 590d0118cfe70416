"""Policies and metadata as files, and what `aws iam get-role` prints."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from decryption_keys import KEYS, pem

from pytest_stssaml import IAMError, IdentityProvider, SAMLProvider, STSBackend

PERMISSION = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}


@pytest.fixture
def provider(sts: STSBackend, idp: IdentityProvider) -> SAMLProvider:
    return idp.provider


def test_a_trust_policy_may_be_a_file(sts: STSBackend, provider: SAMLProvider, tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(provider.trust_policy()), encoding="utf-8")
    assert sts.create_role("A", trust_policy=path).trust_policy == provider.trust_policy()


def test_metadata_may_be_a_file(sts: STSBackend, tmp_path: Path) -> None:
    path = tmp_path / "idp.xml"
    path.write_text(IdentityProvider("https://é.example.com").metadata, encoding="utf-8")
    provider = sts.create_saml_provider("File", path)
    assert sts.update_saml_provider(provider, path) is provider


def test_a_permission_may_be_a_file(sts: STSBackend, provider: SAMLProvider, tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}',
        encoding="utf-8",
    )
    assert json.loads(sts.create_role("A", provider=provider, policies=[path]).policies[0])["Statement"]
    assert sts.create_policy("Limits", path).endswith(":policy/Limits")


def test_a_private_key_may_be_a_file(sts: STSBackend, idp: IdentityProvider, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(pem(KEYS[0]))
    keyed = sts.create_saml_provider("A", idp, private_keys=[path])
    assert [key.key.private_numbers() for key in keyed.private_keys] == [KEYS[0].private_numbers()]
    added = sts.update_saml_provider(idp.provider, add_private_key=path)
    assert [key.key.private_numbers() for key in added.private_keys] == [KEYS[0].private_numbers()]


def test_the_name_of_a_file_is_not_a_private_key(sts: STSBackend, idp: IdentityProvider) -> None:
    message = "a private key must be a key object or PEM, not the name of a file; write pathlib.Path('key.pem')"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        sts.create_saml_provider("A", idp, private_keys=["key.pem"])


def test_a_file_that_is_not_there_is_an_error_of_the_file(sts: STSBackend, provider: SAMLProvider) -> None:
    with pytest.raises(FileNotFoundError):
        sts.create_role("A", trust_policy=Path("missing.json"))


@pytest.mark.parametrize("name", ["trust.json", "./policies/trust.JSON", "C:\\policies\\trust.json", "idp.xml"])
def test_the_name_of_a_file_is_not_a_document(sts: STSBackend, provider: SAMLProvider, name: str) -> None:
    message = f"trust_policy must be a document, not the name of a file; write pathlib.Path({name!r})"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        sts.create_role("A", trust_policy=name)
    with pytest.raises(ValueError, match=r"^metadata must be a document, not the name of a file; "):
        sts.create_saml_provider("A", name)


@pytest.mark.parametrize("document", ["{}", '"a.json"', "[a.json]", "<a>.xml", "json"])
def test_what_is_not_the_name_of_a_file_is_refused_as_by_iam(
    sts: STSBackend, provider: SAMLProvider, document: str
) -> None:
    with pytest.raises(IAMError):
        sts.create_role("A", trust_policy=document)


def output_of_get_role(policy: Any) -> dict[str, Any]:
    return {"Role": {"RoleName": "A", "AssumeRolePolicyDocument": policy}}


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(output_of_get_role, id="a dict"),
        pytest.param(lambda policy: output_of_get_role(policy)["Role"], id="the role alone"),
        pytest.param(lambda policy: json.dumps(output_of_get_role(policy)), id="JSON"),
        pytest.param(lambda policy: output_of_get_role(quote(json.dumps(policy))), id="percent-encoded"),
    ],
)
def test_a_trust_policy_may_be_the_output_of_get_role(sts: STSBackend, provider: SAMLProvider, form: Any) -> None:
    policy = provider.trust_policy()
    assert sts.create_role("A", trust_policy=form(policy)).trust_policy == policy


@pytest.mark.parametrize(
    "document",
    ['{"AssumeRolePolicyDocument": ', '["AssumeRolePolicyDocument"]', {"Role": "A"}, {"Role": {"RoleName": "A"}}],
    ids=["cut off", "a list", "a name", "without a policy"],
)
def test_an_output_without_a_policy_is_refused_as_by_iam(
    sts: STSBackend, provider: SAMLProvider, document: Any
) -> None:
    with pytest.raises(IAMError, match="MalformedPolicyDocument"):
        sts.create_role("A", trust_policy=document)
