"""Customers as screens and the API read them: by what a person knows of them, and one whole."""

from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from oms.customers.model import Identity, IdentityKind
from oms.customers.tables import customer, identity
from oms.kernel.errors import NotFound
from oms.platform.transaction import Reader

PAGE_MAX: Final = 500
_ESCAPE: Final = "\\"
_CUSTOMER: Final = customer.c


class CustomersWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which customers a list shows, newest first; what is empty takes all.

    `text` looks into names, companies, mail addresses and phones as they were told. `email` and
    `phone` (as the world dials it) are whole, and find by whatever a customer was ever known by.
    `before` is an id.
    """

    text: str = ""
    email: str = ""
    phone: str = ""
    before: str = ""
    count: int = 50


class CustomerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as they were first told."""

    id: str
    name: str
    company: str
    email: str
    phone: str
    tax_number: str
    locale: str
    created_at_ms: int


class CustomerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A customer and everything they are known by."""

    customer: CustomerRow
    identities: tuple[Identity, ...]


_FIELDS: Final = CustomerRow.__struct_fields__
_ROWS: Final = sa.select(*(_CUSTOMER[name] for name in _FIELDS))
_IDENTITIES: Final = (
    sa.select(identity.c.kind, identity.c.value)
    .where(identity.c.customer_id == sa.bindparam("customer_id"))
    .order_by(identity.c.kind, identity.c.value)
)


def _known_by(kind: IdentityKind) -> sa.ColumnElement[bool]:
    owners = sa.select(identity.c.customer_id).where(
        identity.c.kind == sa.literal_column(f"'{kind.value}'"),
        identity.c.value == sa.bindparam(kind.value),
    )
    return _CUSTOMER.id.in_(owners)


_CONDITIONS: Final[dict[str, sa.ColumnElement[bool]]] = {
    "text": _CUSTOMER.search.like(sa.bindparam("text"), escape=_ESCAPE),
    "email": _known_by(IdentityKind.EMAIL),
    "phone": _known_by(IdentityKind.PHONE),
    "before": _CUSTOMER.id < sa.bindparam("before"),
}


def customers(reader: Reader, wanted: CustomersWanted) -> list[CustomerRow]:
    """A page of customers, newest first."""
    given = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name)}
    if "text" in given:
        given["text"] = _containing(given["text"])
    if "email" in given:
        given["email"] = given["email"].strip().lower()
    statement = _page(frozenset(given))
    rows = reader.fetch(statement, count=min(wanted.count, PAGE_MAX), **given)
    return [CustomerRow(**row._mapping) for row in rows]


def a_customer(reader: Reader, customer_id: str) -> CustomerFacts:
    """One customer, or `NotFound`."""
    row = reader.fetch_one(_ROWS.where(_CUSTOMER.id == sa.bindparam("id")), id=customer_id)
    if row is None:
        raise NotFound(
            "customer.not_found",
            f"There is no customer '{customer_id}'.",
            "Look them up by name, e-mail address or phone.",
        )
    known_by = reader.fetch(_IDENTITIES, customer_id=customer_id)
    return CustomerFacts(
        customer=CustomerRow(**row._mapping),
        identities=tuple(Identity(IdentityKind(each.kind), each.value) for each in known_by),
    )


@lru_cache(maxsize=16)
def _page(filters: frozenset[str]) -> sa.Select[Any]:
    conditions = [_CONDITIONS[name] for name in sorted(filters)]
    return _ROWS.where(*conditions).order_by(_CUSTOMER.id.desc()).limit(sa.bindparam("count"))


def _containing(text: str) -> str:
    words = text.strip().lower()
    for special in (_ESCAPE, "%", "_"):
        words = words.replace(special, _ESCAPE + special)
    return f"%{words}%"
