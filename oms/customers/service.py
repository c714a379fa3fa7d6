"""Recognise the people behind orders, messages and calls. Merging two customers comes later."""

from collections.abc import Iterator, Sequence

from connectors.contract.messages import ChannelParty
from oms.customers import model, store
from oms.customers.events import CustomerAdded
from oms.customers.model import IdentityClaim
from oms.kernel.events import SYSTEM, Cause
from oms.kernel.ids import CustomerId
from oms.platform.transaction import Reader, Transaction


def claim(channel_id: str, party: ChannelParty, cause: Cause = SYSTEM) -> IdentityClaim:
    """What a channel says about a person, ready to be recognised."""
    return IdentityClaim(channel_id=channel_id, party=party, cause=cause)


def identify(tx: Transaction, claims: Sequence[IdentityClaim]) -> list[CustomerId | None]:
    """The customer behind each claim, made when new; None for a guest without any identity."""
    named = [(claim, model.identities(claim)) for claim in claims]
    known = store.owners(tx, (name for _, names in named for name in names))
    found = model.recognise(named, known, _new_ids(tx))
    store.add_customers(tx, found.newcomers)
    store.add_identities(tx, found.learnt)
    for newcomer in found.newcomers:
        event = CustomerAdded(entity=newcomer.customer_id, channel_id=newcomer.claim.channel_id)
        tx.emit_first(event, newcomer.claim.cause)
    return [CustomerId(found_id) if found_id else None for found_id in found.customer_ids]


def find(reader: Reader, claims: Sequence[IdentityClaim]) -> list[CustomerId | None]:
    """The customer behind each claim, as far as one is known; nobody is made."""
    named = [model.identities(each) for each in claims]
    known = store.owners(reader, (name for names in named for name in names))
    owners = [next((known[name] for name in names if name in known), None) for names in named]
    return [CustomerId(owner) if owner else None for owner in owners]


def _new_ids(tx: Transaction) -> Iterator[str]:
    while True:
        yield tx.new_id("cus")
