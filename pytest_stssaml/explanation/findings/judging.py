"""The rules of STS, asked one after the other. The one that AWS would name is the first that fails."""

import datetime as dt
import hashlib
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from ...iam.directory import IAM
from ...iam.entities import Role, SAMLProvider
from ...iam.partitions import V2_TOKEN
from ...saml.assertion import Assertion, read_unverified
from ...saml.faults import Unreadable
from ...sts.errors import ErrorRow
from ...sts.grant import grant
from ...sts.limits import SAML_LOGIN
from ...sts.operation import OPERATIONS
from ...sts.requests.role_request import look_up
from ...sts.requests.saml_login import SAMLLogin
from ...sts.rule import AnyRule, Rejected
from ...sts.rules import request as of_request
from ...sts.rules import role as of_role
from ...sts.rules import saml_login as of_login
from ...sts.rules.saml_response import assertion_is_trusted, response_is_saml
from ...sts.rules.session_policies import (
    SESSION_POLICY_RULES,
    policies_exist,
    session_policy_follows_the_grammar,
    session_policy_is_json,
    session_token_is_small_enough,
)
from ...sts.state import ServiceState
from ...wire import Request
from ..given.response import GivenResponse
from ..report import FAILED, NOT_JUDGED, PASSED
from ..result import Check
from .remedies import page_of, remedy_of

if TYPE_CHECKING:
    from ...literals import CheckOutcome
    from ...sts.sessions.session import Session

_A_SECOND = dt.timedelta(seconds=1)
_LAST_BUT_ONE = dt.datetime.max.replace(tzinfo=dt.UTC) - _A_SECOND

# What a rule of a login needs to have passed before it can be asked.
_NEEDS: dict[AnyRule, tuple[AnyRule, ...]] = {
    of_login.sent_to_this_provider: (of_login.confirmed_by_bearer,),
    of_login.not_used_too_early: (of_login.confirmed_by_bearer,),
    of_login.not_expired: (of_login.confirmed_by_bearer,),
    of_login.session_name_is_legal: (of_login.names_the_session,),
    of_login.tag_values_are_legal: (of_login.each_tag_has_one_value,),
    of_login.transitive_tag_keys_are_tags: (of_login.each_tag_has_one_value,),
    of_role.role_is_not_reserved: (of_role.role_exists,),
    of_role.trusted_by_the_role: (
        of_role.role_exists,
        of_login.confirmed_by_bearer,
        of_login.names_the_session,
        of_login.each_tag_has_one_value,
    ),
    of_role.within_the_roles_maximum: (of_role.role_exists,),
    session_policy_follows_the_grammar: (session_policy_is_json,),
}

# Rules that look at no value of the assertion.
_ABOUT_THE_CALL: frozenset[AnyRule] = frozenset(
    {
        assertion_is_trusted,
        of_login.provider_is_in_the_roles_account,
        of_role.role_exists,
        of_role.role_is_not_reserved,
        of_role.within_the_roles_maximum,
        *SESSION_POLICY_RULES,
    }
)


class Judgement:
    """What the rules say to one request.

    :param response: its response.
    :param at: when it is judged, or None for a second after the response was issued.
    :param left_open: rules that are not judged, each with the reason.
    """

    def __init__(
        self,
        request: Request,
        response: GivenResponse,
        directory: IAM,
        at: dt.datetime | None,
        left_open: dict[AnyRule, str],
    ) -> None:
        self.request = request
        self.response = response
        self.directory = directory
        self.at = at
        self.left_open = left_open
        self.checks: list[Check] = []
        self.refused_by: tuple[AnyRule, Rejected] | None = None
        self.login: SAMLLogin | None = None
        self.session: Session | None = None
        self.unverified = False
        self._passed: set[AnyRule] = set()

    def judge(self) -> None:
        """Ask every rule of the operation."""
        self._ask(of_request.operation_is_served, self.request, OPERATIONS)
        parameters = self._ask(of_request.login_parameters_are_valid, self.request)
        if parameters is None:
            return self._leave_the_rest("the parameters are not valid")
        state = self._state(self.at or dt.datetime.now(dt.UTC))
        self._ask(of_request.region_is_activated, parameters, state)
        response = self._ask(response_is_saml, parameters.saml_assertion, check=self.response.answer)
        provider = self._ask(of_request.provider_exists, parameters, state)
        if response is None:
            return self._leave_the_rest("the response cannot be read")
        if provider is None:
            self._leave(assertion_is_trusted, "the provider is not known")
        assertion = self._assertion(response, provider)
        known = provider or self.directory.saml_provider(parameters.principal_arn)
        if assertion is None or known is None:
            return self._leave_the_rest("the assertion cannot be read")
        now = self.at or min(assertion.issue_instant, _LAST_BUT_ONE) + _A_SECOND
        state = self._state(now)
        self.login = SAMLLogin(
            parameters=parameters, provider=known, assertion=assertion, now=now, **look_up(parameters, self.directory)
        )
        for rule in of_login.SAML_LOGIN_RULES:
            self._ask(rule, self.login)
        return self._token(self.login, state)

    def _assertion(self, response: Any, provider: SAMLProvider | None) -> Assertion | None:
        """Return the verified assertion, or the unverified one if it cannot be verified."""
        if provider is not None:
            trusted: Assertion | None = self._ask(assertion_is_trusted, response, provider)
            if trusted is not None:
                return trusted
        self.unverified = True
        try:
            return read_unverified(response) if provider is None else read_unverified(response, provider._decryption)
        except Unreadable:
            return None

    def _token(self, login: SAMLLogin, state: ServiceState) -> None:
        if self.refused_by is not None or any(check.outcome == NOT_JUDGED for check in self.checks):
            return self._leave(session_token_is_small_enough, "no session is issued unless every other rule passes")
        session = self._ask(session_token_is_small_enough, login, state, check=grant)
        self.session = session
        return None

    def _ask(self, rule: AnyRule, *arguments: Any, check: Callable[..., Any] | None = None) -> Any:
        """Ask a rule and note what it says. The result is None if it did not pass, or gives none."""
        missing = self.missing_for(rule)
        if rule in self.left_open or missing:
            return self._leave(rule, self.left_open.get(rule) or f"it needs {', '.join(missing)}")
        try:
            result = (check or rule)(*arguments)
        except Rejected as rejected:
            self.refused_by = self.refused_by or (rule, rejected)
            self._note(rule, FAILED, rejected.because, remedy_of(rule, rejected), page_of(rule))
            return None
        self._passed.add(rule)
        self._note(rule, PASSED)
        return result

    def missing_for(self, rule: AnyRule) -> list[str]:
        """Return the names of the rules that a rule needs and that did not pass."""
        return [needed.name for needed in _NEEDS.get(rule, ()) if needed not in self._passed]

    def _leave(self, rule: AnyRule, because: str) -> None:
        self._note(rule, NOT_JUDGED, because)

    def _leave_the_rest(self, because: str) -> None:
        noted: Collection[str] = {check.rule for check in self.checks}
        for rule in OPERATIONS[SAML_LOGIN].rules:
            if rule.name not in noted:
                self._leave(rule, because)

    def _note(
        self, rule: AnyRule, outcome: "CheckOutcome", because: str = "", remedy: str = "", page: str = ""
    ) -> None:
        of_values = self.unverified and outcome != NOT_JUDGED and rule not in _ABOUT_THE_CALL
        self.checks.append(Check(rule.name, outcome, rule.statement, rule.source, because, of_values, remedy, page))

    def _state(self, now: dt.datetime) -> ServiceState:
        def identify(*content: object) -> bytes:
            return hashlib.sha256(repr(content).encode()).digest()

        return ServiceState(
            directory=self.directory,
            disabled_regions=(),
            global_endpoint_token_version=V2_TOKEN,
            now=now,
            times_of_clients=lambda: (now,),
            identify=identify,
            token_key=identify("token key"),
            remembered_session=lambda _: None,
        )


def error_of(rejected: Rejected) -> tuple[ErrorRow, str | None]:
    """Return the row of the catalogue of a refusal, and its message with its fields filled in."""
    return rejected.error, rejected.message(request_id="00000000-0000-0000-0000-000000000000")


NOT_GIVEN_ROLE = dict.fromkeys(of_role.ROLE_RULES, "the role is not known; give it with --role")
NOT_GIVEN_PROVIDER: dict[AnyRule, str] = dict.fromkeys(
    (of_request.provider_exists, assertion_is_trusted),
    "the provider is not known; give it with --provider or --metadata",
)
NOT_GIVEN_KEY: dict[AnyRule, str] = {
    assertion_is_trusted: "the assertion is encrypted; give the private key with --private-key"
}
POLICIES_UNKNOWN: dict[AnyRule, str] = {policies_exist: "whether your own managed policies exist is not known"}
OWN_URL_UNKNOWN: dict[AnyRule, str] = {
    of_login.sent_to_this_provider: "the provider's UUID is not known; give the output of get-saml-provider"
}


def region_unknown(region: str) -> dict[AnyRule, str]:
    """Return what is left open about a region that an account has to enable."""
    return {of_request.region_is_activated: f"whether the account has enabled {region} is not known"}


# What a trust policy may test and a response does not tell (IAM user guide, reference_policies_condition-keys).
_OF_THE_NETWORK = ("aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:useragent", "aws:referer")


def keys_unknown(role: Role) -> dict[AnyRule, str]:
    """Return what is left open since the trust policy of a role tests where the call comes from."""
    tested = {
        condition.written_key or condition.key
        for statement in role._policy.statements
        for condition in statement.conditions
        if condition.key in _OF_THE_NETWORK
    }
    if not tested:
        return {}
    return {of_role.trusted_by_the_role: f"the trust policy tests {', '.join(sorted(tested))}, which is not known here"}
