"""Which attributes of a SAML assertion fill which condition keys.

Source: IAM user guide, id_roles_providers_create_saml_assertions ("mapping SAML attributes to AWS trust policy context
keys") and reference_policies_iam-condition-keys ("available keys for SAML-based federation").
"""

_X500_UID = ("0.9.2342.19200300100.1.1", "0.9.2342.19200300.100.1.1")
_X500_MAIL = ("0.9.2342.19200300100.1.3", "0.9.2342.19200300.100.1.3")
_X500_GIVEN_NAME = ("2.4.5.42", "2.5.4.42")
_EDU_PERSON = "urn:oid:1.3.6.1.4.1.5923.1.1.1."
_EDU_ORG = "urn:oid:1.3.6.1.4.1.5923.1.2.1."
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_PRIMARY_GROUP_SID = "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid"

#: The names of the attributes that fill a condition key, by the key in lower case. AWS's table misprints three OIDs, so
#: both forms are here. AWS's tables disagree about the claim of a primary group, so it fills two keys here.
CLAIMS: dict[str, tuple[str, ...]] = {
    "saml:edupersonaffiliation": (_EDU_PERSON + "1",),
    "saml:edupersonnickname": (_EDU_PERSON + "2",),
    "saml:edupersonorgdn": (_EDU_PERSON + "3",),
    "saml:edupersonorgunitdn": (_EDU_PERSON + "4",),
    "saml:edupersonprimaryaffiliation": (_EDU_PERSON + "5",),
    "saml:edupersonprincipalname": (_EDU_PERSON + "6",),
    "saml:edupersonentitlement": (_EDU_PERSON + "7",),
    "saml:edupersonprimaryorgunitdn": (_EDU_PERSON + "8",),
    "saml:edupersonscopedaffiliation": (_EDU_PERSON + "9",),
    "saml:edupersontargetedid": (_EDU_PERSON + "10",),
    "saml:edupersonassurance": (_EDU_PERSON + "11",),
    "saml:eduorghomepageuri": (_EDU_ORG + "2",),
    "saml:eduorgidentityauthnpolicyuri": (_EDU_ORG + "3",),
    "saml:eduorglegalname": (_EDU_ORG + "4",),
    "saml:eduorgsuperioruri": (_EDU_ORG + "5",),
    "saml:eduorgwhitepagesuri": (_EDU_ORG + "6",),
    "saml:cn": ("urn:oid:2.5.4.3",),
    "saml:commonname": ("http://schemas.xmlsoap.org/claims/CommonName", "2.5.4.3"),
    "saml:name": (_CLAIMS + "name",),
    "saml:givenname": (_CLAIMS + "givenname", *_X500_GIVEN_NAME),
    "saml:surname": (_CLAIMS + "surname", "2.5.4.4"),
    "saml:mail": (_CLAIMS + "emailaddress", *_X500_MAIL),
    "saml:uid": (*_X500_UID, _PRIMARY_GROUP_SID),
    "saml:primarygroupsid": (_PRIMARY_GROUP_SID,),
    "saml:x500uniqueidentifier": ("2.5.4.45",),
    "saml:organizationstatus": ("0.9.2342.19200300.100.1.45",),
}

#: The condition keys that an attribute of a name fills.
KEYS_OF_ATTRIBUTE = {
    name: [key for key in CLAIMS if name in CLAIMS[key]] for names in CLAIMS.values() for name in names
}

#: The keys that have a single value. If AWS's tables disagree about a key, it is a list.
SINGLE_VALUED = frozenset(
    {
        "saml:edupersonorgdn",
        "saml:edupersonprimaryaffiliation",
        "saml:edupersonprincipalname",
        "saml:edupersonprimaryorgunitdn",
    }
)
