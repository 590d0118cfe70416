import importlib.util

import pytest
from neighbours.runs import Made, Run

PLUGINS = {
    "pytest-asyncio": "pytest_asyncio",
    "pytest-randomly": "pytest_randomly",
    "pytest-rerunfailures": "pytest_rerunfailures",
    "pytest-socket": "pytest_socket",
    "pytest-xdist": "xdist",
    "time-machine": "time_machine",
    "moto": "moto",
}
MISSING = [project for project, module in PLUGINS.items() if importlib.util.find_spec(module) is None]

TESTS = """
from moto import mock_aws

async def waits():
    import asyncio
    await asyncio.sleep(0.01)

@pytest.mark.parametrize("n", range(4))
def test_fixtures(sts_saml, saml_idp, record_property, n):
    assert sts_is_ours()
    record_property("made", saml_idp.provider.uuid)

@mock_sts_saml(now="2030-01-01")
async def test_decorated():
    await waits()
    with mock_aws():
        assert sts_is_ours()
        client("s3").create_bucket(Bucket="moto")
    assert dt.datetime.now(dt.UTC) == dt.datetime(2030, 1, 1, tzinfo=dt.UTC)

def test_time_machine(sts_saml, time_machine):
    time_machine.move_to(dt.datetime(2031, 1, 1, tzinfo=dt.UTC), tick=False)
    assert sts_is_ours()
    assert dt.datetime.now(dt.UTC) == dt.datetime(2031, 1, 1, tzinfo=dt.UTC)

@pytest.mark.flaky(reruns=1)
@mock_aws
def test_flaky(sts_saml, tmp_path_factory):
    first = tmp_path_factory.getbasetemp() / "first"
    sts_saml.create_role("Developer", trust_policy=TRUST)
    if not first.exists():
        first.touch()
        raise AssertionError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}

@mock_sts_saml
class Login(unittest.TestCase):
    def test_first(self): assert sts_is_ours()
    def test_second(self): assert sts_is_ours()

@pytest.mark.disable_socket
def test_no_socket(sts_saml): assert sts_is_ours()
"""


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_all_of_them_at_once(run: Run, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    options = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
    spread = run(TESTS, *options, "-n2")
    spread.stdout.fnmatch_lines(["*10 passed, 1 rerun in *"])
    assert made(spread) == made(run(TESTS, *options, "-p", "no:randomly", "-n0")) != {}
