"""The catalogue: one row for each thing that AWS says no with."""


class IAMError(ValueError):
    """What `create_*` raise where IAM would refuse: `code`, `status`, `message`, and a `hint` of ours."""

    def __init__(self, code: str, status: int, message: str, hint: str) -> None:
        super().__init__(code, status, message, hint)
        self.code = code
        self.status = status
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code}: {self.message} ({self.hint})"
