from typing import Any

import pytest
from iam_errors import malformed, refused, syntax_error
from policy_documents import ACTION, PROVIDER, document, statement, without

from pytest_stssaml.iam.policies.trust_policies import parse_trust_policy

WRITE_PROVIDER = 'write {"Federated": provider.arn}'


class TestStatement:
    def test_must_be_there(self) -> None:
        assert refused(parse_trust_policy, {"Version": "2012-10-17"}) == malformed(
            "Missing required field Statement", "expected Statement"
        )

    @pytest.mark.parametrize("field", ["Effect", "Principal", "Action"])
    def test_must_have_effect_principal_and_action(self, field: str) -> None:
        assert refused(parse_trust_policy, document(without(field, statement()))) == malformed(
            f"Missing required field {field}", "expected Effect, Principal, Action"
        )

    @pytest.mark.parametrize("field", ["Resource", "NotResource", "NotPrincipal", "NotAction"])
    @pytest.mark.parametrize("place", [0, 1], ids=["first", "second"])
    def test_must_not_have_a_prohibited_element(self, field: str, place: int) -> None:
        statements = [statement(), statement()]
        statements[place][field] = "*"
        assert refused(parse_trust_policy, document(*statements)) == malformed(
            f"Has prohibited field {field}", "a trust policy only says who may assume its role"
        )

    @pytest.mark.parametrize(("field", "needed"), [("NotPrincipal", "Principal"), ("NotAction", "Action")])
    def test_must_not_have_a_negation_in_the_place_of_an_element(self, field: str, needed: str) -> None:
        negated = without(needed, statement()) | {field: "*"}
        assert refused(parse_trust_policy, document(negated))[2] == f"Has prohibited field {field}"

    @pytest.mark.parametrize(
        "field", ["effect", "condition", "Conditions", "sid", "resource", "Version", "Comment", ""]
    )
    def test_must_not_have_an_unknown_element(self, field: str) -> None:
        assert refused(parse_trust_policy, document(statement(**{field: {}}))) == malformed(
            f"Unknown field {field}", "expected Sid, Effect, Principal, Action, Condition"
        )

    @pytest.mark.parametrize("field", ["version", "statement", "ID", "Statements", "Comment", ""])
    def test_must_not_be_beside_an_unknown_element(self, field: str) -> None:
        assert refused(parse_trust_policy, document(statement(), **{field: "a"})) == malformed(
            f"Unknown field {field}", "expected Version, Id, Statement"
        )


def with_principal(principal: Any) -> dict[str, Any]:
    return document(statement(Principal=principal))


class TestPrincipal:
    @pytest.mark.parametrize(
        "principal",
        [
            pytest.param({"Federated": PROVIDER}, id="Federated"),
            pytest.param({"Federated": [PROVIDER, PROVIDER + "2"]}, id="several"),
            pytest.param({"AWS": "arn:aws:iam::123456789012:root"}, id="AWS-root"),
            pytest.param({"AWS": ["123456789012", "arn:aws:iam::123456789012:role/A"]}, id="AWS-several"),
            pytest.param({"AWS": "*"}, id="AWS-everybody"),
            pytest.param({"Service": "ec2.amazonaws.com"}, id="Service"),
            pytest.param({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"}, id="CanonicalUser"),
            pytest.param({"Federated": PROVIDER, "AWS": "*", "Service": "ec2.amazonaws.com"}, id="several kinds"),
        ],
    )
    def test_may_be_of_four_kinds(self, principal: Any) -> None:
        assert parse_trust_policy(with_principal(principal)).document["Statement"][0]["Principal"] == principal

    @pytest.mark.parametrize(
        ("federated", "expected"),
        [(PROVIDER, (PROVIDER,)), ([PROVIDER, PROVIDER + "2"], (PROVIDER, PROVIDER + "2"))],
        ids=["string", "list"],
    )
    def test_may_be_one_or_several(self, federated: Any, expected: tuple[str, ...]) -> None:
        assert (
            parse_trust_policy(with_principal({"Federated": federated})).statements[0].principals["Federated"]
            == expected
        )

    def test_must_not_be_a_star(self) -> None:
        assert refused(parse_trust_policy, with_principal("*")) == malformed(
            'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
            'IAM takes {"AWS": "*"}, if that is what you mean',
        )

    @pytest.mark.parametrize(
        ("principal", "shown"),
        [
            (PROVIDER, f'"{PROVIDER}"'),
            (None, "null"),
            ({}, "{}"),
            ([], "[]"),
            (["*"], '["*"]'),
            ([{"Federated": PROVIDER}], f'[{{"Federated": "{PROVIDER}"}}]'),
            (5, "5"),
        ],
        ids=["ARN", "null", "empty", "empty list", "star in a list", "object in a list", "number"],
    )
    def test_must_be_an_object(self, principal: Any, shown: str) -> None:
        assert refused(parse_trust_policy, with_principal(principal)) == malformed(
            f"Invalid principal in policy: {shown}", WRITE_PROVIDER
        )

    @pytest.mark.parametrize("kind", ["AWS", "CanonicalUser", "Federated", "Service"])
    def test_must_not_be_an_empty_list(self, kind: str) -> None:
        assert refused(parse_trust_policy, with_principal({kind: []})) == malformed(
            f'Invalid principal in policy: "{kind}":[]', WRITE_PROVIDER
        )

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("AWS", "123456789012"),
            ("AWS", "arn:aws:iam::123456789012:root"),
            ("AWS", "arn:aws:iam::123456789012:user/alice"),
            ("AWS", "arn:aws:iam::123456789012:user/a+=,.@_-b"),
            ("AWS", "arn:aws:iam::123456789012:role/team/A"),
            ("AWS", "arn:aws:iam::123456789012:role/!/)/+/>/@/~/A"),
            ("AWS", "arn:aws:sts::123456789012:assumed-role/A/alice"),
            ("AWS", "arn:aws:sts::123456789012:federated-user/alice"),
            ("AWS", "AROAABCDEFGHIJKLMNOPQ"),
            ("Service", "ec2.amazonaws.com"),
        ],
    )
    def test_may_have_a_valid_name(self, kind: str, name: str) -> None:
        assert parse_trust_policy(with_principal({kind: name})).statements[0].principals == {kind: (name,)}

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("AWS", "nonsense"),
            ("AWS", ""),
            ("AWS", "12345678901"),
            ("AWS", "1234567890123"),
            ("AWS", "arn:aws:s3:::bucket"),
            ("AWS", PROVIDER),
            ("AWS", "arn:aws:iam::123456789012:rool/A"),
            ("AWS", "arn:aws:iam::123456789012:role/"),
            ("AWS", "arn:aws:iam::123456789012:role/two words"),
            ("AWS", "arn:aws:iam::123456789012:user/alicé"),
            ("CanonicalUser", ""),
            ("Service", "ec2"),
            ("Service", "*"),
        ],
    )
    def test_must_not_have_an_invalid_name(self, kind: str, name: str) -> None:
        assert refused(parse_trust_policy, with_principal({kind: name})) == (
            malformed(f'Invalid principal in policy: "{kind}":"{name}"', f"got {name!r}; {WRITE_PROVIDER}")
        )

    @pytest.mark.parametrize(
        "name",
        [
            "arn:aws:iam::123456789012:user/*",
            "arn:aws:iam::123456789012:user/al*ce",
            "arn:aws:iam::123456789012:user/alic?",
            "arn:aws:iam::123456789012:role/team/*",
            "arn:aws:iam::123456789012:role/*/A",
            "arn:aws:iam::123456789012:*",
            "arn:aws:iam::*:root",
            "arn:*:iam::123456789012:root",
            "arn:aws:sts::123456789012:assumed-role/A/*",
            "arn:aws:sts::123456789012:federated-user/*",
            "arn:aws:*",
            "12345678901*",
            "AROAABCDEFGHIJKLM*",
            "**",
            "?",
        ],
    )
    @pytest.mark.parametrize("others", [[], ["*", "123456789012"]], ids=["alone", "beside others"])
    def test_of_aws_must_not_have_a_wildcard_in_its_name(self, name: str, others: list[str]) -> None:
        assert refused(parse_trust_policy, with_principal({"AWS": [*others, name]})) == malformed(
            f'Invalid principal in policy: "AWS":"{name}"',
            f"got {name!r}; name the account, and write the pattern in a condition: "
            '{"ArnLike": {"aws:PrincipalArn": "..."}}',
        )

    @pytest.mark.parametrize("kind", ["federated", "FEDERATED", "aws", "SAML", "*", ""])
    def test_must_not_be_of_another_kind(self, kind: str) -> None:
        assert refused(parse_trust_policy, with_principal({"Federated": PROVIDER, kind: PROVIDER})) == malformed(
            f'Invalid principal in policy: "{kind}"',
            f"{WRITE_PROVIDER}; the kinds of principals are AWS, CanonicalUser, Federated, Service",
        )

    @pytest.mark.parametrize("kind", ["Federated", "AWS", "Service"])
    @pytest.mark.parametrize("value", [None, 5, True, {}, [PROVIDER, None], [[PROVIDER]]], ids=repr)
    def test_must_be_named_by_strings(self, kind: str, value: Any) -> None:
        assert refused(parse_trust_policy, with_principal({kind: value})) == syntax_error(
            f"Principal must be a string or a list of strings, not {value!r}"
        )


class TestFederated:
    @pytest.mark.parametrize(
        "name",
        [
            *(f"arn:{partition}:iam::123456789012:saml-provider/Okta" for partition in ("aws", "aws-cn", "aws-us-gov")),
            "arn:aws:iam::123456789012:saml-provider/" + "a" * 128,
            "arn:aws:iam::123456789012:saml-provider/azAZ09._-",
            "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
            "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789",
            "arn:aws:iam::123456789012:oidc-provider/gitlab.example.com:8443/a_b~c%20",
            "ACCOUNTS.Google.com",
            "cognito-identity.amazonaws.com",
            "www.amazon.com",
            "graph.facebook.com",
            "accounts.google.com",
        ],
    )
    def test_may_be_the_arn_of_a_provider_or_a_domain_name(self, name: str) -> None:
        assert parse_trust_policy(with_principal({"Federated": name})).statements[0].principals == {
            "Federated": (name,)
        }

    @pytest.mark.parametrize(
        "name",
        [
            pytest.param("*", id="star"),
            pytest.param("", id="empty"),
            pytest.param("Okta", id="name"),
            pytest.param("123456789012", id="account"),
            pytest.param("arn:aws:iam::123456789012:root", id="root"),
            pytest.param("arn:aws:iam::123456789012:role/A", id="role"),
            pytest.param("arn:aws:iam::123456789012:user/alice", id="user"),
            pytest.param("arn:aws:sts::123456789012:assumed-role/A/alice", id="session"),
            pytest.param("arn:aws:iam::123456789012:saml-provider", id="no name"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/", id="empty name"),
            pytest.param("arn:aws:iam::12345678901:saml-provider/Okta", id="11 digits"),
            pytest.param("arn:aws:iam::1234567890123:saml-provider/Okta", id="13 digits"),
            pytest.param("arn:aws:iam:::saml-provider/Okta", id="no account"),
            pytest.param(f"arn:aws:iam::{chr(0x661) * 12}:saml-provider/Okta", id="Arabic digits"),
            pytest.param("arn:aws:iam:us-east-1:123456789012:saml-provider/Okta", id="region"),
            pytest.param("arn:aws:sts::123456789012:saml-provider/Okta", id="service"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/*", id="star for a name"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/Okta*", id="star in a name"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/Okt?", id="question mark in a name"),
            pytest.param("arn:aws:iam::123456789012:oidc-provider/*", id="star for an OIDC provider"),
            pytest.param("arn:aws:iam::123456789012:oidc-provider/", id="no OIDC provider"),
            pytest.param("arn:aws:iam::*:saml-provider/Okta", id="star for an account"),
            pytest.param("arn:*:iam::123456789012:saml-provider/Okta", id="star for a partition"),
            pytest.param("arn:aws:iam::123456789012:*", id="star for a resource"),
            pytest.param("arn:aws:iam::123456789012:saml-provider/Ok ta", id="space"),
            pytest.param(PROVIDER + " ", id="space behind"),
            pytest.param(PROVIDER + "\n", id="newline behind"),
            pytest.param(PROVIDER.upper(), id="capitals"),
            pytest.param(f"{PROVIDER},{PROVIDER}", id="two in one string"),
            pytest.param("https://idp.example.com/saml", id="URL"),
            pytest.param("*.example.com", id="star in a domain"),
            pytest.param("example..com", id="empty label"),
            pytest.param(".example.com", id="dot in front"),
            pytest.param("accounts.google.com\n", id="newline behind a domain"),
            pytest.param("\u00e4.example.com", id="umlaut"),
        ],
    )
    def test_must_not_be_anything_else(self, name: str) -> None:
        assert refused(parse_trust_policy, with_principal({"Federated": [PROVIDER, name]})) == malformed(
            "Federated principals must be valid domain names or SAML metadata ARNs",
            f"got {name!r}; {WRITE_PROVIDER}",
        )


TRUST_ACTIONS = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
]


class TestAction:
    @pytest.mark.parametrize("action", TRUST_ACTIONS)
    def test_may_be_one_of_six(self, action: str) -> None:
        assert parse_trust_policy(document(statement(Action=action))).statements[0].actions == (action,)

    def test_may_be_several(self) -> None:
        assert parse_trust_policy(document(statement(Action=TRUST_ACTIONS))).statements[0].actions == tuple(
            TRUST_ACTIONS
        )

    @pytest.mark.parametrize(
        "action",
        [
            *("*", "*:*", "sts:*", "sts:AssumeRole*", "sts:AssumeRoleWith?AML", "sts:assumerole"),
            *("STS:AssumeRole", "sts:AssumeRoot", "sts:GetCallerIdentity", "s3:GetObject"),
            *("AssumeRole", "", " sts:AssumeRole", "sts:AssumeRole\n"),
        ],
        ids=repr,
    )
    def test_must_not_be_another_or_a_pattern(self, action: str) -> None:
        assert refused(parse_trust_policy, document(statement(Action=[ACTION, action]))) == malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
            f"got {[ACTION, action]}; the actions are {', '.join(sorted(TRUST_ACTIONS))}, without wildcards",
        )

    def test_must_not_be_an_empty_list(self) -> None:
        assert refused(parse_trust_policy, document(statement(Action=[]))) == malformed(
            "AssumeRole policy may only specify STS AssumeRole actions.",
            f"got []; the actions are {', '.join(sorted(TRUST_ACTIONS))}, without wildcards",
        )

    @pytest.mark.parametrize("value", [None, 5, {"sts": "AssumeRole"}, [ACTION, None], [[ACTION]]], ids=repr)
    def test_must_be_a_string_or_strings(self, value: Any) -> None:
        assert refused(parse_trust_policy, document(statement(Action=value))) == syntax_error(
            f"Action must be a string or a list of strings, not {value!r}"
        )
