"""A login that nothing answers: the network is replaced, and says so."""

from typing import Any

from wire import http_response, shared_session

PARAMETERS = {
    "RoleArn": "arn:aws:iam::123456789012:role/Developer",
    "PrincipalArn": "arn:aws:iam::123456789012:saml-provider/ExampleIdP",
    "SAMLAssertion": "PD94bWw=",
}

LOGIN = """
<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithSAMLResult><Issuer>the network</Issuer></AssumeRoleWithSAMLResult>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</AssumeRoleWithSAMLResponse>"""


def new_client(**options: Any) -> Any:
    return shared_session().client("sts", region_name="us-east-1", **options)


def new_networked_client(body: str = LOGIN, **options: Any) -> Any:
    """Return a new client for which this body stands for whatever the network would answer."""
    client = new_client(**options)
    client.meta.events.register("before-send.sts", lambda request, **_: http_response(request.url, 200, {}, body))
    return client


def log_in(client: Any = None) -> Any:
    """Log in with parameters that only the replaced network accepts."""
    return (client or new_networked_client()).assume_role_with_saml(**PARAMETERS)


def reaches_the_network() -> bool:
    """Return whether a call of this process passes."""
    return bool(log_in()["Issuer"] == "the network")
