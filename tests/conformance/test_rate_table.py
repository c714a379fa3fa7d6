"""The rate-table carrier keeps what carriers promise, and its answers equal its golden files."""

import asyncio
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from connectors.carriers.rate_table.connector import MANIFEST, RateTableCarrier, rate_table
from connectors.carriers.rate_table.mapping import question
from connectors.contract.capabilities import implemented
from connectors.contract.errors import Rejected
from connectors.contract.manifest import Surroundings
from connectors.contract.parcels import (
    CarrierQuote,
    Label,
    LabelFormat,
    LabelRequest,
    VoidLabelRequest,
)
from connectors.contract.payloads import HttpRequest, HttpResponse

FIXTURES = Path(str(files("connectors.carriers.rate_table"))) / "fixtures"
TABLES = Path(str(files("config"))) / "carriers"


class Golden(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of which table."""

    table: str
    label: LabelRequest


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """All quotes for it, and the labels of the service asked for."""

    quotes: list[CarrierQuote]
    labels: list[Label]


class NoHttp:
    """The outside world of a connector that must not need one."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        raise AssertionError(f"a rate table called {request.url}")


def carrier(table: str) -> RateTableCarrier:
    settings = rate_table((TABLES / table).read_text(encoding="utf-8"), table)
    built = MANIFEST.build(settings, Surroundings(http=NoHttp(), clock=lambda: 0))
    assert isinstance(built, RateTableCarrier)
    return built


def golden(name: str) -> Golden:
    return msgspec.json.decode((FIXTURES / name).read_bytes(), type=Golden)


def answers(asked: Golden) -> Expected:
    teller = carrier(asked.table)
    quotes = asyncio.run(teller.quote_rates(replace(question(asked.label), service="")))
    labels = asyncio.run(teller.buy_labels(asked.label))
    return Expected(quotes=list(quotes), labels=list(labels))


NAMES = sorted(path.name for path in FIXTURES.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_answers_equal_the_golden_files(name: str) -> None:
    expected = msgspec.json.decode((FIXTURES / "expected" / name).read_bytes(), type=Expected)

    assert answers(golden(name)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_label_costs_what_was_quoted(name: str) -> None:
    asked = golden(name)
    told = answers(asked)

    [quote] = [each for each in told.quotes if each.service == asked.label.service]
    assert sum(label.amount_minor for label in told.labels) == quote.amount_minor


def test_the_manifest_tells_the_truth() -> None:
    assert implemented(carrier("kestrel.toml")) == MANIFEST.capabilities


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.toml")), ids=lambda path: path.name)
def test_every_table_that_ships_is_readable_and_says_that_it_is_invented(path: Path) -> None:
    assert rate_table(path.read_text(encoding="utf-8"), path.name).services
    assert "our own invention" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_buying_twice_is_buying_once(name: str) -> None:
    assert answers(golden(name)).labels == answers(golden(name)).labels


@pytest.mark.parametrize("name", NAMES)
def test_quotes_come_cheapest_first(name: str) -> None:
    amounts = [quote.amount_minor for quote in answers(golden(name)).quotes]

    assert amounts == sorted(amounts)


@pytest.mark.parametrize("name", NAMES)
def test_a_voided_label_costs_nothing_and_voiding_twice_is_fine(name: str) -> None:
    asked = golden(name)
    teller = carrier(asked.table)
    for label in answers(asked).labels:
        request = VoidLabelRequest(
            idempotency_key="v",
            label_external_id=label.external_id,
            tracking_number=label.tracking_number,
        )

        first, again = (asyncio.run(teller.void_label(request)) for _ in range(2))

        assert first == again
        assert first.refunded_minor == label.amount_minor


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"service": "TELEPORT"}, "service_unknown"),
        ({"service": "YES", "cod_amount_minor": 100}, "not_served"),
        ({"format": LabelFormat.ZPL}, "label_format"),
        ({"parcels": ()}, "not_served"),
    ],
)
def test_what_cannot_be_bought_is_rejected_with_what_to_do(
    change: dict[str, object], code: str
) -> None:
    asked = golden("jakarta_denpasar_cod.json")

    with pytest.raises(Rejected) as refusal:
        asyncio.run(carrier(asked.table).buy_labels(replace(asked.label, **change)))

    assert refusal.value.code == code
    assert refusal.value.remedy


def test_where_nobody_goes_there_is_no_quote() -> None:
    asked = golden("jakarta_denpasar_cod.json")
    tokyo = replace(asked.label.ship_to, country="JP", postal_code="100-0001")
    nowhere = Golden(table=asked.table, label=replace(asked.label, ship_to=tokyo))

    with pytest.raises(Rejected):
        answers(nowhere)
