import pytest
from permitting import OBJECT, Enter, allow
from policy_documents import document, permission

from pytest_stssaml import Decision, Session

USER_BUCKET = "arn:aws:s3:::${aws:username}/*"


class TestDecision:
    @pytest.fixture
    def session(self, enter: Enter) -> Session:
        statements = [
            permission(Sid="Own", Action="s3:*Object", Resource="arn:aws:s3:::example/${aws:PrincipalTag/team}/*"),
            permission(Effect="Deny", Action=[f"s3:{n}" for n in "abcdef"], Resource="*"),
            {"Effect": "Allow", "NotAction": "ec2:*", "NotResource": ["arn:aws:s3:::example/*", USER_BUCKET]},
            permission(Action="s3:*", Condition={"StringEquals": {"s3:prefix": "home/"}}),
        ]
        return enter(document(*statements), Policy=allow(), principal_tags={"team": "blue"})

    def test_is_true_or_false(self, session: Session) -> None:
        assert bool(session.allows("s3:GetObject", "arn:aws:s3:::example/blue/x")) is True
        assert bool(session.allows("s3:GetObject", "arn:aws:s3:::example/red/x")) is False

    def test_knows_what_was_asked(self, session: Session) -> None:
        decision = session.allows("s3:GetObject", OBJECT)
        assert isinstance(decision, Decision)
        assert (decision.action, decision.resource) == ("s3:GetObject", OBJECT)

    def test_names_the_statement_of_each_kind_that_allows(self, session: Session) -> None:
        assert session.allows("s3:GetObject", "arn:aws:s3:::example/blue/x").reasons == (
            "an identity-based policy allows it: statement 1 (Own) of inline policy 1 of the role",
            "a session policy allows it: statement 1 of the Policy of the request",
        )

    def test_has_a_repr_that_says_why(self, session: Session) -> None:
        assert repr(session.allows("ec2:RunInstances")) == (
            "<Decision: ec2:RunInstances on * is denied: no identity-based policy allows the ec2:RunInstances action; "
            "no session policy allows the ec2:RunInstances action>"
        )

    def test_explains_every_statement(self, session: Session) -> None:
        assert session.allows("s3:GetObject", OBJECT).explain().splitlines() == [
            "s3:GetObject on arn:aws:s3:::example/home/report.csv is denied",
            "  no identity-based policy allows the s3:GetObject action",
            "identity-based policy: inline policy 1 of the role",
            (
                "  statement 1 (Allow, Own) does not apply: it is about "
                "arn:aws:s3:::example/${aws:PrincipalTag/team}/* (here arn:aws:s3:::example/blue/*), not "
                "arn:aws:s3:::example/home/report.csv"
            ),
            (
                "  statement 2 (Deny) does not apply: it is about s3:a, s3:b, s3:c, s3:d, s3:e and 1 more, not "
                "s3:GetObject"
            ),
            (
                "  statement 3 (Allow) does not apply: it is about everything but arn:aws:s3:::example/*, "
                "arn:aws:s3:::${aws:username}/* (which has no value here), not arn:aws:s3:::example/home/report.csv"
            ),
            "  statement 4 (Allow) does not apply: StringEquals s3:prefix wants 'home/', got no such key",
            "session policy: the Policy of the request",
            "  statement 1 (Allow) applies",
        ]

    def test_explains_that_there_is_no_policy(self, enter: Enter) -> None:
        assert enter().allows("s3:GetObject", OBJECT).explain().splitlines()[-1] == "identity-based policy: none"

    @pytest.mark.parametrize(("count", "lines"), [(10, 11), (11, 3)])
    def test_counts_the_statements_of_a_long_policy_that_are_about_other_actions(
        self, enter: Enter, count: int, lines: int
    ) -> None:
        others = [permission(Action=f"ec2:{letter}") for letter in "abcdefghijk"[: count - 1]]
        explained = enter(document(permission(), *others)).allows("s3:GetObject", OBJECT).explain().splitlines()[2:]
        assert len(explained) == lines
        assert explained[1] == "  statement 1 (Allow) applies"
        if count > 10:
            assert explained[2] == "  10 statements are about other actions"
