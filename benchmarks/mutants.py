"""Mutation tests of what decides: what was signed (saml/), and whether it lets anybody in (sts/).

    tox -e mutants                             # everything, and a rate of at least 90 % killed
    tox -e mutants -- sts                      # one room
    tox -e mutants -- saml/signatures/profile iam/policies  # these modules

Every mutant is made and tested in a copy of its own: the working tree stays as it is.

Cosmic Ray makes most of the mutants. These of its mutants are left out, as every test kills them, or none can:

- in an annotation, and an operator between strings, bytes or flags: nearly all fail when the module is imported, and
  would only improve the rate;
- `is` for `==`, and the reverse: on strings, that is a question to the interpreter, not to this package;
- in a decorator: @cache and a dataclass's frozen and slots change speed and what is forbidden, not results;
- an exception's name replaced by an unknown one: a NameError is always noticed;
- a variable replaced or inserted, whose names would have to be configured;
- what has names and no decisions, as vocabulary.py.

What a consumer of signatures forgets is a check, and Cosmic Ray forgets none. So there is one operator more: it removes
a statement, a keyword argument, a value of several, or what an `except` catches.
"""

import ast
import compileall
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import compress
from pathlib import Path
from typing import Any, NamedTuple

import boto3  # noqa: F401 - loaded once, before all the forks; so is what signxml loads
import pytest
import signxml.signer
import signxml.verifier  # noqa: F401
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
PACKAGE = Path("pytest_stssaml")
# By room: what is mutated, and the tests that concern the room.
MODULES = {
    "saml": [
        "assertion",
        "certificates",
        "document",
        "encodings",
        "encryption",
        "metadata",
        "signatures/canonicalization",
        "signatures/profile",
        "signatures/verification",
    ],
    "iam": [
        "policies/condition_blocks",
        "policies/conditions",
        "policies/documents",
        "policies/evaluation",
        "policies/permissions",
        "policies/trust_policies",
        "policies/variables",
    ],
    "sts": [
        "grant",
        "requests/condition_keys",
        "requests/role_chaining",
        "requests/saml_login",
        "requests/similar_attributes",
        "rules/credentials",
        "rules/request",
        "rules/role",
        "rules/role_chaining",
        "rules/saml_login",
        "rules/session_policies",
        "rules/signature",
        "sessions/session",
        "sessions/token",
        "wire/sigv4",
    ],
}
# Where its tests do not have a module's own name: a module of tests, or a folder of them.
TESTED_AS = {
    "iam/policies/conditions": "policies/conditions",
    "sts/grant": "sessions/test_session.py",
    "sts/requests/saml_login": "rules/test_saml_login.py",
    "sts/rules/role": "rules/test_saml_login.py",
    "sts/rules/session_policies": "rules/test_saml_login.py",
}
TESTS = {
    "saml": [
        "tests/saml",
        "tests/test_attacks.py",
        "tests/test_attacks_on_parsers.py",
        "tests/test_attacks_on_signatures.py",
        "tests/test_attacks_with_keys.py",
        "tests/test_oracles.py",
        "tests/idp/writing/test_signature.py",
    ],
    "iam": ["tests/iam", "tests/sts"],
    "sts": ["tests/sts", "tests/iam"],
}

LEAST_KILLED = 90  # percent
WORKERS = 2
TIMEOUT = 300  # seconds; all tests of a room take less than a minute, and twice that beside another worker
LEFT_OUT = (
    "core/ExceptionReplacer",
    "core/RemoveDecorator",
    "core/ReplaceBinaryOperator_Add_",
    "core/ReplaceBinaryOperator_BitOr_",
    "core/ReplaceComparisonOperator_Is",
    "core/Variable",
)
# For None, `is` is not confused with `==` but with its contrary.
IDENTITIES = ("core/ReplaceComparisonOperator_Is_IsNot", "core/ReplaceComparisonOperator_IsNot_Is")


class Mutant(NamedTuple):
    """One change of one module."""

    module: str
    line: int
    what: str
    code: str


def main() -> None:
    """Print the survivors and the rate; exit with 1 where too many survive, or where the tests fail as it is."""
    modules = [module for wanted in sys.argv[1:] or MODULES for module in modules_of(wanted)]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        house = Path(directory)
        for name in ("pytest_stssaml", "tests"):
            shutil.copytree(ROOT / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", house)
        compileall.compile_dir(house / "pytest_stssaml", quiet=2)
        os.chdir(house)
        intact = [Mutant(module, 0, "nothing", source_of(module)) for module in modules]
        if [*survivors_of(intact, own_tests), *survivors_of(intact, all_tests)] != intact * 2:
            sys.exit("the tests fail without a mutant")
        mutants = sorted(mutant for module in modules for mutant in mutants_of(module))
        # The tests of its own module know most mutants, and are few.
        survivors = list(survivors_of(survivors_of(mutants, own_tests), all_tests))
    for mutant in survivors:
        print(f"survived: {PACKAGE}/{mutant.module}.py:{mutant.line}: {mutant.what}")
    for module in modules:
        alive, all_of_it = (sum(mutant.module == module for mutant in some) for some in (survivors, mutants))
        print(f"{module:18}{all_of_it - alive:5} of {all_of_it:4} killed")
    rate = 100 * (1 - len(survivors) / len(mutants))
    print(f"{rate:.1f} % of {len(mutants)} mutants killed in {(time.monotonic() - began) / 60:.0f} minutes")
    sys.exit(rate < LEAST_KILLED)


def modules_of(wanted: str) -> list[str]:
    """A module, or those of a room."""
    return [f"{wanted}/{module}" for module in MODULES[wanted]] if wanted in MODULES else [wanted]


def survivors_of(mutants: Iterable[Mutant], tests_for: Callable[[Mutant], list[str]]) -> Iterator[Mutant]:
    """Those with which the tests pass; each is tried in a process of its own, forked from this one."""
    mutants = list(mutants)
    with multiprocessing.get_context("fork").Pool(WORKERS, maxtasksperchild=1) as pool:
        tried = pool.starmap(survives, [(mutant, tests_for(mutant)) for mutant in mutants], chunksize=1)
    return compress(mutants, tried)


def own_tests(mutant: Mutant) -> list[str]:
    """The tests of the mutant's module."""
    room, _, module = mutant.module.partition("/")
    *folders, name = module.split("/")
    default = "/".join([*folders, f"test_{name}.py"])
    return [f"tests/{room}/{TESTED_AS.get(mutant.module, default)}"]


def all_tests(mutant: Mutant) -> list[str]:
    """All others that concern its room."""
    return [*TESTS[mutant.module.split("/")[0]], *(f"--deselect={path}" for path in own_tests(mutant))]


def survives(mutant: Mutant, tests: list[str]) -> bool:
    """Whether the tests pass, in time, with the mutant in the place of its module; ends the use of this process."""
    with tempfile.TemporaryDirectory() as directory, Path(os.devnull).open("w") as nowhere:
        shutil.copytree("pytest_stssaml", Path(directory, "pytest_stssaml"))
        path = Path(directory, PACKAGE, f"{mutant.module}.py")
        path.write_text(mutant.code, encoding="utf-8")
        for bytecode in path.parent.glob(f"__pycache__/{path.stem}.*"):
            bytecode.unlink()  # it may be as old
        os.environ["PYTHONPATH"] = directory  # for a test that starts Python
        sys.path.insert(0, directory)  # before any installed pytest_stssaml
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        # A test may fork, which multiprocessing forbids its workers.
        multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]  # noqa: SLF001
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.alarm(TIMEOUT)
        passed = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]) == 0
        signal.alarm(0)
    if mutant.line == 0 and not Path(sys.modules["pytest_stssaml"].__file__ or "").is_relative_to(directory):
        return False  # another package was tested
    return passed


def source_of(module: str) -> str:
    """The text of a module."""
    return (ROOT / PACKAGE / f"{module}.py").read_text(encoding="utf-8")


def mutants_of(module: str) -> Iterator[Mutant]:
    """Every mutant of a module, each once, whatever operators make it."""
    source = source_of(module)
    seen = {ast.dump(ast.parse(source))}
    for line, what, code in (*cosmic_rays(source), *removals(source)):
        try:
            tree = ast.dump(ast.parse(code))
        except SyntaxError:  # a star that was taken for a multiplication
            continue
        if tree not in seen:
            seen.add(tree)
            yield Mutant(module, line, what, code)


def cosmic_rays(source: str) -> Iterator[tuple[int, str, str]]:
    """The mutants of Cosmic Ray's operators: line, what was done, code."""
    annotated = [range_of(annotation) for annotation in annotations(ast.parse(source))]
    for name in sorted(operator_names()):
        if name not in IDENTITIES and (name.startswith(LEFT_OUT) or name.endswith(("_Is", "_IsNot"))):
            continue
        operator = get_operator(name)()
        positions = [at for node in ast_nodes(get_ast(source)) for at in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(positions):
            if not any(first <= start < last for first, last in annotated):
                code = mutate_code(source, operator, occurrence)
                yield start[0], f"{name.removeprefix('core/')}: {code.splitlines()[start[0] - 1].strip()}", code


def removals(source: str) -> Iterator[tuple[int, str, str]]:
    """The mutants in which something is missing: line, what was done, code."""
    for gone, node, instead in removable(ast.parse(source)):
        yield gone.lineno, f"removed: {ast.unparse(gone)}", replaced(source, node, instead)


def removable(tree: ast.AST) -> Iterator[tuple[Any, ast.AST, str]]:
    """What a programmer may forget: that node, the node that is written anew without it, and how."""
    untouched = {part for annotation in annotations(tree) for part in ast.walk(annotation)}
    for node in ast.walk(tree):
        if node in untouched:
            continue
        match node:
            case ast.Expr(value=ast.Constant()):
                pass  # a docstring
            case ast.Expr() | ast.Raise() | ast.Return() | ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
                yield node, node, "pass"
            case ast.Call(keywords=keywords):
                for gone in keywords:
                    left = ast.Call(node.func, node.args, [keyword for keyword in keywords if keyword is not gone])
                    yield gone, node, ast.unparse(left)
            case ast.ExceptHandler(type=ast.Name() | ast.Attribute() as caught):
                yield caught, caught, "()"
            case ast.Tuple(elts=[_, _, *_] as values, ctx=ast.Load()):
                for value in values:
                    rest = [other for other in values if other is not value]
                    yield value, node, ast.unparse(ast.Tuple(rest, node.ctx))


def annotations(tree: ast.AST) -> Iterator[ast.AST]:
    """What stands behind the colons, the arrows and the @ of a module."""
    for node in ast.walk(tree):
        yield from getattr(node, "decorator_list", ())
        for field in ("annotation", "returns"):
            if (annotation := getattr(node, field, None)) is not None:
                yield annotation


def range_of(node: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a node begins and ends: line and column."""
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def replaced(source: str, node: ast.AST, instead: str) -> str:
    """The source with something else in a node's place."""
    (first, start), (last, end) = range_of(node)
    lines = source.split("\n")
    lines[first - 1 : last] = [lines[first - 1][:start] + instead + lines[last - 1][end:]]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
