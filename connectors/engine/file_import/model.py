"""What an import is and how far it came."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from connectors.contract.files import FileOutcome, ReadMessage, RowTally

BATCH_ROWS: Final = 2_000  # a transaction of about a second at most, whatever the orders' sizes
BATCH_OUTCOMES: Final = 500
CONTENT_BYTES: Final = 6  # of the name of a row's content


class RunState(StrEnum):
    """Where an import stands."""

    RUNNING = "running"
    FINISHED = "finished"


class Counts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an import did. The rows of a file are all in `rows`; the rest counts documents."""

    rows: RowTally = RowTally()
    orders_new: int = 0
    orders_same: int = 0
    orders_changed: int = 0
    returns_new: int = 0
    returns_same: int = 0
    units_returned_matched: int = 0
    units_returned_blind: int = 0
    quarantined: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            **{
                name: getattr(self, name) + getattr(other, name)
                for name in Counts.__struct_fields__
            }
        )


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One file's import into one channel; `cursor` is where it goes on."""

    id: str
    channel_id: str
    file: str
    fingerprint: str
    state: RunState
    cursor: str
    counts: Counts
    started_at_ms: int
    changed_at_ms: int


def batches(outcomes: Iterable[FileOutcome]) -> Iterator[list[FileOutcome]]:
    """Outcomes in groups of bounded size, in file order."""
    batch: list[FileOutcome] = []
    rows = 0
    for outcome in outcomes:
        batch.append(outcome)
        rows += outcome.source.rows
        if rows >= BATCH_ROWS or len(batch) >= BATCH_OUTCOMES:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def tally_of(outcome: FileOutcome, is_refused: bool) -> RowTally:  # noqa: FBT001 - two kinds
    """How an outcome's rows count: a message that was refused lies in quarantine with all rows."""
    if is_refused or not isinstance(outcome, ReadMessage):
        return RowTally(quarantined=outcome.source.rows)
    return outcome.tally


def source_of(outcome: FileOutcome, payload: str) -> str:
    """A quarantined row's own name: file, row and content, such as ``orders.csv:7 #9f86d081884c``.

    The content belongs to it because files are often named alike every day: row 7 of today is not
    row 7 of yesterday, and must neither replace it nor share its fate.
    """
    content = blake2b(payload.encode("utf-8", "replace"), digest_size=CONTENT_BYTES).hexdigest()
    return f"{outcome.source.file}:{outcome.source.first_row} #{content}"


def row_of(source: str, file: str) -> int | None:
    """The row in a `source_of` the file called `file`; None if it is of another one."""
    place = source.removeprefix(f"{file}:").partition(" #")[0]
    return int(place) if source.startswith(f"{file}:") and place.isdecimal() else None
