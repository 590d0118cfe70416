from collections.abc import Callable
from typing import TypeAlias

import pytest
from iam_errors import refused, unsatisfied, validation_error
from iam_refusals import TAG_PATTERN, some_tags

from pytest_stssaml import Role, SAMLProvider, STSBackend

Tagged: TypeAlias = Callable[[dict[str, str]], Role]

LEGAL_CHARACTERS = "azAZ09 _.:/=+-@"
OTHER_CHARACTERS = "!#$%&'()*,;<>?[]^`{|}~\"\\\t\n\0\u0301\u20ac\u200b"


@pytest.fixture
def tagged(sts: STSBackend, provider: SAMLProvider) -> Tagged:
    """Creates a role with these tags."""
    return lambda tags: sts.create_role("A", tags=tags)


class TestTags:
    @pytest.mark.parametrize(
        "tags",
        [
            pytest.param({}, id="none"),
            pytest.param(some_tags(50), id="50"),
            pytest.param({"k": "v"}, id="short key"),
            pytest.param({"k" * 128: "v"}, id="key of 128"),
            pytest.param({"k": ""}, id="empty value"),
            pytest.param({"k": "v" * 256}, id="value of 256"),
            pytest.param({LEGAL_CHARACTERS: LEGAL_CHARACTERS}, id="every character"),
            pytest.param({"\u00e4\u4e2d\u0661\u2167\u3000": "\u00e4\u4e2d\u0661\u00bd\u00a0"}, id="every script"),
            pytest.param({"aws": "aws"}, id="aws without colon"),
            pytest.param({"my-aws:k": "my-aws:v"}, id="aws: in the middle"),
            pytest.param({"k1": "v", "k2": "v"}, id="one value twice"),
        ],
    )
    def test_may_be_at_the_limits(self, tagged: Tagged, tags: dict[str, str]) -> None:
        assert tagged(tags).tags == tags

    @pytest.mark.parametrize(
        ("tags", "member", "must", "hint"),
        [
            pytest.param(some_tags(51), "tags", "have length less than or equal to 50", "got 51 tags", id="51"),
            pytest.param(
                {"": "v"}, "tags.1.member.key", "have length greater than or equal to 1", "got ''", id="empty key"
            ),
            pytest.param(
                {"k" * 129: "v"},
                "tags.1.member.key",
                "have length less than or equal to 128",
                "got 129 characters",
                id="key of 129",
            ),
            pytest.param(
                {"k": "v" * 257},
                "tags.1.member.value",
                "have length less than or equal to 256",
                "got 257 characters",
                id="value of 257",
            ),
            pytest.param(
                {"a": "v", "b": "v", "c!": "v"},
                "tags.3.member.key",
                f"{TAG_PATTERN}+",
                "got 'c!'",
                id="the third of three",
            ),
        ],
    )
    def test_must_not_be_beyond_the_limits(
        self, tagged: Tagged, tags: dict[str, str], member: str, must: str, hint: str
    ) -> None:
        assert refused(tagged, tags) == unsatisfied(member, must, hint)

    def test_must_not_have_other_characters_in_a_key(self, tagged: Tagged) -> None:
        assert {character: refused(tagged, {f"k{character}": "v"}) for character in OTHER_CHARACTERS} == {
            character: unsatisfied("tags.1.member.key", f"{TAG_PATTERN}+", f"got {f'k{character}'!r}")
            for character in OTHER_CHARACTERS
        }

    def test_must_not_have_other_characters_in_a_value(self, tagged: Tagged) -> None:
        assert {character: refused(tagged, {"k": character}) for character in OTHER_CHARACTERS} == {
            character: unsatisfied("tags.1.member.value", f"{TAG_PATTERN}*", f"got {character!r}")
            for character in OTHER_CHARACTERS
        }

    @pytest.mark.parametrize(
        ("tags", "text"),
        [
            ({"aws:k": "v"}, "aws:k"),
            ({"aws:": "v"}, "aws:"),
            ({"AWS:k": "v"}, "AWS:k"),
            ({"k": "aws:v"}, "aws:v"),
            ({"k": "Aws:v"}, "Aws:v"),
        ],
        ids=["key", "nothing more", "key in capitals", "value", "value in another case"],
    )
    def test_must_not_have_the_prefix_of_aws(self, tagged: Tagged, tags: dict[str, str], text: str) -> None:
        assert refused(tagged, tags) == validation_error(
            "Tag keys and values cannot begin with aws:", f"got {text!r}; the prefix is reserved for AWS"
        )

    @pytest.mark.parametrize("keys", [("Team", "team"), ("\u00c4", "\u00e4")], ids=ascii)
    def test_must_not_have_keys_that_differ_in_case_only(self, tagged: Tagged, keys: tuple[str, str]) -> None:
        assert refused(tagged, dict.fromkeys(keys, "v")) == (
            "InvalidInput",
            400,
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            f"got {', '.join(keys)}",
        )

    def test_are_counted_before_they_are_read(self, tagged: Tagged) -> None:
        assert refused(tagged, {**some_tags(50), "!": "v"})[3] == "got 51 tags"

    def test_leave_the_name_free_if_they_are_rejected(self, sts: STSBackend, provider: SAMLProvider) -> None:
        refused(sts.create_role, "A", tags={"": "v"})
        assert sts.create_role("A").name == "A"
