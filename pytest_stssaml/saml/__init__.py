"""The words of SAML, and reading a response safely."""
