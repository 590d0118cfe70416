"""Certificates other than those that identity providers make for themselves."""

import datetime as dt
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from pytest_stssaml.keys import SigningKey


def certificate_between(
    key: SigningKey, first_year: int, last_year: int, extensions: Mapping[str, bytes] | None = None
) -> x509.Certificate:
    """Return a self-signed certificate that is valid from the first of January of one year to that of another.

    :param extensions: the values of unknown extensions, by object identifier.
    """
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.com")])
    first, last = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (first_year, last_year))
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, first, last)
    for oid, value in (extensions or {}).items():
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)
        builder = builder.add_extension(unknown, critical=False)
    return builder.sign(key, hashes.SHA256())
