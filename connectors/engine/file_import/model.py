"""What an import is and how far it came."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

import msgspec

from connectors.contract.files import FileOutcome, ReadMessage, RowTally

BATCH_ROWS: Final = 2_000  # a transaction of about a second at most, whatever the orders' sizes
BATCH_OUTCOMES: Final = 500


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
