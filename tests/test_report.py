import re

import freezegun  # noqa: F401 - pytester would load it anew in each run
import pytest

IMPORTS = """
import unittest

import boto3
import pytest
from pytest_stssaml import IdentityProvider, active_backend, mock_sts_saml


def log_in(role, provider, response):
    sts = boto3.Session().client("sts", region_name="us-east-1")
    return sts.assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=response)


def refused(**said):
    idp = IdentityProvider()
    provider = active_backend().create_saml_provider("Okta", idp)
    role = active_backend().create_role("Developer")
    log_in(role, provider, idp.response(role, **said))


def accepted():
    refused()
"""

CALLS = """
@pytest.fixture
def role(sts_saml, saml_idp):
    return sts_saml.create_role("Developer")


@pytest.fixture
def calls(role, saml_idp):
    return lambda **said: log_in(role, saml_idp.provider, saml_idp.response(role, **said))
"""


def refused(provider: str = "ExampleIdP", audience: str = "urn:example") -> str:
    """What is shown of a response for another audience."""
    return f"""\
<time> AssumeRoleWithSAML refused, InvalidIdentityToken (400): Response does not contain the required audience.
  failed    addressed_to_aws: Each AudienceRestriction names AWS, by entity id or sign-in URL (troubleshoot_saml; both
            were seen accepted).
            expected the audience urn:amazon:webservices, got '{audience}'
  role      arn:aws:iam::123456789012:role/Developer
  provider  arn:aws:iam::123456789012:saml-provider/{provider}
  response  SHA-256 <digest>, <count> characters of base64
            issued <time> by https://idp.example.com/saml for alice@example.com
            sent to https://signin.aws.amazon.com/saml
  passed    check_operation, read_request, region_is_activated, parse_response, known_provider, read_assertion,
            confirmed_by_bearer, sent_to_an_aws_sign_in_url"""


def before_the_last(refusal: str) -> str:
    """What is shown of a refusal that others follow."""
    return refusal.partition("\n  passed  ")[0]


ACCEPTED = (
    "<time> AssumeRoleWithSAML accepted, arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com "
    "for 3600 s in us-east-1"
)

# --- the report


def run(pytester: pytest.Pytester, body: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=IMPORTS + CALLS + body)
    return pytester.runpytest("-p", "no:cacheprovider", *arguments)


def sections(result: pytest.RunResult) -> list[str]:
    """The sections of ours, with what differs from run to run left out."""
    found: list[list[str]] = []
    inside = False
    for line in result.outlines:
        if re.match(r"[-=_]{3,}", line):
            inside = " STS " in line
            found += [[]] if inside else []
        elif inside:
            found[-1].append(line)
    return [without_what_varies("\n".join(lines)) for lines in found]


def without_what_varies(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "<time>", text)
    return re.sub(r"[0-9a-f]{16}…, \d+ characters", "<digest>, <count> characters", text).rstrip("\n")


FIXTURES = """
def test_it(calls):
    calls(audience="urn:example")
"""

DECORATOR = """
@mock_sts_saml
def test_it():
    refused(audience="urn:example")
"""

CONTEXT_MANAGER = """
def test_it():
    with mock_sts_saml():
        refused(audience="urn:example")
"""

ASYNC_CONTEXT_MANAGER = """
def test_it():
    import asyncio

    async def main():
        async with mock_sts_saml():
            refused(audience="urn:example")

    asyncio.run(main())
"""

START = """
def test_it(request):
    mock = mock_sts_saml()
    mock.start()
    request.addfinalizer(mock.stop)
    refused(audience="urn:example")
"""

TEST_CASE = """
@mock_sts_saml
class TestIt(unittest.TestCase):
    def test_it(self):
        refused(audience="urn:example")
"""

TEST_CASE_SET_UP = """
@mock_sts_saml
class TestIt(unittest.TestCase):
    def setUp(self):
        refused(audience="urn:example")

    def test_it(self):
        pass
"""

TEST_CASE_TEAR_DOWN = """
@mock_sts_saml
class TestIt(unittest.TestCase):
    def tearDown(self):
        refused(audience="urn:example")

    def test_it(self):
        pass
"""

TEST_CASE_CLEANUP = """
@mock_sts_saml
class TestIt(unittest.TestCase):
    def test_it(self):
        self.addCleanup(refused, audience="urn:example")
"""

PLAIN_CLASS = """
@mock_sts_saml
class TestIt:
    def test_it(self):
        refused(audience="urn:example")
"""

PLAIN_CLASS_SETUP_METHOD = """
@mock_sts_saml
class TestIt:
    def setup_method(self):
        refused(audience="urn:example")

    def test_it(self):
        pass
"""

SETUP = """
@pytest.fixture
def logged_in(calls):
    return calls(audience="urn:example")

def test_it(logged_in):
    pass
"""

TEARDOWN = """
@pytest.fixture
def logs_out(calls):
    yield
    calls(audience="urn:example")

def test_it(logs_out):
    pass
"""

ASSERTION = """
def test_it(calls):
    try:
        calls(audience="urn:example")
    except Exception:
        pass
    assert False, "the tool swallowed it"
"""

THREAD = """
def test_it(calls):
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor() as pool:
        pool.submit(calls, audience="urn:example").result()
"""


@pytest.mark.parametrize(
    ("body", "provider"),
    [
        pytest.param(FIXTURES, "ExampleIdP", id="fixtures"),
        pytest.param(DECORATOR, "Okta", id="decorator"),
        pytest.param(CONTEXT_MANAGER, "Okta", id="with"),
        pytest.param(ASYNC_CONTEXT_MANAGER, "Okta", id="async with"),
        pytest.param(START, "Okta", id="start"),
        pytest.param(TEST_CASE, "Okta", id="TestCase"),
        pytest.param(TEST_CASE_SET_UP, "Okta", id="setUp"),
        pytest.param(TEST_CASE_TEAR_DOWN, "Okta", id="tearDown"),
        pytest.param(TEST_CASE_CLEANUP, "Okta", id="addCleanup"),
        pytest.param(PLAIN_CLASS, "Okta", id="plain class"),
        pytest.param(PLAIN_CLASS_SETUP_METHOD, "Okta", id="setup_method"),
        pytest.param(SETUP, "ExampleIdP", id="failing in setup"),
        pytest.param(TEARDOWN, "ExampleIdP", id="failing in teardown"),
        pytest.param(ASSERTION, "ExampleIdP", id="failing by an assertion"),
        pytest.param(THREAD, "ExampleIdP", id="called in a thread"),
    ],
)
def test_a_failing_test_tells_what_it_asked_and_why_sts_said_no(
    pytester: pytest.Pytester, body: str, provider: str
) -> None:
    assert sections(run(pytester, body)) == [refused(provider)]


@pytest.mark.parametrize("option", ["-q", "-qq", "-v", "-rA", "--tb=short", "--tb=long", "--tb=native", "-s", "-x"])
def test_it_is_told_with_the_option(pytester: pytest.Pytester, option: str) -> None:
    assert sections(run(pytester, FIXTURES, option)) == [refused()]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("def test_it(calls): calls()", id="accepted"),
        pytest.param("def test_it(calls): pytest.raises(Exception, calls, audience='urn:example')", id="refused"),
        pytest.param("def test_it(): pass", id="without calls"),
    ],
)
def test_a_passing_test_tells_nothing(pytester: pytest.Pytester, body: str) -> None:
    result = run(pytester, body, "-rA")
    result.assert_outcomes(passed=1)
    assert sections(result) == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("@pytest.mark.xfail\ndef test_it(calls): calls(audience='urn:example')", id="marked"),
        pytest.param("def test_it(calls): calls(); pytest.xfail('not yet')", id="called"),
    ],
)
def test_a_test_that_is_expected_to_fail_tells_nothing(pytester: pytest.Pytester, body: str) -> None:
    result = run(pytester, body, "-rA")
    result.assert_outcomes(xfailed=1)
    assert sections(result) == []


def test_a_skipped_test_tells_nothing(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(calls): calls(); pytest.skip('not now')", "-rA")
    result.assert_outcomes(skipped=1)
    assert sections(result) == []


def test_a_failing_test_without_calls_tells_nothing(pytester: pytest.Pytester) -> None:
    assert sections(run(pytester, "def test_it(sts_saml): assert False")) == []


def test_a_failing_test_does_not_tell_of_the_test_before_it(pytester: pytest.Pytester) -> None:
    assert sections(run(pytester, "def test_first(calls): calls()\ndef test_second(): assert False")) == []


def test_two_failing_tests_tell_each_its_own(pytester: pytest.Pytester) -> None:
    body = "def test_first(calls): calls(audience='urn:first')\ndef test_second(calls): calls(audience='urn:second')"
    assert sections(run(pytester, body)) == [refused(audience="urn:first"), refused(audience="urn:second")]


def test_a_test_that_fails_twice_tells_it_in_both(pytester: pytest.Pytester) -> None:
    body = """
@pytest.fixture
def logs_out(calls):
    yield
    calls(audience="urn:second")

def test_it(logs_out, calls):
    calls(audience="urn:first")
"""
    first, second = refused(audience="urn:first"), refused(audience="urn:second")
    assert sorted(sections(run(pytester, body)), key=len) == [first, f"{before_the_last(first)}\n{second}"]


def test_of_an_accepted_call_only_the_answer_is_told(pytester: pytest.Pytester) -> None:
    assert sections(run(pytester, "def test_it(calls): calls(); calls(audience='urn:example')")) == [
        f"{ACCEPTED}\n{refused()}"
    ]


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        pytest.param(10, [ACCEPTED] * 10, id="ten"),
        pytest.param(11, ["the last 10 of 11 calls:", *[ACCEPTED] * 10], id="eleven"),
        pytest.param(12, ["the last 10 of 12 calls:", *[ACCEPTED] * 10], id="twelve"),
    ],
)
def test_of_many_calls_the_last_ten_are_told(pytester: pytest.Pytester, count: int, shown: list[str]) -> None:
    body = f"def test_it(calls):\n    for _ in range({count}): calls()\n    assert False"
    assert sections(run(pytester, body)) == ["\n".join(shown)]


def test_a_forced_error_is_told(pytester: pytest.Pytester) -> None:
    body = "def test_it(calls, sts_saml):\n    sts_saml.add_client_error('AccessDenied')\n    calls()"
    (section,) = sections(run(pytester, body))
    assert section == (
        """\
<time> AssumeRoleWithSAML refused, AccessDenied (403): Not authorized to perform sts:AssumeRoleWithSAML
  failed    ordered_by_the_test: The test ordered this answer.
            add_client_error('AccessDenied')
  role      arn:aws:iam::123456789012:role/Developer
  provider  arn:aws:iam::123456789012:saml-provider/ExampleIdP
  response  SHA-256 <digest>, <count> characters of base64"""
    )


def test_a_refusal_is_told_whatever_was_accepted_after_it(pytester: pytest.Pytester) -> None:
    body = """
def test_it(calls, sts_saml):
    with pytest.raises(Exception):
        calls(audience="urn:example")
    for _ in range(11): calls()
    assert False
"""
    earlier = "the last 10 of 12 calls, and the 1 refused before:"
    assert sections(run(pytester, body)) == ["\n".join([earlier, refused(), *[ACCEPTED] * 10])]


def test_of_many_refusals_before_the_last_calls_ten_are_told_and_all_counted(pytester: pytest.Pytester) -> None:
    body = """
def test_it(calls):
    for number in range(12):
        with pytest.raises(Exception):
            calls(audience=f"urn:{number}")
    for _ in range(10): calls()
    assert False
"""
    told = [*[before_the_last(refused(audience=f"urn:{n}")) for n in range(2, 11)], refused(audience="urn:11")]
    earlier = "the last 10 of 22 calls, and the last 10 of 12 refused before:"
    assert sections(run(pytester, body)) == ["\n".join([earlier, *told, *[ACCEPTED] * 10])]


def test_of_many_refusals_the_last_ten_are_told(pytester: pytest.Pytester) -> None:
    body = """
def test_it(calls):
    for number in range(11):
        with pytest.raises(Exception):
            calls(audience=f"urn:{number}")
    assert False
"""
    told = [*[before_the_last(refused(audience=f"urn:{n}")) for n in range(1, 10)], refused(audience="urn:10")]
    assert sections(run(pytester, body)) == ["\n".join(["the last 10 of 11 calls:", *told])]


def test_a_lost_connection_is_told(pytester: pytest.Pytester) -> None:
    body = (
        "def test_it(sts_saml):\n    sts_saml.add_connection_error('timeout')\n"
        "    sts_saml.handle('Action=AssumeRoleWithSAML&Version=2011-06-15')"
    )
    assert sections(run(pytester, body)) == [
        """\
<time> AssumeRoleWithSAML not answered
  failed    ordered_by_the_test: The test ordered this answer.
            add_connection_error('timeout')
  role      not given
  provider  not given
  response  not given"""
    ]


UNMET = "met by no call: add_client_error('Throttling'), AssumeRoleWithSAML"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            """
def test_it(sts_saml):
    sts_saml.add_client_error("Throttling")
    assert False
""",
            id="fixture",
        ),
        pytest.param(
            """
@mock_sts_saml
def test_it():
    active_backend().add_client_error("Throttling")
    assert False
""",
            id="decorator",
        ),
        pytest.param(
            """
@pytest.fixture(scope="module")
@mock_sts_saml
def aws(): return active_backend()

def test_before(aws): pass

def test_it(aws, sts_saml):
    aws.add_client_error("Throttling")
    assert False
""",
            id="joined",
        ),
    ],
)
def test_an_ordered_error_that_no_call_met_is_told(pytester: pytest.Pytester, body: str) -> None:
    assert sections(run(pytester, body)) == [UNMET]


def test_an_ordered_error_that_no_call_met_is_told_after_the_calls(pytester: pytest.Pytester) -> None:
    arn = "arn:aws:iam::123456789012:role/developer"
    body = f"""
def test_it(calls, sts_saml):
    sts_saml.add_connection_error("timeout", role="{arn}", operation="AssumeRole", times=9)
    with pytest.raises(Exception):
        calls()
"""
    assert sections(run(pytester, body)) == [
        f"{ACCEPTED}\nmet by no call: add_connection_error('timeout'), AssumeRole of {arn}"
    ]


def test_an_ordered_error_that_a_call_met_is_told_as_that_call_alone(pytester: pytest.Pytester) -> None:
    body = """
def test_it(calls, sts_saml):
    sts_saml.add_client_error("InvalidAction", times=9)
    calls()
"""
    [section] = sections(run(pytester, body))
    assert "ordered_by_the_test" in section
    assert "met by no call" not in section


def test_a_passing_test_does_not_tell_of_an_error_ordered_in_vain(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(sts_saml): sts_saml.add_client_error('Throttling')", "-rA")
    assert sections(result) == []


def test_each_test_of_a_module_tells_of_the_errors_that_it_ordered_itself(pytester: pytest.Pytester) -> None:
    body = """
@pytest.fixture(scope="module")
@mock_sts_saml
def aws(): return active_backend()

def test_one(aws):
    aws.add_client_error("Throttling")
    assert False

def test_two(aws):
    aws.add_connection_error()
    assert False

def test_three(aws, sts_saml): assert False
"""
    second = "met by no call: add_connection_error('reset'), AssumeRoleWithSAML"
    assert sections(run(pytester, body)) == [UNMET, second]


def test_the_errors_of_two_mocks_of_a_test_are_told(pytester: pytest.Pytester) -> None:
    body = """
def test_it():
    for _ in range(2):
        with mock_sts_saml() as sts: sts.add_client_error("Throttling")
    assert False
"""
    assert sections(run(pytester, body)) == [f"{UNMET}\n{UNMET}"]


def test_an_error_ordered_in_vain_is_not_told_of_the_next_test(pytester: pytest.Pytester) -> None:
    body = """
@mock_sts_saml
def test_first(): active_backend().add_client_error("Throttling")

def test_second(): assert False
"""
    assert sections(run(pytester, body)) == []


def test_a_call_by_handle_is_told(pytester: pytest.Pytester) -> None:
    body = "def test_it(sts_saml): assert sts_saml.handle('Action=AssumeRoleWithSAML&Version=2011-06-15')[0] == 200"
    (section,) = sections(run(pytester, body))
    assert section.startswith(
        "<time> AssumeRoleWithSAML refused, ValidationError (400): 3 validation errors detected: "
    )


CHAIN = """
def test_it(calls, sts_saml):
    calls()
    sts = boto3.Session(**sts_saml.sessions[-1].boto3_kwargs()).client("sts", region_name="us-east-1")
    sts.get_caller_identity()
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    role = sts_saml.create_role("Deployer", trust_policy={"Version": "2012-10-17", "Statement": statement})
    sts.assume_role(RoleArn=role.arn, RoleSessionName="deploy")
"""


def test_a_chain_that_is_denied_is_told_after_what_led_to_it(pytester: pytest.Pytester) -> None:
    alice = "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"
    assert sections(run(pytester, CHAIN)) == [
        f"""\
{ACCEPTED}
<time> GetCallerIdentity accepted, {alice} in us-east-1
<time> AssumeRole refused, AccessDenied (403): User: {alice} is not authorized to perform: sts:AssumeRole on resource: \
arn:aws:iam::123456789012:role/Deployer
  failed    trusted_by_the_role: The role's trust policy allows the caller to assume it (troubleshoot_saml).
            the trust policy does not allow sts:AssumeRole for
            {alice} of arn:aws:iam::123456789012:role/Developer
  trust     sts:AssumeRole: statement 1 (Allow) does not apply: it is about 111122223333, not
            {alice} of arn:aws:iam::123456789012:role/Developer
  role      arn:aws:iam::123456789012:role/Deployer
  name      deploy
  caller    {alice}
  passed    check_operation, token_goes_with_the_access_key, session_is_of_the_partition, session_has_not_expired,
            role_of_the_session_is_there, secret_access_key_made_the_signature, read_chaining_request,
            region_is_activated, no_mfa, no_provided_contexts, requested_tag_keys_differ, \
requested_tags_are_not_reserved,
            inherited_tags_stay, requested_transitive_tag_keys_are_tags, source_identity_stays, role_exists,
            role_is_not_reserved"""
    ]


def test_the_calls_of_two_mocks_of_a_test_are_told(pytester: pytest.Pytester) -> None:
    body = """
def test_it():
    with mock_sts_saml():
        accepted()
    with mock_sts_saml():
        refused(audience="urn:example")
"""
    assert sections(run(pytester, body)) == [f"{ACCEPTED}\n{refused('Okta')}"]


def test_the_calls_of_a_fixture_of_the_module_are_told_of_the_test_that_made_it(pytester: pytest.Pytester) -> None:
    body = """
@pytest.fixture(scope="module")
def logged_in():
    with mock_sts_saml():
        accepted()
        yield

def test_first(logged_in): assert False
def test_second(logged_in): assert False
"""
    assert sections(run(pytester, body)) == [ACCEPTED]


def test_it_is_not_told_where_the_plugin_is_switched_off(pytester: pytest.Pytester) -> None:
    assert sections(run(pytester, DECORATOR, "-p", "no:stssaml")) == []


NESTED = """
import pytest
pytest_plugins = ["pytester"]

def test_outer(pytester, sts_saml):
    {before}
    pytester.makepyfile('''
        def test_inner(sts_saml):
            {inner}
            assert False
    ''')
    pytester.runpytest("-p", "no:cacheprovider", "--show-capture=no").assert_outcomes(failed=1)
    {after}
    assert False
"""


def calling(role: str) -> str:
    return (
        f'sts_saml.handle("Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/{role}")'
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(calling("Before"), "pass", ["Before"], id="before"),
        pytest.param("pass", calling("After"), ["After"], id="after"),
        pytest.param(calling("Before"), calling("After"), ["Before", "After"], id="before and after"),
        pytest.param("pass", "pass", [], id="neither"),
    ],
)
def test_a_test_that_runs_pytest_tells_of_its_own_calls(
    pytester: pytest.Pytester, before: str, after: str, told: list[str]
) -> None:
    result = run(pytester, NESTED.format(before=before, inner=calling("Inner"), after=after))
    result.assert_outcomes(failed=1)
    assert re.findall(r"  role +arn:aws:iam::123456789012:role/(\w+)", "\n".join(sections(result))) == told
