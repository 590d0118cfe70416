"""`requestParameters` and `responseElements`: what was sent and what was answered, as CloudTrail writes it.

Source: IAM user guide, cloudtrail-integration, id_session-tags and id_credentials_temp_control-access_monitor; events
that were seen. The names of session policies and of the members of September 2026 are inferred from those of the API.
"""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from ...wire import Members, Request
from ..requests.parameters import RoleParameters
from ..requests.role_chaining import RoleChaining
from ..requests.saml_login import SAMLLogin

# CloudTrail user guide, record contents. A field that is larger is omitted.
_LARGEST_FIELD = 100 * 1024


def login_parameters(login: SAMLLogin, request: Request) -> dict[str, Any]:
    """Return the parameters of a login. The ID of the assertion takes the place of the response."""
    return _present(
        {
            "sAMLAssertionID": login.assertion.id,
            "roleSessionName": login.role_session_name,
            "sourceIdentity": login.source_identity,
            "principalTags": dict(login.tags),
            "transitiveTagKeys": list(login.transitive_tag_keys),
            "roleArn": login.parameters.role_arn,
            "principalArn": login.parameters.principal_arn,
            **_common_parameters(login.parameters, request),
        }
    )


def chaining_parameters(chaining: RoleChaining, request: Request) -> dict[str, Any]:
    """Return the parameters of AssumeRole, with what the calling session passes on."""
    parameters = chaining.parameters
    return _present(
        {
            "incomingTransitiveTags": chaining.calling_session.inherited_tags,
            "tags": [{"key": key, "value": value} for key, value in parameters.tags],
            "roleArn": parameters.role_arn,
            "roleSessionName": parameters.role_session_name,
            "sourceIdentity": chaining.source_identity,
            "externalId": parameters.external_id,
            "transitiveTagKeys": list(parameters.transitive_tag_keys),
            **_common_parameters(parameters, request),
        }
    )


def _common_parameters(parameters: RoleParameters, request: Request) -> dict[str, Any]:
    return {
        "durationSeconds": parameters.duration_seconds if "DurationSeconds" in request.form else None,
        "policy": parameters.policy,
        "policyArns": [{"arn": arn} for arn in parameters.policy_arns],
        "minimumSessionTokenSize": parameters.minimum_session_token_size or None,
    }


def _present(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that were sent."""
    return {name: value for name, value in parameters.items() if value not in (None, [], {})}


def response_elements(result: Members) -> dict[str, Any]:
    """Return the members of a result without the secret access key. CloudTrail shows the session token."""
    return {
        name[0].lower() + name[1:]: _element(value)
        for name, value in result.items()
        if value is not None and name != "SecretAccessKey"
    }


def _element(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return _long_time(value)
    return response_elements(value) if isinstance(value, Mapping) else value


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _long_time(time: dt.datetime) -> str:
    """Return a time as it is written in `responseElements`: "Jul 1, 2026, 12:08:19 PM"; strftime asks the locale."""
    hour, half = time.hour % 12 or 12, "AM" if time.hour < 12 else "PM"
    return f"{_MONTHS[time.month - 1]} {time.day}, {time.year}, {hour}:{time:%M:%S} {half}"


def limited(field: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a field, or None if it is larger than CloudTrail keeps."""
    return None if field is None or len(json.dumps(field)) > _LARGEST_FIELD else field
