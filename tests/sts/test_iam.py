import datetime as dt
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pytest_stssaml import IAMError, IdentityProvider, Role, SAMLProvider, STSBackend, make_signing_key
from pytest_stssaml.sts.iam import Arn, parse_arn

ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
PARTITIONS = ["aws", "aws-cn", "aws-us-gov"]
SIGN_IN_URLS = {
    "aws": "https://signin.aws.amazon.com/saml",
    "aws-cn": "https://signin.amazonaws.cn/saml",
    "aws-us-gov": "https://signin.amazonaws-us-gov.com/saml",
}
LONG_ENOUGH = " " * 1000
WITHIN = "It must contain only alphanumeric characters and/or the following: "


@pytest.fixture
def metadata(idp: IdentityProvider) -> str:
    return idp.metadata


@pytest.fixture
def provider(idp: IdentityProvider) -> SAMLProvider:
    return idp.provider


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[str, int, str, str]:
    with pytest.raises(IAMError) as caught:
        call(*args, **kwargs)
    error = caught.value
    return error.code, error.status, error.message, error.hint


def validation_error(message: str, hint: str) -> tuple[str, int, str, str]:
    return "ValidationError", 400, message, hint


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
    def test_takes_six_parts_apart_of_which_three_must_not_be_empty(self, text: str, arn: Arn | None) -> None:
        assert parse_arn(text) == arn


class TestCreateSAMLProvider:
    @pytest.mark.parametrize("partition", PARTITIONS)
    def test_gives_a_provider_of_the_account_and_partition(
        self, sts: STSBackend, metadata: str, partition: str
    ) -> None:
        provider = sts.create_saml_provider("Okta", metadata, account_id=OTHER_ACCOUNT, partition=partition)
        assert (provider.arn, provider.name, provider.account_id, provider.partition, provider.tags) == (
            f"arn:{partition}:iam::111122223333:saml-provider/Okta",
            "Okta",
            OTHER_ACCOUNT,
            partition,
            {},
        )

    def test_gives_a_uuid_of_awss_form(self, provider: SAMLProvider) -> None:
        assert re.fullmatch(r"SAMLSP[A-Z0-9]{16}", provider.uuid)

    def test_gives_each_provider_a_uuid_of_its_own(self, sts: STSBackend, metadata: str) -> None:
        assert len({sts.create_saml_provider(f"Idp{n}", metadata).uuid for n in range(20)}) == 20

    def test_keeps_a_copy_of_the_tags(self, sts: STSBackend, metadata: str) -> None:
        tags = {"team": "blue"}
        provider = sts.create_saml_provider("Okta", metadata, tags=tags)
        tags.clear()
        assert provider.tags == {"team": "blue"}

    def test_links_the_identity_provider_that_it_is_given(self, sts: STSBackend) -> None:
        identity_provider = IdentityProvider()
        provider = sts.create_saml_provider("Okta", identity_provider)
        assert identity_provider.provider is provider

    def test_of_a_text_links_nobody(self, sts: STSBackend) -> None:
        identity_provider = IdentityProvider()
        sts.create_saml_provider("Okta", identity_provider.metadata)
        with pytest.raises(LookupError, match="is not registered with AWS"):
            _ = identity_provider.provider

    def test_a_second_of_a_name_exists_already(self, sts: STSBackend, idp: IdentityProvider, metadata: str) -> None:
        assert refused(sts.create_saml_provider, "ExampleIdP", metadata) == (
            "EntityAlreadyExists",
            409,
            "Provider with name ExampleIdP already exists.",
            "arn:aws:iam::123456789012:saml-provider/ExampleIdP is registered",
        )

    def test_a_second_of_a_name_links_nobody(self, sts: STSBackend, idp: IdentityProvider) -> None:
        newcomer = IdentityProvider()
        refused(sts.create_saml_provider, "ExampleIdP", newcomer)
        with pytest.raises(LookupError, match="is not registered with AWS"):
            _ = newcomer.provider

    @pytest.mark.parametrize(
        ("name", "elsewhere"),
        [
            pytest.param("exampleidp", {}, id="another case"),
            pytest.param("ExampleIdP", {"account_id": OTHER_ACCOUNT}, id="another account"),
            pytest.param("ExampleIdP", {"partition": "aws-cn"}, id="another partition"),
        ],
    )
    def test_a_name_is_free_elsewhere(
        self, sts: STSBackend, idp: IdentityProvider, metadata: str, name: str, elsewhere: dict[str, str]
    ) -> None:
        assert sts.create_saml_provider(name, metadata, **elsewhere).name == name

    @pytest.mark.parametrize("name", ["a", "a" * 128, "azAZ09._-"], ids=["1", "128", "every sign"])
    def test_takes_a_name_just_within_its_bounds(self, sts: STSBackend, metadata: str, name: str) -> None:
        assert sts.create_saml_provider(name, metadata).arn == f"arn:aws:iam::123456789012:saml-provider/{name}"

    @pytest.mark.parametrize(
        "name",
        ["", "a" * 129, "my idp", "my/idp", "my@idp", "idp\n", "\u00e4"],
        ids=["empty", "129", "space", "slash", "at", "newline", "umlaut"],
    )
    def test_refuses_a_name_just_outside_its_bounds(self, sts: STSBackend, metadata: str, name: str) -> None:
        assert refused(sts.create_saml_provider, name, metadata) == validation_error(
            f"The specified value for name is invalid. {WITHIN}._-", f"got {name!r} of {len(name)} characters"
        )

    @pytest.mark.parametrize(
        ("document", "hint"),
        [
            ("<a/>" + LONG_ENOUGH, "the root element is 'a', not md:EntityDescriptor"),
            (
                '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>' + LONG_ENOUGH,
                "md:EntityDescriptor has no entityID",
            ),
        ],
        ids=["another document", "no entityID"],
    )
    def test_refuses_metadata_that_are_none(self, sts: STSBackend, document: str, hint: str) -> None:
        assert refused(sts.create_saml_provider, "Okta", document) == (
            "InvalidInput",
            400,
            "Could not parse metadata",
            hint,
        )

    @pytest.mark.parametrize("size", [1000, 10_000_000])
    def test_takes_metadata_just_within_their_bounds(self, sts: STSBackend, size: int) -> None:
        document = IdentityProvider(signing_key=make_signing_key("ec")).metadata
        short = re.sub("<md:Single.*?/>|<md:NameIDFormat>.*?</md:NameIDFormat>", "", document)
        assert sts.create_saml_provider("Okta", short.ljust(size)).name == "Okta"

    @pytest.mark.parametrize(
        ("size", "bound"), [(999, "greater than or equal to 1000"), (10_000_001, "less than or equal to 10000000")]
    )
    def test_refuses_metadata_just_outside_their_bounds(self, sts: STSBackend, size: int, bound: str) -> None:
        document = "<a/>".ljust(size)
        assert refused(sts.create_saml_provider, "Okta", document) == validation_error(
            "1 validation error detected: Value at 'sAMLMetadataDocument' failed to satisfy constraint: "
            f"Member must have length {bound}",
            f"got {size} characters; IdentityProvider(...).metadata is long enough",
        )

    def test_refuses_a_byte_order_mark(self, sts: STSBackend, metadata: str) -> None:
        assert refused(sts.create_saml_provider, "Okta", "\ufeff" + metadata) == (
            "InvalidInput",
            400,
            "Could not parse metadata",
            "the metadata begins with a byte order mark",
        )

    def test_refuses_an_unusable_certificate_in_other_words(
        self, sts: STSBackend, metadata: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pytest_stssaml.saml.metadata.SHORTEST_RSA_KEY", 2049)
        assert refused(sts.create_saml_provider, "Okta", metadata) == (
            "InvalidInput",
            400,
            "Unable to parse metadata",
            "an RSA key has 2048 bits, fewer than 2049",
        )

    @pytest.mark.parametrize("metadata", [None, b"<a/>", 5, object], ids=["None", "octets", "a number", "a class"])
    def test_metadata_of_another_type_are_a_type_error(self, sts: STSBackend, metadata: Any) -> None:
        message = f"metadata is an IdentityProvider or the text of a document, not {metadata!r}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata)

    def test_a_refused_provider_does_not_exist(self, sts: STSBackend) -> None:
        refused(sts.create_saml_provider, "Okta", "<a/>")
        with pytest.raises(ValueError, match="has: none;"):
            sts.create_role("A")


class TestDeleteSAMLProvider:
    @pytest.mark.parametrize("by", [lambda provider: provider, lambda provider: provider.arn], ids=["object", "arn"])
    def test_forgets_the_provider(self, sts: STSBackend, provider: SAMLProvider, by: Callable[..., Any]) -> None:
        sts.delete_saml_provider(by(provider))
        with pytest.raises(ValueError, match="has: none;"):
            sts.create_role("A")

    def test_frees_its_name(self, sts: STSBackend, provider: SAMLProvider, metadata: str) -> None:
        sts.delete_saml_provider(provider)
        assert sts.create_saml_provider("ExampleIdP", metadata).arn == provider.arn

    def test_unlinks_the_identity_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        sts.delete_saml_provider(idp.provider)
        with pytest.raises(LookupError, match="is not registered with AWS"):
            _ = idp.provider

    def test_leaves_other_registrations_of_the_identity_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        second = sts.create_saml_provider("Second", idp)
        sts.delete_saml_provider(idp.provider)
        assert idp.provider is second

    def test_of_a_provider_made_of_text_is_no_different(self, sts: STSBackend, metadata: str) -> None:
        provider = sts.create_saml_provider("Text", metadata)
        sts.delete_saml_provider(provider)
        assert refused(sts.delete_saml_provider, provider)[0] == "NoSuchEntity"

    def test_keeps_the_roles_that_trust_it_and_lets_nobody_in(
        self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]
    ) -> None:
        role, provider = sts.create_role("A"), idp.provider
        response = idp.response(role)
        sts.delete_saml_provider(provider)
        assert refusal(response, role, provider)[2].startswith("Specified provider doesn't exist")

    def test_of_none_is_no_such_entity(self, sts: STSBackend) -> None:
        arn = "arn:aws:iam::111111111111:saml-provider/NonExistentProvider"
        assert refused(sts.delete_saml_provider, arn) == (
            "NoSuchEntity",
            404,
            "Manifest not found for arn arn:aws:iam::111111111111:saml-provider/NonExistentProvider",
            "no such provider here",
        )

    def test_of_an_identity_provider_says_what_to_write(self, sts: STSBackend, idp: IdentityProvider) -> None:
        message = (
            "provider is what create_* gave, or its ARN; "
            "not <IdentityProvider https://idp.example.com/saml>, write its .provider"
        )
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.delete_saml_provider(idp)  # type: ignore[arg-type]


class TestCreateRole:
    @pytest.mark.parametrize("partition", PARTITIONS)
    def test_gives_a_role_of_the_account_and_partition(
        self, sts: STSBackend, provider: SAMLProvider, partition: str
    ) -> None:
        role = sts.create_role("A", provider=provider, account_id=OTHER_ACCOUNT, partition=partition)
        assert (role.arn, role.name, role.account_id, role.partition, role.path) == (
            f"arn:{partition}:iam::111122223333:role/A",
            "A",
            OTHER_ACCOUNT,
            partition,
            "/",
        )

    def test_gives_a_role_of_one_hour_without_tags(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A")
        assert (role.max_session_duration, role.tags) == (3600, {})

    def test_gives_a_role_id_of_awss_form(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert re.fullmatch(r"AROA[A-Z2-7]{17}", sts.create_role("A").role_id)

    def test_gives_each_role_an_id_of_its_own(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert len({sts.create_role(f"Role{n}").role_id for n in range(20)}) == 20

    def test_made_again_has_another_id(self, sts: STSBackend, provider: SAMLProvider) -> None:
        first = sts.create_role("A")
        sts.delete_role(first)
        assert sts.create_role("A").role_id != first.role_id

    def test_keeps_a_copy_of_the_tags(self, sts: STSBackend, provider: SAMLProvider) -> None:
        tags = {"team": "blue"}
        role = sts.create_role("A", tags=tags)
        tags.clear()
        assert role.tags == {"team": "blue"}

    @pytest.mark.parametrize("name", ["a", "a" * 64, "azAZ09_+=,.@-"], ids=["1", "64", "every sign"])
    def test_takes_a_name_just_within_its_bounds(self, sts: STSBackend, provider: SAMLProvider, name: str) -> None:
        assert sts.create_role(name).arn == f"arn:aws:iam::123456789012:role/{name}"

    @pytest.mark.parametrize(
        "name",
        ["", "a" * 65, "my role", "my/role", "role\n", "\u00e4"],
        ids=["empty", "65", "space", "slash", "newline", "umlaut"],
    )
    def test_refuses_a_name_just_outside_its_bounds(self, sts: STSBackend, provider: SAMLProvider, name: str) -> None:
        assert refused(sts.create_role, name) == validation_error(
            f"The specified value for roleName is invalid. {WITHIN}+=,.@_-", f"got {name!r} of {len(name)} characters"
        )

    @pytest.mark.parametrize("path", ["/", "/a/", "/team/blue/", "/" + "a" * 510 + "/", "/!~/"])
    def test_takes_a_path_just_within_its_bounds(self, sts: STSBackend, provider: SAMLProvider, path: str) -> None:
        role = sts.create_role("A", path=path)
        assert (role.path, role.arn) == (path, f"arn:aws:iam::123456789012:role{path}A")

    @pytest.mark.parametrize("path", ["", "a", "/a", "a/", "/a b/", "/\x7f/", "/" + "a" * 511 + "/", "/a/\n"])
    def test_refuses_a_path_just_outside_its_bounds(self, sts: STSBackend, provider: SAMLProvider, path: str) -> None:
        assert refused(sts.create_role, "A", path=path) == validation_error(
            "The specified value for path is invalid. It must begin and end with / "
            "and contain only alphanumeric characters and/or / characters.",
            f"got {path!r}",
        )

    @pytest.mark.parametrize("seconds", [3600, 43200])
    def test_takes_a_maximum_just_within_its_bounds(
        self, sts: STSBackend, provider: SAMLProvider, seconds: int
    ) -> None:
        assert sts.create_role("A", max_session_duration=seconds).max_session_duration == seconds

    @pytest.mark.parametrize(
        ("seconds", "bound"), [(3599, "greater than or equal to 3600"), (43201, "less than or equal to 43200")]
    )
    def test_refuses_a_maximum_just_outside_its_bounds(
        self, sts: STSBackend, provider: SAMLProvider, seconds: int, bound: str
    ) -> None:
        assert refused(sts.create_role, "A", max_session_duration=seconds) == validation_error(
            f"1 validation error detected: Value '{seconds}' at 'maxSessionDuration' failed to satisfy constraint: "
            f"Member must have value {bound}",
            "max_session_duration is in seconds, one hour to twelve",
        )

    @pytest.mark.parametrize(
        ("name", "path"),
        [("Developer", "/"), ("DEVELOPER", "/"), ("developer", "/team/")],
        ids=["the same", "in capitals", "under another path"],
    )
    def test_a_second_of_a_name_exists_already(
        self, sts: STSBackend, provider: SAMLProvider, name: str, path: str
    ) -> None:
        sts.create_role("Developer")
        assert refused(sts.create_role, name, path=path) == (
            "EntityAlreadyExists",
            409,
            f"Role with name {name} already exists.",
            "account 123456789012 has a role of that name",
        )

    @pytest.mark.parametrize(
        "elsewhere", [{"account_id": OTHER_ACCOUNT}, {"partition": "aws-cn"}], ids=["account", "partition"]
    )
    def test_a_name_is_free_elsewhere(self, sts: STSBackend, provider: SAMLProvider, elsewhere: dict[str, str]) -> None:
        here = sts.create_role("A")
        assert sts.create_role("A", provider=provider, **elsewhere).arn != here.arn

    def test_of_one_name_in_many_threads_makes_one_role(self, sts: STSBackend, provider: SAMLProvider) -> None:
        def create(_: int) -> Role | str:
            try:
                return sts.create_role("Developer")
            except IAMError as error:
                return error.code

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(create, range(64)))
        roles = [outcome for outcome in outcomes if isinstance(outcome, Role)]
        assert (len(roles), outcomes.count("EntityAlreadyExists")) == (1, 63)

    def test_refuses_a_malformed_trust_policy_and_makes_no_role(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert refused(sts.create_role, "A", trust_policy={}) == (
            "MalformedPolicyDocument",
            400,
            "Syntax errors in policy.",
            "a trust policy needs a Statement",
        )
        assert sts.create_role("A").name == "A"


class TestWrongTypes:
    """What is misused is named at once."""

    @pytest.mark.parametrize(
        "argument",
        [
            pytest.param({"max_session_duration": "7200"}, id="max_session_duration-text"),
            pytest.param({"max_session_duration": True}, id="max_session_duration-truth"),
            pytest.param({"max_session_duration": 7200.5}, id="max_session_duration-fraction"),
            pytest.param({"max_session_duration": dt.timedelta(hours=2)}, id="max_session_duration-timedelta"),
            pytest.param({"path": None}, id="path-None"),
            pytest.param({"tags": ["team"]}, id="tags-list"),
        ],
    )
    def test_of_a_role(self, sts: STSBackend, provider: SAMLProvider, argument: dict[str, Any]) -> None:
        with pytest.raises(TypeError, match=next(iter(argument))):
            sts.create_role("A", **argument)

    def test_of_a_roles_name(self, sts: STSBackend, provider: SAMLProvider) -> None:
        with pytest.raises(TypeError, match=r"\b[nN]ame\b"):
            sts.create_role(5)  # type: ignore[arg-type]

    def test_of_a_providers_name(self, sts: STSBackend, metadata: str) -> None:
        with pytest.raises(TypeError, match=r"\b[nN]ame\b"):
            sts.create_saml_provider(None, metadata)  # type: ignore[arg-type]

    @pytest.mark.parametrize("tags", [{"team": 5}, {5: "blue"}], ids=["value", "key"])
    def test_of_a_tag(self, sts: STSBackend, metadata: str, tags: Any) -> None:
        message = f'tags are a dict of texts, as {{"team": "blue"}}, not {tags!r}'
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata, tags=tags)

    @pytest.mark.parametrize("account_id", ["", "12345678901", "1234567890123", "12345678901a", 123456789012], ids=repr)
    def test_of_an_account(self, sts: STSBackend, provider: SAMLProvider, account_id: Any) -> None:
        message = f"account_id is a text of 12 digits, not {account_id!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=provider, account_id=account_id)

    @pytest.mark.parametrize("account_id", ["", "\u0661" * 12, 123456789012], ids=["empty", "Arabic", "number"])
    def test_of_a_providers_account(self, sts: STSBackend, metadata: str, account_id: Any) -> None:
        message = f"account_id is a text of 12 digits, not {account_id!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata, account_id=account_id)

    @pytest.mark.parametrize("partition", ["", "AWS", "aws-iso"])
    def test_of_a_partition(self, sts: STSBackend, metadata: str, partition: str) -> None:
        message = f"partition is one of aws, aws-cn, aws-us-gov, not {partition!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata, partition=partition)

    @pytest.mark.parametrize("value", [None, 5, b"arn"], ids=["None", "a number", "octets"])
    def test_of_a_role_to_delete(self, sts: STSBackend, value: Any) -> None:
        message = f"role is what create_* gave, or its ARN; not {value!r}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.delete_role(value)


class TestTrustOfARole:
    @pytest.mark.parametrize("partition", PARTITIONS)
    def test_is_what_the_iam_console_writes(self, sts: STSBackend, metadata: str, partition: str) -> None:
        provider = sts.create_saml_provider("Okta", metadata, partition=partition)
        assert sts.create_role("A", provider=provider).trust_policy == {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": f"arn:{partition}:iam::123456789012:saml-provider/Okta"},
                    "Action": "sts:AssumeRoleWithSAML",
                    "Condition": {"StringEquals": {"SAML:aud": SIGN_IN_URLS[partition]}},
                }
            ],
        }

    def test_is_for_the_accounts_only_provider(self, sts: STSBackend, metadata: str, provider: SAMLProvider) -> None:
        sts.create_saml_provider("Elsewhere", metadata, account_id=OTHER_ACCOUNT)
        sts.create_saml_provider("InChina", metadata, partition="aws-cn")
        assert sts.create_role("A").trust_policy == provider.trust_policy()

    @pytest.mark.parametrize("by", [lambda provider: provider, lambda provider: provider.arn], ids=["object", "arn"])
    def test_is_for_the_provider_that_is_given(
        self, sts: STSBackend, metadata: str, provider: SAMLProvider, by: Callable[..., Any]
    ) -> None:
        second = sts.create_saml_provider("Second", metadata)
        assert sts.create_role("A", provider=by(second)).trust_policy == second.trust_policy()

    @pytest.mark.parametrize("write", [dict, json.dumps], ids=["dict", "text"])
    def test_is_the_document_that_is_given(
        self, sts: STSBackend, provider: SAMLProvider, write: Callable[..., Any]
    ) -> None:
        document = provider.trust_policy(audience=None)
        assert sts.create_role("A", trust_policy=write(document)).trust_policy == document

    def test_that_is_given_needs_no_provider(self, sts: STSBackend, provider: SAMLProvider) -> None:
        document = provider.trust_policy()
        sts.delete_saml_provider(provider)
        assert sts.create_role("A", trust_policy=document).trust_policy == document

    def test_is_not_given_twice(self, sts: STSBackend, provider: SAMLProvider) -> None:
        message = "a role has a provider or a trust_policy; provider.trust_policy(...) gives one to widen"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=provider, trust_policy=provider.trust_policy())

    def test_cannot_be_written_where_the_account_has_no_provider(self, sts: STSBackend) -> None:
        message = (
            "a role without trust_policy trusts the account's only provider, and 123456789012 has: none; "
            "write create_role(..., provider=...), or create_saml_provider(...) first"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A")

    def test_cannot_be_written_where_the_account_has_several(
        self, sts: STSBackend, provider: SAMLProvider, metadata: str
    ) -> None:
        sts.create_saml_provider("Second", metadata)
        message = (
            "a role without trust_policy trusts the account's only provider, and 123456789012 has: "
            "arn:aws:iam::123456789012:saml-provider/ExampleIdP, arn:aws:iam::123456789012:saml-provider/Second; "
            "write create_role(..., provider=...), or create_saml_provider(...) first"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A")

    @pytest.mark.parametrize("arn", ["arn:aws:iam::123456789012:saml-provider/Nobody", "Nobody"], ids=["ARN", "name"])
    def test_cannot_be_written_for_a_provider_that_is_not_there(self, sts: STSBackend, arn: str) -> None:
        message = f"there is no provider {arn}; create_saml_provider(...) comes before create_role(...)"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=arn)

    def test_cannot_be_written_for_an_identity_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        message = (
            "provider is what create_* gave, or its ARN; "
            "not <IdentityProvider https://idp.example.com/saml>, write its .provider"
        )
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=idp)  # type: ignore[arg-type]


class TestAccountOfARole:
    @pytest.mark.parametrize("by", [lambda provider: provider, lambda provider: provider.arn], ids=["object", "arn"])
    def test_is_the_providers_with_its_partition(self, sts: STSBackend, metadata: str, by: Callable[..., Any]) -> None:
        provider = sts.create_saml_provider("Okta", metadata, account_id=OTHER_ACCOUNT, partition="aws-us-gov")
        assert sts.create_role("A", provider=by(provider)).arn == "arn:aws-us-gov:iam::111122223333:role/A"

    def test_is_the_mocks_where_no_provider_is_given(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A", trust_policy=provider.trust_policy())
        assert role.arn == "arn:aws:iam::123456789012:role/A"

    def test_is_the_one_that_is_given_before_the_providers(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A", provider=provider, account_id=OTHER_ACCOUNT, partition="aws-cn")
        assert role.arn == "arn:aws-cn:iam::111122223333:role/A"

    def test_decides_whose_only_provider_is_trusted(
        self, sts: STSBackend, provider: SAMLProvider, metadata: str
    ) -> None:
        elsewhere = sts.create_saml_provider("Elsewhere", metadata, account_id=OTHER_ACCOUNT)
        assert sts.create_role("A", account_id=OTHER_ACCOUNT).trust_policy == elsewhere.trust_policy()


class TestDeleteRole:
    @pytest.mark.parametrize("by", [lambda role: role, lambda role: role.arn], ids=["object", "arn"])
    def test_frees_its_name(self, sts: STSBackend, provider: SAMLProvider, by: Callable[..., Any]) -> None:
        sts.delete_role(by(sts.create_role("Developer", path="/team/")))
        assert sts.create_role("DEVELOPER").name == "DEVELOPER"

    def test_denies_access(self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]) -> None:
        role = sts.create_role("A")
        response = idp.response(role)
        sts.delete_role(role)
        assert refusal(response, role, idp.provider) == (
            "AccessDenied",
            403,
            "Not authorized to perform sts:AssumeRoleWithSAML",
        )

    @pytest.mark.parametrize(
        ("arn", "name"),
        [
            ("arn:aws:iam::123456789012:role/team/Developer", "Developer"),
            ("arn:aws:iam::123456789012:role/developer", "developer"),
        ],
        ids=["another path", "another case"],
    )
    def test_of_none_is_no_such_entity(self, sts: STSBackend, provider: SAMLProvider, arn: str, name: str) -> None:
        sts.create_role("Developer")
        assert refused(sts.delete_role, arn) == (
            "NoSuchEntity",
            404,
            f"The role with name {name} cannot be found.",
            f"no role {arn}",
        )

    def test_twice_is_no_such_entity(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A")
        sts.delete_role(role)
        assert refused(sts.delete_role, role)[0] == "NoSuchEntity"


def statement(action: str, **more: Any) -> dict[str, Any]:
    provider = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
    return {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action} | more


def condition(**operators: dict[str, Any]) -> dict[str, Any]:
    return {"Condition": operators}


AUD = {"SAML:aud": "https://signin.aws.amazon.com/saml"}


class TestTrustPolicyOfAProvider:
    @pytest.mark.parametrize(
        ("wanted", "statements"),
        [
            pytest.param({}, [statement("sts:AssumeRoleWithSAML", **condition(StringEquals=AUD))], id="nothing"),
            pytest.param(
                {"actions": "sts:TagSession"},
                [statement("sts:TagSession", **condition(StringEquals=AUD))],
                id="one action",
            ),
            pytest.param(
                {"actions": ["sts:AssumeRoleWithSAML", "sts:TagSession"]},
                [
                    statement("sts:AssumeRoleWithSAML", **condition(StringEquals=AUD)),
                    statement("sts:TagSession", **condition(StringEquals=AUD)),
                ],
                id="several actions",
            ),
            pytest.param({"audience": None}, [statement("sts:AssumeRoleWithSAML")], id="no audience"),
            pytest.param(
                {"audience": "https://eu-west-1.signin.aws.amazon.com/saml"},
                [
                    statement(
                        "sts:AssumeRoleWithSAML",
                        **condition(StringEquals={"SAML:aud": "https://eu-west-1.signin.aws.amazon.com/saml"}),
                    )
                ],
                id="one audience",
            ),
            pytest.param(
                {"audience": ("https://a.example.com", "https://b.example.com")},
                [
                    statement(
                        "sts:AssumeRoleWithSAML",
                        **condition(StringEquals={"SAML:aud": ["https://a.example.com", "https://b.example.com"]}),
                    )
                ],
                id="several audiences",
            ),
            pytest.param(
                {"conditions": {"StringLike": {"saml:sub": "*@example.com"}}},
                [
                    statement(
                        "sts:AssumeRoleWithSAML",
                        **condition(StringLike={"saml:sub": "*@example.com"}, StringEquals=AUD),
                    )
                ],
                id="conditions",
            ),
            pytest.param(
                {"conditions": {"StringEquals": {"saml:sub": "alice"}}},
                [statement("sts:AssumeRoleWithSAML", **condition(StringEquals=AUD | {"saml:sub": "alice"}))],
                id="conditions of the audience's operator",
            ),
            pytest.param(
                {"conditions": {"StringLike": {"saml:AUD": "https://*"}}},
                [statement("sts:AssumeRoleWithSAML", **condition(StringLike={"saml:AUD": "https://*"}))],
                id="conditions on the audience",
            ),
            pytest.param(
                {"audience": None, "conditions": {"StringEquals": {"saml:sub": "alice"}}},
                [statement("sts:AssumeRoleWithSAML", **condition(StringEquals={"saml:sub": "alice"}))],
                id="conditions without audience",
            ),
            pytest.param(
                {
                    "actions": ["sts:TagSession", "sts:AssumeRoleWithSAML"],
                    "audience": None,
                    "conditions": {"StringEquals": {"saml:sub": "alice"}},
                },
                [
                    statement("sts:TagSession"),
                    statement("sts:AssumeRoleWithSAML", **condition(StringEquals={"saml:sub": "alice"})),
                ],
                id="conditions of one action among several",
            ),
        ],
    )
    def test_is_the_whole_document(
        self, provider: SAMLProvider, wanted: dict[str, Any], statements: list[dict[str, Any]]
    ) -> None:
        assert provider.trust_policy(**wanted) == {"Version": "2012-10-17", "Statement": statements}

    def test_conditions_of_another_shape_are_an_error(self, provider: SAMLProvider) -> None:
        message = "conditions are {operator: {key: values}}, not {'saml:sub': 'alice'}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            provider.trust_policy(conditions={"saml:sub": "alice"})  # type: ignore[dict-item]

    def test_of_a_role_is_a_copy(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A", provider=provider)
        role.trust_policy["Statement"].clear()
        assert role.trust_policy == provider.trust_policy()

    def test_a_key_that_nobody_fills_in_is_an_error(self, sts: STSBackend, provider: SAMLProvider) -> None:
        policy = provider.trust_policy(conditions={"StringEquals": {"saml:subject": "alice"}})
        with pytest.raises(ValueError, match=r"^saml:subject is no condition key of pytest-stssaml; it knows "):
            sts.create_role("A", trust_policy=policy)

    def test_leaves_the_callers_conditions_as_they_are(self, provider: SAMLProvider) -> None:
        conditions = {"StringEquals": {"saml:sub": "alice"}}
        provider.trust_policy(conditions=conditions)
        assert conditions == {"StringEquals": {"saml:sub": "alice"}}


class TestSignInURL:
    @pytest.mark.parametrize(
        ("partition", "region", "start"),
        [
            ("aws", None, "https://signin.aws.amazon.com/saml/acs/"),
            ("aws", "eu-west-1", "https://eu-west-1.signin.aws.amazon.com/saml/acs/"),
            ("aws-cn", "cn-north-1", "https://cn-north-1.signin.amazonaws.cn/saml/acs/"),
            ("aws-us-gov", None, "https://signin.amazonaws-us-gov.com/saml/acs/"),
        ],
    )
    def test_is_the_providers_own(
        self, sts: STSBackend, metadata: str, partition: str, region: str | None, start: str
    ) -> None:
        provider = sts.create_saml_provider("Okta", metadata, partition=partition)
        assert provider.sign_in_url(region) == start + provider.uuid
