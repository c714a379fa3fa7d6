"""Who is who: identities in one form, and the most telling one decides."""

import pytest

from connectors.contract.messages import ChannelParty
from oms.customers.model import (
    Identity,
    IdentityClaim,
    IdentityKind,
    identities,
    phone_e164,
    recognise,
)

CHANNEL, EMAIL, PHONE = IdentityKind.CHANNEL, IdentityKind.EMAIL, IdentityKind.PHONE


def claim(country: str = "GB", **party: str) -> IdentityClaim:
    return IdentityClaim(channel_id="chn_1", party=ChannelParty(**party), country=country)


def named(*claims: IdentityClaim) -> list[tuple[IdentityClaim, tuple[Identity, ...]]]:
    return [(each, identities(each)) for each in claims]


def test_identities_are_brought_to_one_form_most_telling_first() -> None:
    found = identities(claim(external_id="77", email=" Ada@Example.ORG ", phone="020 7946 0018"))

    assert found == (
        Identity(CHANNEL, "chn_1:77"),
        Identity(EMAIL, "ada@example.org"),
        Identity(PHONE, "+442079460018"),
    )


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("0812 3456 7890", "ID", "+6281234567890"),
        ("+6281234567890", "", "+6281234567890"),
        ("+62 812-3456-7890", "", "+6281234567890"),
        ("12", "GB", ""),
        ("call me", "GB", ""),
        ("0812 3456 7890", "", ""),
    ],
)
def test_a_phone_number_is_written_as_the_world_dials_it(
    text: str, country: str, expected: str
) -> None:
    assert phone_e164(text, country) == expected


def test_what_is_no_address_is_no_identity() -> None:
    assert identities(claim(email="n/a", phone="none", name="Ada")) == ()


def test_a_guest_without_any_identity_is_nobody() -> None:
    found = recognise(named(claim(name="Ada")), {}, ["cus_1"])

    assert (found.customer_ids, found.newcomers) == ((None,), ())


def test_the_channels_own_id_wins_over_an_e_mail_of_somebody_else() -> None:
    known = {Identity(CHANNEL, "chn_1:77"): "cus_1", Identity(EMAIL, "ada@example.org"): "cus_2"}

    found = recognise(named(claim(external_id="77", email="ada@example.org")), known, [])

    assert found.customer_ids == ("cus_1",)
    assert found.learnt == ()


def test_a_known_customer_is_learnt_more_about() -> None:
    known = {Identity(EMAIL, "ada@example.org"): "cus_1"}

    found = recognise(named(claim(external_id="77", email="ada@example.org")), known, [])

    assert found.customer_ids == ("cus_1",)
    assert found.learnt == ((Identity(CHANNEL, "chn_1:77"), "cus_1"),)


def test_the_same_stranger_twice_in_a_batch_is_one_customer() -> None:
    first = claim(email="ada@example.org", name="Ada")
    second = claim(external_id="77", email="ADA@example.org")
    third = claim(external_id="77")

    found = recognise(named(first, second, third), {}, ["cus_1", "cus_2"])

    assert found.customer_ids == ("cus_1",) * 3
    assert [newcomer.claim for newcomer in found.newcomers] == [first]
