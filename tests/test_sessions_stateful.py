"""Rules of sessions that hold after any sequence of logins, chainings, and changes of time, roles and providers.

The model states AWS's rules as facts about a request, and uses no code of the package. For each call it gives the set
of all reasons to refuse, in no order. STS must accept the call if the set is empty, and otherwise refuse for one of
them.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import freezegun
import pytest
from good import MINUTE, NOW, SECOND, TICK
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from session_model import (
    ABOVE_AN_HOUR,
    ABOVE_ROLE_MAXIMUM,
    ACCOUNTS,
    ASSUME,
    BRIEF,
    CHAINING_DENIED,
    EVERYTHING,
    EXPIRED,
    FOREIGN,
    FOREIGN_KEY,
    HOME,
    HOUR,
    IDENTITY_IS_SET,
    INHERITED,
    INVALID_TOKEN,
    LOGIN_DENIED,
    NAMES,
    NO_PROVIDER,
    NO_TAG,
    NOT_OFFERED,
    NOWHERE,
    OTHER_ACCOUNT,
    PLACES,
    PROVIDERS,
    RESPONSE_EXPIRED,
    SAME_KEYS,
    SAML,
    SAML_TAGS,
    SET,
    TAG,
    TOO_EARLY,
    TOO_LATE,
    TOO_LONG,
    TOO_SHORT,
    VERSION,
    WHO_AM_I,
    WRONG_SECRET,
    Grant,
    Known,
    Made,
    Place,
    Refusal,
    Trust,
    assuming,
    denied,
    differ,
    element,
    found_in,
    lasting,
    limits,
    not_for_sessions,
    reasons_of_duration,
    refusal_in,
)

from pytest_stssaml import IdentityProvider, STSBackend, make_signing_key
from pytest_stssaml.services import Services
from pytest_stssaml.sts.sessions.session import Session
from pytest_stssaml.wire import Request, Signature

# The phase that explains a failure is left out, since it takes longer than finding the failure.
A_FEW = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    max_examples=100,
    stateful_step_count=30,
)

# --- what is drawn: mostly what STS accepts, with at most one mistake

places = st.sampled_from(PLACES)
names = st.sampled_from(NAMES)
durations = st.sampled_from([None, 900, 901, 3600])
pairs = st.tuples(st.sampled_from(["Team", "Cost", "Unit", "Zone"]), st.sampled_from(["", "blue", "red"]))
tags = st.lists(st.tuples(pairs, st.booleans()), max_size=2, unique_by=lambda tag: tag[0][0])
source_identities = st.sampled_from([None, None, "alice", "bob"])


def at_times(*wrong: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(st.just({}), st.sampled_from(wrong))


IN_ANY_CALL: list[dict[str, Any]] = [
    *({"duration": seconds} for seconds in (899, 3601, 7200, 7201, 43200, 43201)),
    {"strays": ["Absent"]},
    {"tags": [(("Team", "blue"), False), (("TEAM", "red"), True)]},
]
of_provider = st.sampled_from([{SAML, TAG, SET}, {SAML, TAG}, {SAML, SET}, {SAML}, {TAG, SET}]).map(frozenset)
of_principals = st.sampled_from([{ASSUME, TAG, SET}, {ASSUME, TAG}, {ASSUME, SET}, {ASSUME}, {TAG, SET}]).map(frozenset)
trusts = st.one_of(st.just(EVERYTHING), st.none(), st.builds(Trust, of_provider, st.just(("*",)), of_principals))
maxima = st.sampled_from([3600, 3600, 7200])


class AfterTheLogin(RuleBasedStateMachine):
    """A backend, and a model of it that predicts every answer."""

    sessions = Bundle("sessions")

    identity_providers = tuple(IdentityProvider(signing_key=make_signing_key("ec")) for _ in range(2))
    met: ClassVar[set[tuple[str, Refusal | None]]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.services = Services(account_id=ACCOUNTS[0], partition="aws", seed="sessions")
        self.sts = STSBackend(self.services)
        self.roles: dict[Place, Made] = {}
        self.providers: dict[str, int] = {}
        self.known: list[Known] = []

    @property
    def now(self) -> dt.datetime:
        return self.services.clock.now()

    # --- the world

    @initialize(target=sessions)
    def begin(self) -> MultipleResults[Known]:
        self.change_provider(ACCOUNTS[0], 0)
        for place, maximum in ((HOME, 43200), (BRIEF, 3600), (FOREIGN, 43200), (PLACES[4], 3600)):
            self.change_role(place, EVERYTHING, maximum)
        said = [(("Team", "blue"), True), (("Cost", ""), False)]
        return self.log_in(place=HOME, name="alice", tags=said, source_identity="alice")

    @rule(account_id=st.sampled_from(ACCOUNTS), key=st.sampled_from([0, 0, 0, 1, None]))
    def change_provider(self, account_id: str, key: int | None) -> None:
        if self.providers.pop(account_id, None) is not None:
            self.sts.delete_saml_provider(PROVIDERS[account_id])
        if key is not None:
            metadata = self.identity_providers[key].metadata
            self.sts.create_saml_provider("ExampleIdP", metadata, account_id=account_id)
            self.providers[account_id] = key

    @rule(place=places, trust=trusts, maximum=maxima)
    def change_role(self, place: Place, trust: Trust | None, maximum: int) -> None:
        if self.roles.pop(place, None) is not None:
            self.sts.delete_role(place.arn)
        if trust is not None:
            ids = {known.arn: self.roles[known].role_id for known in self.roles if known.arn in trust.principals}
            role = self.sts.create_role(
                place.name,
                path=place.path,
                account_id=place.account_id,
                trust_policy=trust.document(place),
                max_session_duration=maximum,
            )
            self.roles[place] = Made(role.role_id, maximum, trust, ids)

    @rule(
        known=sessions,
        since=st.sampled_from(["beginning", "now", "end"]),
        delta=st.sampled_from([TICK * 0, TICK, -TICK, SECOND, -SECOND, 15 * MINUTE, HOUR, -2 * HOUR]),
    )
    def move(self, known: Known, since: str, delta: dt.timedelta) -> None:
        """Move the time by this much, or to this much from the beginning or the end of a session."""
        if since == "now":
            self.sts.advance(seconds=delta.total_seconds())
        else:
            self.sts.move_to((NOW if since == "beginning" else min(known.grant.limits)) + delta)

    # --- calls

    @rule(
        target=sessions,
        place=places,
        name=names,
        tags=tags,
        source_identity=source_identities,
        duration=durations,
        session_duration=st.sampled_from([None, None, None, 900, 7200, 899, 43201]),
        session_ends_in=st.sampled_from([None, None, None, 1, 1000]),
        wrong=at_times(
            *IN_ANY_CALL,
            *({"provider_of": account_id} for account_id in ACCOUNTS),
            *({"age": age} for age in (299, 300, -1)),
            {"key": 1},
            {"offered": False},
            {"session_ends_in": 0},
        ),
    )
    def log_in_somehow(self, wrong: dict[str, Any], **said: Any) -> MultipleResults[Known]:
        return self.log_in(**said | wrong)

    def log_in(
        self,
        *,
        place: Place,
        name: str,
        tags: list[tuple[tuple[str, str], bool]],
        strays: Collection[str] = (),
        source_identity: str | None = None,
        duration: int | None = None,
        session_duration: int | None = None,
        session_ends_in: int | None = None,
        provider_of: str | None = None,
        key: int = 0,
        age: int = 0,
        offered: bool = True,
    ) -> MultipleResults[Known]:
        provider_of = provider_of or place.account_id
        second = self.now.replace(microsecond=0)
        issued = second - dt.timedelta(seconds=age)
        session_end = None if session_ends_in is None else second + dt.timedelta(seconds=session_ends_in)
        said = dict(pair for pair, _ in tags)
        transitive = [key.swapcase() for (key, _), goes_on in tags if goes_on] + [*strays]
        others = [(other.arn, PROVIDERS[provider_of]) for other in PLACES if other != place]
        response = self.identity_providers[key].response(
            [*others[:2], (place.arn, PROVIDERS[provider_of])] if offered else others,
            session_name=name,
            issue_instant=issued,
            session_duration=session_duration,
            session_not_on_or_after=session_end,
            principal_tags=said,
            transitive_tag_keys=transitive,
            source_identity=source_identity,
        )
        form = {
            "Action": "AssumeRoleWithSAML",
            **VERSION,
            "RoleArn": place.arn,
            "PrincipalArn": PROVIDERS[provider_of],
            "SAMLAssertion": response,
            **lasting(duration),
        }
        role = self.roles.get(place)
        needed = {SAML, *([TAG] if said else []), *([SET] if source_identity else [])}
        reasons = {
            *reasons_of_duration(duration, role),
            *([NO_PROVIDER] if provider_of not in self.providers else []),
            *([FOREIGN_KEY] if self.providers.get(provider_of, key) != key else []),
            *([NOT_OFFERED] if not offered else []),
            *([TOO_EARLY] if age < 0 else []),
            *([RESPONSE_EXPIRED, TOO_LATE] if age >= 300 else []),
            *([RESPONSE_EXPIRED] if session_ends_in == 0 else []),
            *([SAML_TAGS] if not differ(said) or not found_in(said, transitive) else []),
            *([OTHER_ACCOUNT] if provider_of != place.account_id else []),
            *([LOGIN_DENIED] if role is None or not needed <= role.trust.of_provider else []),
        }
        body = self.ask(form, reasons)
        if body is None or role is None:
            return multiple()
        grant = Grant(
            place,
            role.role_id,
            name,
            limits=(
                *limits(second, duration, role),
                *([second + dt.timedelta(seconds=session_duration)] if session_duration in {900, 7200} else []),
                *([session_end] if session_end is not None else []),
            ),
            tags=said,
            transitive=frozenset(key.lower() for key in transitive),
            source_identity=source_identity,
        )
        return multiple(self.granted(grant, body))

    @rule(target=sessions, caller=sessions, place=places, name=names, key=st.sampled_from(["Unit", "Area", "Zone"]))
    def chain_well(self, caller: Known, place: Place, name: str, key: str) -> MultipleResults[Known]:
        return self.chain(caller=caller, place=place, name=name, tags=[((key, "green"), True)])

    @rule(
        target=sessions,
        caller=sessions,
        place=places,
        kind=st.sampled_from(["account", "root", "role", "session", "another role", "another session"]),
        actions=of_principals,
    )
    def chain_to_what_trusts(
        self, caller: Known, place: Place, kind: str, actions: frozenset[str]
    ) -> MultipleResults[Known]:
        self.trust(caller, place, kind, actions)
        return self.chain(caller=caller, place=place, name="alice", tags=[])

    def trust(self, caller: Known, place: Place, kind: str, actions: frozenset[str]) -> None:
        """Replace a role by one that trusts the caller, by a principal of this kind."""
        trust = Trust(EVERYTHING.of_provider, (caller.grant.principals[kind],), actions)
        self.change_role(place, trust, 43200)

    @rule(
        target=sessions,
        caller=sessions,
        place=places,
        name=names,
        tags=tags,
        source_identity=source_identities,
        duration=durations,
        wrong=at_times(*IN_ANY_CALL, {"source_identity": "carol"}),
    )
    def chain_somehow(self, wrong: dict[str, Any], **said: Any) -> MultipleResults[Known]:
        return self.chain(**said | wrong)

    def chain(
        self,
        *,
        caller: Known,
        place: Place,
        name: str,
        tags: list[tuple[tuple[str, str], bool]],
        strays: Collection[str] = (),
        source_identity: str | None = None,
        duration: int | None = None,
    ) -> MultipleResults[Known]:
        before = caller.grant
        said = [pair for pair, _ in tags]
        keys = [key for key, _ in said]
        transitive = [key.swapcase() for (key, _), goes_on in tags if goes_on] + [*strays]
        form = {
            **assuming(place, name),
            **lasting(duration),
            **{f"Tags.member.{nth}.Key": key for nth, (key, _) in enumerate(said, 1)},
            **{f"Tags.member.{nth}.Value": value for nth, (_, value) in enumerate(said, 1)},
            **{f"TransitiveTagKeys.member.{nth}": key for nth, key in enumerate(transitive, 1)},
            **({} if source_identity is None else {"SourceIdentity": source_identity}),
        }
        role = self.roles.get(place)
        goes_on = before.source_identity or source_identity
        needed = {ASSUME, *([TAG] if before.inherited or said else []), *([SET] if goes_on else [])}
        allowed = role.allows(before) if role else {TAG, SET}
        reasons = {
            *self.reasons_of_credentials(caller),
            *reasons_of_duration(duration, role),
            *([SAME_KEYS] if not differ(keys) else []),
            *([INHERITED] if not {key.lower() for key in keys}.isdisjoint(before.transitive) else []),
            *([NO_TAG] if not found_in(keys, transitive) else []),
            *([IDENTITY_IS_SET] if source_identity and goes_on != source_identity else []),
            *(denied(before.arn, action, place.arn) for action in needed - allowed),
            *([ABOVE_AN_HOUR] if duration and duration > 3600 else []),
        }
        body = self.ask(form, reasons, caller.signature)
        if body is None or role is None:
            return multiple()
        second = self.now.replace(microsecond=0)
        grant = Grant(
            place,
            role.role_id,
            name,
            limits=(*limits(second, duration, role), second + HOUR),
            tags=before.inherited | dict(said),
            transitive=before.transitive | {key.lower() for key in transitive},
            source_identity=goes_on,
            chained_from=caller.session,
        )
        return multiple(self.granted(grant, body))

    @rule(
        caller=sessions,
        other=sessions,
        wrong=st.sampled_from(["secret", "secret", "token", "no token", "altered token", "operation", "operation"]),
        form=st.one_of(st.just(WHO_AM_I), st.builds(assuming, st.sampled_from(PLACES), names)),
        operation=st.sampled_from(["GetSessionToken", "GetFederationToken"]),
    )
    def ask_wrongly(self, caller: Known, other: Known, wrong: str, form: dict[str, str], operation: str) -> None:
        signature = caller.signature
        reasons = self.reasons_of_credentials(caller)
        if wrong == "operation":
            form = {"Action": operation, **VERSION}
            reasons |= {not_for_sessions(operation)}
        elif wrong == "secret":
            signature = signature._replace(made_with=caller.session.secret_access_key.swapcase().__eq__)
            reasons |= {WRONG_SECRET}
        else:
            others = other.session.session_token if other is not caller else ""
            tokens = {"no token": None, "altered token": str(signature.session_token).swapcase(), "token": others}
            signature = signature._replace(session_token=tokens[wrong])
            reasons = {INVALID_TOKEN}
        assert self.ask(form, reasons, signature) is None

    def reasons_of_credentials(self, caller: Known) -> set[Refusal]:
        grant = caller.grant
        role = self.roles.get(grant.place)
        return {
            *([EXPIRED] if self.now >= min(grant.limits) else []),
            *([INVALID_TOKEN] if role is None or role.role_id != grant.role_id else []),
        }

    def ask(self, form: dict[str, str], reasons: set[Refusal], signature: Signature | None = None) -> str | None:
        """Check the answer against the reasons to refuse. Return the body of a success, and None after a refusal."""
        before = self.sts.sessions
        response = self.services.sts.answer(Request(form, "us-east-1", signature=signature))
        status, body = response.status, response.body
        if status == 200:
            assert reasons == set()
            self.met.add((form["Action"], None))
            return body
        refusal = refusal_in(status, body)
        assert refusal in reasons
        assert self.sts.sessions == before
        self.met.add((form["Action"], CHAINING_DENIED if refusal.message.startswith("User: ") else refusal))
        return None

    def granted(self, grant: Grant, body: str) -> Known:
        """Check that there is one session more, and that it and the answer have what they must."""
        *before, new = self.sts.sessions
        assert before == [known.session for known in self.known]
        assert new.expiration == min(grant.limits)
        assert (new.arn, new.account_id, new.name) == (grant.arn, grant.place.account_id, grant.name)
        assert new.assumed_role_id == f"{grant.role_id}:{grant.name}"
        assert (new.tags, new.source_identity) == (grant.tags, grant.source_identity)
        assert {key.lower() for key in new.transitive_tag_keys} == grant.transitive
        assert new.source_session is grant.chained_from
        answered = [element(body, name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")]
        assert answered[:3] == list(new.boto3_kwargs().values())
        assert dt.datetime.fromisoformat(str(answered[3])) == new.expiration
        self.known.append(Known(new, grant))
        return self.known[-1]

    def identify(self, known: Known) -> None:
        grant = known.grant
        body = self.ask(WHO_AM_I, self.reasons_of_credentials(known), known.signature)
        if body is not None:
            said = [element(body, name) for name in ("Arn", "UserId", "Account")]
            assert said == [grant.arn, f"{grant.role_id}:{grant.name}", grant.place.account_id]

    # --- what holds at any time

    @invariant()
    def a_session_keeps_its_identity_until_it_ends_or_its_role_is_deleted(self) -> None:
        for known in self.known:
            self.identify(known)

    @invariant()
    def sessions_are_those_that_were_granted(self) -> None:
        assert self.sts.sessions == tuple(known.session for known in self.known)

    @invariant()
    def no_two_sessions_share_a_key(self) -> None:
        for secret in ("access_key_id", "secret_access_key", "session_token"):
            assert len({getattr(session, secret) for session in self.sts.sessions}) == len(self.sts.sessions)

    @invariant()
    def transitive_tags_never_vanish_in_a_chain(self) -> None:
        for session, source in chained(self.sts.sessions):
            transitive = {key.lower() for key in source.transitive_tag_keys}
            passed_on = {key: value for key, value in source.tags.items() if key.lower() in transitive}
            assert passed_on.items() <= session.tags.items()
            assert transitive <= {key.lower() for key in session.transitive_tag_keys}

    @invariant()
    def a_source_identity_never_changes_in_a_chain(self) -> None:
        for session, source in chained(self.sts.sessions):
            assert source.source_identity in (None, session.source_identity)

    @invariant()
    def a_chained_session_has_an_hour_at_most(self) -> None:
        for session, _ in chained(self.sts.sessions):
            assert session.expiration - session.issued <= HOUR


def chained(sessions: Iterable[Session]) -> Iterator[tuple[Session, Session]]:
    """Return the sessions that role chaining began, each with its source session."""
    return ((session, session.source_session) for session in sessions if session.source_session is not None)


Way = Callable[[AfterTheLogin], object]


def login(**said: Any) -> Way:
    good: dict[str, Any] = {"place": HOME, "name": "bob", "tags": []}
    return lambda machine: machine.log_in(**good | said)


def chaining(caller: int = 0, **said: Any) -> Way:
    good: dict[str, Any] = {"place": FOREIGN, "name": "bob", "tags": []}
    return lambda machine: machine.chain(caller=machine.known[caller], **good | said)


def identity() -> Way:
    return lambda machine: machine.identify(machine.known[0])


def wrongly(wrong: str, form: dict[str, str] = WHO_AM_I, operation: str = "") -> Way:
    return lambda machine: machine.ask_wrongly(machine.known[0], machine.known[0], wrong, form, operation)


def replace_the_role(machine: AfterTheLogin) -> None:
    machine.change_role(HOME, EVERYTHING, 43200)


def at_the_end(machine: AfterTheLogin) -> None:
    machine.move(machine.known[0], "end", TICK * 0)


def before_the_end(machine: AfterTheLogin) -> None:
    machine.move(machine.known[0], "end", -TICK)


def trusting(kind: str, actions: Iterable[str] = EVERYTHING.of_principals) -> Way:
    return lambda machine: machine.trust(machine.known[0], FOREIGN, kind, frozenset(actions))


def one_by_one(*ways: Way) -> Way:
    return lambda machine: [way(machine) for way in ways]


# The outcomes of each operation, and a way to each. None is success.
CHAINING, LOGIN, WHO = "AssumeRole", "AssumeRoleWithSAML", "GetCallerIdentity"
WAYS: dict[str, tuple[str, Refusal | None, Way]] = {
    "a good login": (LOGIN, None, login()),
    "a login by a provider that is not there": (LOGIN, NO_PROVIDER, login(place=FOREIGN)),
    "a login signed with another key": (LOGIN, FOREIGN_KEY, login(key=1)),
    "a login to a role that was not offered": (LOGIN, NOT_OFFERED, login(offered=False)),
    "a login before its time": (LOGIN, TOO_EARLY, login(age=-1)),
    "a login at the end of its time": (LOGIN, RESPONSE_EXPIRED, login(age=300)),
    "a login in time": (LOGIN, None, login(age=299)),
    "a login after the session": (LOGIN, RESPONSE_EXPIRED, login(session_ends_in=0)),
    "a login with a stray transitive key": (LOGIN, SAML_TAGS, login(strays=["Absent"])),
    "a login from another account": (LOGIN, OTHER_ACCOUNT, login(place=FOREIGN, provider_of=ACCOUNTS[0])),
    "a login to a role that is not there": (LOGIN, LOGIN_DENIED, login(place=NOWHERE)),
    "a login for less than 15 minutes": (LOGIN, TOO_SHORT, login(duration=899)),
    "a login for more than 12 hours": (LOGIN, TOO_LONG, login(duration=43201)),
    "a login for as long as a role allows": (LOGIN, None, login(duration=43200)),
    "a login for longer than the role allows": (LOGIN, ABOVE_ROLE_MAXIMUM, login(place=BRIEF, duration=3601)),
    "a good chaining": (CHAINING, None, chaining()),
    "a chaining with other tags": (CHAINING, None, chaining(tags=[(("Unit", "blue"), True)])),
    "a chaining with a key twice": (
        CHAINING,
        SAME_KEYS,
        chaining(tags=[(("Unit", "blue"), False), (("UNIT", "red"), False)]),
    ),
    "a chaining that changes a tag": (CHAINING, INHERITED, chaining(tags=[(("TEAM", "red"), False)])),
    "a chaining with a stray transitive key": (CHAINING, NO_TAG, chaining(strays=["Absent"])),
    "a chaining that changes the source identity": (CHAINING, IDENTITY_IS_SET, chaining(source_identity="carol")),
    "a chaining that repeats the source identity": (CHAINING, None, chaining(source_identity="alice")),
    "a chaining to a role that is not there": (CHAINING, CHAINING_DENIED, chaining(place=NOWHERE)),
    "a chaining for less than 15 minutes": (CHAINING, TOO_SHORT, chaining(duration=899)),
    "a chaining for more than 12 hours": (CHAINING, TOO_LONG, chaining(duration=43201)),
    "a chaining for longer than the role allows": (CHAINING, ABOVE_ROLE_MAXIMUM, chaining(place=BRIEF, duration=3601)),
    "a chaining for more than an hour": (CHAINING, ABOVE_AN_HOUR, chaining(duration=3601)),
    "a chaining for an hour": (CHAINING, None, chaining(duration=3600)),
    "a chaining that may not pass tags on": (
        CHAINING,
        CHAINING_DENIED,
        one_by_one(trusting("root", {ASSUME, SET}), chaining()),
    ),
    "a chaining that may not pass the identity on": (
        CHAINING,
        CHAINING_DENIED,
        one_by_one(trusting("root", {ASSUME, TAG}), chaining()),
    ),
    "a chaining by the role": (CHAINING, None, one_by_one(trusting("role"), chaining())),
    "a chaining by a role that replaced the trusted one": (
        CHAINING,
        CHAINING_DENIED,
        one_by_one(trusting("role"), replace_the_role, login(), chaining(caller=-1)),
    ),
    "a chaining at the end": (CHAINING, EXPIRED, one_by_one(at_the_end, chaining())),
    "a chaining before the end": (CHAINING, None, one_by_one(before_the_end, chaining())),
    "a chaining by a session whose role was replaced": (
        CHAINING,
        INVALID_TOKEN,
        one_by_one(replace_the_role, chaining()),
    ),
    "a chaining with another secret": (CHAINING, WRONG_SECRET, wrongly("secret", assuming(FOREIGN, "bob"))),
    "an identity": (WHO, None, identity()),
    "an identity at the end": (WHO, EXPIRED, one_by_one(at_the_end, identity())),
    "an identity before the end": (WHO, None, one_by_one(before_the_end, identity())),
    "an identity of a session whose role was replaced": (WHO, INVALID_TOKEN, one_by_one(replace_the_role, identity())),
    "an identity with another secret": (WHO, WRONG_SECRET, wrongly("secret")),
    **{
        operation: (operation, not_for_sessions(operation), wrongly("operation", operation=operation))
        for operation in ("GetFederationToken", "GetSessionToken")
    },
}
OUTCOMES = {(operation, outcome) for operation, outcome, _ in WAYS.values()}


def time_stands_still() -> AbstractContextManager[Any]:
    """Freeze the time of the process, which each backend moves for itself. Hypothesis still measures durations."""
    return freezegun.freeze_time(NOW, ignore=["hypothesis"])


@pytest.mark.parametrize("way", WAYS)
def test_the_model_and_sts_agree_about(way: str) -> None:
    operation, outcome, happens = WAYS[way]
    with time_stands_still():
        machine = AfterTheLogin()
        machine.begin()
        machine.met.clear()
        happens(machine)
    assert machine.met <= {(operation, outcome), (LOGIN, None)}
    assert (operation, outcome) in machine.met


@pytest.mark.slow  # a property, tried with a hundred sequences
def test_no_sequence_of_calls_breaks_a_rule_of_sessions() -> None:
    AfterTheLogin.met.clear()
    with time_stands_still():
        run_state_machine_as_test(AfterTheLogin, settings=A_FEW)
    # If the calls that Hypothesis drew missed many outcomes, the test would show little.
    missed = OUTCOMES - AfterTheLogin.met
    assert len(missed) <= len(OUTCOMES) / 4, missed
