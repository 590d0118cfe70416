"""What the tests of `explain` share: a login, with what an engineer has of it, and the command."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from pytest_stssaml import Explanation, IdentityProvider, Role, SAMLProvider, explain, mock_sts_saml

#: The time of `Login`.
ISSUED = "2030-01-01T12:00:00Z"
ROLE_ARN = "arn:aws:iam::123456789012:role/Developer"
PROVIDER_ARN = "arn:aws:iam::123456789012:saml-provider/Example"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"

# A throwaway key that is always the same, so that its fingerprint is. It is short, and nothing trusts it.
_P = int(
    "efba65b6edb1c6b0a14f5d5ff176b0200a16093e4b0e7fa35402ef5677b00fd4"
    "eaa92090b5a235902fb3a32c96386abe5fe3d1ce663d311188590e4468664a2d",
    16,
)
_Q = int(
    "c7bc40a5c8ad276c5f19a1bdab146c81a28d520466f110eb3a0762e1c9764f65"
    "d70c8fa7bd9ee8d2aacdc88b3786444e697af590c8fa3fb3fe5cbad1779646d3",
    16,
)


@cache
def fixed_key() -> rsa.RSAPrivateKey:
    """Return a key that is the same in each run."""
    public = rsa.RSAPublicNumbers(65537, _P * _Q)
    d = rsa.rsa_recover_private_exponent(65537, _P, _Q)
    numbers = rsa.RSAPrivateNumbers(
        _P, _Q, d, rsa.rsa_crt_dmp1(d, _P), rsa.rsa_crt_dmq1(d, _Q), rsa.rsa_crt_iqmp(_P, _Q), public
    )
    return numbers.private_key()


def role_output(role: Role) -> dict[str, Any]:
    """Return what `aws iam get-role` prints."""
    document = {
        "Path": "/",
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": role.arn,
        "CreateDate": "2029-01-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": role.trust_policy,
        "MaxSessionDuration": role.max_session_duration,
    }
    return {"Role": document}


def provider_output(provider: SAMLProvider, metadata: str) -> dict[str, Any]:
    """Return what `aws iam get-saml-provider` prints."""
    return {
        "SAMLProviderUUID": provider.uuid,
        "SAMLMetadataDocument": metadata,
        "CreateDate": "2029-01-01T00:00:00+00:00",
        "ValidUntil": "2129-01-01T00:00:00+00:00",
        "Tags": [],
        "AssertionEncryptionMode": provider.assertion_encryption_mode,
        "PrivateKeyList": [
            {"KeyId": key.key_id, "Timestamp": "2029-01-01T00:00:00+00:00"} for key in provider.private_keys
        ],
    }


class Login:
    """A response, its role and its provider. It is good unless the arguments say otherwise.

    :param policy: the keywords of `provider.trust_policy`.
    :param values: the keywords of `IdentityProvider.response`.
    """

    def __init__(self, *, policy: dict[str, Any] | None = None, offers: Any = None, **values: Any) -> None:
        with mock_sts_saml(seed="explain", now=ISSUED) as sts:
            self.idp = IdentityProvider(signing_key=fixed_key())
            self.provider = sts.create_saml_provider("Example", self.idp)
            trust = None if policy is None else self.provider.trust_policy(**policy)
            self.role = sts.create_role("Developer", trust_policy=trust)
            self.response = self.idp.response(self.role if offers is None else offers, **values)
        #: The keywords of `explain`.
        self.outputs = {
            "role": role_output(self.role),
            "provider": provider_output(self.provider, self.idp.metadata),
        }

    def explain(self, response: Any = None, **options: Any) -> Explanation:
        """Return the explanation of the response or of another one, at the time of issue and with other options."""
        given = {"at": ISSUED, **self.outputs, **options}
        return explain(self.response if response is None else response, **given)

    def arguments(self, directory: Path, *options: str) -> list[str]:
        """Write the files of the login, and return the arguments of the command."""
        for name, text in (
            ("response.txt", str(self.response)),
            ("role.json", json.dumps(self.outputs["role"])),
            ("provider.json", json.dumps(self.outputs["provider"])),
        ):
            (directory / name).write_text(text, encoding="utf-8")
        files = ["response.txt", "--role", "role.json", "--provider", "provider.json"]
        paths = [name if name.startswith("--") else str(directory / name) for name in files]
        return ["explain", *paths, "--at", ISSUED, *options]


def named(explanation: Explanation, outcome: str = "failed") -> list[str]:
    """Return the names of the rules with an outcome."""
    return [check.rule for check in explanation.checks if check.outcome == outcome]


def last_lines(explanation: Explanation) -> str:
    """Return what the report says at its end about the likely cause, in one line."""
    return " ".join(str(explanation).rpartition("Likely cause: ")[2].split())
