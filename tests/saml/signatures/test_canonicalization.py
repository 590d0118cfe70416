"""How much an element may inherit. What it inherits is compared with xmlsec1 in another module."""

import pytest
from certificates import keys_of
from lxml import etree
from saml_documents import PAIR, child, made, parsed

from pytest_stssaml import IdentityProvider
from pytest_stssaml.saml.signatures.canonicalization import TooLarge, standing_alone
from pytest_stssaml.saml.signatures.limits import INHERITED_ATTRIBUTES, NAMESPACES_IN_SCOPE, Limit
from pytest_stssaml.saml.signatures.verification import VerificationFailed, verify_signature
from pytest_stssaml.saml.vocabulary import C14N, C14N_11, EXCLUSIVE_C14N, XML

EXCLUSIVE = made("ds:Transform", Algorithm=EXCLUSIVE_C14N)
WITH_PREFIXES = made("ds:Transform", Algorithm=EXCLUSIVE_C14N)
WITH_PREFIXES.append(made("ec:InclusiveNamespaces", PrefixList="n0"))
INCLUSIVE = made("ds:Transform", Algorithm=C14N)
VERSION_1_1 = made("ds:Transform", Algorithm=C14N_11)


def namespaces(count: int) -> str:
    """Return an element in which a number of namespaces are in scope, half of them declared by its parent."""
    first, *others = [f' xmlns:n{n}="urn:n{n}"' for n in range(count)]
    return f"<a{first}><b{''.join(others)}/></a>"


def attributes(count: int) -> str:
    """Return an element that inherits a number of xml: attributes."""
    written = "".join(f' xml:a{n}=""' for n in range(count))
    return f"<a{written}><b/></a>"


@pytest.mark.parametrize(
    "method", [None, INCLUSIVE, VERSION_1_1, WITH_PREFIXES], ids=["none", "1.0", "1.1", "prefixes"]
)
def test_the_number_of_namespaces_in_scope_is_limited(method: etree._Element | None) -> None:
    standing_alone(parsed(namespaces(NAMESPACES_IN_SCOPE.most)), method)
    with pytest.raises(TooLarge) as caught:
        standing_alone(parsed(namespaces(NAMESPACES_IN_SCOPE.most + 1)), method)
    assert str(caught.value) == message(NAMESPACES_IN_SCOPE)


def message(limit: Limit) -> str:
    """Return the message about one more than a limit."""
    return f"expected at most {limit.most} {limit.of}, got {limit.most + 1}"


def test_namespaces_that_are_not_in_scope_at_once_do_not_count() -> None:
    many = "<a>" + '<b xmlns:n="urn:n"/>' * 100 + "</a>"
    assert len(standing_alone(parsed(many), INCLUSIVE)) == 100


@pytest.mark.parametrize("method", [None, INCLUSIVE], ids=["none", "1.0"])
def test_the_number_of_inherited_attributes_is_limited(method: etree._Element | None) -> None:
    inherited = standing_alone(parsed(attributes(INHERITED_ATTRIBUTES.most))[0], method)
    assert len(inherited.attrib) == INHERITED_ATTRIBUTES.most
    with pytest.raises(TooLarge) as caught:
        standing_alone(parsed(attributes(INHERITED_ATTRIBUTES.most + 1))[0], method)
    assert str(caught.value) == message(INHERITED_ATTRIBUTES)


@pytest.mark.parametrize("xml", [namespaces(100), attributes(100)], ids=["namespaces", "attributes"])
def test_exclusive_canonicalisation_inherits_nothing(xml: str) -> None:
    assert standing_alone(parsed(xml)[0], EXCLUSIVE).attrib == {}


def test_the_nearest_of_two_values_is_inherited() -> None:
    element = parsed('<a xml:lang="en" xml:space="preserve"><b xml:lang="de"><c/></b></a>')[0][0]
    assert standing_alone(element, INCLUSIVE).attrib == {f"{{{XML}}}lang": "de", f"{{{XML}}}space": "preserve"}


@pytest.mark.parametrize("xml", [namespaces(25), attributes(9)], ids=["namespaces", "attributes"])
def test_a_signature_around_which_there_is_too_much_is_not_verified(signer: IdentityProvider, xml: str) -> None:
    around = parsed(xml)
    assertion = child(signer.response(PAIR).root, "saml:Assertion")
    child(assertion, "ds:Signature/ds:SignedInfo/ds:CanonicalizationMethod").set("Algorithm", C14N)
    around[0].append(assertion)
    with pytest.raises(VerificationFailed, match=r"^expected at most "):
        verify_signature(assertion, keys_of(signer.certificates))


@pytest.mark.parametrize("method", [None, INCLUSIVE, EXCLUSIVE], ids=["none", "1.0", "exclusive"])
def test_names_outside_ascii_stay_as_they_are(method: etree._Element | None) -> None:
    element = parsed('<a xmlns:é="urn:e"><é:ö ä="ü"/></a>')[0]
    assert etree.tostring(standing_alone(element, method), encoding="unicode") == '<é:ö xmlns:é="urn:e" ä="ü"/>'
