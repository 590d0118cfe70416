"""The IDs of responses."""

import re

from idp_responses import EC_KEY, NOON, values
from saml_documents import PAIR

from pytest_stssaml import IdentityProvider, STSBackend, mock_sts_saml


def test_are_names_in_xml(unregistered: IdentityProvider) -> None:
    identifiers = values(unregistered.response(PAIR), "//@ID")
    assert [bool(re.fullmatch("_[0-9a-f]{32}", identifier)) for identifier in identifiers] == [True, True]


def test_are_all_different_in_a_mock(sts: STSBackend, unregistered: IdentityProvider) -> None:
    responses = [unregistered.response(PAIR) for _ in range(3)]
    assert len({identifier for response in responses for identifier in values(response, "//@ID")}) == 6


def test_a_mock_with_the_same_seed_and_time_repeats_whole_responses(unregistered: IdentityProvider) -> None:
    made = []
    for _ in range(2):
        with mock_sts_saml(seed="seed", now=NOON):
            made.append([unregistered.response(PAIR), unregistered.response(PAIR)])
    assert made[0] == made[1]


def test_a_mock_with_another_seed_has_others(unregistered: IdentityProvider) -> None:
    identifiers = set()
    for seed in ("a", b"a", 1, "1"):
        with mock_sts_saml(seed=seed):
            identifiers |= set(values(unregistered.response(PAIR), "//@ID"))
    assert len(identifiers) == 8


def test_another_identity_provider_has_others() -> None:
    identifiers = set()
    for entity_id in ("urn:a", "urn:b"):
        with mock_sts_saml(seed="seed"):
            response = IdentityProvider(entity_id, signing_key=EC_KEY).response(PAIR)
            identifiers |= set(values(response, "//@ID"))
    assert len(identifiers) == 4
