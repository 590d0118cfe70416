"""Whole test modules with aiobotocore, under pytest-asyncio, under anyio's plugin, and under unittest."""

import importlib.util
import subprocess
import sys

import pytest
from inner_runs import InnerModule, Result
from neighbours.runs import beside

pytest.importorskip("aiobotocore", reason="aiobotocore is not installed")

needs_asyncio = pytest.mark.skipif(
    importlib.util.find_spec("pytest_asyncio") is None, reason="pytest-asyncio is not installed"
)
needs_anyio = pytest.mark.skipif(importlib.util.find_spec("anyio") is None, reason="anyio is not installed")

STRICT = """
import pytest_asyncio
mark, fixture = pytest.mark.asyncio, pytest_asyncio.fixture
"""

AUTO = """
mark, fixture = (lambda test: test), pytest.fixture
"""

ANYIO = """
mark, fixture = pytest.mark.anyio, pytest.fixture

@pytest.fixture
def anyio_backend(): return "asyncio"
"""

HEADER = """
import asyncio
from aiobotocore.session import get_session

EARLY = get_session()

async def aio_log_in(response, role, provider, session=None):
    async with (session or get_session()).create_client("sts", region_name="us-east-1") as sts:
        return await sts.assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response)

async def aio_sts_is_ours():
    idp, provider, role = registered()
    response = idp.response(role)
    assert (await aio_log_in(response, role, provider, EARLY))["Subject"] == "alice@example.com"
    with pytest.raises(ClientError, match="Response signature invalid"):
        await aio_log_in(response.tampered("alice@", "mallory@"), role, provider)
    return True
"""

FIXTURES = (
    HEADER
    + """
@mark
async def test_fixtures(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    assert await aio_log_in(saml_idp.response(role), role, saml_idp.provider)

@mark
@pytest.mark.parametrize("said", [{"audience": "urn:example"}, {"signed": None}])
async def test_refused(sts_saml, saml_idp, said):
    role = sts_saml.create_role("Developer")
    with pytest.raises(ClientError, match="InvalidIdentityToken"):
        await aio_log_in(saml_idp.response(role, **said), role, saml_idp.provider)

@fixture
async def role(sts_saml, saml_idp):
    await asyncio.sleep(0)
    return sts_saml.create_role("Developer")

@mark
async def test_async_fixture_beside_ours(saml_idp, role):
    assert await aio_log_in(saml_idp.response(role), role, saml_idp.provider)

@fixture
async def sts_client():
    async with EARLY.create_client("sts", region_name="us-east-1") as made:
        yield made

@mark
async def test_client_made_before_the_mock(sts_client, sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    assert await sts_client.assume_role_with_saml(
        RoleArn=role.arn, PrincipalArn=saml_idp.provider.arn, SAMLAssertion=saml_idp.response(role)
    )

@mark
@pytest.mark.stssaml(now="2030-01-01T00:00:00Z")
async def test_now(sts_saml, saml_idp, role):
    answer = await asyncio.wait_for(aio_log_in(saml_idp.response(role), role, saml_idp.provider), timeout=10)
    await asyncio.sleep(0.01)
    assert answer["Credentials"]["Expiration"] == dt.datetime(2030, 1, 1, 1, tzinfo=dt.UTC)

@mark
async def test_many_at_once(sts_client, saml_idp, role):
    said = {"RoleArn": role.arn, "PrincipalArn": saml_idp.provider.arn, "SAMLAssertion": saml_idp.response(role)}
    answers = await asyncio.gather(*(sts_client.assume_role_with_saml(**said) for _ in range(20)))
    assert len({answer["Credentials"]["AccessKeyId"] for answer in answers}) == 20

def test_nothing_is_left():
    with pytest.raises(LookupError):
        active_backend()
"""
)

DECORATOR = (
    HEADER
    + """
@mark
@mock_sts_saml
async def test_mark_above(): assert await aio_sts_is_ours()

@mock_sts_saml
@mark
async def test_mark_below(): assert await aio_sts_is_ours()

@mark
@mock_sts_saml(account_id="111122223333", now="2030-01-01")
async def test_options():
    await asyncio.sleep(0.01)
    assert await aio_sts_is_ours()

@mark
@mock_sts_saml
async def test_beside_fixtures(sts_saml, tmp_path):
    assert active_backend() is sts_saml and await aio_sts_is_ours()

@fixture
@mock_sts_saml
async def aws():
    await asyncio.sleep(0)
    yield active_backend()
    await asyncio.sleep(0)
    active_backend()

@mark
async def test_async_generator_fixture(aws):
    assert active_backend() is aws and await aio_sts_is_ours()

@fixture
@mock_sts_saml
async def kept():
    await asyncio.sleep(0)
    return active_backend()

@mark
async def test_coroutine_fixture(kept):
    assert active_backend() is kept and await aio_sts_is_ours()

def test_coroutine_fixture_has_ended():
    with pytest.raises(LookupError):
        active_backend()

@mock_sts_saml
class TestPlain:
    def setup_method(self): self.sts = active_backend()

    @mark
    async def test_first(self): assert active_backend() is self.sts and await aio_sts_is_ours()

    @mark
    async def test_second(self): assert active_backend() is self.sts and await aio_sts_is_ours()

class TestMethods:
    @mark
    @mock_sts_saml
    async def test_it(self): assert await aio_sts_is_ours()

@mark
async def test_async_with():
    async with mock_sts_saml():
        assert await aio_sts_is_ours()

@mock_sts_saml
class Isolated(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.sts = active_backend()
        self.addAsyncCleanup(self.clean_up)

    async def clean_up(self): assert active_backend() is self.sts

    async def test_first(self): assert active_backend() is self.sts and await aio_sts_is_ours()

    async def test_second(self): assert active_backend() is self.sts and await aio_sts_is_ours()

class IsolatedMethods(unittest.IsolatedAsyncioTestCase):
    @mock_sts_saml
    async def test_it(self): assert await aio_sts_is_ours()

    async def test_entered(self):
        await self.enterAsyncContext(mock_sts_saml(now="2030-01-01"))
        assert await aio_sts_is_ours()

def test_nothing_is_left():
    with pytest.raises(LookupError):
        active_backend()
"""
)

WITHOUT_OUR_PLUGIN = (
    HEADER
    + """
@mark
@mock_sts_saml
async def test_it(): assert await aio_sts_is_ours()
"""
)


def with_each_plugin(body: str, *, ours: bool = True) -> pytest.MarkDecorator:
    """Run a test with the inner module of each plugin for async tests."""
    strict = beside(STRICT + body, "-o", "asyncio_mode=strict", plugins="asyncio", ours=ours)
    auto = beside(AUTO + body, "-o", "asyncio_mode=auto", plugins="asyncio", ours=ours)
    anyio = beside(ANYIO + body, plugins="anyio", ours=ours)
    return pytest.mark.parametrize(
        "inner",
        [
            pytest.param(strict, marks=needs_asyncio, id="pytest-asyncio strict"),
            pytest.param(auto, marks=needs_asyncio, id="pytest-asyncio auto"),
            pytest.param(anyio, marks=needs_anyio, id="anyio"),
        ],
        indirect=True,
    )


@with_each_plugin(FIXTURES)
def test_fixtures(inner: Result) -> None:
    assert inner.outcomes == {"passed": 8}


@with_each_plugin(DECORATOR)
def test_decorator(inner: Result) -> None:
    assert inner.outcomes == {"passed": 16}


@with_each_plugin(WITHOUT_OUR_PLUGIN, ours=False)
def test_decorator_without_our_plugin(inner: Result) -> None:
    assert inner.outcomes == {"passed": 1}


def sharing(scope: str) -> InnerModule:
    return beside(
        STRICT
        + HEADER
        + f"""
pytestmark = pytest.mark.asyncio(loop_scope="{scope}")

@pytest_asyncio.fixture(scope="{scope}", loop_scope="{scope}")
@mock_sts_saml
async def aws():
    async with EARLY.create_client("sts", region_name="us-east-1") as sts:
        yield sts, *registered()

class TestLogin:
    @pytest.mark.parametrize("n", range(2))
    async def test_it(self, aws, n):
        sts, idp, provider, role = aws
        said = dict(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role))
        assert await sts.assume_role_with_saml(**said)
""",
        plugins="asyncio",
    )


@needs_asyncio
@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(sharing("class"), id="class"),
        pytest.param(sharing("module"), id="module"),
        # Its mock is active until its session ends, so no other inner module may share that.
        pytest.param(sharing("session")._replace(ini="# a session of its own"), id="session"),
    ],
    indirect=True,
)
def test_several_tests_share_an_event_loop_and_a_mock(inner: Result) -> None:
    assert inner.outcomes == {"passed": 2}


@needs_anyio
@pytest.mark.inner(
    beside(
        ANYIO
        + HEADER
        + """
import anyio

@mark
async def test_task_group(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    said = {"RoleArn": role.arn, "PrincipalArn": saml_idp.provider.arn, "SAMLAssertion": saml_idp.response(role)}
    keys = set()

    async def log_in_once():
        keys.add((await sts.assume_role_with_saml(**said))["Credentials"]["AccessKeyId"])

    async with EARLY.create_client("sts", region_name="us-east-1") as sts, anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(log_in_once)
    assert len(keys) == 20

@mark
async def test_boto3_in_a_thread(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    assert await anyio.to_thread.run_sync(log_in, saml_idp.response(role), role, saml_idp.provider)

@mark
@pytest.mark.stssaml(now="2030-01-01T00:00:00Z")
async def test_deadlines_in_frozen_time(sts_saml):
    await anyio.sleep(0.01)
    with pytest.raises(TimeoutError):
        with anyio.fail_after(0.01):
            await anyio.sleep(5)
""",
        plugins="anyio",
    )
)
def test_task_groups_threads_and_deadlines_of_anyio(inner: Result) -> None:
    assert inner.outcomes == {"passed": 3}


EARLY = """
import asyncio, sys
from aiobotocore.session import get_session
{import_}

async def main():
    session = get_session()
    async with session.create_client("sts", region_name="us-east-1") as client:
        assert "pytest_stssaml" not in sys.modules
        from pytest_stssaml import IdentityProvider, mock_sts_saml

        async with mock_sts_saml() as sts:
            idp = IdentityProvider()
            provider = sts.create_saml_provider("Okta", idp)
            role = sts.create_role("Developer")

            async def log_in(client):
                answer = await client.assume_role_with_saml(
                    RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
                )
                print(answer["Subject"])

            await log_in(client)
            async with session.create_client("sts", region_name="eu-west-1") as late:
                await log_in(late)
            async with {new} as new:
                await log_in(new)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("import_", "new"),
    [
        pytest.param("", 'get_session().create_client("sts", region_name="us-east-1")', id="aiobotocore"),
        pytest.param(
            "import aioboto3; early = aioboto3.Session(region_name='us-east-1')",
            'early.client("sts")',
            id="aioboto3",
            marks=pytest.mark.skipif(importlib.util.find_spec("aioboto3") is None, reason="aioboto3 is not installed"),
        ),
    ],
)
def test_what_was_made_before_the_library_was_imported_is_answered(
    no_aws_environment: None, import_: str, new: str
) -> None:
    finished = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", "-c", EARLY.format(import_=import_, new=new)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert finished.stdout.split() == ["alice@example.com"] * 3, finished.stderr
