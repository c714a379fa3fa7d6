"""Who a customer is: identities brought to one form, and whose they are."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec
import phonenumbers

from connectors.contract.messages import ChannelParty
from oms.kernel.events import SYSTEM, Cause

_E164: Final = re.compile(r"\+[1-9]\d{6,14}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


class IdentityKind(StrEnum):
    """By what a customer is known, the most telling first."""

    CHANNEL = "channel"
    EMAIL = "email"
    PHONE = "phone"


class Identity(msgspec.Struct, frozen=True, gc=False, order=True):
    """One name of a customer, in the form in which equal names are equal."""

    kind: IdentityKind
    value: str


class IdentityClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel says about a buyer. `country` helps to read phone numbers written without."""

    channel_id: str
    party: ChannelParty
    country: str = ""
    cause: Cause = SYSTEM


class Newcomer(msgspec.Struct, frozen=True):
    """A customer we did not know: the claim that tells most about them, and their identities."""

    customer_id: str
    claim: IdentityClaim


class Recognised(msgspec.Struct, frozen=True):
    """Whose claims are whose: a customer id (or None) per claim, and what has to be written."""

    customer_ids: tuple[str | None, ...]
    newcomers: tuple[Newcomer, ...]
    learnt: tuple[tuple[Identity, str], ...]


def identities(claim: IdentityClaim) -> tuple[Identity, ...]:
    """The identities in a claim, the most telling first; what is unreadable is left out."""
    party, found = claim.party, []
    if party.external_id:
        found.append(Identity(IdentityKind.CHANNEL, f"{claim.channel_id}:{party.external_id}"))
    email = party.email.strip().lower()
    if _EMAIL.fullmatch(email):
        found.append(Identity(IdentityKind.EMAIL, email))
    phone = phone_e164(party.phone, claim.country) if party.phone else ""
    if phone:
        found.append(Identity(IdentityKind.PHONE, phone))
    return tuple(found)


@lru_cache(maxsize=65_536)
def phone_e164(text: str, country: str) -> str:
    """`+` and digits as the world dials it; "" when the text is no number of that country."""
    if _E164.fullmatch(text):
        return text
    try:
        number = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def recognise(
    claims: Sequence[tuple[IdentityClaim, Sequence[Identity]]],
    known: Mapping[Identity, str],
    new_ids: Iterable[str],
) -> Recognised:
    """Give every claim its customer: by channel identity, then e-mail, then phone.

    Claims that share an identity nobody has yet share one new customer. An identity that another
    customer has already stays with them.
    """
    owners, fresh = dict(known), iter(new_ids)
    customer_ids: list[str | None] = []
    newcomers: list[Newcomer] = []
    learnt: list[tuple[Identity, str]] = []
    for claim, names in claims:
        customer_id = next((owners[name] for name in names if name in owners), None)
        if customer_id is None and names:
            customer_id = next(fresh)
            newcomers.append(Newcomer(customer_id, claim))
        customer_ids.append(customer_id)
        for name in names:
            if customer_id is not None and name not in owners:
                owners[name] = customer_id
                learnt.append((name, customer_id))
    return Recognised(tuple(customer_ids), tuple(newcomers), tuple(learnt))
