"""What finishing would do, as lines to be read before it is done. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from oms.accounting.crediting.queries import Passage, Prospect
from oms.payments.model import Tender
from oms.web.formats import Formats
from oms.web.returns_desk.parts import Part
from oms.web.returns_desk.sheet import Sheet
from oms.web.returns_desk.words import REFUSE, TARGET_ICONS, TENDERS
from oms.web.translations import N_
from returns.model import Disposition

_D = Disposition

GOODS: Final = {
    _D.RESTOCK: N_("%(n)s × %(title)s back on the shelf at %(node)s, for sale at once"),
    _D.REFURBISH: N_("%(n)s × %(title)s set aside for refurbishing at %(node)s"),
    _D.QUARANTINE: N_("%(n)s × %(title)s into quarantine at %(node)s"),
    _D.SCRAP: N_("%(n)s × %(title)s scrapped, out of the books"),
    _D.VENDOR: N_("%(n)s × %(title)s goes back to its vendor"),
    _D.DONATE: N_("%(n)s × %(title)s given away"),
    REFUSE: N_("%(n)s × %(title)s refused: waits here to go back to the customer, no credit"),
    "": N_("%(n)s × %(title)s counted in at %(node)s, waits to be inspected"),
}
MISSING: Final = N_("%(n)s × %(title)s did not come: the return stays open for it")
GIVEN_UP: Final = N_("%(n)s × %(title)s did not come and stays with the customer, no credit")
CREDIT: Final = N_("Credit note over %(amount)s, of it %(tax)s tax")
LATER: Final = N_("%(n)s units are credited as soon as their invoice is written")
BY_GATEWAY: Final = N_("%(amount)s back through %(tender)s")
BY_CHANNEL: Final = N_("%(channel)s gives %(amount)s back to its buyer")
BY_HAND: Final = N_("%(amount)s to be paid back by hand: on the accountant's list")
OWES_LESS: Final = N_("The customer owes %(amount)s less")
CLOSES: Final = N_("The return is closed")
TOLD: Final = N_("The customer's page shows all of it")


class Effect(msgspec.Struct, frozen=True):
    """One thing that will happen; `values` fill the words."""

    icon: str
    words: str
    values: dict[str, str]
    tone: str = ""


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """What one part is worth: its title, and what is credited for it now and at most."""

    title: str
    quantity: int
    target: str
    minor: int


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that will happen, and the money of it; `most_minor` if all were accepted.

    What is missing can be given up when everything else is settled.
    """

    effects: tuple[Effect, ...]
    amounts: tuple[Amount, ...]
    credit_minor: int
    refund_minor: int
    most_minor: int
    graded: int
    pieces: int
    missing: int
    may_give_up: bool

    @property
    def is_graded(self) -> bool:
        return 0 < self.graded == self.pieces


def outlook(
    sheet: Sheet,
    parts: Sequence[Part],
    money: tuple[Prospect, Prospect],
    fmt: Formats,
    *,
    is_over: bool,
) -> Outlook:
    """`money`: as graded, and at most."""
    now, most = money
    titles = [title_of(sheet, part) for part in parts]
    on_table = [part for part in parts if part.quantity]
    effects = [
        _goods(sheet, part, title, fmt)
        for part, title in zip(parts, titles, strict=True)
        if part.quantity
    ]
    missing = _missing(sheet, parts)
    words = GIVEN_UP if is_over else MISSING
    effects += [
        Effect("circle-help", words, {"n": fmt.number(n), "title": title}, "warn")
        for title, n in missing
    ]
    effects += _money(sheet, now, fmt)
    if effects and _closes(sheet, parts, has_missing=bool(missing) and not is_over):
        effects.append(Effect("circle-check", CLOSES, {}))
    if effects and sheet.order is not None:
        effects.append(Effect("user", TOLD, {}))
    return Outlook(
        effects=tuple(effects),
        amounts=tuple(
            Amount(title=title, quantity=part.quantity, target=part.target, minor=net + tax)
            for part, title, (net, tax) in zip(parts, titles, now.shares, strict=True)
            if part.quantity
        ),
        credit_minor=now.credit_minor,
        refund_minor=now.refund_minor,
        most_minor=most.credit_minor,
        graded=sum(1 for part in on_table if part.target),
        pieces=len(on_table),
        missing=sum(units for _, units in missing),
        may_give_up=bool(missing) and _closes(sheet, parts, has_missing=False),
    )


def title_of(sheet: Sheet, part: Part) -> str:
    """What the customer bought it as, else what we call it."""
    named = next((line.title for line in sheet.lines if line.id == part.line_id), "")
    item = sheet.items.get(part.item_id)
    return named or (item.name if item else part.item_id)


def _goods(sheet: Sheet, part: Part, title: str, fmt: Formats) -> Effect:
    values = {
        "n": fmt.number(part.quantity),
        "title": title,
        "node": sheet.node.name if sheet.node else "",
    }
    icon = TARGET_ICONS.get(part.target, "package")
    return Effect(icon, GOODS[part.target], values, "bad" if part.target == REFUSE else "")


def _missing(sheet: Sheet, parts: Sequence[Part]) -> list[tuple[str, int]]:
    """What was announced and is not on the table."""
    here: dict[str, int] = {}
    for part in parts:
        here[part.line_id] = here.get(part.line_id, 0) + part.quantity
    waiting, missing = sheet.waiting, sheet.missing
    titles = {line.id: line.title for line in sheet.lines}
    return [
        (titles[line_id], left)
        for line_id, units in missing.items()
        if (
            left := units
            + waiting.get(line_id, 0)
            - max(here.get(line_id, 0), waiting.get(line_id, 0))
        )
        > 0
    ]


def _money(sheet: Sheet, now: Prospect, fmt: Formats) -> list[Effect]:
    currency = sheet.ret.currency
    effects = []
    if now.credit_minor:
        values = {
            "amount": fmt.money(now.credit_minor, currency),
            "tax": fmt.money(now.tax_minor, currency),
        }
        effects.append(Effect("file-text", CREDIT, values))
    if now.not_invoiced:
        effects.append(Effect("clock", LATER, {"n": fmt.number(now.not_invoiced)}, "warn"))
    effects += [_passage(sheet, each, fmt) for each in now.passages]
    less = now.credit_minor - now.refund_minor
    if less > 0:
        effects.append(Effect("receipt", OWES_LESS, {"amount": fmt.money(less, currency)}))
    return effects


def _passage(sheet: Sheet, passage: Passage, fmt: Formats) -> Effect:
    """A part of the money, and who gives it."""
    values = {"amount": fmt.money(passage.amount_minor, sheet.ret.currency)}
    if passage.gateway:
        tender = passage.means or TENDERS.get(passage.tender, passage.tender)
        return Effect("credit-card", BY_GATEWAY, values | {"tender": tender})
    if passage.tender == Tender.PAID_ON_CHANNEL:
        channel = sheet.channel.name if sheet.channel else ""
        return Effect("banknote", BY_CHANNEL, values | {"channel": channel})
    return Effect("hand", BY_HAND, values, "warn")


def _closes(sheet: Sheet, parts: Sequence[Part], *, has_missing: bool) -> bool:
    """Whether nothing is left to do afterwards."""
    is_all_judged = all(part.target not in ("", REFUSE) for part in parts if part.quantity)
    is_left = has_missing or sheet.elsewhere or sheet.refused
    return is_all_judged and not is_left
