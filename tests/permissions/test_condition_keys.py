import datetime as dt
import ipaddress
import re
from decimal import Decimal
from typing import Any

import boto3
import pytest
from permitting import OBJECT, Enter, allow, deny

from pytest_stssaml import STSBackend


class TestKeysOfTheSession:
    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("aws:PrincipalTag/team", "blue"),
            ("aws:principaltag/TEAM", "blue"),
            ("aws:PrincipalTag/city", "Rome"),
            ("aws:PrincipalArn", "arn:aws:iam::123456789012:role/Role0"),
            ("aws:PrincipalAccount", "123456789012"),
            ("aws:PrincipalType", "AssumedRole"),
            ("aws:SourceIdentity", "alice"),
            ("aws:FederatedProvider", "arn:aws:iam::123456789012:saml-provider/ExampleIdP"),
            ("saml:sub", "alice@example.com"),
            ("saml:sub_type", "persistent"),
            ("saml:namequalifier", "?*="),
            ("aws:userid", "AROA*:alice@example.com"),
            ("aws:MultiFactorAuthPresent", "false"),
            ("aws:SecureTransport", "true"),
            ("aws:ViaAWSService", "false"),
            ("aws:PrincipalIsAWSService", "false"),
            ("aws:CurrentTime", "20??-*Z"),
            ("aws:TokenIssueTime", "20??-*Z"),
            ("aws:EpochTime", "1*"),
        ],
    )
    def test_are_there(self, enter: Enter, key: str, value: str) -> None:
        session = enter(
            allow(Condition={"StringLike": {key: value}}),
            tags={"team": "red", "city": "Rome"},
            principal_tags={"Team": "blue"},
            source_identity="alice",
        )
        assert session.allows("s3:GetObject", OBJECT), session.allows("s3:GetObject", OBJECT).explain()

    @pytest.mark.parametrize(
        "key",
        [
            *("aws:username", "aws:SourceIp", "aws:RequestedRegion", "aws:UserAgent"),
            *(
                "saml:aud",
                "saml:iss",
                "saml:doc",
                "sts:RoleSessionName",
                "aws:RequestTag/team",
                "aws:PrincipalTag/none",
            ),
        ],
    )
    def test_are_not_those_of_the_login(self, enter: Enter, key: str) -> None:
        session = enter(allow(Condition={"Null": {key: "true"}}), principal_tags={"team": "blue"})
        assert session.allows("s3:GetObject", OBJECT)

    def test_have_the_time_of_the_backend(self, sts: STSBackend, enter: Enter) -> None:
        sts.move_to("2030-01-01T12:00:00Z")
        session = enter(allow(Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T13:00:00Z"}}))
        assert session.allows("s3:GetObject", OBJECT)
        sts.move_to("2030-01-01T12:59:59Z")
        assert session.allows("s3:GetObject", OBJECT)
        assert not session.allows("s3:GetObject", OBJECT, **{"aws:CurrentTime": "2030-01-01T13:00:00Z"})

    def test_fill_variables_of_resources(self, enter: Enter) -> None:
        session = enter(
            allow(resource=["arn:aws:s3:::example/${aws:PrincipalTag/team}/*", "arn:aws:s3:::example/${saml:sub}/*"]),
            principal_tags={"team": "blue"},
        )
        names = ["blue/x", "alice@example.com/x", "red/x", "bob@example.com/x", "x"]
        assert [bool(session.allows("s3:GetObject", f"arn:aws:s3:::example/{name}")) for name in names] == [
            *(True, True),
            *(False, False, False),
        ]

    def test_of_a_chained_session_are_its_own(self, sts: STSBackend, enter: Enter) -> None:
        first = enter(Policy=deny("*"), principal_tags={"team": "blue", "city": "Rome"}, transitive_tag_keys=["team"])
        trust = first.role.chaining_policy(actions=["sts:AssumeRole", "sts:TagSession"])
        condition = {"StringEquals": {"aws:PrincipalTag/team": "blue"}, "Null": {"aws:PrincipalTag/city": "true"}}
        target = sts.create_role("Target", trust_policy=trust, policies=[allow(Condition=condition)])
        client = boto3.client("sts", region_name="us-east-1", **first.boto3_kwargs())
        client.assume_role(RoleArn=target.arn, RoleSessionName="next")
        assert sts.sessions[-1].allows("s3:GetObject", OBJECT)
        assert not first.allows("s3:GetObject", OBJECT)


class TestKeysOfTheCall:
    @pytest.mark.parametrize(
        ("operator", "wanted", "value"),
        [
            ("StringLike", "home/*", "home/alice"),
            ("StringEquals", "true", True),
            ("Bool", "false", False),
            ("NumericLessThanEquals", "10", 10),
            ("NumericEquals", "0.5", 0.5),
            ("NumericEquals", "0.1", Decimal("0.1")),
            ("NumericEquals", "1e22", 1e22),
            ("DateEquals", "2030-01-01T12:00:00Z", dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)),
            (
                "StringEquals",
                "2030-01-01T12:00:00Z",
                dt.datetime(2030, 1, 1, 14, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            ),
            ("BinaryEquals", "QQ==", b"A"),
            ("IpAddress", "10.0.0.0/8", ipaddress.ip_address("10.1.2.3")),
            ("IpAddress", "2001:db8::/32", ipaddress.ip_address("2001:db8::1")),
            ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"]),
            ("ForAnyValue:StringEquals", "b", ("a", "b")),
            ("ForAnyValue:NumericEquals", "2", {1, 2}),
            ("Null", "true", []),
        ],
        ids=repr,
    )
    def test_have_values_of_these_types(self, enter: Enter, operator: str, wanted: Any, value: Any) -> None:
        session = enter(allow(Condition={operator: {"s3:Key": wanted}}))
        assert session.allows("s3:GetObject", OBJECT, **{"S3:key": value})

    def test_do_not_stay(self, enter: Enter) -> None:
        session = enter(allow(Condition={"StringEquals": {"s3:prefix": "home/"}}))
        assert session.allows("s3:ListBucket", "arn:aws:s3:::example", **{"s3:prefix": "home/"})
        assert not session.allows("s3:ListBucket", "arn:aws:s3:::example")

    @pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:SecureTransport", "aws:ViaAWSService"])
    def test_replace_what_is_assumed_of_a_call(self, enter: Enter, key: str) -> None:
        session = enter(allow(Condition={"StringEquals": {key: "x"}}))
        assert session.allows("s3:GetObject", OBJECT, **{key: "x"})

    @pytest.mark.parametrize("address", ["10.1.2.3", ipaddress.ip_address("10.1.2.3"), ["10.1.2.3"]], ids=repr)
    def test_may_have_an_address(self, enter: Enter, address: object) -> None:
        session = enter(allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
        assert session.allows("s3:GetObject", OBJECT, **{"aws:SourceIp": address})
        assert not session.allows("s3:GetObject", OBJECT, **{"aws:SourceIp": "2001:db8::1"})

    def test_may_repeat_those_of_the_session(self, enter: Enter) -> None:
        session = enter(allow(), principal_tags={"team": "blue"})
        assert session.allows(
            "s3:GetObject", OBJECT, **{"aws:PrincipalTag/team": "blue", "aws:PrincipalAccount": "123456789012"}
        )

    @pytest.mark.parametrize(
        ("key", "value", "known"),
        [
            ("aws:PrincipalTag/Team", "red", "'blue'"),
            ("aws:PrincipalTag/city", "Rome", "no such tag"),
            ("aws:PrincipalAccount", "111122223333", "'123456789012'"),
        ],
    )
    def test_must_not_contradict_those_of_the_session(self, enter: Enter, key: str, value: str, known: str) -> None:
        session = enter(allow(), principal_tags={"team": "blue"})
        message = (
            f"{key.lower()} is a key of the session, which has {known}, not {value!r}; leave it out, or log in with "
            "another value"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            session.allows("s3:GetObject", OBJECT, **{key: value})
