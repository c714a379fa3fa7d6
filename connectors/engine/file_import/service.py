"""Takes a file in: what was understood becomes orders and returns, the rest lies in quarantine.

Each batch and the place to go on from are written in one transaction, so a killed import resumes
without losing or doubling a row.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from connectors.contract.capabilities import ReadsFiles
from connectors.contract.errors import Unreadable
from connectors.contract.files import (
    FileOutcome,
    FileSource,
    ReadMessage,
    RowTally,
    UnreadableRows,
)
from connectors.contract.messages import ChannelOrder, ChannelReturn
from connectors.engine.file_import import store
from connectors.engine.file_import.model import (
    Counts,
    Run,
    RunState,
    batches,
    source_of,
    tally_of,
)
from oms.kernel.errors import OMSError, Overloaded, Stale, Unavailable
from oms.kernel.events import SYSTEM, Cause
from oms.orders.intake.model import Outcome, TakeIn, TakenIn
from oms.orders.quarantine import service as quarantine
from oms.orders.quarantine.model import Quarantine
from oms.platform.transaction import Transaction, UnitOfWork
from oms.sourcing import service as sourcing
from returns.intake import service as returns
from returns.intake.model import Outcome as ReturnOutcome
from returns.intake.model import TakeIn as TakeInReturn
from returns.intake.model import TakenIn as ReturnTaken

FINGERPRINT_BYTES: Final = 16
NO_PLACE: Final = "cursor."  # how codes begin that refuse a place to go on from
TRIES: Final = 4  # of a batch that lost a race against other processes
_CHUNK: Final = 1 << 20

A = TypeVar("A")
C = TypeVar("C")
Message = ChannelOrder | ChannelReturn


class Into(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file goes: its channel, and the node at which reported returns arrived."""

    channel_id: str
    returns_node_id: str
    cause: Cause = SYSTEM


def import_file(uow: UnitOfWork, connector: ReadsFiles, path: Path, into: Into) -> Iterator[Run]:
    """Take `path` in, yielding the run after every batch; goes on where a killed run stopped.

    A file that was finished before is read again from its start, which changes nothing; so is one
    whose mapping changed since the run was killed.
    Raises `Unreadable` for a file that is none of this layout, `Unavailable` when the database is
    away: what was yielded last is kept.
    """
    fingerprint = fingerprint_of(path)
    with uow.begin(into.cause) as tx:
        run = _opened(tx, into, path.name, fingerprint)
        store.save(tx, run)
    yield run
    try:
        run = yield from _continued(uow, connector, path, (into, run))
    except Unreadable as refused:
        if not run.cursor or not refused.code.startswith(NO_PLACE):
            raise
        anew = replace(run, cursor="", counts=Counts())
        run = yield from _continued(uow, connector, path, (into, anew))
    with uow.begin(into.cause) as tx:
        run = replace(run, state=RunState.FINISHED, changed_at_ms=tx.now_ms)
        store.save(tx, run)
    yield run


def _continued(
    uow: UnitOfWork, connector: ReadsFiles, path: Path, started: tuple[Into, Run]
) -> Generator[Run, None, Run]:
    """The run after each batch from its cursor on; returns the last one."""
    into, run = started
    source = FileSource.at(path)
    with source.opened:
        for batch in batches(connector.read_file(source, run.cursor)):
            runs = _advanced(uow, into, run, batch)
            yield from runs
            run = runs[-1]
    return run


def _advanced(uow: UnitOfWork, into: Into, run: Run, batch: Sequence[FileOutcome]) -> list[Run]:
    """The run after each part of the batch: halved until what cannot come in is alone."""
    try:
        return [_tried(uow, into, run, batch)]
    except (Unavailable, Overloaded, Stale):
        raise
    except OMSError as error:
        if len(batch) == 1:
            return [_kept_back(uow, into, run, (batch[0], error))]
        middle = len(batch) // 2
        runs = _advanced(uow, into, run, batch[:middle])
        return runs + _advanced(uow, into, runs[-1], batch[middle:])


def _tried(uow: UnitOfWork, into: Into, run: Run, batch: Sequence[FileOutcome]) -> Run:
    """The batch taken in, in one transaction; repeated when others changed the same rows first."""
    for left in reversed(range(TRIES)):
        try:
            with uow.begin(into.cause) as tx:
                return _noted(tx, run, take(tx, into, batch), batch[-1].cursor)
        except (Stale, IntegrityError):
            if not left:
                raise
    raise AssertionError


def _kept_back(uow: UnitOfWork, into: Into, run: Run, refused: tuple[FileOutcome, OMSError]) -> Run:
    """A message the database itself refuses, in quarantine like those that we refuse."""
    outcome, error = refused
    if not isinstance(outcome, ReadMessage):
        raise error
    with uow.begin(into.cause) as tx:
        quarantine.quarantine(tx, [_refused(into, outcome, error)])
        counts = Counts(rows=RowTally(quarantined=outcome.source.rows), quarantined=1)
        return _noted(tx, run, counts, outcome.cursor)


def _noted(tx: Transaction, run: Run, counts: Counts, cursor: str) -> Run:
    run = replace(run, counts=run.counts + counts, cursor=cursor, changed_at_ms=tx.now_ms)
    store.save(tx, run)
    return run


def take(tx: Transaction, into: Into, outcomes: Sequence[FileOutcome]) -> Counts:
    """Take in what was read, in this transaction; what is refused goes to quarantine whole."""
    understood = [o for o in outcomes if isinstance(o, ReadMessage)]
    orders = [(o, c) for o in understood if (c := _order(into, o.message))]
    reported = [(o, r) for o in understood if (r := _return(into, o.message))]
    taken = _answers(orders, lambda commands: sourcing.place(tx, commands))
    returned = _answers(reported, lambda commands: returns.take_in(tx, commands))
    quarantine.settle(tx, _came_in(into, taken), into.cause)
    refused = [(o, a) for o, a in (*taken, *returned) if isinstance(a, OMSError)]
    unreadable = [o for o in outcomes if isinstance(o, UnreadableRows)]
    quarantine.quarantine(
        tx,
        [_refused(into, outcome, error) for outcome, error in refused]
        + [_unreadable(into, outcome) for outcome in unreadable],
    )
    kept_back = {id(outcome) for outcome, _ in refused}
    counts = [Counts(rows=tally_of(o, id(o) in kept_back)) for o in outcomes]
    counts.append(Counts(quarantined=len(refused) + len(unreadable)))
    for _, answer in taken:
        if not isinstance(answer, OMSError):
            counts.append(_ORDER_COUNTS[answer.outcome])
    for _, reply in returned:
        if not isinstance(reply, OMSError):
            counts.append(_return_counts(reply))
    return sum(counts, Counts())


def fingerprint_of(path: Path) -> str:
    """A name for the file's bytes: the same file under another name is the same import."""
    digest = blake2b(digest_size=FINGERPRINT_BYTES)
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


_ORDER_COUNTS: Final = {
    Outcome.NEW: Counts(orders_new=1),
    Outcome.SAME: Counts(orders_same=1),
    Outcome.CHANGED: Counts(orders_changed=1),
}


def _opened(tx: Transaction, into: Into, file: str, fingerprint: str) -> Run:
    known = store.find(tx, into.channel_id, fingerprint)
    if known is not None and known.state is RunState.RUNNING:
        return known
    return Run(
        id=known.id if known else tx.new_id("imp"),
        channel_id=into.channel_id,
        file=file,
        fingerprint=fingerprint,
        state=RunState.RUNNING,
        cursor="",
        counts=Counts(),
        started_at_ms=tx.now_ms,
        changed_at_ms=tx.now_ms,
    )


def _answers(
    work: Sequence[tuple[ReadMessage, C]], handler: Callable[[Sequence[C]], Iterable[A]]
) -> list[tuple[ReadMessage, A]]:
    if not work:
        return []
    answers = handler([command for _, command in work])
    return [(outcome, answer) for (outcome, _), answer in zip(work, answers, strict=True)]


def _order(into: Into, message: Message) -> TakeIn | None:
    if not isinstance(message, ChannelOrder):
        return None
    return TakeIn(channel_id=into.channel_id, order=message, cause=into.cause)


def _return(into: Into, message: Message) -> TakeInReturn | None:
    if not isinstance(message, ChannelReturn):
        return None
    return TakeInReturn(
        channel_id=into.channel_id,
        message=message,
        node_id=into.returns_node_id,
        cause=into.cause,
    )


def _came_in(
    into: Into, taken: Iterable[tuple[ReadMessage, TakenIn | OMSError]]
) -> dict[tuple[str, str], str]:
    """The orders that are new here, by channel and external id."""
    return {
        (into.channel_id, outcome.message.external_id): answer.order_id
        for outcome, answer in taken
        if isinstance(answer, TakenIn) and answer.outcome is Outcome.NEW
    }


def _return_counts(answer: ReturnTaken) -> Counts:
    if answer.outcome is ReturnOutcome.SAME:
        return Counts(returns_same=1)
    return Counts(
        returns_new=1,
        units_returned_matched=answer.matched,
        units_returned_blind=answer.blind,
    )


def _refused(into: Into, outcome: ReadMessage, error: OMSError) -> Quarantine:
    """An understood message that may not come in, kept as the contract's JSON."""
    payload = msgspec.json.encode(outcome.message).decode()
    return Quarantine(
        channel_id=into.channel_id,
        source=source_of(outcome, payload),
        external_id=outcome.message.external_id,
        code=error.code,
        words=f"{error.sentence} {error.remedy}".strip(),
        payload=payload,
        rows=outcome.source.rows,
        cause=into.cause,
    )


def _unreadable(into: Into, outcome: UnreadableRows) -> Quarantine:
    """Rows as they stood in the file, with its header: a file of its own that can be mended."""
    payload = "\n".join((*filter(None, [outcome.header]), *outcome.raw))
    return Quarantine(
        channel_id=into.channel_id,
        source=source_of(outcome, payload),
        external_id=outcome.external_id,
        code=outcome.code,
        words=outcome.words,
        payload=payload,
        rows=outcome.source.rows,
        cause=into.cause,
    )
