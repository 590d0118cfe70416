import pytest

# Let pytest explain the assertions of a helper as it explains those of test modules.
pytest.register_assert_rewrite("rule_contract")
