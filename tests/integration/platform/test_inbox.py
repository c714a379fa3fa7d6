"""The inbox: bytes first, once per sender and message, handled with what they meant."""

from oms.kernel.clock import ManualClock
from oms.platform import inbox
from oms.platform.inbox import Message
from oms.platform.transaction import UnitOfWork
from tests.integration.platform.tables import notes, write

NOT_UTF8 = b"\xff\xfe\x00raw"


def message(external_id: str, channel_id: str = "chn_1", body: bytes = NOT_UTF8) -> Message:
    return Message(channel_id, external_id, "order", body)


def test_bytes_are_kept_as_they_came(uow: UnitOfWork, clock: ManualClock) -> None:
    with uow.begin() as tx:
        inbox.store(tx, [message("1")])

    with uow.begin() as tx:
        (kept,) = inbox.take(tx, "order", 10)

    assert kept.message == message("1")
    assert (kept.received_at_ms, kept.handled_at_ms) == (clock(), None)


def test_a_message_that_comes_again_is_the_same_message(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        assert inbox.store(tx, [message("1"), message("2"), message("1", body=b"twin")]) == 2
    with uow.begin() as tx:
        assert inbox.store(tx, [message("2", body=b"again"), message("2", "chn_2")]) == 1

    with uow.begin() as tx:
        kept = [each.message for each in inbox.take(tx, "order", 10)]
    assert kept == [message("1"), message("2"), message("2", "chn_2")]


def test_a_message_is_handled_together_with_what_it_meant(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        inbox.store(tx, [message("1"), message("2")])

    with uow.begin() as tx:
        first, _ = inbox.take(tx, "order", 10)
        write(tx, "what it meant")
        inbox.handled(tx, [first.id])

    with uow.begin() as tx:
        assert [each.message.external_id for each in inbox.take(tx, "order", 10)] == ["2"]
        assert inbox.unhandled(tx) == 1
        assert notes(tx) == ["what it meant"]


def test_messages_are_taken_page_by_page_and_by_kind(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        inbox.store(tx, [message(str(number)) for number in range(5)])
        inbox.store(tx, [Message("chn_1", "m", "mail", b"")])

    with uow.begin() as tx:
        page = inbox.take(tx, "order", 2)
        rest = inbox.take(tx, "order", 10, after_id=page[-1].id)

    assert [each.message.external_id for each in [*page, *rest]] == ["0", "1", "2", "3", "4"]


def test_a_message_nobody_understands_says_why_and_stays(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        inbox.store(tx, [message("1")])
        (kept,) = inbox.take(tx, "order", 10)
        inbox.failed(tx, kept.id, "row 3: not a number")

    with uow.read() as reader:
        (again,) = inbox.read(reader, [kept.id])
    assert (again.attempts, again.last_error) == (1, "row 3: not a number")


def test_a_handled_message_can_be_replayed(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        inbox.store(tx, [message("1")])
        (kept,) = inbox.take(tx, "order", 10)
        inbox.handled(tx, [kept.id])
        assert inbox.take(tx, "order", 10) == []

    with uow.begin() as tx:
        assert inbox.replay(tx, [kept.id]) == 1
        assert [each.id for each in inbox.take(tx, "order", 10)] == [kept.id]


def test_only_old_and_handled_messages_are_forgotten(uow: UnitOfWork, clock: ManualClock) -> None:
    with uow.begin() as tx:
        inbox.store(tx, [message("old and handled"), message("old")])
        inbox.handled(tx, [inbox.take(tx, "order", 1)[0].id])
    clock.advance(inbox.KEPT_MS + 1)
    with uow.begin() as tx:
        inbox.store(tx, [message("new")])
        inbox.handled(tx, [inbox.take(tx, "order", 9)[-1].id])

    with uow.begin() as tx:
        assert inbox.forget(tx) == 1
        assert [each.message.external_id for each in inbox.take(tx, "order", 9)] == ["old"]
