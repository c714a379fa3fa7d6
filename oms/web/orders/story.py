"""An order's events as sentences: what happened, by whom, and why. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from oms.kernel.events import Cause
from oms.orders.machine import LineState
from oms.platform.audit import Told
from oms.web import looks
from oms.web.formats import Formats
from oms.web.translations import N_

Translate = Any
"""gettext: words in, words out."""

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "order.placed": ("inbox", N_("Order received (%(external_id)s)")),
    "order.charges_due": ("receipt", N_("Nothing to ship: charges are due")),
    "order.waiting": ("clock", N_("No node has what it needs: waits for stock")),
    "order.lines_reopened": ("route", N_("Looks for another node")),
    "order.lines_cancelled": ("circle-x", N_("Units cancelled")),
    "order.lines_reinstated": ("undo-2", N_("Cancelled units wanted again")),
    "order.hold_placed": ("circle-pause", N_("Held: %(reason)s")),
    "order.hold_released": ("check", N_("Hold released")),
    "order.change_proposed": ("pencil", N_("The channel wants it changed: %(differences)s")),
    "order.changed": ("pencil", N_("Changed as the channel wanted: %(differences)s")),
    "order.change_declined": ("ban", N_("The channel's change was declined. %(reason)s")),
    "order.lines_mapped": ("link", N_("Became known which items it is about")),
    "fulfilment.requested": ("warehouse", N_("%(number)s handed to %(node)s")),
    "fulfilment.answered": ("warehouse", N_("The node says: %(state)s. %(reason)s")),
    "parcel.packed": ("package", N_("Parcel closed, %(weight_g)s g")),
    "parcel.unpacked": ("package-open", N_("Parcel opened again")),
    "label.requested": ("printer", N_("Label asked for")),
    "label.bought": ("printer", N_("Label bought: %(carrier)s %(tracking_number)s")),
    "label.void_requested": ("printer", N_("Label to be given back")),
    "label.voided": ("printer", N_("Label given back")),
    "shipment.shipped": ("truck", N_("%(number)s left %(node)s")),
    "shipment.undone": ("undo-2", N_("%(number)s came back from the dock. %(reason)s")),
    "parcel.tracked": ("map-pin", N_("Carrier: %(words)s")),
    "payment.authorised": ("credit-card", N_("Payment authorised")),
    "payment.authorise_requested": ("credit-card", N_("Payment asked for")),
    "payment.declined": ("credit-card", N_("Payment declined")),
    "payment.capture_requested": ("banknote", N_("%(amount)s to be captured")),
    "payment.captured": ("banknote", N_("%(amount)s captured")),
    "payment.capture_declined": ("triangle-alert", N_("Capture declined")),
    "payment.not_covered": ("triangle-alert", N_("The payment does not cover what is due")),
    "payment.voided": ("credit-card", N_("Authorisation let go")),
    "refund.requested": ("rotate-ccw", N_("%(amount)s to be given back")),
    "refund.payable": ("rotate-ccw", N_("%(amount)s to be paid back by hand")),
    "refund.succeeded": ("rotate-ccw", N_("%(amount)s given back")),
    "refund.failed": ("triangle-alert", N_("Giving money back failed: %(words)s")),
    "invoice.issued": ("file-text", N_("Invoice %(number)s over %(amount)s")),
    "credit_note.issued": ("file-text", N_("Credit note %(number)s over %(amount)s")),
    "return.requested": ("undo-2", N_("Return %(number)s asked for")),
    "return.decided": ("undo-2", N_("Return decided: %(state)s. %(reason)s")),
    "return.sent": ("undo-2", N_("Return on its way: %(words)s")),
    "return.lost": ("triangle-alert", N_("Return lost on its way: %(words)s")),
    "return.received": ("undo-2", N_("Came back to %(node)s: %(units)s")),
    "return.inspected": ("eye", N_("Returned units inspected")),
    "return.refused": ("ban", N_("Refused: %(units)s. %(note)s")),
    "return.reconsidered": ("eye", N_("Refused ones looked at again: %(units)s. %(note)s")),
    "return.sent_back": ("truck", N_("Sent back to the customer: %(units)s. %(note)s")),
    "return.abandoned": ("trash-2", N_("Refused units were never claimed")),
    "return.closed": ("check", N_("Return closed")),
    "return.regraded": ("eye", N_("Returned units graded anew")),
}
MOVED: Final = N_("%(state)s: %(units)s")
OTHER: Final = ("circle", N_("%(type)s"))
_SILENT: Final = frozenset({"label.requested", "payment.capture_requested", "refund.requested"})
"""Wishes whose answer is told right after."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; `actor` is a name, "" for the system itself."""

    icon: str
    words: str
    at_ms: int
    actor: str
    request_id: str


def story(
    told: Sequence[Told], names: Mapping[str, str], fmt: Formats, translate: Translate
) -> list[Moment]:
    """The newest first. `names` are those of nodes and of people, by id."""
    moments = []
    for each in told:
        body = msgspec.json.decode(each.body)
        for icon, words in _sentences(each.type, body, names, fmt, translate):
            moments.append(
                Moment(
                    icon=icon,
                    words=words.rstrip(" :"),
                    at_ms=each.at_ms,
                    actor=_actor(each.cause, names),
                    request_id=each.cause.request_id,
                )
            )
    return moments[::-1]


def _sentences(
    type_: str,
    body: Mapping[str, Any],
    names: Mapping[str, str],
    fmt: Formats,
    translate: Translate,
) -> Iterable[tuple[str, str]]:
    if type_ in _SILENT:
        return []
    if type_ == "order.lines_moved":
        return [_moved(state, units, translate) for state, units in _by_state(body["moves"])]
    icon, words = SENTENCES.get(type_, OTHER)
    return [(icon, translate(words) % _Filled(type_, body, names, fmt))]


def _moved(state: str, units: int, translate: Translate) -> tuple[str, str]:
    look = looks.UNITS[LineState(state)]
    return look.icon, translate(MOVED) % {"units": units, "state": translate(look.word)}


def _by_state(moves: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    units: dict[str, int] = {}
    for move in moves:
        units[move["state"]] = units.get(move["state"], 0) + move["quantity"]
    return list(units.items())


def _actor(cause: Cause, names: Mapping[str, str]) -> str:
    return names.get(cause.actor, "" if cause.actor == "system" else cause.actor)


class _Filled(dict[str, str]):
    """What a sentence asks for, from an event's body; what is not there is an empty word."""

    def __init__(
        self, type_: str, body: Mapping[str, Any], names: Mapping[str, str], fmt: Formats
    ) -> None:
        super().__init__({name: _word(value) for name, value in body.items()}, type=type_)
        self["node"] = names.get(str(body.get("node_id", "")), str(body.get("node_id", "")))
        amount = body.get("amount_minor", body.get("total_minor"))
        if isinstance(amount, int) and body.get("currency"):
            self["amount"] = fmt.money(amount, str(body["currency"]))

    def __missing__(self, name: str) -> str:
        return ""


def _word(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")
