"""What was read a moment ago and is asked for again: figures many look at, kept for seconds."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

from oms.platform.transaction import Reader

T = TypeVar("T")
KEPT_MAX: Final = 256  # answers of one database

_kept: WeakKeyDictionary[Any, dict[Hashable, tuple[int, Any]]] = WeakKeyDictionary()
_guard: Final = threading.Lock()


def remembered(reader: Reader, key: Hashable, for_ms: int, look: Callable[[], T]) -> T:
    """What `look` found at most `for_ms` ago under this key in this database, or finds now."""
    with _guard:
        mine = _kept.setdefault(reader.engine, {})
        until_ms, found = mine.get(key, (0, None))
    if reader.now_ms < until_ms <= reader.now_ms + for_ms:
        return cast("T", found)
    found = look()
    with _guard:
        if len(mine) >= KEPT_MAX:
            mine.clear()
        mine[key] = (reader.now_ms + for_ms, found)
    return found
