"""Build the distributions twice, compare them, and run the tests that the sdist has.

Its options are those of pytest. The tests run from the unpacked sdist, where the package is installed.
"""

import filecmp
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path


def python(*arguments: str | Path, cwd: Path | None = None) -> None:
    """Run Python, and end with its status if that is not 0."""
    status = subprocess.run([sys.executable, *arguments], cwd=cwd, check=False).returncode  # noqa: S603
    if status:
        raise SystemExit(status)


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
        python("-m", "twine", "check", "--strict", *first.iterdir())
        with tarfile.open(next(first.glob("*.tar.gz"))) as sdist:
            sdist.extractall(unpacked, filter="data")
        python("-m", "pytest", *options, cwd=next(unpacked.iterdir()))


if __name__ == "__main__":
    main(sys.argv[1:])
