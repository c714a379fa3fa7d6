"""Many rows in one statement: the same words and numbers come back, on both databases."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from oms.kernel.errors import OMSError
from oms.platform.database import Database
from oms.platform.rows import ParameterRows
from oms.platform.transaction import Transaction, UnitOfWork, counter_table
from tests.services.databases import Databases

odd_table = sa.Table(
    "test_odd",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text),
    sa.Column("number", sa.BigInteger),
    sa.Column("truth", sa.Boolean),
    sa.Column("bytes", sa.LargeBinary),
    sa.Column("share", sa.Float),
)
ALL = sa.select(odd_table).order_by(odd_table.c.id)
WANTED = ParameterRows("wanted", id=sa.BigInteger, text=sa.Text)
FOUND = sa.select(odd_table.c.id, WANTED.c.text).select_from(
    WANTED.source.join(odd_table, odd_table.c.id == WANTED.c.id)
)

ODD_TEXTS = [
    *("plain", "", " ", "NULL", "null", "{}", "{a,b}", ",", '"', '""', "\\", "\\\\", "\\N"),
    *("'", "''; DROP TABLE test_odd; --", "a\nb", "a\tb", "a\r\nb", "\x1f", "\x1e", "\x01"),
    *("é", "ß", "日本語", "🛒", "\u200b", "\ufeff", "%s", "%(x)s", ":name", "$1", "?"),
]


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    made = databases.empty()
    yield made
    databases.drop(made)


@pytest.fixture(autouse=True)
def table(database: Database) -> None:
    odd_table.create(database.engine)


def row(id_: int, text: str | None = None) -> dict[str, object]:
    return {"id": id_, "text": text}


def texts(tx: Transaction) -> list[str | None]:
    return [found.text for found in tx.fetch(ALL)]


def test_every_text_comes_back_as_it_was(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        tx.insert(odd_table, [row(number, text) for number, text in enumerate(ODD_TEXTS)])
        assert texts(tx) == ODD_TEXTS


def test_every_text_comes_back_alone_and_beside_nothing(uow: UnitOfWork) -> None:
    for text in ODD_TEXTS:
        with uow.begin() as tx:
            tx.connection.execute(odd_table.delete())
            tx.insert(odd_table, [row(1, text)])
            tx.insert(odd_table, [row(2, None), row(3, text)])
            assert texts(tx) == [text, None, text]


def test_numbers_truth_and_bytes_come_back_too(uow: UnitOfWork) -> None:
    rows: list[dict[str, object]] = [
        {"id": 1, "number": 2**63 - 1, "truth": True, "bytes": b"\x00\xff\\{}", "share": 0.1},
        {"id": 2, "number": -(2**63), "truth": False, "bytes": b"", "share": -1e300},
        {"id": 3, "number": None, "truth": None, "bytes": None, "share": None},
        {"id": 4, "number": 0, "truth": True, "bytes": b"'", "share": 3.0},
    ]

    with uow.begin() as tx:
        tx.insert(odd_table, rows)
        found = [
            {name: value for name, value in each._mapping.items() if name != "text"}
            for each in tx.fetch(ALL)
        ]

    assert found == rows


def test_rows_are_changed_and_removed_by_their_keys(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        tx.insert(odd_table, [row(number, "before") for number in range(5)])

        assert tx.update(odd_table, [row(1, "after"), row(9, "nobody")], keys=("id",)) == 1
        assert tx.delete(odd_table, [{"id": 2, "text": "before"}, {"id": 3, "text": "other"}]) == 1
        assert texts(tx) == ["before", "after", "before", "before"]


def test_rows_that_exist_are_left_or_replaced_as_asked(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        tx.insert(odd_table, [row(1, "first")])

        assert tx.insert_new(odd_table, [row(1, "second"), row(2, "new"), row(2, "twin")]) == 1
        assert texts(tx) == ["first", "new"]
        tx.upsert(odd_table, [row(1, "third"), row(3, "third")], keys=("id",))
        assert texts(tx) == ["third", "new", "third"]


def test_no_rows_are_no_statement(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        tx.insert(odd_table, [])
        tx.upsert(odd_table, [], keys=("id",))
        assert tx.insert_new(odd_table, []) == 0
        assert tx.update(odd_table, [], keys=("id",)) == 0
        assert tx.delete(odd_table, []) == 0


def test_rows_given_at_execution_can_be_joined(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        tx.insert(odd_table, [row(number) for number in range(5)])
        found = tx.fetch(FOUND, WANTED([(3, 'a "quote"'), (1, None), (9, "nobody")]))
        none = tx.fetch(FOUND, WANTED([]))

    assert sorted((each.id, each.text) for each in found) == [(1, None), (3, 'a "quote"')]
    assert list(none) == []


def test_rows_are_streamed_without_being_gathered(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        tx.insert(odd_table, [row(number) for number in range(2_500)])

    with uow.read() as reader:
        assert sum(1 for _ in reader.stream(ALL)) == 2_500


def test_numbers_are_given_without_a_gap_and_again_after_a_failure(uow: UnitOfWork) -> None:
    def take_and_fail() -> None:
        with uow.begin() as tx:
            assert tx.next_numbers("invoice", 5) == range(3, 8)
            raise ZeroDivisionError

    with uow.begin() as tx:
        counter_table.create(tx.connection)
        assert tx.next_numbers("invoice", 1) == range(1, 2)
        assert tx.next_numbers("invoice", 1) == range(2, 3)
    with pytest.raises(ZeroDivisionError):
        take_and_fail()

    with uow.begin() as tx:
        assert tx.next_numbers("invoice", 2) == range(3, 5)
        assert tx.next_numbers("other", 1) == range(1, 2)


def test_who_may_only_look_cannot_change(uow: UnitOfWork) -> None:
    statement = odd_table.insert().values(id=1)

    for look in (uow.read, uow.snapshot):
        with look() as reader, pytest.raises((OMSError, sa.exc.DBAPIError)):
            reader.connection.execute(statement)


def test_a_snapshot_stays_at_its_moment(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        tx.insert(odd_table, [row(1, "before")])

    with uow.snapshot() as reader:
        before = reader.fetch(ALL)
        with uow.begin() as tx:
            tx.insert(odd_table, [row(2, "after")])
        assert reader.fetch(ALL) == before
    with uow.read() as reader:
        assert len(reader.fetch(ALL)) == 2
