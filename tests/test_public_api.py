import dataclasses
import importlib.resources
import inspect
import re
import rlcompleter
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_stssaml

HEAVY = ["aiobotocore", "boto3", "botocore", "cryptography", "freezegun", "lxml", "moto", "pytest", "signxml", "wrapt"]


def run(code: str) -> str:
    """Return what a fresh interpreter prints."""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    return finished.stdout.strip()


def test_the_public_names_are_these() -> None:
    assert pytest_stssaml.__all__ == [
        "REJECTIONS",
        "SHAPES",
        "Attempt",
        "Decision",
        "Explanation",
        "IAMError",
        "IdentityProvider",
        "Rejection",
        "Role",
        "SAMLProvider",
        "SAMLResponse",
        "STSBackend",
        "Session",
        "active_backend",
        "explain",
        "make_signing_key",
        "mock_sts_saml",
    ]


TUPLES = ["REJECTIONS", "SHAPES"]
DEFINED = [name for name in pytest_stssaml.__all__ if name not in TUPLES]


@pytest.mark.parametrize("name", DEFINED)
def test_a_public_name_is_that_of_what_it_names(name: str) -> None:
    assert getattr(pytest_stssaml, name).__name__ == name


@pytest.mark.parametrize("name", TUPLES)
def test_a_tuple_of_names_holds_strings_that_differ(name: str) -> None:
    names = getattr(pytest_stssaml, name)
    assert (type(names), {type(each) for each in names}, len(set(names))) == (tuple, {str}, len(names))


@pytest.mark.parametrize("name", DEFINED)
def test_a_public_name_has_a_docstring(name: str) -> None:
    assert getattr(pytest_stssaml, name).__doc__


def parameters_of(method: str) -> str:
    """Return the signature of a method of the backend, without self and annotations."""
    signature = inspect.signature(getattr(pytest_stssaml.STSBackend, method))
    return str(
        signature.replace(
            parameters=[p.replace(annotation=p.empty) for p in list(signature.parameters.values())[1:]],
            return_annotation=signature.empty,
        )
    )


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        (
            "add_client_error",
            "(code, message=None, status=None, *, role=None, times=1, operation='AssumeRoleWithSAML', optional=False)",
        ),
        (
            "add_connection_error",
            "(kind='reset', *, role=None, times=1, operation='AssumeRoleWithSAML', optional=False)",
        ),
        ("create_policy", "(name, document, *, path='/', account_id=None, partition=None)"),
        ("create_account_alias", "(alias, *, account_id=None, partition=None)"),
        (
            "create_role",
            (
                "(name, *, provider=None, trust_policy=None, max_session_duration=3600, path='/', tags=None, "
                "policies=(), permissions_boundary=None, account_id=None, partition=None, trusts=None, "
                "allow_tags=False, allow_source_identity=False)"
            ),
        ),
        ("delete_role", "(role)"),
        ("delete_saml_provider", "(provider)"),
        ("disable_region", "(region)"),
        ("enable_region", "(region)"),
        ("handle", "(form, *, region='us-east-1', user_agent='', secure=True, method='POST', path='/', headers=None)"),
        ("move_to", "(instant)"),
        ("set_security_token_service_preferences", "(global_endpoint_token_version)"),
    ],
)
def test_a_method_of_the_backend_has_these_parameters(method: str, parameters: str) -> None:
    assert parameters_of(method) == parameters


@pytest.mark.parametrize("name", [n for n in dir(pytest_stssaml.STSBackend) if not n.startswith("_")])
def test_a_public_name_of_the_backend_has_a_docstring(name: str) -> None:
    assert getattr(pytest_stssaml.STSBackend, name).__doc__


@pytest.mark.parametrize(
    ("cls", "names"),
    [
        (
            pytest_stssaml.Attempt,
            [
                "accepted",
                "at",
                "checks",
                "code",
                "duration_seconds",
                "limited_by",
                "explain",
                "failed",
                "message",
                "operation",
                "principal_arn",
                "region",
                "role_arn",
                "session_arn",
                "status",
            ],
        ),
        (
            pytest_stssaml.Rejection,
            [
                "code",
                "exception",
                "forced",
                "is_told_in",
                "message",
                "name",
                "offered",
                "provider_arn",
                "response",
                "role_arn",
                "status",
                "why",
            ],
        ),
        (
            pytest_stssaml.Session,
            [
                "access_key_id",
                "account_id",
                "allows",
                "arn",
                "boto3_kwargs",
                "expiration",
                "name",
                "policies",
                "role",
                "source_identity",
                "source_session",
                "tags",
                "transitive_tag_keys",
            ],
        ),
    ],
    ids=["Attempt", "Rejection", "Session"],
)
def test_a_public_class_has_the_promised_attributes(cls: type, names: list[str]) -> None:
    fields = {field.name for field in dataclasses.fields(cls)} | {name for name in dir(cls) if name[0] != "_"}
    assert set(names) - fields == set()


NO_FUNCTION = "the library has no such function"
WRAPPED = f"ImportError: pytest_stssaml.mock_sts_saml cannot be imported: {NO_FUNCTION}"


@pytest.mark.slow
@pytest.mark.parametrize("statement", ["from pytest_stssaml import mock_sts_saml", "pytest_stssaml.mock_sts_saml"])
@pytest.mark.parametrize(
    ("error", "last"),
    [
        ("AttributeError", WRAPPED),
        ("ImportError", f"ImportError: {NO_FUNCTION}"),
        ("RuntimeError", f"RuntimeError: {NO_FUNCTION}"),
    ],
)
def test_the_error_of_a_dependency_that_cannot_be_imported_is_seen(
    tmp_path: Path, error: str, last: str, statement: str
) -> None:
    (tmp_path / "signxml.py").write_text(f"raise {error}({NO_FUNCTION!r})")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import pytest_stssaml; {statement}"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run(code)
    lines = caught.value.stderr.splitlines()
    assert (f"{error}: {NO_FUNCTION}" in lines, lines[-1]) == (True, last)


def test_an_attribute_error_of_an_import_is_the_cause_of_an_import_error(monkeypatch: pytest.MonkeyPatch) -> None:
    cause = AttributeError(NO_FUNCTION)

    def fail(*_: object) -> None:
        raise cause

    monkeypatch.delitem(vars(pytest_stssaml), "mock_sts_saml", raising=False)
    monkeypatch.setattr(pytest_stssaml, "import_module", fail)
    with pytest.raises(ImportError) as caught:
        pytest_stssaml.mock_sts_saml()
    assert (caught.value.name, caught.value.__cause__) == ("pytest_stssaml", cause)


DATA_CLASSES = [cls for name in DEFINED if dataclasses.is_dataclass(cls := getattr(pytest_stssaml, name))]


@pytest.mark.parametrize(
    ("cls", "name"),
    [(cls, field.name) for cls in DATA_CLASSES for field in dataclasses.fields(cls) if not field.name.startswith("_")],
)
def test_a_field_of_a_data_class_is_documented(cls: type, name: str) -> None:
    comment = re.search(rf"^    #: .*\n(?:    #: .*\n)*    {name}: ", inspect.getsource(cls), re.MULTILINE)
    assert comment or f"{name}: " in (cls.__doc__ or "")


@pytest.mark.parametrize("name", [name for name in dir(pytest_stssaml.Session) if not name.startswith("_")])
def test_a_property_of_a_session_has_a_docstring(name: str) -> None:
    member = inspect.getattr_static(pytest_stssaml.Session, name)
    assert inspect.ismemberdescriptor(member) or member.__doc__


def test_a_star_import_gives_the_public_names() -> None:
    code = "before = set(globals()); from pytest_stssaml import *; print(*sorted(set(globals()) - before - {'before'}))"
    assert run(code).split() == sorted(pytest_stssaml.__all__)


def test_another_name_is_an_attribute_error_as_of_any_module() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = pytest_stssaml.mock_sts
    assert str(caught.value) == "module 'pytest_stssaml' has no attribute 'mock_sts'"


def test_another_name_cannot_be_imported() -> None:
    with pytest.raises(ImportError, match="cannot import name 'mock_sts' from 'pytest_stssaml'"):
        from pytest_stssaml import mock_sts  # noqa: F401


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, pytest_stssaml; print(pytest_stssaml.__name__, *(n for n in {HEAVY} if n in sys.modules))"
    assert run(code) == "pytest_stssaml"


def test_importing_the_package_loads_none_of_its_modules() -> None:
    code = "import sys, pytest_stssaml; print(*(n for n in sys.modules if n.startswith('pytest_stssaml')))"
    assert run(code) == "pytest_stssaml"


def test_dir_of_the_package_lists_the_public_names() -> None:
    assert set(pytest_stssaml.__all__) <= set(dir(pytest_stssaml))


def test_completion_knows_the_public_names() -> None:
    completer = rlcompleter.Completer({"pytest_stssaml": pytest_stssaml})
    found = [completer.complete("pytest_stssaml.", number) for number in range(200)]
    completed = {(name or "").removeprefix("pytest_stssaml.").rstrip("()") for name in found}
    assert set(pytest_stssaml.__all__) <= completed


def test_listing_the_package_loads_nothing() -> None:
    code = (
        "import sys, pytest_stssaml; dir(pytest_stssaml); "
        "print(*(n for n in sys.modules if n.startswith('pytest_stssaml')))"
    )
    assert run(code) == "pytest_stssaml"


def test_freezing_the_time_does_not_load_the_package() -> None:
    code = (
        "import sys, freezegun, pytest_stssaml\n"
        "with freezegun.freeze_time('2030-01-01'): pass\n"
        "print(*(n for n in sys.modules if n.startswith('pytest_stssaml')))"
    )
    assert run(code) == "pytest_stssaml"


def test_help_of_the_package_describes_the_public_names() -> None:
    shown = run("import pydoc, pytest_stssaml; print(pydoc.plain(pydoc.render_doc(pytest_stssaml)))")
    assert [name for name in pytest_stssaml.__all__ if name not in shown] == []


@pytest.mark.parametrize(
    ("name", "unused"),
    [
        ("mock_sts_saml", ["boto3", "freezegun", "moto"]),
        ("IdentityProvider", ["botocore", "signxml", "freezegun", "wrapt"]),
        ("make_signing_key", ["botocore", "signxml", "freezegun", "wrapt"]),
        ("Attempt", ["boto3", "botocore", "freezegun", "moto", "pytest", "wrapt"]),
        ("Session", ["boto3", "botocore", "freezegun", "moto", "pytest", "wrapt"]),
        ("Rejection", HEAVY),
        ("REJECTIONS", HEAVY),
        ("SHAPES", HEAVY),
        ("IAMError", ["botocore", "cryptography", "lxml", "signxml", "freezegun", "wrapt"]),
    ],
)
def test_a_name_loads_only_what_it_needs(name: str, unused: list[str]) -> None:
    code = f"import sys; from pytest_stssaml import {name}; print(*(n for n in {unused} if n in sys.modules), 'is all')"
    assert run(code) == "is all"


NOT_FOR_A_PLAIN_LOGIN = [
    "asyncio",
    "freezegun",
    "moto",
    "wrapt",
    "pytest_stssaml.adapters.moto_bridge",
    "pytest_stssaml.adapters.moto_limits",
    "pytest_stssaml.decorate",
    "pytest_stssaml.idp.shapes.approximate",
    "pytest_stssaml.idp.shapes.exact",
    "pytest_stssaml.idp.shapes.metadata",
    "pytest_stssaml.idp.shapes.pages",
    "pytest_stssaml.idp.shapes.vendors",
    "pytest_stssaml.idp.writing.encryption",
    "pytest_stssaml.idp.writing.post_form",
    "pytest_stssaml.other_services",
    "pytest_stssaml.rejections",
    "pytest_stssaml.saml.encryption",
    "pytest_stssaml.sts.cloudtrail",
    "pytest_stssaml.sts.wire.http_request",
    "pytest_stssaml.sts.wire.sigv4",
]

PLAIN_LOGIN = """
import sys
import botocore.session
from pytest_stssaml import IdentityProvider, mock_sts_saml

with mock_sts_saml() as sts:
    idp = IdentityProvider()
    provider = sts.create_saml_provider("ExampleIdP", idp)
    role = sts.create_role("Developer")
    client = botocore.session.get_session().create_client("sts", region_name="us-east-1")
    client.assume_role_with_saml(RoleArn=role.arn, PrincipalArn=provider.arn, SAMLAssertion=idp.response(role))
print(*(name for name in {} if name in sys.modules), "is all")
"""


def test_a_plain_login_loads_only_what_it_needs() -> None:
    assert run(PLAIN_LOGIN.format(NOT_FOR_A_PLAIN_LOGIN)) == "is all"


def test_the_package_is_typed() -> None:
    assert importlib.resources.files("pytest_stssaml").joinpath("py.typed").is_file()


def test_the_signature_of_response_shows_which_keyword_was_not_given() -> None:
    assert "= NOT_GIVEN" in str(inspect.signature(pytest_stssaml.IdentityProvider.response))
