"""moto's mock_aws and ours, one in the other, in every form: AssumeRoleWithSAML is answered by us, the rest by moto."""

import pytest
from neighbours.runs import Run

pytest.importorskip("moto", reason="moto is not installed")

HEADER = """
from moto import mock_aws

def each_answers_its_own():
    assert sts_is_ours()
    s3 = client("s3")
    s3.create_bucket(Bucket="moto")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["moto"]
    assert client("sts").get_caller_identity()["Account"] == "123456789012"
    return True
"""


def test_decorators(run: Run) -> None:
    run(
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
    ).assert_outcomes(passed=4)


def test_decorators_of_classes(run: Run) -> None:
    run(
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
    ).assert_outcomes(passed=9)


def test_context_managers(run: Run) -> None:
    run(
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
    ).assert_outcomes(passed=5)


def test_fixtures(run: Run) -> None:
    run(
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
""",
    ).assert_outcomes(passed=7)


def test_the_credentials_that_we_issue_call_moto(run: Run) -> None:
    run(
        HEADER
        + """
@mock_aws
def test_it(sts_saml, saml_idp):
    role = sts_saml.create_role("Developer")
    issued = log_in(saml_idp.response(role), role, saml_idp.provider)["Credentials"]
    s3 = boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
    )
    s3.create_bucket(Bucket="ours")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["ours"]
"""
    ).assert_outcomes(passed=1)
