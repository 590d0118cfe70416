import ast
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from decryption_keys import KEYS
from iam_errors import refused
from iam_refusals import REFUSALS, Said, create_a_provider
from policy_documents import document, permission

from pytest_stssaml import IAMError, IdentityProvider, STSBackend
from pytest_stssaml.iam import accounts, arguments, directory
from pytest_stssaml.iam.policies import condition_blocks, documents, permissions, trust_policies


def raised_in_source() -> set[tuple[str, int]]:
    """Return the files and lines in which the package raises an IAMError."""
    others = {"NotJSON", "Rejected", "TypeError", "ValueError"}
    return {
        (str(module.__file__), node.lineno)
        for module in (accounts, arguments, condition_blocks, directory, documents, permissions, trust_policies)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id not in others
    }


class TestEveryRefusal:
    @pytest.fixture
    def aws(self, sts: STSBackend, idp: IdentityProvider) -> STSBackend:
        """A backend that knows ExampleIdP with a key, a role and a policy of the name "Taken", and an alias."""
        sts.update_saml_provider(idp.provider, add_private_key=KEYS[0])
        sts.create_role("Taken")
        sts.create_policy("Taken", document(permission()))
        sts.create_account_alias("taken", account_id="111122223333")
        return sts

    @pytest.mark.parametrize(("call", "keywords", "error"), REFUSALS.values(), ids=REFUSALS)
    def test_has_the_message_of_iam_and_a_hint(
        self, aws: STSBackend, call: Callable[..., object], keywords: dict[str, Any], error: Said
    ) -> None:
        *said, hint = refused(call, aws, **keywords)
        assert (tuple(said), bool(hint)) == (error, True)

    def test_of_the_source_is_in_the_table(self, aws: STSBackend, monkeypatch: pytest.MonkeyPatch) -> None:
        raised = set()
        for call, keywords, _ in REFUSALS.values():
            with pytest.raises(IAMError) as caught:
                call(aws, **keywords)
            raised.add((str(caught.traceback[-1].path), caught.traceback[-1].lineno + 1))
        monkeypatch.setattr("pytest_stssaml.saml.metadata.SHORTEST_RSA_KEY", 2049)
        with pytest.raises(IAMError, match=r"^InvalidInput: Unable to parse metadata ") as caught:
            create_a_provider(aws)
        raised.add((str(caught.traceback[-1].path), caught.traceback[-1].lineno + 1))
        assert raised_in_source() - raised == set()
