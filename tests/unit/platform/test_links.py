"""Signed links: for one thing, one purpose, until a moment, and no letter changed."""

import pytest

from oms.kernel.errors import NotFound
from oms.platform.secrets import Secrets
from oms.platform.security.links import Links

KEY = "k" * 32
NOW_MS = 1_700_000_000_000
UNTIL_MS = NOW_MS + 60_000

links = Links(Secrets(KEY))


def test_a_link_opens_for_its_purpose() -> None:
    token = links.sign("order.status", "ord_1", UNTIL_MS)

    assert links.open("order.status", token, NOW_MS) == "ord_1"
    assert token.startswith("ord_1.")


def test_a_link_for_one_purpose_is_none_for_another() -> None:
    token = links.sign("order.status", "ord_1", UNTIL_MS)

    assert refused("return.request", token, NOW_MS) == "link.unknown"


def test_a_link_ends() -> None:
    token = links.sign("order.status", "ord_1", UNTIL_MS)

    assert refused("order.status", token, UNTIL_MS) == "link.expired"


def test_no_letter_can_be_changed() -> None:
    token = links.sign("order.status", "ord_1", UNTIL_MS)

    for place in range(len(token)):
        for letter in "0aZ.-":
            changed = token[:place] + letter + token[place + 1 :]
            if changed != token:
                assert refused("order.status", changed, NOW_MS) == "link.unknown"


@pytest.mark.parametrize(
    "token", ["", ".", "..", "ord_1", "ord_1.18bcfe56800.", "é.é.é", "x" * 9999]
)
def test_what_is_no_link_is_refused(token: str) -> None:
    assert refused("order.status", token, NOW_MS) == "link.unknown"


def test_links_survive_a_change_of_key() -> None:
    token = links.sign("order.status", "ord_1", UNTIL_MS)

    rotated = Links(Secrets("n" * 32, [KEY]))

    assert rotated.open("order.status", token, NOW_MS) == "ord_1"
    assert rotated.sign("order.status", "ord_1", UNTIL_MS) != token


def test_a_subject_is_an_id() -> None:
    with pytest.raises(ValueError, match="no subject"):
        links.sign("order.status", "ord_1.and more", UNTIL_MS)


def refused(purpose: str, token: str, now_ms: int) -> str:
    with pytest.raises(NotFound) as caught:
        links.open(purpose, token, now_ms)
    return caught.value.code
