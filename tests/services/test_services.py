"""The fixtures themselves: what a test gets is empty, its own, and gone afterwards."""

from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from tests.services.databases import Databases
from tests.services.postgresql import PostgresqlServer
from tests.services.programs import Missing, not_run


def test_a_test_gets_an_empty_database_of_either_kind(database_url: str) -> None:
    engine = sa.create_engine(database_url)

    tables = sa.inspect(engine).get_table_names()

    assert tables == []
    engine.dispose()


def test_copies_of_a_prepared_database_do_not_see_each_other(databases: Databases) -> None:
    made: list[str] = []

    def prepare(url: str) -> None:
        made.append(url)
        _run(url, "CREATE TABLE item (sku TEXT)")
        _run(url, "INSERT INTO item VALUES ('first')")

    one, two = (databases.copy_of("test_copies", prepare) for _ in range(2))
    _run(one, "INSERT INTO item VALUES ('only in one')")

    assert _skus(one) == ["first", "only in one"]
    assert _skus(two) == ["first"]
    assert len(made) == 1
    for url in (one, two):
        databases.drop(url)


@pytest.mark.postgresql
def test_a_killed_postgresql_comes_back_with_what_was_committed() -> None:
    try:
        server = PostgresqlServer().start()
    except Missing as missing:
        not_run(f"PostgreSQL: {missing}")
    url = server.url.replace("postgresql", "postgresql+psycopg", 1)
    _run(url, "CREATE TABLE item (sku TEXT)")
    _run(url, "INSERT INTO item VALUES ('kept')")

    server.kill()
    server.start()

    assert _skus(url) == ["kept"]
    server.remove()


def test_redis_is_empty_for_each_test(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_real_data_is_a_folder_beside_the_project(shared_data: Path) -> None:
    assert (shared_data / "README.md").is_file()


def _run(url: str, statement: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _skus(url: str) -> list[str]:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        skus = [row[0] for row in connection.exec_driver_sql("SELECT sku FROM item ORDER BY sku")]
    engine.dispose()
    return skus
