import re
from typing import Any

import pytest
from inner_runs import InnerModule, Result
from lxml import etree

from pytest_stssaml.failure_report import RULES_OF_TIME
from pytest_stssaml.sts.operation import OPERATIONS

HEADER = """
import unittest

import pytest
from inner_runs import KEY, log_in, saml_signing_key
from wire import shared_session

from pytest_stssaml import IdentityProvider, active_backend, mock_sts_saml


def log_in_at_okta(**said):
    idp = IdentityProvider(signing_key=KEY)
    provider = active_backend().create_saml_provider("Okta", idp)
    role = active_backend().create_role("Developer")
    log_in(idp.response(role, **said), role, provider)


@pytest.fixture
def role(sts_saml, saml_idp):
    return sts_saml.create_role("Developer")


@pytest.fixture
def calls(role, saml_idp):
    return lambda **said: log_in(saml_idp.response(role, **said), role, saml_idp.provider)
"""


def inner(body: str, *arguments: str) -> pytest.MarkDecorator:
    """Mark a test with the inner module that it looks at."""
    return pytest.mark.inner(InnerModule(HEADER + body, arguments))


def row(body: str, *values: Any, id: str) -> Any:  # noqa: A002 - as in pytest.param
    """Return a row of a table of inner modules."""
    return pytest.param(InnerModule(HEADER + body), *values, id=id)


def shown(inner: Result) -> list[str]:
    """The sections of ours, without what differs from run to run."""
    return [without_what_varies(section) for section in inner.sections]


def without_what_varies(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "<time>", text)
    return re.sub(r"[0-9a-f]{16}…, \d+ characters", "<digest>, <count> characters", text).rstrip("\n")


def refused(provider: str = "ExampleIdP", audience: str = "urn:example") -> str:
    """Return what is shown of a response for another audience."""
    return f"""\
<time> AssumeRoleWithSAML refused, InvalidIdentityToken (400): Response does not contain the required audience.
  failed    addressed_to_aws: Each AudienceRestriction names AWS, by its entity ID or its sign-in URL
            (troubleshoot_saml; both were observed; that a restriction is required is our choice).
            expected the audience urn:amazon:webservices or https://signin.aws.amazon.com/saml, got '{audience}'
  role      arn:aws:iam::123456789012:role/Developer
  provider  arn:aws:iam::123456789012:saml-provider/{provider}
  response  SHA-256 <digest>, <count> characters of base64
            issued <time> by https://idp.example.com/saml for alice@example.com
            sent to https://signin.aws.amazon.com/saml
  passed    operation_is_served, login_parameters_are_valid, region_is_activated, response_is_saml, provider_exists,
            assertion_is_trusted, confirmed_by_bearer, sent_to_this_provider"""


def before_the_last(refusal: str) -> str:
    """Return what is shown of a refusal that other refusals follow."""
    return refusal.partition("\n  passed  ")[0]


ACCEPTED = (
    "<time> AssumeRoleWithSAML accepted, arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com "
    "for 3600 s in us-east-1"
)

# --- the report

FIXTURES = """
def test_it(calls):
    calls(audience="urn:example")
"""

DECORATOR = """
@mock_sts_saml
def test_it():
    log_in_at_okta(audience="urn:example")
"""

CONTEXT_MANAGER = """
def test_it():
    with mock_sts_saml():
        log_in_at_okta(audience="urn:example")
"""

ASYNC_CONTEXT_MANAGER = """
def test_it():
    import asyncio

    async def main():
        async with mock_sts_saml():
            log_in_at_okta(audience="urn:example")

    asyncio.run(main())
"""

START = """
def test_it(request):
    mock = mock_sts_saml()
    mock.start()
    request.addfinalizer(mock.stop)
    log_in_at_okta(audience="urn:example")
"""

TEST_CASE = """
@mock_sts_saml
class TestIt(unittest.TestCase):
    def test_it(self):
        log_in_at_okta(audience="urn:example")
"""

TEST_CASE_SET_UP = """
@mock_sts_saml
class TestIt(unittest.TestCase):
    def setUp(self):
        log_in_at_okta(audience="urn:example")

    def test_it(self):
        pass
"""

TEST_CASE_TEAR_DOWN = """
@mock_sts_saml
class TestIt(unittest.TestCase):
    def tearDown(self):
        log_in_at_okta(audience="urn:example")

    def test_it(self):
        pass
"""

TEST_CASE_CLEANUP = """
@mock_sts_saml
class TestIt(unittest.TestCase):
    def test_it(self):
        self.addCleanup(log_in_at_okta, audience="urn:example")
"""

PLAIN_CLASS = """
@mock_sts_saml
class TestIt:
    def test_it(self):
        log_in_at_okta(audience="urn:example")
"""

PLAIN_CLASS_SETUP_METHOD = """
@mock_sts_saml
class TestIt:
    def setup_method(self):
        log_in_at_okta(audience="urn:example")

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
    ("inner", "provider"),
    [
        row(FIXTURES, "ExampleIdP", id="fixtures"),
        row(DECORATOR, "Okta", id="decorator"),
        row(CONTEXT_MANAGER, "Okta", id="with"),
        row(ASYNC_CONTEXT_MANAGER, "Okta", id="async with"),
        row(START, "Okta", id="start"),
        row(TEST_CASE, "Okta", id="TestCase"),
        row(TEST_CASE_SET_UP, "Okta", id="setUp"),
        row(TEST_CASE_TEAR_DOWN, "Okta", id="tearDown"),
        row(TEST_CASE_CLEANUP, "Okta", id="addCleanup"),
        row(PLAIN_CLASS, "Okta", id="plain class"),
        row(PLAIN_CLASS_SETUP_METHOD, "Okta", id="setup_method"),
        row(SETUP, "ExampleIdP", id="failing in setup"),
        row(TEARDOWN, "ExampleIdP", id="failing in teardown"),
        row(ASSERTION, "ExampleIdP", id="failing by an assertion"),
        row(THREAD, "ExampleIdP", id="called in a thread"),
    ],
    indirect=["inner"],
)
def test_a_failing_test_shows_its_call_and_why_it_was_refused(inner: Result, provider: str) -> None:
    assert shown(inner) == [refused(provider)]


@pytest.mark.parametrize("option", ["-q", "-qq", "-v", "-rA", "--tb=short", "--tb=long", "--tb=native", "-s", "-x"])
def test_pytest_prints_it_with_the_option(pytester: pytest.Pytester, option: str) -> None:
    assert printed(run(pytester, option)) == [refused()]


def test_pytest_prints_it_without_options(pytester: pytest.Pytester) -> None:
    assert printed(run(pytester)) == [refused()]


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=HEADER + FIXTURES)
    return pytester.runpytest("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *arguments)


def printed(result: pytest.RunResult) -> list[str]:
    """The sections of ours as pytest prints them, without what differs from run to run."""
    return printed_in(result.outlines)


def printed_in(text: list[str]) -> list[str]:
    """The same, in lines that pytest wrote."""
    found: list[list[str]] = []
    inside = False
    for line in text:
        if re.match(r"[-=_>]{3,}", line):
            inside = " STS " in line
            found += [[]] if inside else []
        elif inside:
            found[-1].append(line)
    return [without_what_varies("\n".join(lines)) for lines in found]


@pytest.mark.parametrize(
    "option",
    ["--tb=auto", "--tb=long", "--tb=short", "--tb=native", "--show-capture=no", "--show-capture=stdout", "-q"],
)
def test_pytest_prints_it_once_with_every_option_that_shows_failures(pytester: pytest.Pytester, option: str) -> None:
    assert printed(run(pytester, option)) == [refused()]


def test_it_is_in_the_junit_xml(pytester: pytest.Pytester) -> None:
    run(pytester, "--junit-xml=report.xml")
    (failure,) = etree.parse(pytester.path / "report.xml").findall(".//failure")
    assert printed_in((failure.text or "").splitlines()) == [refused()]


def test_the_debugger_shows_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        no_debugger="""
        class Pdb:
            quitting = False
            def __init__(self, *args, **keywords): pass
            def reset(self): pass
            def interaction(self, *args): print("== here")
        """
    )
    pytester.syspathinsert()
    lines = run(pytester, "--pdb", "--pdbcls=no_debugger:Pdb").outlines
    assert printed_in(lines[: lines.index("== here")]) == [refused()]


FAILING = 'calls(audience="urn:example")'
CAUGHT = f"pytest.raises(Exception, lambda: {FAILING})"


@pytest.mark.parametrize(
    "inner",
    [
        row(f"def test_it(calls): {FAILING}", id="exception"),
        row(f"def test_it(calls): {CAUGHT}; pytest.fail('no', pytrace=False)", id="fail without a traceback"),
        row(f"def test_it(calls):\n try: {FAILING}\n finally: raise ValueError", id="exception in another"),
        row(f"@pytest.fixture\ndef broken(calls): {FAILING}\ndef test_it(broken): pass", id="exception in a fixture"),
    ],
    indirect=True,
)
def test_it_is_in_the_text_of_the_failure_that_other_reporters_take(inner: Result) -> None:
    (report,) = (report for report in inner.reports if report.failed)
    assert printed_in(report.longreprtext.splitlines()) == shown(inner) == [refused()]


@pytest.mark.parametrize(
    "inner",
    [
        row(f"@pytest.mark.xfail(strict=True)\ndef test_it(calls): {CAUGHT}", id="unexpected success"),
        row(
            f"@pytest.fixture\ndef called(calls): {CAUGHT}\ndef test_it(called, no_such_fixture): pass",
            id="missing fixture",
        ),
    ],
    indirect=True,
)
def test_it_is_in_the_report_if_the_failure_has_no_sections(inner: Result) -> None:
    (report,) = (report for report in inner.reports if report.failed)
    assert [title for title, _ in report.sections] == ["STS"]
    assert shown(inner) == [refused()]


@pytest.mark.parametrize(
    ("inner", "outcome"),
    [
        row("def test_it(calls): calls()", "passed", id="accepted"),
        row("def test_it(calls): pytest.raises(Exception, calls, audience='urn:example')", "passed", id="refused"),
        row("def test_it(): pass", "passed", id="without calls"),
        row(
            "def test_it(sts_saml): sts_saml.add_client_error('Throttling', optional=True)",
            "passed",
            id="with an unmet error",
        ),
        row("@pytest.mark.xfail\ndef test_it(calls): calls(audience='urn:example')", "xfailed", id="xfail, marked"),
        row("def test_it(calls): calls(); pytest.xfail('not yet')", "xfailed", id="xfail, called"),
        row("def test_it(calls): calls(); pytest.skip('not now')", "skipped", id="skipped"),
        row("def test_it(sts_saml): assert False", "failed", id="failing without calls"),
    ],
    indirect=["inner"],
)
def test_a_test_shows_nothing_if_it_does_not_fail_or_has_no_calls(inner: Result, outcome: str) -> None:
    assert (inner.outcomes, inner.sections) == ({outcome: 1}, [])


@inner("def test_first(calls): calls()\ndef test_second(): assert False")
def test_a_failing_test_does_not_show_the_calls_of_the_test_before_it(inner: Result) -> None:
    assert (inner.outcomes, inner.sections) == ({"passed": 1, "failed": 1}, [])


@inner("def test_first(calls): calls(audience='urn:first')\ndef test_second(calls): calls(audience='urn:second')")
def test_each_of_two_failing_tests_shows_its_own_calls(inner: Result) -> None:
    assert shown(inner) == [refused(audience="urn:first"), refused(audience="urn:second")]


@inner("""
@pytest.fixture
def logs_out(calls):
    yield
    calls(audience="urn:second")

def test_it(logs_out, calls):
    calls(audience="urn:first")
""")
def test_a_test_that_fails_twice_shows_its_calls_in_both_reports(inner: Result) -> None:
    first, second = refused(audience="urn:first"), refused(audience="urn:second")
    assert shown(inner) == [first, f"{before_the_last(first)}\n{second}"]


@inner("def test_it(calls): calls(); calls(audience='urn:example')")
def test_an_accepted_call_takes_one_line(inner: Result) -> None:
    assert shown(inner) == [f"{ACCEPTED}\n{refused()}"]


def accepted(count: int) -> str:
    return f"""
def test_it(calls):
    for _ in range({count}): calls()
    assert False
"""


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        row(accepted(10), [ACCEPTED] * 10, id="ten"),
        row(accepted(11), ["the last 10 of 11 calls:", *[ACCEPTED] * 10], id="eleven"),
        row(accepted(12), ["the last 10 of 12 calls:", *[ACCEPTED] * 10], id="twelve"),
    ],
    indirect=["inner"],
)
def test_the_last_ten_of_many_calls_are_shown(inner: Result, expected: list[str]) -> None:
    assert shown(inner) == ["\n".join(expected)]


@inner("def test_it(calls, sts_saml):\n    sts_saml.add_client_error('AccessDenied')\n    calls()")
def test_an_ordered_error_is_shown(inner: Result) -> None:
    assert shown(inner) == [
        """\
<time> AssumeRoleWithSAML refused, AccessDenied (403): Not authorized to perform sts:AssumeRoleWithSAML
  failed    ordered_by_the_test: The test ordered this answer.
            add_client_error('AccessDenied')
  role      arn:aws:iam::123456789012:role/Developer
  provider  arn:aws:iam::123456789012:saml-provider/ExampleIdP
  response  SHA-256 <digest>, <count> characters of base64"""
    ]


@inner("""
def test_it(calls):
    with pytest.raises(Exception):
        calls(audience="urn:example")
    for _ in range(11): calls()
    assert False
""")
def test_a_refusal_is_shown_whatever_was_accepted_after_it(inner: Result) -> None:
    heading = "the last 10 of 12 calls, and the 1 refused before:"
    assert shown(inner) == ["\n".join([heading, refused(), *[ACCEPTED] * 10])]


def refused_then_accepted(refusals: int, acceptances: int) -> str:
    return f"""
def test_it(calls):
    for number in range({refusals}):
        with pytest.raises(Exception):
            calls(audience=f"urn:{{number}}")
    for _ in range({acceptances}): calls()
    assert False
"""


@inner(refused_then_accepted(12, 10))
def test_ten_of_many_refusals_before_the_last_calls_are_shown_and_all_are_counted(inner: Result) -> None:
    refusals = [*[before_the_last(refused(audience=f"urn:{n}")) for n in range(2, 11)], refused(audience="urn:11")]
    heading = "the last 10 of 22 calls, and the last 10 of 12 refused before:"
    assert shown(inner) == ["\n".join([heading, *refusals, *[ACCEPTED] * 10])]


@inner(refused_then_accepted(11, 0))
def test_the_last_ten_of_many_refusals_are_shown(inner: Result) -> None:
    refusals = [*[before_the_last(refused(audience=f"urn:{n}")) for n in range(1, 10)], refused(audience="urn:10")]
    assert shown(inner) == ["\n".join(["the last 10 of 11 calls:", *refusals])]


@inner("""
def test_it(sts_saml):
    sts_saml.add_connection_error("timeout")
    sts_saml.handle("Action=AssumeRoleWithSAML&Version=2011-06-15")
""")
def test_a_lost_connection_is_shown(inner: Result) -> None:
    assert shown(inner) == [
        """\
<time> AssumeRoleWithSAML not answered
  failed    ordered_by_the_test: The test ordered this answer.
            add_connection_error('timeout')
  role      not given
  provider  not given
  response  not given"""
    ]


# --- ordered errors that no call met

UNMET = "met by no call: add_client_error('Throttling'), AssumeRoleWithSAML"

MODULE_SCOPE = """
@pytest.fixture(scope="module")
@mock_sts_saml
def aws(): return active_backend()
"""


@pytest.mark.parametrize(
    "inner",
    [
        row(
            """
def test_it(sts_saml):
    sts_saml.add_client_error("Throttling")
    assert False
""",
            id="fixture",
        ),
        row(
            """
@mock_sts_saml
def test_it():
    active_backend().add_client_error("Throttling")
    assert False
""",
            id="decorator",
        ),
        row(
            MODULE_SCOPE
            + """
def test_before(aws): pass

def test_it(aws, sts_saml):
    aws.add_client_error("Throttling")
    assert False
""",
            id="joined",
        ),
    ],
    indirect=True,
)
def test_an_ordered_error_that_no_call_met_is_shown(inner: Result) -> None:
    assert shown(inner) == [UNMET]


@inner("""
def test_it(calls, sts_saml):
    role = "arn:aws:iam::123456789012:role/developer"
    sts_saml.add_connection_error("timeout", role=role, operation="AssumeRole", times=9)
    with pytest.raises(Exception):
        calls()
""")
def test_an_ordered_error_that_no_call_met_is_shown_after_the_calls(inner: Result) -> None:
    role = "arn:aws:iam::123456789012:role/developer"
    assert shown(inner) == [f"{ACCEPTED}\nmet by no call: add_connection_error('timeout'), AssumeRole of {role}"]


@inner("""
def test_it(calls, sts_saml):
    sts_saml.add_client_error("InvalidAction", times=9)
    calls()
""")
def test_an_ordered_error_that_a_call_met_is_shown_with_the_call_alone(inner: Result) -> None:
    [section] = shown(inner)
    assert "ordered_by_the_test" in section
    assert "met by no call" not in section


@inner(
    MODULE_SCOPE
    + """
def test_one(aws):
    aws.add_client_error("Throttling")
    assert False

def test_two(aws):
    aws.add_connection_error()
    assert False

def test_three(aws, sts_saml): assert False
"""
)
def test_each_test_of_a_module_shows_the_errors_that_it_ordered_itself(inner: Result) -> None:
    assert shown(inner) == [UNMET, "met by no call: add_connection_error('reset'), AssumeRoleWithSAML"]


@inner("""
def test_it():
    for _ in range(2):
        with mock_sts_saml() as sts: sts.add_client_error("Throttling", optional=True)
    assert False
""")
def test_the_errors_of_two_mocks_of_a_test_are_shown(inner: Result) -> None:
    assert shown(inner) == [f"{UNMET}\n{UNMET}"]


@inner("""
@mock_sts_saml
def test_first(): active_backend().add_client_error("Throttling", optional=True)

def test_second(): assert False
""")
def test_an_unmet_error_is_not_shown_by_the_next_test(inner: Result) -> None:
    assert (inner.outcomes, inner.sections) == ({"passed": 1, "failed": 1}, [])


# --- what explains a failure although no call shows it


def marked(before: str = "") -> str:
    return f"{before}\n@pytest.mark.stssaml(account_id='111122223333', tick=False)\n"


NO_EFFECT = (
    "@pytest.mark.stssaml(account_id='111122223333', tick=False) had no effect, since it is for the fixtures sts_saml "
    "and saml_idp, and the test uses neither; add sts_saml to its arguments"
)


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        row(marked() + "def test_it(): assert False", [NO_EFFECT], id="no-fixture"),
        row(
            marked() + "def test_it(request): assert not request.getfixturevalue('sts_saml')",
            [],
            id="fixture-by-name",
        ),
        row(
            marked() + "def test_it():\n    with mock_sts_saml(account_id='111122223333'): pass\n    assert False",
            [],
            id="mock-with-the-same-option",
        ),
        row(
            marked("@pytest.fixture\ndef broken(): assert False\n") + "def test_it(broken): pass",
            [],
            id="failure-before-the-test",
        ),
    ],
    indirect=["inner"],
)
def test_a_marker_without_a_fixture_is_told(inner: Result, expected: list[str]) -> None:
    assert not inner.outcomes.get("passed")
    assert [" ".join(section.split()) for section in shown(inner)] == expected


def ahead(difference: str) -> str:
    return (
        f"STS was {difference} this process, since advance() and move_to() move only the clock of STS; if the tested "
        "code reads the time itself, give the option now= to @pytest.mark.stssaml or mock_sts_saml, with which both "
        "clocks move"
    )


def naive(given: str) -> str:
    return f"{given} has no time zone and was read as UTC; if it means local time, write .astimezone() after it"


def moving(move: str, more: str = "assert False") -> str:
    return f"""
import datetime as dt

def test_it(calls, sts_saml):
    sts_saml.{move}
    {more}
"""


def in_one_line(inner: Result) -> list[str]:
    return [re.sub(r"\s+", " ", section) for section in inner.sections]


@pytest.mark.parametrize(
    ("inner", "difference"),
    [
        row(moving("advance(hours=2)"), "2 hours ahead of", id="advance"),
        row(moving("advance(hours=1, minutes=1, seconds=1)"), "1 hour 1 minute ahead of", id="two units"),
        row(moving("advance(days=1, seconds=30)"), "1 day 30 seconds ahead of", id="units that are missing"),
        row(moving("advance(seconds=1)"), "1 second ahead of", id="the least"),
        row(moving("advance(minutes=-5)"), "5 minutes behind", id="back"),
        row(moving("move_to(dt.datetime.now(dt.UTC) + dt.timedelta(hours=2))"), "2 hours ahead of", id="move_to"),
        row(
            "@mock_sts_saml\ndef test_it():\n    active_backend().advance(hours=2)\n    assert False",
            "2 hours ahead of",
            id="decorator",
        ),
    ],
    indirect=["inner"],
)
def test_a_clock_of_sts_that_is_not_that_of_the_process_is_told(inner: Result, difference: str) -> None:
    assert in_one_line(inner) == [ahead(difference)]


@pytest.mark.parametrize(
    "inner",
    [
        row(moving("advance(milliseconds=999)"), id="less than a second"),
        row(moving("advance(hours=2)", "sts_saml.advance(hours=-2); assert False"), id="there and back"),
        row(
            "@pytest.mark.stssaml(now='2030-01-01')"
            + moving("advance(hours=2)").replace("import datetime as dt\n", ""),
            id="now",
        ),
        row(
            "def test_it():\n    with mock_sts_saml() as sts: sts.advance(hours=2)\n"
            "    with mock_sts_saml(): assert False",
            id="a mock before",
        ),
    ],
    indirect=True,
)
def test_clocks_that_agree_are_not_told(inner: Result) -> None:
    assert (inner.outcomes, inner.sections) == ({"failed": 1}, [])


NOON = "datetime.datetime(2030, 1, 1, 12)"
AN_HOUR = "datetime.timedelta(hours=1)"
AWARE = "datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.UTC)"


def at(time: str, said: str = "", login: str = "") -> str:
    return f"""
import datetime

@pytest.mark.stssaml(now={time})
def test_it(calls, sts_saml):
    {said}
    calls({login})
"""


@pytest.mark.parametrize(
    ("inner", "given"),
    [
        row(at(AWARE, login=f"issue_instant={NOON} - {AN_HOUR}"), ["issue_instant=2030-01-01 11:00:00"], id="issued"),
        row(at(AWARE, login=f"not_before={NOON} + {AN_HOUR}"), ["not_before=2030-01-01 13:00:00"], id="not_before"),
        row(at(AWARE, login=f"not_on_or_after={NOON}"), ["not_on_or_after=2030-01-01 12:00:00"], id="not_on_or_after"),
        row(
            at(AWARE, login=f"conditions_not_on_or_after={NOON}"),
            ["conditions_not_on_or_after=2030-01-01 12:00:00"],
            id="conditions_not_on_or_after",
        ),
        row(
            at(AWARE, login=f"subject_not_on_or_after={NOON}"),
            ["subject_not_on_or_after=2030-01-01 12:00:00"],
            id="subject_not_on_or_after",
        ),
        row(
            at(AWARE, login=f"session_not_on_or_after={NOON}"),
            ["session_not_on_or_after=2030-01-01 12:00:00"],
            id="session_not_on_or_after",
        ),
        row(
            at(AWARE, f"sts_saml.move_to({NOON})", f"not_on_or_after={AWARE}"),
            ["move_to(2030-01-01 12:00:00)"],
            id="move_to",
        ),
        row(at(NOON, login=f"not_on_or_after={AWARE}"), ["now=2030-01-01 12:00:00"], id="now"),
        row(
            at(NOON, login=f"not_on_or_after={NOON}"),
            ["now=2030-01-01 12:00:00", "not_on_or_after=2030-01-01 12:00:00"],
            id="two",
        ),
    ],
    indirect=["inner"],
)
def test_a_naive_datetime_is_told_if_a_login_fails_for_time(inner: Result, given: list[str]) -> None:
    [section] = in_one_line(inner)
    assert section[section.index(given[0]) :] == " ".join(map(naive, given))


@pytest.mark.parametrize(
    "inner",
    [
        row(at(AWARE, login=f"not_on_or_after={AWARE}"), id="aware"),
        row(
            at(NOON, login=f"audience='urn:example', not_on_or_after={NOON.replace('12', '13')}"),
            id="refused otherwise",
        ),
        row(at(NOON) + "    assert False", id="accepted"),
    ],
    indirect=True,
)
def test_a_naive_datetime_is_not_told_otherwise(inner: Result) -> None:
    [section] = inner.sections
    assert "time zone" not in section


def test_the_rules_of_time_are_rules() -> None:
    assert {rule.name for operation in OPERATIONS.values() for rule in operation.rules} >= RULES_OF_TIME


# --- which calls are shown


@inner("def test_it(sts_saml): assert sts_saml.handle('Action=AssumeRoleWithSAML&Version=2011-06-15')[0] == 200")
def test_a_call_by_handle_is_shown(inner: Result) -> None:
    [section] = shown(inner)
    assert section.startswith(
        "<time> AssumeRoleWithSAML refused, ValidationError (400): 3 validation errors detected: "
    )


@inner("""
def test_it(calls, sts_saml):
    calls()
    sts = shared_session().client("sts", region_name="us-east-1", **sts_saml.sessions[-1].boto3_kwargs())
    sts.get_caller_identity()
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    role = sts_saml.create_role("Deployer", trust_policy={"Version": "2012-10-17", "Statement": statement})
    sts.assume_role(RoleArn=role.arn, RoleSessionName="deploy")
""")
def test_a_refused_chaining_is_shown_after_what_led_to_it(inner: Result) -> None:
    alice = "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"
    assert shown(inner) == [
        f"""\
{ACCEPTED}
<time> GetCallerIdentity accepted, {alice} in us-east-1
<time> AssumeRole refused, AccessDenied (403): User: {alice} is not authorized to perform: sts:AssumeRole on resource: \
arn:aws:iam::123456789012:role/Deployer
  failed    trusted_by_the_role: The trust policy of the role allows the caller to assume it (troubleshoot_saml).
            the trust policy does not allow sts:AssumeRole for
            {alice} of
            arn:aws:iam::123456789012:role/Developer
  trust     sts:AssumeRole: statement 1 (Allow) does not apply: it is about 111122223333, not
            {alice} of
            arn:aws:iam::123456789012:role/Developer
  role      arn:aws:iam::123456789012:role/Deployer
  name      deploy
  caller    {alice}
  passed    operation_is_served, request_is_signed, signature_has_a_date, signature_has_not_expired,
            signature_is_current, credential_is_scoped_to_the_endpoint, token_goes_with_the_access_key,
            session_is_of_the_partition, token_is_valid_in_the_region, session_has_not_expired,
            role_of_the_session_is_there, secret_access_key_made_the_signature, chaining_parameters_are_valid,
            region_is_activated, no_mfa, no_provided_contexts, requested_tag_keys_differ,
            requested_tags_are_not_reserved, inherited_tags_stay, requested_transitive_tag_keys_are_tags,
            source_identity_stays, role_exists, role_is_not_reserved"""
    ]


@inner("""
def test_it():
    with mock_sts_saml():
        log_in_at_okta()
    with mock_sts_saml():
        log_in_at_okta(audience="urn:example")
""")
def test_the_calls_of_two_mocks_of_a_test_are_shown(inner: Result) -> None:
    assert shown(inner) == [f"{ACCEPTED}\n{refused('Okta')}"]


@inner("""
@pytest.fixture(scope="module")
def logged_in():
    with mock_sts_saml():
        log_in_at_okta()
        yield

def test_first(logged_in): assert False
def test_second(logged_in): assert False
""")
def test_the_calls_of_a_fixture_of_the_module_are_shown_by_the_test_that_set_it_up(inner: Result) -> None:
    assert inner.outcomes == {"failed": 2}
    assert shown(inner) == [ACCEPTED]


@inner(DECORATOR, "-p", "no:stssaml")
def test_nothing_is_shown_without_the_plugin(inner: Result) -> None:
    assert (inner.outcomes, inner.sections) == ({"failed": 1}, [])


def calling(role: str) -> str:
    return (
        f'sts_saml.handle("Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/{role}")'
    )


def running_pytest(before: str, after: str) -> str:
    return f"""
pytest_plugins = ["pytester"]

def test_outer(pytester, sts_saml):
    {before}
    pytester.makepyfile('''
        def test_inner(sts_saml):
            {calling("Inner")}
            assert False
    ''')
    pytester.runpytest("-p", "no:cacheprovider", "--show-capture=no").assert_outcomes(failed=1)
    {after}
    assert False, "the outer test"
"""


@pytest.mark.parametrize(
    ("inner", "roles"),
    [
        row(running_pytest(calling("Before"), "pass"), ["Before"], id="before"),
        row(running_pytest("pass", calling("After")), ["After"], id="after"),
        row(running_pytest(calling("Before"), calling("After")), ["Before", "After"], id="before and after"),
        row(running_pytest("pass", "pass"), [], id="neither"),
    ],
    indirect=["inner"],
)
def test_a_test_that_runs_pytest_shows_its_own_calls(inner: Result, roles: list[str]) -> None:
    assert [error.splitlines()[0] for error in inner.errors] == ["AssertionError: the outer test"]
    assert re.findall(r"  role +arn:aws:iam::123456789012:role/(\w+)", "\n".join(shown(inner))) == roles
