"""Take orders in: each once, whole, and together in a few statements.

`prepare` reads and decides, `admit` writes. Sourcing steps between the two, so that units are
written where they will be served from; `take_in` is both without it.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa

from oms.catalog import queries as catalog_queries
from oms.catalog import service as catalog
from oms.catalog.model import ItemRef
from oms.customers import service as customers
from oms.customers.model import IdentityClaim
from oms.kernel.errors import NotFound, OMSError
from oms.ledger import goods
from oms.ledger.model import Account, Movement, Place
from oms.orders.changes import service as changes
from oms.orders.changes.model import Proposal
from oms.orders.events import (
    HoldPlaced,
    LinesMoved,
    MovedUnits,
    OrderChargesDue,
    OrderPlaced,
    PaymentNote,
)
from oms.orders.intake import model, store
from oms.orders.intake.model import (
    Claim,
    Newborn,
    NewLine,
    Outcome,
    Prospect,
    TakeIn,
    TakenIn,
    WantedHold,
)
from oms.orders.intake.store import External, Known
from oms.orders.machine import LineState
from oms.orders.model import Hold
from oms.platform.transaction import Transaction

ORDER_COUNTER: Final = "order"
Answer = TakenIn | OMSError
_seen_channels: WeakKeyDictionary[sa.Engine, set[str]] = WeakKeyDictionary()
ListingName = tuple[str, str, str]


class Intake(msgspec.Struct):
    """A batch between reading and writing.

    `hashes` stands beside `commands`; `first` says which position tells the same order first.
    """

    commands: Sequence[TakeIn]
    answers: list[Answer | None]
    hashes: list[str]
    first: list[int]
    known: dict[External, Known]
    prospects: dict[int, Prospect]


def take_in(tx: Transaction, commands: Sequence[TakeIn]) -> list[Answer]:
    """Take orders in without looking for nodes. One answer for each command, in order.

    A told order is new, the same, or changed: then a change-set waits for a decision. `Invalid`
    means it cannot be an order; the caller may put the payload into quarantine.
    """
    return admit(tx, prepare(tx, commands), {}, {})


def prepare(tx: Transaction, commands: Sequence[TakeIn]) -> Intake:
    """Read what is needed to take these orders in, and decide; nothing is written."""
    intake = _read(tx, commands)
    todo = [
        position
        for position, command in enumerate(commands)
        if intake.answers[position] is None
        and intake.first[position] == position
        and _external(command) not in intake.known
    ]
    names = {name for position in todo for name in _listing_names(commands[position])}
    items = catalog.resolve_listings(tx, names) if names else {}
    for position in todo:
        prospect = _prospect(tx, commands[position], intake.hashes[position], items)
        intake.prospects[position] = prospect
    return intake


def admit(
    tx: Transaction,
    intake: Intake,
    claims: Mapping[str, Sequence[Claim]],
    refused: Mapping[str, OMSError],
) -> list[Answer]:
    """Write the prepared orders; `claims` and `refused` are by order id.

    The caller holds the locks under which the claims are covered.
    """
    accepted = [each for each in intake.prospects.values() if each.order_id not in refused]
    people = _identified(tx, accepted)
    _claim(tx, accepted, claims)
    newborns = _born(tx, accepted, claims, people)
    store.add_orders(tx, newborns)
    for newborn in newborns:
        _tell(tx, newborn, claims.get(newborn.prospect.order_id, ()))
    born = {newborn.prospect.order_id: newborn for newborn in newborns}
    for position, prospect in intake.prospects.items():
        intake.answers[position] = refused.get(prospect.order_id) or _taken(born[prospect.order_id])
    return _answers(tx, intake)


def _read(tx: Transaction, commands: Sequence[TakeIn]) -> Intake:
    answers: list[Answer | None] = [None] * len(commands)
    hashes, first = [""] * len(commands), list(range(len(commands)))
    channels = _known_channels(tx, {command.channel_id for command in commands})
    seen: dict[External, int] = {}
    for position, command in enumerate(commands):
        try:
            if command.channel_id not in channels:
                raise _no_channel(command.channel_id)
            model.check(command.order)
        except OMSError as refusal:
            answers[position] = refusal
            continue
        hashes[position] = model.content_hash(command.order)
        first[position] = seen.setdefault(_external(command), position)
    known = store.known_orders(tx, seen)
    return Intake(commands, answers, hashes, first, known, {})


def _known_channels(tx: Transaction, channel_ids: set[str]) -> set[str]:
    """Those of these channels that exist; a channel is never removed, so one look is enough."""
    seen = _seen_channels.setdefault(tx.engine, set())
    unseen = channel_ids - seen
    if unseen:
        seen.update(catalog_queries.channels_by_id(tx, unseen))
    return channel_ids & seen


def _prospect(
    tx: Transaction, command: TakeIn, content_hash: str, known: Mapping[ListingName, ItemRef]
) -> Prospect:
    order_id, priced = tx.new_id("ord"), model.price(command.order)
    lines = tuple(
        [
            NewLine(tx.new_id("lin"), position, told, known.get(name), money)
            for position, (told, name, money) in enumerate(
                zip(command.order.lines, _listing_names(command), priced.lines, strict=True)
            )
        ]
    )
    wanted = tuple(model.wanted_holds(command.order, priced, lines))
    return Prospect(
        command=command,
        order_id=order_id,
        content_hash=content_hash,
        priced=priced,
        lines=lines,
        wanted_holds=wanted,
        holds=tuple([_hold(tx, order_id, hold) for hold in wanted]),
    )


def _hold(tx: Transaction, order_id: str, wanted: WantedHold) -> Hold:
    return Hold(
        id=tx.new_id("hld"),
        order_id=order_id,
        line_id=wanted.line_id,
        fulfilment_id="",
        stage=wanted.stage,
        reason=wanted.reason,
    )


def _born(
    tx: Transaction,
    accepted: Sequence[Prospect],
    claims: Mapping[str, Sequence[Claim]],
    people: Mapping[str, str],
) -> list[Newborn]:
    if not accepted:
        return []
    numbers = tx.next_numbers(ORDER_COUNTER, len(accepted))
    return [
        Newborn(
            prospect=prospect,
            number=f"SO-{number:06d}",
            customer_id=people.get(prospect.order_id),
            slices=model.first_slices(prospect, claims.get(prospect.order_id, ())),
        )
        for prospect, number in zip(accepted, numbers, strict=True)
    ]


def _identified(tx: Transaction, prospects: Sequence[Prospect]) -> dict[str, str]:
    """Customer ids by order id; guests are absent."""
    known = [prospect for prospect in prospects if prospect.command.order.customer is not None]
    if not known:
        return {}
    found = customers.identify(tx, [_claim_of(prospect) for prospect in known])
    return {
        prospect.order_id: customer_id
        for prospect, customer_id in zip(known, found, strict=True)
        if customer_id is not None
    }


def _claim_of(prospect: Prospect) -> IdentityClaim:
    command = prospect.command
    party, ship_to = command.order.customer, command.order.bill_to or command.order.ship_to
    assert party is not None  # noqa: S101 - for the type checker: guests were left out
    if not party.name:
        company = party.company or ship_to.company
        party = msgspec.structs.replace(party, name=ship_to.name, company=company)
    return IdentityClaim(
        channel_id=command.channel_id, party=party, country=ship_to.country, cause=command.cause
    )


def _claim(
    tx: Transaction, accepted: Sequence[Prospect], claims: Mapping[str, Sequence[Claim]]
) -> None:
    """Post the claimed units from the free shelf to the reserved one."""
    movements = [
        Movement(
            item_id=claim.item_id,
            quantity=claim.quantity,
            source=Place(Account.AVAILABLE, claim.node_id),
            target=Place(Account.RESERVED, claim.node_id),
            move="allocate",
            order_id=prospect.order_id,
            line_id=claim.line_id,
        )
        for prospect in accepted
        for claim in claims.get(prospect.order_id, ())
    ]
    if movements:
        goods.post(tx, movements)


def _tell(tx: Transaction, newborn: Newborn, claims: Sequence[Claim]) -> None:
    prospect, order = newborn.prospect, newborn.prospect.command.order
    cause = prospect.command.cause
    tx.emit_first(
        OrderPlaced(
            entity=prospect.order_id,
            number=newborn.number,
            channel_id=prospect.command.channel_id,
            external_id=order.external_id,
            customer_id=newborn.customer_id,
            currency=order.currency,
            total_minor=prospect.priced.total_minor,
            payment_terms=order.payment_terms.value,
            placed_at_ms=order.placed_at_ms,
            payments=tuple(
                PaymentNote(note.tender, note.amount_minor, note.reference, note.at_ms)
                for note in order.payments
            ),
        ),
        cause,
    )
    for hold in prospect.holds:
        placed = HoldPlaced(
            entity=prospect.order_id,
            hold_id=hold.id,
            stage=hold.stage.value,
            reason=hold.reason,
            line_id=hold.line_id,
        )
        tx.emit(placed, cause)
    if claims:
        moves = tuple([_allocated(claim) for claim in claims])
        tx.emit(LinesMoved(entity=prospect.order_id, moves=moves), cause)
    if not order.lines:
        tx.emit(OrderChargesDue(entity=prospect.order_id), cause)


def _allocated(claim: Claim) -> MovedUnits:
    return MovedUnits(
        line_id=claim.line_id,
        item_id=claim.item_id,
        name="allocate",
        state=LineState.ALLOCATED,
        quantity=claim.quantity,
        node_id=claim.node_id,
    )


def _taken(newborn: Newborn) -> TakenIn:
    units: dict[str, int] = {}
    for each in newborn.slices:
        units[each.state.value] = units.get(each.state.value, 0) + each.quantity
    return TakenIn(
        order_id=newborn.prospect.order_id, number=newborn.number, outcome=Outcome.NEW, units=units
    )


def _answers(tx: Transaction, intake: Intake) -> list[Answer]:
    """Fill in what was told twice or known before; changed ones become change-sets."""
    proposals: dict[int, Proposal] = {}
    answers = intake.answers
    for position, command in enumerate(intake.commands):
        if answers[position] is not None:
            continue
        first = answers[intake.first[position]]
        known = intake.known.get(_external(command)) or _just_taken(intake, position)
        if known is None:
            answers[position] = first
        elif known.content_hash == intake.hashes[position]:
            answers[position] = TakenIn(
                order_id=known.order_id, number=known.number, outcome=Outcome.SAME
            )
        else:
            proposals[position] = Proposal(
                order_id=known.order_id,
                number=known.number,
                content_hash=intake.hashes[position],
                order=command.order,
                cause=command.cause,
            )
    if proposals:
        change_ids = changes.propose(tx, list(proposals.values()))
        for (position, proposal), change_id in zip(proposals.items(), change_ids, strict=True):
            answers[position] = TakenIn(
                order_id=proposal.order_id,
                number=proposal.number,
                outcome=Outcome.CHANGED if change_id else Outcome.SAME,
                change_id=change_id,
            )
    return [answer for answer in answers if answer is not None]


def _just_taken(intake: Intake, position: int) -> Known | None:
    """The order that an earlier command of the same batch became; None when it was refused."""
    first = intake.first[position]
    answer = intake.answers[first]
    if not isinstance(answer, TakenIn):
        return None
    return Known(answer.order_id, answer.number, intake.hashes[first])


def _external(command: TakeIn) -> External:
    return command.channel_id, command.order.external_id


def _listing_names(command: TakeIn) -> list[ListingName]:
    return [(command.channel_id, line.sku, line.gtin) for line in command.order.lines]


def _no_channel(channel_id: str) -> NotFound:
    return NotFound(
        "channel.not_found",
        f"There is no channel '{channel_id}'.",
        "Set the channel up first, or give the id of one that exists.",
    )
