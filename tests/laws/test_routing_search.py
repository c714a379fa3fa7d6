"""The search misses nothing: its bounds hold for every set, and it finds the two best of all."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from routing.bounds import least_by_reach, least_of_two, prices
from routing.fill import fill, terms
from routing.model import Coverage, Question
from routing.pools import Problem, problem
from routing.rules import admit
from routing.search import FEW_NODES, Search
from tests.unit.routing.worlds import busy_world, stepped_freights, straight_freights, worlds

POLICIES: tuple[dict[str, Any], ...] = (
    {},
    {"parcels_max": 2},
    {"coverage": Coverage.PRICED, "unserved_unit_minor": 250},
    {"coverage": Coverage.PRICED, "unserved_unit_minor": 900, "parcels_max": 3},
)
seeds = st.integers(0, 1 << 32)
some_policy = st.sampled_from(POLICIES)


def compiled(asked: Question) -> Problem:
    return problem(asked, admit(asked))


def every_set(nodes: list[int], most: int) -> list[tuple[int, ...]]:
    sizes = range(1, min(len(nodes), most) + 1)
    return [each for size in sizes for each in combinations(nodes, size)]


@settings(max_examples=150)
@given(seeds, some_policy)
def test_prices_bound_every_set_of_their_branch(seed: int, policy: dict[str, Any]) -> None:
    asked = compiled(busy_world(seed, 6, **policy))
    everywhere = list(range(len(asked.nodes)))

    for opened in [(), *every_set(everywhere, 3)]:
        allowed = [each for each in everywhere if each not in opened]
        bound, slack = prices(asked, opened, allowed)
        assert min(slack.values(), default=0) >= 0
        for more in every_set(allowed, len(allowed)):
            least = bound + sum(slack[each] for each in more)
            assert least <= fill(asked, tuple(sorted((*opened, *more)))).value


@settings(max_examples=200)
@given(worlds(nodes_max=4, freights=straight_freights() | stepped_freights()))
def test_prices_hold_where_lines_compete_and_freight_has_steps(asked: Question) -> None:
    there = compiled(asked)
    everywhere = list(range(len(there.nodes)))

    for opened in [(), *every_set(everywhere, 2)]:
        allowed = [each for each in everywhere if each not in opened]
        bound, slack = prices(there, opened, allowed)
        for more in every_set(allowed, len(allowed)):
            least = bound + sum(slack[each] for each in more)
            assert least <= fill(there, tuple(sorted((*opened, *more)))).value


@settings(max_examples=150)
@given(seeds, st.sampled_from(POLICIES[:2]))
def test_no_pair_and_no_larger_set_is_below_the_bounds_for_them(
    seed: int, policy: dict[str, Any]
) -> None:
    asked = compiled(busy_world(seed, 6, **policy))
    everywhere = list(range(len(asked.nodes)))
    assume(len(everywhere) > 1)

    values = {each: fill(asked, each).value for each in every_set(everywhere, asked.parcels_max)}
    assert least_of_two(asked) <= min(values[each] for each in values if len(each) > 1)
    for opened in [(), *every_set(everywhere, 1)]:
        allowed = [each for each in everywhere if each not in opened]
        least = least_by_reach(asked, opened, allowed, fill(asked, opened))
        assert least <= min(values[each] for each in values if set(opened) < set(each))


@pytest.mark.parametrize("nodes", [FEW_NODES - 2, FEW_NODES + 2])
@settings(max_examples=150)
@given(seeds, some_policy)
def test_the_two_best_of_all_sets_are_found(nodes: int, seed: int, policy: dict[str, Any]) -> None:
    asked = compiled(busy_world(seed, nodes, **policy))
    search = Search(asked)

    search.run()

    sets = every_set(list(range(len(asked.nodes))), asked.parcels_max)
    filled = {each: fill(asked, each) for each in sets}
    useful = [(filled[each].value, len(each), each) for each in sets if is_useful(filled, each)]
    if not asked.ceiling or not useful:
        useful.append((fill(asked, ()).value, 0, ()))
    useful.sort()
    assert search.floor is None
    assert [each.rank for each in search.best][:1] == useful[:1]
    assert [each.rank[:2] for each in search.best][:2] == [each[:2] for each in useful][:2]


def is_useful(filled: dict[tuple[int, ...], Any], opened: tuple[int, ...]) -> bool:
    return len(filled[opened].units) == len(opened)


@settings(max_examples=100)
@given(seeds, some_policy)
def test_merging_pools_changes_no_value(seed: int, policy: dict[str, Any]) -> None:
    merged = compiled(busy_world(seed, 5, **policy))
    apart = replace(merged, merged=merged.pools)
    for pool in apart.merged:
        pool.by_node = {option[1]: option for option in pool.options}

    for opened in [(), *every_set(list(range(len(merged.nodes))), 5)]:
        one, other = fill(merged, opened), fill(apart, opened)
        assert (one.value, one.units, one.unserved) == (other.value, other.units, other.unserved)
        assert terms(merged, one) == terms(apart, other)


@settings(max_examples=60)
@given(seeds, some_policy)
def test_closing_a_node_never_costs_less_after_closing_others(
    seed: int, policy: dict[str, Any]
) -> None:
    asked = compiled(busy_world(seed, 5, **policy))
    everywhere = set(range(len(asked.nodes)))

    def value(opened: set[int]) -> int:
        return fill(asked, tuple(sorted(opened))).value

    for first, second in combinations(everywhere, 2):
        alone = value(everywhere - {first}) - value(everywhere)
        after = value(everywhere - {first, second}) - value(everywhere - {second})
        assert alone <= after
