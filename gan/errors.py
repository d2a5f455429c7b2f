"""The one exception for what a user can put right."""


class UserError(Exception):
    """Something the user can mend: what is wrong, and what to do about it.

    The window shows it in its message bar, the command line prints it on stderr and exits with 2. Anything else
    that escapes is a bug and keeps its traceback.

    Args:
        text: one sentence that says what is wrong.
        hint: what to do next; empty when the sentence already says it.
    """

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.text} {self.hint}".strip()
