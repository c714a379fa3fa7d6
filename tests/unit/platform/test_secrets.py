"""Secrets at rest: closed with the present key, opened with any, and made once if none is given."""

import stat
from pathlib import Path

import pytest

from config.settings import SecretSettings, SettingsError
from oms.kernel.errors import Refused
from oms.platform.secrets import KEY_FILE, Secrets, open_secrets

KEY = "k" * 32
FORMER = "f" * 32


def test_what_is_closed_can_be_opened_and_does_not_show() -> None:
    secrets = Secrets(KEY)

    closed = secrets.close("swordfish")

    assert "swordfish" not in closed
    assert secrets.open(closed) == "swordfish"
    assert secrets.close("swordfish") != closed


def test_after_a_change_of_key_old_secrets_open_and_can_be_closed_anew() -> None:
    closed = Secrets(FORMER).close("swordfish")
    both = Secrets(KEY, [FORMER])

    assert both.open(closed) == "swordfish"
    assert Secrets(KEY).open(both.closed_anew(closed)) == "swordfish"


def test_without_its_key_a_secret_says_what_to_do() -> None:
    with pytest.raises(Refused) as caught:
        Secrets(KEY).open(Secrets(FORMER).close("swordfish"))

    assert "OMS_SECRET_OLD_KEYS" in caught.value.remedy


def test_keys_for_different_purposes_have_nothing_in_common() -> None:
    secrets = Secrets(KEY, [FORMER])

    links, other = secrets.derived("links"), secrets.derived("other")

    assert len({*links, *other}) == 4
    assert {len(key) for key in links} == {32}


def test_a_key_is_made_at_the_first_start_and_found_at_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "var"

    first = open_secrets(SecretSettings(), folder)
    again = open_secrets(SecretSettings(), folder)

    assert again.open(first.close("swordfish")) == "swordfish"
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_a_key_may_lie_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")

    secrets = open_secrets(SecretSettings(key_file=str(path)), None)

    assert secrets.open(Secrets(KEY).close("swordfish")) == "swordfish"


def test_former_keys_come_from_the_settings() -> None:
    settings = SecretSettings(key=KEY, old_keys=f" {FORMER} , ")

    assert open_secrets(settings, None).open(Secrets(FORMER).close("swordfish")) == "swordfish"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (SecretSettings(), "OMS_SECRET_KEY is not set"),
        (SecretSettings(key_file="/nowhere/key"), "The file /nowhere/key named in"),
        (SecretSettings(key="short"), "shorter than 32 characters"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(settings: SecretSettings, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        open_secrets(settings, None)
