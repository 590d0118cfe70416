"""What `sts.attempts` and `sts.sessions` say if a test asks for a member that is not there."""

import copy
import pickle
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_stssaml import IdentityProvider, STSBackend

NOT_CALLED = "STS was not called; if your code called it, it did so before this mock began, or in another process"


@pytest.mark.parametrize("name", ["attempts", "sessions"])
def test_an_empty_one_says_that_sts_was_not_called(sts: STSBackend, name: str) -> None:
    with pytest.raises(IndexError, match=f"^{re.escape(NOT_CALLED)}$"):
        _ = getattr(sts, name)[-1]


def test_no_session_says_what_became_of_the_last_call(sts: STSBackend, idp: IdentityProvider, sts_client: Any) -> None:
    sts.move_to("2030-01-01T12:00:00Z")
    request = idp.request(sts.create_role("One"))
    with pytest.raises(ClientError):
        sts_client.assume_role_with_saml(**{**request, "SAMLAssertion": request["SAMLAssertion"].unsigned()})
    with pytest.raises(IndexError) as caught:
        _ = sts.sessions[0]
    assert str(caught.value) == (
        "STS has issued no session: 2030-01-01T12:00:00Z AssumeRoleWithSAML refused, InvalidIdentityToken (400): "
        "Response signature invalid"
    )


def test_one_with_members_says_what_python_says(sts: STSBackend, idp: IdentityProvider, sts_client: Any) -> None:
    sts_client.assume_role_with_saml(**idp.request(sts.create_role("One")))
    with pytest.raises(IndexError, match=r"^tuple index out of range$"):
        _ = sts.attempts[1]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda listing: pickle.loads(pickle.dumps(listing))])  # noqa: S301
def test_an_empty_one_is_a_tuple_and_its_copy_too(sts: STSBackend, copied: Any) -> None:
    assert isinstance(sts.attempts, tuple)
    assert sts.attempts == sts.attempts[:1] == ()
    assert type(copied(sts.attempts)) is tuple
    assert copied(sts.attempts) == ()
