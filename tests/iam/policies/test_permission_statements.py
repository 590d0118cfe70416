from typing import Any

import pytest
from policy_documents import document, permission, without

from pytest_stssaml.iam.policies.permission_statements import Call
from pytest_stssaml.iam.policies.permissions import managed_policy, permission_statements

CONTEXT = {"aws:principaltag/team": ("blue",), "s3:prefix": ("a", "b")}


def applies(action: str = "s3:GetObject", resource: str = "arn:aws:s3:::example/blue/x", **elements: Any) -> bool:
    """Return whether a statement, which is about everything unless it says otherwise, applies to a call."""
    about = permission(Action="*", Resource="*")
    for element in elements:
        about = without(element.removeprefix("Not"), about)
    (statement,) = permission_statements(managed_policy(document(about | elements)))
    call = Call(action, resource, CONTEXT)
    assert statement.applies(call) is (statement.objection(call) is None)
    return statement.applies(call)


@pytest.mark.parametrize(
    ("element", "written", "expected"),
    [
        ("Action", "*", True),
        ("Action", "*:*", True),
        ("Action", "s3:*", True),
        ("Action", "s3:GetObject", True),
        ("Action", "S3:GETOBJECT", True),
        ("Action", "s3:getobject", True),
        ("Action", "s3:Get*", True),
        ("Action", "s3:?et*t", True),
        ("Action", "s3:GetObject?", False),
        ("Action", "s3:GetObject*", True),
        ("Action", "s3:GetObjectTagging", False),
        ("Action", "ec2:*", False),
        ("Action", ["ec2:*", "s3:GetObject"], True),
        ("NotAction", "s3:GetObject", False),
        ("NotAction", "s3:g*", False),
        ("NotAction", ["ec2:*", "s3:PutObject"], True),
        ("Resource", "*", True),
        ("Resource", "arn:aws:s3:::example/blue/x", True),
        ("Resource", "arn:aws:s3:::example/Blue/x", False),
        ("Resource", "arn:AWS:s3:::example/blue/x", False),
        ("Resource", "arn:aws:s3:::example/*", True),
        ("Resource", "arn:aws:s3:::*", True),
        ("Resource", "arn:*:s3:*:*:e*/x", True),
        ("Resource", "arn:aws:s3:::example/????/x", True),
        ("Resource", "arn:aws:s3:::example", False),
        ("Resource", "arn:aws:s3:::example/${aws:PrincipalTag/team}/x", True),
        ("Resource", "arn:aws:s3:::example/${AWS:principaltag/TEAM}/*", True),
        ("Resource", "arn:aws:s3:::example/${aws:PrincipalTag/none, 'blue'}/x", True),
        ("Resource", "arn:aws:s3:::example/${aws:PrincipalTag/team, 'red'}/x", True),
        ("Resource", "arn:aws:s3:::example/${aws:PrincipalTag/none}/x", False),
        ("Resource", "arn:aws:s3:::example/${s3:prefix}/x", False),
        ("Resource", "arn:aws:s3:${aws:PrincipalTag/none, ''}::example/blue/x", False),
        ("Resource", "arn:aws:s3::${aws:PrincipalTag/none, ''}:example/blue/x", False),
        ("Resource", "arn:aws:s3:::${aws:PrincipalTag/none, 'example'}/blue/x", True),
        ("NotResource", "arn:aws:s3::${aws:PrincipalTag/none, ''}:example/blue/x", True),
        ("Resource", "arn:aws:s3:::example/${*}", False),
        ("Resource", ["arn:aws:s3:::${aws:PrincipalTag/none}", "arn:aws:s3:::example/*"], True),
        ("NotResource", "arn:aws:s3:::example/*", False),
        ("NotResource", "arn:aws:s3:::other/*", True),
        ("NotResource", "arn:aws:s3:::example/${aws:PrincipalTag/team}/x", False),
        ("NotResource", "arn:aws:s3:::${aws:PrincipalTag/none}", True),
        ("NotResource", ["arn:aws:s3:::${aws:PrincipalTag/none}", "arn:aws:s3:::example/*"], False),
        ("NotResource", ["arn:aws:s3:::${aws:PrincipalTag/none}", "arn:aws:s3:::other/*"], True),
        ("Condition", {"StringEquals": {"aws:PrincipalTag/team": "blue"}}, True),
        ("Condition", {"StringEquals": {"aws:PrincipalTag/team": "red"}}, False),
        ("Condition", {"StringEquals": {"aws:PrincipalTag/team": "blue", "aws:username": "alice"}}, False),
    ],
    ids=repr,
)
def test_a_statement_applies_to_what_it_is_about(element: str, written: Any, expected: bool) -> None:
    assert applies(**{element: written}) is expected


def test_an_objection_says_that_a_variable_stands_in_the_wrong_place() -> None:
    written = "arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:jobs"
    resource = "arn:aws:sqs:us-east-1:123456789012:jobs"
    [statement] = permission_statements(managed_policy(document(permission(Action="*", Resource=written))))
    context = {"aws:principalaccount": ("123456789012",)}
    assert statement.objection(Call("sqs:SendMessage", resource, context)) == (
        f"it is about {written} (where a variable is not replaced, since it stands before the fifth colon), not "
        f"{resource}"
    )


@pytest.mark.parametrize(
    ("pattern", "resource"),
    [
        ("arn:aws:s3:::example/${*}", "arn:aws:s3:::example/*"),
        ("arn:aws:s3:::example/${?}", "arn:aws:s3:::example/?"),
        ("arn:aws:s3:::example/${$}{aws:username}", "arn:aws:s3:::example/${aws:username}"),
        ("arn:aws:s3:::example/*", "arn:aws:s3:::example/a:b"),
        ("arn:aws:lambda:us-east-1:*", "arn:aws:lambda:us-east-1:123456789012:function:report"),
    ],
)
def test_a_resource_matches_these_characters(pattern: str, resource: str) -> None:
    if pattern.count(":") < 5:
        pattern += ":*"
    assert applies(resource=resource, Resource=pattern)


@pytest.mark.parametrize("resource", ["arn:aws:s3:::*", "arn:aws:s3:::example/*"])
def test_only_a_star_is_about_calls_without_a_resource(resource: str) -> None:
    assert applies(resource="*", Resource="*")
    assert not applies(resource="*", Resource=resource)


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}], ids=["no version", "2008-10-17"])
def test_before_2012_there_are_no_variables(version: dict[str, str]) -> None:
    text = '{%s"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}}'
    (statement,) = permission_statements(text % "".join(f'"{k}": "{v}", ' for k, v in version.items()))
    assert statement.applies(Call("s3:GetObject", "arn:aws:s3:::${aws:username}", {"aws:username": ("alice",)}))
    assert not statement.applies(Call("s3:GetObject", "arn:aws:s3:::alice", {"aws:username": ("alice",)}))


def test_a_policy_is_read_once() -> None:
    text = managed_policy(document(permission()))
    assert permission_statements(text) is permission_statements(str(text))
