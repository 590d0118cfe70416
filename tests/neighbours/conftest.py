import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from neighbours.runs import INNER_CONFTEST, INNER_IMPORTS, Made, Run

from pytest_stssaml.keys import SigningKey


@pytest.fixture
def run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, saml_signing_key: SigningKey, no_aws_environment: None
) -> Run:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pem = saml_signing_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (pytester.path / "key.pem").write_bytes(pem)
    pytester.makeconftest(INNER_CONFTEST)

    def call(body: str, *arguments: str, plugins: str = "", ours: bool = True) -> pytest.RunResult:
        pytester.makepyfile(test_it=INNER_IMPORTS + body)
        named = [argument for name in plugins.split() for argument in ("-p", name)]
        named += ["-p", "stssaml"] if ours else ["-p", "no:stssaml"]
        if "asyncio" in plugins.split():  # pytest-asyncio warns while pytest starts, where a warning is a crash
            named += ["-o", "asyncio_default_fixture_loop_scope=function"]
        return pytester.runpytest_subprocess(*named, "-p", "no:cacheprovider", "-W", "error", *arguments, timeout=120)

    return call


@pytest.fixture
def made() -> Made:
    def read(result: pytest.RunResult) -> dict[str, str]:
        lines = [line.removeprefix("made ").split(" | ") for line in result.outlines if line.startswith("made ")]
        return {nodeid.partition("@")[0]: value for nodeid, value in lines}

    return read
