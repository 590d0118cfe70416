"""The rules of STS, one function each, in the order in which AWS applies them.

The source of a rule is a bare page name for a page of the IAM user guide, such as "troubleshoot_saml" for
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html; the prefix "id_roles_providers_" of other pages
is left out. "API reference" is the one of AWS STS. "Observed" means that an answer of AWS shows the rule.
"""
