import botocore.parsers
import botocore.session
import pytest
from query import answer_of

from pytest_stssaml.sts.operation import OPERATIONS
from pytest_stssaml.sts.rules.request import operation_is_served
from pytest_stssaml.wire import Request


class TestOperationIsServed:
    def refused(self, **form: str) -> tuple[str, int, str | None]:
        return answer_of(lambda: operation_is_served(Request(form, "us-east-1"), OPERATIONS))

    @pytest.mark.parametrize(
        "action", ["AssumeRoleWithSaml", "assumerolewithsaml", "AssumeRoleWithSAML ", "CreateRole", "", "$version"]
    )
    def test_an_unknown_action_is_not_found(self, action: str) -> None:
        assert self.refused(Action=action, Version="2011-06-15") == (
            "InvalidAction",
            400,
            f"Could not find operation {action} for version 2011-06-15",
        )

    @pytest.mark.parametrize("version", ["2010-05-08", "2011-06-16", "2011-06-15 ", "", "$action"])
    def test_an_unknown_version_has_no_operations(self, version: str) -> None:
        assert self.refused(Action="AssumeRoleWithSAML", Version=version) == (
            "InvalidAction",
            400,
            f"Could not find operation AssumeRoleWithSAML for version {version}",
        )

    @pytest.mark.parametrize("action", ["AssumeRoleWithSAML", "GetCallerIdentity", "Nonsense"])
    def test_without_a_version_there_are_no_operations(self, action: str) -> None:
        assert self.refused(Action=action) == (
            "InvalidAction",
            400,
            f"Could not find operation {action} for version NO_VERSION_SPECIFIED",
        )

    @pytest.mark.parametrize("action", OPERATIONS)
    def test_returns_the_operation(self, action: str) -> None:
        request = Request({"Action": action, "Version": "2011-06-15"}, "us-east-1")
        assert operation_is_served(request, OPERATIONS) == action

    @pytest.mark.parametrize("version", ["2010-05-08", "NO_VERSION_SPECIFIED"])
    @pytest.mark.parametrize("action", OPERATIONS)
    def test_each_operation_has_one_version(self, action: str, version: str) -> None:
        message = f"Could not find operation {action} for version {version}"
        assert self.refused(Action=action, Version=version) == ("InvalidAction", 400, message)

    def test_another_operation_of_sts_is_refused_in_the_name_of_this_package(self) -> None:
        assert self.refused(Action="GetAccessKeyInfo", Version="2011-06-15") == (
            "InvalidAction",
            400,
            "pytest-stssaml does not serve GetAccessKeyInfo",
        )

    def test_another_operation_of_sts_in_another_version_is_not_found(self) -> None:
        assert self.refused(Action="GetAccessKeyInfo", Version="2010-05-08")[2] == (
            "Could not find operation GetAccessKeyInfo for version 2010-05-08"
        )

    def test_knows_every_other_operation_of_botocores_model(self) -> None:
        model = botocore.session.get_session().get_service_model("sts")
        others = set(model.operation_names) - set(OPERATIONS)
        texts = {self.refused(Action=name, Version=model.api_version)[2] for name in others}
        assert texts == {f"pytest-stssaml does not serve {name}" for name in others}
