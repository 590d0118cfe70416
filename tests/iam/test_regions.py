import botocore.session
import pytest

from pytest_stssaml.iam.partitions import is_opt_in

ENABLED_BY_DEFAULT = [
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
    "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
]  # fmt: skip


@pytest.mark.parametrize("region", ENABLED_BY_DEFAULT)
def test_a_region_that_is_enabled_by_default_is_not_opt_in(region: str) -> None:
    assert not is_opt_in(region)


@pytest.mark.parametrize(
    "region", sorted({*botocore.session.get_session().get_available_regions("sts")} - {*ENABLED_BY_DEFAULT})
)
def test_every_other_region_is_opt_in(region: str) -> None:
    assert is_opt_in(region)
