"""`explain`: what AWS would answer to a response, and why."""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..adapters.botocore_regions import known_region
from ..clock import instant
from ..iam.directory import IAM
from ..iam.entities import Role
from ..iam.partitions import is_opt_in, partition_of
from ..sts.limits import API_VERSION, SAML_LOGIN
from ..sts.rules.role import trusted_by_the_role
from ..wire import Request
from .findings import judging
from .findings.causes import Evidence, cause_of
from .findings.certificates import Signing
from .findings.facts import facts_of, notes_of
from .findings.remedies import remedy_of
from .findings.trust import trust_of
from .given.entities import GivenProvider, provider_of, role_of
from .given.files import JSONInput, TextInput, UnusableInput, read_once, text_of
from .given.forms import read_response
from .given.response import GivenResponse, requested_pair
from .redaction import Redactor, redacted
from .result import Explanation, StatementCheck

if TYPE_CHECKING:
    from ..sts.rule import AnyRule


def explain(
    response: TextInput,
    *,
    role: JSONInput | None = None,
    provider: JSONInput | None = None,
    role_arn: str | None = None,
    trust_policy: JSONInput | None = None,
    max_session_duration: int | None = None,
    principal_arn: str | None = None,
    metadata: TextInput | None = None,
    private_keys: Iterable[Any] = (),
    at: dt.datetime | str = "issued",
    region: str = "us-east-1",
    duration_seconds: int | None = None,
    policy: TextInput | None = None,
    policy_arns: Iterable[str] = (),
    redact: bool = False,
) -> Explanation:
    """Return what AWS would answer to a response, and what each of its rules says.

    It needs no mock, and uses no network, hook or environment variable. Each document may be a string or a
    `pathlib.Path`, and JSON a mapping too.

    >>> known = {"role_arn": role.arn, "trust_policy": role.trust_policy, "metadata": saml_idp.metadata}
    >>> explain(response.unsigned(), **known).message
    'Response signature invalid'

    :param response: the response as base64, a form body, a page, XML, a HAR file or a curl command.
    :param role: the output of `aws iam get-role`, or its member Role.
    :param provider: the output of `aws iam get-saml-provider`.
    :param role_arn: the role that is asked for; by default that of `role`, or the only one that the response offers.
    :param trust_policy: the trust policy of the role, if its output is not given.
    :param max_session_duration: in seconds, with `trust_policy`; by default one hour.
    :param principal_arn: the provider; by default the one with which the response offers the role.
    :param metadata: the metadata document, if the output of `get-saml-provider` is not given.
    :param private_keys: private keys in PEM, or key objects, for encrypted assertions; the newest first.
    :param at: "issued" for a second after the response was issued, "now", or a time.
    :param region: the region whose endpoint is asked.
    :param duration_seconds: DurationSeconds, or None.
    :param policy: the JSON of an inline session policy, or None.
    :param policy_arns: the ARNs of managed session policies.
    :param redact: whether to replace names, accounts, hosts, identifiers and fingerprints, each consistently.
    :raises TypeError: if an input is of another type.
    :raises ValueError: if an input is not what it should be.
    """
    redactor = Redactor()
    try:
        # Each file is read once, since it may be a pipe.
        role, provider = read_once(role, "--role"), read_once(provider, "--provider")
        trust_policy, metadata = read_once(trust_policy, "--trust-policy"), read_once(metadata, "--metadata")
        policy = read_once(policy, "--policy")
        call = _Call(role_arn, principal_arn, region, duration_seconds, policy, tuple(policy_arns))
        redactor.keep_out(role_arn, principal_arn, policy, call.policy_arns, role, trust_policy, provider, metadata)
        explanation = _explained(
            text_of(response, "the response"),
            call,
            role=role_of(role, role_arn, trust_policy, max_session_duration),
            provider=provider_of(provider, metadata, tuple(private_keys)),
            at=_time(at),
            redactor=redactor,
        )
    except ValueError as error:
        if not redact:
            raise
        raise UnusableInput(redactor.text(str(error))) from None
    return redacted(explanation, redactor) if redact else explanation


class _Call(NamedTuple):
    """The call that AWS is asked about, as far as it is given."""

    role_arn: str | None
    principal_arn: str | None
    region: str
    duration_seconds: int | None
    policy: TextInput | None
    policy_arns: tuple[str, ...]

    def request(self, role_arn: str, principal_arn: str, encoded: str) -> Request:
        """Return the request."""
        form = {
            "Action": SAML_LOGIN,
            "Version": API_VERSION,
            "RoleArn": role_arn,
            "PrincipalArn": principal_arn,
            "SAMLAssertion": encoded,
            **({} if self.duration_seconds is None else {"DurationSeconds": str(self.duration_seconds)}),
            **({} if self.policy is None else {"Policy": text_of(self.policy, "--policy")}),
            **{f"PolicyArns.member.{number}.arn": arn for number, arn in enumerate(self.policy_arns, 1)},
        }
        return Request(form, self.region)


class _Times(NamedTuple):
    """When a response is judged, and when it is looked at."""

    #: When it is judged; None for a second after it was issued.
    judged: dt.datetime | None
    #: The present time.
    now: dt.datetime


def _time(at: dt.datetime | str) -> _Times:
    now = dt.datetime.now(dt.UTC)
    if at in ("issued", "now"):
        return _Times(None if at == "issued" else now, now)
    try:
        return _Times(instant(at), now)
    except ValueError as error:
        raise UnusableInput(f'--at is "issued", "now" or a time: {error}') from error


def _explained(
    text: str, call: _Call, *, role: Role | None, provider: GivenProvider, at: _Times, redactor: Redactor
) -> Explanation:
    is_default = _is_default_region(call.region)
    response = GivenResponse(*read_response(text), tuple(key.key for key in provider.private_keys))
    redactor.keep_out_response(response.root)
    pair = requested_pair(response, call.role_arn or (role.arn if role else None), call.principal_arn)
    directory = IAM()
    directory.add_saml_provider(provider.at(pair[1]))
    if role:
        directory.add_role(role)
    unknown_policies = set(call.policy_arns) - directory.managed_policies(call.policy_arns)
    left_open: dict[AnyRule, str] = {
        **(judging.keys_unknown(role) if role else judging.NOT_GIVEN_ROLE),
        **(judging.NOT_GIVEN_PROVIDER if provider.document is None else {}),
        **(judging.NOT_GIVEN_KEY if response.is_encrypted and provider.has_other_keys else {}),
        **(judging.POLICIES_UNKNOWN if unknown_policies else {}),
        **(judging.OWN_URL_UNKNOWN if response.names_a_provider and not provider.uuid else {}),
        **({} if is_default else judging.region_unknown(call.region)),
    }
    request = call.request(*pair, response.encoded)
    judgement = judging.Judgement(request, response, directory, at.judged, left_open)
    judgement.judge()
    return _of_judgement(judgement, provider, at, redactor)


def _is_default_region(region: object) -> bool:
    """Return whether a region is enabled by default.

    :raises UnusableInput: if no partition has it.
    """
    if not isinstance(region, str):
        raise TypeError(f"region must be a string, not {type(region).__name__}")
    if not is_opt_in(region):
        return True
    try:
        return partition_of(known_region(region)) != "aws"
    except ValueError as error:
        raise UnusableInput(f"--region: {error}") from error


def _of_judgement(judgement: judging.Judgement, provider: GivenProvider, at: _Times, redactor: Redactor) -> Explanation:
    login, response, form = judgement.login, judgement.response, judgement.request.form
    facts: dict[str, Any] = {
        "role_arn": form["RoleArn"],
        "principal_arn": form["PrincipalArn"],
        "region": judgement.request.region,
        **(facts_of(login, at.judged or at.now) if login else {}),
    }
    signing = None
    if response.root is not None:
        issuer = login.assertion.issuer if login else ""
        signing = Signing(response.root, issuer, provider.document, provider.at(form["PrincipalArn"])._decryption)
        facts |= signing.facts()
    notes = [*response.notes, *dict.fromkeys(judgement.left_open.values())]
    notes += notes_of(login, None if at.judged else at.now) if login else ()
    redactor.keep_out_login(login)
    trust = trust_of(login) if login and login.role and not judgement.missing_for(trusted_by_the_role) else ()
    return _answer(judgement, tuple(notes), facts, trust, signing)


def _answer(
    judgement: judging.Judgement,
    notes: tuple[str, ...],
    facts: dict[str, Any],
    trust: tuple[StatementCheck, ...],
    signing: Signing | None,
) -> Explanation:
    checks, login, session = judgement.checks, judgement.login, judgement.session
    if judgement.refused_by is not None:
        rule, rejected = judgement.refused_by
        row, message = judging.error_of(rejected)
        cause = cause_of(Evidence(rule, rejected, login, signing, trust))
        remedy = cause.remedy or remedy_of(rule, rejected)
        checks = [dataclasses.replace(check, remedy=remedy) if check.rule == rule.name else check for check in checks]
        found = Explanation(False, row.code, row.status, message, row.provenance.name.lower(), tuple(checks), facts)
        return dataclasses.replace(found, trust=trust, notes=notes, cause=cause.text, remedy=remedy)
    if session is None or login is None:
        return Explanation(None, None, 0, None, "", tuple(checks), facts, trust, notes=notes)
    seconds = int((session.expiration - login.now.replace(microsecond=0)).total_seconds())
    return Explanation(True, None, 200, None, "", tuple(checks), facts, trust, seconds, notes)
