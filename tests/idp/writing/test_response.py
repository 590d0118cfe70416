import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from pytest_stssaml import (
    IdentityProvider,
    SAMLResponse,
    make_signing_key,
    mock_sts_saml,
)
from pytest_stssaml.idp.writing.times import time_string
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.vocabulary import NAMEID_PERSISTENT, NAMESPACES, STATUS_SUCCESS

ROLE = "arn:aws:iam::123456789012:role/Developer"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
CONFIRMATION = "/samlp:Response/saml:Assertion/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData"


def attribute(name: str) -> str:
    statement = "/samlp:Response/saml:Assertion/saml:AttributeStatement"
    return f"{statement}/saml:Attribute[@Name='https://aws.amazon.com/SAML/Attributes/{name}']/saml:AttributeValue"


# Where each keyword lands, and what stands there when it is left out.
PLACES = {
    "provider": ([attribute("Role")], [f"{ROLE},{PROVIDER}"]),
    "session_name": ([attribute("RoleSessionName")], ["alice@example.com"]),
    "session_duration": ([attribute("SessionDuration")], []),
    "name_id": (["/samlp:Response/saml:Assertion/saml:Subject/saml:NameID"], ["alice@example.com"]),
    "name_id_format": (["/samlp:Response/saml:Assertion/saml:Subject/saml:NameID/@Format"], [NAMEID_PERSISTENT]),
    "issuer": (
        ["/samlp:Response/saml:Assertion/saml:Issuer", "/samlp:Response/saml:Issuer"],
        ["https://idp.example.com/saml"],
    ),
    "response_issuer": (["/samlp:Response/saml:Issuer"], ["https://idp.example.com/saml"]),
    "audience": (
        ["/samlp:Response/saml:Assertion/saml:Conditions/saml:AudienceRestriction/saml:Audience"],
        ["urn:amazon:webservices"],
    ),
    "recipient": (
        [CONFIRMATION + "/@Recipient", "/samlp:Response/@Destination"],
        ["https://signin.aws.amazon.com/saml"],
    ),
    "destination": (["/samlp:Response/@Destination"], ["https://signin.aws.amazon.com/saml"]),
    "in_response_to": (["/samlp:Response/@InResponseTo", CONFIRMATION + "/@InResponseTo"], []),
    "issue_instant": (
        [
            "/samlp:Response/@IssueInstant",
            "/samlp:Response/saml:Assertion/@IssueInstant",
            "/samlp:Response/saml:Assertion/saml:AuthnStatement/@AuthnInstant",
        ],
        ["2030-01-01T12:00:00.000Z"],
    ),
    "not_before": (["/samlp:Response/saml:Assertion/saml:Conditions/@NotBefore"], ["2030-01-01T12:00:00.000Z"]),
    "not_on_or_after": (
        ["/samlp:Response/saml:Assertion/saml:Conditions/@NotOnOrAfter", CONFIRMATION + "/@NotOnOrAfter"],
        ["2030-01-01T12:05:00.000Z"],
    ),
    "conditions_not_on_or_after": (
        ["/samlp:Response/saml:Assertion/saml:Conditions/@NotOnOrAfter"],
        ["2030-01-01T12:05:00.000Z"],
    ),
    "subject_not_on_or_after": ([CONFIRMATION + "/@NotOnOrAfter"], ["2030-01-01T12:05:00.000Z"]),
    "session_not_on_or_after": (["/samlp:Response/saml:Assertion/saml:AuthnStatement/@SessionNotOnOrAfter"], []),
    "source_identity": ([attribute("SourceIdentity")], []),
    "status": (["/samlp:Response/samlp:Status/samlp:StatusCode/@Value"], [STATUS_SUCCESS]),
}
TIMES = [
    "issue_instant",
    "not_before",
    "not_on_or_after",
    "conditions_not_on_or_after",
    "subject_not_on_or_after",
    "session_not_on_or_after",
]
ADDING = {"status", "session_duration", "source_identity"}
TEXTS = [name for name in PLACES if name not in (*TIMES, "provider")]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with mock_sts_saml(now=NOON):
        yield


@pytest.fixture
def idp(saml_signing_key: SigningKey) -> IdentityProvider:
    return IdentityProvider(signing_key=saml_signing_key)


def say(idp: IdentityProvider, **keywords: Any) -> SAMLResponse:
    return idp.response(ROLE, **{"provider": PROVIDER, **keywords})


def texts(response: SAMLResponse, path: str) -> list[str]:
    found = etree.fromstring(response.xml).xpath(path, namespaces=NAMESPACES)
    return [value if isinstance(value, str) else value.xpath("string()") for value in found]


def all_texts(response: SAMLResponse) -> list[str]:
    """Every attribute and every text of a document but identifiers, names and signatures."""
    return texts(response, "//@*[name() != 'ID' and name() != 'SessionIndex'] | //*[not(*)]")


class TestPlaces:
    @pytest.mark.parametrize("keyword", PLACES)
    def test_a_keyword_left_out_says_the_honest_thing(self, idp: IdentityProvider, keyword: str) -> None:
        places, default = PLACES[keyword]
        assert [texts(say(idp), place) for place in places] == [default] * len(places)

    @pytest.mark.parametrize("keyword", [*TEXTS, *TIMES])
    def test_a_text_lands_where_the_table_says_as_it_is(self, idp: IdentityProvider, keyword: str) -> None:
        places, _ = PLACES[keyword]
        said = " <\"wrong\" & 'wronger'>\n\t\r ü "
        response = say(idp, signed=None, **{keyword: said})
        assert [texts(response, place) for place in places] == [[said]] * len(places)

    # A failure has no assertion, what is left out otherwise adds an attribute with a name.
    @pytest.mark.parametrize("keyword", [k for k in (*TEXTS, *TIMES) if k not in ADDING])
    def test_it_changes_nothing_else(self, idp: IdentityProvider, keyword: str) -> None:
        places, default = PLACES[keyword]
        before, after = (
            Counter(all_texts(say(idp, signed=None))),
            Counter(all_texts(say(idp, signed=None, **{keyword: "wrong"}))),
        )
        before.subtract(default * len(places))
        assert after == before + Counter({"wrong": len(places)})

    @pytest.mark.parametrize("keyword", [*TEXTS, *TIMES])
    def test_none_leaves_it_out(self, idp: IdentityProvider, keyword: str) -> None:
        places = PLACES[keyword][0][:1] if keyword == "recipient" else PLACES[keyword][0]  # it goes to AWS all the same
        response = say(idp, signed=None, **{keyword: None})
        assert [texts(response, place) for place in places] == [[]] * len(places)

    @pytest.mark.parametrize(
        ("keyword", "element"),
        [
            pytest.param("audience", "saml:AudienceRestriction", id="audience"),
            pytest.param("status", "samlp:Status", id="status"),
            pytest.param("session_name", "saml:Attribute[contains(@Name, 'RoleSessionName')]", id="session_name"),
        ],
    )
    def test_none_leaves_no_empty_element_around_it(self, idp: IdentityProvider, keyword: str, element: str) -> None:
        assert texts(say(idp, **{keyword: None}), f"//{element}") == []

    def test_no_attribute_leaves_no_statement(self, idp: IdentityProvider) -> None:
        response = idp.response(None, session_name=None)
        assert texts(response, "//saml:AttributeStatement") == []

    @pytest.mark.parametrize(
        ("keywords", "expected"),
        [
            pytest.param({"issuer": "a", "response_issuer": "b"}, ["b", "a"], id="two issuers"),
            pytest.param({"issuer": None, "response_issuer": "b"}, ["b"], id="of the response alone"),
            pytest.param({"issuer": "a", "response_issuer": None}, ["a"], id="of the assertion alone"),
        ],
    )
    def test_the_issuers_can_differ(self, idp: IdentityProvider, keywords: dict[str, Any], expected: list[str]) -> None:
        assert texts(say(idp, **keywords), "//saml:Issuer") == expected

    def test_recipient_and_destination_can_differ(self, idp: IdentityProvider) -> None:
        response = say(idp, recipient="a", destination="b")
        assert texts(response, "//@Recipient | //@Destination") == ["b", "a"]

    def test_the_two_ends_can_differ(self, idp: IdentityProvider) -> None:
        response = say(idp, conditions_not_on_or_after="a", subject_not_on_or_after="b", not_on_or_after="c")
        assert texts(response, "//@NotOnOrAfter") == ["b", "a"]

    @pytest.mark.parametrize("value", [7200, "7200"], ids=["number", "text"])
    def test_a_session_duration_is_a_number_or_a_text(self, idp: IdentityProvider, value: Any) -> None:
        assert texts(say(idp, session_duration=value), attribute("SessionDuration")) == ["7200"]

    def test_a_provider_may_be_an_arn(self, idp: IdentityProvider) -> None:
        assert texts(idp.response(ROLE, provider="wrong"), attribute("Role")) == [f"{ROLE},wrong"]

    def test_the_version_is_that_of_saml_2(self, idp: IdentityProvider) -> None:
        assert texts(say(idp), "//@Version") == ["2.0", "2.0"]


def attributes_of(response: SAMLResponse) -> dict[str, list[str]]:
    """Every attribute but those that are always there."""
    found = response.root.findall(".//saml:Attribute", NAMESPACES)
    return {it.get("Name", ""): [value.text or "" for value in it] for it in found[2:]}


AWS = "https://aws.amazon.com/SAML/Attributes/"


class TestAttributes:
    def test_a_tag_is_an_attribute_of_its_own(self, idp: IdentityProvider) -> None:
        response = say(idp, principal_tags={"team": "blue", "cost center": ""})
        assert attributes_of(response) == {
            AWS + "PrincipalTag:team": ["blue"],
            AWS + "PrincipalTag:cost center": [""],
        }

    def test_transitive_keys_are_values_of_one_attribute(self, idp: IdentityProvider) -> None:
        response = say(idp, transitive_tag_keys=["team", "project"])
        assert attributes_of(response) == {AWS + "TransitiveTagKeys": ["team", "project"]}

    @pytest.mark.parametrize("form", [tuple, iter, dict.fromkeys], ids=["tuple", "iterator", "dict"])
    def test_transitive_keys_may_be_any_iterable(self, idp: IdentityProvider, form: Any) -> None:
        response = say(idp, transitive_tag_keys=form(["team", "project"]))
        assert attributes_of(response) == {AWS + "TransitiveTagKeys": ["team", "project"]}

    @pytest.mark.parametrize(
        ("value", "values"),
        [("Alice", ["Alice"]), (["Alice", "A"], ["Alice", "A"]), (iter("ab"), ["a", "b"])],
        ids=["text", "list", "iterator"],
    )
    def test_an_attribute_of_ones_own_has_one_value_or_several(
        self, idp: IdentityProvider, value: Any, values: list[str]
    ) -> None:
        assert attributes_of(say(idp, attributes={"urn:oid:2.5.4.3": value})) == {"urn:oid:2.5.4.3": values}

    def test_an_attribute_of_ones_own_does_not_replace_one_of_awss(self, idp: IdentityProvider) -> None:
        response = say(idp, attributes={AWS + "RoleSessionName": "mallory"})
        assert texts(response, attribute("RoleSessionName")) == ["alice@example.com", "mallory"]

    def test_names_and_values_are_written_as_they_are(self, idp: IdentityProvider) -> None:
        said = " <\"wrong\" & 'wronger'>\n\t\r ü "
        assert attributes_of(say(idp, attributes={said: said}, signed=None)) == {said: [said]}

    @pytest.mark.parametrize("keyword", ["principal_tags", "transitive_tag_keys", "attributes"])
    @pytest.mark.parametrize("empty", [None, {}], ids=["None", "empty"])
    def test_nothing_adds_nothing(self, idp: IdentityProvider, keyword: str, empty: Any) -> None:
        assert attributes_of(say(idp, **{keyword: empty})) == {}

    def test_an_attribute_without_a_value_is_left_out(self, idp: IdentityProvider) -> None:
        assert attributes_of(say(idp, attributes={"urn:oid:2.5.4.3": []})) == {}

    def test_they_stand_in_the_order_of_the_keywords(self, idp: IdentityProvider) -> None:
        response = say(
            idp,
            attributes={"b": "1", "a": "2"},
            transitive_tag_keys=["t"],
            principal_tags={"t": "v"},
            source_identity="s",
        )
        assert list(attributes_of(response)) == [
            AWS + "SourceIdentity",
            AWS + "PrincipalTag:t",
            AWS + "TransitiveTagKeys",
            "b",
            "a",
        ]

    @pytest.mark.parametrize("keyword", ["principal_tags", "attributes"])
    @pytest.mark.parametrize("value", [5, "team", ["team"]], ids=repr)
    def test_what_is_no_dict_is_an_error_that_names_the_keyword(
        self, idp: IdentityProvider, keyword: str, value: Any
    ) -> None:
        with pytest.raises(TypeError) as caught:
            say(idp, **{keyword: value})
        assert str(caught.value) == f"{keyword} must be a dict of strings, not {value!r}"

    @pytest.mark.parametrize("keyword", ["principal_tags", "attributes"])
    @pytest.mark.parametrize("value", [{5: "blue"}, {"team": [5]}, {"team": [b"blue"]}], ids=repr)
    def test_a_dict_of_something_else_is_an_error_that_names_the_keyword(
        self, idp: IdentityProvider, keyword: str, value: Any
    ) -> None:
        with pytest.raises(TypeError) as caught:
            say(idp, **{keyword: value})
        assert str(caught.value) == f"{keyword} contains something that is not a string: {value!r}"

    @pytest.mark.parametrize(
        ("keyword", "value"),
        [
            pytest.param("principal_tags", {"team": 5}, id="principal_tags of a number"),
            pytest.param("attributes", {"team": 5}, id="attributes of a number"),
            pytest.param("attributes", {"team": None}, id="attributes of None"),
            pytest.param("transitive_tag_keys", 5, id="transitive_tag_keys"),
        ],
    )
    def test_a_value_that_is_neither_text_nor_several_is_an_error_that_names_the_keyword(
        self, idp: IdentityProvider, keyword: str, value: Any
    ) -> None:
        with pytest.raises(TypeError, match=f"^{keyword} "):
            say(idp, **{keyword: value})

    def test_transitive_keys_of_something_else_are_an_error(self, idp: IdentityProvider) -> None:
        with pytest.raises(TypeError, match=r"^transitive_tag_keys contains something that is not a string: "):
            say(idp, transitive_tag_keys=["team", 5])

    def test_transitive_keys_as_one_text_are_one_key(self, idp: IdentityProvider) -> None:
        assert attributes_of(say(idp, transitive_tag_keys="team")) == {AWS + "TransitiveTagKeys": ["team"]}


class TestStatus:
    @pytest.mark.parametrize("status", ["Requester", "Responder", "VersionMismatch"])
    def test_a_failure_has_no_assertion(self, idp: IdentityProvider, status: str) -> None:
        children = etree.fromstring(say(idp, status=STATUS + status).xml)
        assert [etree.QName(child).localname for child in children] == ["Issuer", "Status"]

    @pytest.mark.parametrize("status", ["Requester", "Responder", "VersionMismatch"])
    def test_a_top_level_code_stands_alone(self, idp: IdentityProvider, status: str) -> None:
        assert texts(say(idp, status=STATUS + status), "//samlp:StatusCode/@Value") == [STATUS + status]

    def test_a_second_level_code_stands_in_a_top_level_one(self, idp: IdentityProvider) -> None:
        response = say(idp, status=STATUS + "AuthnFailed")
        assert texts(response, "/*/samlp:Status/samlp:StatusCode/samlp:StatusCode/@Value") == [STATUS + "AuthnFailed"]

    def test_the_top_level_code_is_then_the_responders(self, idp: IdentityProvider) -> None:
        response = say(idp, status=STATUS + "AuthnFailed")
        assert texts(response, "/*/samlp:Status/samlp:StatusCode/@Value") == [STATUS + "Responder"]

    def test_a_code_of_ones_own_stands_alone(self, idp: IdentityProvider) -> None:
        assert texts(say(idp, status="urn:own"), "//samlp:StatusCode/@Value") == ["urn:own"]

    def test_no_status_has_an_assertion(self, idp: IdentityProvider) -> None:
        assert len(texts(say(idp, status=None), "//saml:Assertion")) == 1


class TestTimes:
    @pytest.mark.parametrize("keyword", TIMES)
    @pytest.mark.parametrize(
        ("time", "written"),
        [
            pytest.param(dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.UTC), "2031-02-03T04:05:06.000Z", id="UTC"),
            pytest.param(
                dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
                "2031-02-02T22:35:06.000Z",
                id="another zone",
            ),
            pytest.param(dt.datetime(2031, 2, 3, 4, 5, 6), "2031-02-03T04:05:06.000Z", id="naive"),  # noqa: DTZ001
            pytest.param(
                dt.datetime(2031, 2, 3, 4, 5, 6, 789_000, tzinfo=dt.UTC), "2031-02-03T04:05:06.789Z", id="milliseconds"
            ),
            pytest.param(
                dt.datetime(2031, 2, 3, 4, 5, 6, 789_012, tzinfo=dt.UTC),
                "2031-02-03T04:05:06.789012Z",
                id="microseconds",
            ),
            pytest.param(dt.timedelta(0), "2030-01-01T12:00:00.000Z", id="no timedelta"),
            pytest.param(dt.timedelta(hours=-1), "2030-01-01T11:00:00.000Z", id="timedelta before"),
            pytest.param(dt.timedelta(days=1, milliseconds=5), "2030-01-02T12:00:00.005Z", id="timedelta after"),
            pytest.param("", "", id="empty text"),
            pytest.param("yesterday", "yesterday", id="text"),
        ],
    )
    def test_a_time_is_a_datetime_a_timedelta_or_a_text(
        self, idp: IdentityProvider, keyword: str, time: Any, written: str
    ) -> None:
        places, _ = PLACES[keyword]
        assert [texts(say(idp, **{keyword: time}), place) for place in places] == [[written]] * len(places)

    @pytest.mark.parametrize(
        "issue_instant",
        [
            pytest.param(dt.timedelta(hours=-2), id="timedelta"),
            pytest.param(dt.datetime(2030, 1, 1, 10, tzinfo=dt.UTC), id="datetime"),
            pytest.param(dt.datetime(2030, 1, 1, 10), id="naive datetime"),  # noqa: DTZ001
        ],
    )
    def test_the_other_times_count_from_the_issue_instant(self, idp: IdentityProvider, issue_instant: Any) -> None:
        response = say(idp, issue_instant=issue_instant, session_not_on_or_after=dt.timedelta(hours=1))
        assert texts(response, "//@NotBefore | //@NotOnOrAfter | //@SessionNotOnOrAfter") == [
            "2030-01-01T10:05:00.000Z",
            "2030-01-01T10:00:00.000Z",
            "2030-01-01T10:05:00.000Z",
            "2030-01-01T11:00:00.000Z",
        ]

    @pytest.mark.parametrize("issue_instant", ["yesterday", None])
    def test_without_an_issue_instant_they_count_from_now(self, idp: IdentityProvider, issue_instant: Any) -> None:
        response = say(idp, issue_instant=issue_instant)
        assert texts(response, "//@NotBefore") == ["2030-01-01T12:00:00.000Z"]

    def test_now_is_written_in_whole_milliseconds(self, idp: IdentityProvider) -> None:
        with mock_sts_saml() as sts:
            sts.advance(microseconds=1_999)
            assert texts(say(idp), "//saml:Assertion/@IssueInstant") == ["2030-01-01T12:00:00.001Z"]


class TestWrongTypes:
    @pytest.mark.parametrize("keyword", [name for name in TEXTS if name != "session_duration"])
    @pytest.mark.parametrize("value", [5, b"octets", ["list"], dt.timedelta(0)], ids=repr)
    def test_what_is_no_text_is_an_error_that_names_the_keyword(
        self, idp: IdentityProvider, keyword: str, value: Any
    ) -> None:
        with pytest.raises(TypeError) as caught:
            say(idp, **{keyword: value})
        assert str(caught.value) == f"{keyword} must be a string or None, not {value!r}"

    @pytest.mark.parametrize("value", [5.5, True, b"3600", [3600], dt.timedelta(hours=1)], ids=repr)
    def test_what_is_no_duration_is_an_error_that_names_the_keyword(self, idp: IdentityProvider, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^session_duration must be ") as caught:
            say(idp, session_duration=value)
        assert str(caught.value).endswith(f", not {value!r}")

    @pytest.mark.parametrize("keyword", TIMES)
    @pytest.mark.parametrize("value", [5, 5.5, b"octets", dt.date(2030, 1, 1), dt.time(12)], ids=repr)
    def test_what_is_no_time_is_an_error_that_names_the_keyword(
        self, idp: IdentityProvider, keyword: str, value: Any
    ) -> None:
        with pytest.raises(TypeError) as caught:
            say(idp, **{keyword: value})
        assert str(caught.value) == (
            f"{keyword} must be a datetime, a timedelta from the issue instant, a string or None, not {value!r}"
        )

    def test_a_keyword_that_does_not_exist_is_an_error(self, idp: IdentityProvider) -> None:
        with pytest.raises(TypeError, match="unexpected keyword argument 'audiences'"):
            say(idp, audiences="a")


class TestCharacters:
    @pytest.mark.parametrize("keyword", [*TEXTS, *TIMES])
    @pytest.mark.parametrize("character", ["\0", "\x1f", "\ud800", "\ufffe", "\uffff"], ids=ascii)
    def test_one_that_xml_cannot_hold_is_an_error(self, idp: IdentityProvider, keyword: str, character: str) -> None:
        message = re.escape(f"{'a' + character!r} contains a character that XML cannot hold")
        with pytest.raises(ValueError, match=f"^{message}$"):
            say(idp, **{keyword: "a" + character})

    @pytest.mark.parametrize(
        "character", ["\t", "\n", "\r", "\x7f", "\x85", "\u2028", "\ufffd", "\U0001f511"], ids=ascii
    )
    def test_one_that_xml_can_hold_is_written(self, idp: IdentityProvider, character: str) -> None:
        response = say(idp, name_id=f"a{character}b", name_id_format=f"a{character}b")
        assert texts(response, "//saml:NameID | //saml:NameID/@Format") == [f"a{character}b"] * 2

    def test_one_in_a_role_is_an_error_too(self, idp: IdentityProvider) -> None:
        with pytest.raises(ValueError, match="contains a character that XML cannot hold"):
            idp.response(("a\0", "b"))

    def test_one_in_an_entity_id_is_an_error_of_the_metadata(self, saml_signing_key: SigningKey) -> None:
        idp = IdentityProvider("urn:\0", signing_key=saml_signing_key)
        with pytest.raises(ValueError, match="contains a character that XML cannot hold"):
            _ = idp.metadata


# Children in order and required attributes, from saml-schema-protocol-2.0, -assertion-2.0, -metadata-2.0 and
# xmldsig-core-schema, as far as responses and metadata of this package can go.
SCHEMA = {
    "samlp:Response": (
        "(saml:Issuer )?(ds:Signature )?(samlp:Extensions )?samlp:Status (saml:Assertion |saml:EncryptedAssertion )*",
        {"ID", "Version", "IssueInstant"},
    ),
    "samlp:Status": ("samlp:StatusCode (samlp:StatusMessage )?(samlp:StatusDetail )?", set()),
    "samlp:StatusCode": ("(samlp:StatusCode )?", {"Value"}),
    "saml:Assertion": (
        "saml:Issuer (ds:Signature )?(saml:Subject )?(saml:Conditions )?(saml:Advice )?(saml:\\w+Statement )*",
        {"ID", "Version", "IssueInstant"},
    ),
    "saml:Issuer": ("", set()),
    "saml:Subject": (
        "(saml:NameID |saml:EncryptedID )(saml:SubjectConfirmation )*|(saml:SubjectConfirmation )+",
        set(),
    ),
    "saml:NameID": ("", set()),
    "saml:SubjectConfirmation": ("(saml:NameID |saml:EncryptedID )?(saml:SubjectConfirmationData )?", {"Method"}),
    "saml:SubjectConfirmationData": ("", set()),
    "saml:Conditions": ("(saml:AudienceRestriction )*", set()),
    "saml:AudienceRestriction": ("(saml:Audience )+", set()),
    "saml:Audience": ("", set()),
    "saml:AuthnStatement": ("(saml:SubjectLocality )?saml:AuthnContext ", {"AuthnInstant"}),
    "saml:AuthnContext": ("saml:AuthnContextClassRef (saml:AuthenticatingAuthority )*", set()),
    "saml:AuthnContextClassRef": ("", set()),
    "saml:AttributeStatement": ("(saml:Attribute |saml:EncryptedAttribute )+", set()),
    "saml:Attribute": ("(saml:AttributeValue )*", {"Name"}),
    "saml:AttributeValue": ("", set()),
    "ds:Signature": ("ds:SignedInfo ds:SignatureValue (ds:KeyInfo )?(ds:Object )*", set()),
    "ds:SignedInfo": ("ds:CanonicalizationMethod ds:SignatureMethod (ds:Reference )+", set()),
    "ds:CanonicalizationMethod": ("", {"Algorithm"}),
    "ds:SignatureMethod": ("", {"Algorithm"}),
    "ds:Reference": ("(ds:Transforms )?ds:DigestMethod ds:DigestValue ", set()),
    "ds:Transforms": ("(ds:Transform )+", set()),
    "ds:Transform": ("", {"Algorithm"}),
    "ds:DigestMethod": ("", {"Algorithm"}),
    "ds:DigestValue": ("", set()),
    "ds:SignatureValue": ("", set()),
    "ds:KeyInfo": ("(ds:X509Data )+", set()),
    "ds:X509Data": ("(ds:X509Certificate )+", set()),
    "ds:X509Certificate": ("", set()),
    "md:EntityDescriptor": ("(ds:Signature )?(md:Extensions )?(md:IDPSSODescriptor )+", {"entityID"}),
    "md:IDPSSODescriptor": (
        "(md:KeyDescriptor )*(md:SingleLogoutService )*(md:NameIDFormat )*(md:SingleSignOnService )+",
        {"protocolSupportEnumeration"},
    ),
    "md:KeyDescriptor": ("ds:KeyInfo (md:EncryptionMethod )*", set()),
    "md:SingleLogoutService": ("", {"Binding", "Location"}),
    "md:NameIDFormat": ("", set()),
    "md:SingleSignOnService": ("", {"Binding", "Location"}),
}
PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}


def violations(xml: str) -> list[str]:
    """What the schemas forbid in a document."""
    found = []
    for element in etree.fromstring(xml).iter():
        children, required = SCHEMA[tag(element)]
        if re.fullmatch(children, "".join(f"{tag(child)} " for child in element)) is None:
            found.append(f"children of {tag(element)}: {' '.join(map(tag, element))}")
        found += [f"{tag(element)} has no {name}" for name in sorted(required - set(element.attrib))]
    return found


def tag(element: Any) -> str:
    name: Any = etree.QName(element)
    return f"{PREFIXES[name.namespace]}:{name.localname}"


class TestSchemas:
    @pytest.mark.parametrize("key", [make_signing_key("ec"), None], ids=["ec", "rsa"])
    @pytest.mark.parametrize("signed", ["assertion", "response", "both", None])
    @pytest.mark.parametrize(
        "keywords",
        [
            pytest.param({}, id="default"),
            pytest.param(
                {
                    "in_response_to": "_request",
                    "session_duration": 3600,
                    "session_not_on_or_after": dt.timedelta(hours=1),
                },
                id="everything",
            ),
            pytest.param(
                {
                    "session_name": None,
                    "name_id": None,
                    "audience": None,
                    "recipient": None,
                    "not_before": None,
                    "not_on_or_after": None,
                    "response_issuer": None,
                },
                id="as little as possible",
            ),
        ],
    )
    def test_a_response_obeys_them(
        self, idp: IdentityProvider, keywords: dict[str, Any], signed: str | None, key: SigningKey | None
    ) -> None:
        assert violations(say(idp, signed=signed, signing_key=key, **keywords).xml) == []

    @pytest.mark.parametrize("signed", ["response", None])
    @pytest.mark.parametrize("status", ["Responder", "AuthnFailed"])
    def test_a_failure_obeys_them(self, idp: IdentityProvider, status: str, signed: str | None) -> None:
        assert violations(say(idp, status=STATUS + status, signed=signed).xml) == []

    def test_metadata_obey_them(self, idp: IdentityProvider) -> None:
        assert violations(idp.metadata) == []

    def test_the_check_finds_what_is_wrong(self, idp: IdentityProvider) -> None:
        response = say(idp, issuer=None, status=None, issue_instant=None, signed=None)
        assert violations(response.xml) == [
            "children of samlp:Response: saml:Assertion",
            "samlp:Response has no IssueInstant",
            "children of saml:Assertion: saml:Subject saml:Conditions saml:AuthnStatement saml:AttributeStatement",
            "saml:Assertion has no IssueInstant",
            "saml:AuthnStatement has no AuthnInstant",
        ]


def test_a_time_beyond_the_last_year_is_an_error_that_names_the_keyword() -> None:
    issued = dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)
    with pytest.raises(ValueError, match=r"^not_on_or_after is outside the years 1 to 9999: "):
        time_string("not_on_or_after", dt.timedelta(minutes=5), issued)
