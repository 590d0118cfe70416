"""What differs between partitions, and a role that accepts everything that a response can say."""

from typing import Any

from pytest_stssaml import Role, SAMLProvider, STSBackend

HOSTS = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
}
ENTITY_IDS = {
    "aws": "urn:amazon:webservices",
    "aws-cn": "urn:amazon:webservices:cn-north-1",
    "aws-us-gov": "urn:amazon:webservices:govcloud",
}
REGIONS = {
    "us-east-1": "aws",
    "eu-central-2": "aws",
    "cn-north-1": "aws-cn",
    "cn-northwest-1": "aws-cn",
    "us-gov-west-1": "aws-us-gov",
    "us-gov-east-1": "aws-us-gov",
}

#: The keywords of a response that says everything on which conditions depend.
EVERYTHING: dict[str, Any] = {
    "session_name": "alice",
    "principal_tags": {"team": "blue", "cost": "1"},
    "transitive_tag_keys": ["team"],
    "source_identity": "alice@example.com",
}


def role_of(provider: SAMLProvider, sts: STSBackend, **conditions: dict[str, Any]) -> Role:
    """Return a role that accepts a provider's logins with tags and a source identity, if a condition holds."""
    actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
    trust = provider.trust_policy(actions=actions, conditions=conditions)
    return sts.create_role(
        "Developer", trust_policy=trust, path="/team/", partition=provider.partition, tags={"owner": "carol"}
    )


def another(table: dict[str, str], partition: str) -> str:
    """Return what the table has for the first other partition."""
    return next(value for name, value in table.items() if name != partition)
