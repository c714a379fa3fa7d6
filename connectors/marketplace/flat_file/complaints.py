"""What is wrong with a piece of a file and what to do, before it has a row and a column."""

import msgspec


class Complaint(msgspec.Struct, frozen=True, gc=False):
    """`code` is stable and for programs, `sentence` says what is wrong, `remedy` what to do."""

    code: str
    sentence: str
    remedy: str


class CellRefused(Exception):
    """The text in one cell cannot be what its column should hold."""

    def __init__(self, code: str, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.complaint = Complaint(code, sentence, remedy)
