import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from permitting import OBJECT, Enter, allow


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "context", "error", "message"),
        [
            pytest.param(
                (None,), {}, TypeError, 'action must be a string such as "s3:PutObject", not None', id="no action"
            ),
            pytest.param(
                ("s3:*",),
                {},
                ValueError,
                "action must be one action such as \"s3:PutObject\", without wildcards, not 's3:*'",
                id="a wildcard",
            ),
            *(
                pytest.param(
                    (action,),
                    {},
                    ValueError,
                    f'action must be a service and its operation, such as "s3:PutObject", not {action!r}',
                    id=f"action {action!r}",
                )
                for action in (
                    "",
                    "PutObject",
                    "put_object",
                    "s3.PutObject",
                    "s3:",
                    ":PutObject",
                    "s3:Put:Object",
                    "s3: x",
                )
            ),
            pytest.param(
                ("s3:PutObject", None),
                {},
                TypeError,
                'resource must be a string such as "arn:aws:s3:::example/*", not None',
                id="no resource",
            ),
            *(
                pytest.param(
                    ("s3:PutObject", resource),
                    {},
                    ValueError,
                    'resource must be an ARN such as "arn:aws:s3:::example/report.csv", or "*" for an operation that '
                    f"has no resource, not {resource!r}",
                    id=f"resource {resource!r}",
                )
                for resource in ("", "example", "s3://example/x", "arn:aws:s3", "**", "arn:aws:s3:::")
            ),
            *(
                pytest.param(
                    ("s3:PutObject", OBJECT),
                    {key: "x"},
                    ValueError,
                    f"a condition key has a prefix, as s3:prefix and aws:SourceIp have, and {key!r} has none; write "
                    '**{"s3:prefix": "home/"}',
                    id=f"key {key!r}",
                )
                for key in ("s3_prefix", "prefix", ":prefix", "s3:")
            ),
            *(
                pytest.param(
                    ("s3:PutObject", OBJECT),
                    {key: ["192.0.2.1", value]},
                    ValueError,
                    f'{key} must be an IP address such as "192.0.2.1", not {value!r}',
                    id=f"{key} {value!r}",
                )
                for key, value in [("aws:SourceIp", "10.0.0.0/8"), ("AWS:vpcSourceIp", ""), ("aws:SourceIp", "host")]
            ),
            pytest.param(
                ("s3:PutObject", OBJECT),
                {"s3:prefix": "a", "s3:Prefix": "a"},
                ValueError,
                "the condition key s3:Prefix is given twice, since the case of its letters does not matter",
                id="a key twice",
            ),
            pytest.param(
                ("s3:PutObject", OBJECT),
                {"aws:CurrentTime": dt.datetime(2030, 1, 1)},  # noqa: DTZ001 - this is refused
                ValueError,
                "aws:CurrentTime must be an aware datetime, not datetime.datetime(2030, 1, 1, 0, 0); write "
                ".replace(tzinfo=datetime.UTC)",
                id="a naive datetime",
            ),
            pytest.param(
                ("s3:PutObject", OBJECT),
                {"aws:CurrentTime": dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-1)))},
                ValueError,
                "aws:CurrentTime must be within the years 1 to 9999 of UTC, not "
                "datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, "
                "tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=82800)))",
                id="a time after the last one",
            ),
            *(
                pytest.param(
                    ("s3:PutObject", OBJECT),
                    {"s3:max-keys": number},
                    ValueError,
                    f"s3:max-keys must be a finite number, not {number!r}",
                    id=f"{number!r}",
                )
                for number in (float("nan"), float("inf"), Decimal("-Infinity"))
            ),
            *(
                pytest.param(
                    ("s3:PutObject", OBJECT),
                    {"s3:prefix": value},
                    TypeError,
                    "s3:prefix must be a string, a number, a boolean, an aware datetime, bytes, an IP address, or a "
                    f"list of them, not {shown}",
                    id=f"value {value!r}",
                )
                for value, shown in [
                    (None, "None"),
                    ({"a": "b"}, "{'a': 'b'}"),
                    (["a", None], "None"),
                    ([["a"]], "['a']"),
                    (dt.date(2030, 1, 1), "datetime.date(2030, 1, 1)"),
                ]
            ),
        ],
    )
    def test_is_named_with_the_remedy(
        self, enter: Enter, arguments: Any, context: Any, error: type[Exception], message: str
    ) -> None:
        session = enter(allow())
        with pytest.raises(error) as caught:
            session.allows(*arguments, **context)
        assert str(caught.value) == message

    def test_a_role_as_the_resource_gets_the_remedy(self, enter: Enter) -> None:
        session = enter(allow())
        with pytest.raises(TypeError, match=r"; write its \.arn$"):
            session.allows("sts:AssumeRole", session.role)  # type: ignore[arg-type]
