"""STSBackend: the AWS side that a test holds."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from . import current_test
from .clock import Instant
from .iam import arguments
from .iam.entities import ALLOWED, Role, SAMLProvider
from .iam.limits import SHORTEST_ROLE_MAXIMUM
from .keywords import keywords_checked, unknown_choice, unknown_keyword
from .services import Services
from .sts import limits
from .sts.operation import OPERATIONS
from .sts.ordered_errors import CONNECTION_ERRORS, Order, client_error, connection_error
from .sts.sessions.session import Session
from .wire import Response

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from .adapters.http_endpoint import Endpoint
    from .iam.accounts import MetadataSource
    from .literals import AssertionEncryptionMode, ConnectionErrorKind, Operation, Partition, TokenVersion
    from .sign_in.service import SignIn
    from .sts.attempts.attempt import Attempt


class Delta(TypedDict, total=False):
    """The keywords of `datetime.timedelta`."""

    weeks: float
    days: float
    hours: float
    minutes: float
    seconds: float
    milliseconds: float
    microseconds: float


class STSBackend:
    """The AWS side of a mock: its SAML providers, roles, policies, regions and time, by which its STS decides.

    The fixture `sts_saml` and `mock_sts_saml` return one.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def __repr__(self) -> str:
        return f"<STSBackend of account {self.account_id} in {self.partition}>"

    @property
    def account_id(self) -> str:
        """The account of roles, providers and policies that are created without `account_id=`."""
        return self._services.iam.account_id

    @property
    def partition(self) -> "Partition":
        """The partition of roles, providers and policies that are created without `partition=`."""
        return self._services.iam.partition

    # --- IAM

    @property
    def saml_providers(self) -> tuple[SAMLProvider, ...]:
        """The providers of all accounts that this backend created, oldest first."""
        return self._services.iam.saml_providers

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles of all accounts that this backend created, oldest first."""
        return self._services.iam.roles

    @keywords_checked
    def create_saml_provider(
        self,
        name: str,
        metadata: "str | Path | MetadataSource",
        *,
        account_id: str | None = None,
        partition: "Partition | None" = None,
        tags: Mapping[str, str] | None = None,
        assertion_encryption_mode: "AssertionEncryptionMode" = ALLOWED,
        private_keys: "Iterable[rsa.RSAPrivateKey | str | bytes | Path]" = (),
    ) -> SAMLProvider:
        """Register an identity provider with an account, as IAM's CreateSAMLProvider does.

        >>> sts_saml.create_saml_provider("Okta", saml_idp, tags={"team": "blue"}).arn
        'arn:aws:iam::123456789012:saml-provider/Okta'

        :param name: 1 to 128 letters, digits and `._-`.
        :param metadata: an `IdentityProvider`, or a metadata document as a string or a `pathlib.Path`.
        :param account_id: the 12 digits of the account; by default that of the mock.
        :param partition: "aws", "aws-cn" or "aws-us-gov"; by default that of the mock.
        :param tags: the tags of the provider itself.
        :param assertion_encryption_mode: "Allowed", or "Required", with which an assertion must be encrypted.
        :param private_keys: at most two RSA keys that decrypt assertions, the newest first: key objects,
            PEM, or a `pathlib.Path` of it.
        :raises IAMError: InvalidInput, LimitExceeded, ValidationError or EntityAlreadyExists, if IAM would refuse.
        :raises TypeError: if `metadata` or another argument is of a wrong type.
        :raises ValueError: if there is no such account, partition or mode; if the name of a file is a string.
        :raises OSError: if a file cannot be read.
        """
        return self._services.iam.create_saml_provider(
            name,
            metadata,
            account_id=account_id,
            partition=partition,
            tags=tags,
            assertion_encryption_mode=assertion_encryption_mode,
            private_keys=private_keys,
        )

    @keywords_checked
    def update_saml_provider(
        self,
        provider: SAMLProvider | str,
        metadata: "str | Path | MetadataSource | None" = None,
        *,
        assertion_encryption_mode: "AssertionEncryptionMode | None" = None,
        add_private_key: "rsa.RSAPrivateKey | str | bytes | Path | None" = None,
        remove_private_key: "rsa.RSAPrivateKey | str | None" = None,
    ) -> SAMLProvider:
        """Change a provider, as IAM's UpdateSAMLProvider does. The object from `create_saml_provider` changes too.

        >>> saml_idp.rotate_key()
        >>> sts_saml.update_saml_provider(saml_idp.provider, saml_idp).name
        'ExampleIdP'

        :param provider: the provider or its ARN.
        :param metadata: an `IdentityProvider`, for example after `rotate_key()`, or a metadata document as a string or
            a `pathlib.Path`. It replaces the old document.
        :param assertion_encryption_mode: "Allowed" or "Required".
        :param add_private_key: becomes the newest of at most two; a key object, PEM, or a `pathlib.Path` of it.
        :param remove_private_key: a key object, or the ID of one in `provider.private_keys`.
        :raises IAMError: InvalidInput, LimitExceeded, ValidationError or NoSuchEntity, if IAM would refuse.
        """
        return self._services.iam.update_saml_provider(
            provider,
            metadata,
            assertion_encryption_mode=assertion_encryption_mode,
            add_private_key=add_private_key,
            remove_private_key=remove_private_key,
        )

    def delete_saml_provider(self, provider: SAMLProvider | str) -> None:
        """Delete a provider. Roles that trust it stay, and logins through it are refused.

        >>> sts_saml.delete_saml_provider(saml_idp.provider)

        :param provider: the provider or its ARN.
        :raises IAMError: NoSuchEntity, if there is none.
        """
        self._services.iam.delete_saml_provider(provider)

    @keywords_checked
    def create_role(
        self,
        name: str,
        *,
        provider: SAMLProvider | str | None = None,
        trust_policy: Mapping[str, Any] | str | Path | None = None,
        max_session_duration: int = SHORTEST_ROLE_MAXIMUM,
        path: str = "/",
        tags: Mapping[str, str] | None = None,
        policies: Iterable[Mapping[str, Any] | str | Path] = (),
        permissions_boundary: str | None = None,
        account_id: str | None = None,
        partition: "Partition | None" = None,
        trusts: Role | None = None,
        allow_tags: bool = False,
        allow_source_identity: bool = False,
    ) -> Role:
        """Create a role, as IAM's CreateRole does.

        Without a trust policy the role gets the one that the IAM console writes: it allows the users of one provider,
        in responses addressed to the partition's global sign-in URL, and nothing else.

        >>> sts_saml.create_role("Auditor", path="/team/", max_session_duration=7200, allow_tags=True).arn
        'arn:aws:iam::123456789012:role/team/Auditor'

        :param name: 1 to 64 letters, digits and `+=,.@-_`.
        :param provider: the provider whose users the default trust policy allows; by default the only one of the
            account.
        :param trusts: a role whose sessions may assume this one; it takes the place of `provider`.
        :param trust_policy: a dict, JSON, or a `pathlib.Path`; `provider.trust_policy(...)` writes wider ones than the
            default. The output of `aws iam get-role` is taken too.
        :param allow_tags: whether the default trust policy also allows sts:TagSession.
        :param allow_source_identity: whether it also allows sts:SetSourceIdentity.
        :param max_session_duration: 3600 to 43200 seconds.
        :param path: begins and ends with a slash.
        :param tags: the tags of the role itself.
        :param policies: the permissions of the role, which `session.allows` and moto's enforcement read: inline
            policies as dicts, JSON or a `pathlib.Path`, and ARNs of managed ones. No login depends on them.
        :param permissions_boundary: the ARN of a managed policy, for example from `create_policy`, which limits the
            permissions.
        :param account_id: the 12 digits of the account; by default that of the provider, or else of the mock.
        :param partition: "aws", "aws-cn" or "aws-us-gov"; by default that of the provider, or else of the mock.
        :raises IAMError: MalformedPolicyDocument, LimitExceeded, ValidationError, NoSuchEntity or EntityAlreadyExists,
            if IAM would refuse.
        :raises ValueError: if there is no trust policy and the account has no provider or several; if more than one
            argument says whom the role trusts; if a policy is only a name.
        """
        return self._services.iam.create_role(
            name,
            provider=provider,
            trusts=trusts,
            trust_policy=trust_policy,
            allow_tags=allow_tags,
            allow_source_identity=allow_source_identity,
            max_session_duration=max_session_duration,
            path=path,
            tags=tags,
            policies=policies,
            permissions_boundary=permissions_boundary,
            account_id=account_id,
            partition=partition,
        )

    def delete_role(self, role: Role | str) -> None:
        """Delete a role. Logins for it are refused.

        >>> sts_saml.delete_role(role)

        :param role: the role or its ARN.
        :raises IAMError: NoSuchEntity, if there is none.
        :raises ValueError: if it was made with `boto3.client("iam")` beside moto, where it has to be deleted.
        """
        self._services.iam.delete_role(role)

    @keywords_checked
    def create_policy(
        self,
        name: str,
        document: Mapping[str, Any] | str | Path,
        *,
        path: str = "/",
        account_id: str | None = None,
        partition: "Partition | None" = None,
    ) -> str:
        """Create a managed policy, as IAM's CreatePolicy does, and return its ARN, for example for `PolicyArns`.

        >>> statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
        >>> sts_saml.create_policy("Listing", {"Version": "2012-10-17", "Statement": statement})
        'arn:aws:iam::123456789012:policy/Listing'

        :param name: 1 to 128 letters, digits and `+=,.@-_`.
        :param document: what it allows: a dict, JSON, or a `pathlib.Path`. It limits a session that names it, and a
            role that has it may do what it says: `session.allows` decides by both.
        :param path: begins and ends with a slash.
        :param account_id: the 12 digits of the account, or "aws" for one of AWS's own policies; by default that of the
            mock.
        :param partition: "aws", "aws-cn" or "aws-us-gov"; by default that of the mock.
        :raises IAMError: MalformedPolicyDocument, LimitExceeded, ValidationError or EntityAlreadyExists.
        """
        return self._services.iam.create_policy(name, document, path=path, account_id=account_id, partition=partition)

    @keywords_checked
    def create_account_alias(
        self, alias: str, *, account_id: str | None = None, partition: "Partition | None" = None
    ) -> None:
        """Give an account an alias, as IAM's CreateAccountAlias does. It replaces the one that the account has.

        The sign-in page shows it.

        >>> sts_saml.create_account_alias("example-company")

        :param alias: 3 to 63 lowercase letters, digits, and single hyphens between them; new in the partition.
        :param account_id: the 12 digits of the account; by default that of the mock.
        :param partition: "aws", "aws-cn" or "aws-us-gov"; by default that of the mock.
        :raises IAMError: ValidationError or EntityAlreadyExists.
        """
        self._services.iam.create_account_alias(alias, account_id=account_id, partition=partition)

    # --- regions and time

    def disable_region(self, region: str) -> None:
        """Switch STS off in a region, for every account: calls of its endpoint get RegionDisabledException.

        >>> sts_saml.disable_region("eu-west-1")

        :param region: a name such as "eu-west-1"; "aws-global" is us-east-1.
        :raises TypeError: if it is not a string.
        :raises ValueError: if the installed botocore knows no such region.
        """
        from .adapters.botocore_regions import known_region  # few tests switch a region off

        self._services.sts.disabled_regions.add(known_region(arguments.region(region)))

    def enable_region(self, region: str) -> None:
        """Switch STS on again in a region.

        >>> sts_saml.enable_region("eu-west-1")

        :param region: as for `disable_region`.
        :raises TypeError: if it is not a string.
        :raises ValueError: if the installed botocore knows no such region.
        """
        from .adapters.botocore_regions import known_region

        self._services.sts.disabled_regions.discard(known_region(arguments.region(region)))

    def set_security_token_service_preferences(self, global_endpoint_token_version: "TokenVersion") -> None:
        """Set the version of the session tokens that the global endpoint issues from now on, for every account.

        IAM has an operation of this name. Tokens of the endpoint of a region are valid in all regions.

        >>> sts_saml.set_security_token_service_preferences("v2Token")

        :param global_endpoint_token_version: "v1Token", which is the default: session tokens of the global endpoint
            are valid only in regions that are enabled by default, and not in af-south-1, for example; or "v2Token":
            they are valid in all regions.
        :raises ValueError: if it is neither of those.
        """
        version = arguments.global_endpoint_token_version(global_endpoint_token_version)
        self._services.sts.global_endpoint_token_version = version

    def advance(self, by: dt.timedelta | None = None, /, **delta: Unpack[Delta]) -> None:
        """Let time pass for STS, and for the responses that are made from now on.

        Without the option `now=` the time of the process stays. botocore refreshes credentials by that time, so an
        `advance` alone does not make it refresh them. With `now=` both move, and it does.

        >>> sts_saml.advance(hours=1, minutes=6)

        :param by: a `datetime.timedelta`; or else its keywords, of which `seconds` may be fractions. Time may also go
            back.
        :param delta: `weeks`, `days`, `hours`, `minutes`, `seconds`, `milliseconds` and `microseconds`.
        :raises TypeError: if there is a number without a unit, or another keyword, or nothing.
        :raises ValueError: if the time would be outside the years 1 to 9999.
        """
        if by is not None and (delta or not isinstance(by, dt.timedelta)):
            given = "both" if isinstance(by, dt.timedelta) else repr(by)
            raise TypeError(f"advance() takes keywords, such as advance(minutes=6), or a timedelta, not {given}")
        for keyword in delta:
            if keyword not in Delta.__annotations__:
                raise TypeError(unknown_keyword("advance", keyword, Delta.__annotations__))
        if by is None and not delta:
            raise TypeError("advance() takes keywords, such as advance(minutes=6)")
        try:
            step = dt.timedelta(**delta) if by is None else by
        except (TypeError, ValueError, OverflowError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(
                f"advance() takes the keywords of datetime.timedelta, such as advance(minutes=6): {error}"
            ) from error
        self._services.clock.advance(step)
        current_test.notes.ahead = self._services.clock.offset

    def move_to(self, instant: Instant) -> None:
        """Set the time of STS, and with the option `now=` that of the process. It goes on from there.

        >>> sts_saml.move_to("2030-01-01T00:00:00Z")

        :param instant: a datetime (a naive one is read as UTC), or an ISO 8601 string.
        :raises TypeError: if it is something else.
        :raises ValueError: if the string is not a time.
        """
        current_test.note_time("move_to({})", instant)
        self._services.clock.move_to(instant)
        current_test.notes.ahead = self._services.clock.offset

    # --- STS

    def handle(
        self,
        form: str | bytes,
        *,
        region: str = "us-east-1",
        user_agent: str = "",
        secure: bool = True,
        method: str = "POST",
        path: str = "/",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, str], str]:
        """Answer one HTTP request to STS, for callers outside botocore: another SDK, a subprocess, a server.

        >>> status, headers, body = sts_saml.handle("Action=GetCallerIdentity&Version=2011-06-15")
        >>> status, headers["Content-Type"], "<Code>MissingAuthenticationToken</Code>" in body
        (403, 'text/xml', True)

        :param form: the urlencoded body of a POST, or the query string of a GET.
        :param region: the region whose endpoint is asked; "aws-global" is the global endpoint.
        :param user_agent: the header of that name, for the condition key `aws:UserAgent`; by default that of `headers`.
        :param secure: whether the request came by TLS, for `aws:SecureTransport`.
        :param method: "POST" or "GET".
        :param path: the path of the URL, which a session signs; it may include the query.
        :param headers: the headers of the request by name, Host included. They, or the query, contain the signature
            that GetCallerIdentity and AssumeRole need. A login needs none.
        :returns: HTTP status, headers and body. AWS redirects a POST that is not a form, as it does one without Action;
            only the caller of this method knows the content type.
        :raises OSError: ConnectionResetError, TimeoutError or ConnectionRefusedError, if `add_connection_error`
            ordered it.
        """
        from .sts.wire.http_request import arrived_request  # botocore's clients do not need it

        arrived = arrived_request(
            form, region=region, user_agent=user_agent, secure=secure, method=method, path=path, headers=headers
        )
        sts = self._services.sts
        if arrived.size > limits.LONGEST_BODY:
            return _answer(sts.plain_response(413))
        parameters = arrived.form()
        if "Action" not in parameters:
            return _answer(sts.plain_response(302, {"Location": limits.PRODUCT_PAGE}))
        return _answer(sts.answer(arrived.request(parameters)))

    def serve(self, *, region: str = "us-east-1") -> "Endpoint":
        """Return a context manager that answers HTTP requests on 127.0.0.1 while it is entered, each by `handle`.

        It gives an `Endpoint`: .url, .environ for a subprocess, and .region. The sign-in pages are under its URL, at
        /saml, /saml/acs/ID and /federation, and are answered by `sign_in.handle`. A connection error that a test
        ordered is real: "reset" resets the connection, and so does "refused", since an open connection cannot be
        refused; "timeout" leaves it without an answer until the endpoint is closed.

        >>> with sts_saml.serve(region="eu-west-1") as endpoint:
        ...     endpoint.environ["AWS_ENDPOINT_URL_STS"] == endpoint.url
        True

        The AWS command line before 1.29 and 2.13 does not know `AWS_ENDPOINT_URL_STS`; give it `--endpoint-url`.

        :param region: the region of requests that are not signed; a signature names its own.
        :raises TypeError: if the region is not a string.
        :raises ValueError: if it is not the name of a region.
        """
        from .adapters.http_endpoint import Endpoint  # only who serves needs a server

        return Endpoint(self.handle, arguments.region(region), limits.LONGEST_BODY, pages=self._handle_page)

    def _handle_page(self, *request: Any) -> tuple[int, dict[str, str], str]:
        return self.sign_in.handle(*request)

    @property
    def sign_in(self) -> "SignIn":
        """AWS's sign-in pages: `sign_in.handle(method, path, headers, body)` answers a request to one of them."""
        return self._services.sign_in

    @property
    def attempts(self) -> "tuple[Attempt, ...]":
        """The latest 1,000 calls, oldest first: `attempts[-1].explain()` says why STS refused the last one."""
        from .listing import listing  # which a login does not need

        return listing(self._services.sts.attempts, self._why_no_attempts)

    @property
    def last_attempt(self) -> "Attempt":
        """The latest call: `last_attempt.explain()` says why STS refused it.

        :raises LookupError: if STS was not called.
        """
        return self.attempts[-1]

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The latest 1,000 sessions of roles that were issued, oldest first."""
        from .listing import listing

        return listing(self._services.sts.sessions, self._why_no_sessions)

    @staticmethod
    def _why_no_attempts() -> str:
        return "STS was not called; if your code called it, it did so before this mock began, or in another process"

    def _why_no_sessions(self) -> str:
        attempts = self._services.sts.attempts
        return f"STS has issued no session: {attempts[-1].headline()}" if attempts else self._why_no_attempts()

    @property
    def cloudtrail_events(self) -> tuple[dict[str, Any], ...]:
        """What CloudTrail logs of the latest 1,000 calls, oldest first: dictionaries that `json.dumps` can write.

        There are events of AssumeRoleWithSAML, AssumeRole and GetCallerIdentity. A login that STS refuses for its
        response is not logged; one that it refuses with AccessDenied is. They are still readable after the mock has
        ended. Each reader gets dictionaries of its own.
        """
        return self._services.sts.cloudtrail_events

    def add_client_error(
        self,
        code: str,
        message: str | None = None,
        status: int | None = None,
        *,
        role: Role | str | None = None,
        times: int = 1,
        operation: "Operation" = limits.SAML_LOGIN,
        optional: bool = False,
    ) -> None:
        """Make STS refuse the next calls of an operation, whatever their parameters are.

        A test during which no call meets the error fails when it ends, unless the error is optional.

        A client retries as it does at AWS, and each time that it sends the request counts. It does not wait in between.

        >>> sts_saml.add_client_error("Throttling", role=role, times=2)

        :param code: AWS's error code, such as "Throttling", "ServiceUnavailable" or "RegionDisabledException".
        :param message: by default the usual one for that code; a code that is not known here needs one.
        :param status: the HTTP status; by default that of the code, or else 400.
        :param role: only calls for this role; by default all.
        :param times: how many calls.
        :param operation: "AssumeRoleWithSAML", or what a session may ask for, such as "AssumeRole" and
            "GetCallerIdentity".
        :param optional: whether the test may end although no call met the error.
        :raises TypeError: if an argument is of a wrong type, or `code` has an underscore, which no code of AWS has.
        :raises ValueError: if the code is not known and there is no message; if the status is not one of 400 to 599,
            `times` is less than 1, the operation is not known, or it names no role and one is given.
        """
        if not isinstance(code, str) or not code or "_" in code:
            raise TypeError(f'code must be an error code of AWS, such as "Throttling", not {code!r}')
        if message is not None and not isinstance(message, str):
            raise TypeError(f"message must be a string or None, not {message!r}")
        if status is not None and (type(status) is not int or not 400 <= status <= 599):
            raise ValueError(f"status must be a number from 400 to 599 or None, not {status!r}")
        self._order(client_error(code, message, status, operation), operation, role, times, optional=optional)

    def add_connection_error(
        self,
        kind: "ConnectionErrorKind" = "reset",
        *,
        role: Role | str | None = None,
        times: int = 1,
        operation: "Operation" = limits.SAML_LOGIN,
        optional: bool = False,
    ) -> None:
        """Make the next calls of an operation end in a connection error.

        A test during which no call meets the error fails when it ends, unless the error is optional.

        >>> sts_saml.add_connection_error("timeout", times=2)

        :param kind: "reset" for botocore's ConnectionClosedError, "timeout" for its ReadTimeoutError, "refused" for its
            EndpointConnectionError.
        :param role: only calls for this role; by default all.
        :param times: how many calls; a client retries at once, and each time that it sends the request counts.
        :param operation: as for `add_client_error`.
        :param optional: whether the test may end although no call met the error.
        :raises TypeError: if an argument is of a wrong type.
        :raises ValueError: if there is no such kind; if `times` is less than 1, the operation is not known, or it names
            no role and one is given.
        """
        if kind not in list(CONNECTION_ERRORS):
            raise ValueError(unknown_choice("kind", kind, CONNECTION_ERRORS))
        self._order(connection_error(kind), operation, role, times, optional=optional)

    def assert_no_pending_errors(self) -> None:
        """Check that calls have met the errors that `add_client_error` and `add_connection_error` ordered.

        The end of a test, and of `with mock_sts_saml()`, check the same.

        >>> sts_saml.assert_no_pending_errors()

        :raises AssertionError: if no call has met one of them; it says where that was ordered, and which calls came.
        """
        message = self._services.unmet_errors()
        if message:
            raise AssertionError(message)

    def _order(self, order: Order, operation: str, role: Role | str | None, times: int, *, optional: bool) -> None:
        if operation not in list(OPERATIONS):
            raise ValueError(unknown_choice("operation", operation, OPERATIONS))
        if role is not None and operation not in (limits.SAML_LOGIN, limits.ROLE_CHAINING):
            raise ValueError(f"{operation} names no role; leave role out")
        if not isinstance(times, int) or isinstance(times, bool) or times < 1:
            raise ValueError(f"times must be a whole number of calls, at least 1, not {times!r}")
        self._services.iam.check_own(role)
        arn = None if role is None else arguments.arn_of("role", role)
        if not isinstance(optional, bool):
            raise TypeError(f"optional must be True or False, not {optional!r}")
        errors = self._services.sts.ordered_errors
        current_test.note_ordered_error(errors.add(order, operation, arn, times, optional=optional))


def order_rejection(backend: STSBackend, order: Order, role_arn: str) -> None:
    """Order the error of a forced rejection: every login for a role meets it.

    This is not a method, since it is not for tests but for the fixture `saml_rejection`.
    """
    backend._order(order, limits.SAML_LOGIN, role_arn, _ALWAYS, optional=False)  # noqa: SLF001 - see above


# More often than any test calls.
_ALWAYS = 1_000_000


def _answer(response: Response) -> tuple[int, dict[str, str], str]:
    return response.status, response.headers, response.body
