import ast
import datetime as dt
import inspect
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from good import PROVIDER, ROLE_

from pytest_stssaml import (
    IAMError,
    IdentityProvider,
    Role,
    SAMLProvider,
    STSBackend,
    make_signing_key,
    mock_sts_saml,
)
from pytest_stssaml.iam import accounts, directory
from pytest_stssaml.iam import arguments as creation
from pytest_stssaml.iam.arn import Arn, parse_arn
from pytest_stssaml.iam.directory import IAM, FirstOf
from pytest_stssaml.iam.policies import condition_blocks, documents, permissions, trust_policies
from pytest_stssaml.services import Services

ACCOUNT, OTHER_ACCOUNT = "123456789012", "111122223333"
PARTITIONS = ["aws", "aws-cn", "aws-us-gov"]
SIGN_IN_URLS = {
    "aws": "https://signin.aws.amazon.com/saml",
    "aws-cn": "https://signin.amazonaws.cn/saml",
    "aws-us-gov": "https://signin.amazonaws-us-gov.com/saml",
}
LONG_ENOUGH = " " * 1000
PRINTABLE = "It must contain only printable ASCII characters."
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
        message = f"metadata must be an IdentityProvider or a document as a string, not {metadata!r}"
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
            "there is no such provider",
        )

    def test_of_an_identity_provider_says_what_to_write(self, sts: STSBackend, idp: IdentityProvider) -> None:
        message = (
            "provider must be a SAMLProvider or its ARN, "
            "not <IdentityProvider https://idp.example.com/saml>; write its .provider"
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
            "max_session_duration is in seconds, from one hour to twelve",
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
            "Missing required field Statement",
            "expected Statement",
        )
        assert sts.create_role("A").name == "A"


def unsatisfied(member: str, must: str, hint: str) -> tuple[str, int, str, str]:
    return validation_error(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must {must}", hint
    )


@pytest.fixture(params=["role", "provider"])
def tagged(sts: STSBackend, metadata: str, request: pytest.FixtureRequest) -> Callable[[dict[str, str]], Any]:
    """Makes a role, or a provider, with these tags."""
    if request.param == "role":
        return lambda tags: sts.create_role("A", tags=tags)
    return lambda tags: sts.create_saml_provider("Okta", metadata, tags=tags)


def some_tags(count: int) -> dict[str, str]:
    return {f"key{n}": "value" for n in range(count)}


PATTERN = r"satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]"
SIGNS = "azAZ09 _.:/=+-@"


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
            pytest.param({SIGNS: SIGNS}, id="every sign"),
            pytest.param({"\u00e4\u4e2d\u0661\u2167\u3000": "\u00e4\u4e2d\u0661\u00bd\u00a0"}, id="every script"),
            pytest.param({"aws": "aws"}, id="aws without colon"),
            pytest.param({"my-aws:k": "my-aws:v"}, id="aws: in the middle"),
            pytest.param({"k1": "v", "k2": "v"}, id="one value twice"),
        ],
    )
    def test_within_their_bounds_are_kept(self, tagged: Callable[..., Any], tags: dict[str, str]) -> None:
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
            *(
                pytest.param(
                    {f"k{sign}": "v"}, "tags.1.member.key", f"{PATTERN}+", f"got {f'k{sign}'!r}", id=f"{sign!a} in key"
                )
                for sign in "!#$%&'()*,;<>?[]^`{|}~\"\\\t\n\0\u0301\u20ac\u200b"
            ),
            *(
                pytest.param(
                    {"k": sign}, "tags.1.member.value", f"{PATTERN}*", f"got {sign!r}", id=f"{sign!a} in value"
                )
                for sign in "!#*,\n\u0301\u20ac"
            ),
            pytest.param(
                {"a": "v", "b": "v", "c!": "v"}, "tags.3.member.key", f"{PATTERN}+", "got 'c!'", id="the third of three"
            ),
        ],
    )
    def test_outside_their_bounds_are_refused(
        self, tagged: Callable[..., Any], tags: dict[str, str], member: str, must: str, hint: str
    ) -> None:
        assert refused(tagged, tags) == unsatisfied(member, must, hint)

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
    def test_with_awss_prefix_are_refused(self, tagged: Callable[..., Any], tags: dict[str, str], text: str) -> None:
        assert refused(tagged, tags) == validation_error(
            "Tag keys and values cannot begin with aws:", f"got {text!r}; the prefix is reserved for AWS"
        )

    @pytest.mark.parametrize("keys", [("Team", "team"), ("\u00c4", "\u00e4")], ids=ascii)
    def test_that_differ_in_case_alone_are_duplicates(self, tagged: Callable[..., Any], keys: tuple[str, str]) -> None:
        assert refused(tagged, dict.fromkeys(keys, "v")) == (
            "InvalidInput",
            400,
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            f"got {', '.join(keys)}",
        )

    def test_are_counted_before_they_are_read(self, tagged: Callable[..., Any]) -> None:
        assert refused(tagged, {**some_tags(50), "!": "v"})[3] == "got 51 tags"

    def test_that_are_refused_leave_the_name_free(self, sts: STSBackend, provider: SAMLProvider) -> None:
        refused(sts.create_role, "A", tags={"": "v"})
        assert sts.create_role("A").name == "A"


PERMISSIONS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
UNKNOWN_POLICY = (
    "InvalidParameterValue",
    400,
    "At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN.",
)


class TestCreatePolicy:
    @pytest.fixture
    def log_in_with(self, sts: STSBackend, idp: IdentityProvider, log_in: Callable[..., Any]) -> Callable[..., Any]:
        """The login at a role of the mock's account, with these ARNs as PolicyArns."""
        role = sts.create_role("Limited")

        def call(*arns: str) -> Any:
            return log_in(idp.response(role), role, idp.provider, PolicyArns=[{"arn": arn} for arn in arns])

        return call

    @pytest.fixture
    def refusal_with(self, sts: STSBackend, idp: IdentityProvider, refusal: Callable[..., Any]) -> Callable[..., Any]:
        """What the same login is refused with."""
        role = sts.create_role("Limited")

        def call(*arns: str) -> Any:
            return refusal(idp.response(role), role, idp.provider, PolicyArns=[{"arn": arn} for arn in arns])

        return call

    def test_gives_the_arn(self, sts: STSBackend) -> None:
        assert sts.create_policy("ReadOnly", PERMISSIONS) == "arn:aws:iam::123456789012:policy/ReadOnly"

    @pytest.mark.parametrize("partition", PARTITIONS)
    def test_gives_an_arn_of_the_mocks_partition(self, partition: str) -> None:
        with mock_sts_saml(partition=partition) as sts:
            assert sts.create_policy("ReadOnly", PERMISSIONS) == f"arn:{partition}:iam::123456789012:policy/ReadOnly"

    def test_gives_an_arn_of_the_account_that_is_given(self, sts: STSBackend) -> None:
        arn = sts.create_policy("ReadOnly", PERMISSIONS, account_id=OTHER_ACCOUNT)
        assert arn == "arn:aws:iam::111122223333:policy/ReadOnly"

    @pytest.mark.parametrize("write", [dict, json.dumps], ids=["dict", "text"])
    def test_takes_a_dict_or_text(self, sts: STSBackend, write: Callable[..., Any]) -> None:
        assert sts.create_policy("ReadOnly", write(PERMISSIONS)).endswith(":policy/ReadOnly")

    @pytest.mark.parametrize("name", ["a", "a" * 128, "azAZ09_+=,.@-"], ids=["1", "128", "every sign"])
    def test_takes_a_name_just_within_its_bounds(self, sts: STSBackend, name: str) -> None:
        assert sts.create_policy(name, PERMISSIONS) == f"arn:aws:iam::123456789012:policy/{name}"

    @pytest.mark.parametrize(
        "name",
        ["", "a" * 129, "my policy", "my/policy", "policy\n", "\u00e4"],
        ids=["empty", "129", "space", "slash", "newline", "umlaut"],
    )
    def test_refuses_a_name_just_outside_its_bounds(self, sts: STSBackend, name: str) -> None:
        assert refused(sts.create_policy, name, PERMISSIONS) == validation_error(
            f"The specified value for policyName is invalid. {WITHIN}+=,.@_-",
            f"got {name!r} of {len(name)} characters",
        )

    def test_a_name_that_is_no_text_is_a_type_error(self, sts: STSBackend) -> None:
        with pytest.raises(TypeError, match=r"^name must be a string, not 5$"):
            sts.create_policy(5, PERMISSIONS)  # type: ignore[arg-type]

    @pytest.mark.parametrize("account_id", ["", "12345678901", 123456789012], ids=repr)
    def test_an_account_that_is_none_is_a_value_error(self, sts: STSBackend, account_id: Any) -> None:
        message = f"account_id must be a string of 12 digits, not {account_id!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_policy("ReadOnly", PERMISSIONS, account_id=account_id)

    @pytest.mark.parametrize("name", ["ReadOnly", "READONLY"], ids=["the same", "in capitals"])
    def test_a_second_of_a_name_exists_already(self, sts: STSBackend, name: str) -> None:
        sts.create_policy("ReadOnly", PERMISSIONS)
        assert refused(sts.create_policy, name, PERMISSIONS) == (
            "EntityAlreadyExists",
            409,
            f"A policy called {name} already exists. Duplicate names are not allowed.",
            f"arn:aws:iam::123456789012:policy/{name} is taken",
        )

    def test_a_name_is_free_in_another_account(self, sts: STSBackend) -> None:
        here = sts.create_policy("ReadOnly", PERMISSIONS)
        assert sts.create_policy("ReadOnly", PERMISSIONS, account_id=OTHER_ACCOUNT) != here

    def test_a_name_of_a_role_is_free(self, sts: STSBackend, provider: SAMLProvider) -> None:
        sts.create_role("ReadOnly")
        assert sts.create_policy("ReadOnly", PERMISSIONS).endswith(":policy/ReadOnly")

    def test_refuses_a_malformed_policy_and_makes_none(self, sts: STSBackend) -> None:
        assert refused(sts.create_policy, "ReadOnly", {"Version": "2012-10-17"})[0] == "MalformedPolicyDocument"
        assert sts.create_policy("ReadOnly", PERMISSIONS).endswith(":policy/ReadOnly")

    def test_of_one_name_in_many_threads_makes_one(self, sts: STSBackend) -> None:
        def create(_: int) -> str:
            try:
                return sts.create_policy("ReadOnly", PERMISSIONS)
            except IAMError as error:
                return error.code

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(create, range(16))) == ["EntityAlreadyExists"] * 15 + [
                "arn:aws:iam::123456789012:policy/ReadOnly"
            ]

    def test_what_it_gives_limits_a_session(self, sts: STSBackend, log_in_with: Callable[..., Any]) -> None:
        arns = [sts.create_policy(name, PERMISSIONS) for name in ("First", "Second")]
        assert log_in_with(*arns)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize(
        "arn",
        [
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
            "arn:aws:iam::aws:policy/NobodyKnowsThisOne",
        ],
    )
    def test_awss_own_policies_count_as_existing(self, log_in_with: Callable[..., Any], arn: str) -> None:
        assert log_in_with(arn)["Subject"] == "alice@example.com"

    @pytest.mark.parametrize(
        "arn",
        [
            pytest.param("arn:aws:iam::123456789012:policy/Unknown", id="unknown"),
            pytest.param("arn:aws:iam::123456789012:policy/readonly", id="another case"),
            pytest.param("arn:aws:iam::123456789012:policy/ReadOnly2", id="longer"),
            pytest.param("arn:aws:iam::123456789012:policy/team/ReadOnly", id="another path"),
            pytest.param("arn:aws:iam::123456789012:role/ReadOnly", id="a role"),
            pytest.param("arn:aws:iam::aws:role/ReadOnlyAccess", id="a role of AWS"),
            pytest.param("arn:aws:s3::aws:policy/ReadOnlyAccess", id="another service of AWS"),
            pytest.param("arn:aws:iam:us-east-1:aws:policy/ReadOnlyAccess", id="a region of AWS"),
        ],
    )
    def test_what_nobody_made_does_not_exist(self, sts: STSBackend, refusal_with: Callable[..., Any], arn: str) -> None:
        sts.create_policy("ReadOnly", PERMISSIONS)
        assert refusal_with(arn) == UNKNOWN_POLICY

    def test_one_that_does_not_exist_among_others_is_enough(
        self, sts: STSBackend, refusal_with: Callable[..., Any]
    ) -> None:
        known = sts.create_policy("ReadOnly", PERMISSIONS)
        assert refusal_with(known, known + "2") == UNKNOWN_POLICY

    @pytest.mark.parametrize(
        "arn",
        ["arn:aws:iam::111122223333:policy/ReadOnly", "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"],
        ids=["account", "partition"],
    )
    def test_one_of_another_account_is_refused(
        self, sts: STSBackend, refusal_with: Callable[..., Any], arn: str
    ) -> None:
        sts.create_policy("ReadOnly", PERMISSIONS, account_id=OTHER_ACCOUNT)
        assert refusal_with(arn)[:2] == ("ValidationError", 400)


def inline_of_length(length: int) -> dict[str, Any]:
    """A policy of so many characters, white space aside."""

    def written(name: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}"}
        return {"Version": "2012-10-17", "Statement": [statement]}

    return written("a" * (length - len(json.dumps(written(""), separators=(",", ":")))))


class TestPoliciesOfARole:
    TEXT = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'

    @pytest.fixture
    def holding(self, sts: STSBackend, provider: SAMLProvider) -> Callable[..., tuple[str, ...]]:
        """The policies of a role that is made with these."""
        return lambda *policies: sts.create_role("Holder", policies=policies).policies

    def test_are_none_unless_they_are_given(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert sts.create_role("Holder").policies == ()

    @pytest.mark.parametrize("several", [list, tuple, set, iter], ids=["list", "tuple", "set", "iterator"])
    def test_come_in_any_iterable(self, sts: STSBackend, provider: SAMLProvider, several: Callable[..., Any]) -> None:
        assert sts.create_role("Holder", policies=several([self.TEXT])).policies == (self.TEXT,)

    @pytest.mark.parametrize("write", [lambda text: text, json.loads], ids=["text", "dict"])
    def test_are_kept_as_json_text(self, holding: Callable[..., Any], write: Callable[[str], Any]) -> None:
        assert holding(write(self.TEXT)) == (self.TEXT,)

    def test_need_no_version(self, holding: Callable[..., Any]) -> None:
        policy = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        assert [json.loads(text) for text in holding(policy)] == [policy]

    def test_are_copies(self, holding: Callable[..., Any]) -> None:
        policy = json.loads(self.TEXT)
        (text,) = holding(policy)
        policy["Statement"]["Action"] = "ec2:*"
        assert text == self.TEXT

    def test_may_be_the_arns_of_what_create_policy_made(self, sts: STSBackend, holding: Callable[..., Any]) -> None:
        arn = sts.create_policy("Reader", PERMISSIONS)
        assert holding(arn) == (arn,)

    def test_may_be_awss_own(self, holding: Callable[..., Any]) -> None:
        assert holding("arn:aws:iam::aws:policy/ReadOnlyAccess") == ("arn:aws:iam::aws:policy/ReadOnlyAccess",)

    def test_stand_in_the_order_in_which_they_are_given(self, sts: STSBackend, holding: Callable[..., Any]) -> None:
        arn = sts.create_policy("Reader", PERMISSIONS)
        assert holding(arn, self.TEXT, "arn:aws:iam::aws:policy/ReadOnlyAccess") == (
            arn,
            self.TEXT,
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        )

    @pytest.mark.parametrize(
        "arn",
        [
            pytest.param("arn:aws:iam::123456789012:policy/Unknown", id="unknown"),
            pytest.param("arn:aws:iam::123456789012:policy/reader", id="another case"),
            pytest.param("arn:aws:iam::123456789012:role/Reader", id="a role"),
            pytest.param("arn:aws:s3:::bucket", id="another service's"),
        ],
    )
    def test_that_nobody_made_cannot_be_attached(self, sts: STSBackend, provider: SAMLProvider, arn: str) -> None:
        sts.create_policy("Reader", PERMISSIONS)
        assert refused(sts.create_role, "Holder", policies=[self.TEXT, arn]) == (
            "NoSuchEntity",
            404,
            f"Policy {arn} does not exist or is not attachable.",
            "create_policy(...) makes one in the role's account",
        )
        assert sts.create_role("Holder").name == "Holder"

    def test_of_another_account_cannot_be_attached(self, sts: STSBackend, provider: SAMLProvider) -> None:
        arn = sts.create_policy("Reader", PERMISSIONS, account_id="111122223333")
        assert refused(sts.create_role, "Holder", policies=[arn])[:3] == (
            "NoSuchEntity",
            404,
            f"Policy {arn} does not exist or is not attachable.",
        )

    @pytest.mark.parametrize(
        ("policy", "message"),
        [
            pytest.param("ReadOnlyAccess", "This policy contains invalid Json", id="a name"),
            pytest.param("arn:aws:iam", "This policy contains invalid Json", id="half an ARN"),
            pytest.param("", "This policy contains invalid Json", id="nothing"),
            pytest.param({}, "Syntax errors in policy.", id="no statement"),
            pytest.param(
                {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}},
                "Policy document should not specify a principal.",
                id="a trust policy",
            ),
        ],
    )
    def test_that_are_malformed_are_refused_and_make_no_role(
        self, sts: STSBackend, provider: SAMLProvider, policy: Any, message: str
    ) -> None:
        assert refused(sts.create_role, "Holder", policies=[policy])[:3] == ("MalformedPolicyDocument", 400, message)
        assert sts.create_role("Holder").name == "Holder"

    @pytest.mark.parametrize(
        "policies", [TEXT, TEXT.encode(), {}, None, 5], ids=["text", "octets", "dict", "None", "5"]
    )
    def test_that_are_no_list_are_a_type_error(self, sts: STSBackend, provider: SAMLProvider, policies: Any) -> None:
        with pytest.raises(TypeError) as caught:
            sts.create_role("Holder", policies=policies)
        assert str(caught.value) == f"policies must be an iterable such as [...], not {policies!r}"

    @pytest.mark.parametrize("policy", [None, 5, ["s3:*"], b"{}"], ids=repr)
    def test_of_another_type_are_a_type_error(self, sts: STSBackend, provider: SAMLProvider, policy: Any) -> None:
        with pytest.raises(TypeError) as caught:
            sts.create_role("Holder", policies=[policy])
        assert str(caught.value) == f"a member of policies must be a dict or JSON, not {policy!r}"

    @pytest.mark.parametrize("lengths", [[10_240], [5_000, 5_240], [1_024] * 10], ids=["one", "two", "ten"])
    def test_may_have_10240_characters_together(self, holding: Callable[..., Any], lengths: list[int]) -> None:
        assert len(holding(*map(inline_of_length, lengths))) == len(lengths)

    @pytest.mark.parametrize("lengths", [[10_241], [5_000, 5_241], [1_024] * 9 + [1_025]], ids=["one", "two", "ten"])
    def test_of_more_characters_together_exceed_a_quota(
        self, sts: STSBackend, provider: SAMLProvider, lengths: list[int]
    ) -> None:
        assert refused(sts.create_role, "Holder", policies=map(inline_of_length, lengths)) == (
            "LimitExceeded",
            409,
            "Maximum policy size of 10240 bytes exceeded for role Holder",
            "10241 characters without white space; create_policy(...) makes policies that do not count",
        )
        assert sts.create_role("Holder").name == "Holder"

    def test_may_have_more_white_space(self, holding: Callable[..., Any]) -> None:
        assert len(holding(json.dumps(inline_of_length(10_240), indent=100))) == 1

    def test_that_are_managed_do_not_count(self, sts: STSBackend, holding: Callable[..., Any]) -> None:
        arns = [sts.create_policy(name, inline_of_length(6_144)) for name in ("First", "Second")]
        assert len(holding(inline_of_length(10_240), *arns)) == 3


class TestTrustedRoles:
    """Which roles a trust policy means by their ARNs."""

    def trusting(self, sts: STSBackend, *names: str) -> dict[str, str]:
        statement = {"Effect": "Allow", "Principal": {"AWS": list(names)}, "Action": "sts:AssumeRole"}
        return dict(sts.create_role("Trusting", trust_policy={"Statement": statement}).trusted_role_ids)

    def test_are_those_that_there_are(self, sts: STSBackend, provider: SAMLProvider) -> None:
        one, other = sts.create_role("One"), sts.create_role("Other", path="/team/")
        assert self.trusting(sts, one.arn, other.arn) == {one.arn: one.role_id, other.arn: other.role_id}

    @pytest.mark.parametrize(
        "name",
        [
            pytest.param("arn:aws:iam::123456789012:role/Nobody", id="no role"),
            pytest.param("arn:aws:iam::123456789012:role/one", id="another case"),
            pytest.param("arn:aws:iam::123456789012:role/*", id="a pattern"),
            pytest.param("arn:aws:iam::123456789012:root", id="the account's root"),
            pytest.param("123456789012", id="the account"),
            pytest.param("*", id="everybody"),
        ],
    )
    def test_are_none_where_no_role_is_named(self, sts: STSBackend, provider: SAMLProvider, name: str) -> None:
        sts.create_role("One")
        assert self.trusting(sts, name) == {}

    def test_are_none_of_a_default_role(self, sts: STSBackend, provider: SAMLProvider) -> None:
        assert sts.create_role("One").trusted_role_ids == {}


def condition(**operators: dict[str, Any]) -> dict[str, Any]:
    return {"Condition": operators}


EXTERNAL_ID = {"sts:ExternalId": "example"}


class TestChainingPolicy:
    @pytest.fixture
    def role(self, sts: STSBackend, provider: SAMLProvider) -> Role:
        return sts.create_role("Developer", path="/team/")

    @pytest.mark.parametrize(
        ("arguments", "written"),
        [
            pytest.param({}, [{"Action": "sts:AssumeRole"}], id="nothing said"),
            pytest.param({"actions": "sts:TagSession"}, [{"Action": "sts:TagSession"}], id="another action"),
            pytest.param(
                {"actions": ("sts:AssumeRole", "sts:TagSession")},
                [{"Action": "sts:AssumeRole"}, {"Action": "sts:TagSession"}],
                id="two actions",
            ),
            pytest.param({"conditions": {}}, [{"Action": "sts:AssumeRole"}], id="no conditions"),
            pytest.param(
                {"actions": ["sts:TagSession", "sts:AssumeRole"], "conditions": {"StringEquals": EXTERNAL_ID}},
                [{"Action": "sts:TagSession"}, {"Action": "sts:AssumeRole", **condition(StringEquals=EXTERNAL_ID)}],
                id="a condition",
            ),
        ],
    )
    def test_is_the_whole_document(self, role: Role, arguments: dict[str, Any], written: list[dict[str, Any]]) -> None:
        lets_in = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/team/Developer"}}
        statements = [{**lets_in, **statement} for statement in written]
        assert role.chaining_policy(**arguments) == {"Version": "2012-10-17", "Statement": statements}

    def test_conditions_without_the_action_that_they_go_with_are_an_error(self, role: Role) -> None:
        with pytest.raises(ValueError, match=r"^conditions belong to sts:AssumeRole, which is not among .*TagSession"):
            role.chaining_policy(actions="sts:TagSession", conditions={"StringEquals": EXTERNAL_ID})

    def test_conditions_of_another_shape_are_an_error(self, role: Role) -> None:
        message = "conditions must be {operator: {key: values}}, not {'sts:ExternalId': 'example'}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            role.chaining_policy(conditions=EXTERNAL_ID)  # type: ignore[arg-type]

    def test_the_statements_share_nothing(self, role: Role) -> None:
        first, second = role.chaining_policy(actions=["sts:AssumeRole", "sts:TagSession"])["Statement"]
        first["Principal"]["AWS"] = "*"
        assert second["Principal"] == {"AWS": role.arn}

    def test_leaves_the_callers_conditions_as_they_are(self, role: Role) -> None:
        conditions = {"StringEquals": {"sts:ExternalId": "example"}}
        role.chaining_policy(conditions=conditions)["Statement"][0]["Condition"]["StringEquals"]["a"] = "b"
        assert conditions == {"StringEquals": {"sts:ExternalId": "example"}}

    def test_is_one_that_iam_takes(self, sts: STSBackend, role: Role) -> None:
        policy = role.chaining_policy(actions=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
        assert sts.create_role("Auditor", trust_policy=policy).trust_policy == policy


@pytest.fixture
def services() -> Services:
    return Services(account_id="123456789012", partition="aws", seed="test")


class TestPolicyDocument:
    def test_is_the_json_text_of_what_create_policy_made(self, services: Services) -> None:
        text = services.iam.policy_document(services.iam.create_policy("Reader", PERMISSIONS))
        assert text is not None
        assert json.loads(text) == PERMISSIONS

    @pytest.mark.parametrize(
        "arn", ["arn:aws:iam::123456789012:policy/Unknown", "arn:aws:iam::aws:policy/ReadOnlyAccess", "Reader"]
    )
    def test_of_what_nobody_made_is_not_known(self, services: Services, arn: str) -> None:
        services.iam.create_policy("Reader", PERMISSIONS)
        assert services.iam.policy_document(arn) is None


LETS_NOBODY_IN = {
    "Statement": {"Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRoleWithSAML"}
}


class TestSimilarRole:
    """The role that may be meant by a wrong ARN."""

    @pytest.mark.parametrize(
        ("resource", "known"),
        [
            ("role/team/Developer", True),
            ("role/Developer", True),
            ("role/other/DEVELOPER", True),
            ("role/Develope", False),
            ("role/team", False),
        ],
    )
    def test_has_its_name_whatever_the_path_and_the_case(self, services: Services, resource: str, known: bool) -> None:
        role = services.iam.create_role("Developer", path="/team/", trust_policy=LETS_NOBODY_IN)
        found = services.iam.directory.similar_role(Arn("aws", "iam", "", "123456789012", resource))
        assert found == (role.arn if known else None)

    @pytest.mark.parametrize("elsewhere", [{"account_id": "210987654321"}, {"partition": "aws-cn"}], ids=repr)
    def test_is_of_its_account(self, services: Services, elsewhere: dict[str, str]) -> None:
        services.iam.create_role("Developer", trust_policy=LETS_NOBODY_IN, **elsewhere)
        assert services.iam.directory.similar_role(Arn("aws", "iam", "", "123456789012", "role/Developer")) is None

    def test_is_gone_with_its_role(self, services: Services) -> None:
        services.iam.delete_role(services.iam.create_role("Developer", path="/team/", trust_policy=LETS_NOBODY_IN))
        assert services.iam.directory.similar_role(Arn("aws", "iam", "", "123456789012", "role/Developer")) is None


class TestFirstOf:
    """Two directories as one."""

    POLICIES = ("arn:aws:iam::123456789012:policy/Ours", "arn:aws:iam::123456789012:policy/Theirs")

    @pytest.fixture
    def ours(self) -> IAM:
        iam = IAM()
        iam.add_saml_provider(PROVIDER)
        iam.add_role(ROLE_)
        iam.add_policy(self.POLICIES[0], "{}")
        return iam

    @pytest.fixture
    def theirs(self) -> IAM:
        """It knows the same ARNs, and others."""
        iam = IAM()
        for provider in (replace(PROVIDER), replace(PROVIDER, arn=PROVIDER.arn + "2")):
            iam.add_saml_provider(provider)
        for role in (replace(ROLE_), replace(ROLE_, arn=ROLE_.arn + "2", name="Developer2")):
            iam.add_role(role)
        iam.add_policy(self.POLICIES[1], "{}")
        return iam

    def test_the_first_that_knows_a_provider_gives_it(self, ours: IAM, theirs: IAM) -> None:
        assert FirstOf(ours, theirs).saml_provider(PROVIDER.arn) is PROVIDER
        assert FirstOf(theirs, ours).saml_provider(PROVIDER.arn) is theirs.saml_provider(PROVIDER.arn)

    def test_the_first_that_knows_a_role_gives_it(self, ours: IAM, theirs: IAM) -> None:
        assert FirstOf(ours, theirs).role(ROLE_.arn) is ROLE_
        assert FirstOf(theirs, ours).role(ROLE_.arn) is theirs.role(ROLE_.arn)

    def test_what_the_first_does_not_know_the_second_gives(self, ours: IAM, theirs: IAM) -> None:
        both = FirstOf(ours, theirs)
        assert both.saml_provider(PROVIDER.arn + "2") is theirs.saml_provider(PROVIDER.arn + "2")
        assert both.role(ROLE_.arn + "2") is theirs.role(ROLE_.arn + "2")

    def test_the_first_that_knows_a_namesake_gives_it(self) -> None:
        ours, theirs = IAM(), IAM()
        theirs.add_role(replace(ROLE_, arn="arn:aws:iam::123456789012:role/theirs/Developer"))
        asked = Arn("aws", "iam", "", "123456789012", "role/developer")
        both = FirstOf(ours, theirs)
        assert both.similar_role(asked) == "arn:aws:iam::123456789012:role/theirs/Developer"
        ours.add_role(ROLE_)
        assert both.similar_role(asked) == ROLE_.arn

    def test_what_none_knows_is_none(self, ours: IAM, theirs: IAM) -> None:
        both = FirstOf(ours, theirs)
        assert (both.saml_provider(PROVIDER.arn + "3"), both.role(ROLE_.arn + "3")) == (None, None)

    @pytest.mark.parametrize("several", [list, iter], ids=["list", "iterator"])
    def test_policies_are_those_of_any(self, ours: IAM, theirs: IAM, several: Callable[..., Any]) -> None:
        unknown = "arn:aws:iam::123456789012:policy/Unknown"
        found = FirstOf(ours, theirs).managed_policies(several([*self.POLICIES, unknown]))
        assert found == frozenset(self.POLICIES)

    def test_of_no_policies_are_none(self, ours: IAM, theirs: IAM) -> None:
        assert FirstOf(ours, theirs).managed_policies([]) == frozenset()

    def test_none_knows_nothing(self) -> None:
        nobody = FirstOf()
        assert (nobody.saml_provider("a"), nobody.role("a"), nobody.managed_policies(["a"])) == (
            None,
            None,
            frozenset(),
        )


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
        message = f'tags must be a dict of strings, such as {{"team": "blue"}}, not {tags!r}'
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata, tags=tags)

    @pytest.mark.parametrize("account_id", ["", "12345678901", "1234567890123", "12345678901a", 123456789012], ids=repr)
    def test_of_an_account(self, sts: STSBackend, provider: SAMLProvider, account_id: Any) -> None:
        message = f"account_id must be a string of 12 digits, not {account_id!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=provider, account_id=account_id)

    @pytest.mark.parametrize("account_id", ["", "\u0661" * 12, 123456789012], ids=["empty", "Arabic", "number"])
    def test_of_a_providers_account(self, sts: STSBackend, metadata: str, account_id: Any) -> None:
        message = f"account_id must be a string of 12 digits, not {account_id!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata, account_id=account_id)

    @pytest.mark.parametrize("partition", ["", "AWS", "aws-iso"])
    def test_of_a_partition(self, sts: STSBackend, metadata: str, partition: str) -> None:
        message = f"partition must be one of aws, aws-cn, aws-us-gov, not {partition!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata, partition=partition)

    @pytest.mark.parametrize("value", [None, 5, b"arn"], ids=["None", "a number", "octets"])
    def test_of_a_role_to_delete(self, sts: STSBackend, value: Any) -> None:
        message = f"role must be a Role or its ARN, not {value!r}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.delete_role(value)

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("Developer", id="its name"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/Developer", id="a provider's ARN"),
            pytest.param("arn:aws:sts::123456789012:assumed-role/Developer/alice", id="a session's ARN"),
            pytest.param("arn:aws:s3:::role/Developer", id="another service's ARN"),
            pytest.param("arn:aws:iam::123456789012:role/", id="no name"),
            pytest.param("arn:aws:iam::123456789012:role/Developer\n", id="a line break"),
        ],
    )
    def test_of_a_text_that_is_no_roles_arn(self, sts: STSBackend, provider: SAMLProvider, value: str) -> None:
        sts.create_role("Developer")
        message = f"role must be a Role or its ARN, not {value!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.delete_role(value)

    @pytest.mark.parametrize("method", ["update_saml_provider", "delete_saml_provider"])
    @pytest.mark.parametrize("value", ["ExampleIdP", "arn:aws:iam::123456789012:role/ExampleIdP"], ids=["name", "ARN"])
    def test_of_a_text_that_is_no_providers_arn(
        self, sts: STSBackend, provider: SAMLProvider, method: str, value: str
    ) -> None:
        message = f"provider must be a SAMLProvider or its ARN, not {value!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            getattr(sts, method)(value)

    def test_of_the_provider_of_a_role(self, sts: STSBackend, provider: SAMLProvider) -> None:
        with pytest.raises(ValueError, match=r"^provider must be a SAMLProvider or its ARN, not 'ExampleIdP'$"):
            sts.create_role("A", provider="ExampleIdP")

    def test_of_a_private_key_that_stands_alone(self, sts: STSBackend, metadata: str) -> None:
        key = make_signing_key()
        with pytest.raises(TypeError, match=r"^private_keys must be an iterable such as \[\.\.\.\], not "):
            sts.create_saml_provider("Okta", metadata, private_keys=key)  # type: ignore[arg-type]

    def test_of_metadata_that_are_octets_is_not_repeated_whole(self, sts: STSBackend, metadata: str) -> None:
        with pytest.raises(TypeError, match=r"^metadata must be an IdentityProvider or .*, not b'<") as caught:
            sts.create_saml_provider("Okta", metadata.encode())  # type: ignore[arg-type]
        assert len(str(caught.value)) < 120


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
        message = (
            "a role takes provider or trust_policy, not both; provider.trust_policy(...) returns a policy to widen"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=provider, trust_policy=provider.trust_policy())

    def test_cannot_be_written_where_the_account_has_no_provider(self, sts: STSBackend) -> None:
        message = (
            "a role without trust_policy trusts the only provider of its account, and 123456789012 has: none; "
            "call create_saml_provider(...) before create_role(...); the fixture saml_idp registers one"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A")

    @pytest.mark.parametrize(
        ("elsewhere", "where"),
        [
            ({"account_id": "210987654321"}, "account_id='210987654321', partition='aws'"),
            ({"partition": "aws-cn"}, "account_id='123456789012', partition='aws-cn'"),
        ],
    )
    def test_cannot_be_written_where_only_another_account_has_one(
        self, sts: STSBackend, provider: SAMLProvider, elsewhere: dict[str, str], where: str
    ) -> None:
        message = f"create_saml_provider(..., {where}) before create_role(...)"
        with pytest.raises(ValueError, match=f"; call {re.escape(message)}$"):
            sts.create_role("A", **elsewhere)

    def test_cannot_be_written_where_the_account_has_several(
        self, sts: STSBackend, provider: SAMLProvider, metadata: str
    ) -> None:
        sts.create_saml_provider("Second", metadata)
        message = (
            "a role without trust_policy trusts the only provider of its account, and 123456789012 has: "
            "arn:aws:iam::123456789012:saml-provider/ExampleIdP, arn:aws:iam::123456789012:saml-provider/Second; "
            "write create_role(..., provider=...)"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A")

    def test_cannot_be_written_for_a_provider_that_is_not_there(self, sts: STSBackend) -> None:
        arn = "arn:aws:iam::123456789012:saml-provider/Nobody"
        message = f"there is no provider {arn}; call create_saml_provider(...) before create_role(...)"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=arn)

    def test_cannot_be_written_for_an_identity_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        message = (
            "provider must be a SAMLProvider or its ARN, "
            "not <IdentityProvider https://idp.example.com/saml>; write its .provider"
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
            f"there is no role {arn}",
        )

    def test_twice_is_no_such_entity(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A")
        sts.delete_role(role)
        assert refused(sts.delete_role, role)[0] == "NoSuchEntity"


def statement(action: str, **more: Any) -> dict[str, Any]:
    provider = "arn:aws:iam::123456789012:saml-provider/ExampleIdP"
    return {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action} | more


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

    @pytest.mark.parametrize("conditions", [{"saml:sub": "alice"}, "saml:sub", ["StringEquals"], 5], ids=repr)
    def test_conditions_of_another_shape_are_an_error(self, provider: SAMLProvider, conditions: Any) -> None:
        message = f"conditions must be {{operator: {{key: values}}}}, not {conditions!r}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            provider.trust_policy(conditions=conditions)

    def test_of_a_role_is_a_copy(self, sts: STSBackend, provider: SAMLProvider) -> None:
        role = sts.create_role("A", provider=provider)
        role.trust_policy["Statement"].clear()
        assert role.trust_policy == provider.trust_policy()

    def test_a_key_that_nobody_fills_in_can_be_tested(self, sts: STSBackend, provider: SAMLProvider) -> None:
        policy = provider.trust_policy(conditions={"StringEquals": {"saml:subject": "alice"}})
        assert sts.create_role("A", trust_policy=policy).trust_policy == policy

    def test_conditions_without_the_action_that_they_go_with_are_an_error(self, provider: SAMLProvider) -> None:
        conditions = {"StringEquals": {"saml:sub": "alice"}}
        with pytest.raises(ValueError, match=r"^conditions belong to sts:AssumeRoleWithSAML, which is not among .*Tag"):
            provider.trust_policy(actions="sts:TagSession", conditions=conditions)

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


def trusting(**elements: Any) -> dict[str, Any]:
    """A trust policy of one statement."""
    return {"Version": "2012-10-17", "Statement": statement("sts:AssumeRoleWithSAML", **elements)}


def permitting(**elements: Any) -> dict[str, Any]:
    """A managed policy of one statement."""
    return {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"} | elements,
    }


def without(element: str, policy: dict[str, Any]) -> dict[str, Any]:
    statement = {key: value for key, value in policy["Statement"].items() if key != element}
    return policy | {"Statement": statement}


RSA_KEYS: list[Any] = [make_signing_key() for _ in range(3)]
MALFORMED, INVALID, VALIDATION = ("MalformedPolicyDocument", 400), ("InvalidInput", 400), ("ValidationError", 400)
LIMIT, EXISTS, NOBODY = ("LimitExceeded", 409), ("EntityAlreadyExists", 409), ("NoSuchEntity", 404)
SYNTAX = (*MALFORMED, "Syntax errors in policy.")


def constraint(member: str, must: str) -> tuple[str, int, str]:
    return unsatisfied(member, must, "")[:3]


# Whatever IAM says no with: the arguments of create_role, create_policy, create_saml_provider or update_saml_provider,
# at a backend that knows ExampleIdP, with a key, the role and the policy "Taken"; and the error.
TRUST_REFUSALS: dict[str, tuple[Any, tuple[str, int, str]]] = {
    "no JSON": ("{", (*MALFORMED, "This policy contains invalid Json")),
    "a key twice": ('{"Id": "a", "Id": "b"}', (*MALFORMED, "This policy contains invalid Json")),
    "no object": ("[]", SYNTAX),
    "unknown field": (trusting() | {"version": "2012-10-17"}, (*MALFORMED, "Unknown field version")),
    "no statement field": ({"Version": "2012-10-17"}, (*MALFORMED, "Missing required field Statement")),
    "version": (trusting() | {"Version": "2012"}, (*MALFORMED, "The policy must contain a valid version string")),
    "id": (trusting() | {"Id": 5}, SYNTAX),
    "no statement": ({"Statement": []}, SYNTAX),
    "statement no object": ({"Statement": "Allow"}, SYNTAX),
    "unknown field of a statement": (trusting(condition={}), (*MALFORMED, "Unknown field condition")),
    "no effect": (without("Effect", trusting()), (*MALFORMED, "Missing required field Effect")),
    "no principal": (without("Principal", trusting()), (*MALFORMED, "Missing required field Principal")),
    "no action": (without("Action", trusting()), (*MALFORMED, "Missing required field Action")),
    **{
        field: (trusting(**{field: "*"}), (*MALFORMED, f"Has prohibited field {field}"))
        for field in ("Resource", "NotResource", "NotPrincipal", "NotAction")
    },
    "sid no text": (trusting(Sid=5), SYNTAX),
    "sid": (
        trusting(Sid="a-b"),
        (
            *MALFORMED,
            (
                "Statement IDs (SID) must be alpha-numeric. "
                "Check that your input satisfies the regular expression [0-9A-Za-z]*"
            ),
        ),
    ),
    "sid twice": (
        {"Statement": [trusting(Sid="a")["Statement"]] * 2},
        (*MALFORMED, "Statement IDs (SID) in a single policy must be unique."),
    ),
    "effect": (trusting(Effect="allow"), SYNTAX),
    "everybody": (
        trusting(Principal="*"),
        (*MALFORMED, 'AssumeRolepolicy contained an invalid principal: "STAR":"*".'),
    ),
    "principal no object": (trusting(Principal="Okta"), (*MALFORMED, 'Invalid principal in policy: "Okta"')),
    "principals none": (
        trusting(Principal={"Federated": []}),
        (*MALFORMED, 'Invalid principal in policy: "Federated":[]'),
    ),
    "beyond Latin-1": (
        '{"Version": "\u0100"}',
        (
            *VALIDATION,
            f"The specified value for assumeRolePolicyDocument is invalid. {PRINTABLE}",
        ),
    ),
    "principal of another kind": (
        trusting(Principal={"SAML": "a"}),
        (*MALFORMED, 'Invalid principal in policy: "SAML"'),
    ),
    "principal no text": (trusting(Principal={"AWS": 5}), SYNTAX),
    "federated": (
        trusting(Principal={"Federated": "*"}),
        (*MALFORMED, "Federated principals must be valid domain names or SAML metadata ARNs"),
    ),
    "action": (
        trusting(Action="sts:*"),
        (*MALFORMED, "AssumeRole policy may only specify STS AssumeRole actions."),
    ),
    "conditions": (trusting(Condition="saml:aud"), SYNTAX),
    "operator": (
        trusting(Condition={"NullIfExists": {"saml:sub": "true"}}),
        (*MALFORMED, "Invalid Condition type : NullIfExists"),
    ),
    "condition's value": (trusting(Condition={"StringEquals": {"saml:sub": None}}), SYNTAX),
    "size": (
        trusting(Condition={"StringEquals": {"saml:sub": "a" * 2048}}),
        (*LIMIT, "Cannot exceed quota for ACLSizePerRole: 2048"),
    ),
}
MANAGED_REFUSALS: dict[str, tuple[Any, tuple[str, int, str]]] = {
    "no JSON": ("{", (*MALFORMED, "This policy contains invalid Json")),
    "no object": ("[]", SYNTAX),
    "unknown element": (permitting() | {"version": "2012-10-17"}, SYNTAX),
    "version": (permitting() | {"Version": "2012"}, SYNTAX),
    "old version": (
        permitting() | {"Version": "2008-10-17"},
        (*MALFORMED, "Policy document must be version 2012-10-17 or greater."),
    ),
    "no statement": ({"Version": "2012-10-17"}, SYNTAX),
    "principal": (
        permitting(Principal={"AWS": "*"}),
        (*MALFORMED, "Policy document should not specify a principal."),
    ),
    "unknown element of a statement": (permitting(condition={}), SYNTAX),
    "effect": (permitting(Effect="allow"), SYNTAX),
    "action twice": (permitting(NotAction="s3:*"), SYNTAX),
    "no action": (without("Action", permitting()), (*MALFORMED, "Policy statement must contain actions.")),
    "action without vendor": (
        permitting(Action="GetObject"),
        (*MALFORMED, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    ),
    "no resource": (without("Resource", permitting()), (*MALFORMED, "Policy statement must contain resources.")),
    "resource": (permitting(Resource="bucket"), (*MALFORMED, 'Resource bucket must be in ARN format or "*".')),
    "resource no text": (permitting(Resource=5), SYNTAX),
    "operator": (permitting(Condition={"NullIfExists": {"aws:username": "true"}}), SYNTAX),
    "size": (permitting(Resource="arn:aws:s3:::" + "a" * 6144), (*LIMIT, "Cannot exceed quota for PolicySize: 6144")),
}
TAG_REFUSALS: dict[str, tuple[Any, tuple[str, int, str]]] = {
    "count": (some_tags(51), constraint("tags", "have length less than or equal to 50")),
    "empty key": ({"": "v"}, constraint("tags.1.member.key", "have length greater than or equal to 1")),
    "long key": ({"k" * 129: "v"}, constraint("tags.1.member.key", "have length less than or equal to 128")),
    "key": ({"k!": "v"}, constraint("tags.1.member.key", f"{PATTERN}+")),
    "value": ({"k": "v!"}, constraint("tags.1.member.value", f"{PATTERN}*")),
    "prefix": ({"aws:k": "v"}, (*VALIDATION, "Tag keys and values cannot begin with aws:")),
    "duplicates": (
        {"k": "v", "K": "v"},
        (*INVALID, "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
    ),
}
ROLE_REFUSALS: dict[str, tuple[dict[str, Any], tuple[str, int, str]]] = {
    "name": ({"name": "a b"}, (*VALIDATION, f"The specified value for roleName is invalid. {WITHIN}+=,.@_-")),
    "path": (
        {"path": "a"},
        (
            *VALIDATION,
            (
                "The specified value for path is invalid. It must begin and end with / "
                "and contain only alphanumeric characters and/or / characters."
            ),
        ),
    ),
    "maximum": (
        {"max_session_duration": 3599},
        (
            *VALIDATION,
            (
                "1 validation error detected: Value '3599' at 'maxSessionDuration' failed to satisfy constraint: "
                "Member must have value greater than or equal to 3600"
            ),
        ),
    ),
    "taken": ({"name": "Taken"}, (*EXISTS, "Role with name Taken already exists.")),
    "policy of nobody's": (
        {"policies": ["arn:aws:iam::123456789012:policy/Nobody"]},
        (*NOBODY, "Policy arn:aws:iam::123456789012:policy/Nobody does not exist or is not attachable."),
    ),
    "policies too long": (
        {"policies": [inline_of_length(10_241)]},
        (*LIMIT, "Maximum policy size of 10240 bytes exceeded for role A"),
    ),
}
PROVIDER_REFUSALS: dict[str, tuple[dict[str, Any], tuple[str, int, str]]] = {
    "name": ({"name": "a b"}, (*VALIDATION, f"The specified value for name is invalid. {WITHIN}._-")),
    "taken": ({"name": "ExampleIdP"}, (*EXISTS, "Provider with name ExampleIdP already exists.")),
    "short metadata": (
        {"metadata": "<a/>"},
        constraint("sAMLMetadataDocument", "have length greater than or equal to 1000"),
    ),
    "metadata": ({"metadata": "<a/>" + LONG_ENOUGH}, (*INVALID, "Could not parse metadata")),
    "mode": (
        {"assertion_encryption_mode": "Required"},
        (*INVALID, "Unable to set assertion encryption mode to Required because no private key is provided."),
    ),
    "no key": ({"private_keys": ["no PEM"]}, (*INVALID, "Invalid private key.")),
    "EC key": ({"private_keys": [make_signing_key("ec")]}, (*INVALID, "Invalid private key.")),
    "long key": (
        {"private_keys": ["a" * 16385]},
        constraint("addPrivateKey", "have length less than or equal to 16384"),
    ),
    "three keys": ({"private_keys": RSA_KEYS}, (*LIMIT, "Private key limit of 2 is reached.")),
}
UPDATE_REFUSALS: dict[str, tuple[dict[str, Any], tuple[str, int, str]]] = {
    "nobody": (
        {"provider": "arn:aws:iam::111122223333:saml-provider/Nobody"},
        (*NOBODY, "Manifest not found for arn arn:aws:iam::111122223333:saml-provider/Nobody"),
    ),
    "nothing": (
        {},
        (
            *INVALID,
            "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
        ),
    ),
    "both": (
        {"add_private_key": RSA_KEYS[1], "remove_private_key": RSA_KEYS[0]},
        (
            *INVALID,
            (
                "Unable to add and remove private keys in the same request. "
                "Set a value for only one of the two parameters."
            ),
        ),
    ),
    "another key": (
        {"remove_private_key": "A" * 22},
        (*INVALID, "Failed to remove private key because the Key ID does not match a private key."),
    ),
}


def create_a_role(sts: STSBackend, **arguments: Any) -> object:
    return sts.create_role(**{"name": "A"} | arguments)


def create_a_policy(sts: STSBackend, **arguments: Any) -> object:
    return sts.create_policy(**{"name": "A", "document": PERMISSIONS} | arguments)


def create_a_provider(sts: STSBackend, **arguments: Any) -> object:
    return sts.create_saml_provider(**{"name": "A", "metadata": IdentityProvider().metadata} | arguments)


def update_the_provider(sts: STSBackend, **arguments: Any) -> object:
    return sts.update_saml_provider(**{"provider": "arn:aws:iam::123456789012:saml-provider/ExampleIdP"} | arguments)


def delete_a_role(sts: STSBackend, **arguments: Any) -> None:
    sts.delete_role(**arguments)


def check_a_sessions_policy(sts: STSBackend, **arguments: Any) -> None:
    permissions.check_permissions(**arguments)


# By name: the call, its arguments, and the error.
IAM_REFUSALS: dict[str, tuple[Callable[..., object], dict[str, Any], tuple[str, int, str]]] = {
    **{f"trust-{name}": (create_a_role, {"trust_policy": p}, e) for name, (p, e) in TRUST_REFUSALS.items()},
    **{f"managed-{name}": (create_a_policy, {"document": p}, e) for name, (p, e) in MANAGED_REFUSALS.items()},
    **{f"role's tags-{name}": (create_a_role, {"tags": t}, e) for name, (t, e) in TAG_REFUSALS.items()},
    **{f"provider's tags-{name}": (create_a_provider, {"tags": t}, e) for name, (t, e) in TAG_REFUSALS.items()},
    **{f"role-{name}": (create_a_role, a, e) for name, (a, e) in ROLE_REFUSALS.items()},
    **{f"provider-{name}": (create_a_provider, a, e) for name, (a, e) in PROVIDER_REFUSALS.items()},
    **{f"update-{name}": (update_the_provider, a, e) for name, (a, e) in UPDATE_REFUSALS.items()},
    "policy-name": (
        create_a_policy,
        {"name": "a b"},
        (*VALIDATION, f"The specified value for policyName is invalid. {WITHIN}+=,.@_-"),
    ),
    "policy-taken": (
        create_a_policy,
        {"name": "Taken"},
        (*EXISTS, "A policy called Taken already exists. Duplicate names are not allowed."),
    ),
    "session's policy-no object": (check_a_sessions_policy, {"policy": []}, SYNTAX),
    "delete-nobody": (
        delete_a_role,
        {"role": "arn:aws:iam::123456789012:role/Nobody"},
        (*NOBODY, "The role with name Nobody cannot be found."),
    ),
}


def raised_in_source() -> set[tuple[str, int]]:
    """Where the package raises an IAMError: files and lines."""
    others = {"NotJSON", "Rejected", "TypeError", "ValueError"}
    return {
        (str(module.__file__), node.lineno)
        for module in (accounts, creation, condition_blocks, directory, documents, permissions, trust_policies)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id not in others
    }


class TestEveryRefusal:
    @pytest.fixture
    def aws(self, sts: STSBackend, idp: IdentityProvider) -> STSBackend:
        sts.update_saml_provider(idp.provider, add_private_key=RSA_KEYS[0])
        sts.create_role("Taken")
        sts.create_policy("Taken", PERMISSIONS)
        return sts

    @pytest.mark.parametrize(("call", "arguments", "error"), IAM_REFUSALS.values(), ids=IAM_REFUSALS)
    def test_says_what_iam_says(
        self, aws: STSBackend, call: Callable[..., object], arguments: dict[str, Any], error: tuple[str, int, str]
    ) -> None:
        assert refused(call, aws, **arguments)[:3] == error

    @pytest.mark.parametrize(("call", "arguments", "error"), IAM_REFUSALS.values(), ids=IAM_REFUSALS)
    def test_gives_a_hint(
        self, aws: STSBackend, call: Callable[..., object], arguments: dict[str, Any], error: tuple[str, int, str]
    ) -> None:
        assert refused(call, aws, **arguments)[3]

    def test_in_the_source_is_in_the_table(self, aws: STSBackend, monkeypatch: pytest.MonkeyPatch) -> None:
        raised = set()
        for call, arguments, _ in IAM_REFUSALS.values():
            with pytest.raises(IAMError) as caught:
                call(aws, **arguments)
            raised.add((str(caught.traceback[-1].path), caught.traceback[-1].lineno + 1))
        monkeypatch.setattr("pytest_stssaml.saml.metadata.SHORTEST_RSA_KEY", 2049)
        with pytest.raises(IAMError, match=r"^InvalidInput: Unable to parse metadata ") as caught:
            create_a_provider(aws)
        raised.add((str(caught.traceback[-1].path), caught.traceback[-1].lineno + 1))
        assert raised_in_source() - raised == set()
