"""A price list prices by lane and by the weight that counts, and says why it does not take one."""

import pytest
from msgspec.structs import replace

from connectors.carriers.rate_table.connector import rate_table
from connectors.carriers.rate_table.mapping import amount_of, tracking_number
from connectors.carriers.rate_table.rates import (
    NotServed,
    Price,
    billed_weight_g,
    deliver_by_ms,
    priced,
    route_code,
)
from connectors.carriers.rate_table.wire import Lane, Rate, RateTable, Service
from connectors.contract.errors import Rejected
from connectors.contract.parcels import ParcelToShip, RateRequest
from oms.kernel.address import Address, Coordinates
from oms.kernel.barcodes import make_sscc
from oms.kernel.clock import DAY_MS, HOUR_MS
from oms.kernel.errors import Invalid

LEEDS = Address(country="GB", postal_code="LS1 4AP", at=Coordinates(53.8, -1.55))
YORK = Address(country="GB", postal_code="YO1 7HH", at=Coordinates(53.96, -1.08))
BELFAST = Address(country="GB", postal_code="bt1 5gs")
BERLIN = Address(country="DE", postal_code="10117")
SATURDAY_NOON_MS = 1_795_262_400_000  # 21 November 2026

ISLANDS = Rate(lane="islands", days=4, up_to_g=(1_000,), minor=(795,))
DOMESTIC = Rate(
    lane="domestic", days=2, up_to_g=(500, 2_000), minor=(325, 475), each_g=1_000, each_minor=60
)
STANDARD = Service(
    code="STANDARD", title="Standard", max_weight_g=30_000, rates=(ISLANDS, DOMESTIC)
)
TABLE = RateTable(
    carrier="kestrel",
    title="Kestrel",
    currency="GBP",
    tracking_prefix="KST",
    volumetric_divisor=5_000,
    days_off=(7,),
    lanes=(
        Lane(name="near", up_to_km=50),
        Lane(name="islands", to_countries=("GB",), to_postal=("BT", "ZE")),
        Lane(name="domestic", same_country=True),
    ),
    services=(STANDARD,),
)
REQUEST = RateRequest(
    ship_from=LEEDS,
    ship_to=YORK,
    parcels=(ParcelToShip(reference="", weight_g=400),),
    ship_at_ms=SATURDAY_NOON_MS,
    currency="GBP",
)


def asked(request: RateRequest = REQUEST, service: Service = STANDARD) -> Price:
    answer = priced(TABLE, service, request)
    assert isinstance(answer, Price), answer
    return answer


def refused(request: RateRequest = REQUEST, service: Service = STANDARD) -> str:
    answer = priced(TABLE, service, request)
    assert isinstance(answer, NotServed), answer
    return answer.sentence


def parcel(weight_g: int, sides_mm: tuple[int, int, int] = (0, 0, 0)) -> ParcelToShip:
    length, width, height = sides_mm
    return ParcelToShip(
        reference="", weight_g=weight_g, length_mm=length, width_mm=width, height_mm=height
    )


@pytest.mark.parametrize(
    ("weight_g", "minor"),
    [(0, 325), (1, 325), (500, 325), (501, 475), (2_000, 475), (2_001, 535), (4_500, 655)],
)
def test_weight_chooses_the_band_and_started_steps_above_it(weight_g: int, minor: int) -> None:
    assert asked(replace(REQUEST, parcels=(parcel(weight_g),))).amount_minor == minor


def test_a_big_light_parcel_pays_for_its_size() -> None:
    pillow = parcel(600, (500, 400, 200))

    assert billed_weight_g(pillow, 5_000) == 8_000
    assert billed_weight_g(pillow, 0) == 600
    assert asked(replace(REQUEST, parcels=(pillow,))).amount_minor == 475 + 6 * 60


def test_each_parcel_is_priced_by_itself() -> None:
    price = asked(replace(REQUEST, parcels=(parcel(400), parcel(1_500))))

    assert price.parcels_minor == (325, 475)
    assert price.amount_minor == 800
    assert price.billed_g == 1_900


def test_islands_come_before_the_mainland() -> None:
    assert asked(replace(REQUEST, ship_to=BELFAST)).lane == "islands"
    assert asked().lane == "domestic"


def test_a_lane_by_distance_needs_both_ends_on_the_map() -> None:
    van = Service(
        code="VAN",
        title="Van",
        max_weight_g=9_000,
        rates=(Rate(lane="near", days=1, up_to_g=(9_000,), minor=(450,)),),
    )
    unmapped = replace(YORK, at=None)

    assert asked(service=van).amount_minor == 450
    assert "no rate from GB LS1 4AP to GB YO1 7HH" in refused(
        replace(REQUEST, ship_to=unmapped), van
    )


def test_fees_come_on_top_rounded_up_and_once_a_shipment() -> None:
    service = replace(
        STANDARD,
        collects_cash=True,
        cod_bp=300,
        cod_least_minor=100,
        insurance_bp=150,
        surcharge_bp=450,
    )
    request = replace(
        REQUEST, parcels=(parcel(400), parcel(400)), cod_amount_minor=10_001, insured_minor=10_001
    )

    price = asked(request, service)

    fuel, cash, insurance = 15, 301, 151  # 14.625, 300.03 and 150.015, rounded up
    assert price.parcels_minor == (325 + fuel + cash + insurance, 325 + fuel)
    least = asked(replace(request, cod_amount_minor=10), service)
    assert least.parcels_minor[0] == 325 + fuel + 100 + insurance


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ship_to": BERLIN}, "no rate from GB LS1 4AP to DE 10117"),
        ({"parcels": (parcel(30_001),)}, "takes 30000 g a parcel, one has 30001 g"),
        ({"parcels": (parcel(10, (1_300, 1, 1)),)}, "sides up to 1200 mm, one has 1300 mm"),
        ({"parcels": ()}, "no parcel"),
        ({"parcels": (parcel(-1),)}, "less than nothing"),
        ({"cod_amount_minor": 1}, "does not collect cash"),
        ({"insured_minor": 1}, "does not insure"),
        ({"ship_to": BELFAST, "parcels": (parcel(1_001),)}, "up to 1000 g"),
    ],
)
def test_what_is_not_taken_is_refused_with_the_reason(
    change: dict[str, object], words: str
) -> None:
    assert words in refused(replace(REQUEST, **change), replace(STANDARD, max_side_mm=1_200))


def test_cash_is_collected_in_the_carriers_currency_only() -> None:
    request = replace(REQUEST, cod_amount_minor=100, currency="EUR")

    assert "in GBP only" in refused(request, replace(STANDARD, collects_cash=True))


def test_delivery_days_skip_days_off() -> None:
    """Saturday and two delivery days: Monday, Tuesday at eight in the evening."""
    assert deliver_by_ms(TABLE, SATURDAY_NOON_MS, 2) == SATURDAY_NOON_MS + 3 * DAY_MS + 8 * HOUR_MS
    assert deliver_by_ms(TABLE, SATURDAY_NOON_MS, 0) == SATURDAY_NOON_MS + 8 * HOUR_MS


def test_the_promise_is_in_the_carriers_own_time() -> None:
    jakarta = replace(TABLE, time_zone="Asia/Jakarta", days_off=())

    assert deliver_by_ms(jakarta, SATURDAY_NOON_MS, 1) == SATURDAY_NOON_MS + DAY_MS + HOUR_MS


def test_the_sort_code_is_that_of_the_longest_postal_beginning() -> None:
    table = replace(TABLE, routes={"8": "BALI", "80": "DPS"})

    assert route_code(table, Address(country="ID", postal_code="80113")) == "DPS 80"
    assert route_code(table, Address(country="ID", postal_code="8")) == "BALI 8"
    assert route_code(table, Address(country="ID", postal_code="13910")) == ""


def test_a_tracking_number_follows_from_the_sscc_and_nothing_else() -> None:
    first, second = (make_sscc(3, "8991234", serial) for serial in (1, 2))

    assert tracking_number("JNR", first) == "JNR32340000000013"
    assert tracking_number("JNR", f"(00){first}") == tracking_number("JNR", first)
    assert tracking_number("JNR", second) != tracking_number("JNR", first)


def test_a_parcel_without_sscc_gets_no_number() -> None:
    with pytest.raises(Rejected) as refusal:
        tracking_number("JNR", "par_01jd8k")
    assert refusal.value.code == "reference_not_sscc"


def test_an_id_that_is_no_label_is_refused() -> None:
    assert amount_of("JNR32340000000013/1800000") == 1_800_000
    with pytest.raises(Rejected):
        amount_of("JNR32340000000013")


HEAD = 'carrier="k"\ntitle="K"\ncurrency="GBP"\ntracking_prefix="KST"\n'
SERVICE = '[[services]]\ncode="S"\ntitle="S"\nmax_weight_g=1\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("carrier =", "own.toml"),
        ("", "missing required field `carrier`"),
        (HEAD.replace("GBP", "XXQ") + "lanes=[]\nservices=[]", "'XXQ' is not a currency code"),
        (HEAD.replace("KST", "kst") + "lanes=[]\nservices=[]", "tracking_prefix"),
        (HEAD + 'time_zone="Leeds"\nlanes=[]\nservices=[]', "'Leeds' is not a time zone"),
        (HEAD + "days_off=[1,2,3,4,5,6,7]\nlanes=[]\nservices=[]", "leaves no day"),
        (HEAD + 'colour="red"\nlanes=[]\nservices=[]', "unknown field `colour`"),
        (
            HEAD + 'services=[]\n[[lanes]]\nname="a"\n[[lanes]]\nname="a"',
            "more than one lane called ['a']",
        ),
        (
            HEAD + "lanes=[]\n" + SERVICE + 'rates=[{lane="a",days=1,up_to_g=[1],minor=[1]}]',
            "lanes that do not exist: ['a']",
        ),
        (
            HEAD + "lanes=[]\n" + SERVICE + 'rates=[{lane="a",days=1,up_to_g=[2,1],minor=[1,2]}]',
            "`up_to_g` must grow from weight to weight - at `$.services[0].rates[0]`",
        ),
        (
            HEAD + "lanes=[]\n" + SERVICE + 'rates=[{lane="a",days=1,up_to_g=[2],minor=[-1]}]',
            "`$.services[0].rates[0].minor[0]`",
        ),
        (
            HEAD + "lanes=[]\n" + SERVICE + 'rates=[{lane="a",days=1,up_to_g=[2],minor=[]}]',
            "same number",
        ),
    ],
)
def test_a_table_with_a_mistake_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rate_table(text, "own.toml")
    assert words in refusal.value.sentence
