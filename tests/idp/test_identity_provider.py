import base64
import copy
import datetime as dt
import pickle
import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree, html
from moto import mock_aws

from pytest_stssaml import (
    IdentityProvider,
    SAMLResponse,
    STSBackend,
    make_signing_key,
    mock_sts_saml,
)
from pytest_stssaml.keys import SigningKey, certificate_of
from pytest_stssaml.saml.assertion import parse_response, read_assertion
from pytest_stssaml.saml.metadata import Metadata, read_metadata
from pytest_stssaml.saml.vocabulary import NAMESPACES

PAIR = ("arn:aws:iam::123456789012:role/Developer", "arn:aws:iam::123456789012:saml-provider/ExampleIdP")
OTHER_ACCOUNT = "111122223333"
EC_KEY = make_signing_key("ec")
BAD_SIGNATURE = ("InvalidIdentityToken", 400, "Response signature invalid")


@pytest.fixture
def unregistered(saml_signing_key: SigningKey) -> IdentityProvider:
    return IdentityProvider(signing_key=saml_signing_key)


def values(response: SAMLResponse, path: str) -> list[str]:
    return [str(value) for value in etree.fromstring(response.xml).xpath(path, namespaces=NAMESPACES)]


def offered(response: SAMLResponse) -> list[str]:
    """The values of the attribute Role."""
    return values(response, "//saml:Attribute[@Name='https://aws.amazon.com/SAML/Attributes/Role']/*/text()")


class TestIdentityProvider:
    def test_it_has_a_name_for_examples(self) -> None:
        assert IdentityProvider(signing_key=EC_KEY).entity_id == "https://idp.example.com/saml"

    def test_its_repr_names_it(self) -> None:
        assert repr(IdentityProvider("urn:okta", signing_key=EC_KEY)) == "<IdentityProvider urn:okta>"

    def test_it_makes_a_key_of_its_own(self) -> None:
        assert IdentityProvider().metadata != IdentityProvider().metadata

    def test_its_entity_id_is_a_text(self) -> None:
        with pytest.raises(TypeError, match=r"^entity_id must be a string, not 5$"):
            IdentityProvider(5)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            pytest.param("-----BEGIN PRIVATE KEY-----", "str", id="PEM"),
            pytest.param(EC_KEY.public_key(), "ECPublicKey", id="public key"),
        ],
    )
    def test_its_key_is_a_private_key_object(self, key: Any, kind: str) -> None:
        with pytest.raises(TypeError) as caught:
            IdentityProvider(signing_key=key)
        assert str(caught.value) == (
            "signing_key must be a private key object, from make_signing_key() or "
            f"cryptography's load_pem_private_key(), not {kind}"
        )


class TestMetadata:
    @pytest.mark.parametrize("key", [EC_KEY, make_signing_key()], ids=["ec", "rsa"])
    def test_it_names_the_entity_and_its_certificate(self, key: SigningKey) -> None:
        metadata = IdentityProvider("urn:okta", signing_key=key).metadata
        assert read_metadata(metadata) == Metadata("urn:okta", (certificate_of(key),))

    def test_an_entity_id_is_escaped(self) -> None:
        metadata = IdentityProvider('urn:"<&>\n', signing_key=EC_KEY).metadata
        assert read_metadata(metadata).entity_id == 'urn:"<&>\n'

    @pytest.mark.parametrize("kind", ["ec", "rsa"])
    def test_moto_takes_it(self, kind: str) -> None:
        metadata = IdentityProvider(signing_key=make_signing_key(kind)).metadata
        with mock_aws():
            iam = boto3.Session(region_name="us-east-1").client("iam")
            arn = iam.create_saml_provider(Name="ExampleIdP", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
            assert [p["Arn"] for p in iam.list_saml_providers()["SAMLProviderList"]] == [arn]

    @pytest.mark.parametrize("entity_id", ["https://idp.example.com/saml", "urn:a"], ids=["url", "short"])
    def test_they_are_long_enough_for_iam_with_an_ec_key(self, entity_id: str) -> None:
        assert len(IdentityProvider(entity_id, signing_key=EC_KEY).metadata) >= 1000

    def test_the_backend_takes_its_text(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        provider = sts.create_saml_provider("ExampleIdP", unregistered.metadata)
        assert provider.metadata == read_metadata(unregistered.metadata)


class TestProvider:
    NOT_REGISTERED = (
        "<IdentityProvider https://idp.example.com/saml> is not registered with AWS; "
        'write provider = sts.create_saml_provider("ExampleIdP", identity_provider) first'
    )

    def test_there_is_none_before_the_registration(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        with pytest.raises(LookupError) as caught:
            _ = unregistered.provider
        assert str(caught.value) == self.NOT_REGISTERED

    def test_metadata_given_as_text_does_not_register(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        sts.create_saml_provider("ExampleIdP", unregistered.metadata)
        with pytest.raises(LookupError):
            _ = unregistered.provider

    def test_it_is_the_first_registration(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        first = sts.create_saml_provider("First", unregistered)
        sts.create_saml_provider("Second", unregistered)
        assert unregistered.provider is first

    def test_it_is_the_next_registration_when_the_first_is_deleted(
        self, sts: STSBackend, unregistered: IdentityProvider
    ) -> None:
        first = sts.create_saml_provider("First", unregistered)
        second = sts.create_saml_provider("Second", unregistered)
        sts.delete_saml_provider(first)
        assert unregistered.provider is second

    def test_there_is_none_when_all_are_deleted(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        sts.delete_saml_provider(sts.create_saml_provider("ExampleIdP", unregistered).arn)
        with pytest.raises(LookupError):
            _ = unregistered.provider

    def test_it_can_still_be_named_when_the_mock_has_ended(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml() as sts:
            provider = sts.create_saml_provider("ExampleIdP", unregistered)
        assert unregistered.provider is provider

    def test_the_registrations_of_an_ended_mock_mean_nothing_in_the_next(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml() as sts:
            sts.create_saml_provider("ExampleIdP", unregistered)
        with mock_sts_saml(), pytest.raises(LookupError) as caught:
            _ = unregistered.provider
        assert str(caught.value) == self.NOT_REGISTERED

    def test_the_next_mock_has_registrations_of_its_own(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml() as sts:
            sts.create_saml_provider("First", unregistered)
        with mock_sts_saml() as sts:
            second = sts.create_saml_provider("Second", unregistered)
            assert unregistered.provider is second

    def test_a_provider_of_an_ended_mock_can_be_deleted_in_the_next(self, unregistered: IdentityProvider) -> None:
        with mock_sts_saml() as ended:
            provider = ended.create_saml_provider("First", unregistered)
        with mock_sts_saml() as sts:
            second = sts.create_saml_provider("Second", unregistered)
            ended.delete_saml_provider(provider)
            assert unregistered.provider is second


class TestRole:
    @pytest.fixture
    def role(self, sts: STSBackend, idp: IdentityProvider) -> Any:
        return sts.create_role("Developer")

    def test_a_role_gets_the_provider_of_its_account(self, idp: IdentityProvider, role: Any) -> None:
        assert offered(idp.response(role)) == [",".join(PAIR)]

    def test_an_arn_is_as_good_as_a_role(self, idp: IdentityProvider) -> None:
        assert offered(idp.response(PAIR[0])) == [",".join(PAIR)]

    @pytest.mark.parametrize("form", [list, tuple, iter], ids=["list", "tuple of three", "iterator"])
    def test_several_roles_are_offered_in_order(self, idp: IdentityProvider, role: Any, form: Any) -> None:
        roles = form([role, PAIR[0] + "2", (PAIR[0] + "3", "provider")])
        provider = PAIR[1]
        assert offered(idp.response(roles)) == [
            f"{PAIR[0]},{provider}",
            f"{PAIR[0]}2,{provider}",
            f"{PAIR[0]}3,provider",
        ]

    def test_a_tuple_of_two_roles_is_an_error_that_says_what_to_write(self, unregistered: IdentityProvider) -> None:
        roles = ("arn:aws:iam::123456789012:role/A", "arn:aws:iam::123456789012:role/B")
        message = f"a pair must be (role, provider), not {roles!r}; write several roles as a list"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            unregistered.response(roles)

    def test_a_tuple_of_two_is_a_role_and_a_provider(self, unregistered: IdentityProvider) -> None:
        assert offered(unregistered.response(("role", "provider"))) == ["role,provider"]

    def test_a_pair_of_objects_is_a_pair_of_arns(self, idp: IdentityProvider, role: Any) -> None:
        assert offered(idp.response((role, idp.provider))) == [",".join(PAIR)]

    @pytest.mark.parametrize("role", [None, [], ()], ids=["None", "list", "tuple"])
    def test_no_role_leaves_the_attribute_out(self, unregistered: IdentityProvider, role: Any) -> None:
        assert values(unregistered.response(role), "//saml:Attribute[contains(@Name, '/Role')]/@Name") == [
            "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
        ]

    def test_a_provider_goes_with_every_role_that_stands_alone(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(["a", ("b", "own"), "c"], provider="given")
        assert offered(response) == ["a,given", "b,own", "c,given"]

    def test_each_role_gets_the_provider_of_its_own_account(
        self, sts: STSBackend, idp: IdentityProvider, role: Any
    ) -> None:
        there = sts.create_saml_provider("There", idp, account_id=OTHER_ACCOUNT)
        other = sts.create_role("Admin", provider=there)
        assert offered(idp.response([role, other])) == [",".join(PAIR), f"{other.arn},{there.arn}"]

    def test_each_role_gets_the_provider_of_its_own_partition(
        self, sts: STSBackend, idp: IdentityProvider, role: Any
    ) -> None:
        there = sts.create_saml_provider("There", idp, partition="aws-cn")
        other = sts.create_role("Admin", provider=there)
        assert offered(idp.response([role, other])) == [",".join(PAIR), f"{other.arn},{there.arn}"]

    def test_a_role_of_an_account_without_provider_is_an_error_that_names_the_others(
        self, idp: IdentityProvider
    ) -> None:
        role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/Admin"
        with pytest.raises(ValueError, match="no provider") as caught:
            idp.response(role)
        assert str(caught.value) == (
            f"{role}: this identity provider has no provider in the role's account (registered: {PAIR[1]}); "
            "write role=(role, provider) or provider=..."
        )

    def test_the_name_of_a_role_is_an_error_that_says_what_to_write(self, idp: IdentityProvider) -> None:
        message = "role must be a Role or its ARN, not 'Developer'; a (role, provider) pair may consist of any strings"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            idp.response("Developer")

    def test_a_role_where_nothing_is_registered_is_an_error_that_says_so(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(ValueError, match="no provider") as caught:
            unregistered.response(PAIR[0])
        assert str(caught.value) == (
            f"{PAIR[0]}: this identity provider has no provider in the role's account (registered: nowhere); "
            "give create_saml_provider(...) the identity provider itself and not its metadata, "
            "or write role=(role, provider) or provider=..."
        )

    def test_a_provider_where_a_role_belongs_is_an_error_that_says_what_to_write(self, idp: IdentityProvider) -> None:
        arn = idp.provider.arn
        message = f"role must be a Role or its ARN, not '{arn}'; a (role, provider) pair may consist of any strings"
        roles: list[Any] = [idp.provider, arn, [idp.provider]]
        for role in roles:
            with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
                idp.response(role)

    def test_a_role_of_an_account_with_two_providers_is_an_error_that_names_both(
        self, sts: STSBackend, idp: IdentityProvider
    ) -> None:
        second = sts.create_saml_provider("Second", idp)
        sts.create_saml_provider("There", idp, account_id=OTHER_ACCOUNT)
        with pytest.raises(ValueError, match="several providers") as caught:
            idp.response(PAIR[0])
        assert str(caught.value) == (
            f"{PAIR[0]}: this identity provider has several providers in the role's account "
            f"(registered: {PAIR[1]}, {second.arn}); write role=(role, provider) or provider=..."
        )

    def test_the_first_role_decides_the_partition_that_is_addressed(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response([("arn:aws-cn:iam::123456789012:role/Developer", "p"), PAIR])
        assert values(response, "//saml:Audience/text() | //@Recipient") == [
            "https://signin.amazonaws.cn/saml",
            "urn:amazon:webservices:cn-north-1",
        ]

    def test_without_a_role_the_registration_decides_the_partition(
        self, sts: STSBackend, unregistered: IdentityProvider
    ) -> None:
        sts.create_saml_provider("ExampleIdP", unregistered, partition="aws-us-gov")
        assert values(unregistered.response(None), "//saml:Audience/text()") == [
            "urn:amazon:webservices:govcloud",
        ]

    @pytest.mark.parametrize("role", ["Developer", "arn:klingon:iam::1:role/D", "::::"])
    def test_a_role_of_no_partition_is_addressed_to_the_commercial_one(
        self, unregistered: IdentityProvider, role: str
    ) -> None:
        assert values(unregistered.response((role, "p")), "//saml:Audience/text()") == ["urn:amazon:webservices"]

    @pytest.mark.parametrize(
        ("role", "message"),
        [
            pytest.param(
                5, "role must be a Role, its ARN, a (role, provider) pair, or an iterable of those, not 5", id="5"
            ),
            pytest.param([5], "role must be an object with an ARN, or the ARN itself, not 5", id="in a list"),
            pytest.param((5, "p"), "role must be an object with an ARN, or the ARN itself, not 5", id="in a pair"),
            pytest.param(
                ("r", 5), "provider must be an object with an ARN, or the ARN itself, not 5", id="its provider"
            ),
            pytest.param([("r", "p", "q")], "a pair must be (role, provider), not ('r', 'p', 'q')", id="no pair"),
        ],
    )
    def test_a_role_of_another_type_is_an_error_that_says_what_it_is(
        self, unregistered: IdentityProvider, role: Any, message: str
    ) -> None:
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            unregistered.response(role)

    def test_an_identity_provider_for_a_provider_is_an_error_that_says_what_to_write(
        self, idp: IdentityProvider, role: Any
    ) -> None:
        with pytest.raises(TypeError) as caught:
            idp.response(role, provider=idp)  # type: ignore[arg-type]
        assert str(caught.value) == (
            "provider must be an object with an ARN, or the ARN itself, not "
            "<IdentityProvider https://idp.example.com/saml>; write identity_provider.provider"
        )


class TestRoleFormat:
    @pytest.mark.parametrize(
        ("role_format", "value"),
        [
            pytest.param("{role},{provider}", "R,P", id="default"),
            pytest.param("{provider},{role}", "P,R", id="the other way round"),
            pytest.param(" {role} , {provider}\n", " R , P\n", id="with space"),
            pytest.param("{role}", "R", id="role alone"),
            pytest.param("nonsense", "nonsense", id="neither"),
            pytest.param("", "", id="empty"),
        ],
    )
    def test_a_value_is_written_in_it(self, unregistered: IdentityProvider, role_format: str, value: str) -> None:
        assert "".join(offered(unregistered.response(("R", "P"), role_format=role_format))) == value

    @pytest.mark.parametrize("role_format", ["{arn}", "{0}", "{", "{role.nothing}"])
    def test_another_field_is_an_error(self, unregistered: IdentityProvider, role_format: str) -> None:
        with pytest.raises(ValueError, match="role_format") as caught:
            unregistered.response(PAIR, role_format=role_format)
        assert str(caught.value) == f"role_format must be a string with {{role}} and {{provider}}, not {role_format!r}"

    @pytest.mark.parametrize("role_format", [5, None, b"{role}"], ids=["number", "None", "octets"])
    def test_another_type_is_a_type_error(self, unregistered: IdentityProvider, role_format: Any) -> None:
        with pytest.raises(TypeError, match=r"^role_format must be a string with \{role\} and \{provider\}, not "):
            unregistered.response(PAIR, role_format=role_format)


class TestSigned:
    @pytest.mark.parametrize(
        ("signed", "hosts"),
        [("assertion", ["Assertion"]), ("response", ["Response"]), ("both", ["Response", "Assertion"]), (None, [])],
    )
    def test_it_says_what_bears_a_signature(
        self, unregistered: IdentityProvider, signed: str | None, hosts: list[str]
    ) -> None:
        root = etree.fromstring(unregistered.response(PAIR, signed=signed).xml)
        bearers = root.xpath("//ds:Signature/..", namespaces=NAMESPACES)
        assert [etree.QName(bearer).localname for bearer in bearers] == hosts

    @pytest.mark.parametrize(("signed", "hosts"), [("assertion", []), ("response", ["Response"]), (None, [])], ids=str)
    def test_of_a_failure_it_means_the_response_or_nothing(
        self, unregistered: IdentityProvider, signed: str | None, hosts: list[str]
    ) -> None:
        status = "urn:oasis:names:tc:SAML:2.0:status:Responder"
        root = etree.fromstring(unregistered.response(PAIR, status=status, signed=signed).xml)
        bearers = root.xpath("//ds:Signature/..", namespaces=NAMESPACES)
        assert [etree.QName(bearer).localname for bearer in bearers] == hosts

    def test_both_of_a_failure_is_the_response(self, unregistered: IdentityProvider) -> None:
        status = "urn:oasis:names:tc:SAML:2.0:status:Responder"
        root = etree.fromstring(unregistered.response(PAIR, status=status, signed="both").xml)
        assert len(root.findall("ds:Signature", NAMESPACES)) == 1

    def test_another_value_is_an_error_that_lists_them(self, unregistered: IdentityProvider) -> None:
        message = """signed must be "assertion", "response", "both" or None, not 'everything'"""
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            unregistered.response(PAIR, signed="everything")

    def test_another_key_signs_this_once(self, unregistered: IdentityProvider) -> None:
        foreign = unregistered.response(PAIR, signing_key=EC_KEY)
        assert [key in foreign.xml for key in ("ecdsa-sha256", "rsa-sha256")] == [True, False]

    def test_another_type_of_key_is_an_error(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(TypeError, match=r"^signing_key must be a private key object, .*, not str$"):
            unregistered.response(PAIR, signing_key="key")  # type: ignore[arg-type]


class TestIdentifiers:
    def test_no_two_of_a_mock_are_equal(self, sts: STSBackend, unregistered: IdentityProvider) -> None:
        responses = [unregistered.response(PAIR) for _ in range(3)]
        assert len({identifier for response in responses for identifier in values(response, "//@ID")}) == 6

    def test_a_mock_of_the_same_seed_and_time_repeats_the_whole_response(self, unregistered: IdentityProvider) -> None:
        made = []
        for _ in range(2):
            with mock_sts_saml(seed="seed", now=dt.datetime(2030, 1, 1, tzinfo=dt.UTC)):
                made.append([unregistered.response(PAIR), unregistered.response(PAIR)])
        assert made[0] == made[1]

    def test_a_mock_of_another_seed_does_not(self, unregistered: IdentityProvider) -> None:
        identifiers = set()
        for seed in ("a", b"a", 1, "1"):
            with mock_sts_saml(seed=seed):
                identifiers |= set(values(unregistered.response(PAIR), "//@ID"))
        assert len(identifiers) == 8

    def test_two_identity_providers_give_different_ones(self) -> None:
        identifiers = set()
        for entity_id in ("urn:a", "urn:b"):
            with mock_sts_saml(seed="seed"):
                response = IdentityProvider(entity_id, signing_key=EC_KEY).response(PAIR)
                identifiers |= set(values(response, "//@ID"))
        assert len(identifiers) == 4

    def test_they_are_names_in_xml(self, unregistered: IdentityProvider) -> None:
        identifiers = values(unregistered.response(PAIR), "//@ID")
        assert [bool(re.fullmatch("_[0-9a-f]{32}", identifier)) for identifier in identifiers] == [True, True]


class TestSAMLResponse:
    @pytest.fixture
    def response(self, unregistered: IdentityProvider) -> SAMLResponse:
        return unregistered.response(PAIR)

    def test_it_is_a_text(self, response: SAMLResponse) -> None:
        assert isinstance(response, str)

    def test_its_xml_is_what_the_base64_says(self) -> None:
        assert SAMLResponse("PGE+w7w8L2E+").xml == "<a>ü</a>"

    def test_its_repr_is_short(self, response: SAMLResponse) -> None:
        assert repr(response) == f"<SAMLResponse of {len(response)} characters, PHNhbWxw…>"

    @pytest.mark.parametrize(
        "again",
        [
            pytest.param(copy.copy, id="copy"),
            pytest.param(copy.deepcopy, id="deepcopy"),
            *(
                pytest.param(lambda it, p=protocol: pickle.loads(pickle.dumps(it, p)), id=f"pickle {protocol}")  # noqa: S301
                for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
            ),
        ],
    )
    def test_it_survives(self, response: SAMLResponse, again: Any) -> None:
        copied = again(response)
        assert (copied, type(copied), copied.xml) == (response, SAMLResponse, response.xml)


class TestRoot:
    def test_it_is_the_documents_element(self, unregistered: IdentityProvider) -> None:
        assert unregistered.response(PAIR).root.tag == "{urn:oasis:names:tc:SAML:2.0:protocol}Response"

    def test_it_is_another_one_each_time(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(PAIR)
        response.root.clear()
        assert response.root.get("Version") == "2.0"

    def test_it_takes_a_declaration(self, unregistered: IdentityProvider) -> None:
        template = unregistered.response(PAIR, signed=None).xml
        declared = unregistered.sign('<?xml version="1.0" encoding="UTF-8"?>' + template)
        assert declared.root.get("Version") == "2.0"

    def test_it_expands_no_entity(self) -> None:
        octets = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'
        root = SAMLResponse(base64.b64encode(octets).decode()).root
        assert etree.tostring(root) == b"<a>&b;</a>"


class TestTampered:
    def test_it_replaces_a_text(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(PAIR)
        changed = response.tampered(">alice@example.com</saml:NameID>", ">mallory@example.com</saml:NameID>")
        assert values(changed, "//saml:NameID/text()") == ["mallory@example.com"]

    def test_it_replaces_it_everywhere(self, unregistered: IdentityProvider) -> None:
        assert "alice" not in unregistered.response(PAIR).tampered("alice", "mallory").xml

    def test_it_leaves_everything_else_as_it_was(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(PAIR, signed="both")
        assert response.tampered("alice", "mallory").tampered("mallory", "alice") == response

    def test_it_gives_a_response_and_leaves_its_own(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(PAIR)
        assert [type(response.tampered("alice", "mallory")), "alice" in response.xml] == [SAMLResponse, True]

    def test_a_text_that_is_not_there_is_an_error_that_says_where_to_look(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(ValueError, match=r"^the response does not contain 'bob'; look at response\.xml$"):
            unregistered.response(PAIR).tampered("bob", "mallory")

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_sts_refuses_it(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any], signed: str
    ) -> None:
        role = sts.create_role("Developer")
        response = idp.response(role, signed=signed).tampered("alice", "mallory")
        assert refusal(response, role, idp.provider) == BAD_SIGNATURE


class TestUnsigned:
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_it_is_the_same_without_signatures(self, unregistered: IdentityProvider, signed: str) -> None:
        template = unregistered.response(PAIR, signed=None).xml
        assert unregistered.sign(template, signed=signed).unsigned().xml == template

    @pytest.mark.parametrize("prefix", ["dsig:", ""], ids=["another prefix", "none"])
    def test_it_finds_them_under_other_prefixes(self, unregistered: IdentityProvider, prefix: str) -> None:
        xml = unregistered.response(PAIR).xml.replace("xmlns:ds=", f"xmlns{':' + prefix[:-1] if prefix else ''}=")
        response = SAMLResponse(base64.b64encode(xml.replace("ds:", prefix).encode()).decode())
        assert response.unsigned().root.findall(".//ds:Signature", NAMESPACES) == []

    def test_it_is_a_response(self, unregistered: IdentityProvider) -> None:
        assert type(unregistered.response(PAIR).unsigned()) is SAMLResponse

    def test_sts_refuses_it(self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]) -> None:
        role = sts.create_role("Developer")
        assert refusal(idp.response(role, signed="both").unsigned(), role, idp.provider) == BAD_SIGNATURE


class TestForm:
    def fields(self, page: str) -> dict[str, str]:
        (form,) = html.fromstring(page).forms
        return dict(form.fields)

    def test_it_posts_the_response(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(PAIR)
        assert self.fields(response.form()) == {"SAMLResponse": response, "RelayState": ""}

    def test_it_posts_to_the_destination(self, unregistered: IdentityProvider) -> None:
        (form,) = html.fromstring(unregistered.response(PAIR).form()).forms
        assert (form.method, form.action) == ("POST", "https://signin.aws.amazon.com/saml")

    def test_without_a_destination_it_posts_to_the_recipient(self, unregistered: IdentityProvider) -> None:
        (form,) = html.fromstring(unregistered.response(PAIR, destination=None).form()).forms
        assert form.get("action") == "https://signin.aws.amazon.com/saml"

    def test_without_a_recipient_either_it_posts_to_nobody(self, unregistered: IdentityProvider) -> None:
        response = unregistered.response(PAIR, destination=None, recipient=None)
        (form,) = html.fromstring(response.form()).forms
        assert form.get("action") == ""

    def test_a_relay_state_is_escaped(self, unregistered: IdentityProvider) -> None:
        said = "https://example.com/?a=1&b=\"><script>'alert(1)'</script>"
        page = unregistered.response(PAIR).form(said)
        assert [self.fields(page)["RelayState"], len(html.fromstring(page).findall(".//script"))] == [said, 0]

    def test_a_destination_is_escaped(self, unregistered: IdentityProvider) -> None:
        said = "https://example.com/?a=1&b=\"><script>'alert(1)'</script>"
        page = html.fromstring(unregistered.response(PAIR, destination=said).form())
        assert [page.forms[0].get("action"), len(page.findall(".//script"))] == [said, 0]

    def test_it_submits_itself_or_by_a_button(self, unregistered: IdentityProvider) -> None:
        page: Any = html.fromstring(unregistered.response(PAIR).form())
        buttons = [button.text for button in page.findall(".//noscript/button")]
        assert [page.find("body").get("onload"), buttons] == ["document.forms[0].submit()", ["Sign in to AWS"]]


class TestRotateKey:
    def test_the_new_key_signs(self, unregistered: IdentityProvider) -> None:
        unregistered.rotate_key(EC_KEY)
        assert "ecdsa-sha256" in unregistered.response(PAIR).xml

    def test_the_new_keys_certificate_comes_first_and_the_olds_second(
        self, unregistered: IdentityProvider, saml_signing_key: SigningKey
    ) -> None:
        unregistered.rotate_key(EC_KEY)
        assert unregistered.certificates == (certificate_of(EC_KEY), certificate_of(saml_signing_key))

    def test_a_second_rotation_forgets_the_first_key(self, unregistered: IdentityProvider) -> None:
        last = make_signing_key("ec")
        unregistered.rotate_key(EC_KEY)
        unregistered.rotate_key(last)
        assert unregistered.certificates == (certificate_of(last), certificate_of(EC_KEY))

    def test_without_a_rotation_there_is_one_certificate(
        self, unregistered: IdentityProvider, saml_signing_key: SigningKey
    ) -> None:
        assert unregistered.certificates == (certificate_of(saml_signing_key),)

    @pytest.mark.parametrize("rotations", [0, 1, 2])
    def test_the_metadata_publish_the_certificates(self, unregistered: IdentityProvider, rotations: int) -> None:
        for _ in range(rotations):
            unregistered.rotate_key(make_signing_key("ec"))
        assert read_metadata(unregistered.metadata).signing_certificates == unregistered.certificates

    @pytest.mark.parametrize("key", [EC_KEY, make_signing_key()], ids=["ec", "rsa"])
    def test_left_out_the_new_key_is_of_the_same_kind(self, key: SigningKey) -> None:
        idp = IdentityProvider(signing_key=key)
        idp.rotate_key()
        new, old = (type(certificate.public_key()) for certificate in idp.certificates)
        assert new is old

    def test_left_out_the_new_key_is_a_new_one(self, unregistered: IdentityProvider) -> None:
        unregistered.rotate_key()
        assert len(set(unregistered.certificates)) == 2

    def test_another_type_is_an_error(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(TypeError, match=r"^signing_key must be a private key object, .*, not str$"):
            unregistered.rotate_key("key")  # type: ignore[arg-type]

    def test_after_an_error_the_old_key_signs(self, unregistered: IdentityProvider) -> None:
        before = unregistered.certificates
        with pytest.raises(TypeError):
            unregistered.rotate_key(5)  # type: ignore[arg-type]
        assert unregistered.certificates == before


class TestSign:
    @pytest.fixture
    def template(self, unregistered: IdentityProvider) -> str:
        return unregistered.response(PAIR, signed=None).xml

    def test_a_signed_one_is_not_signed_again(self, unregistered: IdentityProvider) -> None:
        message = "the assertion is signed already; take its ds:Signature out first, as response.unsigned() does"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            unregistered.sign(unregistered.response(PAIR).xml)

    def test_octets_are_an_error_that_says_what_to_write(self, unregistered: IdentityProvider, template: str) -> None:
        with pytest.raises(TypeError, match=r"^xml must be a response as a string, not bytes; decode it first$"):
            unregistered.sign(template.encode())  # type: ignore[arg-type]

    def test_another_declared_encoding_is_an_error(self, unregistered: IdentityProvider, template: str) -> None:
        message = "the response to sign declares the encoding ISO-8859-1; a string is sent in UTF-8"
        with pytest.raises(ValueError, match=f"^{message}$"):
            unregistered.sign(f'<?xml version="1.0" encoding="ISO-8859-1"?>{template}')

    def test_an_id_that_the_text_spells_otherwise_is_an_error(
        self, unregistered: IdentityProvider, template: str
    ) -> None:
        message = "the start tag with the ID '_x' cannot be found; write the ID without references"
        with pytest.raises(ValueError, match=f"^{message}$"):
            unregistered.sign(re.sub('(<saml:Assertion [^>]*ID=)"[^"]*"', r'\1"&#95;x"', template))

    def test_the_text_around_the_signature_stays_as_it_is(self, unregistered: IdentityProvider, template: str) -> None:
        template = template.replace("><", ">\r\n  <").replace('="', " =\n'").replace('"', "'")
        signed = unregistered.sign(template, signed="both").xml
        assert re.sub("<ds:Signature .*?</ds:Signature>", "", signed) == template

    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_the_signature_stands_behind_the_issuer(
        self, unregistered: IdentityProvider, template: str, signed: str
    ) -> None:
        before = values(unregistered.sign(template, signed=signed), "name(//ds:Signature/preceding-sibling::*[1])")
        assert "".join(before) == "saml:Issuer"

    def test_without_an_issuer_it_stands_first(self, unregistered: IdentityProvider, template: str) -> None:
        without = re.sub("<saml:Issuer>.*?</saml:Issuer>", "", template)
        assert values(unregistered.sign(without), "name(//saml:Assertion/*[1])") == list("ds:Signature")

    def test_nothing_signed_is_the_text_in_base64(self, unregistered: IdentityProvider, template: str) -> None:
        assert unregistered.sign(template, signed=None).xml == template

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            pytest.param(
                "<samlp:Response", '<?xml version="1.0" encoding="UTF-8"?>\n<samlp:Response', id="declaration"
            ),
            pytest.param("<saml:Issuer>", "\n\t<saml:Issuer>", id="line break before the issuer"),
            pytest.param("</saml:Issuer>", "<!-- . --></saml:Issuer>", id="comment in an issuer"),
            pytest.param("<saml:Issuer>", "<!-- . --><saml:Issuer>", id="comment before an issuer"),
            pytest.param("<saml:Assertion ", "<!-- <saml:Assertion> --><saml:Assertion ", id="start tag in a comment"),
            pytest.param(
                "<samlp:Response ", "<!-- <samlp:Response> --><samlp:Response ", id="another start tag in a comment"
            ),
            pytest.param('Destination="', 'Destination="&gt;', id="bracket in an attribute"),
            pytest.param("<saml:Assertion ", '<saml:Assertion a=">" ', id="bare bracket in an attribute"),
            pytest.param(">alice@example.com</saml:NameID>", ">älice</saml:NameID>", id="not ASCII"),
            pytest.param("><", ">\r\n<", id="line breaks of Windows"),
        ],
    )
    @pytest.mark.parametrize("signed", ["assertion", "response", "both"])
    def test_a_template_of_ones_own_can_be_read_and_holds(
        self, template: str, unregistered: IdentityProvider, old: str, new: str, signed: str
    ) -> None:
        assert old in template
        response = unregistered.sign(template.replace(old, new), signed=signed)
        claims = read_assertion(parse_response(response), read_metadata(unregistered.metadata))
        assert claims.issuer == "https://idp.example.com/saml"

    def test_other_prefixes_and_none_are_signed(self, sts: STSBackend, idp: IdentityProvider, log_in: Any) -> None:
        role = sts.create_role("Developer")
        xml = idp.response(role, signed=None).xml.replace("samlp:", "").replace("xmlns:samlp=", "xmlns=")
        xml = xml.replace("saml:", "a-b.c_d:").replace("xmlns:saml=", "xmlns:a-b.c_d=")
        response = idp.sign(xml.replace("urn:oasis:names:tc:a-b.c_d:", "urn:oasis:names:tc:SAML:"), signed="both")
        assert log_in(response, role, idp.provider)["Subject"] == "alice@example.com"

    def test_what_is_not_xml_is_an_error(self, unregistered: IdentityProvider) -> None:
        with pytest.raises(ValueError, match=r"^the response to sign is not XML: "):
            unregistered.sign("<samlp:Response")

    @pytest.mark.parametrize("host", ["assertion", "response"])
    def test_a_host_without_id_is_an_error(self, unregistered: IdentityProvider, template: str, host: str) -> None:
        without = re.sub(' ID="[^"]*"', "", template)
        with pytest.raises(ValueError, match=f"^there is no {host} with an ID to sign$"):
            unregistered.sign(without, signed=host)

    def test_a_response_without_assertion_is_an_error(self, unregistered: IdentityProvider, template: str) -> None:
        without = re.sub("<saml:Assertion .*</saml:Assertion>", "", template)
        with pytest.raises(ValueError, match=r"^there is no assertion with an ID to sign$"):
            unregistered.sign(without)

    def test_another_value_of_signed_is_an_error(self, unregistered: IdentityProvider, template: str) -> None:
        with pytest.raises(ValueError, match=r'^signed must be "assertion", "response", "both" or None, not True$'):
            unregistered.sign(template, signed=True)  # type: ignore[arg-type]


def test_a_certificate_in_the_metadata_is_that_of_the_signature(unregistered: IdentityProvider) -> None:
    certificate = re.compile("<ds:X509Certificate>(.*)</ds:X509Certificate>")
    in_both = [certificate.findall(text) for text in (unregistered.metadata, unregistered.response(PAIR).xml)]
    assert in_both[0] == in_both[1]


def test_a_certificate_can_be_written_to_a_file_for_other_tools(unregistered: IdentityProvider) -> None:
    (certificate,) = read_metadata(unregistered.metadata).signing_certificates
    assert certificate.public_bytes(Encoding.PEM).startswith(b"-----BEGIN CERTIFICATE-----\n")


def test_encrypted_for_an_arn_is_an_error_that_says_what_to_write(unregistered: IdentityProvider) -> None:
    message = f"encrypted_for must be what create_saml_provider() returned, not {PAIR[1]!r}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        unregistered.response(PAIR, encrypted_for=PAIR[1])  # type: ignore[arg-type]
