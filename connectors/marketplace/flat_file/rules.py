"""Says what each row is: an order line, a charge, a return, or nothing for us."""

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Final

from connectors.marketplace.flat_file.layout import Condition, Layout, RowKind, Rule
from connectors.marketplace.flat_file.slots import Slots

_CACHED: Final = 16_384

_PLAIN: Final = Rule(when=[Condition(column="", is_empty=True)], row=RowKind.ORDER_LINE)


def classifier(layout: Layout, slots: Slots) -> Callable[[list[str]], Rule]:
    """A function from a row's cells to the first rule that holds; without one, an order line."""
    rules = layout.rules
    columns = tuple(
        dict.fromkeys(condition.column for rule in rules for condition in rule.conditions)
    )
    if not columns:
        return lambda _cells: _PLAIN
    pick = itemgetter(*(slots.place(column) for column in columns))

    @lru_cache(_CACHED)
    def first(picked: str | tuple[str, ...]) -> Rule:
        texts = (picked,) if isinstance(picked, str) else picked
        row = {column: text.strip() for column, text in zip(columns, texts, strict=True)}
        for rule in rules:
            if all(_holds(condition, row[condition.column]) for condition in rule.conditions):
                return rule
        return _PLAIN

    return lambda cells: first(pick(cells))


def _holds(condition: Condition, text: str) -> bool:
    return (
        (condition.equals is None or text in condition.equals)
        and (condition.starts_with is None or text.startswith(tuple(condition.starts_with)))
        and (condition.is_empty is None or condition.is_empty == (not text))
        and (condition.below is None or _is_below(text, condition.below))
    )


def _is_below(text: str, bound: int) -> bool:
    try:
        return float(text) < bound
    except ValueError:  # what is no number is complained of where a number is needed
        return False
