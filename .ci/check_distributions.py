"""Build the distributions twice, compare them, and run the tests that the sdist has.

Its options are those of pytest. The tests run from the unpacked sdist, where the package is installed.
"""

import filecmp
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path


def python(*arguments: str | Path, cwd: Path | None = None) -> None:
    """Run Python, and end with its status if that is not 0."""
    status = subprocess.run([sys.executable, *arguments], cwd=cwd, check=False).returncode  # noqa: S603
    if status:
        raise SystemExit(status)


def relative_links(wheel: Path) -> list[str]:
    """Return the links of the description that lead nowhere on PyPI."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        description = archive.read(metadata).decode()
    return re.findall(r"\]\((?!https://)([^)]+)\)", description)


def main(options: list[str]) -> None:
    """Do all of it."""
    with tempfile.TemporaryDirectory() as name:
        first, second, unpacked = (Path(name, part) for part in ("first", "second", "unpacked"))
        for directory in (first, second):
            python("-m", "build", "--outdir", directory)
        distributions = sorted(path.name for path in first.iterdir())
        _, different, missing = filecmp.cmpfiles(first, second, distributions, shallow=False)
        if different or missing:
            raise SystemExit(f"not reproducible: {', '.join(different + missing)}")
        links = relative_links(next(first.glob("*.whl")))
        if links:
            raise SystemExit(f"the README has links that lead nowhere on PyPI: {', '.join(links)}")
        python("-m", "twine", "check", "--strict", *first.iterdir())
        with tarfile.open(next(first.glob("*.tar.gz"))) as sdist:
            sdist.extractall(unpacked, filter="data")
        python("-m", "pytest", *options, cwd=next(unpacked.iterdir()))


if __name__ == "__main__":
    main(sys.argv[1:])
