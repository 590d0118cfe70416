"""Every error of IAM: the call that raises it, and its code, status and message."""

from collections.abc import Callable
from typing import Any, TypeAlias

from decryption_keys import EC_KEY, KEYS
from iam_errors import unsatisfied
from policy_documents import document, of_length, permission, statement, without

from pytest_stssaml import IdentityProvider, STSBackend
from pytest_stssaml.iam.policies import permissions

#: The code, the status and the message of an IAMError.
Said: TypeAlias = tuple[str, int, str]

PRINTABLE = "It must contain only printable ASCII characters."
WITHIN = "It must contain only alphanumeric characters and/or the following: "
TAG_PATTERN = r"satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]"
MALFORMED, INVALID, VALIDATION = ("MalformedPolicyDocument", 400), ("InvalidInput", 400), ("ValidationError", 400)
LIMIT, EXISTS, NOT_FOUND = ("LimitExceeded", 409), ("EntityAlreadyExists", 409), ("NoSuchEntity", 404)
SYNTAX_ERROR = (*MALFORMED, "Syntax errors in policy.")
PERMISSIONS = document(permission())


def constraint(member: str, must: str) -> Said:
    return unsatisfied(member, must, "")[:3]


def trusting(**elements: Any) -> dict[str, Any]:
    """Return a trust policy of one statement."""
    return {"Version": "2012-10-17", "Statement": statement(**elements)}


def permitting(**elements: Any) -> dict[str, Any]:
    """Return a managed policy of one statement."""
    return {"Version": "2012-10-17", "Statement": permission(**elements)}


def lacking(element: str, policy: dict[str, Any]) -> dict[str, Any]:
    """Return a policy whose statement lacks an element."""
    return policy | {"Statement": without(element, policy["Statement"])}


def some_tags(count: int) -> dict[str, str]:
    return {f"key{n}": "value" for n in range(count)}


# The tables have the arguments of a call, at a backend that knows ExampleIdP with a key, and a role and a policy of the
# name "Taken", and the alias "taken"; and the error.
TRUST_REFUSALS: dict[str, tuple[Any, Said]] = {
    "not JSON": ("{", (*MALFORMED, "This policy contains invalid Json")),
    "repeated key": ('{"Id": "a", "Id": "b"}', (*MALFORMED, "This policy contains invalid Json")),
    "not an object": ("[]", SYNTAX_ERROR),
    "unknown field": (trusting() | {"version": "2012-10-17"}, (*MALFORMED, "Unknown field version")),
    "no Statement": ({"Version": "2012-10-17"}, (*MALFORMED, "Missing required field Statement")),
    "version": (trusting() | {"Version": "2012"}, (*MALFORMED, "The policy must contain a valid version string")),
    "id": (trusting() | {"Id": 5}, SYNTAX_ERROR),
    "empty Statement": ({"Statement": []}, SYNTAX_ERROR),
    "statement not an object": ({"Statement": "Allow"}, SYNTAX_ERROR),
    "unknown field of a statement": (trusting(condition={}), (*MALFORMED, "Unknown field condition")),
    "no effect": (lacking("Effect", trusting()), (*MALFORMED, "Missing required field Effect")),
    "no principal": (lacking("Principal", trusting()), (*MALFORMED, "Missing required field Principal")),
    "no action": (lacking("Action", trusting()), (*MALFORMED, "Missing required field Action")),
    **{
        field: (trusting(**{field: "*"}), (*MALFORMED, f"Has prohibited field {field}"))
        for field in ("Resource", "NotResource", "NotPrincipal", "NotAction")
    },
    "Sid not a string": (trusting(Sid=5), SYNTAX_ERROR),
    "Sid": (
        trusting(Sid="a-b"),
        (
            *MALFORMED,
            (
                "Statement IDs (SID) must be alpha-numeric. "
                "Check that your input satisfies the regular expression [0-9A-Za-z]*"
            ),
        ),
    ),
    "repeated Sid": (
        {"Statement": [trusting(Sid="a")["Statement"]] * 2},
        (*MALFORMED, "Statement IDs (SID) in a single policy must be unique."),
    ),
    "effect": (trusting(Effect="allow"), SYNTAX_ERROR),
    "everybody": (
        trusting(Principal="*"),
        (*MALFORMED, 'AssumeRolepolicy contained an invalid principal: "STAR":"*".'),
    ),
    "principal not an object": (trusting(Principal="Okta"), (*MALFORMED, 'Invalid principal in policy: "Okta"')),
    "empty principals": (
        trusting(Principal={"Federated": []}),
        (*MALFORMED, 'Invalid principal in policy: "Federated":[]'),
    ),
    "beyond Latin-1": (
        '{"Version": "\u0100"}',
        (
            *VALIDATION,
            f"The specified value for assumeRolePolicyDocument is invalid. {PRINTABLE}",
        ),
    ),
    "principal of another kind": (
        trusting(Principal={"SAML": "a"}),
        (*MALFORMED, 'Invalid principal in policy: "SAML"'),
    ),
    "principal not a string": (trusting(Principal={"AWS": 5}), SYNTAX_ERROR),
    "federated": (
        trusting(Principal={"Federated": "*"}),
        (*MALFORMED, "Federated principals must be valid domain names or SAML metadata ARNs"),
    ),
    "action": (
        trusting(Action="sts:*"),
        (*MALFORMED, "AssumeRole policy may only specify STS AssumeRole actions."),
    ),
    "conditions": (trusting(Condition="saml:aud"), SYNTAX_ERROR),
    "operator": (
        trusting(Condition={"NullIfExists": {"saml:sub": "true"}}),
        (*MALFORMED, "Invalid Condition type : NullIfExists"),
    ),
    "value of a condition": (trusting(Condition={"StringEquals": {"saml:sub": None}}), SYNTAX_ERROR),
    "length": (
        trusting(Condition={"StringEquals": {"saml:sub": "a" * 2048}}),
        (*LIMIT, "Cannot exceed quota for ACLSizePerRole: 2048"),
    ),
}

MANAGED_REFUSALS: dict[str, tuple[Any, Said]] = {
    "not JSON": ("{", (*MALFORMED, "This policy contains invalid Json")),
    "not an object": ("[]", SYNTAX_ERROR),
    "unknown element": (permitting() | {"version": "2012-10-17"}, SYNTAX_ERROR),
    "version": (permitting() | {"Version": "2012"}, SYNTAX_ERROR),
    "old version": (
        permitting() | {"Version": "2008-10-17"},
        (*MALFORMED, "Policy document must be version 2012-10-17 or greater."),
    ),
    "empty Statement": ({"Version": "2012-10-17"}, SYNTAX_ERROR),
    "principal": (
        permitting(Principal={"AWS": "*"}),
        (*MALFORMED, "Policy document should not specify a principal."),
    ),
    "unknown element of a statement": (permitting(condition={}), SYNTAX_ERROR),
    "effect": (permitting(Effect="allow"), SYNTAX_ERROR),
    "Action and NotAction": (permitting(NotAction="s3:*"), SYNTAX_ERROR),
    "no action": (lacking("Action", permitting()), (*MALFORMED, "Policy statement must contain actions.")),
    "action without vendor": (
        permitting(Action="GetObject"),
        (*MALFORMED, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    ),
    "action with two colons": (
        permitting(Action="s3:Get:Object"),
        (*MALFORMED, "Actions/Condition can contain only one colon."),
    ),
    "condition key without vendor": (
        permitting(Condition={"StringEquals": {"username": "alice"}}),
        (*MALFORMED, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    ),
    "no resource": (lacking("Resource", permitting()), (*MALFORMED, "Policy statement must contain resources.")),
    "resource": (permitting(Resource="bucket"), (*MALFORMED, 'Resource bucket must be in ARN format or "*".')),
    "resource of every service": (
        permitting(Resource="arn:aws:*:::a"),
        (*MALFORMED, "Resource vendor must be fully qualified and cannot contain regexes."),
    ),
    "resource of another partition": (
        permitting(Resource="arn:aws-cn:s3:::a"),
        (*MALFORMED, 'Partition "aws-cn" is not valid for resource "arn:aws-cn:s3:::a".'),
    ),
    "resource of IAM with a region": (
        permitting(Resource="arn:aws:iam:us-east-1:123456789012:role/a"),
        (
            *MALFORMED,
            "IAM resource arn:aws:iam:us-east-1:123456789012:role/a cannot contain region information.",
        ),
    ),
    "resource not a string": (permitting(Resource=5), SYNTAX_ERROR),
    "operator": (permitting(Condition={"NullIfExists": {"aws:username": "true"}}), SYNTAX_ERROR),
    "length": (permitting(Resource="arn:aws:s3:::" + "a" * 6144), (*LIMIT, "Cannot exceed quota for PolicySize: 6144")),
}

TAG_REFUSALS: dict[str, tuple[Any, Said]] = {
    "count": (some_tags(51), constraint("tags", "have length less than or equal to 50")),
    "empty key": ({"": "v"}, constraint("tags.1.member.key", "have length greater than or equal to 1")),
    "long key": ({"k" * 129: "v"}, constraint("tags.1.member.key", "have length less than or equal to 128")),
    "key": ({"k!": "v"}, constraint("tags.1.member.key", f"{TAG_PATTERN}+")),
    "value": ({"k": "v!"}, constraint("tags.1.member.value", f"{TAG_PATTERN}*")),
    "prefix": ({"aws:k": "v"}, (*VALIDATION, "Tag keys and values cannot begin with aws:")),
    "duplicates": (
        {"k": "v", "K": "v"},
        (*INVALID, "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
    ),
}

ROLE_REFUSALS: dict[str, tuple[dict[str, Any], Said]] = {
    "name": ({"name": "a b"}, (*VALIDATION, f"The specified value for roleName is invalid. {WITHIN}+=,.@_-")),
    "path": (
        {"path": "a"},
        (
            *VALIDATION,
            (
                "The specified value for path is invalid. It must begin and end with / "
                "and contain only alphanumeric characters and/or / characters."
            ),
        ),
    ),
    "maximum": (
        {"max_session_duration": 3599},
        (
            *VALIDATION,
            (
                "1 validation error detected: Value '3599' at 'maxSessionDuration' failed to satisfy constraint: "
                "Member must have value greater than or equal to 3600"
            ),
        ),
    ),
    "taken": ({"name": "Taken"}, (*EXISTS, "Role with name Taken already exists.")),
    "unknown policy": (
        {"policies": ["arn:aws:iam::123456789012:policy/Unknown"]},
        (*NOT_FOUND, "Policy arn:aws:iam::123456789012:policy/Unknown does not exist or is not attachable."),
    ),
    "policies too long": (
        {"policies": [of_length(10_241, permission)]},
        (*LIMIT, "Maximum policy size of 10240 bytes exceeded for role A"),
    ),
}

PROVIDER_REFUSALS: dict[str, tuple[dict[str, Any], Said]] = {
    "name": ({"name": "a b"}, (*VALIDATION, f"The specified value for name is invalid. {WITHIN}._-")),
    "taken": ({"name": "ExampleIdP"}, (*EXISTS, "Provider with name ExampleIdP already exists.")),
    "short metadata": (
        {"metadata": "<a/>"},
        constraint("sAMLMetadataDocument", "have length greater than or equal to 1000"),
    ),
    "metadata": ({"metadata": "<a/>" + " " * 1000}, (*INVALID, "Could not parse metadata")),
    "mode": (
        {"assertion_encryption_mode": "Required"},
        (*INVALID, "Unable to set assertion encryption mode to Required because no private key is provided."),
    ),
    "not PEM": ({"private_keys": ["not PEM"]}, (*INVALID, "Invalid private key.")),
    "EC key": ({"private_keys": [EC_KEY]}, (*INVALID, "Invalid private key.")),
    "long key": (
        {"private_keys": ["a" * 16385]},
        constraint("addPrivateKey", "have length less than or equal to 16384"),
    ),
    "three keys": ({"private_keys": KEYS}, (*LIMIT, "Private key limit of 2 is reached.")),
}

UPDATE_REFUSALS: dict[str, tuple[dict[str, Any], Said]] = {
    "unknown provider": (
        {"provider": "arn:aws:iam::111122223333:saml-provider/Unknown"},
        (*NOT_FOUND, "Manifest not found for arn arn:aws:iam::111122223333:saml-provider/Unknown"),
    ),
    "no changes": (
        {},
        (
            *INVALID,
            "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
        ),
    ),
    "key added and removed": (
        {"add_private_key": KEYS[1], "remove_private_key": KEYS[0]},
        (
            *INVALID,
            (
                "Unable to add and remove private keys in the same request. "
                "Set a value for only one of the two parameters."
            ),
        ),
    ),
    "another key": (
        {"remove_private_key": "A" * 22},
        (*INVALID, "Failed to remove private key because the Key ID does not match a private key."),
    ),
}


def create_a_role(sts: STSBackend, **arguments: Any) -> object:
    return sts.create_role(**{"name": "A"} | arguments)


def create_a_policy(sts: STSBackend, **arguments: Any) -> object:
    return sts.create_policy(**{"name": "A", "document": PERMISSIONS} | arguments)


def create_a_provider(sts: STSBackend, **arguments: Any) -> object:
    return sts.create_saml_provider(**{"name": "A", "metadata": IdentityProvider().metadata} | arguments)


def update_the_provider(sts: STSBackend, **arguments: Any) -> object:
    return sts.update_saml_provider(**{"provider": "arn:aws:iam::123456789012:saml-provider/ExampleIdP"} | arguments)


def delete_a_role(sts: STSBackend, **arguments: Any) -> None:
    sts.delete_role(**arguments)


def create_an_alias(sts: STSBackend, alias: str) -> None:
    sts.create_account_alias(alias)


def check_a_session_policy(sts: STSBackend, **arguments: Any) -> None:
    permissions.check_permissions(**arguments)


def ask_a_policy_of_moto(sts: STSBackend, **arguments: Any) -> None:
    permissions.permission_statements(**arguments)


#: By name: the call, its arguments, and the error.
REFUSALS: dict[str, tuple[Callable[..., object], dict[str, Any], Said]] = {
    **{f"trust-{name}": (create_a_role, {"trust_policy": p}, e) for name, (p, e) in TRUST_REFUSALS.items()},
    **{f"managed-{name}": (create_a_policy, {"document": p}, e) for name, (p, e) in MANAGED_REFUSALS.items()},
    **{f"tags of a role-{name}": (create_a_role, {"tags": t}, e) for name, (t, e) in TAG_REFUSALS.items()},
    **{f"tags of a provider-{name}": (create_a_provider, {"tags": t}, e) for name, (t, e) in TAG_REFUSALS.items()},
    **{f"role-{name}": (create_a_role, a, e) for name, (a, e) in ROLE_REFUSALS.items()},
    **{f"provider-{name}": (create_a_provider, a, e) for name, (a, e) in PROVIDER_REFUSALS.items()},
    **{f"update-{name}": (update_the_provider, a, e) for name, (a, e) in UPDATE_REFUSALS.items()},
    "policy-name": (
        create_a_policy,
        {"name": "a b"},
        (*VALIDATION, f"The specified value for policyName is invalid. {WITHIN}+=,.@_-"),
    ),
    "policy-taken": (
        create_a_policy,
        {"name": "Taken"},
        (*EXISTS, "A policy called Taken already exists. Duplicate names are not allowed."),
    ),
    "policy of moto-not JSON": (
        ask_a_policy_of_moto,
        {"text": "{"},
        (*MALFORMED, "This policy contains invalid Json"),
    ),
    "alias-too short": (
        create_an_alias,
        {"alias": "ab"},
        constraint("accountAlias", "have length greater than or equal to 3"),
    ),
    "alias-too long": (
        create_an_alias,
        {"alias": "a" * 64},
        constraint("accountAlias", "have length less than or equal to 63"),
    ),
    **{
        f"alias-{name}": (
            create_an_alias,
            {"alias": alias},
            constraint("accountAlias", "satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"),
        )
        for name, alias in {
            "upper case": "Example",
            "hyphen first": "-example",
            "hyphen last": "example-",
            "two hyphens": "exa--mple",
            "markup": "<b>example</b>",
            "line break": "example\n",
        }.items()
    },
    "alias-taken": (create_an_alias, {"alias": "taken"}, (*EXISTS, "The account alias taken already exists.")),
    "session policy-not an object": (check_a_session_policy, {"policy": []}, SYNTAX_ERROR),
    "delete-unknown role": (
        delete_a_role,
        {"role": "arn:aws:iam::123456789012:role/Unknown"},
        (*NOT_FOUND, "The role with name Unknown cannot be found."),
    ),
}
