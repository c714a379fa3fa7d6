"""Settings: three places, the nearest wins, and what nobody knows is refused in words."""

from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load

KEY = "0123456789abcdef0123456789abcdef"


def test_without_anything_it_is_one_process_on_one_file() -> None:
    settings = load(environment={})

    assert settings.worker.mode == "embedded"
    assert settings.database_url == f"sqlite:///{Path.cwd()}/var/oms.sqlite3"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.secret.key == ""


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('data_dir = "elsewhere"\n[http]\nport = 9000\nhost = "10.0.0.1"\n')

    settings = load(environment={"OMS_CONFIG": str(path), "OMS_HTTP_PORT": "9001"})

    assert (settings.http.host, settings.http.port) == ("10.0.0.1", 9001)
    assert settings.data_dir == Path("elsewhere")
    assert settings.http.body_max_bytes == load(environment={}).http.body_max_bytes


def test_a_file_beside_the_default_is_called_by_its_name() -> None:
    settings = load("scale", {"OMS_SECRET_KEY": KEY, "OMS_REDIS_URL": "redis://cache:6379/1"})

    assert settings.worker.mode == "arq"
    assert settings.redis.url == "redis://cache:6379/1"
    assert settings.database_url.startswith("postgresql+psycopg://")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (
            {"OMS_DATABSE_URL": "x"},
            (
                "There is no setting 'OMS_DATABSE_URL' (in the environment). "
                "Did you mean 'OMS_DATABASE_URL'?"
            ),
        ),
        (
            {"OMS_HTTP_PORT": "eighty"},
            "A setting has a value it cannot have: Expected `int`, got `str` - at `$.http.port`.",
        ),
        (
            {"OMS_WORKER_MODE": "arq"},
            'worker.mode is "arq", which needs redis.url (OMS_REDIS_URL).',
        ),
        (
            {"OMS_WORKER_MODE": "arq", "OMS_REDIS_URL": "redis://x"},
            'worker.mode is "arq", which needs PostgreSQL: set database.url (OMS_DATABASE_URL).',
        ),
        (
            {"OMS_SECRET_KEY": "short"},
            "OMS_SECRET_KEY is shorter than 32 characters. Make one with: openssl rand -hex 32",
        ),
        (
            {"OMS_CONFIG": "nowhere.toml"},
            "The settings file nowhere.toml cannot be read: No such file or directory.",
        ),
        (
            {"OMS_BRAND_COLOUR": "red"},
            "brand.colour is 'red', which is not a colour. Write it like #7a2e1f.",
        ),
        (
            {"OMS_BRAND_COLOUR": "#ffcc00"},
            (
                "brand.colour #ffcc00 is too light to be read: its contrast on our pages is "
                "1.4:1 and must be 4.5:1. Choose a darker one."
            ),
        ),
    ],
)
def test_what_cannot_be_used_is_said_in_words(environment: dict[str, str], words: str) -> None:
    assert refused(environment) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[databse]\nurl = ''", "There is no setting 'databse.url' (in {}). Did you mean"),
        ("[http]\nprot = 1", "There is no setting 'http.prot' (in {}). Did you mean 'http.port'?"),
        ("http = 1", "There is no setting 'http' (in {})."),
        ("[http", "The settings file {} is not TOML:"),
        (f"[secret]\nkey = '{KEY}'", "{} holds a secret. Take it out, change it, and set"),
    ],
)
def test_a_file_is_refused_with_its_name(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)

    assert refused({"OMS_CONFIG": str(path)}).startswith(words.format(path))


def test_variables_of_tests_are_no_settings() -> None:
    assert isinstance(load(environment={"OMS_TEST_PG": "postgresql://x"}), Settings)


def test_a_secret_is_not_in_what_is_printed() -> None:
    settings = load(environment={"OMS_SECRET_KEY": KEY, "OMS_SECRET_OLD_KEYS": KEY[::-1]})

    assert settings.secret.key == KEY
    assert KEY not in repr(settings)
    assert KEY[::-1] not in repr(settings)


def refused(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load(environment=environment)
    return str(caught.value)
