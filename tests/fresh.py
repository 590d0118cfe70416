"""The process as it is before its first mock."""

import importlib.util
import types

import botocore.handlers
import pytest

from pytest_stssaml import mock
from pytest_stssaml.adapters import botocore_events

HANDLERS = (
    botocore_events.answer_login,
    botocore_events.note_call,
    botocore_events.answer_session,
    botocore_events.note_creation,
    botocore_events.answer_attempt,
)


def forget_the_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next mock install the handlers as the first one of a process does, and new sessions begin without them.

    What installs them is a fresh copy of the module, and what it installs are the handlers that exist already, so that
    no client has two of each.
    """
    others = [entry for entry in botocore.handlers.BUILTIN_HANDLERS if not set(HANDLERS).intersection(entry)]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", others)
    spec = importlib.util.find_spec(botocore_events.__name__)
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    for handler in HANDLERS:
        setattr(fresh, handler.__name__, handler)
    doors = types.SimpleNamespace(install=fresh.install, mock_ended=botocore_events.mock_ended)
    monkeypatch.setattr(mock, "botocore_events", doors)
