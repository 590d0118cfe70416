from typing import Any

import pytest
from decryption_keys import KEYS
from sign_in_pages import FORM, Answer, account_names, chooser, console, get, post, roles_of_labels, two_roles

from pytest_stssaml import IdentityProvider, Role, STSBackend, mock_sts_saml
from pytest_stssaml.literals import Partition
from pytest_stssaml.saml.signatures.verification import verify_signature
from pytest_stssaml.saml.vocabulary import SERVICE_PROVIDERS

INVALID = "Your request included an invalid SAML response. To logout, click here."
JAVA = "(Service: AWSSecurityTokenService; Status Code:"
END = "Proxy: null). Please try again."


def refused_text(answer: Answer) -> str:
    """Return the error of a page without the request ID, which differs each time."""
    before, _, after = answer.error.partition("Request ID: ")
    return before + after.partition("; ")[2]


class TestOneRole:
    def test_leads_straight_to_the_console(self, sts: STSBackend, idp: IdentityProvider) -> None:
        page = console(sts, post(sts, idp.response(sts.create_role("Developer"))))
        assert page.page.get_element_by_id("signed-in-as").text == "Developer/alice@example.com @ 123456789012"

    def test_is_a_login_that_sts_remembers(self, sts: STSBackend, idp: IdentityProvider) -> None:
        post(sts, idp.response(sts.create_role("Developer")))
        assert [(attempt.operation, attempt.accepted) for attempt in sts.attempts] == [("AssumeRoleWithSAML", True)]
        assert sts.sessions[0].arn == "arn:aws:sts::123456789012:assumed-role/Developer/alice@example.com"

    @pytest.mark.parametrize("known", [True, False], ids=["both know it", "one knows it"])
    def test_with_two_providers_is_still_one_role(self, sts: STSBackend, idp: IdentityProvider, *, known: bool) -> None:
        role = sts.create_role("Developer")
        other = sts.create_saml_provider("Other", idp if known else IdentityProvider("urn:other"))
        assert post(sts, idp.response([(role, idp.provider), (role, other)])).status == 302


class TestSeveralRoles:
    def test_are_shown_and_nothing_is_called(self, sts: STSBackend, idp: IdentityProvider) -> None:
        assert (chooser(sts, idp).status, sts.attempts) == (200, ())

    def test_that_are_repeated_are_shown_once(self, sts: STSBackend, idp: IdentityProvider) -> None:
        developer, auditor = two_roles(sts)
        page = post(sts, idp.response([developer, auditor, developer]))
        assert list(roles_of_labels(page).values()) == [{developer.arn: "Developer", auditor.arn: "Auditor"}]

    def test_are_shown_without_those_of_an_unknown_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        developer, auditor = two_roles(sts)
        unknown = "arn:aws:iam::210987654321:saml-provider/Unknown"
        page = post(sts, idp.response([developer, auditor, ("arn:aws:iam::210987654321:role/Admin", unknown)]))
        assert account_names(page) == ["Account: 123456789012"]

    def test_that_do_not_exist_are_shown_too(self, sts: STSBackend, idp: IdentityProvider) -> None:
        arns = {f"arn:aws:iam::123456789012:role/{name}": name for name in ("A", "B")}
        assert list(roles_of_labels(post(sts, idp.response(list(arns)))).values()) == [arns]

    @pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
    def test_are_shown_beside_one_for_which_sts_cannot_be_asked(
        self, sts: STSBackend, idp: IdentityProvider, *, first: bool
    ) -> None:
        good, bad = two_roles(sts), ["arn:aws:iam::1:role/A" + "\u2603" * 2048]
        page = post(sts, idp.response([*bad, *good] if first else [*good, *bad], provider=idp.provider))
        assert ["Developer", "Auditor"] in [list(roles.values())[:2] for roles in roles_of_labels(page).values()]

    def test_are_verified_once(self, sts: STSBackend, idp: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> None:
        verified = []

        def verify(*args: Any) -> Any:
            verified.append(args)
            return verify_signature(*args)

        monkeypatch.setattr("pytest_stssaml.saml.assertion.verify_signature", verify)
        page = post(sts, idp.response([f"arn:aws:iam::123456789012:role/R{n}" for n in range(100)]))
        assert (len(next(iter(roles_of_labels(page).values()))), len(verified)) == (100, 1)

    def test_are_shown_without_values_that_are_not_pairs(self, sts: STSBackend, idp: IdentityProvider) -> None:
        developer, auditor = two_roles(sts)
        page = post(sts, idp.response([developer, auditor, ("Developer", "ExampleIdP")]))
        assert list(roles_of_labels(page).values()) == [{developer.arn: "Developer", auditor.arn: "Auditor"}]

    def test_post_the_response_and_the_relay_state_again(self, sts: STSBackend, idp: IdentityProvider) -> None:
        response = idp.response(two_roles(sts))
        [form] = post(sts, response, "/saml", RelayState="\"'><").page.forms
        assert dict(form.fields) | {"roleIndex": None} == {
            "SAMLResponse": response,
            "RelayState": "\"'><",
            "name": "",
            "portal": "",
            "roleIndex": None,
        }
        assert (form.get("id"), form.method, form.action) == ("saml_form", "POST", "/saml")

    def test_of_an_encrypted_assertion_are_shown(self, sts: STSBackend, idp: IdentityProvider) -> None:
        sts.create_saml_provider("Plain", IdentityProvider("urn:plain"))
        sts.create_saml_provider("Wrong", IdentityProvider("urn:wrong"), private_keys=[KEYS[1]])
        sts.update_saml_provider(idp.provider, add_private_key=KEYS[0])
        roles = two_roles_of(sts, idp)
        page = post(sts, idp.response(roles, encrypted_for=idp.provider))
        assert account_names(page) == ["Account: 123456789012"]


def two_roles_of(sts: STSBackend, idp: IdentityProvider) -> list[Any]:
    return [sts.create_role(name, provider=idp.provider) for name in ("Developer", "Auditor")]


class TestChosenRole:
    def test_leads_to_the_console(self, sts: STSBackend, idp: IdentityProvider) -> None:
        _, auditor = two_roles(sts)
        sts.create_account_alias("example-corp")
        page = console(sts, post(sts, response_of_two(sts, idp), roleIndex=auditor.arn))
        assert [(row.get("id"), row.text) for row in page.page.iterfind(".//dd")][:4] == [
            ("signed-in-as", "Auditor/alice@example.com @ example-corp"),
            ("account", "example-corp (123456789012)"),
            ("role", auditor.arn),
            ("session", "arn:aws:sts::123456789012:assumed-role/Auditor/alice@example.com"),
        ]

    def test_that_is_not_offered_is_an_invalid_response(self, sts: STSBackend, idp: IdentityProvider) -> None:
        answer = post(sts, response_of_two(sts, idp), roleIndex="arn:aws:iam::123456789012:role/Admin")
        assert (answer.status, answer.error, sts.attempts) == (400, INVALID, ())
        assert answer.reason.startswith("the response does not offer the role 'arn:aws:iam::123456789012:role/Admin'")

    def test_whose_trust_policy_denies_is_refused_as_by_sts(self, sts: STSBackend, idp: IdentityProvider) -> None:
        developer, _ = two_roles(sts)
        closed = sts.create_role("Closed", trust_policy=idp.provider.trust_policy(conditions=NOBODY))
        answer = post(sts, idp.response([developer, closed]), roleIndex=closed.arn)
        assert (answer.status, refused_text(answer)) == (
            403,
            f"Not authorized to perform sts:AssumeRoleWithSAML {JAVA} 403; Error Code: AccessDenied; {END}",
        )

    @pytest.mark.parametrize(
        ("seconds", "status"), [(3600, 302), (3601, 400), (899, 302), (None, 302)], ids=["3600", "3601", "899", "none"]
    )
    def test_has_the_session_duration_of_the_response(
        self, sts: STSBackend, idp: IdentityProvider, seconds: int | None, status: int
    ) -> None:
        developer, _ = two_roles(sts)
        response = idp.response(developer, session_duration=seconds)
        assert post(sts, response).status == status

    def test_has_an_error_that_was_ordered(self, sts: STSBackend, idp: IdentityProvider) -> None:
        developer, _ = two_roles(sts)
        sts.add_client_error("Throttling", "Rate exceeded", role=developer)
        answer = post(sts, response_of_two(sts, idp), roleIndex=developer.arn)
        assert refused_text(answer) == f"Rate exceeded {JAVA} 400; Error Code: Throttling; {END}"

    def test_has_a_connection_error_that_was_ordered(self, sts: STSBackend, idp: IdentityProvider) -> None:
        response = response_of_two(sts, idp)
        sts.add_connection_error("reset")
        with pytest.raises(ConnectionResetError):
            post(sts, response, roleIndex=two_roles(sts)[0].arn)


NOBODY = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml", "saml:sub": "nobody"}}


def response_of_two(sts: STSBackend, idp: IdentityProvider) -> str:
    return idp.response(two_roles(sts))


class TestInvalidResponse:
    @pytest.mark.parametrize(
        ("response", "reason"),
        [
            (None, "the request has no field SAMLResponse in a form"),
            ("%%%", "expected base64"),
            ("PGEvPg==", "expected a samlp:Response"),
            ("A" * 100_001, "the response has 100001 characters"),
        ],
        ids=["none", "not base64", "not a response", "too long"],
    )
    def test_that_cannot_be_read_says_why_in_a_header(self, sts: STSBackend, response: str | None, reason: str) -> None:
        answer = post(sts, response)
        assert (answer.status, answer.error, sts.attempts) == (400, INVALID, ())
        assert answer.reason.startswith(reason)

    @pytest.mark.parametrize("shape", ["a pair", "no role"])
    def test_without_a_role_says_what_came(self, sts: STSBackend, idp: IdentityProvider, shape: str) -> None:
        answer = post(sts, idp.response(None if shape == "no role" else ("Developer", "ExampleIdP")))
        assert (answer.status, answer.error) == (400, INVALID)
        assert answer.reason.startswith("expected a role and a provider in the attribute Role, got [")

    def test_that_cannot_be_decrypted_says_so(self, sts: STSBackend, idp: IdentityProvider) -> None:
        sts.update_saml_provider(idp.provider, add_private_key=KEYS[0])
        response = idp.response(sts.create_role("Developer"), encrypted_for=idp.provider)
        sts.update_saml_provider(idp.provider, remove_private_key=KEYS[0])
        answer = post(sts, response)
        assert (answer.error, "no private key" in answer.reason) == (INVALID, True)

    def test_is_what_a_get_has(self, sts: STSBackend) -> None:
        answer = get(sts, "/saml")
        assert (answer.status, answer.error) == (400, INVALID)
        assert answer.reason == "a response is posted, and the method is GET"

    def test_links_to_the_end_of_the_session(self, sts: STSBackend) -> None:
        [link] = post(sts, None).page.iterfind(".//a")
        assert (link.text, get(sts, link.get("href")).status) == ("click here", 200)


class TestRefusal:
    @pytest.mark.parametrize("count", [1, 2])
    def test_of_a_tampered_response_is_that_of_sts(self, sts: STSBackend, idp: IdentityProvider, count: int) -> None:
        answer = post(sts, idp.response(two_roles(sts)[:count]).tampered("alice@", "mallory@"))
        assert (answer.status, refused_text(answer)) == (
            400,
            f"Response signature invalid {JAVA} 400; Error Code: InvalidIdentityToken; {END}",
        )
        assert (sts.last_attempt.failed, sts.sessions) == ("assertion_is_trusted", ())

    def test_of_an_expired_response_comes_before_the_choice(self, sts: STSBackend, idp: IdentityProvider) -> None:
        response = idp.response(two_roles(sts))
        sts.advance(minutes=6)
        assert post(sts, response).error.startswith("Token must be redeemed within 5 minutes of issuance (Service: ")

    def test_of_a_response_without_a_session_name_comes_after_the_choice(
        self, sts: STSBackend, idp: IdentityProvider
    ) -> None:
        response = idp.response(two_roles(sts), session_name=None)
        assert post(sts, response).status == 200
        answer = post(sts, response, roleIndex=two_roles(sts)[0].arn)
        assert answer.error.startswith("RoleSessionName is required in AuthnResponse (Service: ")

    def test_with_the_error_of_another_service_has_its_own_form(self, sts: STSBackend, idp: IdentityProvider) -> None:
        answer = post(sts, idp.response(sts.create_role("Developer"), issuer="urn:other"))
        expected = (
            "Failed to assume role: Issuer not present in specified provider (Service: AWSOpenIdDiscoveryService;"
        )
        assert (answer.error.startswith(expected), answer.error.count("Service: ")) == (True, 1)
        assert answer.error.endswith("Proxy: null). Please try again.")

    def test_points_to_the_explanation(self, sts: STSBackend, idp: IdentityProvider) -> None:
        answer = post(sts, idp.response(sts.create_role("Developer")).unsigned())
        assert answer.reason == "STS refused it; sts.last_attempt.explain() says why"


class TestProvidersOwnURL:
    def test_takes_the_responses_of_the_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        role = sts.create_role("Developer", trust_policy=idp.provider.trust_policy(recipient=None))
        response = idp.response(role, recipient=idp.provider.sign_in_url())
        assert post(sts, response, f"/saml/acs/{idp.provider.uuid}").status == 302

    def test_refuses_those_of_another_provider(self, sts: STSBackend, idp: IdentityProvider) -> None:
        other = sts.create_saml_provider("Other", IdentityProvider("urn:other"))
        response = idp.response(sts.create_role("Developer", provider=idp.provider))
        answer = post(sts, response, f"/saml/acs/{other.uuid}")
        assert (answer.error, answer.reason) == (
            INVALID,
            f"the path names the provider {other.uuid}, and the response {idp.provider.arn}",
        )

    def test_posts_to_itself(self, sts: STSBackend, idp: IdentityProvider) -> None:
        path = f"/saml/acs/{idp.provider.uuid}"
        assert post(sts, idp.response(two_roles(sts)), path).page.forms[0].action == path

    def test_of_an_unknown_provider_takes_nothing(self, sts: STSBackend, idp: IdentityProvider) -> None:
        unknown = ("arn:aws:iam::123456789012:role/A", "arn:aws:iam::123456789012:saml-provider/Unknown")
        answer = post(sts, idp.response(unknown), f"/saml/acs/{idp.provider.uuid}")
        assert answer.error == INVALID


class TestHosts:
    @pytest.mark.parametrize("partition", SERVICE_PROVIDERS)
    @pytest.mark.parametrize("own", [True, False], ids=["AWS's", "another"])
    def test_serve_the_roles_of_their_partition(self, partition: Partition, own: bool) -> None:
        with mock_sts_saml(partition=partition) as sts:
            idp = IdentityProvider()
            sts.create_saml_provider("ExampleIdP", idp)
            host = SERVICE_PROVIDERS[partition].sign_in_host if own else "127.0.0.1:8000"
            assert post(sts, idp.response(sts.create_role("Developer")), host=host).status == 302

    def test_refuse_the_roles_of_another_partition(self, sts: STSBackend, idp: IdentityProvider) -> None:
        answer = post(sts, idp.response(sts.create_role("Developer")), host="signin.amazonaws.cn")
        assert answer.error.startswith("Failed to assume role: Specified provider doesn't exist")

    @pytest.mark.parametrize(
        ("host", "region"),
        [
            ("signin.aws.amazon.com", "us-east-1"),
            ("SignIn.AWS.amazon.com:443", "us-east-1"),
            ("eu-west-1.signin.aws.amazon.com", "eu-west-1"),
            ("localhost", "us-east-1"),
        ],
    )
    def test_ask_the_sts_of_their_region(self, sts: STSBackend, idp: IdentityProvider, host: str, region: str) -> None:
        post(sts, idp.response(sts.create_role("Developer")), host=host)
        assert sts.last_attempt.region == region

    def test_may_be_those_of_the_whole_url(self, sts: STSBackend, idp: IdentityProvider) -> None:
        url = "https://eu-west-1.signin.aws.amazon.com/saml?region=eu-west-1"
        sts.sign_in.handle("POST", url, FORM, "SAMLResponse=" + quoted(idp.response(sts.create_role("Developer"))))
        assert sts.last_attempt.region == "eu-west-1"


def quoted(response: str) -> str:
    return response.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


class TestRelayState:
    @pytest.mark.parametrize(
        "url",
        [
            "https://console.aws.amazon.com/ec2/home?region=eu-west-1",
            "https://eu-west-1.console.aws.amazon.com/",
            "https://console.amazonaws.cn/",
            "https://console.amazonaws-us-gov.com/",
        ],
    )
    def test_of_aws_is_the_page_at_the_console(self, sts: STSBackend, idp: IdentityProvider, url: str) -> None:
        page = console(sts, post(sts, idp.response(sts.create_role("Developer")), RelayState=url))
        assert page.page.get_element_by_id("page").text == url

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "token",
            "http://console.aws.amazon.com/",
            "https://example.com/",
            "https://notaws.amazon.com/",
            "https://console.aws.amazon.com@example.com/",
            "https://example.com\\.aws.amazon.com/",
            "https://[aws.amazon.com/",
            "//console.aws.amazon.com/",
        ],
    )
    def test_that_is_not_a_page_of_aws_is_ignored(self, sts: STSBackend, idp: IdentityProvider, url: str) -> None:
        entered = post(sts, idp.response(sts.create_role("Developer")), RelayState=url)
        assert entered.headers["Location"] == "/console/home"
        assert console(sts, entered).page.xpath("//*[@id='page']") == []


class TestConsole:
    def test_without_a_cookie_shows_nobody(self, sts: STSBackend) -> None:
        answer = get(sts, "/console/home")
        assert (answer.status, answer.reason) == (403, "the request has no cookie of a console session")

    @pytest.mark.parametrize("cookie", ["stssaml-console=unknown", "=", "a=b; c"])
    def test_with_another_cookie_shows_nobody(self, sts: STSBackend, cookie: str) -> None:
        assert get(sts, "/console/home", {"Cookie": cookie}).status == 403

    def test_ends_with_the_session(self) -> None:
        with mock_sts_saml(now="2030-01-01T12:00:00Z") as sts:
            idp = IdentityProvider()
            sts.create_saml_provider("ExampleIdP", idp)
            entered = post(sts, idp.response(sts.create_role("Developer")))
            sts.move_to("2030-01-01T12:59:59.999999Z")
            assert get(sts, "/console/home", entered.cookie).status == 200
            sts.move_to("2030-01-01T13:00:00Z")
            answer = get(sts, "/console/home", entered.cookie)
        assert (answer.status, "Sign in again at https://idp.example.com/saml." in answer.text) == (403, True)

    def test_ends_with_the_logout(self, sts: STSBackend, idp: IdentityProvider) -> None:
        entered = post(sts, idp.response(sts.create_role("Developer")))
        left = get(sts, "/console/logout", entered.cookie)
        assert (left.status, "Max-Age=0" in left.headers["Set-Cookie"]) == (200, True)
        assert get(sts, "/console/home", entered.cookie).status == 403

    def test_forgets_the_oldest_session_after_a_thousand(
        self, sts: STSBackend, idp: IdentityProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pytest_stssaml.sign_in.console.MOST_CONSOLE_SESSIONS", 2)
        response = idp.response(sts.create_role("Developer"))
        cookies = [post(sts, response).cookie for _ in range(3)]
        assert [get(sts, "/console/home", cookie).status for cookie in cookies] == [403, 200, 200]


@pytest.mark.parametrize("layout", ["classic", "2023"])
def test_everything_from_outside_is_text(layout: str) -> None:
    with mock_sts_saml() as sts:
        idp = IdentityProvider("<script>alert(1)</script>")
        sts.create_saml_provider("ExampleIdP", idp)
        sts.sign_in.layout = layout
        role = sts.create_role("Developer", path="/<script>alert(2)</script>/")
        roles: list[Role | str] = [role, "arn:aws:iam::123456789012:role/<script>alert(3)</script>"]
        response = idp.response(roles, name_id="<script>alert(4)</script>")
        page = post(sts, response, RelayState="</form><script>alert(5)</script>")
        entered = post(sts, response, roleIndex=role.arn, RelayState="https://console.aws.amazon.com/<script>")
        sts.advance(hours=2)
        pages = [page, console(sts, entered), post(sts, response, roleIndex="<script>alert(6)</script>")]
        assert ["<script" in page.body for page in pages] == [False] * 3
        assert "&lt;script&gt;alert(2)" in page.body


def test_a_layout_that_does_not_exist_is_refused(sts: STSBackend) -> None:
    with pytest.raises(ValueError, match="layout must be one of classic, 2023, not '2024'"):
        sts.sign_in.layout = "2024"
    assert repr(sts.sign_in) == "<SignIn with the classic layout>"
    assert sts.sign_in.layout == "classic"
