"""`explain`: what AWS would answer to a response, in whatever form it is given, and what each rule says."""

import base64
import datetime as dt
import json
import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import encrypting
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import SHA256
from explaining import ISSUED, PROVIDER_ARN, ROLE_ARN, Login, named

from pytest_stssaml import SHAPES, IdentityProvider, explain, mock_sts_saml
from pytest_stssaml.explanation.findings.remedies import BY_ERROR, BY_RULE, page_of
from pytest_stssaml.sts.errors import UNREADABLE
from pytest_stssaml.sts.operation import OPERATIONS

RULES = [rule.name for rule in OPERATIONS["AssumeRoleWithSAML"].rules]


def test_a_good_response_is_accepted_for_an_hour() -> None:
    explanation = Login().explain()
    assert (explanation.accepted, explanation.duration_seconds, named(explanation)) == (True, 3600, [])
    assert str(explanation).startswith("AWS would accept this response for 3600 seconds.\n")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_response_of_each_shape_is_accepted(shape: str) -> None:
    login = Login(shape=shape)
    explanation = login.explain(provider=None, metadata=login.idp.metadata_for(shape))
    assert explanation.accepted
    assert [certificate["signed"] for certificate in explanation.facts["metadata_certificates"]] == [True]


@pytest.mark.parametrize("values", [{}, {"audience": "urn:other"}, {"recipient": None}, {"status": "urn:x"}])
def test_every_rule_is_listed_once_in_the_order_of_aws(values: dict[str, Any]) -> None:
    explanation = Login(**values).explain(principal_arn=PROVIDER_ARN)
    assert [check.rule for check in explanation.checks] == RULES


def test_rules_after_the_one_that_aws_names_are_judged_too() -> None:
    explanation = Login(audience="urn:other", session_name="not legal").explain()
    assert named(explanation) == ["addressed_to_aws", "session_name_is_legal"]


def test_each_failed_rule_says_what_to_change_and_where_aws_writes_about_it() -> None:
    explanation = Login(audience="urn:other", session_name="not legal").explain()
    failed = [check for check in explanation.checks if check.outcome == "failed"]
    assert [(bool(check.because), bool(check.remedy), check.page[:29]) for check in failed] == [
        (True, True, "https://docs.aws.amazon.com/I")
    ] * 2


def test_values_without_a_trusted_signature_are_judged_and_marked() -> None:
    login = Login()
    explanation = login.explain(login.response.tampered("alice@example.com", "bob@example.com"))
    assert named(explanation) == ["assertion_is_trusted"]
    marked = {check.rule for check in explanation.checks if check.unverified}
    assert ("redeemed_in_time" in marked, "role_exists" in marked) == (True, False)


def test_without_a_role_its_rules_are_left_open() -> None:
    explanation = Login().explain(role=None)
    assert explanation.accepted is None
    assert explanation.notes == ("the role is not known; give it with --role",)
    assert named(explanation, "not judged") == [
        "role_exists",
        "role_is_not_reserved",
        "trusted_by_the_role",
        "within_the_roles_maximum",
        "session_token_is_small_enough",
    ]


def test_without_a_provider_its_rules_are_left_open() -> None:
    explanation = Login().explain(provider=None)
    assert explanation.accepted is None
    assert named(explanation, "not judged")[:2] == ["provider_exists", "assertion_is_trusted"]
    assert "give it with --provider or --metadata" in " ".join(str(explanation).split())


def text_in_lines(text: str) -> str:
    return "\n".join(text[n : n + 76] for n in range(0, len(text), 76))


def har(*posts: Any) -> str:
    """Return a HAR file with POST requests that have this postData, or this text in it."""
    data = [{"text": post} if isinstance(post, str) else post for post in posts]
    requests = [{"method": "POST", **({} if post is None else {"postData": post})} for post in data]
    return json.dumps({"log": {"entries": [{"request": request} for request in requests]}})


def body_of(text: str) -> str:
    return f"SAMLResponse={quote(text, safe='')}&RelayState=x"


FORMS: dict[str, Callable[[str], str]] = {
    "base64": str,
    "wrapped": text_in_lines,
    "quoted": lambda text: f'"{text}"\n',
    "URL-encoded": lambda text: quote(text, safe=""),
    "URL-safe": lambda text: text.translate(str.maketrans("+/", "-_")),
    "form body": body_of,
    "page": lambda text: f'<form><input type="hidden" name="SAMLResponse" value="{text}"/></form>',
    "XML": lambda text: base64.b64decode(text).decode(),
    "curl": lambda text: f"curl 'https://signin.aws.amazon.com/saml' --data-raw '{body_of(text)}'",
    "curl for cmd.exe": lambda text: (
        'curl ^"https://signin.aws.amazon.com/saml^" ^\n  --data-raw ^"'
        + body_of(text).replace("%", "^%^").replace("&", "^&")
        + '^"'
    ),
    "fetch": lambda text: f'fetch("https://signin.aws.amazon.com/saml", {{"body": "{body_of(text)}"}});',
    "the developer tools' view": lambda text: f"SAMLResponse: {text}\nRelayState: x\n",
    "the developer tools' view in lines": lambda text: f"SAMLResponse\n{text}\nRelayState\nx\n",
    "a field that is wrapped": lambda text: f"SAMLResponse: {text_in_lines(text)}\nRelayState: x\n",
    "a form body that is wrapped": lambda text: f"SAMLResponse={text_in_lines(quote(text, safe=''))}&RelayState=x",
    "a row of a table": lambda text: f'SAMLResponse\t"{text}"',
    "a line of a log": lambda text: f"2030-01-01 12:00:00 DEBUG SAMLResponse: {text}",
    "a call of the AWS CLI": lambda text: f"aws sts assume-role-with-saml --saml-assertion {text} --role-arn x",
    "JSON": lambda text: json.dumps({"RelayState": None, "SAMLResponse": text}),
    "the parameters of the call": lambda text: json.dumps({"RoleArn": "x", "SAMLAssertion": text}),
    "HAR with gaps": lambda text: har(None, body_of(text)).replace("[", '[null, {"request": 1}, ', 1),
    "HAR": lambda text: har("SAMLResponse=old", body_of(text), "RelayState=x", None),
    "HAR without text": lambda text: har({"params": [{"name": "SAMLResponse", "value": text}, 1]}),
    "HAR with an encoded field": lambda text: har({"params": [{"name": "SAMLResponse", "value": quote(text)}]}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_response_is_read_in_the_form_in_which_people_have_it(form: str) -> None:
    login = Login()
    assert login.explain(FORMS[form](str(login.response))).accepted


NOTES = {
    "URL-encoded": "it was URL-encoded; AWS takes it decoded only",
    "quoted": "it was in quotation marks; AWS takes it without them",
    "curl": "it was taken from a curl command, and URL-decoded",
    "curl for cmd.exe": "it was taken from a curl command, and URL-decoded",
    "a line of a log": "it was taken from the text around it",
    "the parameters of the call": "it was taken from the member SAMLAssertion of JSON",
    "HAR": "the HAR file has 2 different responses; the last one was judged",
}


@pytest.mark.parametrize("form", NOTES)
def test_the_form_of_a_response_is_noted(form: str) -> None:
    login = Login()
    assert NOTES[form] in login.explain(FORMS[form](str(login.response))).notes


@pytest.mark.parametrize("spaces", range(3))
def test_base64_for_urls_needs_no_padding(spaces: int) -> None:
    login = Login()
    document = login.response.xml.encode() + b" " * spaces
    text = base64.urlsafe_b64encode(document + "<!-- \u07ff -->".encode()).decode().rstrip("=")
    assert login.explain(text).accepted


def test_base64_for_urls_is_noted() -> None:
    explanation = explain("--__", role_arn=ROLE_ARN, principal_arn=PROVIDER_ARN)
    assert explanation.notes[0] == "it was in base64 for URLs, with - and _; AWS takes + and / only"


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="a pipe has no name")
@pytest.mark.parametrize("redact", [False, True])
def test_each_document_may_be_a_pipe_which_is_read_once(redact: bool) -> None:
    login = Login()
    pipes = {}
    with ExitStack() as opened:
        for name, output in login.outputs.items():
            reader, writer = os.pipe()
            opened.callback(os.close, reader)
            with os.fdopen(writer, "w", encoding="utf-8") as file:
                json.dump(output, file)
            pipes[name] = Path(f"/dev/fd/{reader}")
        assert login.explain(**pipes, redact=redact).accepted


def test_each_document_may_be_a_file(tmp_path: Path) -> None:
    login = Login()
    files: dict[str, Any] = {}
    for name, text in (
        ("response", str(login.response)),
        ("trust_policy", json.dumps(login.role.trust_policy)),
        ("metadata", login.idp.metadata),
        ("policy", json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        files[name] = tmp_path / name
    assert explain(files.pop("response"), role_arn=ROLE_ARN, at=ISSUED, **files).accepted


def test_powershells_utf_16_is_read(tmp_path: Path) -> None:
    login = Login()
    (tmp_path / "role.json").write_text(json.dumps(login.outputs["role"]), encoding="utf-16")
    assert login.explain(role=tmp_path / "role.json").accepted


def test_a_policy_document_of_an_older_cli_is_url_encoded() -> None:
    login = Login()
    document = quote(json.dumps(login.role.trust_policy))
    assert login.explain(role={"Arn": ROLE_ARN, "AssumeRolePolicyDocument": document}).accepted


def test_tags_of_a_role_are_in_the_context_of_its_trust_policy() -> None:
    login = Login(policy={"conditions": {"StringEquals": {"iam:ResourceTag/team": "blue"}}})
    output = login.outputs["role"]["Role"]
    assert not login.explain().accepted
    assert login.explain(role={**output, "Tags": [{"Key": "team", "Value": "blue"}]}).accepted


@pytest.mark.parametrize("at", ["now", ISSUED, dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)])
def test_a_response_is_judged_at_the_time_that_is_given(at: Any) -> None:
    with mock_sts_saml(seed="old") as sts:
        sts.move_to("2020-01-01T00:00:00Z")
        idp = IdentityProvider()
        response = idp.response((ROLE_ARN, PROVIDER_ARN))
    assert named(explain(response, metadata=idp.metadata, at=at)) == ["redeemed_in_time", "not_expired"]


def test_a_response_that_is_judged_as_it_was_issued_is_told_its_age() -> None:
    with mock_sts_saml(seed="old") as sts:
        sts.move_to("2020-01-01T00:00:00Z")
        response = IdentityProvider().response((ROLE_ARN, PROVIDER_ARN))
    note = explain(response).notes[-1]
    assert re.fullmatch(
        r"it was judged a second after it was issued, and is \d+ d( \d+ h)? old now; AWS takes a response for 5 min "
        "only",
        note,
    )


def test_a_response_from_the_last_second_of_all_is_judged() -> None:
    login = Login()
    xml = re.sub('IssueInstant="[^"]*"', 'IssueInstant="9999-12-31T23:59:59Z"', login.response.xml)
    assert login.explain(xml, at="issued").facts["judged_at"] == "9999-12-31T23:59:59Z"


def test_a_response_from_the_future_is_told_of_a_clock() -> None:
    login = Login()
    assert "the one of the identity provider is wrong" in " ".join(login.explain(at="issued").notes)


def test_what_aws_ignores_is_noted() -> None:
    assert Login(session_duration=60).explain().notes == ("SessionDuration 60 is ignored: it is not from 900 to 43200",)


def test_what_is_not_a_response_is_refused_as_by_aws() -> None:
    explanation = explain("AAAA", role_arn=ROLE_ARN, principal_arn=PROVIDER_ARN)
    assert (explanation.code, named(explanation)) == ("InvalidIdentityToken", ["response_is_saml"])


def test_the_customers_own_session_policies_are_left_open() -> None:
    own = Login().explain(policy_arns=["arn:aws:iam::123456789012:policy/Own"])
    assert "policies_exist" in named(own, "not judged")


def test_a_duration_beyond_the_maximum_of_the_role_is_refused() -> None:
    assert named(Login().explain(duration_seconds=3601)) == ["within_the_roles_maximum"]


def test_a_duration_outside_of_the_schema_leaves_the_rest_open() -> None:
    explanation = Login().explain(duration_seconds=1)
    assert (explanation.code, named(explanation)) == ("ValidationError", ["login_parameters_are_valid"])


def test_an_error_without_a_message_is_told_as_such() -> None:
    report = str(Login().explain(duration_seconds=2**40))
    assert report.startswith("AWS would refuse this response: MalformedInput (400), without a message\n\n")


def test_the_providers_own_url_is_not_judged_without_its_identifier() -> None:
    login = Login()
    response = login.idp.response((ROLE_ARN, PROVIDER_ARN), recipient=login.provider.sign_in_url())
    explanation = explain(response, metadata=login.idp.metadata)
    assert "sent_to_this_provider" in named(explanation, "not judged")


def test_whether_a_region_is_enabled_is_left_open_if_it_has_to_be() -> None:
    assert named(Login().explain(region="af-south-1"), "not judged")[0] == "region_is_activated"


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_a_provider_does_not_exist_in_another_partition(region: str) -> None:
    assert named(Login().explain(region=region)) == ["provider_exists"]


def test_a_trust_policy_about_the_network_is_left_open() -> None:
    login = Login(policy={"conditions": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}})
    explanation = login.explain()
    told = next(check.because for check in explanation.checks if check.rule == "trusted_by_the_role")
    assert (explanation.accepted, told) == (None, "the trust policy tests aws:SourceIp, which is not known here")
    assert explanation.trust[0].conditions[0].condition == "IpAddress aws:SourceIp"


def test_a_role_of_another_account_is_refused_as_by_aws() -> None:
    login = Login()
    arn = ROLE_ARN.replace("123456789012", "111122223333")
    role = {**login.outputs["role"]["Role"], "Arn": arn}
    assert named(login.explain(role=role)) == ["offers_the_role", "provider_is_in_the_roles_account"]


class TestEncryptedAssertion:
    PEM = encrypting.KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

    @pytest.fixture
    def login(self) -> Login:
        login = Login()
        with mock_sts_saml(seed="encrypted", now=ISSUED) as sts:
            login.provider = sts.create_saml_provider("Example", login.idp, private_keys=[encrypting.KEY])
            role = sts.create_role("Developer")
            login.response = login.idp.response(role, encrypted_for=login.provider)
        login.outputs["provider"]["PrivateKeyList"] = [{"KeyId": login.provider.private_keys[0].key_id}]
        return login

    def test_is_decrypted_with_the_private_key(self, login: Login) -> None:
        explanation = login.explain(private_keys=[self.PEM])
        assert explanation.accepted
        assert explanation.facts["metadata_certificates"][0]["signed"]

    def test_offers_its_roles_with_the_private_key(self, login: Login) -> None:
        assert login.explain(private_keys=[self.PEM], role=None).facts["role_arn"] == ROLE_ARN

    def test_is_not_judged_without_the_private_key(self, login: Login) -> None:
        explanation = login.explain(principal_arn=PROVIDER_ARN)
        told = next(check.because for check in explanation.checks if check.rule == "assertion_is_trusted")
        assert (explanation.accepted, told) == (
            None,
            "the assertion is encrypted; give the private key with --private-key",
        )

    def test_is_refused_if_the_provider_has_no_private_key(self, login: Login) -> None:
        provider = {**login.outputs["provider"], "PrivateKeyList": []}
        explanation = login.explain(principal_arn=PROVIDER_ARN, provider=provider)
        assert named(explanation) == ["assertion_is_trusted"]

    def test_needs_the_arn_of_the_provider_without_the_right_key(self, login: Login) -> None:
        with pytest.raises(ValueError, match="is encrypted; give --private-key, or --principal-arn"):
            login.explain(private_keys=[encrypting.OLD_KEY])

    def test_is_refused_with_another_private_key(self, login: Login) -> None:
        explanation = login.explain(principal_arn=PROVIDER_ARN, private_keys=[encrypting.OLD_KEY])
        assert named(explanation) == ["assertion_is_trusted"]


class TestTrustPolicy:
    def test_is_told_condition_by_condition(self) -> None:
        conditions = {"StringLike": {"saml:sub": "*@example.org"}, "Null": {"saml:iss": "false"}}
        (statement,) = Login(policy={"conditions": conditions}).explain().trust
        assert (statement.applies, statement.effect) == (False, "Allow")
        assert [(each.condition, each.wanted, each.got, each.holds) for each in statement.conditions] == [
            ("StringLike saml:sub", "'*@example.org'", "'alice@example.com'", False),
            ("Null saml:iss", "it present", "'https://idp.example.com/saml'", True),
            (
                "StringEquals SAML:aud",
                "'https://signin.aws.amazon.com/saml'",
                "'https://signin.aws.amazon.com/saml'",
                True,
            ),
        ]

    def test_is_told_without_conditions_where_a_statement_is_about_another_action(self) -> None:
        told = Login(principal_tags={"team": "blue"}).explain().trust
        assert [(each.action, each.applies, len(each.conditions)) for each in told] == [
            ("sts:AssumeRoleWithSAML", True, 1),
            ("sts:TagSession", False, 0),
        ]


class TestCertificates:
    def test_of_a_response_are_told_by_their_fingerprints(self) -> None:
        login = Login()
        (shown,) = login.explain().facts["certificates"]
        fingerprint = login.idp.certificates[0].fingerprint(SHA256()).hex()
        assert shown == {"sha256": fingerprint, "signed": True, "in_metadata": True}

    def test_are_compared_by_their_keys(self) -> None:
        login = Login()
        xml = re.sub("X509Certificate>[^<]+<", "X509Certificate>AAAA<", login.response.xml)
        (shown,) = login.explain(xml).facts["certificates"]
        assert (shown["signed"], shown["in_metadata"]) == (False, False)

    def test_that_are_not_base64_are_left_out(self) -> None:
        login = Login()
        xml = re.sub("X509Certificate>[^<]+<", "X509Certificate>A<", login.response.xml)
        assert login.explain(xml).facts["certificates"] == []

    def test_of_an_issuer_that_the_metadata_lacks_are_all_told(self) -> None:
        explanation = Login(issuer="https://other.example.com").explain()
        assert len(explanation.facts["metadata_certificates"]) == 1


def test_the_dict_of_an_explanation_is_json() -> None:
    found = Login(principal_tags={"team": "blue"}).explain().to_dict()
    assert json.loads(json.dumps(found)) == found


class TestRemedies:
    RULES = OPERATIONS["AssumeRoleWithSAML"].rules

    def test_are_there_for_every_rule(self) -> None:
        read = {"response_is_saml", "assertion_is_trusted"}
        assert {rule.name for rule in self.RULES} == {rule.name for rule in BY_RULE} | read

    def test_are_there_for_every_way_in_which_a_response_cannot_be_read(self) -> None:
        assert set(UNREADABLE.values()) == set(BY_ERROR)

    def test_come_with_a_page_if_aws_has_one(self) -> None:
        without = [rule for rule in self.RULES if not page_of(rule)]
        assert [rule.source for rule in without if not re.match("observed|saml-core|AWS What's New", rule.source)] == []
