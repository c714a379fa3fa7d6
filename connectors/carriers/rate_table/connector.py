"""The rate-table carrier as a connector: settings, capabilities, manifest. Opens no connection."""

from collections.abc import Sequence
from typing import Final

import msgspec

from connectors.carriers.rate_table import mapping
from connectors.carriers.rate_table.rates import NotServed, Price, priced
from connectors.carriers.rate_table.wire import RateTable
from connectors.contract.capabilities import Capability
from connectors.contract.errors import Rejected
from connectors.contract.manifest import ConnectorKind, Manifest, Surroundings
from connectors.contract.parcels import (
    CarrierQuote,
    Label,
    LabelFormat,
    LabelRequest,
    RateRequest,
    VoidedLabel,
    VoidLabelRequest,
)
from oms.kernel.errors import Invalid, OMSError


class RateTableCarrier:
    """Quotes, sells and voids labels by one price list."""

    def __init__(self, table: RateTable) -> None:
        self._table = table

    async def quote_rates(self, request: RateRequest) -> Sequence[CarrierQuote]:
        answers = self._answers(request)
        return mapping.cheapest_first(
            [mapping.quote(self._table, answer) for answer in answers if isinstance(answer, Price)]
        )

    async def buy_labels(self, request: LabelRequest) -> Sequence[Label]:
        if request.format is not LabelFormat.PDF:
            raise Rejected(
                "label_format",
                f"Labels of this carrier are not drawn as {request.format.upper()}.",
                "Ask for PDF.",
            )
        answer = next(iter(self._answers(mapping.question(request))), None)
        if isinstance(answer, Price):
            return mapping.labels(self._table, answer, request)
        raise _rejected(self._table, request.service, answer)

    async def void_label(self, request: VoidLabelRequest) -> VoidedLabel:
        """Nothing is owed for a parcel that was not handed over: the whole amount comes back."""
        amount_minor = mapping.amount_of(request.label_external_id)
        return VoidedLabel(label_external_id=request.label_external_id, refunded_minor=amount_minor)

    def _answers(self, request: RateRequest) -> list[Price | NotServed]:
        return [
            priced(self._table, service, request)
            for service in self._table.services
            if request.service in ("", service.code)
        ]


def rate_table(text: str, name: str) -> RateTable:
    """The price list in the TOML file `name`; `Invalid` says what is wrong in it, and where."""
    try:
        return msgspec.toml.decode(text, type=RateTable)
    except (msgspec.DecodeError, OMSError, ValueError) as fault:
        raise Invalid(
            "rate_table.unreadable",
            f"{name} is not a rate table: {str(fault).rstrip('.')}.",
            "Compare it with one of the tables in config/carriers.",
        ) from fault


def _rejected(table: RateTable, service: str, answer: NotServed | None) -> Rejected:
    if answer is not None:
        return Rejected("not_served", answer.sentence, "Choose another service or carrier.")
    known = ", ".join(each.code for each in table.services)
    return Rejected(
        "service_unknown", f"{table.title} has no service '{service[:40]}'.", f"It has: {known}."
    )


def build(settings: RateTable, surroundings: Surroundings) -> RateTableCarrier:  # noqa: ARG001 - asks nobody
    return RateTableCarrier(settings)


MANIFEST: Final = Manifest(
    key="rate_table",
    label="Own rate table",
    kind=ConnectorKind.CARRIER,
    capabilities=frozenset(
        {Capability.QUOTES_RATES, Capability.BUYS_LABELS, Capability.VOIDS_LABELS}
    ),
    settings=RateTable,
    build=build,
    docs="docs/connectors.md",
)
