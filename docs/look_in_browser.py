"""Look at every page of the built manual in a real browser: `python docs/look_in_browser.py SITE`.

Each page is opened at 1,280 and 390 pixels, light and dark, in headless Chromium. Nothing may be wider than the window,
headings must form a tree, axe-core must find no serious fault, and the search must find words. This script
needs playwright, axe-playwright-python and Chromium or Chrome.
"""

import functools
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, TimeoutError, sync_playwright  # noqa: A004 - playwright has an error of its own

#: The names of the browser on Debian, on Ubuntu and elsewhere.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

WIDTHS = (1280, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

#: Words that the search of the site must find.
WORDS = ("rotate_key", "ExpiredTokenException", "sts_endpoint")

#: The faults of axe-core that count.
SERIOUS = ("serious", "critical")

#: What is wrong with the layout of a page, as strings.
LAYOUT = """() => {
    const faults = [];
    if (document.documentElement.scrollWidth > window.innerWidth)
        faults.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);
    const scrolls = node => {
        for (; node && node !== document.body; node = node.parentElement)
            if (["auto", "scroll"].includes(getComputedStyle(node).overflowX)) return true;
        return false;
    };
    for (const node of document.querySelectorAll("article table, article pre, article svg, article img, article code"))
        if (node.getBoundingClientRect().right > window.innerWidth + 1 && !scrolls(node))
            faults.push(`<${node.localName}> overflows: ${node.textContent.trim().slice(0, 60)}`);
    if (window.innerWidth >= 1280)
        for (const node of document.querySelectorAll("article .table-wrapper"))
            if (node.scrollWidth > node.clientWidth + 1)
                faults.push(`a table is cut off: ${node.textContent.trim().slice(0, 60)}`);
    let level = 0;
    for (const heading of document.querySelectorAll("article h1, article h2, article h3, article h4")) {
        const next = Number(heading.localName[1]);
        if (next > level + 1) faults.push(`h${next} follows h${level}: ${heading.textContent}`);
        level = next;
    }
    for (const code of document.querySelectorAll("article pre"))
        if (parseFloat(getComputedStyle(code).fontSize) < 11) faults.push("code is smaller than 11 pixels");
    return faults;
}"""

AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
    found => [found.impact, found.id, found.nodes.length, found.nodes[0].html.slice(0, 120)])"""


def faults(tab: Page, page: Path, axe: str) -> Iterator[str]:
    """Yield what is wrong with a page at the width of a tab, in both colour schemes."""
    tab.goto(page.as_uri())
    tab.evaluate(axe)
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme)
        yield from (f"{scheme}: {fault}" for fault in tab.evaluate(LAYOUT))
        for impact, rule, count, example in tab.evaluate(AXE):
            if impact in SERIOUS:
                yield f"{scheme}: axe: {impact}: {rule} ({count} times): {example}"


def finds(tab: Page, site: Path, word: str) -> bool:
    """Return whether the search of the site finds a word."""
    tab.goto(f"{(site / 'search.html').as_uri()}?q={word}")
    try:
        tab.wait_for_selector("#search-results li", timeout=10_000)
    except TimeoutError:
        return False
    return True


def look(site: Path, width: int) -> list[str]:
    """Return every fault of a site in a window of a width."""
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        found = [f"{page.relative_to(site)}, {fault}" for page in pages(site) for fault in faults(tab, page, axe)]
        found += [f"the search does not find {word}" for word in WORDS if not finds(tab, site, word)]
        browser.close()
    return [f"{width} pixels: {fault}" for fault in found]


def program() -> str:
    """Return the path of the browser."""
    for name in PROGRAMS:
        path = shutil.which(name)
        if path is not None:
            return path
    raise SystemExit(f"None of these programs is installed: {', '.join(PROGRAMS)}.")


def pages(site: Path) -> list[Path]:
    """Return the pages that people read, without those that Sphinx makes of all names."""
    return [page for page in sorted(site.rglob("*.html")) if page.name not in ("search.html", "genindex.html")]


def main(site: Path) -> int:
    """Print every fault, and return 1 if there is one."""
    with ThreadPoolExecutor(len(WIDTHS)) as pool:
        found = [fault for part in pool.map(functools.partial(look, site), WIDTHS) for fault in part]
    for fault in found:
        print(fault)
    print(f"{len(pages(site))} pages, {len(found)} faults")
    return min(len(found), 1)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
