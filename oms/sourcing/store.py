"""Decisions as rows and back, set-based; long ones packed, for they repeat every id."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa

from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction
from oms.sourcing.model import Asked, Decision, World
from oms.sourcing.tables import decision, world
from routing.model import Answer, decode_answer, encode_answer

PLAIN_BYTES: Final = 1_000  # most decisions stay readable; of 1,100 lines one has 130,000
_PACKED: Final = "zlib:"

_encode: Final = msgspec.json.Encoder().encode
_asked: Final = msgspec.json.Decoder(Asked).decode
_world: Final = msgspec.json.Decoder(World).decode

_IDS = ParameterRows("wanted", id=sa.Text)
_KNOWN_WORLDS: Final = sa.select(world.c.id).select_from(
    _IDS.source.join(world, world.c.id == _IDS.c.id)
)
_COLUMNS: Final = (
    decision.c.id,
    decision.c.order_id,
    decision.c.at_ms,
    decision.c.world_id,
    decision.c.question,
    decision.c.answer,
    world.c.body,
)
_BY_ORDER: Final = (
    sa.select(*_COLUMNS)
    .select_from(
        _IDS.source.join(decision, decision.c.order_id == _IDS.c.id).join(
            world, world.c.id == decision.c.world_id
        )
    )
    .order_by(decision.c.order_id, decision.c.id)
)
_BY_ID: Final = sa.select(*_COLUMNS).select_from(
    _IDS.source.join(decision, decision.c.id == _IDS.c.id).join(
        world, world.c.id == decision.c.world_id
    )
)

_seen_worlds: WeakKeyDictionary[sa.Engine, set[str]] = WeakKeyDictionary()
"""Worlds read back from each database, so committed there: they need no second look."""
_own_worlds: WeakKeyDictionary[Transaction, set[str]] = WeakKeyDictionary()
"""Worlds a transaction wrote itself: reading them back there proves nothing."""


class Kept(msgspec.Struct, frozen=True):
    """A decision as stored: the values, and the answer's very bytes."""

    id: str
    order_id: str
    at_ms: int
    world: World
    asked: Asked
    answer: Answer
    answer_json: str


def add_decisions(
    tx: Transaction, decisions: Sequence[Decision], worlds: Mapping[str, World]
) -> None:
    """Keep decisions, and the worlds they were made in, each world once."""
    if not decisions:
        return
    _keep_worlds(tx, worlds)
    tx.insert(
        decision,
        [
            {
                "id": each.id,
                "order_id": each.order_id,
                "at_ms": tx.now_ms,
                "solver": each.answer.solver,
                "world_id": each.world_id,
                "question": _packed(_encode(each.asked)),
                "answer": _packed(encode_answer(each.answer)),
            }
            for each in decisions
        ],
    )


def decisions_of(reader: Reader, order_ids: Iterable[str]) -> list[Kept]:
    """All decisions about these orders, oldest first."""
    return _fetch(reader, _BY_ORDER, order_ids)


def decisions_by_id(reader: Reader, ids: Iterable[str]) -> list[Kept]:
    return _fetch(reader, _BY_ID, ids)


def _keep_worlds(tx: Transaction, worlds: Mapping[str, World]) -> None:
    seen = _seen_worlds.setdefault(tx.engine, set())
    wanted = worlds.keys() - seen
    if not wanted:
        return
    found = {row.id for row in tx.fetch(_KNOWN_WORLDS, _IDS([(each,) for each in sorted(wanted)]))}
    rows = [{"id": each, "body": _encode(worlds[each]).decode()} for each in sorted(wanted - found)]
    tx.insert_new(world, rows)
    own = _own_worlds.setdefault(tx, set())
    seen |= found - own
    own |= wanted - found


def _fetch(reader: Reader, statement: sa.Select[Any], ids: Iterable[str]) -> list[Kept]:
    rows = reader.fetch(statement, _IDS([(each,) for each in sorted(set(ids))]))
    return [_kept(row) for row in rows]


def _kept(row: sa.Row[Any]) -> Kept:
    answer_json = _unpacked(row.answer)
    return Kept(
        id=row.id,
        order_id=row.order_id,
        at_ms=row.at_ms,
        world=_world(row.body),
        asked=_asked(_unpacked(row.question)),
        answer=decode_answer(answer_json),
        answer_json=answer_json,
    )


def _packed(body: bytes) -> str:
    """JSON text as it is, or zlib in base64 behind a mark that no JSON begins with."""
    if len(body) <= PLAIN_BYTES:
        return body.decode()
    return _PACKED + b64encode(zlib.compress(body, 1)).decode()


def _unpacked(kept: str) -> str:
    if not kept.startswith(_PACKED):
        return kept
    return zlib.decompress(b64decode(kept.removeprefix(_PACKED))).decode()
