"""Attacks on SAML consumers: documents that parsers read differently or hardly at all. See test_attacks.py."""

import re
from pathlib import Path

import naive_parsers
import pytest
from attacks import (
    ADMIN,
    MALLORY,
    AttackTests,
    Reason,
    Target,
    assertion_of,
    bare,
    forged,
    transform,
    xml,
)
from lxml import etree
from naive import ENVELOPED, EXCLUSIVE_C14N, NS
from saml_documents import ALICE, replaced

INCLUDE = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{}" parse="{}"/>'


class TestXInclude(AttackTests):
    """An include is never expanded, because what it includes was not signed."""

    def test_in_what_is_signed(self, target: Target, tmp_path: Path) -> None:
        (tmp_path / "name").write_text(f"y, alias {MALLORY}")
        include = INCLUDE.format((tmp_path / "name").as_uri(), "text")
        response = target.idp.sign(replaced(xml(target.honest(None)), ">alice@example.com<", f">alice{include}<")).xml
        assert target.fooled(naive_parsers.includes_afterwards, response) == f"alicey, alias {MALLORY}"
        assert target.subject(response) == "alice"

    def test_beside_what_is_signed(self, target: Target, tmp_path: Path) -> None:
        response = target.honest()
        (tmp_path / "assertion").write_text(xml(forged(bare(assertion_of(response)))))
        include = INCLUDE.format((tmp_path / "assertion").as_uri(), "xml")
        assertion_of(response).addprevious(etree.fromstring(include))
        assert target.fooled(naive_parsers.includes_afterwards, response) == MALLORY
        assert target.subject(response) == ALICE

    def test_where_it_was_not_signed(self, target: Target, tmp_path: Path) -> None:
        # The digest covers the include itself, so it fools no verifier that verifies before it includes.
        (tmp_path / "name").write_text(MALLORY)
        include = INCLUDE.format((tmp_path / "name").as_uri(), "text")
        assert (
            target.refusal(replaced(xml(target.honest()), ">alice@example.com<", f">{include}<")) is Reason.NOT_VERIFIED
        )


# A parser that reads the declaration puts elements without a namespace into SAML's.
DEFAULTS = f'<!DOCTYPE r [<!ATTLIST Assertion xmlns CDATA #FIXED "{NS["saml"]}">]>'


class TestParserDifferentials(AttackTests):
    @pytest.fixture
    def with_defaults(self, target: Target) -> str:
        """A true response with a forged assertion, which is in SAML's namespace only by the defaults of the DOCTYPE."""
        response = target.honest()
        evil = xml(forged(bare(assertion_of(response)))).replace("saml:", "").replace("xmlns:saml", "xmlns:unused")
        evil = re.sub(r' xmlns:\w+="[^"]*"', "", evil)
        return DEFAULTS + replaced(xml(response), "<saml:Assertion ", f"{evil}<saml:Assertion ")

    def test_defaults_of_a_document_type(self, target: Target, with_defaults: str) -> None:
        assert target.fooled(naive_parsers.doctype_removed_before, with_defaults) == MALLORY
        assert target.refusal(with_defaults) is Reason.NOT_XML

    def test_a_document_in_an_entity_of_a_document_type(self, target: Target) -> None:
        true, evil = target.honest(), target.honest(None)
        forged(assertion_of(evil))
        hidden = f"<!DOCTYPE r [<!ENTITY a ']>{xml(evil)}<!--'>]>"
        response = f"{hidden}{xml(true)}<?a --><?b ?>"
        assert target.fooled(naive_parsers.doctype_removed_afterwards, response) == MALLORY
        assert target.refusal(response) is Reason.NOT_XML

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "cp037"])
    def test_a_document_type_that_a_search_of_the_bytes_does_not_find(
        self, target: Target, with_defaults: str, encoding: str
    ) -> None:
        response = f'<?xml version="1.0" encoding="{encoding}"?>{with_defaults}'.encode(encoding)
        response = response.replace(b"<!DOCTYPE", b"+ADw-!DOCTYPE") if encoding == "utf-7" else response
        assert target.fooled(naive_parsers.doctype_sought_in_the_bytes, response) == MALLORY
        assert target.refusal(response) is Reason.NOT_XML

    def test_two_documents_in_one_by_utf_7(self, target: Target) -> None:
        response = xml(target.honest())
        at = response.index("<saml:Assertion ")
        true = re.sub("<ds:KeyInfo>.*?</ds:KeyInfo>", "", response[at:]).removesuffix("</samlp:Response>")
        evil = xml(forged(bare(assertion_of(etree.fromstring(response)))))
        # As UTF-8 the forged assertion is in a comment; as UTF-7 the true one is in a processing instruction.
        both = f"<!--+AC0-+AC0-+AD4-{evil}+ADwAPw-x +ACA-->{true.replace('+', '&#43;')}<!-- +AD8-+AD4- -->"
        document = f'<?xml version="1.0" encoding="UTF-7"?>{response[:at]}{both}</samlp:Response>'.encode()
        assert target.fooled(naive_parsers.verified_as_utf8, document) == MALLORY
        assert target.refusal(document) is Reason.UNSIGNED

    @pytest.mark.parametrize(
        "decoy",
        [
            pytest.param(f"<!--<saml:NameID>{MALLORY}</saml:NameID>-->", id="comment"),
            pytest.param(f"<?a <saml:NameID>{MALLORY}</saml:NameID>?>", id="processing instruction"),
            pytest.param(f"<![CDATA[<saml:NameID>{MALLORY}</saml:NameID>]]>", id="CDATA"),
        ],
    )
    def test_a_decoy_that_only_a_regular_expression_takes_for_an_element(self, target: Target, decoy: str) -> None:
        response = replaced(xml(target.honest()), "<samlp:Status>", f"{decoy}<samlp:Status>")
        assert target.fooled(naive_parsers.reads_by_regular_expression, response) == MALLORY
        assert target.subject(response) == ALICE


#: A subject that begins with another.
SUBDOMAIN = f"{MALLORY}.sub.example.com"
CUTS = [
    pytest.param("<!---->", id="comment"),
    pytest.param("<?cut?>", id="processing instruction"),
    pytest.param("<!----><?cut?><!--cut-->", id="both"),
]


class TestTruncation(AttackTests):
    """A comment or processing instruction in a value must not end it."""

    # C14N keeps processing instructions, so they must have been signed. Comments can be added later.
    @pytest.mark.parametrize("cut", CUTS)
    def test_of_the_subject(self, target: Target, cut: str) -> None:
        template = xml(target.honest(None, name_id=SUBDOMAIN))
        response = target.idp.sign(replaced(template, f"{MALLORY}.", f"{MALLORY}{cut}.")).xml
        assert target.fooled(naive_parsers.text_up_to_the_first_child, response) == MALLORY
        assert target.subject(response) == SUBDOMAIN

    def test_of_the_subject_by_a_comment_that_was_added_later(self, target: Target) -> None:
        response = replaced(xml(target.honest(name_id=SUBDOMAIN)), f"{MALLORY}.", f"{MALLORY}<!---->.")
        assert target.fooled(naive_parsers.text_up_to_the_first_child, response) == MALLORY
        assert target.subject(response) == SUBDOMAIN

    def test_of_the_subject_by_a_processing_instruction_that_was_added_later(self, target: Target) -> None:
        # C14N keeps it, so the digest does not match for any verifier.
        response = replaced(xml(target.honest(name_id=SUBDOMAIN)), f"{MALLORY}.", f"{MALLORY}<?cut?>.")
        assert target.refusal(response) is Reason.NOT_VERIFIED

    @pytest.mark.parametrize("cut", CUTS)
    def test_of_the_session_name(self, target: Target, cut: str) -> None:
        template = xml(target.honest(None, session_name=f"{MALLORY}.org"))
        response = target.idp.sign(replaced(template, f"{MALLORY}.", f"{MALLORY}{cut}.")).xml
        assert naive_parsers.session_name_up_to_the_first_child(response, target.certificate) == MALLORY
        assert target.answer(response)["AssumedRoleUser"]["Arn"].endswith(f"/{MALLORY}.org")

    @pytest.mark.parametrize("cut", CUTS)
    def test_of_a_role(self, target: Target, cut: str) -> None:
        # The whole value has a provider with a longer name; the truncated one would be accepted.
        template = xml(target.honest(None, role_format="{role},{provider}-of-others"))
        response = target.idp.sign(replaced(template, "-of-others", f"{cut}-of-others")).xml
        roles = naive_parsers.text_up_to_the_first_child(response, target.certificate).roles
        assert roles == (ADMIN.replace("Admin", "Developer"),)
        assert target.refusal(response) is Reason.FOREIGN_PAIR


ENTITIES = "".join(f"<!ENTITY e{n + 1} '" + f"&e{n};" * 10 + "'>" for n in range(12))
SUBJECT, END = "<saml:Subject>", "</saml:Assertion>"
ATTRIBUTES = " ".join(f"a{n}='{n}'" for n in range(4_000))
DECLARATIONS = " ".join(f"xmlns:n{n}='urn:{n}'" for n in range(2_500))
PREFIXES = " ".join(f"p{n}" for n in range(9_000))
C14N = f'<ds:Transform Algorithm="{EXCLUSIVE_C14N}"'
INCLUSIVE_NAMESPACES = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE_C14N}" PrefixList="{PREFIXES}"/>'


class TestExhaustion(AttackTests):
    """Attacks on time, memory and files. They do not try to be believed, so no naive verifier is shown."""

    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            ("<ds:Reference ", '<ds:Reference URI="#a"/>' * 2_500 + "<ds:Reference ", Reason.NOT_ONE_PART),
            ("<ds:Transforms>", "<ds:Transforms>" + transform(ENVELOPED) * 600, Reason.FOREIGN_TRANSFORM),
            ("<ds:DigestValue>", "<ds:DigestValue>" + "A" * 60_000, Reason.NOT_VERIFIED),
            ("<ds:SignatureValue>", "<ds:SignatureValue>" + "A" * 60_000, Reason.NOT_VERIFIED),
            (SUBJECT, SUBJECT + "<a>" * 240 + "</a>" * 240, Reason.NOT_VERIFIED),
            (SUBJECT, SUBJECT + "<a>" * 300 + "</a>" * 300, Reason.NOT_XML),
            (SUBJECT, SUBJECT + "<a/>" * 15_000, Reason.NOT_VERIFIED),
            (SUBJECT, SUBJECT + "<!---->x" * 7_000 + "<a/>", Reason.NOT_VERIFIED),
            (SUBJECT, SUBJECT + "x" * 65_000, Reason.NOT_VERIFIED),
            (SUBJECT, f"<saml:Subject {ATTRIBUTES}>", Reason.NOT_VERIFIED),
            (SUBJECT, f"<saml:Subject {DECLARATIONS}><a/>", Reason.NOT_VERIFIED),
            (f"{C14N}/>", f"{C14N}>{INCLUSIVE_NAMESPACES}</ds:Transform>", Reason.TOO_LARGE),
            (SUBJECT, SUBJECT + f'<a xmlns="{NS["ds"]}"/>' * 1_400, Reason.NOT_VERIFIED),
            (END, END + f'<ds:Signature xmlns:ds="{NS["ds"]}"/>' * 1_000, Reason.SEVERAL_SIGNATURES),
            (END, END + "<saml:Assertion/>" * 3_500, Reason.NOT_ONE_ASSERTION),
        ],
        ids=[
            "References",
            "Transforms",
            "DigestValue",
            "SignatureValue",
            "depth",
            "too much depth",
            "elements",
            "comments",
            "text",
            "attributes",
            "namespaces",
            "InclusiveNamespaces",
            "namespaced",
            "Signatures",
            "Assertions",
        ],
    )
    def test_too_much_of_something(self, target: Target, old: str, new: str, reason: Reason) -> None:
        assert target.refusal(replaced(xml(target.honest()), old, new)) is reason

    @pytest.mark.parametrize(
        ("doctype", "name"),
        [
            pytest.param(f'<!DOCTYPE r [<!ENTITY e0 "ha">{ENTITIES}]>', "e12", id="billion laughs"),
            pytest.param(f'<!DOCTYPE r [<!ENTITY e "{"a" * 40_000}">]>', "e", id="quadratic blowup"),
            pytest.param('<!DOCTYPE r [<!ENTITY e "&f;"><!ENTITY f "&e;">]>', "e", id="circle"),
            pytest.param('<!DOCTYPE r [<!ENTITY e SYSTEM "file:///dev/zero">]>', "e", id="file"),
            pytest.param('<!DOCTYPE r [<!ENTITY e SYSTEM "https://mallory.example.com/">]>', "e", id="network"),
            pytest.param('<!DOCTYPE r [<!ENTITY % e SYSTEM "file:///dev/zero">%e;]>', "lt", id="parameter entity"),
            pytest.param('<!DOCTYPE r SYSTEM "https://mallory.example.com/">', "lt", id="external subset"),
        ],
    )
    def test_an_entity(self, target: Target, doctype: str, name: str) -> None:
        document = doctype + replaced(xml(target.honest()), ">alice@example.com<", ">" + f"&{name};" * 1_000 + "<")
        assert target.refusal(document) is Reason.NOT_XML
