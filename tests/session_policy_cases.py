"""What the rules about session policies refuse and accept, whichever request has the policies."""

import json
from dataclasses import replace

from good import Asking, limited_by
from rule_contract import RuleCases

from pytest_stssaml.sts import errors
from pytest_stssaml.sts.rule import AnyRule
from pytest_stssaml.sts.rules import session_policies as rules

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


def managed(name: str, account: str = "123456789012", partition: str = "aws") -> str:
    """Return the ARN of a managed policy."""
    return f"arn:{partition}:iam::{account}:policy/{name}"


def of_length(count: int, *, policies: int) -> list[str]:
    """Return ARNs of managed policies with so many characters together."""
    shortest = [managed(f"{n}") for n in range(policies)]
    return [*shortest[:-1], shortest[-1].ljust(count - len("".join(shortest[:-1])), "x")]


def session_policy_cases(good: Asking, good_in_china: Asking) -> dict[AnyRule, RuleCases[Asking]]:
    """Return the cases of one kind of request.

    :param good: a request for a role of the account 123456789012 that every rule accepts.
    :param good_in_china: the same in China's partition.
    """

    def of_managed(*policy_arns: str) -> Asking:
        return limited_by(good, *policy_arns)

    def without_policy(arn: str, *others: str) -> Asking:
        """The request with managed policies of which the first does not exist."""
        return replace(of_managed(arn, *others), managed_policies=frozenset(others))

    def inline(policy: str) -> Asking:
        return limited_by(good, policy=policy)

    def document(**elements: object) -> Asking:
        """The request with a policy that has some elements replaced; None removes one."""
        changed = {"Version": "2012-10-17", "Statement": [STATEMENT]} | elements
        return inline(json.dumps({name: value for name, value in changed.items() if value is not None}))

    def statement(**elements: object) -> Asking:
        """The request with a policy that has some elements of its one statement replaced; None removes one."""
        changed = STATEMENT | elements
        return document(Statement=[{name: value for name, value in changed.items() if value is not None}])

    return {
        rules.at_most_ten_policy_arns: RuleCases(
            errors.TOO_MANY_POLICY_ARNS,
            refused={
                "11": of_managed(*(managed(f"{n}") for n in range(11))),
                "one of them 11 times": (of_managed(*[managed("One")] * 11), "11 ARNs, more than 10"),
            },
            accepted={
                "10": of_managed(*(managed(f"{n}") for n in range(10))),
            },
        ),
        rules.policies_are_of_the_roles_account: RuleCases(
            errors.POLICY_OF_ANOTHER_ACCOUNT,
            refused={
                "another account": (
                    of_managed("arn:aws:iam::111122223333:policy/One"),
                    (
                        "expected a policy of 123456789012 or of AWS itself in aws, "
                        "got arn:aws:iam::111122223333:policy/One"
                    ),
                ),
                "last of two": of_managed(managed("One"), managed("Two", account="111122223333")),
                "no account": of_managed(managed("One", account="")),
                "aws in capitals": of_managed(managed("ReadOnlyAccess", account="AWS")),
                "another partition": of_managed(managed("One", partition="aws-cn")),
                "another partition than China's": limited_by(good_in_china, managed("One")),
                "AWS's own of another partition": of_managed(managed("ReadOnlyAccess", "aws", "aws-us-gov")),
            },
            accepted={
                "the role's account": of_managed(managed("One")),
                "AWS's own": of_managed(managed("ReadOnlyAccess", account="aws")),
                "both": of_managed(managed("ReadOnlyAccess", account="aws"), managed("One")),
                "China's": limited_by(good_in_china, managed("One", partition="aws-cn")),
                "AWS's own in China": limited_by(good_in_china, managed("ReadOnlyAccess", "aws", "aws-cn")),
            },
        ),
        rules.policies_exist: RuleCases(
            errors.UNKNOWN_POLICY,
            refused={
                "the only one": without_policy(managed("One")),
                "first of two": (
                    without_policy(managed("One"), managed("Two")),
                    f"there is no policy {managed('One')}; create_policy(...) makes one",
                ),
                "another case": without_policy(managed("one"), managed("One")),
            },
            accepted={
                "one": of_managed(managed("One")),
                "one, twice": of_managed(managed("One"), managed("One")),
            },
        ),
        rules.policies_are_short_enough: RuleCases(
            errors.POLICIES_TOO_LONG,
            refused={
                "2,049 in a policy and an ARN": limited_by(
                    good, managed("One"), policy=POLICY.ljust(2049 - len(managed("One")))
                ),
                "2,049 in an ARN": of_managed(*of_length(2049, policies=1)),
                "2,049 in ten ARNs": of_managed(*of_length(2049, policies=10)),
                "2,049 that are mostly spaces": (inline(POLICY.ljust(2049)), "2049 characters, more than 2048"),
            },
            accepted={
                "2,048 in a policy": inline(POLICY.ljust(2048)),
                "2,048 in a policy and an ARN": limited_by(
                    good, managed("One"), policy=POLICY.ljust(2048 - len(managed("One")))
                ),
                "2,048 in an ARN": of_managed(*of_length(2048, policies=1)),
                "2,048 in ten ARNs": of_managed(*of_length(2048, policies=10)),
            },
        ),
        rules.session_policy_is_json: RuleCases(
            errors.POLICY_NOT_JSON,
            refused={
                "empty": inline(""),
                "white space": inline(" \n"),
                "a word": inline("invalid"),
                "no end": inline(POLICY[:-1]),
                "more after the end": inline(POLICY + "}"),
                "two documents": inline(POLICY * 2),
                "single quotes": inline(POLICY.replace('"', "'")),
                "a comma too many": inline(POLICY.replace("}]", "},]")),
                "a comment": inline(POLICY + "// mine"),
                "a line feed in a string": inline(POLICY.replace("Allow", "Al\nlow")),
                "NaN": (inline(POLICY.replace('"*"', "NaN")), "NaN is not JSON"),
                "Infinity": inline(POLICY.replace('"*"', "Infinity")),
                "minus Infinity": inline(POLICY.replace('"*"', "-Infinity")),
                "a key twice": inline(POLICY.replace("{", '{"Version": "2012-10-17", ', 1)),
                "a statement's key twice": inline(POLICY.replace('"Effect"', '"Effect": "Deny", "Effect"')),
                "nothing but a key twice": (inline('{"a": 1, "a": 2}'), "the key 'a' is repeated in one object"),
            },
            accepted={
                "no policy": good,
                "white space around it": inline(f"\t\r\n {POLICY} "),
                "the same key in two statements": document(Statement=[STATEMENT, STATEMENT]),
                "an escaped surrogate alone": statement(Resource="arn:aws:s3:::a\ud800"),
            },
        ),
        rules.session_policy_follows_the_grammar: RuleCases(
            errors.POLICY_SYNTAX,
            refused={
                "an array": inline(f"[{POLICY}]"),
                "a string": inline('"Allow"'),
                "a number": (inline("1"), "a policy must be a JSON object, not 1"),
                "null": inline("null"),
                "no element": inline("{}"),
                "another version": document(Version="2013-10-17"),
                "no Statement": document(Statement=None),
                "an empty Statement": document(Statement=[]),
                "an unknown element": document(Comment="mine"),
                "an element in small letters": document(statement=[STATEMENT]),
                "a Principal": statement(Principal="*"),
                "a NotPrincipal": statement(NotPrincipal={"AWS": "123456789012"}),
                "no Effect": statement(Effect=None),
                "another Effect": statement(Effect="allow"),
                "no Action": statement(Action=None),
                "Action and NotAction": statement(NotAction="s3:PutObject"),
                "no Resource": statement(Resource=None),
                "Resource and NotResource": statement(NotResource="*"),
                "an unknown operator": statement(Condition={"StringMatches": {"aws:PrincipalTag/team": "blue"}}),
                "a Sid twice": document(Statement=[STATEMENT | {"Sid": "One"}] * 2),
                "a wrong second statement": document(Statement=[STATEMENT, STATEMENT | {"Effect": "Maybe"}]),
            },
            accepted={
                "one statement without a list": document(Statement=STATEMENT),
                "two statements": document(Statement=[STATEMENT, STATEMENT | {"Effect": "Deny"}]),
                "no Version": document(Version=None),
                "the older version": document(Version="2008-10-17"),
                "an Id": document(Id="mine"),
                "a Sid": statement(Sid="One"),
                "NotAction": statement(Action=None, NotAction="s3:PutObject"),
                "NotResource": statement(Resource=None, NotResource="arn:aws:s3:::bucket/*"),
                "lists": statement(Action=["s3:Get*", "s3:List*"], Resource=["arn:aws:s3:::a", "arn:aws:s3:::b"]),
                "a Condition": statement(
                    Condition={"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}}
                ),
            },
        ),
    }
