"""The contract keeps its promises: errors without secrets, manifests that hold, a registry."""

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import msgspec
import pytest

from connectors.contract.capabilities import PROTOCOLS, Capability, implemented
from connectors.contract.errors import (
    WORDS_MAX,
    AuthFailed,
    ConnectorError,
    RateLimited,
    Rejected,
    Transient,
    Unreadable,
)
from connectors.contract.manifest import (
    MASKED,
    ConnectorKind,
    Manifest,
    Surroundings,
    shown,
)
from connectors.contract.messages import (
    ChannelCharge,
    ChannelLine,
    ChannelMessage,
    ChannelOrder,
    ChargeKind,
    PaymentTerms,
    order_total_minor,
)
from connectors.contract.registry import GROUP, Registry, discover
from connectors.marketplace.flat_file.connector import MANIFEST, FlatFile, FlatFileSettings
from connectors.testing.laws import NoNetwork
from oms.kernel.address import Address
from oms.kernel.clock import ManualClock
from oms.kernel.errors import Invalid, NotFound
from tests.unit.connectors.sheets import plain

FIVE = (AuthFailed, RateLimited, Transient, Rejected, Unreadable)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (
            "Authorization: Bearer sk_live_4242abcd was refused",
            "Authorization: Bearer [secret] was",
        ),
        ("GET https://shop.test/orders?access_token=s3cr3t&page=2", "access_token=[secret]&page=2"),
        ('{"api_key": "s3cr3t", "id": 7}', '"api_key": "[secret]", "id": 7'),
        ("https://user:s3cr3t@shop.test/ is away", "https://user:[secret]@shop.test/ is away"),
        ("X-Hmac-Signature: s3cr3t", "X-Hmac-Signature: [secret]"),
        ("The basic plan allows two calls a second", "The basic plan allows two calls a second"),
    ],
)
@pytest.mark.parametrize("error", FIVE)
def test_no_error_tells_a_credential(error: type[ConnectorError], words: str, kept: str) -> None:
    made = error("platform.words", words, remedy=words)

    assert kept in made.sentence
    assert kept in made.remedy
    assert "s3cr3t" not in str(made) + repr(made)


def test_an_error_is_for_a_person_so_it_is_short() -> None:
    assert len(Transient("platform.away", "x" * 50_000).sentence) == WORDS_MAX


def test_errors_say_how_long_to_wait_and_where_it_is_wrong() -> None:
    assert RateLimited("rate", "Too fast.", retry_after_s=2.5).retry_after_s == 2.5
    assert Unreadable("cell", "No number.", place="lines[2].price").fields == {
        "lines[2].price": "No number."
    }


class Account(msgspec.Struct, frozen=True):
    shop: str
    token: str = ""


def manifest(
    key: str = "shop",
    capabilities: frozenset[Capability] = frozenset({Capability.READS_FILES}),
    secrets: tuple[str, ...] = ("token",),
) -> Manifest[Account]:
    return Manifest(
        key=key,
        label="Shop",
        kind=ConnectorKind.WEBSHOP,
        capabilities=capabilities,
        settings=Account,
        build=lambda _settings, _surroundings: FlatFile(plain()),
        docs="docs/shop.md",
        secrets=secrets,
    )


def test_a_manifest_that_cannot_be_true_is_refused() -> None:
    with pytest.raises(ValueError, match="'My Shop' is no key"):
        manifest(key="My Shop")
    with pytest.raises(ValueError, match="shop declares no capability"):
        manifest(capabilities=frozenset())
    with pytest.raises(ValueError, match=r"secrets \['password'\] are no settings"):
        manifest(secrets=("password",))


def test_settings_are_shown_with_their_secrets_masked() -> None:
    assert shown(manifest(), Account("mine", "s3cr3t")) == {"shop": "mine", "token": MASKED}
    assert shown(manifest(), Account("mine")) == {"shop": "mine", "token": ""}


def test_what_a_connector_can_do_is_read_from_its_methods() -> None:
    assert implemented(FlatFile(plain())) == {Capability.READS_FILES}
    assert implemented(object()) == frozenset()
    assert set(PROTOCOLS) == set(Capability)


def test_messages_survive_storage_with_their_kind() -> None:
    order = ChannelOrder(
        external_id="A",
        placed_at_ms=1,
        currency="GBP",
        ship_to=Address("GB"),
        lines=(),
        charges=(ChannelCharge(kind=ChargeKind.FEE, title="Fee", amount_minor=5),),
        prices_include_tax=True,
        payment_terms=PaymentTerms.INVOICE,
        extra={"colour": "red"},
    )

    stored = msgspec.json.encode(order)

    assert msgspec.json.decode(stored, type=ChannelMessage) == order
    assert b'"type":"channel.order"' in stored


def test_a_total_is_goods_less_discounts_and_charges_and_tax_on_top() -> None:
    line = ChannelLine(
        external_id="1",
        sku="M",
        quantity=2,
        unit_price_minor=1000,
        line_total_minor=2000,
        discount_minor=100,
        tax_minor=360,
    )
    order = ChannelOrder(
        external_id="A",
        placed_at_ms=1,
        currency="GBP",
        ship_to=Address("GB"),
        lines=(line,),
        charges=(ChannelCharge(kind=ChargeKind.FEE, title="Fee", amount_minor=50, tax_minor=10),),
        discount_minor=100,
        prices_include_tax=False,
        payment_terms=PaymentTerms.COD,
    )

    assert order_total_minor(order) == 2000 - 100 - 100 + 50 + 360 + 10
    assert order_total_minor(msgspec.structs.replace(order, prices_include_tax=True)) == 1850


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_the_registry_finds_this_checkouts_connectors_without_installing_it() -> None:
    registry = discover()

    assert registry.get("flat_file") is MANIFEST
    assert {"flat_file", "rate_table"} <= set(registry.keys())


def test_a_package_from_elsewhere_appears_by_its_entry_point() -> None:
    registry = Registry([entry("flat_file", "connectors.marketplace.flat_file.connector:MANIFEST")])

    manifests, refusals = registry.all()

    assert (manifests, refusals) == ([MANIFEST], [])


def test_what_is_no_connector_is_refused_in_words_and_stops_no_other() -> None:
    good = "connectors.marketplace.flat_file.connector:MANIFEST"
    registry = Registry(
        [
            entry("flat_file", good),
            entry("other_name", good),
            entry("nothing", "nowhere:MANIFEST"),
            entry("a_class", "connectors.marketplace.flat_file.connector:FlatFile"),
        ]
    )

    manifests, refusals = registry.all()

    assert manifests == [MANIFEST]
    assert [(refusal.key, refusal.sentence.split(" ", 3)[3]) for refusal in refusals] == [
        ("a_class", "is a type, not a Manifest."),
        (
            "nothing",
            "cannot be imported (ModuleNotFoundError: No module named 'nowhere').",
        ),
        ("other_name", "calls itself 'flat_file'."),
    ]


def test_asking_for_a_connector_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(NotFound) as refused:
        Registry([entry("flat_file", "x:y")]).get("shopify")

    assert refused.value.remedy == "Known: flat_file."
    with pytest.raises(Invalid):
        Registry([entry("broken", "nowhere:MANIFEST")]).get("broken")


def test_a_checkout_says_in_its_project_file_which_connectors_it_has(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(f'[project.entry-points."{GROUP}"]\nmine = "mine.connector:MANIFEST"\n')

    found, without = discover(project).keys(), discover(tmp_path / "nowhere.toml").keys()

    assert "mine" in found
    assert "mine" not in without


def test_settings_that_hold_no_layout_are_refused_when_the_connector_is_made() -> None:
    with pytest.raises(Invalid, match="missing required field `order`"):
        MANIFEST.build(
            FlatFileSettings(layout=""), Surroundings(http=NoNetwork(), clock=ManualClock(0))
        )


def test_every_connector_here_names_a_page_that_tells_of_it() -> None:
    root = Path(__file__).parents[3]
    for manifest in discover().all()[0]:
        page = root / manifest.docs
        assert page.is_file(), f"{manifest.key} names {manifest.docs}"
        assert re.search(manifest.key.replace("_", "[_-]"), page.read_text()), (
            f"{manifest.docs} does not tell of {manifest.key}"
        )
