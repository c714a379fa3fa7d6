"""Files that pages load, served from memory under a name that changes with any of them."""

import gzip
import mimetypes
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from oms.kernel.errors import NotFound

FOLDER: Final = Path(__file__).parent / "static"
PREFIX: Final = "/static"
BUILD_LENGTH: Final = 12
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
_COMPRESSED_ALREADY: Final = (".woff2", ".png")


class Asset(msgspec.Struct, frozen=True):
    """A file as it is sent; `zipped` is empty where that gains nothing."""

    media_type: str
    body: bytes
    zipped: bytes


class Assets(msgspec.Struct, frozen=True):
    """Every file by its path, and the one name that stands for all of them together.

    Links inside them are relative, so they lead to files of the same build.
    """

    build: str
    files: dict[str, Asset]

    def url(self, path: str) -> str:
        """The address of a file, such as ``css/core.css``. `KeyError` for one that is not there."""
        if path not in self.files:
            raise KeyError(f"{path} is not among the static files; was tools/assets.py run?")
        return f"{PREFIX}/{self.build}/{path}"


@cache
def assets() -> Assets:
    """What lies in the folder, read once."""
    paths = sorted(p for p in FOLDER.rglob("*") if p.is_file() and not p.name.startswith("."))
    files = {path.relative_to(FOLDER).as_posix(): _asset(path) for path in paths}
    digest = sha256()
    for name, file in files.items():
        digest.update(name.encode() + b"\0" + file.body)
    return Assets(digest.hexdigest()[:BUILD_LENGTH], files)


@get(PREFIX + "/{build:str}/{path:path}", sync_to_thread=False, include_in_schema=False)
def static_file(
    request: Request[Any, Any, Any], build: FromPath[str], path: FromPath[str]
) -> Response[bytes]:
    """A file. Whoever asks for a former build gets today's, and may not keep it."""
    known = assets()
    file = known.files.get(path.lstrip("/"))
    if file is None:
        raise NotFound("static.not_found", "There is no such file.", "Load the page again.")
    headers = {
        "Cache-Control": _FOR_EVER if build == known.build else "no-store",
        "Vary": "Accept-Encoding",
    }
    if path == "/js/worker.js":
        headers["Service-Worker-Allowed"] = "/"
    if file.zipped and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(file.zipped, media_type=file.media_type, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    media_type = _TYPES.get(path.suffix, guessed)
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    zipped = b"" if path.suffix in _COMPRESSED_ALREADY else gzip.compress(body, 9, mtime=0)
    return Asset(media_type, body, zipped if len(zipped) < len(body) else b"")
