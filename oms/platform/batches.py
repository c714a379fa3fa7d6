"""Working through a list of commands that may touch the same thing twice."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

C = TypeVar("C")
R = TypeVar("R")


def in_rounds(
    commands: Sequence[C],
    subject: Callable[[C], Hashable],
    work: Callable[[Sequence[C]], Sequence[R]],
) -> list[R]:
    """Run `work` over the commands so that no call sees one subject twice; answers in their order.

    Nearly always one call: only what came twice about one subject waits for a second, and then
    reads what the first has written.
    """
    answers: dict[int, R] = {}
    waiting = list(range(len(commands)))
    while waiting:
        seen: set[Hashable] = set()
        now: list[int] = []
        later: list[int] = []
        for position in waiting:
            key = subject(commands[position])
            (later if key in seen else now).append(position)
            seen.add(key)
        answers.update(zip(now, work([commands[p] for p in now]), strict=True))
        waiting = later
    return [answers[position] for position in range(len(commands))]
