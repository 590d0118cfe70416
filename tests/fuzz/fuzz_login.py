"""Fuzzing of STS: `python tests/fuzz/fuzz_login.py [examples] [--seed number]`.

Whatever comes in, the answer is a result or an error of the catalogue; and an assertion that was changed after it was
signed is refused, or accepted as what was signed. There are edited responses (editing.py), logins for roles with trust
policies of every kind (logins.py), and strings, bytes and what looks like XML. It prints speed, memory and the slowest
input.
"""

import argparse
import base64
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

# PYTHONSAFEPATH leaves out the directory of a script, and this is its parent.
sys.path.append(str(Path(__file__).parents[1]))

from fuzz.editing import TOKENS, structured, try_structured
from fuzz.logins import chosen, try_trusted
from fuzz.surfaces import prepare, surface, try_encrypted, try_handle, try_metadata, try_signed
from fuzz.world import World, pick
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from pytest_stssaml import mock_sts_saml

BATCH = 2_500


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


# Not all of Unicode, because its tables cost Hypothesis seconds and 200 MB.
LETTERS = "aZ0 :/*,\0\t\r\n\x7f\x85\xa0éسΩ\u2028\ud800\udfff\ufeff\uffff\U0001f600<&'\"%$"
xmlish = st.lists(st.sampled_from(TOKENS), max_size=30).map(lambda ts: encoded("".join(ts).encode(errors="replace")))
raw = st.one_of(
    xmlish,
    xmlish,
    st.binary(max_size=200).map(encoded),
    st.binary(max_size=200),
    st.text(LETTERS, max_size=100),
    st.text("ABab01+/= \n-_%", max_size=60),
    st.integers(0, 10**6),
    st.sampled_from(["A" * 100_000, "A" * 100_001, encoded(b"<" * 75_000), encoded(b"<a>" * 25_000)]),
)
rarely = st.one_of(st.none(), st.none(), st.none(), st.text(LETTERS, max_size=40))
numbers = st.one_of(st.none(), st.none(), st.integers(), st.text("0123456789+-. ", max_size=9))
fields = st.tuples(raw, rarely, rarely, rarely, rarely, numbers, numbers, rarely, rarely)


PARAMETERS = ["SAMLAssertion", "RoleArn", "PrincipalArn", "Policy", "PolicyArns.member.1.arn", "DurationSeconds",
              "MinimumSessionTokenSize", "Action", "Version"]  # fmt: skip


def try_raw(world: World, drawn: tuple[Any, ...]) -> None:
    """Send anything, sometimes in the other parameters too. It is never accepted."""
    world.calls += 1
    request = pick(next(iter(world.requests.values())), world.calls)
    form = request | {name: value for name, value in zip(PARAMETERS, drawn, strict=True) if value is not None}
    status, body = world.answer(form, wire=world.calls % 2 == 1)
    assert status != 200, f"{body} for {form!r}"


def run(world: World, examples: int, first_seed: int) -> None:
    """Run the examples, a quarter of them edited responses, in batches that keep the memory of Hypothesis small."""
    turn = 0
    turns = [(structured, try_structured), (chosen, try_trusted), (structured, try_structured), (fields, try_raw)]
    turns += [(surface, attempt) for attempt in (try_encrypted, try_metadata, try_handle, try_signed)]
    batch = min(BATCH, -(-examples // len(turns)))
    while world.calls < examples:
        strategy, attempt = pick(turns, turn)
        run_batch(strategy, partial(attempt, world), min(batch, examples - world.calls), first_seed + turn)
        turn += 1


def run_batch(strategy: st.SearchStrategy[Any], attempt: Callable[[Any], None], examples: int, number: int) -> None:
    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def example(drawn: Any) -> None:
        attempt(drawn)

    example()


def megabytes() -> float:
    # Kilobytes on Linux, bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="?", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    arguments = parser.parse_args()
    say(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory() as directory, mock_sts_saml() as backend:
        set_hypothesis_home_dir(directory)
        world = World(backend)
        prepare(world)
        before, begun = megabytes(), time.perf_counter()
        run(world, arguments.examples, arguments.seed)
        seconds = time.perf_counter() - begun
    slowest, size = world.slowest
    say(f"{world.calls} examples in {seconds:.0f} s: {world.calls / seconds:.0f} per second, {world.accepted} accepted")
    say(f"peak memory {megabytes():.0f} MB, {before:.0f} MB of it before the first example")
    say(f"slowest input {slowest:.3f} s, {size} characters")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
