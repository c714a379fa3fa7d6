"""What a repair changes, and what a name may mean."""

from oms.web.channels.differences import differences, is_json, readable
from oms.web.channels.suggestions import spellings


def test_json_is_shown_a_field_a_line_and_anything_else_as_it_is() -> None:
    assert readable('{"a":1,"b":[2]}').splitlines()[1].strip() == '"a": 1,'
    assert readable("SKU,Qty\nX,1") == "SKU,Qty\nX,1"
    assert readable('{"broken"') == '{"broken"'


def test_a_repair_is_told_line_by_line_whatever_its_spacing() -> None:
    told = differences('{"a":1,"b":2}', '{"a": 1, "b": 3}')

    assert [(line.kind, line.text.strip()) for line in told if line.kind != "same"] == [
        ("gone", '"b": 2'),
        ("new", '"b": 3'),
    ]
    assert differences('{"a":1}', '{ "a": 1 }') == []


def test_what_is_too_long_is_not_compared() -> None:
    assert differences("a\n" * 200_000, "b\n" * 200_000) == []


def test_only_json_can_be_tried_as_it_is() -> None:
    assert is_json(' {"externalId": "1"}')
    assert not is_json("Order,Date\n1,2")


def test_a_name_is_looked_for_without_what_marketplaces_add() -> None:
    assert list(spellings("PN-bmb-001")) == [
        "PN-bmb-001",
        "PN-BMB-001",
        "bmb-001",
        "BMB-001",
        "PN-BMB",
    ]
    assert list(spellings("plain")) == ["plain", "PLAIN"]
