from dataclasses import replace

from chainings import between, identified, inheriting, lasting, tagged, to_role
from good import (
    CHAINING_PARAMETERS,
    GOOD_CHAINING,
    PROVIDER,
    ROLE_,
    SESSION,
    TARGET,
    chained_from,
    chained_to,
    chaining,
)
from rule_contract import RuleCases, RuleContract
from session_policy_cases import session_policy_cases

from pytest_stssaml.sts import errors
from pytest_stssaml.sts.requests.role_chaining import RoleChaining
from pytest_stssaml.sts.rule import AnyRule
from pytest_stssaml.sts.rules import role
from pytest_stssaml.sts.rules import role_chaining as rules
from pytest_stssaml.sts.rules.role_chaining import ROLE_CHAINING_RULES

CASES: dict[AnyRule, RuleCases[RoleChaining]] = {
    rules.no_mfa: RuleCases(
        errors.MFA,
        refused={
            "a device or a code": (
                chaining(mfa=True),
                "leave SerialNumber and TokenCode out: a session has no MFA device",
            ),
        },
        accepted={
            "neither": GOOD_CHAINING,
        },
    ),
    rules.no_provided_contexts: RuleCases(
        errors.CONTEXT_ASSERTION,
        refused={
            "contexts": (chaining(provided_contexts=True), "leave ProvidedContexts out: the mock cannot verify them"),
        },
        accepted={
            "none": chaining(external_id="external"),
        },
    ),
    rules.requested_tag_keys_differ: RuleCases(
        errors.DUPLICATE_TAG_KEYS,
        refused={
            "the same key": tagged(("team", "blue"), ("team", "red")),
            "the same tag": tagged(("team", "blue"), ("team", "blue")),
            "in another case": (
                tagged(("team", "blue"), ("TEAM", "red")),
                "two keys of ['team', 'TEAM'] are equal or differ only in case",
            ),
            "with another between": tagged(("team", "blue"), ("cost", "1"), ("Team", "blue")),
            "beyond ASCII": tagged(("äpfel", "1"), ("Äpfel", "2")),
        },
        accepted={
            "one": tagged(("team", "blue")),
            "the same value": tagged(("team", "blue"), ("Teams", "blue")),
        },
    ),
    rules.requested_tags_are_not_reserved: RuleCases(
        errors.RESERVED_TAG,
        refused={
            "a key": tagged(("aws:team", "blue")),
            "a value": tagged(("team", "aws:blue")),
            "the prefix alone": tagged(("aws:", "blue")),
            "in capitals": tagged(("AWS:team", "blue")),
            "the second": (
                tagged(("team", "blue"), ("cost", "aws:1")),
                "the prefix of ('cost', 'aws:1') is reserved for AWS",
            ),
        },
        accepted={
            "without a colon": tagged(("aws", "aws")),
            "further on": tagged(("my-aws:team", "x aws:blue")),
        },
    ),
    rules.inherited_tags_stay: RuleCases(
        errors.INHERITED_TAG,
        refused={
            "another value": inheriting(("team", "red"), team="blue"),
            "the same value": inheriting(("team", "blue"), team="blue"),
            "in another case": (inheriting(("TEAM", "red"), team="blue"), "the calling session passes 'TEAM' on"),
            "the inherited one in another case": inheriting(("team", "red"), TEAM="blue"),
            "one of two": inheriting(("cost", "1"), ("team", "red"), team="blue", city="Bonn"),
        },
        accepted={
            "another key": inheriting(("teams", "red"), team="blue"),
            "a tag that is not inherited": chained_from(
                replace(CHAINING_PARAMETERS, tags=(("team", "red"),)), tags={"team": "blue"}
            ),
        },
    ),
    rules.requested_transitive_tag_keys_are_tags: RuleCases(
        errors.TRANSITIVE_TAG_KEY,
        refused={
            "no tags": tagged(transitive=("team",)),
            "another tag": tagged(("cost", "1"), transitive=("team",)),
            "the second": tagged(("cost", "1"), transitive=("cost", "team")),
            "one that is inherited": replace(
                inheriting(team="blue"), parameters=replace(CHAINING_PARAMETERS, transitive_tag_keys=("team",))
            ),
            "two of three": (
                tagged(("a", "1"), transitive=("b", "A", "C")),
                "['b', 'C'] are not keys of the request's tags",
            ),
        },
        accepted={
            "a tag": tagged(("team", "blue"), transitive=("team",)),
            "in another case": tagged(("team", "blue"), transitive=("TEAM",)),
            "the tag in another case": tagged(("TEAM", "blue"), transitive=("team",)),
            "twice": tagged(("team", "blue"), transitive=("team", "team")),
            "none": tagged(("team", "blue")),
        },
    ),
    rules.source_identity_stays: RuleCases(
        errors.SOURCE_IDENTITY_IS_SET,
        refused={
            "another": (identified("alice", "bob"), "it is 'alice', and 'bob' was requested"),
            "in another case": identified("alice", "Alice"),
        },
        accepted={
            "none": identified(None, None),
            "a first": identified(None, "alice"),
            "kept": identified("alice", None),
            "the same again": identified("alice", "alice"),
        },
    ),
    role.role_exists: RuleCases(
        errors.NOT_AUTHORIZED,
        refused={
            "no role": (replace(GOOD_CHAINING, role=None, no_role="there is no role"), "there is no role"),
            "a role of another partition": (
                between("aws", "aws-cn"),
                "a session of aws cannot assume arn:aws-cn:iam::123456789012:role/Auditor",
            ),
            "the other way round": between("aws-cn", "aws"),
        },
        accepted={
            "a role": GOOD_CHAINING,
            "in China": between("aws-cn", "aws-cn"),
            "in another account": to_role(arn="arn:aws:iam::111122223333:role/Auditor", account_id="111122223333"),
        },
    ),
    role.role_is_not_reserved: RuleCases(
        errors.NOT_AUTHORIZED,
        refused={
            "as IAM Identity Center calls them": to_role(name="AWSReservedSSO_Administrator_0123456789abcdef"),
            "the prefix alone": to_role(name="AWSReservedSSO_"),
            "a short name": (to_role(name="AWSReservedSSO_A"), "AWSReservedSSO_A is a role of IAM Identity Center"),
        },
        accepted={
            "without the underscore": to_role(name="AWSReservedSSO"),
            "further on": to_role(name="MyAWSReservedSSO_Administrator"),
        },
    ),
    role.trusted_by_the_role: RuleCases(
        errors.NOT_AUTHORIZED,
        refused={
            "another role": chained_to(Principal={"AWS": ROLE_.arn + "2"}),
            "another action": (
                chained_to("sts:AssumeRoleWithSAML"),
                (
                    f"the trust policy does not allow sts:AssumeRole for {SESSION.arn} of {ROLE_.arn}; "
                    "write create_role(..., trusts=role), or trust_policy=role.chaining_policy()"
                ),
            ),
            "a provider": chained_to(Principal={"Federated": PROVIDER.arn}),
            "tags without sts:TagSession": (
                replace(tagged(("team", "blue")), role=TARGET),
                (
                    f"the trust policy does not allow sts:TagSession for {SESSION.arn} of {ROLE_.arn}; "
                    "write create_role(..., allow_tags=True), or sts:TagSession among the actions of "
                    "trust_policy(actions=[...])"
                ),
            ),
            "inherited tags without sts:TagSession": replace(inheriting(team="blue"), role=TARGET),
            "a source identity without sts:SetSourceIdentity": replace(identified(None, "alice"), role=TARGET),
            "an inherited one without sts:SetSourceIdentity": replace(identified("alice", None), role=TARGET),
            "a condition fails": chained_to(Condition={"StringEquals": {"sts:ExternalId": "external"}}),
            "it denies": chained_to(Effect="Deny"),
        },
        accepted={
            "tags": tagged(("team", "blue")),
            "inherited tags": inheriting(team="blue"),
            "a source identity": identified(None, "alice"),
            "an inherited one": identified("alice", None),
            "tags that stay behind": replace(chained_from(tags={"team": "blue"}), role=TARGET),
            "the condition holds": chained_to(Condition={"StringEquals": {"sts:RoleSessionName": "audit"}}),
        },
    ),
    role.within_the_roles_maximum: RuleCases(
        errors.LONGER_THAN_ROLE_MAXIMUM,
        refused={
            "a second over the least maximum": (
                lasting(3601, maximum=3600),
                "3601 s were requested, and the role's maximum is 3600 s",
            ),
            "a second over another": lasting(7201, maximum=7200),
            "the longest": lasting(43200, maximum=3600),
        },
        accepted={
            "the least maximum": lasting(3600, maximum=3600),
            "the least duration": lasting(900, maximum=3600),
        },
    ),
    rules.within_the_hour_of_a_chain: RuleCases(
        errors.LONGER_THAN_A_CHAIN,
        refused={
            "a second over": lasting(3601, maximum=3601),
            "the role's maximum": lasting(43200, maximum=43200),
            "a second over an hour": (
                lasting(3601, maximum=7200),
                "3601 s were requested, and the maximum of a chain is 3600 s",
            ),
        },
        accepted={
            "an hour of more": lasting(3600, maximum=43200),
        },
    ),
    **session_policy_cases(GOOD_CHAINING, between("aws-cn", "aws-cn")),
}


class TestRulesOfRoleChaining(RuleContract[RoleChaining]):
    rules = ROLE_CHAINING_RULES
    cases = CASES
