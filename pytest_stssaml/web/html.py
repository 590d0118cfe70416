"""Web pages as strings: plain, accessible, and without anything from elsewhere."""

from html import escape

_STYLE = """\
body { margin: 0 auto; max-width: 44rem; padding: 1rem; font: 1rem/1.5 sans-serif; color: #16191f; background: #fff }
fieldset { border: 1px solid #545b64; margin: 0 0 1rem; padding: 0 1rem }
label { overflow-wrap: anywhere }
dd { margin: 0 0 .5rem 1rem; overflow-wrap: anywhere }
input:not([type=radio]) { display: block; font: inherit; width: 100%; max-width: 20rem; border: 1px solid #545b64 }
button { font: inherit; padding: .4rem 1rem; color: #fff; background: #0b5394; border: 0 }
a { color: #0b5394 }
:focus-visible { outline: 3px solid #b35900; outline-offset: 2px }
[role=heading] { font-weight: bold; margin-top: 1rem }
[role=alert] { color: #a31515 }
footer { margin-top: 2rem; border-top: 1px solid #545b64; font-size: .875rem; color: #414750 }"""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}<style>
{style}
</style>
</head>
<body>
<main id="container">
<h1>{heading}</h1>
<div id="content">
{content}
</div>
</main>
<footer><p>{footer}</p></footer>
</body>
</html>
"""


def page(title: str, content: str, *, footer: str, heading: str | None = None, head: str = "") -> str:
    """Return a page.

    :param title: the title, as text.
    :param content: what is below the heading, as HTML.
    :param footer: the last line, as text.
    :param heading: the heading, as text; by default the title.
    :param head: more elements of the head, as HTML.
    """
    heading = title if heading is None else heading
    return _PAGE.format(
        title=escape(title), heading=escape(heading), content=content, footer=escape(footer), head=head, style=_STYLE
    )
