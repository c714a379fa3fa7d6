"""Says what each row is: an order line, a charge, a return, or nothing for us."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from connectors.marketplace.flat_file.layout import Condition, Layout, RowKind, Rule
from connectors.marketplace.flat_file.slots import Slots

_CACHED: Final = 16_384

_PLAIN: Final = Rule(when=[Condition(column="", is_empty=True)], row=RowKind.ORDER_LINE)


def classifier(layout: Layout, slots: Slots) -> Callable[[list[str]], Rule]:
    """A function from a row's cells to the first rule that holds; without one, an order line."""
    columns = [condition.column for rule in layout.rules for condition in rule.conditions]
    if not columns:
        return lambda _row: _PLAIN
    place = {column: place for place, column in enumerate(dict.fromkeys(columns))}
    pick = slots.picker(tuple(place))
    rules = [
        (rule, [(place[condition.column], _check(condition)) for condition in rule.conditions])
        for rule in layout.rules
    ]

    @lru_cache(_CACHED)
    def first(picked: tuple[str, ...]) -> Rule:
        texts = [text.strip() for text in picked]
        for rule, conditions in rules:
            for at, holds in conditions:
                if not holds(texts[at]):
                    break
            else:
                return rule
        return _PLAIN

    return lambda row: first(pick(row))


def _check(condition: Condition) -> Callable[[str], bool]:
    """One function for all parts of a condition; the usual one, `is`, is a look-up."""
    checks: list[Callable[[str], bool]] = []
    if condition.equals is not None:
        checks.append(frozenset(condition.equals).__contains__)
    if condition.starts_with is not None:
        beginnings = tuple(condition.starts_with)
        checks.append(lambda text: text.startswith(beginnings))
    if condition.is_empty is not None:
        wanted = condition.is_empty
        checks.append(lambda text: wanted == (not text))
    if condition.below is not None:
        bound = condition.below
        checks.append(lambda text: _is_below(text, bound))
    return checks[0] if len(checks) == 1 else lambda text: all(check(text) for check in checks)


def _is_below(text: str, bound: int) -> bool:
    try:
        return float(text) < bound
    except ValueError:  # what is no number is complained of where a number is needed
        return False
