"""Each rejection of `saml_rejection`, explained: the rule that fails is named, and no other one is."""

from functools import cache
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

import pytest
from explaining import fixed_key, provider_output, role_output

from pytest_stssaml import REJECTIONS, Explanation, IdentityProvider, Role, STSBackend, explain, mock_sts_saml
from pytest_stssaml.rejections import WAYS

#: What is not judged after a refusal, whichever it is.
NEVER = "session_token_is_small_enough"
#: What needs a SubjectConfirmation, and what needs the trust policy's keys.
NEED_A_CONFIRMATION = ("sent_to_this_provider", "not_used_too_early", "not_expired", "trusted_by_the_role")


class Expected(NamedTuple):
    """What `explain` says to a rejection."""

    failed: str
    #: What is not judged, beside `NEVER`; None for every rule after the one that fails.
    open: tuple[str, ...] | None = ()
    #: More keywords of `explain`, where the rejection is forced upon a good response.
    options: tuple[tuple[str, Any], ...] = ()
    #: Why the rule is another one than that of the mock, if it is.
    why: str = ""


EXPECTED = {
    "expired": Expected("not_expired"),
    "redeemed-too-late": Expected("redeemed_in_time"),
    "not-yet-valid": Expected("not_used_too_early"),
    "tampered": Expected("assertion_is_trusted"),
    "foreign-key": Expected("assertion_is_trusted"),
    "unsigned": Expected("assertion_is_trusted"),
    "wrong-issuer": Expected("assertion_is_trusted"),
    "unknown-provider": Expected(
        "trusted_by_the_role",
        why="the output of get-saml-provider has no ARN, so the provider that it describes is taken for the one that "
        "the response names; the trust policy names another",
    ),
    "wrong-audience": Expected("addressed_to_aws"),
    "wrong-recipient": Expected("trusted_by_the_role"),
    "no-confirmation": Expected("confirmed_by_bearer", NEED_A_CONFIRMATION),
    "idp-refused": Expected("assertion_is_trusted", None),
    "role-not-in-response": Expected("offers_the_role"),
    "no-session-name": Expected("names_the_session", ("session_name_is_legal", "trusted_by_the_role")),
    "bad-session-name": Expected("session_name_is_legal"),
    "bad-source-identity": Expected("source_identity_is_legal"),
    "bad-tags": Expected("tag_values_are_legal"),
    "no-name-id": Expected("subject_has_a_name"),
    "unknown-role": Expected(
        "role_exists", ("role_is_not_reserved", "trusted_by_the_role", "within_the_roles_maximum")
    ),
    "not-a-role": Expected("login_parameters_are_valid", None),
    "other-account": Expected("provider_is_in_the_roles_account"),
    "not-in-trust-policy": Expected("trusted_by_the_role"),
    "untrusted-tags": Expected("trusted_by_the_role"),
    "untrusted-source-identity": Expected("trusted_by_the_role"),
    "packed-too-large": Expected(NEVER),
    "region-disabled": Expected("", why="no input says which regions an account has switched off"),
    "too-long-a-session": Expected("within_the_roles_maximum", options=(("duration_seconds", 7200),)),
    "malformed-policy": Expected("session_policy_follows_the_grammar", options=(("policy", "{}"),)),
}

#: Two rules refuse these, and AWS names the first.
ALSO_FAILED = {
    "bad-source-identity": ["trusted_by_the_role"],
    "bad-tags": ["trusted_by_the_role"],
}


class Recorded:
    """A backend, with a record of the role that is made for a login."""

    def __init__(self, sts: STSBackend) -> None:
        self._sts = sts
        self.role = sts.create_role("Other")

    def create_role(self, name: str, **values: Any) -> Role:
        self.role = self._sts.create_role(name, **values)
        return self.role


@cache
def explained(name: str) -> Explanation:
    """Return the explanation of a rejection, from what an engineer can fetch: the role if it exists, else another."""
    with mock_sts_saml(seed=name, now="2030-01-01T12:00:00Z") as sts:
        idp = IdentityProvider(signing_key=fixed_key())
        provider = sts.create_saml_provider("Example", idp)
        recorded = Recorded(sts)
        login = WAYS[name].cause(cast(STSBackend, recorded), idp)
        return explain(
            login.response,
            role=role_output(recorded.role),
            provider=provider_output(provider, idp.metadata),
            role_arn=login.role_arn,
            principal_arn=login.provider_arn,
            at="now",
            **dict(EXPECTED[name].options),
        )


@pytest.mark.parametrize("name", REJECTIONS)
def test_a_rejection_is_explained_by_the_rule_that_fails(name: str) -> None:
    checks = explained(name).checks
    expected = [EXPECTED[name].failed, *ALSO_FAILED.get(name, [])] if EXPECTED[name].failed else []
    assert [check.rule for check in checks if check.outcome == "failed"] == expected


@pytest.mark.parametrize("name", [name for name in REJECTIONS if not WAYS[name].forced and not EXPECTED[name].why])
def test_a_rejection_is_explained_as_the_mock_answers_it(name: str) -> None:
    explanation = explained(name)
    with mock_sts_saml(seed=name) as sts:
        idp = IdentityProvider(signing_key=fixed_key())
        sts.create_saml_provider("Example", idp)
        login = WAYS[name].cause(sts, idp)
        response, role_arn, provider_arn = map(str, login)
        parameters = {"RoleArn": role_arn, "PrincipalArn": provider_arn, "SAMLAssertion": response}
        sts.handle(urlencode({"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **parameters}))
        attempt = sts.last_attempt
    assert (explanation.code, explanation.status, EXPECTED[name].failed) == (
        attempt.code,
        attempt.status,
        attempt.failed,
    )


@pytest.mark.parametrize("name", REJECTIONS)
def test_rules_that_do_not_need_the_failed_one_are_judged(name: str) -> None:
    checks = explained(name).checks
    left_open = [check.rule for check in checks if check.outcome == "not judged"]
    names = [check.rule for check in checks]
    failed, expected = EXPECTED[name].failed, EXPECTED[name].open
    if expected is None:
        assert left_open == names[names.index(failed) + 1 :]
    else:
        assert left_open == [*expected, *([NEVER] if failed not in (NEVER, "") else [])]


@pytest.mark.parametrize("name", [name for name in REJECTIONS if EXPECTED[name].failed])
def test_a_rejection_has_a_likely_cause_and_a_remedy(name: str) -> None:
    explanation = explained(name)
    assert explanation.cause
    assert explanation.remedy
