"""The HTML page with which a browser posts a response, as text (saml-bindings 3.5.4)."""

import html
import re

from ..shapes.shape import Page


def write_page(page: Page, action: str, response: str, relay_state: str) -> str:
    """The page of a vendor, with what it posts and where to."""
    posted_to = _as_references(_HOST.sub(rf"\g<0>{page.port}", action), page.references)
    state = _as_references(relay_state, page.references)
    if page.relay_state:
        state = state and page.relay_state.format(value=state)
    return page.text.format(
        action=posted_to,
        response=_as_references(response, page.references_in_response),
        relay_state=state,
    )


_HOST = re.compile(r"^https://[^/:?#]+(?![^/?#])")


def _as_references(text: str, characters: str) -> str:
    """A text inside an HTML attribute, what matches `characters` as numbers; what HTML asks for where that is ""."""
    if not characters:
        return html.escape(text)
    return re.sub(characters, lambda character: f"&#x{ord(character[0]):x};", text)
