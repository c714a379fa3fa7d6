"""Work that the clock asks for: a table of periodic jobs, each run by one process at a time.

A job is one transaction that holds its own row while it works, so whoever dies leaves it due. Jobs
for the outside world do not belong here: a job tells an event, and an effect does the talking.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
import structlog

from oms.kernel.clock import MINUTE_MS, SECOND_MS
from oms.kernel.errors import OMSError, Unavailable
from oms.kernel.events import Cause
from oms.platform import metrics
from oms.platform.database import metadata
from oms.platform.transaction import Reader, Transaction, UnitOfWork

RETRY_MS: Final = MINUTE_MS  # a failed job need not wait for its full period
WORDS_MAX: Final = 500

JobWork = Callable[[Transaction], object]
"""What a job does in its transaction; what it answers (usually how many) is logged."""

job_table = sa.Table(
    "job",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("due_at_ms", sa.BigInteger, nullable=False),
    sa.Column("last_at_ms", sa.BigInteger),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text, nullable=False, server_default=""),
)

_ALL = sa.select(job_table).order_by(job_table.c.name)
_TAKE = (
    sa.select(job_table.c.due_at_ms)
    .where(
        job_table.c.name == sa.bindparam("name"), job_table.c.due_at_ms <= sa.bindparam("now_ms")
    )
    .with_for_update(skip_locked=True)
)
_FAILURES = sa.select(job_table.c.failures).where(job_table.c.name == sa.bindparam("name"))

log = structlog.get_logger(__name__)


class Job(msgspec.Struct, frozen=True):
    """A row of the table: what runs every so often, by a name that stays."""

    name: str
    period_ms: int
    work: JobWork


class JobState(msgspec.Struct, frozen=True):
    """How a job fares, for people."""

    name: str
    due_at_ms: int
    last_at_ms: int | None
    failures: int
    last_error: str


def every(seconds: float, name: str, work: JobWork) -> Job:
    return Job(name, int(seconds * SECOND_MS), work)


class Jobs:
    """Runs what is due, in whichever process asks first."""

    def __init__(self, uow: UnitOfWork, jobs: Sequence[Job]) -> None:
        self._uow = uow
        self._jobs = {job.name: job for job in jobs}
        if len(self._jobs) != len(jobs):
            raise ValueError("two jobs have the same name")

    def run_due(self) -> int:
        """Run every job whose time has come; answers how many ran here."""
        with self._uow.read() as reader:
            known = {state.name: state.due_at_ms for state in states(reader)}
        due = [job for job in self._jobs.values() if known.get(job.name, 0) <= self._uow.clock()]
        if any(job.name not in known for job in due):
            self._announce()
        return sum(self._run(job) for job in due)

    def run(self, name: str) -> None:
        """Run one job now, whenever it would be due. For people and tests."""
        with self._uow.begin(Cause(f"job:{name}")) as tx:
            self._jobs[name].work(tx)

    def _announce(self) -> None:
        fresh = [{"name": name, "due_at_ms": 0} for name in self._jobs]
        with self._uow.begin() as tx:
            tx.insert_new(job_table, fresh)

    def _run(self, job: Job) -> int:
        try:
            with self._uow.begin(Cause(f"job:{job.name}")) as tx:
                if tx.fetch_one(_TAKE, name=job.name, now_ms=tx.now_ms) is None:
                    return 0  # another process has it
                answer = job.work(tx)
                _note(tx, job, {"last_at_ms": tx.now_ms, "failures": 0, "last_error": ""})
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - said aloud and noted beside the job
            self._failed(job, error)
            return 0
        metrics.job(job.name, "done")
        log.debug("job.done", job=job.name, answer=answer)
        return 1

    def _failed(self, job: Job, error: Exception) -> None:
        log.error("job.failed", job=job.name, exc_info=error)
        metrics.job(job.name, "failed")
        words = error.sentence if isinstance(error, OMSError) else repr(error)
        with self._uow.begin() as tx:
            failures = tx.connection.execute(_FAILURES, {"name": job.name}).scalar_one()
            changes = {"failures": failures + 1, "last_error": words[:WORDS_MAX]}
            _note(tx, msgspec.structs.replace(job, period_ms=min(job.period_ms, RETRY_MS)), changes)


def states(reader: Reader) -> list[JobState]:
    """Every job that ever ran, by name."""
    return [JobState(*row) for row in reader.fetch(_ALL)]


def _note(tx: Transaction, job: Job, changes: dict[str, object]) -> None:
    row = {"name": job.name, "due_at_ms": tx.now_ms + job.period_ms, **changes}
    tx.update(job_table, [row], keys=("name",))
