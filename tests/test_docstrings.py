"""What is public of each class: the reference has it, and its docstrings describe parameters and show an example."""

import dataclasses
import doctest
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import boto3
import pytest

import pytest_stssaml
from pytest_stssaml import IdentityProvider, STSBackend, literals
from pytest_stssaml.rejections import rejection

PROJECT = Path(__file__).parents[1]
REFERENCE = (PROJECT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
DEFINED = [getattr(pytest_stssaml, name) for name in pytest_stssaml.__all__]
CLASSES = [each for each in DEFINED if inspect.isclass(each)]


def public_names(cls: type) -> set[str]:
    """Return the public attributes of the instances of a class, without those of `str` and of exceptions."""
    inherited = {name for base in cls.__mro__ if base.__module__ == "builtins" for name in vars(base)}
    fields = {field.name for field in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else set()
    set_by_init = set(re.findall(r"^        self\.(\w+)(?::.*)? = ", inspect.getsource(cls), re.MULTILINE))
    return {name for name in ({*dir(cls)} - inherited) | fields | set_by_init if not name.startswith("_")}


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield each public function and method, and its name."""
    yield from ((each.__name__, each) for each in DEFINED if inspect.isfunction(each))
    for cls in CLASSES:
        members = [(name, inspect.getattr_static(cls, name, None)) for name in sorted(public_names(cls))]
        yield from ((f"{cls.__name__}.{name}", member) for name, member in members if inspect.isfunction(member))


FUNCTIONS = dict(functions())


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_the_reference_has_each_public_name_of_a_class(cls: type) -> None:
    entry = re.search(rf"auto\w+:: pytest_stssaml\.{cls.__name__}\b.*\n   :members: (.*(?:\n      .*)*)", REFERENCE)
    assert entry is not None
    assert sorted(re.split(r",\s+", entry[1])) == sorted(public_names(cls))


def parameters_of(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters) - {"self"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_describes_each_parameter(name: str) -> None:
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    described = re.findall(r"^:param (\w+): |^`(\w+)` +\S+.*  ", text, re.MULTILINE)
    expected = parameters_of(FUNCTIONS[name]) - {"target"}  # what a decorator decorates
    assert {first or second for first, second in described} == expected


@pytest.fixture
def names(sts_saml: STSBackend, saml_idp: IdentityProvider) -> dict[str, Any]:
    """What an example may use: the public names, and what the manual says of examples."""
    role = sts_saml.create_role("Developer")
    client = boto3.client("sts", region_name="us-east-1")
    client.assume_role_with_saml(**saml_idp.request(role))
    return {
        **{name: getattr(pytest_stssaml, name) for name in pytest_stssaml.__all__},
        "boto3": boto3,
        "sts_saml": sts_saml,
        "saml_idp": saml_idp,
        "saml_rejection": rejection("unsigned", sts_saml, saml_idp),
        "role": role,
        "response": saml_idp.response(role),
        "client": client,
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_docstring_does_what_it_shows(name: str, names: dict[str, Any]) -> None:
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    examples = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    told: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=told.append)
    assert (results.attempted > 0, results.failed, told) == (True, 0, [])
    if name.startswith("STSBackend.add_"):  # a call has to meet the error
        names["client"].assume_role_with_saml(**names["saml_idp"].request(names["role"]))


TYPES = [name for name in vars(literals) if get_args(getattr(literals, name))]


@pytest.mark.parametrize("name", TYPES)
def test_the_reference_has_each_type_of_strings(name: str) -> None:
    assert f".. autodata:: pytest_stssaml.literals.{name}\n" in REFERENCE
