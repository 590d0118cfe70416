"""The tables of the reference, made from the package's own data, so that they cannot be out of date.

This module does not import Sphinx, so the tests can read the same tables.
"""

import html
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from unittest import mock

from pytest_stssaml import REJECTIONS, IdentityProvider, make_signing_key, mock_sts_saml
from pytest_stssaml.iam.entities import ASSUME_ROLE, ASSUME_ROLE_WITH_SAML, SET_SOURCE_IDENTITY, TAG_SESSION
from pytest_stssaml.idp.shapes.plain import PAGE as PLAIN_PAGE
from pytest_stssaml.idp.shapes.vendors import SHAPES
from pytest_stssaml.other_services.answers import ANSWERS
from pytest_stssaml.rejections import WAYS
from pytest_stssaml.sign_in.known import PAGES
from pytest_stssaml.sts import errors, operation, ordered_errors, session_operations
from pytest_stssaml.sts.cloudtrail.failures import FAILURES
from pytest_stssaml.sts.errors import ErrorRow, Provenance
from pytest_stssaml.sts.requests.claims import CLAIMS, SINGLE_VALUED
from pytest_stssaml.sts.requests.role_request import RoleRequest
from pytest_stssaml.sts.rule import Confidence
from pytest_stssaml.wire import CredentialFault


class Table(NamedTuple):
    """A table for readers. In a cell, what stands between backticks is code."""

    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


#: The words of the manual for how well a rule is established.
CONFIDENCE = {
    Confidence.DOCUMENTED: "documented",
    Confidence.OBSERVED: "observed",
    Confidence.INFERRED: "inferred",
    Confidence.OURS: "our choice",
}

#: The words of the manual for where a message comes from.
PROVENANCE = {
    Provenance.DOCUMENTED: "documented",
    Provenance.OBSERVED: "observed",
    Provenance.OURS: "our own words",
}

#: The products whose XML the shapes imitate.
PRODUCTS = {
    "okta": "Okta",
    "entra": "Microsoft Entra ID",
    "adfs": "AD FS",
    "google": "Google Workspace",
    "keycloak": "Keycloak",
    "shibboleth": "Shibboleth",
    "pingfederate": "PingFederate",
    "simplesamlphp": "SimpleSAMLphp",
    "onelogin": "OneLogin",
    "auth0": "Auth0",
    "jumpcloud": "JumpCloud",
    "iam-identity-center": "AWS IAM Identity Center",
}


#: Condition keys as AWS writes them. In the package they are in lower case, since their case does not matter.
KEYS = {
    key.lower(): key
    for key in (
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:FederatedProvider",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalTag/cost",
        "aws:PrincipalTag/team",
        "aws:PrincipalType",
        "aws:RequestTag/stage",
        "aws:RequestTag/team",
        "aws:RequestedRegion",
        "aws:ResourceTag/cost",
        "aws:SecureTransport",
        "aws:SourceIdentity",
        "aws:TagKeys",
        "aws:TokenIssueTime",
        "aws:UserAgent",
        "aws:userid",
        "iam:ResourceTag/cost",
        "sts:ExternalId",
        "sts:RoleSessionName",
        "sts:SourceIdentity",
        "sts:TransitiveTagKeys",
    )
}


def code(text: str) -> str:
    """Return a cell, or a part of it, that is code."""
    return f"`{text}`"


def rules(name: str) -> Table:
    """Return the rules of an operation, in the order in which they are checked."""
    return Table(
        ("rule", "what must hold", "source", "confidence"),
        [
            (code(rule.name), f"{rule.statement}.", rule.source, CONFIDENCE[rule.confidence])
            for rule in operation.OPERATIONS[name].rules
        ],
    )


def error_rows() -> Table:
    """Return the catalogue of errors."""
    return Table(
        ("code", "status", "message", "words of the message"),
        [
            (code(row.code), str(row.status), _message(row.message), PROVENANCE[row.provenance])
            for row in errors.CATALOGUE
        ],
    )


def injected_errors() -> Table:
    """Return the errors whose message and status `add_client_error` knows in addition."""
    return Table(
        ("code", "status", "message"),
        [
            (code(row.code), str(row.status), _message(row.message))
            for row in ordered_errors._COMMON_ERRORS  # noqa: SLF001 - a test of the package has no use for it
            if row not in errors.CATALOGUE
        ],
    )


def _message(message: str | None) -> str:
    return "(AWS sends no message)" if message is None else code(message.strip())


def rejections() -> Table:
    """Return the ways to be refused that `saml_rejection` runs through."""
    rows = []
    for name in REJECTIONS:
        way = WAYS[name]
        row: ErrorRow = getattr(errors, way.row)
        kind = "injected" if way.forced else "the response" if way.offered else "the call"
        rows.append((code(name), code(row.code), way.why, kind))
    return Table(("name", "code", "reason", "what causes the error"), rows)


def shapes() -> Table:
    """Return the shapes of vendors."""
    rows = []
    for name, shape in SHAPES.items():
        rows.append(
            (
                code(name),
                PRODUCTS[name],
                "exact" if shape.exact else "approximate",
                shape.signed,
                code(shape.role_format),
                "sign-in URL" if shape.audience_is_sign_in_url else "entity ID",
                _duration(shape.conditions_not_on_or_after),
                "of the vendor" if shape.page is not PLAIN_PAGE else "plain",
            )
        )
    return Table(("shape", "product", "raw form", "signed", "role value", "audience", "valid for", "login page"), rows)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


_ACTIONS = (ASSUME_ROLE_WITH_SAML, ASSUME_ROLE, TAG_SESSION, SET_SOURCE_IDENTITY)


def condition_keys(name: str) -> Table:
    """Return the condition keys that a trust policy sees, as they are in a real login or a real role chaining."""
    request = _requests()[name]
    seen = {action: request.context(action) for action in (request.action, TAG_SESSION, SET_SOURCE_IDENTITY)}
    keys = dict.fromkeys(key for context in seen.values() for key in context)
    rows = []
    for key in keys:
        values = next(context[key] for context in seen.values() if key in context)
        actions = [action for action, context in seen.items() if key in context]
        who = "all three actions" if len(actions) == len(seen) else ", ".join(map(code, actions))
        rows.append(
            (
                code(key if key.startswith("saml:") else KEYS[key]),
                ", ".join(map(code, values)) or "(missing from this request)",
                who,
            )
        )
    return Table(("key", "value in this example", "seen by"), sorted(rows))


def _requests() -> dict[str, RoleRequest]:
    """Return a login and a role chaining as STS sees them: the requests of two real calls."""
    caught: dict[str, RoleRequest] = {}
    grant = operation.grant

    def catch(request: RoleRequest, state: Any) -> Any:
        caught["AssumeRole" if request.action == ASSUME_ROLE else "AssumeRoleWithSAML"] = request
        return grant(request, state)

    with mock.patch.object(operation, "grant", catch), mock.patch.object(session_operations, "grant", catch):
        _call_both()
    return caught


def _call_both() -> None:
    import boto3
    from botocore.config import Config

    config = Config(user_agent="example/1.0")  # the default one names the machine
    actions = [TAG_SESSION, SET_SOURCE_IDENTITY]
    with mock_sts_saml(now="2030-01-01T00:00:00Z", seed="manual") as sts:
        idp = IdentityProvider(signing_key=make_signing_key("ec"))
        provider = sts.create_saml_provider("ExampleIdP", idp)
        login = provider.trust_policy(actions=[ASSUME_ROLE_WITH_SAML, *actions])
        role = sts.create_role("Developer", trust_policy=login, tags={"cost": "7"})
        chaining = role.chaining_policy(actions=[ASSUME_ROLE, *actions])
        target = sts.create_role("Deployer", trust_policy=chaining, tags={"cost": "7"})
        response = idp.response(
            role, principal_tags={"team": "blue"}, transitive_tag_keys=["team"], source_identity="alice"
        )
        client = boto3.Session(region_name="us-east-1").client("sts", config=config)
        client.assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response)
        session = boto3.Session(**sts.sessions[-1].boto3_kwargs(), region_name="us-east-1")
        session.client("sts", config=config).assume_role(
            RoleArn=target.arn,
            RoleSessionName="deployment",
            ExternalId="example",
            Tags=[{"Key": "stage", "Value": "test"}],
            TransitiveTagKeys=["stage"],
        )


def claims() -> Table:
    """Return the condition keys that attributes of a response fill."""
    rows = [
        (code(key), ", ".join(map(code, names)), "one" if key in SINGLE_VALUED else "several")
        for key, names in CLAIMS.items()
    ]
    return Table(("key", "name of the attribute", "values"), rows)


def cloudtrail_failures() -> Table:
    """Return which refused calls CloudTrail logs."""
    rows = [
        (
            f"{code(failure.code)} of {' and '.join(map(code, failure.operations))}",
            code(failure.error_code) if failure.error_code else "no event",
            (failure.error_message or "that of the answer") if failure.error_code else "",
            f"{CONFIDENCE[failure.confidence]}: {failure.source}",
        )
        for failure in FAILURES
    ]
    rows.append(("all others", "no event", "", CONFIDENCE[Confidence.OURS]))
    return Table(("error", "`errorCode`", "`errorMessage`", "how well that is established"), rows)


#: The words of the manual for why credentials are refused.
FAULTS = {
    CredentialFault.EXPIRED: "the session has ended",
    CredentialFault.MISMATCH: "another session token",
    CredentialFault.UNKNOWN: "no session token, or the role is gone",
}

#: What the rows of `answers.ANSWERS` are about, as readers know it.
SERVICES = {
    "s3": "Amazon S3",
    "ec2": "Amazon EC2",
    "sqs": "Amazon SQS",
    "query": "IAM, SNS, CloudFormation, RDS, and others with the query protocol",
    "rest-xml": "Route 53, CloudFront, and others with REST and XML",
    "json": "DynamoDB, KMS, CloudWatch, and others with JSON",
    "rest-json": "Lambda, API Gateway, EKS, and others with REST and JSON",
    "smithy-rpc-v2-cbor": "services with RPC and CBOR",
}


def refused_credentials() -> Table:
    """Return what other services than STS answer to credentials that they refuse."""
    rows = [
        (
            SERVICES[answer.of],
            "; ".join(FAULTS[fault] for fault in answer.faults),
            code(answer.code),
            str(answer.status),
            answer.message,
            f"{CONFIDENCE[answer.confidence]}: {answer.source}",
        )
        for answer in ANSWERS
    ]
    return Table(("service", "when", "error code", "status", "message", "how well that is established"), rows)


def sign_in() -> Table:
    """Return what is known about the sign-in pages."""
    rows = [(known.statement, known.source or "—", CONFIDENCE[known.confidence]) for known in PAGES]
    return Table(("what the pages do", "source", "confidence"), rows)


TABLES: dict[str, Callable[..., Table]] = {
    "rules": rules,
    "errors": error_rows,
    "injected-errors": injected_errors,
    "sign-in": sign_in,
    "rejections": rejections,
    "shapes": shapes,
    "condition-keys": condition_keys,
    "claims": claims,
    "cloudtrail-failures": cloudtrail_failures,
    "refused-credentials": refused_credentials,
}


def table(argument: str) -> Table:
    """Return the table that a page asks for, such as "rules AssumeRole"."""
    name, *arguments = argument.split()
    return TABLES[name](*arguments)


def parts(cell: str) -> Iterable[tuple[bool, str]]:
    """Yield the parts of a cell, and whether each is code."""
    for number, part in enumerate(re.split("`", html.unescape(cell))):
        if part:
            yield number % 2 == 1, part
