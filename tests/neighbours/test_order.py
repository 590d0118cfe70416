"""A test sees the same identifiers and credentials whatever distributes, shuffles or repeats it."""

import importlib.util

import pytest
from neighbours.runs import Made, Run

needs_xdist = pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")
needs_randomly = pytest.mark.skipif(
    importlib.util.find_spec("pytest_randomly") is None, reason="pytest-randomly is not installed"
)
needs_rerunfailures = pytest.mark.skipif(
    importlib.util.find_spec("pytest_rerunfailures") is None, reason="pytest-rerunfailures is not installed"
)

LOGINS = """
def everything(sts, idp):
    "Of two logins, so that the second of its kind counts too."
    seen = []
    for name in ("Developer", "Admin"):
        role = sts.create_role(name)
        answer = log_in(idp.response(role), role, idp.provider)
        issued = answer["Credentials"]
        request_id = answer["ResponseMetadata"]["RequestId"]
        seen += [role.role_id, issued["AccessKeyId"], issued["SecretAccessKey"], request_id]
    return " ".join([idp.provider.uuid, *seen])

@pytest.mark.parametrize("n", ["a", "b ö/::x", "c"])
def test_fixtures(sts_saml, saml_idp, record_property, n):
    record_property("made", everything(sts_saml, saml_idp))

@mock_sts_saml
def test_decorated(record_property):
    idp = IdentityProvider(signing_key=KEY)
    active_backend().create_saml_provider("Okta", idp)
    record_property("made", everything(active_backend(), idp))

@mock_sts_saml
class TestPlain:
    def setup_method(self):
        self.idp, _, _ = registered()

    def test_first(self, record_property):
        record_property("made", everything(active_backend(), self.idp))

    def test_second(self, record_property):
        record_property("made", everything(active_backend(), self.idp))

@pytest.mark.xdist_group("a group")
def test_grouped(sts_saml, saml_idp, record_property):
    record_property("made", everything(sts_saml, saml_idp))
"""

RESPONSES = """
digest = lambda *texts: hashlib.sha256("".join(texts).encode()).hexdigest()

@pytest.mark.stssaml(now="2030-01-01T00:00:00Z")
@pytest.mark.parametrize("signed", ["assertion", "response", "both", None])
def test_it(sts_saml, saml_idp, record_property, signed):
    role = sts_saml.create_role("Developer")
    responses = [saml_idp.response(role, signed=signed) for _ in range(2)]
    assert responses[0] != responses[1]
    record_property("made", digest(saml_idp.metadata, *responses))

@pytest.mark.stssaml(now="2030-01-01T00:00:00Z")
def test_what_is_answered(sts_saml, saml_idp, record_property):
    role = sts_saml.create_role("Developer")
    answer = log_in(saml_idp.response(role), role, saml_idp.provider)
    record_property("made", digest(repr(answer)))
"""

MARKER = "-o", "markers=xdist_group(name): where pytest-xdist is not loaded"


@needs_xdist
@pytest.mark.parametrize("distribution", ["load", "loadscope", "loadgroup"])
def test_identifiers_and_credentials_under_xdist_are_those_without(run: Run, made: Made, distribution: str) -> None:
    alone = made(run(LOGINS, *MARKER))
    spread = run(LOGINS, "-n2", f"--dist={distribution}", plugins="xdist")
    spread.assert_outcomes(passed=7)
    assert len(set(alone.values())) == 7
    assert made(spread) == alone


@needs_randomly
def test_identifiers_and_credentials_in_any_order_are_the_same(run: Run, made: Made) -> None:
    in_order = run(LOGINS, *MARKER)
    shuffled = [run(LOGINS, *MARKER, f"--randomly-seed={seed}", plugins="randomly") for seed in (1, 2)]
    orders = {tuple(made(result)) for result in (in_order, *shuffled)}
    assert len(orders) == 3
    assert [made(result) for result in shuffled] == [made(in_order)] * 2


@needs_xdist
@needs_randomly
def test_responses_in_frozen_time_are_the_same_bytes_under_xdist_in_any_order(run: Run, made: Made) -> None:
    alone = made(run(RESPONSES))
    spread = run(RESPONSES, "-n2", plugins="xdist randomly")
    spread.assert_outcomes(passed=5)
    assert len(set(alone.values())) == 5
    assert made(spread) == alone


def test_responses_in_frozen_time_are_the_same_bytes_in_two_runs(run: Run, made: Made) -> None:
    assert made(run(RESPONSES)) == made(run(RESPONSES)) != {}


@needs_xdist
def test_a_failing_login_is_reported_by_xdist(run: Run) -> None:
    result = run(
        """
def test_it(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    log_in(saml_idp.response(role, audience="urn:example"), role, saml_idp.provider)
""",
        "-n2",
        plugins="xdist",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *InvalidIdentityToken*Response does not contain the required audience.*"])


FLAKY = """
attempts = []

def flaky():
    attempts.append(active_backend().create_role("Again", trust_policy=TRUST).role_id)
    assert len(attempts) == 2
    return attempts[0] == attempts[1]

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
"""


@needs_rerunfailures
@pytest.mark.parametrize(
    "test",
    [
        pytest.param("def test_it(sts_saml): assert flaky()", id="fixture"),
        pytest.param("@mock_sts_saml\ndef test_it(): assert flaky()", id="function"),
        pytest.param("@mock_sts_saml\nclass TestIt:\n    def test_it(self): assert flaky()", id="plain class"),
        pytest.param(
            "@mock_sts_saml\nclass TestIt(unittest.TestCase):\n    def test_it(self): assert flaky()", id="TestCase"
        ),
    ],
)
def test_a_test_that_is_run_again_begins_with_an_empty_aws_and_the_same_identifiers(run: Run, test: str) -> None:
    result = run(FLAKY + test, "--reruns=1", plugins="rerunfailures")
    result.stdout.fnmatch_lines(["*1 passed, 1 rerun in *"])


@needs_rerunfailures
def test_a_test_that_is_run_again_does_not_report_the_calls_of_its_first_run(run: Run) -> None:
    test = """
runs = []

def test_it(sts_saml):
    runs.append(1)
    if len(runs) == 1:
        sts_saml.handle("Action=AssumeRoleWithSAML&Version=2011-06-15")
    assert False
"""
    result = run(test, "--reruns=1", plugins="rerunfailures")
    result.stdout.fnmatch_lines(["*1 failed, 1 rerun in *"])
    result.stdout.no_fnmatch_line("*AssumeRoleWithSAML refused*")


@needs_xdist
def test_each_worker_of_xdist_has_an_endpoint_of_its_own(run: Run, made: Made) -> None:
    endpoints = """
@pytest.mark.parametrize("number", range(4))
def test_it(sts_endpoint, record_property, number):
    record_property("made", sts_endpoint.url)
"""
    result = run(endpoints, "-n2", plugins="xdist")
    result.assert_outcomes(passed=4)
    assert all(url.startswith("http://127.0.0.1:") for url in made(result).values())
