"""What the manual needs of Sphinx: the tables of the package, diagrams in the colours of the page, and references."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import desc_signature, pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from stssaml_tables import parts, table

import pytest_stssaml

#: Packages whose names appear in signatures and that the manual does not document.
_ELSEWHERE = re.compile(
    r"(collections|typing|datetime|pathlib|Path|re|cryptography|lxml|x509|rsa|ec|dt|etree|_pytest)\b"
)


#: Names of types in signatures that the docstrings describe in words.
_ALIASES = {"Endpoint", "MetadataSource", "Roles"}


class TableDirective(SphinxDirective):
    """A table that `stssaml_tables` makes: its argument is a name, and for some an operation."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the table as nodes."""
        made = table(self.arguments[0])
        group = nodes.tgroup("", cols=len(made.head))
        group += [nodes.colspec("", colwidth=1) for _ in made.head]
        group += nodes.thead("", _row(made.head))
        group += nodes.tbody("", *map(_row, made.rows))
        return [nodes.table("", group, classes=["generated"])]


def _row(cells: tuple[str, ...]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *_inline(cell))) for cell in cells))


def _inline(cell: str) -> list[nodes.Node]:
    return [_code(text) if is_code else nodes.Text(text) for is_code, text in parts(cell)]


def _code(text: str) -> nodes.literal:
    """Return code in which a long name may break after underscores, hyphens and slashes, and nowhere else."""
    literal = nodes.literal()
    for piece in re.findall(r"[^/_-]+[/_-]*|[/_-]+", text):
        literal += [nodes.Text(piece), nodes.raw("", "<wbr>", format="html")]
    return literal


class Diagram(SphinxDirective):
    """A drawing by graphviz, written into the page so that it has the colours of the page, light or dark.

    The argument is a file beside the configuration, the content is what the drawing says, for those who cannot see it.
    """

    required_arguments = 1
    has_content = True
    option_spec = {"width": directives.unchanged}  # noqa: RUF012 - as docutils has it

    def run(self) -> list[nodes.Node]:
        """Return the drawing as HTML."""
        dot = shutil.which("dot")
        if dot is None:
            raise ExtensionError("The diagrams need the program dot of graphviz (apt-get install graphviz).")
        source = Path(self.env.srcdir, "diagrams", self.arguments[0])
        self.env.note_dependency(str(source))
        drawn = subprocess.run([dot, "-Tsvg", source], check=True, capture_output=True, text=True).stdout  # noqa: S603
        svg = re.sub(r"<!--.*?-->|<title>.*?</title>", "", drawn[drawn.index("<svg") :], flags=re.DOTALL)
        # A colour of the page's text instead of black, and no background.
        svg = re.sub(r'<polygon fill="white" stroke="(none|transparent)".*?/>', "", svg)
        svg = svg.replace('"black"', '"currentColor"').replace("<text ", '<text fill="currentColor" ')
        label = nodes.fully_normalize_name(" ".join(self.content)) or source.stem
        svg = svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
        figure = nodes.container(classes=["diagram"])
        figure += nodes.raw("", svg, format="html")
        return [figure]


def resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, text: nodes.Element) -> nodes.Node | None:
    """Resolve a reference to a public name that was written with the module in which the name is defined."""
    target = str(node.get("reftarget", ""))
    name = target.rpartition(".")[2]
    if name in pytest_stssaml.__all__ and target != f"pytest_stssaml.{name}":
        domain = env.domains.python_domain
        found = domain.resolve_xref(env, node["refdoc"], app.builder, "obj", f"pytest_stssaml.{name}", node, text)
        if found is not None:
            return found
    return text if _ELSEWHERE.match(target) or _is_internal(target) else None


def _is_internal(target: str) -> bool:
    """Return whether a type in a signature is one that users do not need to know."""
    module, _, name = target.rpartition(".")
    return name not in pytest_stssaml.__all__ and (module.startswith("pytest_stssaml.") or name in _ALIASES)


def shorten(*event: Any) -> tuple[str, str] | None:
    """Write a default that means "not given" as dots, and leave its type out."""
    signature, returned = event[-2:]
    if not signature:
        return None
    return re.sub(r" \| [~\w.]*NotGiven\b", "", signature).replace("= NOT_GIVEN", "= ..."), returned


def show_defaults(_: Sphinx, doctree: nodes.document) -> None:
    """Write the value of a default that is a constant of a module. Sphinx copies the name from the source."""
    for signature in doctree.findall(desc_signature):
        documented = getattr(pytest_stssaml, signature.get("fullname", ""), None)
        constants = vars(sys.modules[documented.__module__]) if callable(documented) else {}
        for default in signature.findall(nodes.inline):
            name = default.astext()
            if "default_value" in default["classes"] and re.fullmatch(r"_?[A-Z_]+", name) and name in constants:
                default.children = [nodes.Text(repr(str(constants[name])))]


def mend_signatures(*event: Any) -> None:
    """Write the parameters of a signature as lines, and not as a list of definitions without terms, as Sphinx does."""
    context = event[3]
    if "body" in context:
        context["body"] = re.sub(
            r"<dl>\s*(<dd><em class=\"sig-param.*?)</dl>",
            lambda found: found[1].replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>"),
            context["body"],
            flags=re.DOTALL,
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what is above."""
    app.add_directive("stssaml-table", TableDirective)
    app.add_directive("diagram", Diagram)
    app.connect("autodoc-process-signature", shorten)
    app.connect("doctree-read", show_defaults)
    app.connect("html-page-context", mend_signatures)
    app.connect("missing-reference", resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
