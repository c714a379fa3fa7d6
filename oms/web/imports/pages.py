"""Files of orders: upload one, watch how far it is, and find what could not be read."""

import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.response import Redirect

from connectors.contract.capabilities import ReadsFiles
from connectors.contract.manifest import Surroundings
from connectors.contract.registry import discover
from connectors.engine.file_import import queries
from connectors.engine.file_import.model import Run, RunState
from connectors.engine.file_import.service import Into, fingerprint_of
from oms.catalog import queries as catalog
from oms.http.call import Call
from oms.inventory import queries as inventory
from oms.kernel.errors import Invalid, Overloaded
from oms.kernel.ids import expect_prefix
from oms.platform.http_client import HttpClient
from oms.web.guards import may_see
from oms.web.imports.runner import Runner, Upload
from oms.web.pages import page

RUNNER: Final = "import_runner"  # in the application's state
FILE_MAX: Final = 200_000_000  # bytes of an upload; larger files are for the command line
MAPPING_MAX: Final = 200_000
MAPPINGS: Final = Path(str(files("config"))) / "channels"
OWN: Final = "own"
SHOWN: Final = 20
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_CHUNK: Final = 1 << 20
_ENDINGS: Final = (".csv", ".jsonl", ".csv.gz", ".jsonl.gz")


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A file's import: whether this process works on it now, or it stopped half-way."""

    run: Run
    channel: str
    is_working: bool

    @property
    def is_stopped(self) -> bool:
        return self.run.state is RunState.RUNNING and not self.is_working


@get("/imports", guards=[may_see("connectors:write")], include_in_schema=False, sync_to_thread=True)
def imports(request: Call) -> Response[Any]:
    """The form, and the newest imports with how far they are."""
    runner = _runner(request)
    working = runner.working
    with request.reading() as reader:
        channels = [c for c in catalog.channels(reader) if request.caller.reaches_channel(c.id)]
        nodes = [n for n in inventory.nodes(reader) if request.caller.reaches_node(n.id)]
        names = {each.id: each.name for each in channels}
        runs = [run for run in queries.imports(reader) if run.channel_id in names][:SHOWN]
    rows = [
        RunRow(run=r, channel=names[r.channel_id], is_working=r.fingerprint in working)
        for r in runs
    ]
    return page(
        request,
        "imports/page.html",
        channels=[each for each in channels if each.active],
        nodes=nodes,
        mappings=sorted(path.stem for path in MAPPINGS.glob("*.toml")),
        own=OWN,
        rows=rows,
        failures=[each for each in runner.failures if each.channel_id in names],
        is_working=bool(working),
        file_max_mb=FILE_MAX // 1_000_000,
    )


@post(
    "/imports",
    guards=[may_see("connectors:write")],
    include_in_schema=False,
    status_code=200,
    request_max_body_size=FILE_MAX,
)
async def take(request: Call) -> Response[Any]:
    """Begin with a file, or go on where it stopped."""
    try:
        fields = await request.form()
    except RequestEntityTooLarge:
        raise _too_large() from None
    upload, own = fields.get("file"), fields.get("own")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Invalid("import.no_file", "No file was chosen.", "Choose a CSV or JSON-lines file.")
    channel_id = expect_prefix(str(fields.get("channel") or ""), "chn")
    request.caller.expect_channel(channel_id)
    node_id = expect_prefix(str(fields.get("node") or ""), "nod")
    request.caller.expect_node(node_id)
    await request.read(lambda reader: catalog.channel(reader, channel_id))
    await request.read(lambda reader: inventory.node(reader, node_id))
    chosen = str(fields.get("mapping") or "")
    layout = await _own_mapping(own) if chosen == OWN else _mapping(chosen)
    connector = _connector(request, layout, chosen)
    path = await _kept(request, upload)
    into = Into(channel_id=channel_id, returns_node_id=node_id, cause=request.cause)
    fingerprint = await sync_to_thread(fingerprint_of, path)
    job = Upload(path=path, connector=connector, into=into, fingerprint=fingerprint)
    if not _runner(request).take(job):
        raise Overloaded(
            "import.busy",
            "This file is being taken in already, or many others wait.",
            "See how far it is, and come back when it is done.",
        )
    return Redirect("/imports", status_code=303)


PAGES: Final = (imports, take)


def _runner(request: Call) -> Runner:
    state = request.scope["litestar_app"].state
    runner: Runner | None = state.setdefault(RUNNER, None)
    if runner is None:
        runner = state[RUNNER] = Runner(request.services.uow)
    return runner


def _too_large() -> Invalid:
    return Invalid(
        "import.too_large",
        f"The file is larger than {FILE_MAX // 1_000_000} MB.",
        "Compress it with gzip, split it, or take it in on the server: oms import FILE.",
    )


def _mapping(name: str) -> str:
    """One of the mappings that stand in config/channels, by its name."""
    known = {path.stem: path for path in MAPPINGS.glob("*.toml")}
    if name not in known:
        raise Invalid(
            "import.no_mapping",
            f"There is no mapping '{name[:60]}'.",
            "Choose one of the list, or upload your own.",
        )
    return known[name].read_text(encoding="utf-8")


async def _own_mapping(own: Any) -> str:
    raw = await own.read(MAPPING_MAX) if isinstance(own, UploadFile) else b""
    try:
        text = bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text.strip():
        raise Invalid(
            "import.no_mapping",
            "No mapping was uploaded, or it is not a text file.",
            "Upload a TOML file such as config/channels/example_orders.toml.",
        )
    return text


def _connector(request: Call, layout: str, name: str) -> ReadsFiles:
    manifest = discover().get("flat_file")
    settings = manifest.settings(layout=layout, name=f"{name}.toml")
    surroundings = Surroundings(http=HttpClient(), clock=request.services.uow.clock)
    return cast("ReadsFiles", manifest.build(settings, surroundings))


async def _kept(request: Call, upload: UploadFile) -> Path:
    """The file on our disk, under its own name: rows in quarantine are called by it."""
    name = _NAME.sub("_", Path(upload.filename).name)[-100:].lstrip("._") or "orders.csv"
    if not name.lower().endswith(_ENDINGS):
        raise Invalid(
            "import.kind",
            f"'{upload.filename[:60]}' is not a file that can be read.",
            f"Its name ends with one of: {', '.join(_ENDINGS)}.",
        )
    folder = request.services.settings.data_dir / "imports" / os.urandom(8).hex()
    await sync_to_thread(folder.mkdir, 0o700, parents=True, exist_ok=True)
    path = folder / name
    with path.open("wb") as out:
        while chunk := await upload.read(_CHUNK):
            await sync_to_thread(out.write, chunk)
    return path
