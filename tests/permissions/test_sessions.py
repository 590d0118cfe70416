import copy
import datetime as dt
import pickle
from collections.abc import Callable

import boto3
import pytest
from permitting import OBJECT, Enter, allow

from pytest_stssaml import IdentityProvider, Session, STSBackend, mock_sts_saml
from pytest_stssaml.sts.sessions import memory


class TestEndOfASession:
    def test_one_that_has_ended_may_do_nothing(self, sts: STSBackend, enter: Enter) -> None:
        session = enter(allow())
        sts.move_to(session.expiration - dt.timedelta(seconds=1))
        assert session.allows("s3:GetObject", OBJECT)
        sts.move_to(session.expiration)
        decision = session.allows("s3:GetObject", OBJECT)
        assert not decision
        end = f"{session.expiration:%Y-%m-%dT%H:%M:%SZ}"
        assert decision.reasons == (f"the session ended at {end}, and the time is {end}",)

    def test_one_whose_role_is_gone_may_do_nothing(self, sts: STSBackend, enter: Enter) -> None:
        session = enter(allow())
        sts.delete_role(session.role)
        assert session.allows("s3:GetObject", OBJECT).reasons == (
            f"the role {session.role.arn} does not exist any more",
        )

    def test_one_whose_role_was_made_again_may_do_nothing(self, sts: STSBackend, enter: Enter) -> None:
        session = enter(allow())
        sts.delete_role(session.role)
        sts.create_role("Role0", policies=[allow()])
        assert not session.allows("s3:GetObject", OBJECT)

    def test_decisions_can_be_made_after_the_mock_has_ended(self) -> None:
        with mock_sts_saml() as sts:
            idp = IdentityProvider()
            provider = sts.create_saml_provider("ExampleIdP", idp)
            role = sts.create_role("Developer", policies=[allow()])
            boto3.Session().client("sts", region_name="us-east-1").assume_role_with_saml(
                RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role)
            )
        assert sts.sessions[-1].allows("s3:GetObject", OBJECT)


class TestCopies:
    @pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
    def test_a_copy_knows_its_policies(self, enter: Enter, copied: Callable[[Session], Session]) -> None:
        assert copied(enter(allow())).allows("s3:GetObject", OBJECT)

    def test_a_session_that_was_pickled_says_what_to_ask(self, enter: Enter) -> None:
        session = pickle.loads(pickle.dumps(enter(allow())))  # noqa: S301 - our own
        with pytest.raises(
            LookupError, match=r"^a session that was pickled does not know its policies; ask the one in "
        ):
            session.allows("s3:GetObject", OBJECT)

    def test_a_session_that_is_no_longer_remembered_knows_its_policies(
        self, enter: Enter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(memory, "MOST_SESSIONS", 1)
        first = enter(allow(), Policy=allow("s3:Get*"))
        enter()
        assert first.allows("s3:GetObject", OBJECT)
        assert not first.allows("s3:PutObject", OBJECT)

    def test_a_session_that_is_known_by_its_token_alone_knows_its_policies(
        self, sts: STSBackend, enter: Enter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(memory, "MOST_SESSIONS", 1)
        first = enter(allow(), Policy=allow("s3:Get*"))
        target = sts.create_role("Target", trusts=first.role)
        enter()
        client = boto3.client("sts", region_name="us-east-1", **first.boto3_kwargs())
        client.assume_role(RoleArn=target.arn, RoleSessionName="next")
        again = sts.sessions[-1].source_session
        assert again is not None
        assert again is not first
        assert again.allows("s3:GetObject", OBJECT)
        assert not again.allows("s3:PutObject", OBJECT)
