"""`explain`: what AWS would answer to a response, and why."""

import base64
import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from ..clock import instant
from ..iam import arguments, documents
from ..iam.arn import parse_arn
from ..iam.directory import IAM
from ..iam.entities import ALLOWED, PrivateKey, Role, SAMLProvider
from ..iam.errors import IAMError
from ..iam.limits import SHORTEST_ROLE_MAXIMUM
from ..iam.policies.trust_policies import parse_trust_policy
from ..saml.assertion import parse_response
from ..saml.document import WHITE_SPACE, instant_text
from ..saml.faults import Unreadable
from ..saml.metadata import Metadata
from ..saml.vocabulary import NAMESPACES, ROLE, ROLE_SESSION_NAME, SERVICE_PROVIDERS
from ..sts.limits import API_VERSION, SAML_LOGIN
from ..sts.requests.saml_login import SAMLLogin
from ..sts.rule import AnyRule
from ..wire import Request
from . import judging
from .reading import UnusableInput, read_response
from .report import FAILED, NOT_JUDGED
from .result import Explanation, relative

if TYPE_CHECKING:
    from ..literals import Partition

_NO_METADATA = Metadata("", (), fault="the metadata is not known")


def explain(
    response: str,
    *,
    role: Mapping[str, Any] | None = None,
    provider: Mapping[str, Any] | None = None,
    role_arn: str | None = None,
    trust_policy: Mapping[str, Any] | str | None = None,
    max_session_duration: int = SHORTEST_ROLE_MAXIMUM,
    principal_arn: str | None = None,
    metadata: str | None = None,
    private_keys: Iterable[Any] = (),
    at: dt.datetime | str = "issued",
    region: str = "us-east-1",
    duration_seconds: int | None = None,
    policy: str | None = None,
    policy_arns: Iterable[str] = (),
) -> Explanation:
    """Return what AWS would answer to a response, and what each of its rules says.

    It needs no mock, and uses no network, hook or environment variable.

    :param response: the response as base64, a form body, a page, XML, a HAR file or a curl command.
    :param role: the output of `aws iam get-role`, or its member Role.
    :param provider: the output of `aws iam get-saml-provider`.
    :param role_arn: the role, if its output is not given, or if the response offers several.
    :param trust_policy: the trust policy of the role, if its output is not given.
    :param max_session_duration: in seconds, with `trust_policy`.
    :param principal_arn: the provider; by default the one with which the response offers the role.
    :param metadata: the metadata document, if the output of `get-saml-provider` is not given.
    :param private_keys: private keys in PEM, or key objects, for encrypted assertions; the newest first.
    :param at: "issued" for a second after the response was issued, "now", or a time.
    :param region: the region whose endpoint is asked.
    :param duration_seconds: DurationSeconds, or None.
    :param policy: the JSON of an inline session policy, or None.
    :param policy_arns: the ARNs of managed session policies.
    :raises ValueError: if an input is not what it should be.
    """
    encoded, notes = read_response(response)
    known = _role_of(role, role_arn, trust_policy, max_session_duration)
    role_arn, principal_arn = _pair(encoded, role_arn or (known.arn if known else None), principal_arn)
    directory = IAM()
    left_open: dict[AnyRule, str] = {}
    if known:
        directory.add_role(known)
    else:
        left_open |= judging.NOT_GIVEN_ROLE
    registered, has_metadata = _provider_of(provider, metadata, principal_arn, tuple(private_keys))
    directory.add_saml_provider(registered)
    left_open |= {} if has_metadata else judging.NOT_GIVEN_PROVIDER
    policy_arns = tuple(policy_arns)
    if directory.managed_policies(policy_arns) != set(policy_arns):
        left_open |= judging.POLICIES_UNKNOWN
    left_open |= {} if registered.uuid else judging.OWN_URL_UNKNOWN if _mentions_own_url(encoded) else {}
    form = {
        "Action": SAML_LOGIN,
        "Version": API_VERSION,
        "RoleArn": role_arn,
        "PrincipalArn": principal_arn,
        "SAMLAssertion": encoded,
        **({} if duration_seconds is None else {"DurationSeconds": str(duration_seconds)}),
        **({} if policy is None else {"Policy": policy}),
        **{f"PolicyArns.member.{number}.arn": arn for number, arn in enumerate(policy_arns, 1)},
    }
    return _explanation(
        form,
        region=region,
        directory=directory,
        at=at,
        left_open=left_open,
        documents=(provider, metadata),
        notes=notes,
    )


def _explanation(
    form: dict[str, str],
    *,
    region: str,
    directory: IAM,
    at: dt.datetime | str,
    left_open: dict[AnyRule, str],
    documents: tuple[Mapping[str, Any] | None, str | None],
    notes: tuple[str, ...],
) -> Explanation:
    now = dt.datetime.now(dt.UTC)
    moment = None if at == "issued" else now if at == "now" else instant(at)
    judgement = judging.Judgement(Request(form, region), directory, moment, left_open)
    judgement.judge()
    certificates = _certificates(form["SAMLAssertion"], _document(*documents))
    login = judgement.login
    facts: dict[str, Any] = {"input": list(notes), **(_facts(login, now) if login else {}), **certificates}
    trust: tuple[str, ...] = ()
    if login and any(c.rule == "trusted_by_the_role" and c.outcome != NOT_JUDGED for c in judgement.checks):
        trust = tuple(reason for verdict in login.trust_verdicts for reason in verdict.reasons())
    checks, session = tuple(judgement.checks), judgement.session
    if judgement.first is not None:
        row, message = judging.error_of(judgement.first)
        cause = _cause(judgement, facts)
        return Explanation(
            False, row.code, row.status, message, row.provenance.value, checks, facts, trust, cause=cause
        )
    if session is None or login is None:
        return Explanation(None, None, 0, None, "", checks, facts, trust)
    seconds = int((session.expiration - login.now.replace(microsecond=0)).total_seconds())
    return Explanation(True, None, 200, None, "", checks, facts, trust, seconds)


def _cause(judgement: judging.Judgement, facts: Mapping[str, Any]) -> str:
    """Return the likely cause: that of the first rule that fails, and what the facts point to."""
    login = judgement.login
    name, because = next((check.rule, check.because) for check in judgement.checks if check.outcome == FAILED)
    if name == "assertion_is_trusted" and facts.get("certificate_in_metadata") is False:
        return f"the certificate was rotated: the one in the response is not in the metadata; update it ({because})"
    if name == "trusted_by_the_role" and login is not None:
        denied = next((verdict for verdict in login.trust_verdicts if not verdict.allowed), None)
        reasons = "" if denied is None else "; ".join(denied.reasons())
        origins = [
            origin
            for _, objection in (denied.statements if denied else ())
            if denied and objection and objection.missing_key
            if (origin := login.origin_of_key(objection.missing_key, denied.action))
        ]
        return "; ".join([because, reasons, *origins])
    return because


def _pair(encoded: str, role_arn: str | None, principal_arn: str | None) -> tuple[str, str]:
    """Return the role and the provider that AWS would be asked for; what is not given comes from the response."""
    pairs = _offered(encoded)
    if role_arn is None:
        roles = sorted({pair[0] for pair in pairs})
        if len(roles) != 1:
            raise UnusableInput(f"the response offers {len(roles)} roles; give --role or --role-arn")
        role_arn = roles[0]
    if principal_arn is None:
        providers = [pair[1] for pair in sorted(pairs, key=lambda pair: pair[0] != role_arn)]
        if not providers:
            raise UnusableInput("the response offers no role with a provider that could be read; give --principal-arn")
        principal_arn = providers[0]
    return role_arn, principal_arn


def _role_of(
    role: Mapping[str, Any] | None,
    role_arn: str | None,
    trust_policy: Mapping[str, Any] | str | None,
    max_session_duration: int,
) -> Role | None:
    if role is not None:
        found = role.get("Role", role)
        if not isinstance(found, Mapping) or not isinstance(found.get("Arn"), str):
            raise UnusableInput("the role is not the output of `aws iam get-role`: it has no Arn")
        role_arn, trust_policy = found["Arn"], found.get("AssumeRolePolicyDocument")
        max_session_duration = found.get("MaxSessionDuration", SHORTEST_ROLE_MAXIMUM)
    if trust_policy is None:
        if role is not None:
            raise UnusableInput("the role is not the output of `aws iam get-role`: it has no AssumeRolePolicyDocument")
        return None
    arn = parse_arn(role_arn or "")
    if arn is None or not arn.resource.startswith("role/"):
        raise UnusableInput(f"a role needs its ARN, such as arn:aws:iam::123456789012:role/Developer, not {role_arn!r}")
    try:
        policy = parse_trust_policy(documents.trust_policy(role or trust_policy))
        longest = arguments.role_maximum(max_session_duration)
    except (IAMError, TypeError) as error:
        raise UnusableInput(f"the trust policy or the role cannot be read: {error}") from error
    path = arn.resource.removeprefix("role").removesuffix(arn.name)
    found = (role or {}).get("Role", role or {}).get("Tags", ())
    try:
        tags = {str(tag["Key"]): str(tag["Value"]) for tag in found}
    except (KeyError, TypeError) as error:
        raise UnusableInput("the role is not the output of `aws iam get-role`: its Tags cannot be read") from error
    return Role(
        arn=str(role_arn),
        name=arn.name,
        role_id="AROA" + "A" * 17,
        account_id=arn.account_id,
        partition=cast("Partition", arn.partition),  # or another one, which nothing asks for here
        path=path,
        max_session_duration=longest,
        tags=tags,
        policy=policy,
    )


def _document(provider: Mapping[str, Any] | None, metadata: str | None) -> str | None:
    if provider is None:
        return metadata
    document = provider.get("SAMLMetadataDocument")
    if not isinstance(document, str):
        raise UnusableInput("the provider is not the output of `aws iam get-saml-provider`: no SAMLMetadataDocument")
    return document


def _provider_of(
    provider: Mapping[str, Any] | None, metadata: str | None, arn_text: str, private_keys: tuple[Any, ...]
) -> tuple[SAMLProvider, bool]:
    """Return the provider, and whether its metadata is known."""
    arn, document = parse_arn(arn_text), _document(provider, metadata)
    try:
        parsed = _NO_METADATA if document is None else arguments.metadata(document)
        keys = tuple(PrivateKey("A" * 22, arguments.private_key(key)) for key in private_keys)
        mode = arguments.encryption_mode((provider or {}).get("AssertionEncryptionMode", ALLOWED), keys or (None,))
    except (IAMError, TypeError, ValueError) as error:
        raise UnusableInput(f"the provider cannot be used: {error}") from error
    registered = SAMLProvider(
        arn=arn_text,
        name=arn.name if arn else "",
        account_id=arn.account_id if arn else "",
        partition=cast("Partition", arn.partition) if arn and arn.partition in SERVICE_PROVIDERS else "aws",
        uuid=str((provider or {}).get("SAMLProviderUUID", "")),
        tags={},
        metadata=parsed,
        assertion_encryption_mode=mode,
        private_keys=keys,
    )
    return registered, document is not None


def _offered(encoded: str) -> list[tuple[str, str]]:
    """Return the pairs of role and provider that a response offers, unverified."""
    try:
        root = parse_response(encoded)
    except Unreadable:
        return []
    path = f"//saml:Attribute[@Name='{ROLE}']/saml:AttributeValue"
    pairs = []
    for value in root.xpath(path, namespaces=NAMESPACES):
        arns = [arn.strip(WHITE_SPACE) for arn in "".join(value.itertext()).split(",")]
        roles = [arn for arn in arns if ":role/" in arn]
        providers = [arn for arn in arns if ":saml-provider/" in arn]
        pairs += list(zip(roles, providers, strict=False))
    return pairs


def _mentions_own_url(encoded: str) -> bool:
    try:
        return bool(parse_response(encoded).xpath("//@Recipient[contains(., '/saml/acs/')]"))
    except Unreadable:
        return False


def _facts(login: SAMLLogin, now: dt.datetime) -> dict[str, Any]:
    assertion, attributes = login.assertion, login.assertion.attributes
    times = {
        "issued": assertion.issue_instant,
        "not_before": assertion.not_before,
        "not_on_or_after": assertion.not_on_or_after,
    }
    return {
        "issuer": assertion.issuer,
        "subject": assertion.name_id,
        "judged_at": instant_text(login.now),
        **{name: f"{instant_text(time)} ({relative(time, now)})" for name, time in times.items() if time},
        "recipient": login.recipient if assertion.subject_confirmations else None,
        "audiences": [audience for restriction in assertion.audience_restrictions for audience in restriction],
        "roles": list(attributes.get(ROLE, ())),
        "session_name": next(iter(attributes.get(ROLE_SESSION_NAME, ())), None),
        "tags": {key: ", ".join(values) for key, values in login.tag_values.items()},
        "source_identity": login.source_identity,
    }


def _certificates(encoded: str, metadata: str | None) -> dict[str, Any]:
    """Return the algorithms and the fingerprint of the certificate that a response shows."""
    try:
        root = parse_response(encoded)
    except Unreadable:
        return {}
    shown = ["".join(text.split()) for text in root.xpath("//ds:X509Certificate/text()", namespaces=NAMESPACES)]
    facts: dict[str, Any] = {
        "signature_algorithms": sorted(set(root.xpath("//ds:SignatureMethod/@Algorithm", namespaces=NAMESPACES))),
        "digest_algorithms": sorted(set(root.xpath("//ds:DigestMethod/@Algorithm", namespaces=NAMESPACES))),
        "certificates": sorted({_fingerprint(text) for text in shown}),
    }
    if shown and metadata is not None:
        compact = "".join(metadata.split())
        facts["certificate_in_metadata"] = any(text in compact for text in shown)
    return facts


def _fingerprint(text: str) -> str:
    try:
        return "SHA-256 " + hashlib.sha256(base64.b64decode(text)).hexdigest()
    except ValueError:
        return "not base64"


def redacted(explanation: Explanation) -> Explanation:
    """Return an explanation in which names, accounts, hosts and identifiers are replaced consistently."""
    from .redaction import Redactor

    facts = explanation.facts
    names = [facts.get("subject"), facts.get("session_name"), facts.get("source_identity"), facts.get("issuer")]
    redact = Redactor([name for name in [*names, *facts.get("tags", {}).values()] if name])
    return dataclasses.replace(
        explanation,
        message=redact(explanation.message),
        facts=redact(facts),
        trust=tuple(redact(explanation.trust)),
        cause=redact(explanation.cause),
        checks=tuple(dataclasses.replace(check, because=redact(check.because)) for check in explanation.checks),
    )
