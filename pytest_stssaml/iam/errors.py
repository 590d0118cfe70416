"""The error that IAM answers with."""


class IAMError(ValueError):
    """What `create_*` and the other methods raise if IAM would refuse."""

    #: AWS's error code, such as "EntityAlreadyExists".
    code: str
    #: The HTTP status.
    status: int
    #: AWS's message.
    message: str
    #: What is wrong and how to mend it, in words of this package.
    hint: str

    def __init__(self, code: str, status: int, message: str, hint: str) -> None:
        super().__init__(code, status, message, hint)
        self.code = code
        self.status = status
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code}: {self.message} ({self.hint})"
