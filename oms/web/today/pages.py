"""Today at a glance, and the base map under its network."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from oms.catalog import queries as catalog
from oms.http.call import Call
from oms.inventory import queries as inventory
from oms.inventory.model import Node
from oms.kernel.errors import NotFound
from oms.orders.listing.queries import COUNT_MAX
from oms.orders.worklists.model import ReasonKind
from oms.web.assets import assets
from oms.web.guards import may_see
from oms.web.orders.rows import HOLD_WORDS, REASON_WORDS
from oms.web.orders.wishes import Wish
from oms.web.pages import formats, language_of, page
from oms.web.pictures import flow as ribbons
from oms.web.pictures.ground import Frame, as_file, framed
from oms.web.today import board, flows
from oms.web.today.figures import DAYS, Figures, figures
from oms.web.today.flows import Names
from oms.web.translations import N_, translations

MAP: Final = "/map/{build:str}/{name:str}"
_FOR_EVER: Final = "private, max-age=31536000, immutable"
_ICONS: Final = {
    ReasonKind.HELD: ("circle-pause", "warn"),
    ReasonKind.LOST: ("triangle-alert", "bad"),
    ReasonKind.LATE: ("clock", "bad"),
    ReasonKind.CHANGED: ("pencil", "warn"),
    ReasonKind.WAITING: ("route", "warn"),
    ReasonKind.BACKORDERED: ("boxes", "warn"),
}


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A reason why orders need somebody, how many, and where they are."""

    icon: str
    tone: str
    word: str
    more: str
    count: int
    url: str


@get("/today", guards=[may_see("orders:read")], include_in_schema=False, sync_to_thread=True)
def today(request: Call) -> Response[Any]:
    """How the shop does, what needs a person, and where today's orders go."""
    zone = request.services.settings.seller.time_zone
    with request.reading() as reader:
        facts = figures(reader, zone, request.caller.reach.channels)
        nodes = inventory.nodes(reader)
        channels = {each.id: each.name for each in catalog.channels(reader)}
        now_ms = reader.now_ms
    translate, fmt = translations(language_of(request)).gettext, formats(request)
    ways = flows.journeys(facts.courses, facts.left, now_ms)
    names = Names(channels, {node.id: node.name for node in nodes})
    flow = flows.flow(ways, names, fmt, translate)
    title = translate(N_("Orders of the last 24 hours from channel over location to outcome"))
    reached = [node for node in nodes if request.caller.reaches_node(node.id)]
    return page(
        request,
        "today/page.html",
        facts=facts,
        now_ms=now_ms,
        nodes=[node for node in reached if node.active],
        kpis=board.kpis(facts, fmt, translate),
        days=facts.days[-DAYS:],
        waiting=_waiting(request, facts, translate),
        count_max=COUNT_MAX,
        timers=board.timers(facts.due, now_ms, fmt, translate),
        flow=flow,
        drawn=[ribbons.flow(flow.columns, flow.ribbons, title, w) for w in (1_000, 360)],
        outcomes=flows.WORDS,
        workplaces=board.workplaces(ways, [node for node in reached if node.active]),
        network=_network(facts, reached, now_ms, translate),
    )


@get(MAP, guards=[may_see("orders:read")], include_in_schema=False, sync_to_thread=True)
def base_map(name: FromPath[str]) -> Response[bytes]:
    """Coast lines within a frame: ``/map/…/-11,95,6,141.svg`` (south, west, north, east)."""
    frame = _frame(name)
    if frame is None:
        raise NotFound("map.not_found", "There is no such map.", "Load the page again.")
    body = as_file(frame).encode()
    headers = {"Cache-Control": _FOR_EVER}
    return Response(body, media_type="image/svg+xml", headers=headers)


PAGES: Final = (today, base_map)


def _frame(name: str) -> Frame | None:
    parts = name.removesuffix(".svg").split(",")
    try:
        south, west, north, east = map(int, parts)
    except ValueError:
        return None
    return framed(south, west, north, east)


def _network(
    facts: Figures, nodes: Sequence[Node], now_ms: int, translate: Any
) -> board.Map | None:
    return board.network_map(facts, nodes, now_ms, (translate, assets().build))


def _waiting(request: Call, facts: Figures, translate: Any) -> list[Waiting]:
    """Each reason with its number; the most pressing first."""
    found = [
        Waiting(
            icon=_ICONS[kind][0],
            tone=_ICONS[kind][1],
            word=REASON_WORDS[kind],
            more=_holds(facts, translate) if kind is ReasonKind.HELD else "",
            count=facts.attention[kind],
            url=Wish(reason=kind).url(),
        )
        for kind in ReasonKind
        if kind in facts.attention
    ]
    if facts.quarantined and "connectors:read" in request.caller.permissions:
        words = N_("Could not be read as an order")
        more = Waiting(
            icon="triangle-alert",
            tone="bad",
            word=words,
            more="",
            count=facts.quarantined,
            url="/channels",
        )
        found.append(more)
    return found


def _holds(facts: Figures, translate: Any) -> str:
    """The commonest reasons of holds."""
    first = list(facts.hold_reasons.items())[:3]
    words = [(translate(HOLD_WORDS[why]) if why in HOLD_WORDS else why[:60], n) for why, n in first]
    return ", ".join(f"{word} ({n})" for word, n in words)
