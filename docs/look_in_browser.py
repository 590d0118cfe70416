"""Look at every page of the built manual in a real browser: `python docs/look_in_browser.py SITE`.

Each page is opened at 1,280 and 390 pixels, light and dark, in headless Chromium. Nothing may be wider than the window,
headings must form a tree, axe-core must find no serious fault, and the search must find words. It
needs playwright, axe-playwright-python and the program chromium.
"""

import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, TimeoutError, sync_playwright  # noqa: A004 - it is no other

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
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


def faults(browser: Browser, page: Path, width: int, scheme: Any, axe: str) -> list[str]:
    """Return what is wrong with a page."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    tab.goto(page.as_uri())
    found = list(tab.evaluate(LAYOUT))
    tab.evaluate(axe)
    found += [
        f"axe: {impact}: {rule} ({count} times): {example}"
        for impact, rule, count, example in tab.evaluate(AXE)
        if impact in SERIOUS
    ]
    context.close()
    return found


def finds(browser: Browser, site: Path, word: str) -> bool:
    """Return whether the search of the site finds a word."""
    tab = browser.new_page()
    tab.goto(f"{(site / 'search.html').as_uri()}?q={word}")
    try:
        tab.wait_for_selector("#search-results li", timeout=10_000)
    except TimeoutError:
        return False
    finally:
        tab.close()
    return True


def main(site: Path) -> int:
    """Print every fault, and return 1 if there is one."""
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    pages = [page for page in sorted(site.rglob("*.html")) if page.name not in ("search.html", "genindex.html")]
    count = 0
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for page in pages:
            for width in WIDTHS:
                for scheme in SCHEMES:
                    for fault in faults(browser, page, width, scheme, axe):
                        print(f"{page.relative_to(site)} at {width} pixels, {scheme}: {fault}")
                        count += 1
        for word in ("rotate_key", "ExpiredTokenException"):
            if not finds(browser, site, word):
                print(f"the search does not find {word}")
                count += 1
        browser.close()
    print(f"{len(pages)} pages, {count} faults")
    return min(count, 1)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
