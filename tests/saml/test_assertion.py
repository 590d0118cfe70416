import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from saml_documents import (
    ALICE,
    PAIR,
    FaultOf,
    Read,
    element_of,
    encoded,
    identifiers_of,
    replaced,
    substituted,
    without,
)

from pytest_stssaml import IdentityProvider, SAMLResponse
from pytest_stssaml.literals import Signed
from pytest_stssaml.saml.assertion import Assertion, SubjectConfirmation
from pytest_stssaml.saml.faults import Fault, Unreadable
from pytest_stssaml.saml.vocabulary import (
    BEARER,
    NAMEID_PERSISTENT,
    NAMEID_UNSPECIFIED,
    ROLE,
    ROLE_SESSION_NAME,
)

NOON = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)
HONEST = Assertion(
    issuer="https://idp.example.com/saml",
    issue_instant=NOON,
    name_id=ALICE,
    name_id_format=NAMEID_PERSISTENT,
    subject_confirmations=(
        SubjectConfirmation(BEARER, "https://signin.aws.amazon.com/saml", None, NOON + dt.timedelta(minutes=5)),
    ),
    not_before=NOON,
    not_on_or_after=NOON + dt.timedelta(minutes=5),
    audience_restrictions=(("urn:amazon:webservices",),),
    session_not_on_or_after=None,
    attributes={ROLE: (",".join(PAIR),), ROLE_SESSION_NAME: (ALICE,)},
)

Edited = Callable[[str, str], SAMLResponse]


def without_id(assertion: Assertion) -> Assertion:
    """Return an assertion without its ID, which differs in each response."""
    return assertion._replace(id="")


@pytest.fixture
def template(signer: IdentityProvider) -> str:
    """The XML of a response that says HONEST, not signed yet."""
    return signer.response(PAIR, issue_instant=NOON, signed=None).xml


@pytest.fixture
def edited(signer: IdentityProvider, template: str) -> Edited:
    """A response with a signed assertion, in which something was replaced before it was signed."""
    return lambda old, new: signer.sign(replaced(template, old, new))


class TestSignedData:
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_each_form_of_signature_gives_the_same_assertion(
        self, signer: IdentityProvider, read: Read, signed: Signed
    ) -> None:
        assert without_id(read(signer.response(PAIR, issue_instant=NOON, signed=signed))) == HONEST

    def test_rejects_an_unsigned_response(self, fault: FaultOf, template: str) -> None:
        because = "neither the response nor its assertion is signed"
        assert fault(encoded(template)) == (Fault.BAD_SIGNATURE, because)

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_a_comment_does_not_truncate_a_signed_value(
        self, signer: IdentityProvider, read: Read, signed: Signed
    ) -> None:
        response = signer.response(PAIR, name_id=f"{ALICE}.evil.example", signed=signed)
        xml = replaced(response.xml, f"{ALICE}.evil", f"{ALICE}<!-- -->.evil")
        assert read(encoded(xml)).name_id == f"{ALICE}.evil.example"

    def test_a_signed_processing_instruction_does_not_truncate_a_value(self, read: Read, edited: Edited) -> None:
        response = edited(f">{ALICE}<", f">{ALICE}<?cut?>.evil.example<")
        assert read(response).name_id == f"{ALICE}.evil.example"

    def test_rejects_a_signed_assertion_inside_an_evil_one(self, signer: IdentityProvider, fault: FaultOf) -> None:
        xml = signer.response(PAIR).xml
        honest = element_of(xml, "saml:Assertion")
        evil = without(substituted(' ID="[^"]*"', ' ID="_evil"', honest), "ds:Signature").replace("alice", "mallory")
        advice = f"<saml:Advice>{honest}</saml:Advice><saml:AuthnStatement "
        evil = replaced(evil, "<saml:AuthnStatement ", advice)
        because = "neither the response nor its assertion is signed"
        assert fault(encoded(replaced(xml, honest, evil))) == (Fault.BAD_SIGNATURE, because)

    def test_rejects_a_signature_that_was_moved_to_an_evil_assertion(
        self, signer: IdentityProvider, fault: FaultOf
    ) -> None:
        xml = signer.response(PAIR).xml
        identifier = identifiers_of(xml)[1]
        honest = element_of(xml, "saml:Assertion")
        evil = replaced(honest, f' ID="{identifier}"', ' ID="_evil"').replace("alice", "mallory")
        extensions = f"<samlp:Extensions>{without(honest, 'ds:Signature')}</samlp:Extensions>"
        xml = replaced(replaced(xml, honest, evil), "<samlp:Status>", extensions + "<samlp:Status>")
        because = f"the signature of Assertion '_evil' refers to '#{identifier}'"
        assert fault(encoded(xml)) == (Fault.BAD_SIGNATURE, because)

    def test_a_changed_character_is_rejected_or_changes_nothing(self, signer: IdentityProvider, read: Read) -> None:
        xml = signer.response(PAIR, issue_instant=NOON).xml
        accepted = set()
        for at in range(0, len(xml), 7):
            try:
                accepted.add(repr(read(encoded(xml[:at] + chr(ord(xml[at]) ^ 1) + xml[at + 1 :]))))
            except Unreadable:
                continue
        assert accepted == {repr(HONEST._replace(id=identifiers_of(xml)[1]))}

    def test_a_malformed_value_of_an_unsigned_assertion_is_not_read(
        self, signer: IdentityProvider, fault: FaultOf
    ) -> None:
        response = signer.response(PAIR, not_before="yesterday", signed=None)
        assert fault(response)[0] is Fault.BAD_SIGNATURE


class TestValues:
    @pytest.mark.parametrize(
        ("old", "new", "values"),
        [
            pytest.param(
                f' Format="{NAMEID_PERSISTENT}"', "", {"name_id_format": NAMEID_UNSPECIFIED}, id="NameID without Format"
            ),
            pytest.param(f">{ALICE}<", "> \n alice \n <", {"name_id": "alice"}, id="NameID with space around"),
            pytest.param(f">{ALICE}<", "><", {"name_id": ""}, id="empty NameID"),
            pytest.param(
                f">{ALICE}<",
                "> \t\u0085\u00a0alice\u2003\u3000\n<",
                {"name_id": "\u0085\u00a0alice\u2003\u3000"},
                id="NameID with space around that is not white space in XML",
            ),
            pytest.param(
                "</saml:AudienceRestriction>",
                "</saml:AudienceRestriction><saml:OneTimeUse/><saml:ProxyRestriction/><!-- --><?a?>",
                {"unknown_conditions": ()},
                id="every condition that is known",
            ),
            pytest.param(
                "</saml:AudienceRestriction>",
                '</saml:AudienceRestriction><saml:Condition xmlns:x="urn:x"/><x:OneTimeUse xmlns:x="urn:x"/>',
                {"unknown_conditions": ("saml:Condition", "{urn:x}OneTimeUse")},
                id="conditions that are not known",
            ),
            pytest.param(
                ">urn:amazon:webservices<",
                "> urn:amazon:webservices\n<",
                {"audience_restrictions": (("urn:amazon:webservices",),)},
                id="Audience with space around",
            ),
            pytest.param(
                "</saml:Audience>",
                "</saml:Audience><saml:Audience>urn:b</saml:Audience>",
                {"audience_restrictions": (("urn:amazon:webservices", "urn:b"),)},
                id="two Audiences",
            ),
            pytest.param(
                "</saml:AudienceRestriction>",
                "</saml:AudienceRestriction><saml:AudienceRestriction/>",
                {"audience_restrictions": (("urn:amazon:webservices",), ())},
                id="two AudienceRestrictions",
            ),
            pytest.param(' NotBefore="2030-01-01T12:00:00.000Z"', "", {"not_before": None}, id="no NotBefore"),
        ],
    )
    def test_reads_a_value(self, read: Read, edited: Edited, old: str, new: str, values: dict[str, Any]) -> None:
        assert without_id(read(edited(old, new))) == HONEST._replace(**values)

    @pytest.mark.parametrize(
        ("element", "absent"),
        [
            pytest.param(
                "Subject",
                {"name_id": None, "name_id_format": NAMEID_UNSPECIFIED, "subject_confirmations": ()},
                id="Subject",
            ),
            pytest.param(
                "Conditions",
                {"not_before": None, "not_on_or_after": None, "audience_restrictions": ()},
                id="Conditions",
            ),
            pytest.param("AuthnStatement", {}, id="AuthnStatement"),
            pytest.param("AttributeStatement", {"attributes": {}}, id="AttributeStatement"),
        ],
    )
    def test_an_absent_element_gives_no_values(
        self, signer: IdentityProvider, read: Read, template: str, element: str, absent: dict[str, Any]
    ) -> None:
        response = signer.sign(without(template, f"saml:{element}"))
        assert without_id(read(response)) == HONEST._replace(**absent)

    def test_a_confirmation_without_data_has_only_a_method(
        self, signer: IdentityProvider, read: Read, template: str
    ) -> None:
        response = signer.sign(substituted("<saml:SubjectConfirmationData[^>]*>", "", template))
        assert read(response).subject_confirmations == (SubjectConfirmation(BEARER, None, None, None),)

    def test_a_confirmation_without_method_has_an_empty_one(self, read: Read, edited: Edited) -> None:
        (confirmation,) = read(edited(f' Method="{BEARER}"', "")).subject_confirmations
        assert confirmation.method == ""

    def test_several_confirmations_stay_in_order(self, read: Read, edited: Edited) -> None:
        other = '<saml:SubjectConfirmation Method="urn:other"/><saml:SubjectConfirmation '
        assertion = read(edited("<saml:SubjectConfirmation ", other))
        assert [confirmation.method for confirmation in assertion.subject_confirmations] == ["urn:other", BEARER]

    def test_reads_not_before_of_a_confirmation(self, read: Read, edited: Edited) -> None:
        not_before = '<saml:SubjectConfirmationData NotBefore="2030-01-01T11:00:00Z" '
        (confirmation,) = read(edited("<saml:SubjectConfirmationData ", not_before)).subject_confirmations
        assert confirmation.not_before == NOON - dt.timedelta(hours=1)

    def test_collects_the_values_of_a_name_from_several_attributes_and_statements(
        self, read: Read, edited: Edited
    ) -> None:
        def attribute(*values: str) -> str:
            written = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
            return f'<saml:Attribute Name="team">{written}</saml:Attribute>'

        end = "</saml:AttributeStatement>"
        second = f"<saml:AttributeStatement>{attribute('c')}{attribute()}</saml:AttributeStatement>"
        response = edited(end, attribute("a", " b ") + end + second)
        assert read(response).attributes == {**HONEST.attributes, "team": ("a", "b", "c")}

    def test_the_earliest_end_of_a_session_counts(self, read: Read, edited: Edited) -> None:
        statements = (
            '<saml:AuthnStatement SessionNotOnOrAfter="2030-01-01T14:00:00Z"/>'
            '<saml:AuthnStatement SessionNotOnOrAfter="2030-01-01T13:00:00Z"/>'
        )
        response = edited("<saml:AuthnStatement ", statements + "<saml:AuthnStatement ")
        assert read(response).session_not_on_or_after == NOON + dt.timedelta(hours=1)

    @pytest.mark.parametrize("value", ["", "yesterday", "2030-13-01T00:00:00Z", "2030-W01-1T00:00:00Z"])
    @pytest.mark.parametrize(
        "keyword",
        [
            "issue_instant",
            "not_before",
            "conditions_not_on_or_after",
            "subject_not_on_or_after",
            "session_not_on_or_after",
        ],
    )
    def test_a_malformed_time_is_a_malformed_assertion(
        self, signer: IdentityProvider, fault: FaultOf, keyword: str, value: str
    ) -> None:
        said: dict[str, Any] = {keyword: value}
        assert fault(signer.response(PAIR, **said))[0] is Fault.MALFORMED_ASSERTION

    def test_an_assertion_without_issue_instant_is_malformed(self, signer: IdentityProvider, fault: FaultOf) -> None:
        response = signer.response(PAIR, issue_instant=None)
        assert fault(response) == (Fault.MALFORMED_ASSERTION, "'' is not an xs:dateTime")

    @pytest.mark.parametrize(
        ("name", "old", "new"),
        [
            ("saml:Subject", "</saml:Subject>", "</saml:Subject><saml:Subject/>"),
            ("saml:NameID", "</saml:NameID>", "</saml:NameID><saml:NameID/>"),
            ("saml:Conditions", "</saml:Conditions>", "</saml:Conditions><saml:Conditions/>"),
            (
                "saml:SubjectConfirmationData",
                "</saml:SubjectConfirmation>",
                "<saml:SubjectConfirmationData/></saml:SubjectConfirmation>",
            ),
        ],
        ids=["Subject", "NameID", "Conditions", "SubjectConfirmationData"],
    )
    def test_a_repeated_element_is_a_malformed_assertion(
        self, fault: FaultOf, edited: Edited, name: str, old: str, new: str
    ) -> None:
        because = f"expected at most one {name}, got 2"
        assert fault(edited(old, new)) == (Fault.MALFORMED_ASSERTION, because)

    @pytest.mark.parametrize("version", ["1.1", "2.1"])
    def test_another_version_is_a_malformed_assertion(
        self, signer: IdentityProvider, fault: FaultOf, template: str, version: str
    ) -> None:
        assertion = element_of(template, "saml:Assertion")
        other = replaced(assertion, ' Version="2.0"', f' Version="{version}"')
        response = signer.sign(replaced(template, assertion, other))
        assert fault(response) == (Fault.MALFORMED_ASSERTION, f"expected version 2.0, got {version!r}")
