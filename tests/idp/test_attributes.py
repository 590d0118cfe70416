"""The keywords that become attributes: session tags, transitive tag keys, and attributes of any name."""

from typing import Any

import pytest
from idp_responses import AWS, NASTY, values
from response_values import Say, attribute

from pytest_stssaml import SAMLResponse
from pytest_stssaml.saml.vocabulary import NAMESPACES


def added(response: SAMLResponse) -> dict[str, list[str]]:
    """Return the values of each attribute, without the two that are always there."""
    found = response.root.findall(".//saml:Attribute", NAMESPACES)
    return {element.get("Name", ""): [value.text or "" for value in element] for element in found[2:]}


class TestPrincipalTags:
    def test_are_one_attribute_each(self, say: Say) -> None:
        response = say(principal_tags={"team": "blue", "cost center": ""})
        assert added(response) == {AWS + "PrincipalTag:team": ["blue"], AWS + "PrincipalTag:cost center": [""]}


class TestTransitiveTagKeys:
    @pytest.mark.parametrize("form", [list, tuple, iter, dict.fromkeys], ids=["list", "tuple", "iterator", "dict"])
    def test_are_the_values_of_one_attribute(self, say: Say, form: Any) -> None:
        response = say(transitive_tag_keys=form(["team", "project"]))
        assert added(response) == {AWS + "TransitiveTagKeys": ["team", "project"]}

    def test_may_be_one_string(self, say: Say) -> None:
        assert added(say(transitive_tag_keys="team")) == {AWS + "TransitiveTagKeys": ["team"]}


class TestAttributes:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [("Alice", ["Alice"]), (["Alice", "A"], ["Alice", "A"]), (iter("ab"), ["a", "b"])],
        ids=["string", "list", "iterator"],
    )
    def test_have_one_value_or_several(self, say: Say, value: Any, expected: list[str]) -> None:
        assert added(say(attributes={"urn:oid:2.5.4.3": value})) == {"urn:oid:2.5.4.3": expected}

    def test_are_left_out_without_a_value(self, say: Say) -> None:
        assert added(say(attributes={"urn:oid:2.5.4.3": []})) == {}

    def test_do_not_replace_those_of_aws(self, say: Say) -> None:
        response = say(attributes={AWS + "RoleSessionName": "mallory"})
        assert values(response, attribute("RoleSessionName")) == ["alice@example.com", "mallory"]

    def test_have_names_and_values_that_are_written_as_they_are(self, say: Say) -> None:
        assert added(say(attributes={NASTY: NASTY}, signed=None)) == {NASTY: [NASTY]}


class TestAll:
    def test_are_in_the_order_of_the_keywords(self, say: Say) -> None:
        response = say(
            attributes={"b": "1", "a": "2"},
            transitive_tag_keys=["t"],
            principal_tags={"t": "v"},
            source_identity="s",
        )
        aws = [AWS + "SourceIdentity", AWS + "PrincipalTag:t", AWS + "TransitiveTagKeys"]
        assert list(added(response)) == [*aws, "b", "a"]

    @pytest.mark.parametrize("keyword", ["principal_tags", "transitive_tag_keys", "attributes"])
    @pytest.mark.parametrize("empty", [None, {}], ids=["None", "empty"])
    def test_add_nothing_if_they_are_empty(self, say: Say, keyword: str, empty: Any) -> None:
        assert added(say(**{keyword: empty})) == {}

    @pytest.mark.parametrize("keyword", ["principal_tags", "attributes"])
    @pytest.mark.parametrize("value", [5, "team", ["team"]], ids=repr)
    def test_raise_type_error_for_anything_but_a_dict(self, say: Say, keyword: str, value: Any) -> None:
        with pytest.raises(TypeError) as caught:
            say(**{keyword: value})
        assert str(caught.value) == f'{keyword} must be a dict of strings, such as {{"team": "blue"}}, not {value!r}'

    @pytest.mark.parametrize(
        ("keyword", "value"),
        [
            *((keyword, value) for keyword in ("principal_tags", "attributes") for value in ({"team": 5}, {5: "blue"})),
            ("attributes", {"team": [5]}),
            ("attributes", {"team": [b"blue"]}),
            ("attributes", {"team": None}),
        ],
        ids=repr,
    )
    def test_raise_type_error_for_names_and_values_that_are_not_strings(
        self, say: Say, keyword: str, value: Any
    ) -> None:
        with pytest.raises(TypeError) as caught:
            say(**{keyword: value})
        assert str(caught.value) == f"{keyword} contains something that is not a string: {value!r}"

    @pytest.mark.parametrize("value", [5, ["team", 5]], ids=repr)
    def test_raise_type_error_for_transitive_tag_keys_that_are_not_strings(self, say: Say, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^transitive_tag_keys contains something that is not a string: "):
            say(transitive_tag_keys=value)
