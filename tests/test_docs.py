"""The manual: its examples run, its tables are those of the code, and it builds without a warning."""

import importlib.util
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import suppress
from inspect import signature
from pathlib import Path
from string import Template
from types import ModuleType
from unittest import SkipTest

import pytest

# An inner run unloads what it was the first to import, and requests does not bear to be half of two copies.
import responses  # noqa: F401
from doc_pages import DOCS, LANGUAGES, PAGES, PROJECT, examples, languages, steady

import pytest_stssaml
from pytest_stssaml import REJECTIONS, SHAPES, mock_sts_saml
from pytest_stssaml.sts import errors
from pytest_stssaml.sts.operation import OPERATIONS

MANUAL = [page for page in PAGES if page.is_relative_to(DOCS)]


def name_of(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def module_at(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    return module_at(DOCS / "_ext" / "stssaml_tables.py")


@pytest.mark.slow  # some load a large service of moto's, or start commands
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_examples_of_a_page_do_what_they_show(page: Path, pytester: pytest.Pytester) -> None:
    tutorial = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    tool = re.search(r":caption: login_tool\.py\n\n?(.*?)^```", tutorial, re.DOTALL | re.MULTILINE)
    assert tool is not None
    (pytester.path / "login_tool.py").write_text(tool[1], encoding="utf-8")
    pytester.syspathinsert(pytester.path)
    runner, found = examples(page, pytester)
    for example in found:
        with suppress(SkipTest):  # only this block; a comment on the page says why
            example.evaluate()
    runner.flush()
    shown = re.findall(r"^(?:async )?def (test_\w+)|^class (Test\w+)", runner.source, re.MULTILINE)
    assert runner.ran == [function or cls for function, cls in shown]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_link_to_a_file_has_a_target(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[\w-]+)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_has_only_blocks_that_are_tested(page: Path) -> None:
    assert {name for name in languages(page) if not name.startswith("{")} <= LANGUAGES


@pytest.mark.parametrize(
    "table",
    [
        *(f"rules {name}" for name in OPERATIONS if name != "GetFederationToken"),
        "errors",
        "injected-errors",
        "sign-in",
        "rejections",
        "shapes",
        "condition-keys AssumeRoleWithSAML",
        "condition-keys AssumeRole",
        "claims",
    ],
)
def test_a_table_is_on_one_page(table: str) -> None:
    pages = [page for page in MANUAL if f"{{stssaml-table}} {table}\n" in page.read_text(encoding="utf-8")]
    assert len(pages) == 1


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_table_of_rules_has_each_rule_of_the_operation(tables: ModuleType, operation: str) -> None:
    names = [row[0].strip("`") for row in tables.table(f"rules {operation}").rows]
    assert names == [rule.name for rule in OPERATIONS[operation].rules]


def test_the_tables_of_names_have_each_name(tables: ModuleType) -> None:
    assert [row[0].strip("`") for row in tables.table("rejections").rows] == list(REJECTIONS)
    assert [row[0].strip("`") for row in tables.table("shapes").rows] == list(SHAPES)
    assert len(tables.table("errors").rows) == len(errors.CATALOGUE)


@pytest.mark.parametrize(
    ("operation", "key"),
    [("AssumeRoleWithSAML", "saml:aud"), ("AssumeRole", "aws:PrincipalTag/team"), ("AssumeRole", "sts:ExternalId")],
)
def test_the_table_of_condition_keys_is_that_of_a_real_call(tables: ModuleType, operation: str, key: str) -> None:
    assert f"`{key}`" in [row[0] for row in tables.table(f"condition-keys {operation}").rows]


@pytest.mark.parametrize("name", pytest_stssaml.__all__)
def test_a_public_name_is_in_the_reference(name: str) -> None:
    api = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    assert re.search(rf"(auto(class|function|exception)|py:data):: (pytest_stssaml\.)?{name}\b", api)


def test_an_error_in_a_table_of_the_guides_is_one_of_the_catalogue() -> None:
    known = [f"{row.code}: {Template(row.message or '').safe_substitute(Values())}" for row in errors.CATALOGUE]
    known.append("SignatureDoesNotMatch: Credential should be scoped to")  # one of the faults that `$faults` stands for
    pages = [(DOCS / "how-to" / f"{name}.md").read_text(encoding="utf-8") for name in ("refusals", "sessions")]
    rows = re.findall(r"^\| `(\w+)`(.*?) \|", "\n".join(pages), re.MULTILINE)
    assert len(rows) > 20
    assert [row for row in rows if not any(re.match(as_pattern(*row), text) for text in known)] == []


class Values(dict[str, str]):
    """A word for each field of a message."""

    def __missing__(self, key: str) -> str:
        return key


def as_pattern(code: str, message: str) -> str:
    return rf"{code}\b" + ".*".join(map(re.escape, re.split(r" ?… ?", message)))


def test_a_fixture_of_the_plugin_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "fixtures.md").read_text(encoding="utf-8")
    plugin = (PROJECT / "pytest_stssaml" / "plugin.py").read_text(encoding="utf-8")
    fixtures = re.findall(r"^@pytest\.fixture.*\n(?:@.*\n)*def (\w+)", plugin, re.MULTILINE)
    assert sorted(re.findall(r"^`(\w+)`\n: ", page, re.MULTILINE)) == sorted(fixtures)


def test_an_option_of_the_mock_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "fixtures.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(signature(mock_sts_saml).parameters)[1:]


def test_a_package_is_in_the_diagram_of_the_modules() -> None:
    diagram = (DOCS / "diagrams" / "modules.dot").read_text(encoding="utf-8")
    packages = {path.parent.name for path in (PROJECT / "pytest_stssaml").glob("*/__init__.py")}
    assert {*re.findall(r"^ +(\w+) \[label", diagram, re.MULTILINE)} - {"plugin"} == packages


@pytest.mark.slow  # it starts pytest
def test_the_picture_shows_the_report_as_it_is() -> None:
    picture = DOCS / "_static" / "report.svg"
    made = module_at(DOCS / "make_report_picture.py").picture()
    assert text_of(made) == text_of(picture.read_text(encoding="utf-8"))


def text_of(svg: str) -> str:
    lines = ("".join(line.itertext()) for line in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"))  # noqa: S314
    return steady("\n".join(lines))


@pytest.mark.slow  # it builds a site
@pytest.mark.skipif(importlib.util.find_spec("furo") is None, reason="Sphinx and its theme are not installed")
@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_the_manual_builds_without_a_warning(tmp_path: Path) -> None:
    options = ["-W", "-n", "-q", "-d", str(tmp_path / "trees")]
    command = [sys.executable, "-m", "sphinx", *options, str(DOCS), str(tmp_path / "html")]
    built = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert (built.returncode, built.stderr) == (0, "")
