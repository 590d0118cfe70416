"""SAMLResponse, which an identity provider returns."""

import base64
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from lxml import etree

from ..saml.vocabulary import SERVICE_PROVIDERS
from ..sentinel import NOT_GIVEN, NotGiven
from .shapes import shape_named

if TYPE_CHECKING:
    from ..literals import Shape, Signed

# Signatures are removed with a regular expression, since parsing and serialising would also change other bytes.
_SIGNATURE = re.compile(r"<(?P<name>(?:[\w.-]+:)?Signature)[\s>].*?</(?P=name)\s*>", re.DOTALL)


class Origin(NamedTuple):
    """What an identity provider made a response from."""

    #: The document before it was signed and encrypted.
    xml: str
    #: Makes a response of such a document. The second argument is `signed`, as in `IdentityProvider.response`; if it
    #: is not given, the elements are signed that were signed before.
    remake: "Callable[[str, Signed | NotGiven | None], SAMLResponse]"


class SAMLResponse(str):
    """A response as an identity provider posts it: a string in base64, which is passed to boto3 as it is."""

    __slots__ = ("_origin", "_posted_to", "shape")

    #: The name of the shape in which the response is written; None for the package's own shape.
    shape: "Shape | None"
    #: The URL to which the identity provider lets the browser post it; None if it is that of the document.
    _posted_to: str | None
    #: What it was made from; None for a response that was altered or unpickled.
    _origin: Origin | None

    def __new__(
        cls, text: str, shape: "Shape | None" = None, posted_to: str | None = None, origin: Origin | None = None
    ) -> Self:
        """Create a response from its base64."""
        response = super().__new__(cls, text)
        response.shape = shape
        response._posted_to = posted_to
        response._origin = origin
        return response

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> "tuple[type[Self], tuple[str, Shape | None, str | None]]":
        return type(self), (str(self), self.shape, self._posted_to)

    @property
    def xml(self) -> str:
        """The decoded XML document."""
        return base64.b64decode(self).decode()

    @property
    def root(self) -> etree._Element:
        """The root element of a copy of the document, to look at.

        Each access parses the document again. Changes to the element do not change the response: `edited` makes a
        changed one.
        """
        return _parsed(self.xml)

    def edited(
        self, change: Callable[[etree._Element], Any], *, signed: "Signed | NotGiven | None" = NOT_GIVEN
    ) -> "SAMLResponse":
        """Return the response with its document changed, and signed and encrypted again as it was.

        The identity provider signs the change itself. What an attacker changes is made with `tampered`.

        >>> response.edited(lambda root: root.set("Version", "1.1")).root.get("Version")
        '1.1'

        :param change: is called with the root element of the document, which has no signatures and is not encrypted,
            and changes it in place. What it returns is ignored, unless it is the root of another document.
        :param signed: "assertion", "response", "both", or None for no signature; by default as before.
        :raises TypeError: if `change` is not a function, or returns another document instead of changing this one.
        :raises ValueError: if the key is not known, because the response was altered or unpickled, and `signed` is not
            None; if an element to sign is missing; if there is no such `signed`.
        """
        if not callable(change):
            raise TypeError(f"change must be a function that is called with the root element, not {change!r}")
        if self._origin is None and signed is not None:
            raise ValueError(
                "edited() has no key to sign with, since this response was altered or unpickled; call edited() first, "
                "or write edited(..., signed=None)"
            )
        root = _parsed(self.unsigned().xml if self._origin is None else self._origin.xml)
        returned = change(root)
        if etree.iselement(returned) and returned.getroottree().getroot() is not root:
            raise TypeError(
                "edited() ignores what the function returns, which is another document; change the root in place"
            )
        xml = etree.tostring(root, encoding="unicode")
        return self._with(xml) if self._origin is None else self._origin.remake(xml, signed)

    def tampered(self, old: str, new: str) -> Self:
        """Return the response with a part of the document replaced. Its signatures stay as they were.

        >>> "mallory@example.com" in response.tampered("alice@", "mallory@").xml
        True

        :param old: a part of `xml`. Each place where it stands is replaced.
        :param new: what is written there.
        :raises ValueError: if the document does not contain `old`.
        """
        if old not in self.xml:
            raise ValueError(f"the response does not contain {old!r}; look at response.xml")
        return self._with(self.xml.replace(old, new))

    def unsigned(self) -> Self:
        """Return the response without its signatures.

        >>> "Signature" in response.unsigned().xml
        False
        """
        return self._with(_SIGNATURE.sub("", self.xml))

    def form(self, relay_state: str = "", *, action: str | None = None) -> str:
        """Return the HTML page with which a browser posts the response to AWS (saml-bindings 3.5.4).

        Each shape has a page of its own, in the vendor's letters: "keycloak" writes ACTION and VALUE, "shibboleth"
        character references, and the action of "adfs" has the port, https://signin.aws.amazon.com:443/saml. The default
        page is well-formed XML. It posts to the Destination of the response. If that is left out, as some
        shapes do, it posts to the Recipient, or else to AWS's sign-in URL.

        >>> '<input type="hidden" name="RelayState" value="https://' in response.form("https://example.com/")
        True

        :param relay_state: where the browser goes after the sign-in, such as the URL of a console page.
        :param action: another URL to which it posts, such as `f"{sts_endpoint.url}/saml"`.
        :raises TypeError: if `relay_state` or `action` is not a string.
        """
        if not isinstance(relay_state, str):
            raise TypeError(f"relay_state must be a string, such as the URL of a console page, not {relay_state!r}")
        if not isinstance(action, str | None):
            raise TypeError(f"action must be the URL to which the page posts, or None, not {action!r}")
        from .writing.post_form import write_page

        root = self.root
        action = action or root.get("Destination") or self._posted_to or str(root.xpath("string(//@Recipient)"))
        action = action or SERVICE_PROVIDERS["aws"].sign_in_url
        return write_page(shape_named(self.shape).page, action, self, relay_state)

    def _with(self, xml: str) -> Self:
        return type(self)(base64.b64encode(xml.encode()).decode(), self.shape, self._posted_to)

    def __repr__(self) -> str:
        return f"<SAMLResponse of {len(self)} characters, {self[:8]}…>"


def _parsed(xml: str) -> etree._Element:
    return etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
