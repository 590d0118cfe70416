"""What to change if a rule fails, and AWS's page about it.

The remedies are ours. They say where something is changed: at the identity provider, in IAM, or in the call.
"""

from ...iam.entities import SET_SOURCE_IDENTITY, TAG_SESSION
from ...saml.vocabulary import ROLE, ROLE_SESSION_NAME, SERVICE_PROVIDERS
from ...sts import errors
from ...sts.errors import ErrorRow
from ...sts.rule import AnyRule, Rejected
from ...sts.rules import request as of_request
from ...sts.rules import role as of_role
from ...sts.rules import saml_login as of_login
from ...sts.rules import session_policies as of_policies

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
#: The pages that the sources of rules name, each with its URL.
PAGES = {
    "troubleshoot_saml": f"{_GUIDE}troubleshoot_saml.html",
    "create_saml_assertions": f"{_GUIDE}id_roles_providers_create_saml_assertions.html",
    "create_saml": f"{_GUIDE}id_roles_providers_create_saml.html",
    "id_session-tags": f"{_GUIDE}id_session-tags.html",
    "id_tags": f"{_GUIDE}id_tags.html",
    "reference_policies_grammar": f"{_GUIDE}reference_policies_grammar.html",
    "API reference": "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html",
}


def page_of(rule: AnyRule) -> str:
    """Return the URL of the first page of AWS that the source of a rule names, or ""."""
    sources = [source.partition(",")[0].strip() for source in rule.source.split(";")]
    return next((PAGES[source] for source in sources if source in PAGES), "")


_NEW_RESPONSE = "sign in again, and send the new response to AWS at once"
_CLOCKS = "set the clocks of the identity provider and of the caller by a time server"
_NAMES = "letters, digits and _+=,.@-"

#: What to change, by the error row of a response that cannot be read or trusted.
BY_ERROR: dict[ErrorRow, str] = {
    errors.NOT_BASE64: "in the call, send the value of the form field SAMLResponse as it is, base64 of the response",
    errors.REFUSED_BY_IDP: "at the identity provider, find out why the sign-in failed; its log says more",
    errors.NOT_ONE_ASSERTION: "at the identity provider, issue one assertion in each response for AWS",
    errors.NOT_ENCRYPTED: "at the identity provider, encrypt assertions with the certificate of the provider's private "
    "key; or in IAM, set the encryption mode of the provider to Allowed",
    errors.NOT_DECRYPTED: "at the identity provider, encrypt with the certificate that belongs to the provider's "
    "private key in IAM, with RSA-OAEP and AES; or give that key with --private-key",
    errors.FOREIGN_ISSUER: "in IAM, update the provider with the metadata of the application that issued the response "
    "(aws iam update-saml-provider); or at the identity provider, correct the issuer (entity ID)",
    errors.BAD_SIGNATURE: "in IAM, update the provider with the present metadata of the identity provider (aws iam "
    "update-saml-provider); at the identity provider, sign the assertion; in between, change no "
    "character of the response",
    errors.MALFORMED_ASSERTION: "at the identity provider, correct the value that cannot be read",
}

#: What to change, by the rule that fails.
BY_RULE: dict[AnyRule, str] = {
    of_request.operation_is_served: "in the call, ask for AssumeRoleWithSAML",
    of_request.login_parameters_are_valid: "in the call, correct the parameter; both ARNs come from one pair of the "
    "response, without white space",
    of_request.region_is_activated: "in IAM, activate STS in the region; or in the call, ask another region",
    of_request.provider_exists: "in the call, use the provider's own ARN, and a region of its partition",
    of_login.confirmed_by_bearer: "at the identity provider, issue one SubjectConfirmation of the method bearer, whose "
    "SubjectConfirmationData has a Recipient (the ACS or reply URL) and a NotOnOrAfter",
    of_login.sent_to_this_provider: "at the identity provider, set the Recipient (the ACS or reply URL) to the sign-in "
    "URL that IAM shows for this provider",
    of_login.addressed_to_aws: "at the identity provider, set the audience (Audience URI, SP entity ID, Identifier) to "
    f"{SERVICE_PROVIDERS['aws'].entity_id}, or to the entity ID of the partition",
    of_login.conditions_are_understood: "at the identity provider, leave the condition out",
    of_login.not_used_too_early: _CLOCKS,
    of_login.redeemed_in_time: _NEW_RESPONSE + "; if it is new, " + _CLOCKS,
    of_login.not_expired: "at the identity provider, let responses for AWS be valid for five minutes; if it was old, "
    + _NEW_RESPONSE,
    of_login.offers_the_role: f"at the identity provider, give the attribute {ROLE} a value with both ARNs, spelled as "
    "in IAM and separated by a comma; or in the call, ask for a pair that the response offers",
    of_login.names_the_session: f"at the identity provider, send the attribute {ROLE_SESSION_NAME}, such as the e-mail "
    "address of the user",
    of_login.session_name_is_legal: "at the identity provider, fill RoleSessionName with one value of 2 to 64 "
    f"{_NAMES}",
    of_login.source_identity_is_legal: f"at the identity provider, fill SourceIdentity with one value of 2 to 64 "
    f"{_NAMES}, or leave it out",
    of_login.at_most_fifty_tags: "at the identity provider, send at most 50 attributes PrincipalTag",
    of_login.each_tag_has_one_value: "at the identity provider, send one value for each PrincipalTag",
    of_login.tag_keys_are_legal: "at the identity provider, correct the key behind PrincipalTag:",
    of_login.tag_values_are_legal: "at the identity provider, shorten or clean the value of the tag",
    of_login.tag_keys_differ: "at the identity provider, send only one of the two tags",
    of_login.transitive_tag_keys_are_tags: "at the identity provider, list only keys of PrincipalTag in "
    "TransitiveTagKeys",
    of_login.provider_is_in_the_roles_account: "in IAM, create the provider in the account of the role, and at the "
    "identity provider, write its ARN beside the role's",
    of_login.subject_has_a_name: "at the identity provider, send a NameID",
    of_role.role_exists: "in the call and at the identity provider, write the role's ARN as IAM shows it: path and "
    "case of the letters count",
    of_role.role_is_not_reserved: "in the call, use another role; those of IAM Identity Center are not for this call",
    of_role.trusted_by_the_role: "in IAM, change the trust policy of the role; or at the identity provider, change "
    "what it tests",
    of_role.within_the_roles_maximum: "in IAM, raise the maximum session duration of the role; or in the call, ask for "
    "less (DurationSeconds)",
    of_policies.at_most_ten_policy_arns: "in the call, name at most ten PolicyArns",
    of_policies.policies_are_of_the_roles_account: "in the call, name policies of the role's account or of AWS",
    of_policies.policies_exist: "in the call, name policies that exist",
    of_policies.policies_are_short_enough: "in the call, shorten the session policy",
    of_policies.session_policy_is_json: "in the call, write the session policy as JSON",
    of_policies.session_policy_follows_the_grammar: "in the call, correct the session policy",
    of_policies.session_token_is_small_enough: "at the identity provider, send fewer or shorter tags; or in the call, "
    "shorten the session policy",
}

#: What to change if a trust policy does not allow what tags or a source identity need.
BY_ACTION = {
    TAG_SESSION: f"in IAM, add the action {TAG_SESSION} to the trust policy of the role; or at the identity provider, "
    "send no PrincipalTag",
    SET_SOURCE_IDENTITY: f"in IAM, add the action {SET_SOURCE_IDENTITY} to the trust policy of the role; or at the "
    "identity provider, send no SourceIdentity",
}


def remedy_of(rule: AnyRule, rejected: Rejected) -> str:
    """Return what to change if a rule refuses."""
    return BY_RULE.get(rule) or BY_ERROR.get(rejected.error, "")
