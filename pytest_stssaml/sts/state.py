"""What STS knows when a call arrives."""

import datetime as dt
from collections.abc import Callable, Container
from typing import NamedTuple

from ..iam.directory import Directory
from .sessions.origin import Origin
from .sessions.session import Session


class ServiceState(NamedTuple):
    """What the rules of one call may look at, beside the call itself.

    Attributes:
        directory: where roles, providers and managed policies are looked up.
        disabled_regions: the regions in which STS is switched off.
        global_endpoint_token_version: the version of the session tokens that the global endpoint issues.
        now: the time, read once for the call.
        times_of_clients: reads what the clock of an honest client may show, that of this process first.
        identify: 32 bytes for a purpose and some content; they never repeat.
        token_key: the key that authenticates session tokens.
        remembered_session: the session of an access key ID, if it is remembered.
        origin: what new sessions decide their permissions by.

    """

    directory: Directory
    disabled_regions: Container[str]
    global_endpoint_token_version: str
    now: dt.datetime
    times_of_clients: Callable[[], tuple[dt.datetime, ...]]
    identify: Callable[..., bytes]
    token_key: bytes
    remembered_session: Callable[[str], Session | None]
    origin: Origin = Origin()
