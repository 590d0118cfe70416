"""The vocabulary of SAML, and a reader of responses and metadata that trusts only what an identity provider signed."""
