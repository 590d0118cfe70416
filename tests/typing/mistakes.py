"""Mistakes that type checkers find; never imported. The comment on a line has the codes of mypy and of pyright."""

from pytest_stssaml import IdentityProvider, Rejection, Role, SAMLProvider, STSBackend, make_signing_key, mock_sts_saml


def time(sts: STSBackend) -> None:
    sts.advance(minuets=3)  # expect call-arg, reportCallIssue
    sts.advance(300)  # expect arg-type, reportArgumentType
    sts.advance(minutes="3")  # expect arg-type, reportArgumentType
    sts.move_to(1893456000)  # expect arg-type, reportArgumentType


def aws(sts: STSBackend, idp: IdentityProvider, role: Role) -> None:
    sts.create_role("Developer", session_duration=3600)  # expect call-arg, reportCallIssue
    sts.create_role("Developer", partition="aws-china")  # expect arg-type, reportArgumentType
    sts.create_saml_provider("Okta", idp, assertion_encryption_mode="required")  # expect arg-type, reportArgumentType
    sts.create_saml_provider("Okta", idp, private_keys=[make_signing_key("ec")])  # expect list-item, reportArgumentType
    sts.set_security_token_service_preferences("v2")  # expect arg-type, reportArgumentType
    sts.add_connection_error("rest")  # expect arg-type, reportArgumentType
    sts.add_client_error("Throttling", operation="assume_role")  # expect arg-type, reportArgumentType
    sts.attempts[0].acepted  # expect attr-defined, reportAttributeAccessIssue
    role.partition == "aws-china"  # expect comparison-overlap, reportUnnecessaryComparison


def responses(idp: IdentityProvider, role: Role) -> None:
    idp.response(role, audiance="urn:example")  # expect call-arg, reportCallIssue
    idp.response(role, signed="asertion")  # expect arg-type, reportArgumentType
    idp.response(role, signature_algorithm="rsa-256")  # expect arg-type, reportArgumentType
    idp.response(role, digest_algorithm="md5")  # expect arg-type, reportArgumentType
    idp.response(role, encryption_algorithm="des")  # expect arg-type, reportArgumentType
    idp.response(role, shape=1)  # expect arg-type, reportArgumentType
    idp.response(role).edited(lambda root: root.sett("ID", "1"))  # expect attr-defined, reportAttributeAccessIssue
    idp.response(role).root.tagg  # expect attr-defined, reportAttributeAccessIssue
    idp.sign("<xml/>", signed="all")  # expect arg-type, reportArgumentType


def policies(provider: SAMLProvider) -> None:
    provider.trust_policy(audience=1)  # expect arg-type, reportArgumentType
    provider.trust_policy(recipents="https://example.com")  # expect call-arg, reportCallIssue


def rejections(rejection: Rejection) -> None:
    rejection.name == "expierd"  # expect comparison-overlap, reportUnnecessaryComparison
    rejection.name = "expired"  # expect misc, reportAttributeAccessIssue


make_signing_key("dsa")  # expect call-overload, reportCallIssue
mock_sts_saml(partition="china")  # expect call-overload, reportArgumentType
mock_sts_saml(account="123456789012")  # expect call-overload, reportCallIssue
