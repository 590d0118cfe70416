"""Writing trust policies, as the IAM console does."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

#: A Condition block: keys and their values by operator.
Block: TypeAlias = dict[str, dict[str, Any]]


def condition_block(conditions: Mapping[str, Mapping[str, Any]] | None) -> Block:
    """Return a copy of a Condition block.

    :raises TypeError: if it is not a mapping of mappings.
    """
    block = {} if conditions is None else conditions
    if not isinstance(block, Mapping) or not all(isinstance(keys, Mapping) for keys in block.values()):
        raise TypeError(f"conditions must be {{operator: {{key: values}}}}, not {conditions!r}")
    return {operator: dict(keys) for operator, keys in block.items()}


def trust_policy_document(
    principal: Mapping[str, str],
    main_action: str,
    actions: str | Iterable[str],
    block: Block,
    shared_tests: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a trust policy with one statement for each action.

    :param main_action: the action whose statement gets the Condition block. The other actions do not see all keys that
        it sees.
    :param shared_tests: what all statements test with StringEquals.
    :raises ValueError: if there is a Condition block and the main action is not among the actions.
    """
    actions = [actions] if isinstance(actions, str) else list(actions)
    if block and main_action not in actions:
        raise ValueError(f"conditions belong to {main_action}, which is not among the actions {actions}")
    statements = []
    for action in actions:
        tests = block if action == main_action else {}
        if shared_tests:
            tests = {**tests, "StringEquals": {**shared_tests, **tests.get("StringEquals", {})}}
        condition = {"Condition": tests} if tests else {}
        statements.append({"Effect": "Allow", "Principal": dict(principal), "Action": action, **condition})
    return {"Version": "2012-10-17", "Statement": statements}
