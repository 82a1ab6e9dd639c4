"""What goes wrong for a trainer, with the act, the place and the remedy."""

from __future__ import annotations


class LoaderError(Exception):
    """Everything that this package raises on purpose.

    `code` is stable and one of: `bad-argument`, `not-a-dataset`, `not-found`, `erased`, `damaged-dataset`, `not-here`,
    `state-mismatch`, `store-failed`, `too-many-epochs`.
    """

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}\n  {remedy}" if remedy else message)
        self.code = code
        self.message = message
        self.remedy = remedy
