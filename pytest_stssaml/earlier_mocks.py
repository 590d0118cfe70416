"""What became of the roles and providers of mocks that have ended, ours and moto's, so that a message can say it."""

from collections.abc import Iterable

from . import current_test

# By ARN: what made it, in words.
_made: dict[str, str] = {}
_MOST = 1_000


def remember(arns: Iterable[str], test: str | None) -> None:
    """Remember what a mock of ours had that ends.

    :param test: the test that began it.
    """
    _keep(arns, f"an earlier mock, that of {test}" if test else "an earlier mock")


def remember_moto(arn: str) -> None:
    """Remember what moto has created."""
    _keep([arn], _MOTO)


_MOTO = "moto, whose mock_aws is not active"


def _keep(arns: Iterable[str], maker: str) -> None:
    for arn in arns:
        _made.pop(arn, None)
        _made[arn] = maker
        if len(_made) > _MOST:
            del _made[next(iter(_made))]


def maker_of(arn: str, *, moto_is_active: bool = False) -> str:
    """Return which mock that has ended had a role or a provider, in words, or ""."""
    maker = _made.get(arn, "")
    if maker == _MOTO and moto_is_active:  # which knows what it has
        return ""
    return "an earlier mock of this test" if maker.endswith(f", that of {current_test.node_id}") else maker
