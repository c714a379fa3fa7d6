"""All settings as one frozen struct, from default.toml, a file of one's own and the environment.

Unknown names are refused with the nearest known one. Secrets come from the environment or from a
file named there, never from TOML.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

FOLDER: Final = Path(__file__).parent
PREFIX: Final = "OMS_"
KEY_LENGTH_MIN: Final = 32
PAPER: Final = "#f6f6f3"  # the pages' own, on which the brand's colour is read
CONTRAST_MIN: Final = 4.5  # WCAG 2.2, 1.4.3: below it, text of a usual size is hard to read
_NOT_SETTINGS: Final = ("OMS_CONFIG", "OMS_TEST_", "OMS_BENCH_")

Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class SettingsError(ValueError):
    """The settings cannot be used; the text says which one, where it came from, and what to do."""


class Brand(msgspec.Struct, frozen=True):
    """How customers know us. They see `colour`, ``#rrggbb``, and ask at `email` and `phone`."""

    name: str
    colour: str
    email: str
    phone: str


class SellerSettings(msgspec.Struct, frozen=True):
    """Who issues invoices. Without a `name` it is the brand's."""

    name: str
    line1: str
    postal_code: str
    city: str
    country: str
    tax_number: str
    locale: str
    time_zone: str


class DatabaseSettings(msgspec.Struct, frozen=True):
    url: str


class RedisSettings(msgspec.Struct, frozen=True):
    url: str


class WorkerSettings(msgspec.Struct, frozen=True):
    mode: Literal["embedded", "arq"]


class HttpSettings(msgspec.Struct, frozen=True):
    host: str
    port: Port
    public_url: str
    requests_max: Positive
    body_max_bytes: Positive
    docs: bool


class LogSettings(msgspec.Struct, frozen=True):
    format: Literal["console", "json"]
    level: Literal["debug", "info", "warning", "error"]
    requests: Literal["all", "slow", "none"]
    slow_ms: Positive


class SecretSettings(msgspec.Struct, frozen=True):
    """`key` is empty when none was given (see `oms.platform.secrets`)."""

    key: str = ""
    key_file: str = ""
    old_keys: str = ""

    def __repr__(self) -> str:
        return "SecretSettings(...)"


class Settings(msgspec.Struct, frozen=True):
    """What can be chosen without changing code; every field is explained in default.toml."""

    data_dir: Path
    brand: Brand
    seller: SellerSettings
    database: DatabaseSettings
    redis: RedisSettings
    worker: WorkerSettings
    http: HttpSettings
    log: LogSettings
    secret: SecretSettings

    @property
    def database_url(self) -> str:
        """The database's address, the default file spelled out."""
        return self.database.url or f"sqlite:///{self.data_dir.absolute() / 'oms.sqlite3'}"

    @property
    def public_url(self) -> str:
        """How others reach us, without a slash at the end."""
        return (self.http.public_url or f"http://{self.http.host}:{self.http.port}").rstrip("/")


def load(config: str = "", environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; `config` is a TOML file, or a name in this folder, before OMS_CONFIG.

    Raises `SettingsError`.
    """
    values = _read(FOLDER / "default.toml")
    chosen = config or environment.get("OMS_CONFIG", "")
    if chosen:
        _lay_over(values, _read(_path(chosen)), str(_path(chosen)))
    _lay_over(values, _from_environment(environment), "the environment")
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_as_path)
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting has a value it cannot have: {error}.") from error
    return _checked(settings)


def _as_path(type_: type, value: object) -> object:
    return Path(str(value)) if type_ is Path else value


def _checked(settings: Settings) -> Settings:
    if settings.secret.key and len(settings.secret.key) < KEY_LENGTH_MIN:
        raise SettingsError(
            f"OMS_SECRET_KEY is shorter than {KEY_LENGTH_MIN} characters. "
            "Make one with: openssl rand -hex 32"
        )
    _check_colour(settings.brand.colour)
    if settings.worker.mode == "arq" and not settings.redis.url:
        raise SettingsError('worker.mode is "arq", which needs redis.url (OMS_REDIS_URL).')
    if settings.worker.mode == "arq" and settings.database_url.startswith("sqlite"):
        raise SettingsError(
            'worker.mode is "arq", which needs PostgreSQL: set database.url (OMS_DATABASE_URL).'
        )
    return settings


def _check_colour(colour: str) -> None:
    if not re.fullmatch(r"#[0-9a-f]{6}", colour.lower()):
        raise SettingsError(
            f"brand.colour is '{colour}', which is not a colour. Write it like #7a2e1f."
        )
    found = contrast(colour, PAPER)
    if found < CONTRAST_MIN:
        raise SettingsError(
            f"brand.colour {colour} is too light to be read: its contrast on our pages is "
            f"{found:.1f}:1 and must be {CONTRAST_MIN}:1. Choose a darker one."
        )


def contrast(one: str, other: str) -> float:
    """How well one colour is read on another, from 1 to 21, as WCAG reckons it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _path(chosen: str) -> Path:
    named = FOLDER / f"{chosen}.toml"
    return named if "/" not in chosen and named.is_file() else Path(chosen)


def _read(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"The settings file {path} cannot be read: {error.strerror}."
        ) from error
    except ValueError as error:
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from error
    if values.get("secret"):
        raise SettingsError(
            f"{path} holds a secret. Take it out, change it, and set OMS_SECRET_KEY instead."
        )
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {PREFIX + "_".join(name).upper(): name for name in _names(Settings)}
    values: dict[str, Any] = {}
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable.startswith(_NOT_SETTINGS):
            continue
        if variable not in known:
            raise _unknown(variable, list(known), "the environment")
        *sections, name = known[variable]
        place = values
        for section in sections:
            place = place.setdefault(section, {})
        place[name] = environment[variable]
    return values


def _lay_over(values: dict[str, Any], more: Mapping[str, Any], origin: str) -> None:
    known = {".".join(name) for name in _names(Settings)}
    for section, entry in more.items():
        inner = entry if isinstance(entry, Mapping) else {"": entry}
        for name in inner:
            full = f"{section}.{name}".rstrip(".")
            if full not in known:
                raise _unknown(full, sorted(known), origin)
        if isinstance(entry, Mapping):
            values[section] = {**values.get(section, {}), **entry}
        else:
            values[section] = entry


def _names(struct: type[msgspec.Struct]) -> Iterator[tuple[str, ...]]:
    for field in msgspec.structs.fields(struct):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from ((field.name, *rest) for rest in _names(field.type))
        else:
            yield (field.name,)


def _unknown(name: str, known: list[str], origin: str) -> SettingsError:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean '{near[0]}'?" if near else " See config/default.toml for all of them."
    return SettingsError(f"There is no setting '{name}' (in {origin}).{hint}")
