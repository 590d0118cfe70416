import pytest

from pytest_stssaml.iam.arn import Arn, parse_arn


class TestParseArn:
    @pytest.mark.parametrize(
        ("text", "arn"),
        [
            ("arn:aws:iam::123456789012:role/A", Arn("aws", "iam", "", "123456789012", "role/A")),
            ("arn:aws:s3:eu-west-1::a:b:c", Arn("aws", "s3", "eu-west-1", "", "a:b:c")),
            ("arn:a:b:::c", Arn("a", "b", "", "", "c")),
            ("arn:a:b::c", None),
            ("arn::b:::c", None),
            ("arn:a::::c", None),
            ("arn:a:b:::", None),
            ("ARN:a:b:::c", None),
            ("", None),
        ],
    )
    def test_requires_six_parts_of_which_three_must_not_be_empty(self, text: str, arn: Arn | None) -> None:
        assert parse_arn(text) == arn
