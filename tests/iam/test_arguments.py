import datetime as dt
import re
from typing import Any

import pytest

from pytest_stssaml import SAMLProvider, STSBackend, make_signing_key


class TestArguments:
    @pytest.mark.parametrize(
        "argument",
        [
            pytest.param({"max_session_duration": "7200"}, id="max_session_duration-string"),
            pytest.param({"max_session_duration": True}, id="max_session_duration-bool"),
            pytest.param({"max_session_duration": 7200.5}, id="max_session_duration-fraction"),
            pytest.param({"max_session_duration": dt.timedelta(hours=2)}, id="max_session_duration-timedelta"),
            pytest.param({"path": None}, id="path-None"),
            pytest.param({"tags": ["team"]}, id="tags-list"),
        ],
    )
    def test_keywords_of_create_role_must_have_their_types(
        self, sts: STSBackend, provider: SAMLProvider, argument: dict[str, Any]
    ) -> None:
        with pytest.raises(TypeError, match=f"^{next(iter(argument))} must be "):
            sts.create_role("A", **argument)

    def test_name_of_a_role_must_be_a_string(self, sts: STSBackend, provider: SAMLProvider) -> None:
        with pytest.raises(TypeError, match=r"^name must be a string, not 5$"):
            sts.create_role(5)  # type: ignore[arg-type]

    def test_name_of_a_provider_must_be_a_string(self, sts: STSBackend, metadata: str) -> None:
        with pytest.raises(TypeError, match=r"^name must be a string, not None$"):
            sts.create_saml_provider(None, metadata)  # type: ignore[arg-type]

    @pytest.mark.parametrize("tags", [{"team": 5}, {5: "blue"}], ids=["value", "key"])
    def test_tags_must_be_strings(self, sts: STSBackend, metadata: str, tags: Any) -> None:
        message = f'tags must be a dict of strings, such as {{"team": "blue"}}, not {tags!r}'
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata, tags=tags)

    @pytest.mark.parametrize("account_id", ["", "12345678901", "1234567890123", "12345678901a", 123456789012], ids=repr)
    def test_account_of_a_role_must_be_12_digits(
        self, sts: STSBackend, provider: SAMLProvider, account_id: Any
    ) -> None:
        message = f"account_id must be a string of 12 digits, not {account_id!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_role("A", provider=provider, account_id=account_id)

    @pytest.mark.parametrize("account_id", ["", "\u0661" * 12, 123456789012], ids=["empty", "Arabic", "number"])
    def test_account_of_a_provider_must_be_12_digits(self, sts: STSBackend, metadata: str, account_id: Any) -> None:
        message = f"account_id must be a string of 12 digits, not {account_id!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata, account_id=account_id)

    @pytest.mark.parametrize("partition", ["", "AWS", "aws-iso"])
    def test_partition_must_be_known(self, sts: STSBackend, metadata: str, partition: Any) -> None:
        message = f"partition must be one of aws, aws-cn, aws-us-gov, not {partition!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.create_saml_provider("Okta", metadata, partition=partition)

    @pytest.mark.parametrize("value", [None, 5, b"arn"], ids=["None", "a number", "bytes"])
    def test_role_must_be_a_role_or_an_arn(self, sts: STSBackend, value: Any) -> None:
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
    def test_role_must_be_the_arn_of_a_role(self, sts: STSBackend, provider: SAMLProvider, value: str) -> None:
        sts.create_role("Developer")
        message = f"role must be a Role or its ARN, not {value!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            sts.delete_role(value)

    @pytest.mark.parametrize("method", ["update_saml_provider", "delete_saml_provider"])
    @pytest.mark.parametrize("value", ["ExampleIdP", "arn:aws:iam::123456789012:role/ExampleIdP"], ids=["name", "ARN"])
    def test_provider_must_be_the_arn_of_a_provider(
        self, sts: STSBackend, provider: SAMLProvider, method: str, value: str
    ) -> None:
        message = f"provider must be a SAMLProvider or its ARN, not {value!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            getattr(sts, method)(value)

    def test_provider_of_a_role_must_be_the_arn_of_a_provider(self, sts: STSBackend, provider: SAMLProvider) -> None:
        with pytest.raises(ValueError, match=r"^provider must be a SAMLProvider or its ARN, not 'ExampleIdP'$"):
            sts.create_role("A", provider="ExampleIdP")

    def test_private_keys_must_be_an_iterable(self, sts: STSBackend, metadata: str) -> None:
        key = make_signing_key()
        with pytest.raises(TypeError, match=r"^private_keys must be a list or another iterable, not "):
            sts.create_saml_provider("Okta", metadata, private_keys=key)  # type: ignore[arg-type]

    def test_metadata_of_another_type_is_abbreviated(self, sts: STSBackend, metadata: str) -> None:
        with pytest.raises(TypeError, match=r"^metadata must be an IdentityProvider or .*, not b'<") as caught:
            sts.create_saml_provider("Okta", metadata.encode())  # type: ignore[arg-type]
        assert len(str(caught.value)) < 120
