"""What a trust policy says, statement by statement and condition by condition."""

from ...iam.policies.evaluation import Statement
from ...sts.requests.saml_login import SAMLLogin
from ..result import ConditionCheck, StatementCheck


def trust_of(login: SAMLLogin) -> tuple[StatementCheck, ...]:
    """Return what each statement of the requested role's trust policy says to each action that is needed."""
    statements = login.requested_role._policy.statements
    return tuple(
        _statement(login, statement, number, action)
        for action in login.needed_actions
        for number, statement in enumerate(statements, 1)
    )


def _statement(login: SAMLLogin, statement: Statement, number: int, action: str) -> StatementCheck:
    context = login.context(action)
    objection = statement.objection(action, login.principal, context)
    conditions = tuple(
        ConditionCheck(condition.title, condition.wants, condition.got(context), condition.holds(context))
        for condition in statement.conditions
    )
    # A statement about another principal or another action objects without its conditions too.
    is_about_it = statement._replace(conditions=()).objection(action, login.principal, context) is None
    return StatementCheck(
        action=action,
        statement=number,
        effect=statement.effect,
        applies=objection is None,
        because="" if objection is None else objection.because,
        conditions=conditions if is_about_it else (),
    )
