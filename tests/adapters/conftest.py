import functools
from collections.abc import Iterator

import botocore.loaders
import botocore.session
import pytest


@pytest.fixture(autouse=True, scope="package")
def one_loader() -> Iterator[None]:
    """Let all sessions of botocore share what reads its models, which takes most of the time of a new client."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", functools.cache(botocore.loaders.create_loader))
        yield
