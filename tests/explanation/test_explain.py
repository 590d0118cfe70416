"""`explain`: the rules of STS for a response, asked one after the other."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pytest_stssaml import IdentityProvider, Role, SAMLProvider, STSBackend, explain, mock_sts_saml
from pytest_stssaml.__main__ import main
from pytest_stssaml.rejections import WAYS


def outputs(role: Role, metadata: str, uuid: str) -> dict[str, Any]:
    """Return what `aws iam get-role` and `aws iam get-saml-provider` print."""
    document = {
        "Arn": role.arn,
        "AssumeRolePolicyDocument": role.trust_policy,
        "MaxSessionDuration": role.max_session_duration,
    }
    return {"role": {"Role": document}, "provider": {"SAMLMetadataDocument": metadata, "SAMLProviderUUID": uuid}}


class Case:
    """A good response, its role and its provider."""

    def __init__(self, **arguments: Any) -> None:
        with mock_sts_saml(seed="explain") as sts:
            self.idp = IdentityProvider()
            self.provider: SAMLProvider = sts.create_saml_provider("Example", self.idp)
            self.role = sts.create_role("Developer")
            self.response = self.idp.response(self.role, **arguments)
        self.outputs = outputs(self.role, self.idp.metadata, self.provider.uuid)


def failed(explanation: Any) -> list[str]:
    return [check.rule for check in explanation.checks if check.outcome == "failed"]


def test_a_good_response_is_accepted_for_an_hour() -> None:
    case = Case()
    explanation = explain(case.response, **case.outputs)
    assert (explanation.accepted, explanation.duration_seconds, failed(explanation)) == (True, 3600, [])
    assert str(explanation).startswith("AWS would accept this response for 3600 seconds.\n")


def test_rules_after_the_one_that_aws_names_are_judged_too() -> None:
    case = Case(audience="urn:other", session_name="not legal")
    explanation = explain(case.response, **case.outputs)
    assert failed(explanation) == ["addressed_to_aws", "session_name_is_legal"]


def test_values_without_a_trusted_signature_are_judged_and_marked() -> None:
    case = Case()
    explanation = explain(case.response.tampered("alice@example.com", "bob@example.com"), **case.outputs)
    assert failed(explanation) == ["assertion_is_trusted"]
    assert next(check for check in explanation.checks if check.rule == "redeemed_in_time").unverified


def test_without_a_role_its_rules_are_left_open() -> None:
    case = Case()
    explanation = explain(case.response, provider=case.outputs["provider"])
    left_open = {check.rule for check in explanation.checks if check.outcome == "not judged"}
    assert explanation.accepted is None
    assert {"role_exists", "trusted_by_the_role"} <= left_open


def test_without_a_provider_its_rules_are_left_open() -> None:
    case = Case()
    explanation = explain(case.response, role=case.outputs["role"])
    assert explanation.accepted is None
    assert "--provider" in str(explanation)


FORMS = {
    "wrapped": lambda text: "\n".join(text[n : n + 76] for n in range(0, len(text), 76)),
    "URL-encoded": lambda text: quote(text, safe=""),
    "URL-safe": lambda text: text.translate(str.maketrans("+/", "-_")),
    "form body": lambda text: f"SAMLResponse={quote(text, safe='')}&RelayState=x",
    "page": lambda text: f'<form><input type="hidden" name="SAMLResponse" value="{text}"/></form>',
    "curl": lambda text: f"curl 'https://signin.aws.amazon.com/saml' --data-raw 'SAMLResponse={quote(text, safe='')}'",
    "HAR": lambda text: json.dumps(
        {"log": {"entries": [{"request": {"method": "POST", "postData": {"text": f"SAMLResponse={quote(text)}"}}}]}}
    ).replace("+", "%2B"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_response_is_read_in_the_form_in_which_people_have_it(form: str) -> None:
    case = Case()
    assert explain(FORMS[form](str(case.response)), **case.outputs).accepted


def test_a_response_is_read_as_xml() -> None:
    case = Case()
    assert explain(case.response.xml, **case.outputs).accepted


@pytest.mark.parametrize("name", [name for name, way in WAYS.items() if not way.forced])
def test_each_rejection_is_explained_with_the_code_of_the_backend(name: str) -> None:
    with mock_sts_saml(seed=name) as sts:
        idp = IdentityProvider()
        provider = sts.create_saml_provider("Example", idp)
        login = WAYS[name].cause(sts, idp)
        form = {
            "Action": "AssumeRoleWithSAML",
            "Version": "2011-06-15",
            "RoleArn": login.role_arn,
            "PrincipalArn": login.provider_arn,
            "SAMLAssertion": str(login.response),
        }
        sts.handle(form_encoded(form))
        attempt = sts.attempts[-1]
        given = known_to(sts, login.role_arn, login.provider_arn, idp, provider)
    if given is None:
        pytest.skip("the role or the provider does not exist, so its output cannot be given")
    explanation = explain(
        login.response, **given, role_arn=login.role_arn, principal_arn=login.provider_arn, at=attempt.at
    )
    assert (explanation.code, failed(explanation)[0]) == (attempt.code, attempt.failed)


def form_encoded(form: dict[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in form.items())


def known_to(
    sts: STSBackend, role_arn: str, provider_arn: str, idp: IdentityProvider, provider: SAMLProvider
) -> dict[str, Any] | None:
    role = next((role for role in sts_roles(sts, role_arn)), None)
    return None if role is None or provider_arn != provider.arn else outputs(role, idp.metadata, provider.uuid)


def sts_roles(sts: STSBackend, role_arn: str) -> list[Role]:
    found = sts._services.iam.directory.role(role_arn)
    return [] if found is None else [found]


BAD_INPUTS = {"empty": b"", "binary": b"\xff\xfe\x00", "not a HAR file": b"{}", "white space": b" \n"}


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_a_bad_file_is_one_line_and_status_2(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "response.txt"
    path.write_bytes(BAD_INPUTS[name])
    assert main(["explain", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_directory_is_one_line_and_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_says_that_aws_would_accept(tmp_path: Path) -> None:
    case = Case()
    for name, text in (
        ("response", str(case.response)),
        ("role", json.dumps(case.outputs["role"])),
        ("provider", json.dumps(case.outputs["provider"])),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest_stssaml",
        "explain",
        "response",
        "--role",
        "role",
        "--provider",
        "provider",
    ]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run(  # noqa: S603 - our own command
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("AWS would accept this response for 3600 seconds.\n")
    assert max(map(len, run.stdout.splitlines())) <= 80


def test_a_redacted_report_has_no_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = Case()
    (tmp_path / "response").write_text(str(case.response), encoding="utf-8")
    (tmp_path / "role").write_text(json.dumps(case.outputs["role"]), encoding="utf-8")
    main(["explain", str(tmp_path / "response"), "--role", str(tmp_path / "role"), "--redact", "--json"])
    told = capsys.readouterr().out
    assert not [word for word in ("alice", "example.com", "123456789012", "Developer") if word in told]


def test_the_cause_of_a_rotated_key_is_told() -> None:
    case = Case()
    provider = {**case.outputs["provider"], "SAMLMetadataDocument": IdentityProvider().metadata}
    explanation = explain(case.response, role=case.outputs["role"], provider=provider)
    assert "rotated" in str(explanation).rpartition("Likely cause: ")[2]


def test_the_cause_of_a_regional_recipient_is_told() -> None:
    case = Case(recipient="https://us-west-2.signin.aws.amazon.com/saml")
    cause = " ".join(str(explain(case.response, **case.outputs)).rpartition("Likely cause: ")[2].split())
    assert "us-west-2.signin.aws.amazon.com" in cause


PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "explain.md"


def test_the_example_of_the_manual_works() -> None:
    example = PAGE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    exec(compile(example, str(PAGE), "exec"), {})  # noqa: S102 - our own example


def test_the_manual_documents_every_key_of_the_json() -> None:
    case = Case()
    page = PAGE.read_text(encoding="utf-8")
    assert [key for key in explain(case.response, **case.outputs).to_dict() if f"`{key}`" not in page] == []


def test_tags_without_permission_are_told() -> None:
    case = Case(principal_tags={"Team": "blue"})
    cause = str(explain(case.response, **case.outputs)).rpartition("Likely cause: ")[2]
    assert "sts:TagSession" in cause


def test_a_lower_case_role_attribute_is_told() -> None:
    case = Case()
    pair = f"{case.role.arn},{case.provider.arn}"
    response = case.idp.response(None, attributes={"https://aws.amazon.com/SAML/Attributes/role": pair})
    explanation = explain(response, **case.outputs, principal_arn=case.provider.arn)
    assert "Attributes/role" in (explanation.cause or "")


@pytest.mark.parametrize("at", ["now", "2030-01-01T12:00:00Z"])
def test_a_response_is_judged_at_the_time_that_is_given(at: str) -> None:
    with mock_sts_saml(seed="old") as sts:
        sts.move_to("2020-01-01T00:00:00Z")
        idp = IdentityProvider()
        provider = sts.create_saml_provider("Example", idp)
        role = sts.create_role("Developer")
        response = idp.response(role)
    explanation = explain(response, **outputs(role, idp.metadata, provider.uuid), at=at)
    assert failed(explanation) == ["redeemed_in_time", "not_expired"]


BAD_ROLES: dict[str, Any] = {
    "no ARN": {"Role": {}},
    "not an object": {"Role": []},
    "no trust policy": {"Arn": "arn:aws:iam::123456789012:role/Developer"},
    "a trust policy with a typo": {
        "Arn": "arn:aws:iam::123456789012:role/Developer",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statemnt": []},
    },
    "tags of another type": {**Case().outputs["role"]["Role"], "Tags": [1]},
}


@pytest.mark.parametrize("name", BAD_ROLES)
def test_a_role_that_cannot_be_read_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="role"):
        explain(Case().response, role=BAD_ROLES[name])


def test_metadata_that_cannot_be_read_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="the provider cannot be used"):
        explain(Case().response, metadata="<html>" + " " * 1000)


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "explain" in capsys.readouterr().out


def test_an_unknown_command_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explian"]) == 2
    assert "explain" in capsys.readouterr().err


ROLE_ARN = "arn:aws:iam::123456789012:role/Developer"
PROVIDER_ARN = "arn:aws:iam::123456789012:saml-provider/Example"


def har(*bodies: str | None) -> str:
    """Return a HAR file with POST requests that have these bodies."""
    requests = [{"method": "POST", **({} if body is None else {"postData": {"text": body}})} for body in bodies]
    return json.dumps({"log": {"entries": [{"request": request} for request in requests]}})


BAD_RESPONSES = {
    "a HAR file without a response": har("RelayState=x", None),
    "a HAR file with two responses in a POST": har("SAMLResponse=a&SAMLResponse=b"),
    "a page with two responses": "".join(f'<input name="SAMLResponse" value="{n}">' for n in "ab"),
}


@pytest.mark.parametrize("name", BAD_RESPONSES)
def test_an_ambiguous_response_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="SAMLResponse"):
        explain(BAD_RESPONSES[name])


def test_the_last_response_of_a_har_file_counts() -> None:
    case = Case()
    body = f"SAMLResponse={quote(str(case.response), safe='')}"
    assert explain(har("SAMLResponse=old", body, "RelayState=x"), **case.outputs).accepted


def test_what_is_not_a_response_is_refused_as_by_aws() -> None:
    explanation = explain("AAAA", role_arn=ROLE_ARN, principal_arn=PROVIDER_ARN)
    assert (explanation.code, failed(explanation)) == ("InvalidIdentityToken", ["response_is_saml"])


def test_a_response_without_roles_needs_the_arn_of_a_role() -> None:
    with pytest.raises(ValueError, match="--role-arn"):
        explain("AAAA")


def test_a_response_without_providers_needs_the_arn_of_a_provider() -> None:
    with pytest.raises(ValueError, match="--principal-arn"):
        explain("AAAA", role_arn=ROLE_ARN)


def test_the_customers_own_session_policies_are_left_open() -> None:
    case = Case()
    own = explain(case.response, **case.outputs, policy_arns=["arn:aws:iam::123456789012:policy/Own"])
    assert "policies_exist" in [check.rule for check in own.checks if check.outcome == "not judged"]


def test_a_policy_document_of_an_older_cli_is_url_encoded() -> None:
    case = Case()
    role = {**case.outputs["role"]["Role"], "AssumeRolePolicyDocument": quote(json.dumps(case.role.trust_policy))}
    assert explain(case.response, role=role, provider=case.outputs["provider"]).accepted


def test_a_role_is_given_by_its_parts() -> None:
    case = Case()
    trust = json.dumps(case.role.trust_policy)
    given: dict[str, Any] = {"role_arn": case.role.arn, "trust_policy": trust, "metadata": case.idp.metadata}
    assert explain(case.response, **given, max_session_duration=3600).accepted


def test_a_duration_beyond_the_maximum_of_the_role_is_refused() -> None:
    case = Case()
    assert failed(explain(case.response, **case.outputs, duration_seconds=3601)) == ["within_the_roles_maximum"]


def test_a_trust_policy_without_a_role_needs_its_arn() -> None:
    with pytest.raises(ValueError, match="a role needs its ARN"):
        explain("AAAA", trust_policy={})


def test_a_provider_without_metadata_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="SAMLMetadataDocument"):
        explain(Case().response, provider={})


def test_the_providers_own_url_is_not_judged_without_its_identifier() -> None:
    case = Case()
    response = case.idp.response((case.role.arn, case.provider.arn), recipient=case.provider.sign_in_url())
    explanation = explain(response, metadata=case.idp.metadata)
    assert "sent_to_this_provider" in [check.rule for check in explanation.checks if check.outcome == "not judged"]


@pytest.mark.parametrize("text", ["{", "[]"])
def test_an_output_that_is_not_a_json_object_is_status_2(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "role").write_text(text, encoding="utf-8")
    (tmp_path / "response").write_text("AAAA", encoding="utf-8")
    assert main(["explain", str(tmp_path / "response"), "--role", str(tmp_path / "role")]) == 2
    assert "--role" in capsys.readouterr().err


def test_a_file_that_is_too_large_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "response").open("wb") as file:
        file.truncate(100_000_000)
    assert main(["explain", str(tmp_path / "response")]) == 2
    assert "50000000 bytes" in capsys.readouterr().err


def test_a_duration_outside_of_the_schema_leaves_the_rest_open() -> None:
    case = Case()
    assert explain(case.response, **case.outputs, duration_seconds=1).code == "ValidationError"


def test_a_certificate_that_is_not_base64_is_told() -> None:
    case = Case()
    xml = re.sub("X509Certificate>[^<]+<", "X509Certificate>A<", case.response.xml)
    assert explain(xml, **case.outputs).facts["certificates"] == ["not base64"]


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_are_for_terminals_without_no_color(
    no_color: str,
    coloured: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "response").write_text(str(Case().response), encoding="utf-8")
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    main(["explain", str(tmp_path / "response")])
    assert ("\033[32m" in capsys.readouterr().out) is coloured


def test_standard_input_is_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(str(Case().response).encode())))
    assert main(["explain", "-"]) == 2
    assert "left open" in capsys.readouterr().out


def test_the_member_role_of_an_output_must_be_an_object(tmp_path: Path) -> None:
    (tmp_path / "role").write_text('{"Role": 1}', encoding="utf-8")
    (tmp_path / "response").write_text("AAAA", encoding="utf-8")
    assert main(["explain", str(tmp_path / "response"), "--role", str(tmp_path / "role")]) == 2
