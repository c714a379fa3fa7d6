"""Customers and identities as rows and back, set-based."""

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa

from connectors.contract.messages import ChannelParty
from oms.customers.model import Identity, IdentityKind, Newcomer
from oms.customers.tables import customer, identity
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Reader, Transaction

_KINDS: Final = {str(kind): kind for kind in IdentityKind}
_WANTED = ParameterRows("wanted", kind=sa.Text, value=sa.Text)
_FIND: Final = sa.select(identity.c.kind, identity.c.value, identity.c.customer_id).select_from(
    _WANTED.source.join(
        identity,
        sa.and_(identity.c.kind == _WANTED.c.kind, identity.c.value == _WANTED.c.value),
    )
)


def owners(reader: Reader, names: Iterable[Identity]) -> dict[Identity, str]:
    """Customer ids by identity, for those that somebody has."""
    wanted = sorted({(str(name.kind), name.value) for name in names})
    if not wanted:
        return {}
    return {
        Identity(_KINDS[row.kind], row.value): row.customer_id
        for row in reader.fetch(_FIND, _WANTED(wanted))
    }


def add_customers(tx: Transaction, newcomers: Sequence[Newcomer]) -> None:
    tx.insert(
        customer,
        [
            {
                "id": newcomer.customer_id,
                "name": newcomer.claim.party.name,
                "company": newcomer.claim.party.company,
                "email": newcomer.claim.party.email,
                "phone": newcomer.claim.party.phone,
                "tax_number": newcomer.claim.party.tax_number,
                "locale": newcomer.claim.party.locale,
                "search": _search(newcomer.claim.party),
                "created_at_ms": tx.now_ms,
            }
            for newcomer in newcomers
        ],
    )


def add_identities(tx: Transaction, learnt: Sequence[tuple[Identity, str]]) -> None:
    tx.insert(
        identity,
        [
            {"kind": str(name.kind), "value": name.value, "customer_id": customer_id}
            for name, customer_id in learnt
        ],
    )


def _search(party: ChannelParty) -> str:
    told = (party.name, party.company, party.email, party.phone)
    return "\n".join(each for each in told if each).lower()
