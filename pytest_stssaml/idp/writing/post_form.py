"""Writing the HTML page with which a browser posts a response (saml-bindings 3.5.4)."""

import html
import re

from ..shapes.shape import Page


def write_page(page: Page, action: str, response: str, relay_state: str) -> str:
    """Return the HTML page of a shape.

    :param action: the URL to which the form is posted.
    :param response: the response in base64.
    :param relay_state: the value of the field RelayState.
    """
    posted_to = _as_references(_HOST.sub(rf"\g<0>{page.port}", action), page.references)
    state = _as_references(relay_state, page.references)
    if page.relay_state:
        state = state and page.relay_state.format(value=state)
    return page.template.format(
        action=posted_to,
        response=_as_references(response, page.references_in_response),
        relay_state=state,
    )


# A host without a port.
_HOST = re.compile(r"^https://[^/:?#]+(?![^/?#])")


def _as_references(value: str, characters: str) -> str:
    """Return a string for an HTML attribute.

    :param characters: a pattern of the characters to write as references; "" for those that HTML requires.
    """
    if not characters:
        return html.escape(value)
    return re.sub(characters, lambda character: f"&#x{ord(character[0]):x};", value)
