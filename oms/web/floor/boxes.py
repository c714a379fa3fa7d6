"""The boxes at a bench, from config/boxes.toml: which suggests itself, what it weighs. Pure."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from oms.catalog.model import Item

FILL: Final = 0.8  # goods never fill a box to the last corner


class BoxKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty box: sides in millimetres, its own weight and what it may hold in grams."""

    name: str
    sides_mm: tuple[int, int, int]
    tare_g: int
    holds_g: int

    @property
    def words(self) -> str:
        """``30 × 22 × 12 cm``."""
        return " × ".join(f"{side / 10:g}" for side in self.sides_mm) + " cm"


class _Boxes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    boxes: tuple[BoxKind, ...]


@cache
def box_kinds() -> tuple[BoxKind, ...]:
    """All of them, in the order of their keys."""
    text = (files("config") / "boxes.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Boxes).boxes


def suggested(kinds: Sequence[BoxKind], goods: Iterable[tuple[Item, int]]) -> int:
    """Which of `kinds` (0 is the first) takes these units; the last one when none does."""
    goods = list(goods)
    weight_g = sum(item.weight_g * units for item, units in goods)
    volume = sum(item.length_mm * item.width_mm * item.height_mm * units for item, units in goods)
    longest = max((side for item, _ in goods for side in _sides(item)), default=0)
    for at, kind in enumerate(kinds):
        length, width, height = kind.sides_mm
        if (
            weight_g <= kind.holds_g
            and volume <= length * width * height * FILL
            and longest <= max(kind.sides_mm)
        ):
            return at
    return len(kinds) - 1


def _sides(item: Item) -> tuple[int, int, int]:
    return item.length_mm, item.width_mm, item.height_mm
