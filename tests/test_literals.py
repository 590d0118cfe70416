import re
from collections.abc import Iterable
from typing import Any, get_args

import pytest

import pytest_stssaml
from pytest_stssaml import IdentityProvider, SAMLResponse, literals, make_signing_key, parameter_names
from pytest_stssaml.explanation import report
from pytest_stssaml.iam import entities, partitions
from pytest_stssaml.idp.shapes import vendors
from pytest_stssaml.rejections import WAYS
from pytest_stssaml.saml import vocabulary
from pytest_stssaml.sts import operation, ordered_errors

TYPES = [name for name in vars(literals) if get_args(getattr(literals, name))]

#: The table that a type mirrors, or the constants that the code compares with.
MIRRORED: dict[str, Iterable[str]] = {
    "Shape": vendors.SHAPES,
    "RejectionName": WAYS,
    "SignatureAlgorithm": [*vocabulary.SIGNATURE_ALGORITHMS, *vocabulary.SIGNATURE_ALGORITHMS.values()],
    "DigestAlgorithm": [*vocabulary.DIGEST_ALGORITHMS, *vocabulary.DIGEST_ALGORITHMS.values()],
    "EncryptionAlgorithm": vocabulary.CONTENT_ALGORITHMS,
    "Partition": vocabulary.SERVICE_PROVIDERS,
    "AssertionEncryptionMode": [entities.ALLOWED, entities.REQUIRED],
    "ConnectionErrorKind": ordered_errors.CONNECTION_ERRORS,
    "Operation": operation.OPERATIONS,
    "TokenVersion": [partitions.V1_TOKEN, partitions.V2_TOKEN],
    "CheckOutcome": [report.PASSED, report.FAILED, report.NOT_JUDGED],
}

KEY = make_signing_key("ec")
RESPONSE = "<samlp:Response xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol' ID='_1'/>"


def signed_by(signed: Any) -> SAMLResponse:
    return IdentityProvider(signing_key=KEY).sign(RESPONSE, signed=signed)


@pytest.mark.parametrize(("name", "table"), MIRRORED.items(), ids=MIRRORED)
def test_a_type_has_the_strings_of_its_table(name: str, table: Iterable[str]) -> None:
    assert get_args(getattr(literals, name)) == tuple(table)


@pytest.mark.parametrize(("name", "call"), [("Signed", signed_by), ("KeyKind", make_signing_key)])
def test_a_type_has_the_strings_that_an_error_names(name: str, call: Any) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        call("other")
    assert tuple(re.findall(r'"([\w-]+)"', str(caught.value))) == get_args(getattr(literals, name))


def test_every_type_is_held_to_what_it_mirrors() -> None:
    assert sorted(TYPES) == sorted([*MIRRORED, "Signed", "KeyKind"])


@pytest.mark.parametrize(("name", "of"), [("REJECTIONS", "RejectionName"), ("SHAPES", "Shape")])
def test_a_tuple_has_the_strings_of_a_type(name: str, of: str) -> None:
    assert getattr(pytest_stssaml, name) == getattr(parameter_names, name) == get_args(getattr(literals, of))
