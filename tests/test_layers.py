"""The picture that CONTRIBUTING.md draws: which part of the package may import which."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_stssaml

PACKAGE = Path(pytest_stssaml.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

# What each module or package may import of ours, itself aside.
MAY_IMPORT = {
    "__init__": set(),
    "running": set(),
    "names": set(),
    "clock": set(),
    "certificate": set(),
    "interceptor": set(),
    "decorate": {"running"},
    "saml": set(),
    "sts": {"saml", "certificate"},
    "idp": {"saml.vocabulary", "certificate", "clock"},
    "beside_moto": {"saml", "sts"},
    "accounts": {"clock", "saml", "sts"},
    "backend": {"accounts", "beside_moto", "clock", "running", "sts"},
    "rejections": set(),
    "mock": {"backend", "clock", "decorate", "interceptor", "running", "sts.iam_input"},
    "plugin": {"names", "running"},
}
# And in its functions. The plugin imports late whatever is not needed at every start of pytest, and rejections whatever
# is not needed to name the ways.
MAY_IMPORT_LATER = {
    "plugin": {"idp", "interceptor", "mock", "rejections", "sts.errors"},
    "rejections": {"backend", "idp", "saml", "sts"},
}

# Who alone uses a room.
USED_BY = {"rejections": {"plugin"}, "names": {"plugin"}}

# Who alone knows each library.
KNOWN_TO = {
    "botocore": {"interceptor"},
    "cryptography": {
        "accounts",
        "certificate",
        "idp.encryption",
        "idp.identity_provider",
        "idp.signature",
        "saml.assertion",
        "saml.encryption",
        "saml.metadata",
        "saml.signature",
        "sts.iam",
        "sts.iam_input",
    },
    "freezegun": {"clock"},
    "lxml": {"idp.response", "idp.signature", "saml.document", "saml.profile", "saml.signature"},
    "pytest": {"plugin"},
    "signxml": {"saml.signature"},
    "wrapt": {"decorate"},
    "boto3": set(),
    "moto": {"beside_moto"},
    "aiobotocore": {"interceptor"},
}


def imports_of(module: str, *, later: bool = False) -> set[str]:
    """What a module imports when it is loaded, or later; ours from the package on, as "saml.document"."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    here = module.split(".") if MODULES[module].name == "__init__.py" else module.split(".")[:-1]
    here = [] if module == "__init__" else here
    return {name for node, deep in walk(tree) if deep == later for name in names(node, here)}


def walk(node: ast.AST, *, deep: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node that runs, and whether it stands in a function."""
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


def room_of(module: str) -> str:
    return module.partition(".")[0]


def ours(imported: set[str], room: str) -> set[str]:
    return {name for name in imported if room_of(name) in MAY_IMPORT and room_of(name) != room}


def allowed(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


def test_every_module_has_its_place_in_the_picture() -> None:
    assert {room_of(module) for module in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_it_may(module: str) -> None:
    room = room_of(module)
    assert [n for n in sorted(ours(imports_of(module), room)) if not allowed(n, MAY_IMPORT[room])] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_function_imports_only_what_it_may(module: str) -> None:
    room = room_of(module)
    may = MAY_IMPORT[room] | MAY_IMPORT_LATER.get(room, set())
    assert [n for n in sorted(ours(imports_of(module, later=True), room)) if not allowed(n, may)] == []


@pytest.mark.parametrize("library", KNOWN_TO)
def test_a_library_is_known_to_those_alone_who_need_it(library: str) -> None:
    users = {m for m in MODULES for n in imports_of(m) | imports_of(m, later=True) if room_of(n) == library}
    assert users == KNOWN_TO[library]


@pytest.mark.parametrize("room", ["rejections", "names"])
def test_a_room_is_known_to_those_alone_who_need_it(room: str) -> None:
    users = {m for m in MODULES for n in imports_of(m) | imports_of(m, later=True) if allowed(n, {room})}
    assert {room_of(m) for m in users} == USED_BY[room]


@pytest.mark.parametrize("module", ["__init__", "clock", "names", "plugin", "rejections", "running"])
def test_what_pytest_loads_to_start_and_collect_imports_nothing_heavy(module: str) -> None:
    heavy = set(KNOWN_TO) - {"pytest"}
    assert {room_of(name) for name in imports_of(module)} & heavy == set()


def test_the_deciding_side_reads_no_clock_but_is_told_the_time() -> None:
    texts = {m: MODULES[m].read_text(encoding="utf-8") for m in MODULES if room_of(m) in {"sts", "saml"}}
    assert [m for m, text in texts.items() if ".now(" in text or "time.time" in text or "utcnow" in text] == []
