"""The likely cause of a refusal: what the facts about the first rule that fails point to, and what to change."""

import re
from collections.abc import Callable
from typing import NamedTuple

from ...iam.entities import TAG_SESSION
from ...iam.partitions import REGION
from ...saml.vocabulary import ROLE, SERVICE_PROVIDERS, ServiceProvider
from ...sts import errors
from ...sts.limits import REDEEMED_WITHIN
from ...sts.requests.saml_login import SAMLLogin
from ...sts.rule import AnyRule, Rejected
from ...sts.rules import role as of_role
from ...sts.rules import saml_login as of_login
from ...sts.rules.saml_response import assertion_is_trusted
from ..given.response import pairs_of
from ..result import StatementCheck, span
from .certificates import Signing
from .remedies import BY_ACTION


class Cause(NamedTuple):
    """The likely cause."""

    #: What is wrong, as a sentence without its full stop.
    text: str
    #: What to change, if that is other than what the rule says.
    remedy: str = ""


class Evidence(NamedTuple):
    """What is known about a refusal."""

    #: The first rule that fails.
    rule: AnyRule
    #: How it refuses.
    rejected: Rejected
    #: The login, or None if the response cannot be read.
    login: SAMLLogin | None
    #: The signatures of the response, or None.
    signing: Signing | None
    #: What the trust policy says; empty if it was not asked.
    trust: tuple[StatementCheck, ...]


def cause_of(evidence: Evidence) -> Cause:
    """Return the likely cause. If the facts point to nothing more, it is what the rule says."""
    found = None
    if evidence.rule is assertion_is_trusted:
        found = _of_trust_in_the_assertion(evidence)
    elif evidence.login is not None and evidence.rule in _FINDERS:
        found = _FINDERS[evidence.rule](evidence.login, evidence)
    return found or Cause(evidence.rejected.because)


# --- signatures


_NEW_METADATA = (
    "in IAM, update the provider with the present metadata of the identity provider (aws iam update-saml-provider)"
)


def _of_trust_in_the_assertion(evidence: Evidence) -> Cause | None:
    signing, error = evidence.signing, evidence.rejected.error
    if error == errors.FOREIGN_ISSUER:
        return Cause(f"the metadata is that of another identity provider or application: {evidence.rejected.because}")
    if error != errors.BAD_SIGNATURE or signing is None:
        return None
    if not signing.has_signature:
        return Cause(evidence.rejected.because, "at the identity provider, sign the assertion")
    return _of_signer(signing) if signing.is_signed else None


def _of_signer(signing: Signing) -> Cause | None:
    if signing.signer is None:
        return Cause(
            "the signing certificate was probably rotated: neither a certificate of the metadata nor one that the "
            "response shows made the signature",
            _NEW_METADATA,
        )
    certificate, altered = signing.signer
    if altered:
        return Cause(
            "the response was altered after it was signed: the certificate of SHA-256 "
            f"{certificate.fingerprint} signed it, and its digest is that of other content",
            "send the response as the identity provider issued it: do not format or edit it on its way",
        )
    if signing.is_known(certificate):
        return None
    return Cause(
        "the signing certificate was rotated, or the metadata is that of another application: the certificate of "
        f"SHA-256 {certificate.fingerprint} signed the response, and its key is not in the metadata",
        _NEW_METADATA,
    )


# --- addresses


def _of_the_audience(login: SAMLLogin, _: Evidence) -> Cause | None:
    aws = SERVICE_PROVIDERS[login.provider.partition]
    audiences = [audience for each in login.assertion.audience_restrictions for audience in each]
    write = f"at the identity provider, set the audience (Audience URI, SP entity ID, Identifier) to {aws.entity_id}"
    if not audiences:
        return Cause("the response has no audience", write)
    told = " and ".join(map(repr, audiences))
    if any(_is_sign_in_url(audience, aws) for audience in audiences):
        return Cause(f"the audience field has a sign-in URL of AWS that is not the global one: {told}", write)
    return Cause(f"the audience field of the application has the wrong value, {told}", write)


def _is_sign_in_url(url: str, aws: ServiceProvider) -> bool:
    return re.fullmatch(rf"https://(?:{REGION}\.)?{re.escape(aws.sign_in_host)}/saml(?:/acs/\w+)?", url) is not None


# --- time


def _of_an_early_use(login: SAMLLogin, evidence: Evidence) -> Cause:
    ahead = span(login.assertion.issue_instant - login.now)
    if login.now < login.assertion.issue_instant:
        return Cause(f"a clock is wrong: the response was issued {ahead} ahead of the time at which it is judged")
    return Cause(
        "NotBefore is later than the time of issue, so that a response is refused which is sent at once: "
        f"{evidence.rejected.because}"
    )


def _of_a_late_use(login: SAMLLogin, _: Evidence) -> Cause:
    age = span(login.now - login.assertion.issue_instant)
    return Cause(
        f"the response is {age} old, and AWS takes one for {span(REDEEMED_WITHIN)}: it was kept too long, or the clock "
        "of the identity provider is wrong"
    )


def _of_an_end(login: SAMLLogin, evidence: Evidence) -> Cause | None:
    assertion = login.assertion
    ends = [assertion.not_on_or_after, assertion.session_not_on_or_after]
    ends += [confirmation.not_on_or_after for confirmation in assertion.subject_confirmations]
    lifetime = min(end for end in ends if end is not None) - assertion.issue_instant
    if lifetime < REDEEMED_WITHIN:
        length = span(lifetime) if lifetime.total_seconds() > 0 else "no time at all"
        return Cause(f"the identity provider lets the response be valid for {length}: {evidence.rejected.because}")
    return None


# --- roles


def _of_the_offer(login: SAMLLogin, _: Evidence) -> Cause | None:
    values = login.assertion.attributes.get(ROLE, ())
    wanted = {login.parameters.role_arn, login.parameters.principal_arn}
    for pair in pairs_of(values):
        if {pair.role.lower(), pair.provider.lower()} == {arn.lower() for arn in wanted}:
            other = " and ".join(sorted({pair.role, pair.provider} - wanted))
            return Cause(
                f"the response has {other}, which differs from the call only in the case of letters, which counts"
            )
    if values and not any(pair.role for pair in pairs_of(values)):
        return Cause(f"no value of the attribute {ROLE} is a role and a provider with a comma between: {list(values)}")
    return None


def _of_the_role(login: SAMLLogin, _: Evidence) -> Cause | None:
    similar = login.no_role.partition("; there is ")[2]
    if not similar:
        return None
    return Cause(
        f"the role is {similar}, and the call asks for {login.parameters.role_arn}, which differs in the case of "
        "letters or in the path"
    )


# --- trust policies


def _of_the_trust_policy(login: SAMLLogin, evidence: Evidence) -> Cause | None:
    denied = login.denied_action
    statements = [check for check in evidence.trust if check.action == denied]
    if any(check.applies for check in statements):  # of the effect Deny
        number = next(check.statement for check in statements if check.applies and check.effect == "Deny")
        return Cause(f"statement {number} of the trust policy denies {denied}")
    allowing = [check for check in statements if check.effect == "Allow"]
    if denied in BY_ACTION and not any(_is_about_action(login, check) for check in allowing):
        tags = f"session tags ({', '.join(login.tags)})"
        has = tags if denied == TAG_SESSION else "a source identity"
        return Cause(f"the response has {has}, and the trust policy allows no {denied}", BY_ACTION[denied])
    return (
        _of_the_recipient(login, allowing)
        or _of_the_principal(login, allowing)
        or _of_a_missing_key(login, denied)
        or Cause("; ".join([evidence.rejected.because, *(_line(check) for check in statements)]))
    )


def _is_about_action(login: SAMLLogin, check: StatementCheck) -> bool:
    return check.action in login.requested_role._policy.statements[check.statement - 1].actions


def _line(check: StatementCheck) -> str:
    return f"statement {check.statement} ({check.effect}) does not apply: {check.because}"


def _of_the_recipient(login: SAMLLogin, statements: list[StatementCheck]) -> Cause | None:
    """Return the cause if only SAML:aud differs from the Recipient."""
    for check in statements:
        failing = [condition for condition in check.conditions if not condition.holds]
        if not failing or any(condition.condition.lower().split()[-1] != "saml:aud" for condition in failing):
            continue
        wanted, got = failing[0].wanted, login.recipient
        aws = SERVICE_PROVIDERS[login.provider.partition]
        if aws.entity_id in wanted:
            return Cause(
                f"SAML:aud of the trust policy names the audience {aws.entity_id}, but it is compared with the "
                f"Recipient of the response, {got!r}",
                f"in IAM, write the Recipient as SAML:aud in the trust policy of the role: {got}",
            )
        kind = "is a regional sign-in URL" if _is_sign_in_url(got, aws) and got != aws.sign_in_url else "differs"
        return Cause(
            f"the Recipient (the ACS or reply URL) of the response {kind}: SAML:aud of the trust policy wants "
            f"{wanted}, got {got!r}",
            f"in IAM, add {got} to SAML:aud in the trust policy of the role; or at the identity provider, set the ACS "
            "URL to the one that the trust policy wants",
        )
    return None


def _of_the_principal(login: SAMLLogin, statements: list[StatementCheck]) -> Cause | None:
    """Return the cause if no statement is about the provider."""
    named = [
        name
        for statement in login.requested_role._policy.statements
        for name in statement.principals.get("Federated", ())
    ]
    if any(check.conditions for check in statements) or login.provider.arn in named:
        return None
    similar = [name for name in named if name.lower() == login.provider.arn.lower()]
    if similar:
        return Cause(
            f"the trust policy names {similar[0]}, and the response {login.provider.arn}: they differ only in the case "
            "of letters, which counts"
        )
    return Cause(
        f"the trust policy is about another principal: {', '.join(named) or 'no identity provider'}, not "
        f"{login.provider.arn}",
        f"in IAM, name {login.provider.arn} as the principal Federated of the trust policy",
    )


def _of_a_missing_key(login: SAMLLogin, denied: str | None) -> Cause | None:
    """Return the cause if a condition tests a key that the response does not fill."""
    for verdict in login.trust_verdicts:
        for number, (effect, objection) in enumerate(verdict.statements, 1):
            if (verdict.action, effect) == (denied, "Allow") and objection is not None and objection.missing_key:
                origin = login.origin_of_key(objection.missing_key, verdict.action)
                told = objection.because + (f"; {origin}" if origin else "")
                return Cause(f"statement {number} of the trust policy tests a key without a value: {told}")
    return None


_FINDERS: dict[AnyRule, Callable[[SAMLLogin, Evidence], Cause | None]] = {
    of_login.addressed_to_aws: _of_the_audience,
    of_login.not_used_too_early: _of_an_early_use,
    of_login.redeemed_in_time: _of_a_late_use,
    of_login.not_expired: _of_an_end,
    of_login.offers_the_role: _of_the_offer,
    of_role.role_exists: _of_the_role,
    of_role.trusted_by_the_role: _of_the_trust_policy,
}
