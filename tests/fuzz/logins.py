"""Logins with tags, a source identity and session policies, for roles with trust policies of every kind."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

from fuzz.world import ACTIONS, ISSUED, SESSION_POLICIES, SIGN_IN, XML_SPACE, World, pick
from hypothesis import strategies as st

from pytest_stssaml import IAMError, SAMLProvider
from pytest_stssaml.iam.policies.conditions import OPERATORS


class Choices:
    """Choices from lists, by one byte each. When the bytes have run out, it is always the first item."""

    def __init__(self, drawn: bytes) -> None:
        self._data = iter(drawn)

    def number(self) -> int:
        return next(self._data, 0)

    def of(self, candidates: list[Any]) -> Any:
        return pick(candidates, self.number())

    def some(self, candidates: list[Any], most: int) -> list[Any]:
        return [self.of(candidates) for _ in range(self.number() % (most + 1))]

    def maybe(self, make: Callable[[], Any]) -> Any:
        return make() if self.number() % 2 else None


LEGAL = ["alice@example.com", "alice", "Alice", "blue", "BLUE", "team", "Department", "a" * 64] * 20
WORDS = [*LEGAL[:8], "Team", "", "a", "a" * 65, "a" * 257, "aws:blue", "Aws:x", "true", "1", "ß", "İ", "é", "a,b",
         "a:b", "*", "?", "${saml:sub}", "\U0001f600", "2030-01-01", "\u2028", " "]  # fmt: skip
NAMES = [*OPERATORS, *OPERATORS, *OPERATORS, *["Null"] * 4, *OPERATORS, *OPERATORS, "stringlike", "Nonsense", ""]
PREFIXES = ["", "ForAllValues:", "ForAnyValue:"] * 10 + ["forallvalues:"]
SUFFIXES = ["", "", "IfExists"] * 10 + ["IfExistsIfExists"]
KEYS = ["SAML:aud", "saml:sub", "saml:sub_type", "saml:iss", "saml:doc", "saml:namequalifier", "saml:cn", "saml:uid",
        "saml:eduPersonAffiliation", "saml:eduPersonOrgDN", "aws:RequestTag/team", "aws:RequestTag/", "aws:TagKeys",
        "sts:TransitiveTagKeys", "sts:SourceIdentity", "sts:RoleSessionName", "aws:CurrentTime", "aws:EpochTime",
        "aws:SecureTransport", "aws:UserAgent", "aws:SourceIp", "aws:RequestedRegion", "aws:ResourceTag/team",
        "nonsense", "", "\0"]  # fmt: skip
WANTED = [
    *WORDS, "alice*", "*@example.com", "?" * 17, "*" * 60 + "x", "*a" * 60, "a*" * 400, "${saml:sub", "${}", "${*}",
    "$", "${?}", "${$}", "${aws:RequestTag/team}", "${aws:RequestTag/team, 'blue'}", "${aws:TagKeys}",
    "${saml:sub}" * 80, "2030-01-01T12:00:00Z", "2030-01-01T12:00:00.2+14:00", "9999-12-31T23:59:59-23:59",
    "${ saml:sub ,'a' }", "1.2.3.4/99", "0001-01-01", "1893499200", "-1", "+1.5", "1e999", "1" * 500, "inf",
    "NaN", "٣", "10.0.0.0/8", "0.0.0.0/0", "::/0", "fe80::1%eth0", "arn:aws:*:*:*:*", "arn:::::",
    "arn:aws:iam::123456789012:role/*", "YWxpY2U=", "YWxp\n", SIGN_IN,
    True, False, 0, -1, 1.5, 1e308, 10**400, [], "\ud800", "\0", "true", "false",
]  # fmt: skip
FORBIDDEN = [None, {}, ["a", ["b"]], {"a": "b"}, float("nan")]
ELEMENTS = ["Effect", "Action", "Principal", "Condition", "Sid", "Resource", "NotAction", "NotPrincipal", "effect", "",
            "Version", "Statement", "Id"]  # fmt: skip
POLICY_ARNS = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::123456789012:policy/Limits",
               "arn:aws:iam::111122223333:policy/Limits", "arn:aws-cn:iam::aws:policy/a", "arn:aws:iam::aws:role/abcd",
               "nothing-valid-in-here", "short", "arn:aws:iam::aws:policy/" + "a" * 2000]  # fmt: skip
NUMBERS = ["900", "+03600", "4096", "0", "4097", "-1", "", "1.5", "٣", "9" * 30]


def condition_block(choices: Choices) -> Any:
    if choices.number() == 255:
        return choices.of(FORBIDDEN + WANTED)
    block: dict[str, Any] = {}
    for _ in range(choices.number() % 4):
        operator = choices.of(PREFIXES) + choices.of(NAMES) + choices.of(SUFFIXES)
        values = choices.some(WANTED, 3) if choices.number() % 2 else choices.of(WANTED)
        block.setdefault(operator, {})[choices.of(KEYS)] = values
    return block


def trust_policy(choices: Choices, provider: SAMLProvider) -> str:
    """Return a trust policy, mostly one that allows the login and has more statements."""
    document: dict[str, Any] = provider.trust_policy(actions=ACTIONS, recipient=None)
    statements: list[Any] = document["Statement"]
    statements += choices.some([*statements, {**statements[0], "Effect": "Deny"}], 2)
    document["Statement"] = statements = [copy.deepcopy(statement) for statement in statements]
    for statement in statements:
        if choices.number() % 2:
            statement["Condition"] = condition_block(choices)
    # Sometimes something that the grammar forbids.
    for _ in range(max(0, choices.number() - 253)):
        broken = choices.of([document, statements[0]])
        broken[choices.of(ELEMENTS)] = choices.of(FORBIDDEN + WANTED)
    document["Version"] = choices.of([document["Version"]] * 4 + ["2008-10-17"])
    text = json.dumps(document)
    at, length = choices.number() * len(text) // 256, max(0, choices.number() - 250)
    return text[:at] + text[at + length :]


def said(choices: Choices) -> dict[str, Any]:
    """Return keywords of `IdentityProvider.response` beside the role."""
    words = LEGAL + WORDS
    tags = dict(zip(choices.some(words, 4), choices.some(words, 4), strict=False))
    if choices.number() > 250:
        tags |= {f"tag{n}": str(3 ** (400 + n)) for n in range(choices.of([10, 40, 60]))}
    return {
        "principal_tags": tags,
        "transitive_tag_keys": choices.maybe(lambda: choices.some([*[*tags] * 20, "Team"], 3)),
        "source_identity": choices.maybe(lambda: choices.of(words)),
        "name_id": choices.of(words),
        "attributes": {
            choices.of(["urn:oid:2.5.4.3", "urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "urn:oid:1.3.6.1.4.1.5923.1.1.1.3"]):
                choices.some(WORDS, 3)
        },
    }  # fmt: skip


def other_parameters(choices: Choices) -> dict[str, str]:
    """Return parameters of the call beside role, provider and response."""
    arns = choices.some(POLICY_ARNS, 12) if choices.number() > 250 else choices.some(POLICY_ARNS[:2], 2)
    form = {f"PolicyArns.member.{choices.of([n, n, 99 - n])}.arn": arn for n, arn in enumerate(arns)}
    for name, values in (
        ("Policy", SESSION_POLICIES[:1] * 20 + SESSION_POLICIES),
        ("DurationSeconds", NUMBERS[:2] * 20 + NUMBERS),
        ("MinimumSessionTokenSize", NUMBERS[:4] * 10 + NUMBERS),
    ):
        if choices.number() % 4 == 0:
            form[name] = choices.of(values)
    return form


CHOSEN = 128
chosen = st.binary(min_size=CHOSEN, max_size=CHOSEN)


def try_trusted(world: World, drawn: bytes) -> None:
    """Log in for a new role. IAM refuses to create it, STS refuses the login, or the answer repeats what was said."""
    world.calls += 1
    choices = Choices(drawn)
    idp = world.goods[0].idp
    try:
        role = world.backend.create_role(
            "Fuzzed", trust_policy=trust_policy(choices, idp.provider), tags={"team": "blue"}
        )
    except IAMError:
        return
    try:
        says = said(choices)
        try:
            response = idp.response((role.arn, idp.provider.arn), issue_instant=ISSUED, **says)
        except ValueError:
            return  # XML cannot contain it.
        form = {"RoleArn": role.arn, "PrincipalArn": idp.provider.arn, "SAMLAssertion": response} | other_parameters(
            choices
        )
        status, body = world.answer(form, choices.of(["", "curl", *WORDS]), wire=choices.number() % 2 == 1)
    finally:
        world.backend.delete_role(role)
    if status == 200:
        world.accepted += 1
        check_said(says, form, body)


def check_said(says: dict[str, Any], form: dict[str, str], body: str) -> None:
    """Check that an answer repeats what a login said, and that its token has the size that was asked for."""
    answer = dict(re.findall(r"<(\w+)>([^<]*)</", body))
    named = says["name_id"].strip(XML_SPACE), (says["source_identity"] or "").strip(XML_SPACE)
    assert (answer["Subject"], answer.get("SourceIdentity", "")) == named, body
    size = len(answer["SessionToken"])
    assert int(form.get("MinimumSessionTokenSize", 0)) <= size <= 4096, size
    assert answer["SessionTokenSize"] == str(size), body
    assert answer["PackedPolicySize"] == answer["SessionTokenUtilization"] == str(-(-size * 100 // 4096)), body
    assert len(says["principal_tags"]) <= 50, body
