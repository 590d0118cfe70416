"""Write a new version into `pyproject.toml` and `CHANGELOG.md`: `python .ci/prepare_release.py 0.2.0`.

What the changelog has under "Unreleased" becomes the section of the version, with today's date. Nothing is committed.
"""

import datetime
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def released(changelog: str, version: str, date: str) -> str:
    """Return a changelog whose section "Unreleased" has become that of a version.

    Raises ValueError if the version is in the changelog already, or if nothing is unreleased.
    """
    if f"## [{version}]" in changelog:
        raise ValueError(f"CHANGELOG.md has a section for {version} already")
    found = re.search(r"## \[Unreleased\]\n(.*?)(?=^## |^\[Unreleased\]: )", changelog, re.DOTALL | re.MULTILINE)
    link = re.search(r"^\[Unreleased\]: (https://\S+?)/(?:commits|compare)/\S+$", changelog, re.MULTILINE)
    if found is None or link is None or "- " not in found[1]:
        raise ValueError('CHANGELOG.md has nothing under "Unreleased", or no link "[Unreleased]: https://..."')
    links = [f"[Unreleased]: {link[1]}/compare/v{version}...HEAD", f"[{version}]: {link[1]}/releases/tag/v{version}"]
    text = found[1].replace("This will be the first version", "This is the first version")
    changelog = changelog.replace(link[0], "\n".join(links))
    return changelog.replace(f"[Unreleased]\n{found[1]}", f"[Unreleased]\n\n## [{version}] - {date}\n{text}")


def main(version: str) -> None:
    """Change both files."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise SystemExit(f"{version} is not a version such as 0.2.0")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    changelog, pyproject = PROJECT / "CHANGELOG.md", PROJECT / "pyproject.toml"
    try:
        text = released(changelog.read_text(encoding="utf-8"), version, today)
    except ValueError as error:
        raise SystemExit(str(error)) from error
    changelog.write_text(text, encoding="utf-8")
    settings = pyproject.read_text(encoding="utf-8")
    pyproject.write_text(re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', settings, count=1), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
