"""What Hypothesis draws for policies: values, Condition blocks, statements and the context of a request."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from policy_documents import ACTION, OTHER_PROVIDER, PROVIDER

from pytest_stssaml.iam.policies.conditions import OPERATORS

a_few = settings(derandomize=True, database=None, deadline=None, max_examples=100)

# Values about which some operators differ, and values that none can read.
VALUES = [
    *("", "alice", "Alice", "ALICE", "a*", "*", "?", "$", "straße", "STRASSE", "a\n", "\ud800", "\0"),
    *("${saml:aud}", "${SAML:iss, 'x'}", "${*}", "${?}", "${$}", "${", "${}", "}", "${,}", "${, 'x'}", "${a${b}}"),
    *("0", "1", "-1", "1.0", "1e0", "10", "9", "1e400", "1e99999999999999999999", "-1e-999999999", "NaN", "sNaN"),
    *("Infinity", "9" * 30, "\u0661", "1_0", "+-1"),
    *("2030-01-01", "2030-01-01T12:00:00Z", "2030-01-01T13:00:00+01:00", "1893499200", "1893499200.5"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2030-02-30", "2030-W01-1", "20300101", "2030"),
    *("true", "True", "false", "yes"),
    *("QQ==", "QR==", "QQ", "Q", "====", "!!!!", "QQ==\n"),
    *("10.0.0.1", "10.0.0.0/8", "10.1.2.3/8", "0.0.0.0/0", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "/", "1/1"),
    *("::1", "::/0", "2001:DB8::/32", "fe80::1%eth0", "::ffff:10.0.0.1"),
    *(
        "arn:aws:iam::1:role/x",
        "arn:aws:iam::*:role/*",
        "arn:aws:sns:x:1:a:b",
        "arn:aws:iam::1",
        "*:*:*:*:*:*",
        ":::::",
    ),
]
KEYS = ["saml:sub", "saml:aud", "saml:iss", "aws:RequestTag/Team"]

texts = st.one_of(st.sampled_from(VALUES), st.text("aAb*?${}:,' 0", max_size=8))
requested = st.one_of(texts, st.sampled_from(["9" * 5_000, "a" * 5_000, "A" * 5_000]))  # too long for a policy
literal_texts = texts.filter(lambda text: "${" not in text)
json_values = st.one_of(
    texts, st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False)
)
requests = st.dictionaries(
    st.sampled_from([key.lower() for key in KEYS]), st.lists(requested, max_size=3).map(tuple), max_size=len(KEYS)
)
present = st.lists(requested, min_size=1, max_size=3).map(tuple)


def one_or_several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.lists(values, max_size=2))


every_form = [
    f"{prefix}{operator}"
    for prefix in ("", "ForAllValues:", "ForAnyValue:")
    for operator in [*OPERATORS, *(f"{operator}IfExists" for operator in OPERATORS), "Null"]
]
null_values = st.sampled_from(["true", "false", "True", True, False])
conditions = st.sampled_from(every_form).flatmap(
    lambda form: st.dictionaries(
        st.sampled_from(KEYS), one_or_several(null_values if form.endswith("Null") else json_values), max_size=2
    ).map(lambda keys: {form: keys})
)
blocks = st.lists(conditions, max_size=2).map(lambda found: {form: keys for one in found for form, keys in one.items()})
statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": st.sampled_from(
            [{"Federated": PROVIDER}, {"Federated": [OTHER_PROVIDER, PROVIDER]}, {"AWS": "*"}]
        ),
        "Action": st.sampled_from([ACTION, "sts:TagSession", [ACTION, "sts:TagSession"]]),
    },
    optional={"Condition": conditions},
)
versions = st.sampled_from([{"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {}])
several = st.lists(statements, min_size=1, max_size=3)

any_operator = st.sampled_from(sorted(OPERATORS))
