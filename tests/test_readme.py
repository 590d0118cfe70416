import os
import re
import sysconfig
import tomllib
from pathlib import Path

import pytest

from pytest_stssaml.sts.rule import AnyRule
from pytest_stssaml.sts.rules.credentials import CREDENTIAL_RULES
from pytest_stssaml.sts.rules.role_chaining import ROLE_CHAINING_RULES
from pytest_stssaml.sts.rules.saml_login import SAML_LOGIN_RULES
from pytest_stssaml.sts.rules.signature import SIGNATURE_RULES

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow  # some load a large service of moto's, or start the command line
def test_every_python_block_is_a_test_that_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}")  # for aws
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    pytester.makepyfile(test_blocks="\n\n".join(blocks))
    result = pytester.runpytest("-W", "error", "-v", "-p", "no:hypothesispytest")
    assert list(result.parseoutcomes()) == ["passed"]
    run = set(re.findall(r"^test_blocks\.py::(?:\w+::)?(test_\w+)", str(result.stdout), re.MULTILINE))
    assert run == set(re.findall(r"def (test_\w+)", "\n".join(blocks)))


def test_the_report_of_a_failing_test_is_as_it_is_shown(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import boto3
        import pytest

        @pytest.mark.stssaml(now="2030-01-01T00:00:00Z")
        def test_contractors_may_log_in(sts_saml, saml_idp):
            policy = saml_idp.provider.trust_policy(conditions={"StringLike": {"saml:sub": "*@example.com"}})
            role = sts_saml.create_role("Developer", trust_policy=policy)
            boto3.client("sts", region_name="us-east-1").assume_role_with_saml(
                RoleArn=role.arn,
                PrincipalArn=saml_idp.provider.arn,
                SAMLAssertion=saml_idp.response(role, name_id="bob@contractor.example"),
            )
        """
    )
    report = str(pytester.runpytest("--tb=short", "-p", "no:hypothesispytest").stdout)
    for shown in re.findall(r"^```text\n(.*?)^```", README, re.DOTALL | re.MULTILINE):
        assert without_digest(shown) in without_digest(report)


def without_digest(text: str) -> str:
    return re.sub(r"SHA-256 [0-9a-f]{16}…, \d+", "SHA-256", text)


@pytest.mark.parametrize(
    ("title", "rules"),
    [
        ("rule", SAML_LOGIN_RULES),
        ("rule about signatures", SIGNATURE_RULES),
        ("rule about credentials", CREDENTIAL_RULES),
        ("rule about AssumeRole", ROLE_CHAINING_RULES),
    ],
    ids=["a login", "signatures", "credentials", "AssumeRole"],
)
def test_a_table_of_rules_is_that_of_the_code(title: str, rules: tuple[AnyRule, ...]) -> None:
    table = README.partition(f"| {title} | what must hold |\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", table, re.MULTILINE)
    assert rows == [(rule.name, str(rule)) for rule in rules]


def test_the_example_of_the_first_command_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_login=(PROJECT / "examples" / "test_login.py").read_text(encoding="utf-8"))
    pytester.runpytest("-W", "error", "-p", "no:hypothesispytest").assert_outcomes(passed=6)


def test_the_first_screen_has_both_commands() -> None:
    first_screen = README.splitlines()[:20]
    commands = [line for line in first_screen if line.startswith("python3 -m venv --without-pip .venv && ")]
    assert [command.rsplit("&&", 1)[1] for command in commands] == [
        " .venv/bin/python -m pytest examples/test_login.py -v -s",
        " .venv/bin/python -m pytest",
    ]


def test_ci_runs_the_second_command_of_the_readme() -> None:
    pattern = re.search(r"grep -E '(.*)' README.md", (PROJECT / ".ci" / "run").read_text(encoding="utf-8"))
    assert pattern is not None
    assert len(re.findall(pattern[1].replace(r"\[", "\\["), README, re.MULTILINE)) == 1


def test_the_requirements_are_those_of_the_readme() -> None:
    dependencies = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    named = [re.split(r"[><=]", dependency)[0] for dependency in dependencies]
    sentence = README.partition("## Requirements")[2].partition(", none of which")[0]
    assert [name for name in named if name not in sentence] == []
