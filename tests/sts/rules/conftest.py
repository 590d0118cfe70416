import pytest

pytest.register_assert_rewrite("rule_contract")
