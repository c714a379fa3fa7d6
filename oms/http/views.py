"""How values look outside: camelCase, moments as ISO 8601; and how input is taken, strictly."""

import types
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from oms.kernel.clock import from_datetime, to_datetime
from oms.kernel.errors import Invalid

V = TypeVar("V", bound="View")

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Reference = Annotated[str, Meta(min_length=1, max_length=200)]
Note = Annotated[str, Meta(max_length=2_000)]
Units = Annotated[int, Meta(ge=1, le=10**9)]
AmountMinor = Annotated[int, Meta(ge=-(10**15), le=10**15)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Moment = Annotated[datetime, Meta(tz=True)]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]

_MS: Final = "_ms"

Convert = Callable[[Any], Any]


class View(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an answer shows. Fields are named as in the value shown; `x_at` shows its `x_at_ms`."""


class Input(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a request sends. What nobody asked for is refused, so that a typing error is seen."""


def moment_ms(at: datetime) -> int:
    """A moment from a query as UTC milliseconds; `Invalid` where it says no offset."""
    if at.utcoffset() is None:
        raise Invalid(
            "request.no_offset",
            f"The moment '{at.isoformat()}' says no offset from UTC.",
            "Write Z or an offset such as +07:00 behind it (in an address, %2B07:00).",
        )
    return from_datetime(at)


def view(kind: type[V], value: object) -> V:
    """Show `value` as `kind`: each field from the attribute of its name, views within alike."""
    shown: V = _shower(kind)(value)
    return shown


def views(kind: type[V], values: Iterable[object]) -> list[V]:
    """The same for many."""
    show = _shower(kind)
    return [show(value) for value in values]


@cache
def _shower(kind: type[View]) -> Convert:
    hints = get_type_hints(kind, include_extras=False)
    fields = [(name, *_source(name, hints[name])) for name in kind.__struct_fields__]

    def show(value: Any) -> View:
        return kind(**{name: convert(getattr(value, source)) for name, source, convert in fields})

    return show


def _source(name: str, hint: Any) -> tuple[str, Convert]:
    if datetime in (hint, *get_args(hint)):
        return name + _MS, lambda at_ms: None if at_ms is None else to_datetime(at_ms)
    return name, _converter(hint)


def _converter(hint: Any) -> Convert:
    """How a value becomes what `hint` asks for; most need nothing."""
    if isinstance(hint, type) and issubclass(hint, View):
        return _shower(hint)
    inner = [_converter(each) for each in get_args(hint) if each is not Ellipsis]
    origin = get_origin(hint)
    if all(each is _as_it_is for each in inner):
        return _as_it_is
    if origin in (list, tuple) and len(inner) == 1:
        return lambda values: origin(inner[0](value) for value in values)
    if origin is dict:
        return lambda values: {key: inner[1](value) for key, value in values.items()}
    if origin in (Union, types.UnionType) and len(inner) == 2 and types.NoneType in get_args(hint):
        some = inner[0] if inner[0] is not _as_it_is else inner[1]
        return lambda value: None if value is None else some(value)
    raise TypeError(f"no view can be made for {hint}")


def _as_it_is(value: Any) -> Any:
    return value
