"""mock_aws of moto and our mock inside each other, in every form.

Our mock answers the calls that our sessions sign, and moto the others. Roles of moto can be assumed, and moto knows the
sessions.
"""

import importlib.util

import pytest
from inner_runs import Result
from neighbours.runs import Made, Run, beside

pytest.importorskip("moto", reason="moto is not installed")
needs_xdist = pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")

HEADER = """
import json

from moto import mock_aws

@functools.cache
def iam_of_the_other_account():
    iam = new_client("iam")
    header = ("x-moto-account-id", "111122223333")
    iam.meta.events.register("before-sign.iam", lambda request, **_: request.headers.add_header(*header))
    return iam

def it_is_one_world():
    "A role that moto has in another account is assumed, and whoever assumed it makes a bucket there."
    idp, iam = IdentityProvider(signing_key=KEY), iam_of_the_other_account()
    provider = iam.create_saml_provider(Name="Motos", SAMLMetadataDocument=idp.metadata)["SAMLProviderArn"]
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithSAML"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    for role in iam.list_roles()["Roles"]:  # moto's mock may be older than the test
        iam.delete_role(RoleName=role["RoleName"])
    role = iam.create_role(RoleName="Motos", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    client("sts").assume_role_with_saml(
        RoleArn=role, PrincipalArn=provider, SAMLAssertion=idp.response((role, provider))
    )
    entered = active_backend().sessions[-1]
    assert client_of(entered, "sts").get_caller_identity()["Account"] == "111122223333"
    s3 = client_of(entered, "s3")
    s3.create_bucket(Bucket="there")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["there"]
    return True

def each_answers_its_own():
    assert sts_is_ours()
    s3 = client("s3")
    s3.create_bucket(Bucket="moto")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["moto"]
    assert client("sts").get_caller_identity()["Account"] == "123456789012"
    return it_is_one_world()
"""


@pytest.mark.inner(
    beside(
        HEADER
        + """
@mock_sts_saml
@mock_aws
def test_ours_above(): assert each_answers_its_own()

@mock_aws
@mock_sts_saml
def test_ours_below(): assert each_answers_its_own()

@mock_sts_saml(account_id="123456789012", now="2030-01-01")
@mock_aws(config={"core": {"mock_credentials": True}})
def test_ours_above_with_options(): assert each_answers_its_own()

@mock_aws(config={"core": {"mock_credentials": True}})
@mock_sts_saml(account_id="123456789012", now="2030-01-01")
def test_ours_below_with_options(): assert each_answers_its_own()
"""
    )
)
def test_decorators(inner: Result) -> None:
    assert inner.outcomes == {"passed": 4}


@pytest.mark.inner(
    beside(
        HEADER
        + """
@mock_sts_saml
@mock_aws
class TestOursAbove:
    def test_first(self): assert each_answers_its_own()
    def test_second(self): assert each_answers_its_own()

@mock_aws
@mock_sts_saml
class TestOursBelow:
    def test_first(self): assert each_answers_its_own()
    def test_second(self): assert each_answers_its_own()

@mock_sts_saml
@mock_aws
class TestOursAboveSetUp:
    def setup_method(self, method): each_answers_its_own()
    def test_it(self): assert [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]] == ["moto"]

@mock_sts_saml
@mock_aws
class OursAboveTestCase(unittest.TestCase):
    def setUp(self): each_answers_its_own()
    def test_first(self): assert [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]] == ["moto"]
    def test_second(self): self.test_first()

@mock_aws
@mock_sts_saml
class OursBelowTestCase(unittest.TestCase):
    def setUp(self): each_answers_its_own()
    def test_first(self): assert [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]] == ["moto"]
    def test_second(self): self.test_first()
"""
    )
)
def test_decorators_of_classes(inner: Result) -> None:
    assert inner.outcomes == {"passed": 9}


@pytest.mark.inner(
    beside(
        HEADER
        + """
def test_ours_outside():
    with mock_sts_saml(), mock_aws():
        assert each_answers_its_own()

def test_ours_inside():
    with mock_aws(), mock_sts_saml():
        assert each_answers_its_own()

def test_ours_ends_first():
    moto, ours = mock_aws(), mock_sts_saml()
    moto.start()
    ours.start()
    assert each_answers_its_own()
    ours.stop()
    assert client("s3").list_buckets()["Buckets"]
    moto.stop()

def test_moto_ends_first():
    moto, ours = mock_aws(), mock_sts_saml()
    moto.start()
    ours.start()
    assert each_answers_its_own()
    moto.stop()
    active_backend().delete_role("arn:aws:iam::123456789012:role/Okta")
    active_backend().delete_saml_provider("arn:aws:iam::123456789012:saml-provider/Okta")
    assert sts_is_ours()
    ours.stop()

def test_moto_answers_all_when_ours_has_ended():
    with mock_aws():
        with mock_sts_saml():
            idp, provider, role = registered()
            forged = idp.response(role).tampered("alice@", "mallory@")
        assert log_in(forged, role, provider)["Credentials"]  # moto checks no signature
"""
    )
)
def test_context_managers(inner: Result) -> None:
    assert inner.outcomes == {"passed": 5}


@pytest.mark.inner(
    beside(
        HEADER
        + """
@pytest.fixture
def aws():
    with mock_aws():
        yield

@pytest.fixture(scope="module")
def aws_of_the_module():
    with mock_aws():
        yield

@pytest.fixture
@mock_aws
def decorated(): yield

@pytest.fixture
@mock_sts_saml
def ours(): yield

def test_moto_first(aws, sts_saml): assert each_answers_its_own()
def test_ours_first(sts_saml, aws): assert each_answers_its_own()
def test_motos_of_the_module(aws_of_the_module, sts_saml): assert each_answers_its_own()
def test_ours_decorated(ours, aws): assert each_answers_its_own()
def test_ours_decorated_inside(aws, ours): assert each_answers_its_own()

@mock_aws
def test_moto_as_decorator(sts_saml): assert each_answers_its_own()

@mock_sts_saml
def test_ours_as_decorator(aws): assert each_answers_its_own()
"""
    )
)
def test_fixtures(inner: Result) -> None:
    assert inner.outcomes == {"passed": 7}


SESSIONS = """
@pytest.mark.parametrize("n", range(4))
@mock_aws
def test_it(sts_saml, record_property, n):
    assert each_answers_its_own()
    record_property("made", " ".join(session.access_key_id for session in sts_saml.sessions))
"""


@needs_xdist
def test_sessions_under_xdist_are_those_without(run: Run, made: Made) -> None:
    alone = made(run(HEADER + SESSIONS))
    spread = run(HEADER + SESSIONS, "-n2", plugins="xdist")
    spread.assert_outcomes(passed=4)
    assert len(set(alone.values())) == 4
    assert made(spread) == alone
