"""A wrong mapping is refused before any file is read, at the place where it is wrong."""

from pathlib import Path

import pytest

from connectors.marketplace.flat_file.layout import load, parse
from oms.kernel.errors import Invalid
from tests.unit.connectors.sheets import PLAIN, plain

CHANNELS = Path(__file__).parents[3] / "config" / "channels"


@pytest.mark.parametrize("path", sorted(CHANNELS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_mappings_we_ship_are_good(path: Path) -> None:
    assert load(path).order.id


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[order", "mine.toml: Expected ']' at the end of a table declaration"),
        (PLAIN + "[lines]", "Object contains unknown field `lines`."),
        (PLAIN.replace('sku = "sku"', ""), "missing required field `sku` - at `$.line`"),
        (PLAIN.replace('unit_price = "price"', ""), "give unit_price or line_total - at `$.line`"),
        (PLAIN.replace('"order"', '{ constant = "A" }'), "id must be a column"),
        (PLAIN.replace('"qty"', '{ column = "a", constant = "b" }'), "either a column or a const"),
        (PLAIN + '[file]\nencoding = "klingon"', "'klingon' is not a text encoding."),
        (PLAIN + '[file]\nencoding = "base64"', "'base64' is not a text encoding."),
        (PLAIN + '[file]\ndelimiter = "\\"" ', "delimiter and quote are the same character."),
        (PLAIN + '[time]\nzone = "Mars/Olympus"', "'Mars/Olympus' is not a time zone"),
        (PLAIN + 'country_names = "x"', "unknown field `country_names` - at `$.ship_to`"),
        ('country_names = "xx"\n' + PLAIN, "'xx' is not a language such as en or id."),
        (PLAIN + '[countries]\n"EIRE" = "Ireland"', "at `$.countries[...]`"),
        (PLAIN + '[[rules]]\nwhen = {column="a"}\nrow = "charge"', "at least one of is,"),
        (PLAIN + '[[rules]]\nwhen = {column="a", is=["b"]}\nrow = "quarantine"', "needs a reason"),
        (PLAIN + "[tax]\nrates = [{countries=['GB'], rate=20001}]", "at `$.tax.rates[0].rate`"),
        (PLAIN + "[tax]\nrates = [{countries=['GB'], rate=1, since='2011-02-30'}]", "no day"),
    ],
)
def test_a_wrong_mapping_is_refused_at_its_place(text: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(text, "mine.toml")

    assert refused.value.sentence.startswith("mine.toml: ")
    assert words in refused.value.sentence


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"nowhere\.toml: it cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_the_columns_of_a_mapping_are_each_named_once() -> None:
    assert plain('[[rules]]\nwhen = {column="kind", is=["x"]}\nrow = "charge"').columns() == (
        *("order", "at", "currency", "sku", "qty", "price", "country", "kind"),
    )
