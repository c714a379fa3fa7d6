"""Databases that cannot work are refused before anything is kept in them."""

import pytest

from oms.platform.database import Database


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://x/y", "databases of kind 'mysql' are not supported"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
    ],
)
def test_databases_that_would_not_work_are_refused(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Database(url)
