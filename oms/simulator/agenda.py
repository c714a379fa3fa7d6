"""Things to be done at a moment, soonest first."""

import heapq
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")


class Agenda(Generic[T]):
    """Keeps things until they are due. Lives in memory: what is lost with it happens to nobody."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, T]] = []
        self._tie = count()

    def add(self, due_ms: int, thing: T) -> None:
        heapq.heappush(self._heap, (due_ms, next(self._tie), thing))

    def due(self, now_ms: int) -> list[T]:
        """Take out what is due."""
        found = []
        while self._heap and self._heap[0][0] <= now_ms:
            found.append(heapq.heappop(self._heap)[2])
        return found
