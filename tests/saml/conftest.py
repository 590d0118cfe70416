import pytest
from certificates import keys_of
from cryptography.hazmat.primitives.asymmetric import rsa
from encrypting import KEY
from saml_documents import PAIR, FaultOf, Read, element_of

from pytest_stssaml import IdentityProvider, SAMLProvider, STSBackend, make_signing_key
from pytest_stssaml.keys import SigningKey
from pytest_stssaml.saml.assertion import Assertion, Decryption, parse_response, read_assertion
from pytest_stssaml.saml.faults import Fault, Unreadable
from pytest_stssaml.saml.metadata import Metadata


@pytest.fixture
def signer(saml_signing_key: SigningKey) -> IdentityProvider:
    """An identity provider that is not registered with any AWS."""
    return IdentityProvider(signing_key=saml_signing_key)


@pytest.fixture(scope="session")
def foreign_signer() -> IdentityProvider:
    """An identity provider of the same entity ID, which signs with another key."""
    return IdentityProvider(signing_key=make_signing_key("ec"))


@pytest.fixture
def metadata(signer: IdentityProvider) -> Metadata:
    """The metadata of `signer`."""
    return Metadata(signer.entity_id, keys_of(signer.certificates))


@pytest.fixture
def read(metadata: Metadata) -> Read:
    """The call under test: `read(response, *private_keys)` returns what `signer` said in a response."""

    def call(response: str, *private_keys: rsa.RSAPrivateKey) -> Assertion:
        return read_assertion(parse_response(response), metadata, Decryption(private_keys))

    return call


@pytest.fixture
def fault(read: Read) -> FaultOf:
    """A response that is refused: `fault(response, *private_keys)` returns the fault and the sentence about it."""

    def call(response: str, *private_keys: rsa.RSAPrivateKey) -> tuple[Fault, str]:
        with pytest.raises(Unreadable) as caught:
            read(response, *private_keys)
        return caught.value.fault, caught.value.because

    return call


@pytest.fixture
def xml(signer: IdentityProvider) -> str:
    """A response with a signed assertion that is not encrypted."""
    return signer.response(PAIR).xml


@pytest.fixture
def assertion(xml: str) -> str:
    """The signed assertion of `xml`."""
    return element_of(xml, "saml:Assertion")


@pytest.fixture
def provider(sts: STSBackend, idp: IdentityProvider) -> SAMLProvider:
    """The provider of `idp` with the private key KEY, and the role of PAIR, which trusts it."""
    sts.create_role("Developer")
    return sts.update_saml_provider(idp.provider, add_private_key=KEY)


@pytest.fixture
def strict_provider(sts: STSBackend, provider: SAMLProvider) -> SAMLProvider:
    """The same provider when assertions must be encrypted, and the role "Strict", which takes any recipient."""
    sts.create_role("Strict", trust_policy=provider.trust_policy(recipient=None))
    return sts.update_saml_provider(provider, assertion_encryption_mode="Required")
