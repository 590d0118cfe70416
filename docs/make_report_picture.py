"""Draw the report of a failing test as a picture: `python docs/make_report_picture.py` writes `_static/report.svg`.

The text is what pytest prints in a process of its own.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TEST = """
import boto3
import pytest


def log_in(response, role_arn, provider_arn):
    sts = boto3.client("sts", region_name="us-east-1")
    return sts.assume_role_with_saml(RoleArn=role_arn, PrincipalArn=provider_arn, SAMLAssertion=response)


@pytest.mark.stssaml(now="2030-01-01T00:00:00Z")
def test_contractors_may_log_in(sts_saml, saml_idp):
    policy = saml_idp.provider.trust_policy(conditions={"StringLike": {"saml:sub": "*@example.com"}})
    role = sts_saml.create_role("Developer", trust_policy=policy)
    response = saml_idp.response(role, name_id="bob@contractor.example")
    log_in(response, role.arn, saml_idp.provider.arn)
"""

PICTURE = Path(__file__).parent / "_static" / "report.svg"

WIDTH, LINE, TOP = 122, 18, 46  # characters in a line, and pixels

# The colours of a terminal, by the codes of ECMA-48 that pytest uses.
COLOURS = {"1": "#ffffff", "31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#76d9e6", "94": "#79b8ff"}


def report() -> list[str]:
    """Return the lines that pytest prints about the failure, with its colours."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "test_login.py").write_text(TEST, encoding="utf-8")
        # pytest shows the frames of other packages below the test; the picture leaves them out.
        options = ["-q", "--color=yes", "--no-header", "-p", "no:cacheprovider", "-c", os.devnull]
        environment = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR")}
        printed = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "pytest", *options, "--tb=short", "test_login.py"],
            cwd=directory,
            env=environment | {"COLUMNS": str(WIDTH), "AWS_EC2_METADATA_DISABLED": "true"},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        ).stdout
    lines = printed.splitlines()
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    error = next(number for number, line in enumerate(plain) if line.startswith("E "))
    section = next(number for number, line in enumerate(plain) if re.match(r"-+ STS -+", line))
    passed = next(number for number, line in enumerate(plain) if line.startswith("  passed"))
    title = next(number for number, line in enumerate(plain) if re.match(r"_+ test_", line))
    shown = [lines[title], "", *lines[error:section], *lines[section:passed], lines[-1]]
    return [row for line in shown for row in _wrapped(line)]


def _wrapped(line: str) -> list[str]:
    """Return a line broken where a terminal breaks it. An escape sequence has no width."""
    rows, width = [""], 0
    for sequence, character in re.findall(r"(\x1b\[[0-9;]*m)|(.)", line):
        if width == WIDTH and character:
            colour = re.findall(r"\x1b\[[0-9;]*m", rows[-1])[-2:]
            rows.append("".join(colour))
            width = 0
        rows[-1] += sequence or character
        width += bool(character)
    return rows


def picture() -> str:
    """Return the report as an SVG document."""
    lines = report()
    height = TOP + LINE * len(lines) + 14
    rows = [
        f'<text xml:space="preserve" x="18" y="{TOP + LINE * number}">{_spans(line)}</text>'
        for number, line in enumerate(lines, 1)
    ]
    colours = enumerate(["#ff5f57", "#febc2e", "#28c840"])
    buttons = [f'<circle cx="{24 + 20 * n}" cy="20" r="6" fill="{colour}"/>' for n, colour in colours]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1010 {height}" role="img" font-size="13" '
        'font-family="ui-monospace, \'DejaVu Sans Mono\', Menlo, Consolas, monospace" fill="#d0d7de">'
    )
    return "\n".join(
        [
            head,
            "<title>The report of a failing test</title>",
            f'<rect width="1010" height="{height}" rx="10" fill="#161b22"/>',
            *buttons,
            *rows,
            "</svg>\n",
        ]
    )


def _spans(line: str) -> str:
    """Return a line with its colours as elements."""
    colour, bold, spans = "", False, []
    for codes, text in re.findall(r"(?:\x1b\[([0-9;]*)m)?([^\x1b]*)", line):
        for code in codes.split(";") if codes else []:
            colour = "" if code in ("", "0") else COLOURS.get(code, colour)
            bold = code == "1" or (bold and code not in ("", "0"))
        if text:
            style = (f' fill="{colour}"' if colour else "") + (' font-weight="bold"' if bold else "")
            spans.append(f"<tspan{style}>{html.escape(text)}</tspan>" if style else html.escape(text))
    return "".join(spans)


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
