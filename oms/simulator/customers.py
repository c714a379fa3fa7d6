"""Invented people: who orders, where they live, what they are called; the same by number."""

from typing import Final

import msgspec

from connectors.contract.messages import ChannelParty
from oms.kernel.address import Address, Coordinates
from oms.simulator.chances import drawn_for
from oms.simulator.world import City, DemoChannel, World

_SPREAD_DEGREES: Final = 0.035  # about four kilometres: a house somewhere in its city
_MARKETPLACE: Final = "marketplace"


class Person(msgspec.Struct, frozen=True):
    """Somebody who orders."""

    number: int
    name: str
    email: str
    phone: str
    locale: str
    city: City
    address: Address


def person(world: World, seed: int, number: int, channel: DemoChannel) -> Person:
    """The person of this number, as drawn for the language and city the channel is about."""
    rng = drawn_for(seed, "person", number, channel.city)
    names = world.people.english if rng.random() < channel.english else world.people.indonesian
    given, family = rng.choice(names.given), rng.choice(names.family)
    name = f"{given} {family}"
    mailbox = f"{given}.{family}{number}".lower().replace(" ", "").replace("'", "")
    email = f"{mailbox}@{rng.choice(world.people.mail_domains)}"
    phone = f"+62{rng.choice(world.people.mobile_prefixes)}{rng.randrange(10**7, 10**8)}"
    cities = world.places.cities
    city = world.city(channel.city) if channel.city else rng.choices(cities, _people(cities))[0]
    address = Address(
        country=world.merchant.country,
        name=name,
        line1=f"{rng.choice(world.places.streets)} No. {rng.randint(1, 180)}",
        line2=f"RT {rng.randint(1, 12):02d}/RW {rng.randint(1, 9):02d}",
        city=city.name,
        region=city.province,
        postal_code=f"{city.postal_prefix}{rng.randint(10, 79)}",
        phone=phone,
        email=email,
        at=Coordinates(
            round(city.latitude + rng.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES), 5),
            round(city.longitude + rng.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES), 5),
        ),
    )
    return Person(number, name, email, phone, names.locale, city, address)


def as_told(person: Person, channel: DemoChannel) -> tuple[ChannelParty, Address]:
    """What a channel says of a person: marketplaces keep mail and telephone to themselves."""
    address = person.address
    if channel.kind == _MARKETPLACE:
        party = ChannelParty(
            external_id=f"buyer-{person.number:06d}", name=person.name, locale=person.locale
        )
        return party, msgspec.structs.replace(address, email="", phone="")
    party = ChannelParty(
        email=person.email, phone=person.phone, name=person.name, locale=person.locale
    )
    return party, address


def _people(cities: tuple[City, ...]) -> list[int]:
    return [city.people for city in cities]
