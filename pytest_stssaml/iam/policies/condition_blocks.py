"""Reading Condition blocks."""

import json
import re
from typing import Any

from .conditions import FOR_ALL, FOR_ANY, NULL, OPERATORS, Condition
from .documents import as_list, malformed, syntax_error

_OPERATOR = re.compile(
    rf"(?:(?P<set_operator>{FOR_ALL}|{FOR_ANY}):)?"
    rf"(?:(?P<null>{NULL})|(?P<operator>{'|'.join(OPERATORS)})(?P<if_exists>IfExists)?)"
)


def read_conditions(block: Any, *, variables: bool, invalid_operator: str) -> tuple[Condition, ...]:
    """Return the conditions of a Condition block.

    :param variables: whether the policy's Version has variables.
    :param invalid_operator: IAM's message for an unknown operator, in which `{}` is what was written.
    :raises IAMError: MalformedPolicyDocument.
    """
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        raise syntax_error('a Condition must be {operator: {key: values}}, such as {"StringEquals": {"SAML:aud": "…"}}')
    return tuple(
        _condition(_operator(written, invalid_operator), key, values, variables)
        for written, keys in block.items()
        for key, values in keys.items()
    )


def _operator(written: str, invalid_operator: str) -> re.Match[str]:
    operator = _OPERATOR.fullmatch(written)
    if operator is None:
        raise malformed(
            invalid_operator.format(written),
            f"{written!r} is not a condition operator; the operators are {', '.join([*OPERATORS, NULL])}; "
            f"all may begin with {FOR_ALL}: or {FOR_ANY}:, and all but {NULL} end in IfExists",
        )
    return operator


def _condition(operator: re.Match[str], key: str, values: Any, variables: bool) -> Condition:
    read = tuple(_value(value, key) for value in as_list(values))
    return Condition(
        operator=operator["null"] or operator["operator"],
        key=key.lower(),
        values=read,
        set_operator=operator["set_operator"] or "",
        if_exists=operator["if_exists"] is not None,
        variables=variables and any("${" in value for value in read),
        written_key=key,
    )


def _value(value: Any, key: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise syntax_error(f"a value of {key} must be a string, a number or a boolean, not {value!r}")
