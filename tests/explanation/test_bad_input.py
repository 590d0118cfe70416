"""Inputs that are not what they should be: one line on standard error that says what to give, and status 2."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from explaining import PROVIDER_ARN, ROLE_ARN, Login

from pytest_stssaml import explain
from pytest_stssaml.__main__ import main


def har(*texts: str) -> str:
    """Return a HAR file with POST requests that send these bodies."""
    return json.dumps({"log": {"entries": [{"request": {"method": "POST", "postData": {"text": t}}} for t in texts]}})


LOGIN = Login()
ROLE = LOGIN.outputs["role"]["Role"]
POLICY = ROLE["AssumeRolePolicyDocument"]
(STATEMENT,) = POLICY["Statement"]
PROVIDER = LOGIN.outputs["provider"]
NOT_GET_ROLE = "the role is not the output of `aws iam get-role`: "
OTHER_ARN = "arn:aws:iam::123456789012:role/Other"


def role(**changes: Any) -> bytes:
    return json.dumps({"Role": {**ROLE, **changes}}).encode()


def trusting(**changes: Any) -> bytes:
    return role(AssumeRolePolicyDocument={**POLICY, "Statement": [{**STATEMENT, **changes}]})


def provider(**changes: Any) -> bytes:
    return json.dumps({**PROVIDER, **changes}).encode()


#: What is given in place of a good file, and the line that the command writes.
FILES: dict[str, tuple[str, bytes, str]] = {
    "an empty response": ("response", b"", "the response is empty"),
    "white space": ("response", b" \n", "the response is empty"),
    "binary": ("response", b"\x89PNG\r\n\x1a\n\0\xff", "the response is not text in UTF-8"),
    "half of UTF-16": ("response", b"\xff\xfe\0", "the response is not text in UTF-8"),
    "JSON that is not a HAR file": (
        "response",
        b"{}",
        "the response is JSON but not a HAR file; give a file with the response",
    ),
    "JSON that is nested deeply": (
        "response",
        b'{"log":' + b"[" * 100_000,
        "the response is JSON but not a HAR file; give a file with the response",
    ),
    "JSON with a log that is not that of a HAR file": (
        "response",
        b'{"log": {"entries": 1}}',
        "the response is JSON but not a HAR file; give a file with the response",
    ),
    "a HAR file without a response": (
        "response",
        har("RelayState=x").encode(),
        "the HAR file has no POST with a SAMLResponse; record it again with `preserve log` on",
    ),
    "a HAR file with two responses in one POST": (
        "response",
        har("SAMLResponse=a&SAMLResponse=b").encode(),
        "a POST of the HAR file has two fields SAMLResponse; give one of them",
    ),
    "a page with two responses": (
        "response",
        b'<input name="SAMLResponse" value="a"><input name="SAMLResponse" value="b">',
        "the page has several fields SAMLResponse; give the one that was sent to AWS",
    ),
    "a very long response": (
        "response",
        b"A" * 1_000_001,
        "the response has 1,000,001 characters; AWS takes at most 100,000",
    ),
    "an empty role": ("role", b"", "--role is empty"),
    "a role that is not JSON": ("role", b"{", "--role is not JSON: "),
    "a role that is nested deeply": ("role", b"[" * 100_000, "--role is not JSON: it is nested too deeply"),
    "a role that is a list": ("role", b"[]", "--role is not a JSON object"),
    "a role without an ARN": ("role", b'{"RoleName": "Developer"}', NOT_GET_ROLE + "it has no Arn"),
    "a role with a number of too many digits": (
        "role",
        b'{"MaxSessionDuration": ' + b"9" * 5000 + b"}",
        "--role cannot be read: it has a number of too many digits",
    ),
    "a provider for a role": (
        "role",
        provider(),
        (
            "the role is not the output of `aws iam get-role` but the output of `aws iam get-saml-provider`; give it "
            "with --provider"
        ),
    ),
    "a trust policy for a role": (
        "role",
        json.dumps(POLICY).encode(),
        (
            "the role is not the output of `aws iam get-role` but a policy; give it with --trust-policy, and the ARN "
            "of the role with --role-arn"
        ),
    ),
    "metadata for a role": (
        "role",
        LOGIN.idp.metadata.encode(),
        "--role is not JSON but metadata; give it with --metadata",
    ),
    "metadata for a provider": (
        "provider",
        LOGIN.idp.metadata.encode(),
        "--provider is not JSON but metadata; give it with --metadata",
    ),
    "a provider that is empty": (
        "provider",
        b"{}",
        "the provider is not the output of `aws iam get-saml-provider`: it has no SAMLMetadataDocument",
    ),
    "a role that is a number": ("role", b'{"Role": 1}', NOT_GET_ROLE + "it has no Arn"),
    "a role without a trust policy": (
        "role",
        json.dumps({"Arn": ROLE_ARN}).encode(),
        NOT_GET_ROLE + "it has no AssumeRolePolicyDocument",
    ),
    "a role with tags of another type": ("role", role(Tags=[1]), NOT_GET_ROLE + "its Tags cannot be read"),
    "a role whose ARN is that of a user": (
        "role",
        role(Arn="arn:aws:iam::123456789012:user/Alice"),
        (
            "a role needs its ARN, such as arn:aws:iam::123456789012:role/Developer, not "
            "'arn:aws:iam::123456789012:user/Alice'"
        ),
    ),
    "a maximum that is not a number": (
        "role",
        role(MaxSessionDuration="1 h"),
        "the role cannot be read: max_session_duration must be a whole number of seconds, not '1 h'",
    ),
    "a maximum that is too small": ("role", role(MaxSessionDuration=60), "IAM would not store this role: "),
    "a trust policy with a misspelt member": (
        "role",
        role(AssumeRolePolicyDocument={"Version": "2012-10-17", "Statemnt": []}),
        "IAM would not store this role: Unknown field Statemnt (expected Version, Id, Statement)",
    ),
    "a trust policy with a misspelt action": (
        "role",
        trusting(Action="sts:AssumeRoleWithSaml"),
        (
            "IAM would not store this role: AssumeRole policy may only specify STS AssumeRole actions. (got "
            "['sts:AssumeRoleWithSaml']; the actions are "
        ),
    ),
    "a trust policy with a misspelt operator": (
        "role",
        trusting(Condition={"StringEqual": {"SAML:aud": "x"}}),
        "IAM would not store this role: Invalid Condition type : StringEqual ",
    ),
    "a trust policy that is a number": ("role", role(AssumeRolePolicyDocument=1), "the role cannot be read: "),
    "a role for a provider": (
        "provider",
        role(),
        (
            "the provider is not the output of `aws iam get-saml-provider` but the output of `aws iam get-role`; give "
            "it with --role"
        ),
    ),
    "metadata that is a page": (
        "provider",
        provider(SAMLMetadataDocument="<html>" + " " * 1000),
        "IAM would not store this metadata: Could not parse metadata (the metadata is not XML: ",
    ),
    "metadata that is too short": (
        "provider",
        provider(SAMLMetadataDocument="<x/>"),
        (
            "IAM would not store this metadata: 1 validation error detected: Value at 'sAMLMetadataDocument' failed to "
            "satisfy constraint: Member must have length greater than or equal to 1000"
        ),
    ),
    "a mode that does not exist": (
        "provider",
        provider(AssertionEncryptionMode="Maybe"),
        "the provider is not the output of `aws iam get-saml-provider`: assertion_encryption_mode must be ",
    ),
}


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The line on standard error that a command writes; other files may take the place of the good ones."""

    def tell(*options: str, **files: bytes) -> str:
        arguments = LOGIN.arguments(tmp_path, *options)
        for name, content in files.items():
            (tmp_path / (f"{name}.txt" if name == "response" else f"{name}.json")).write_bytes(content)
        assert main(arguments) == 2
        written = capsys.readouterr()
        assert (written.out, written.err.count("\n"), written.err.endswith("\n")) == ("", 1, True)
        return written.err.removeprefix("pytest_stssaml explain: ").removesuffix("\n")

    return tell


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_one_line(name: str, told: Callable[..., str]) -> None:
    place, content, line = FILES[name]
    written = told(**{place: content})
    assert (written[: len(line)] if line.endswith((" ", ": ")) else written)[:400] == line[:400]


OPTIONS = {
    "a region with a mistake": (
        ["--region", "us-esat-1"],
        "--region: no partition has the region 'us-esat-1'; did you mean us-east-1?",
    ),
    "a region that is a word": (
        ["--region", "nowhere"],
        "--region: no partition has the region 'nowhere'; botocore's partitions.json has the regions",
    ),
    "a time that is a word": (
        ["--at", "yesterday"],
        (
            '--at is "issued", "now" or a time: a time must be a datetime or a string such as '
            "'2030-01-01T00:00:00Z', not 'yesterday'"
        ),
    ),
    "a time before the year 1": (
        ["--at", "0001-01-01T00:00:00+14:00"],
        (
            '--at is "issued", "now" or a time: a time must be within the years 1 to 9999 in UTC, not '
            "0001-01-01T00:00:00+14:00"
        ),
    ),
    "two sources of a maximum": (
        ["--max-session-duration", "7200"],
        "give --role or --max-session-duration, not both: the output of `aws iam get-role` has it",
    ),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_bad_option_is_one_line(name: str, told: Callable[..., str]) -> None:
    options, line = OPTIONS[name]
    assert told(*options) == line


def test_a_file_that_is_not_there_is_one_line(told: Callable[..., str], tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert told("--policy", str(missing)) == f"--policy cannot be read: {missing}: No such file or directory"


def test_a_directory_is_one_line(told: Callable[..., str], tmp_path: Path) -> None:
    assert told("--private-key", str(tmp_path)) == f"--private-key cannot be read: {tmp_path}: Is a directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read_is_one_line(told: Callable[..., str], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0)
    assert told("--private-key", str(secret)) == f"--private-key cannot be read: {secret}: Permission denied"


def test_a_private_key_that_is_not_one_is_one_line(told: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN CERTIFICATE-----", encoding="utf-8")
    line = "--private-key is not an RSA private key in PEM without a password"
    assert told("--private-key", str(tmp_path / "key")) == line


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "response").open("wb") as file:
        file.truncate(100_000_000)
    assert main(["explain", str(tmp_path / "response")]) == 2
    assert capsys.readouterr().err == (
        "pytest_stssaml explain: the response has 100,000,000 bytes, more than 50,000,000; give the file that contains "
        "the response alone\n"
    )


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file")
def test_an_endless_file_is_not_read_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "/dev/zero"]) == 2
    assert "the response has 50,000,001 bytes" in capsys.readouterr().err


WITH_DTD = "<!DOCTYPE x><x/>"
NOT_SAML = (
    "the response is not SAML: expected XML: a document type declaration is not allowed; give the value of the form "
    "field SAMLResponse, or"
)


def without_role(root: Any) -> None:
    """Take the attribute Role out of a response."""
    (attribute,) = root.xpath("//*[@Name='https://aws.amazon.com/SAML/Attributes/Role']")
    attribute.getparent().remove(attribute)


#: What is missing, and the line that says what to give.
MISSING: dict[str, tuple[dict[str, Any], str]] = {
    "the role and the provider of what is not a response": (
        {"response": WITH_DTD},
        f"{NOT_SAML} --role-arn and --principal-arn",
    ),
    "the provider of what is not a response": (
        {"response": WITH_DTD, "role_arn": ROLE_ARN},
        f"{NOT_SAML} --principal-arn",
    ),
    "the provider of ARNs with another separator": (
        {
            "response": LOGIN.idp.response((ROLE_ARN, PROVIDER_ARN), role_format="{role};{provider}"),
            "role_arn": ROLE_ARN,
        },
        (
            "the response offers no ARNs of a role and a provider, separated by a comma, but "
            f"'{ROLE_ARN};{PROVIDER_ARN}'; give --principal-arn"
        ),
    ),
    "the provider of a response that reports a failure": (
        {
            "response": LOGIN.idp.response(
                (ROLE_ARN, PROVIDER_ARN), status="urn:oasis:names:tc:SAML:2.0:status:Responder"
            ),
            "role_arn": ROLE_ARN,
        },
        (
            "the response has the status 'urn:oasis:names:tc:SAML:2.0:status:Responder': the identity provider refused "
            "the login, and its log says why; give --principal-arn"
        ),
    ),
    "the provider of a response without the attribute Role": (
        {"response": LOGIN.idp.response((ROLE_ARN, PROVIDER_ARN)).edited(without_role), "role_arn": ROLE_ARN},
        "the response has no value of the attribute Role; give --principal-arn",
    ),
    "the one of two roles": (
        {"response": LOGIN.idp.response([(ROLE_ARN, PROVIDER_ARN), (OTHER_ARN, PROVIDER_ARN)])},
        f"the response offers 2 roles; give --role, or --role-arn {ROLE_ARN} or {OTHER_ARN}",
    ),
    "the role of a trust policy": (
        {"response": "AAAA", "trust_policy": POLICY},
        "a role needs its ARN, such as arn:aws:iam::123456789012:role/Developer",
    ),
    "the trust policy of a maximum": (
        {"response": "AAAA", "max_session_duration": 3600},
        "--max-session-duration needs --trust-policy and --role-arn",
    ),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_a_value_error_that_says_what_to_give(name: str) -> None:
    given, line = MISSING[name]
    with pytest.raises(ValueError, match=r"give|needs") as caught:
        explain(**given)
    assert str(caught.value) == line


def test_a_lone_surrogate_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="the response is not text: it has a lone surrogate"):
        explain("<\ud800>")


TWICE: dict[str, dict[str, Any]] = {
    "a role and a trust policy": {"role": ROLE, "trust_policy": POLICY},
    "a provider and metadata": {"provider": PROVIDER, "metadata": LOGIN.idp.metadata},
}


@pytest.mark.parametrize("name", TWICE)
def test_what_is_given_twice_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="not both"):
        explain(LOGIN.response, **TWICE[name])


MISTYPED: dict[str, dict[str, Any]] = {
    "response": {"response": b"AAAA"},
    "role": {"role": 1},
    "metadata": {"metadata": b"<x/>"},
    "region": {"region": None},
    "at": {"at": 0},
}


@pytest.mark.parametrize("name", MISTYPED)
def test_an_argument_of_another_type_is_a_type_error(name: str) -> None:
    given = {"response": LOGIN.response, **MISTYPED[name]}
    with pytest.raises(TypeError, match="must be a"):
        explain(**given)


@pytest.mark.parametrize("keyword", ["role", "trust_policy"])
def test_an_argument_of_another_type_is_named_as_the_keyword(keyword: str) -> None:
    arguments: dict[str, Any] = {keyword: 5, **({"role_arn": ROLE_ARN} if keyword == "trust_policy" else {})}
    with pytest.raises(TypeError) as caught:
        explain(LOGIN.response, **arguments)
    assert str(caught.value) == f"{keyword} must be a string or a pathlib.Path, not int"


NOT_METADATA: dict[str, tuple[str, str]] = {
    "a provider": (
        json.dumps(PROVIDER),
        "--metadata is not metadata but the output of `aws iam get-saml-provider`; give it with --provider",
    ),
    "a role": (
        role().decode() + " " * 1000,
        "--metadata is not metadata but the output of `aws iam get-role`; give it with --role",
    ),
}


@pytest.mark.parametrize("name", NOT_METADATA)
def test_another_document_for_metadata_is_named(name: str) -> None:
    document, line = NOT_METADATA[name]
    with pytest.raises(ValueError, match="not metadata") as caught:
        LOGIN.explain(provider=None, metadata=document)
    assert str(caught.value) == line


@pytest.mark.parametrize("document", ["[" * 2000, "[1]" + " " * 1000, "<EntityDescriptor>" + " " * 1000])
def test_metadata_that_cannot_be_read_is_refused_by_iam(document: str) -> None:
    with pytest.raises(ValueError, match=r"^IAM would not store this metadata: Could not parse metadata \("):
        LOGIN.explain(provider=None, metadata=document)


def test_the_name_of_a_file_as_a_string_is_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"write pathlib.Path\('role.json'\)"):
        LOGIN.explain(role="role.json")


def test_the_metadata_of_another_provider_is_a_finding() -> None:
    explanation = Login(issuer="https://other.example.com").explain()
    assert explanation.code == "InvalidIdentityToken"
    assert (explanation.message or "").startswith("Issuer not present in specified provider")


def test_a_curl_command_without_a_response_is_refused_as_by_aws() -> None:
    explanation = LOGIN.explain("curl https://example.com", principal_arn=PROVIDER_ARN)
    assert explanation.code == "InvalidIdentityToken"


def test_a_role_as_text_that_is_quoted_for_a_url_is_read() -> None:
    assert LOGIN.explain(role={**ROLE, "AssumeRolePolicyDocument": quote(json.dumps(POLICY))}).accepted
