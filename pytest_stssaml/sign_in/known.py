"""What is known about AWS's sign-in pages: texts, names and numbers, each with its source."""

import datetime as dt
from typing import NamedTuple

from ..sts.rule import Confidence


class Known(NamedTuple):
    """One thing about the pages."""

    #: What is so, as a sentence without its full stop.
    statement: str
    #: How well it is established that it is so at AWS.
    confidence: Confidence
    #: Where it is written or was seen; "" for what this package chose.
    source: str = ""


#: The text of the page for a response that does not get as far as STS. The words after the first sentence are a link.
INVALID_RESPONSE = "Your request included an invalid SAML response. To logout, "
LOGOUT = "click here"

#: The text of the page for a login that STS refuses, as the Java SDK writes an error of STS.
REFUSED = (
    "$message (Service: AWSSecurityTokenService; Status Code: $status; Error Code: $code; Request ID: $request_id; "
    "Proxy: null). Please try again."
)
#: The same if the message of STS itself contains such an error of another service.
REFUSED_BY_ANOTHER_SERVICE = "Failed to assume role: $message. Please try again."
ANOTHER_SERVICE = "(Service: AWSOpenIdDiscoveryService;"

#: The texts of the federation endpoint's only known error.
INVALID_CREDENTIALS = "Invalid credentials parameter"
SYNTACTICALLY_INCORRECT = "The request sent by the client was syntactically incorrect"

#: The least and the greatest SessionDuration of getSigninToken, in seconds.
SHORTEST_CONSOLE_SESSION, LONGEST_CONSOLE_SESSION = 900, 43200
#: How long a sign-in token may be used.
TOKEN_VALID_FOR = dt.timedelta(minutes=15)

#: The names in the JSON of the parameter Session.
SESSION_NAMES = ("sessionId", "sessionKey", "sessionToken")

# How much the pages remember. AWS has no such limits.
MOST_TOKENS = MOST_CONSOLE_SESSIONS = 1000

_PARSERS = "the parsers of aws-adfs, aws-okta-keyman, aws-okta-processor, samlkeygen and saml2aws, and their tests"
_BROKER = "IAM user guide, id_roles_providers_enable-console-custom-url"
_TROUBLES = "IAM user guide, troubleshoot_saml"
_NO_SESSION_DURATION = 'AWS Knowledge Center, "Invalid credentials parameter"'

#: What the pages do, in the order of a login.
PAGES = (
    Known(
        "POST /saml and /saml/acs/ID take the fields SAMLResponse and RelayState, on the hosts of the partitions and "
        "on those of their regions",
        Confidence.DOCUMENTED,
        "IAM user guide, id_roles_providers_create_saml_assertions; guides of the China and GovCloud regions",
    ),
    Known(
        "A response without a pair of a role and a provider in the attribute Role is refused with "
        f"`{INVALID_RESPONSE}{LOGOUT}.`",
        Confidence.DOCUMENTED,
        _TROUBLES,
    ),
    Known(
        "A login that STS refuses is refused with the message of STS, the form that the Java SDK gives it, and "
        "`Please try again.`",
        Confidence.OBSERVED,
        "texts that users of AWS published",
    ),
    Known(
        "A message that has an error of another service in it follows `Failed to assume role: `",
        Confidence.DOCUMENTED,
        f"{_TROUBLES}, for a wrong issuer; for the other messages it is inferred",
    ),
    Known(
        "The response is verified before the roles are shown, and again when a role is chosen. Its form, its "
        "signature, its audience and its times are checked first",
        Confidence.INFERRED,
        "a response without RoleSessionName was seen to be refused only after the choice",
    ),
    Known("A response that offers one role leads straight to the console", Confidence.OBSERVED, "saml2aws"),
    Known(
        "`form#saml_form` posts SAMLResponse, RelayState, `name` and `portal` again, with the field `roleIndex`",
        Confidence.OBSERVED,
        _PARSERS,
    ),
    Known(
        "`fieldset` has a child `div.saml-account` for each account, and this one a `div.saml-account-name` and "
        "another `div.saml-account` with a `div.saml-role` for each role",
        Confidence.OBSERVED,
        _PARSERS,
    ),
    Known(
        "`div.saml-account-name` contains `Account: alias (number)`, or `Account: number` without an alias",
        Confidence.OBSERVED,
        _PARSERS,
    ),
    Known(
        "`div.saml-role` contains `input.saml-radio` with the role's ARN as its id and its value, and "
        "`label.saml-role-description` for it, with the name of the role",
        Confidence.OBSERVED,
        _PARSERS,
    ),
    Known("Accounts and roles are in the order of the response", Confidence.OURS),
    Known(
        'The page of 2023 has `<meta name="data">` with base64 of JSON: `roles_accounts` has the ARNs of the roles '
        "by account",
        Confidence.OBSERVED,
        "the parser of gimme-aws-creds, and its tests",
    ),
    Known(
        "The console says `role/session name @ alias` or `... @ number`",
        Confidence.OBSERVED,
        "the navigation bar of the console, as users of AWS show it",
    ),
    Known(
        "The console is the page /console/home of the same host; nothing redirects to another host",
        Confidence.OURS,
    ),
    Known(
        "RelayState names a page of the console, which the console then shows",
        Confidence.DOCUMENTED,
        "Amazon QuickSight user guide, federation with an identity provider, relay state",
    ),
    Known(
        "A RelayState or Destination has to be an https URL of a host of AWS; another RelayState is ignored",
        Confidence.OURS,
    ),
    Known(
        "The console session lasts as long as the attribute SessionDuration says, or else an hour",
        Confidence.DOCUMENTED,
        "IAM user guide, id_roles_providers_create_saml_assertions",
    ),
    Known(
        "/federation with Action=getSigninToken takes Session, JSON of sessionId, sessionKey and sessionToken, and "
        "returns JSON with SigninToken",
        Confidence.DOCUMENTED,
        _BROKER,
    ),
    Known(
        "SessionDuration of getSigninToken is 900 to 43200 seconds; without it, the console session ends with the "
        "credentials",
        Confidence.DOCUMENTED,
        _BROKER,
    ),
    Known(
        "Credentials that are not valid, and SessionDuration with those of a chained role, are refused with 400 and "
        f"`{INVALID_CREDENTIALS}`",
        Confidence.DOCUMENTED,
        _NO_SESSION_DURATION,
    ),
    Known("Every other fault of a request to /federation is refused in the same way", Confidence.OURS),
    Known(
        "/federation with Action=login takes Destination, SigninToken and optionally Issuer, and leads to the "
        "console; a sign-in token is valid for 15 minutes",
        Confidence.DOCUMENTED,
        _BROKER,
    ),
    Known("A sign-in token is valid once", Confidence.OURS),
    Known(
        "The HTTP status of a refusal is that of STS, or else 400; the header X-Stssaml-Reason says why",
        Confidence.OURS,
    ),
    Known("Everything else that can be seen on the pages, such as their style", Confidence.OURS),
)
