"""The key everything secret hangs on: encryption at rest, and keys for signatures derived from it.

One key comes from the settings or, embedded, is made at the first start. Former keys still open
what they have closed.
"""

import base64
import contextlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config.settings import KEY_LENGTH_MIN, SecretSettings, SettingsError
from oms.kernel.errors import Refused

KEY_FILE: Final = "secret.key"
_ENCRYPTION: Final = "encryption at rest"


class Secrets:
    """Closes and opens small texts, and derives keys for other purposes. Never printed."""

    def __init__(self, key: str, old_keys: Sequence[str] = ()) -> None:
        self._keys = (key, *old_keys)
        self._derived: dict[str, list[bytes]] = {}
        ciphers = [Fernet(base64.urlsafe_b64encode(k)) for k in self.derived(_ENCRYPTION)]
        self._cipher = MultiFernet(ciphers)

    def derived(self, purpose: str) -> list[bytes]:
        """32 bytes for a purpose from each key, the present one first."""
        if purpose not in self._derived:
            self._derived[purpose] = [
                HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(key.encode())
                for key in self._keys
            ]
        return self._derived[purpose]

    def close(self, text: str) -> str:
        """Encrypt a text for the database."""
        return self._cipher.encrypt(text.encode()).decode()

    def open(self, closed: str) -> str:
        """The text again; `Refused` when it was closed with a key we no longer have."""
        try:
            return self._cipher.decrypt(closed.encode()).decode()
        except InvalidToken:
            raise Refused(
                "secret.wrong_key",
                "A stored secret was closed with another key than the present ones.",
                "Add the former key to OMS_SECRET_OLD_KEYS, or enter the secret again.",
            ) from None

    def closed_anew(self, closed: str) -> str:
        """The same secret closed with the present key: for everything, after a change of key."""
        return self.close(self.open(closed))


def open_secrets(settings: SecretSettings, made_in: Path | None) -> Secrets:
    """The secrets under the configured key, or one made in a folder at the first start.

    Without a folder (several processes need the same key) a missing key is a `SettingsError`.
    """
    key = settings.key or _from_file(settings.key_file)
    if not key and made_in is not None:
        key = _made_once(made_in / KEY_FILE)
    if not key:
        raise SettingsError(
            "OMS_SECRET_KEY is not set, and several processes must share one. "
            "Make one with: openssl rand -hex 32"
        )
    if len(key) < KEY_LENGTH_MIN:
        raise SettingsError(f"The secret key is shorter than {KEY_LENGTH_MIN} characters.")
    return Secrets(key, [old.strip() for old in settings.old_keys.split(",") if old.strip()])


def _from_file(name: str) -> str:
    if not name:
        return ""
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"The file {name} named in OMS_SECRET_KEY_FILE cannot be read: {error.strerror}."
        ) from error


def _made_once(path: Path) -> str:
    """The key in `path`; of processes that start together one makes it and all read it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(KEY_LENGTH_MIN))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # appears whole or not at all
        draft.unlink()
    return path.read_text(encoding="utf-8").strip()
