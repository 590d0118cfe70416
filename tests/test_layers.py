"""The picture that CONTRIBUTING.md draws: what each room holds, and which part of the package may import which."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import pytest_stssaml

PACKAGE = Path(pytest_stssaml.__file__).parent
PROJECT = Path(__file__).parents[1]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
ROOMS = [name for name, path in MODULES.items() if path.name == "__init__.py" and name != "__init__"]


def drawn() -> list[str]:
    """Return the modules in the order of the picture, such as "saml.document"."""
    picture = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("```\npytest_stssaml/\n")[2]
    folders: list[str] = []
    modules = []
    for line in picture.partition("tests/ ")[0].splitlines():
        found = re.match(r"(?P<indent> +)(?P<name>\w+)(?P<end>/|\.py)", line)
        if found is None:
            continue
        del folders[len(found["indent"]) // 4 - 1 :]
        if found["end"] == "/":
            folders.append(found["name"])
        else:
            modules.append(".".join([*folders, found["name"]]))
    return modules


ORDER = drawn()

# What a room may import from outside of itself, beside what is below all rooms. The identity provider and STS share
# words, and neither logic nor a signing library, so that a mistake on one side cannot cancel itself out on the other.
WORDS_ONLY = {"idp": {"saml.vocabulary"}}
BELOW_ALL_ROOMS = {
    "active_mock",
    "clock",
    "current_test",
    "identifiers",
    "keys",
    "keywords",
    "lazy",
    "listing",
    "literals",
    "locks",
    "sentinel",
    "web.exchange",
    "web.html",
    "web.requests",
    "web.served",
    "web.server",
    "wire",
}

# Which modules know each library.
KNOWN_TO = {
    "aiobotocore": {"adapters.botocore_messages"},
    "boto3": set(),
    "botocore": {"adapters.botocore_events", "adapters.botocore_messages", "adapters.botocore_regions"},
    "freezegun": {"process_time"},
    "lxml": {
        "idp.saml_response",
        "idp.writing.signature",
        "saml.signatures.canonicalization",
        "saml.document",
        "saml.signatures.verification",
    },
    "moto": {"adapters.moto_bridge", "adapters.moto_limits"},
    "pytest": {"plugin"},
    "signxml": {"saml.signatures.verification"},
    "time_machine": {"process_time"},
    "wrapt": {"decorate"},
}
HEAVY = set(KNOWN_TO) - {"pytest"} | {"cryptography"}


@cache
def imports_of(module: str, *, later: bool = False) -> set[str]:
    """Return what a module imports when it is loaded, or later; ours from the package on, such as "saml.document"."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    here = module.split(".") if MODULES[module].name == "__init__.py" else module.split(".")[:-1]
    here = [] if module == "__init__" else here
    return {name for node, deep in walk(tree) if deep == later for name in names(node, here)}


def walk(node: ast.AST, *, deep: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Yield every node that runs, and whether it is in a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child, deep
        yield from walk(child, deep=deep or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


def names(node: ast.AST, here: list[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.removeprefix("pytest_stssaml.") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = here[: len(here) + 1 - node.level] if node.level else []
        source = ".".join([*start, *([node.module] if node.module else [])]).removeprefix("pytest_stssaml.")
        for alias in node.names:
            inner = f"{source}.{alias.name}".removeprefix(".")
            yield inner if inner in MODULES else source


def all_imports_of(module: str) -> set[str]:
    return imports_of(module) | imports_of(module, later=True)


def room_of(module: str) -> str:
    return module.partition(".")[0]


def test_the_picture_shows_every_module_once() -> None:
    assert sorted(ORDER) == sorted(set(MODULES) - set(ROOMS) - {"__init__"})


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_the_picture(module: str) -> None:
    # A room imports only its own modules, and may be imported in the place of the lowest of them.
    own = module + "." if module in ROOMS else None
    position = min(ORDER.index(m) for m in ORDER if m.startswith(own)) if own and own != "__init__." else None
    place = ORDER.index(module) if position is None and module in ORDER else position
    upward = [
        name
        for name in all_imports_of(module)
        if name in ORDER and place is not None and ORDER.index(name) <= place and not name.startswith(own or "\0")
    ]
    assert upward == []


@pytest.mark.parametrize("room", WORDS_ONLY)
def test_the_identity_provider_imports_only_the_vocabulary_from_aws(room: str) -> None:
    imported = {n for m in MODULES if room_of(m) == room for n in all_imports_of(m) if n in MODULES}
    assert {n for n in imported if room_of(n) != room} <= BELOW_ALL_ROOMS | WORDS_ONLY[room]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_described_by_one_sentence(room: str) -> None:
    docstring = ast.get_docstring(ast.parse(MODULES[room].read_text(encoding="utf-8"))) or ""
    assert re.fullmatch(r"[A-Z].*\.", docstring.partition("\n\n")[0], re.DOTALL)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_at_most_ten_modules(room: str) -> None:
    assert len([m for m in MODULES if m.rpartition(".")[0] == room and m not in ROOMS]) <= 10


@pytest.mark.parametrize("library", KNOWN_TO)
def test_a_library_is_known_only_to_the_modules_that_need_it(library: str) -> None:
    users = {m for m in MODULES if any(room_of(n) == library for n in all_imports_of(m))}
    assert users == KNOWN_TO[library]


@pytest.mark.parametrize(
    "module",
    ["__init__", "clock", "current_test", "literals", "parameter_names", "plugin", "process_time", "rejections"],
)
def test_what_pytest_loads_to_start_and_collect_imports_nothing_heavy(module: str) -> None:
    assert {room_of(name) for name in imports_of(module)} & HEAVY == set()


@pytest.mark.parametrize("room", ["iam", "saml", "sts"])
def test_the_deciding_side_is_given_the_time_and_reads_no_clock(room: str) -> None:
    sources = {m: MODULES[m].read_text(encoding="utf-8") for m in MODULES if room_of(m) == room}
    assert [m for m, source in sources.items() if re.search(r"\.now\(|time\.time|utcnow", source)] == []


def test_no_module_but_the_package_lists_public_names() -> None:
    assert [m for m in MODULES if "\n__all__" in MODULES[m].read_text(encoding="utf-8")] == ["__init__"]
