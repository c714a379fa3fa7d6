"""Answers to lists of writes: one for each, in their order, with a problem where it was refused."""

from collections.abc import Callable, Iterable
from typing import Final, Generic, TypeVar

from msgspec import Meta

from oms.http.problems import Problem, problem_of
from oms.http.views import View
from oms.kernel.errors import OMSError

MANY_MAX: Final = 1_000
Many = Meta(min_length=1, max_length=MANY_MAX)
"""`Annotated[list[X], Many]`: as many as one request may ask for."""

V = TypeVar("V")
R = TypeVar("R")


class Answered(View, Generic[V], frozen=True, kw_only=True, omit_defaults=True):
    """What was kept, or the problem why not; its `fields` point into that one of the list."""

    kept: V | None = None
    problem: Problem | None = None


def answered(answers: Iterable[R | OMSError], show: Callable[[R], V]) -> list[Answered[V]]:
    """Each answer shown, or its problem."""
    return [
        Answered(problem=problem_of(answer))
        if isinstance(answer, OMSError)
        else Answered(kept=show(answer))
        for answer in answers
    ]
