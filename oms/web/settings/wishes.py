"""What the forms of the settings say, as commands. Pure."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from oms.inventory.model import Node, NodeKind, PutNode
from oms.kernel.address import Address, Coordinates
from oms.kernel.errors import Invalid, Refused
from oms.kernel.events import Cause
from oms.platform.security.callers import Reach
from oms.platform.security.users import PutUser
from oms.web.forms import Form
from oms.web.stock.amounts import minor

PRIORITY_MAX: Final = 1_000_000
_PLACE: Final = ("line1", "line2", "city", "region", "postal_code", "phone")


def put_node(form: Form, old: Node | None, cause: Cause) -> PutNode:
    """The node as the form describes it; what the form does not ask stays as it was."""
    currency = form.text("currency", 3).upper()
    country = form.required("country", 2).upper()
    address = old.address if old else Address(country)
    given = {name: form.text(name, 200) for name in _PLACE}
    return PutNode(
        code=old.code if old else form.required("code", 80),
        name=form.required("name", 80),
        kind=form.one_of("kind", NodeKind),
        address=replace(address, country=country, at=_point(form), **given),
        time_zone=form.required("time_zone", 60),
        priority=form.number("priority", 0, PRIORITY_MAX),
        active=form.text("active") == "yes",
        fixed_minor=minor(form.text("fixed", 20), currency) if currency else 0,
        handling_unit_minor=minor(form.text("handling", 20), currency) if currency else 0,
        currency=currency,
        ships_to=tuple(form.text("ships_to", 2_000).upper().replace(",", " ").split()),
        cause=cause,
    )


def put_user(form: Form, old_email: str, known: tuple[Sequence[str], Sequence[str]]) -> PutUser:
    """A person as the form describes them. `known`: ids of the channels and nodes there are.

    Nothing ticked stands for everything.
    """
    channels = tuple(each for each in form.all("channel") if each in known[0])
    nodes = tuple(each for each in form.all("node") if each in known[1])
    roles = tuple(form.all("role"))
    if not roles:
        raise Invalid(
            "user.no_role",
            "A person needs at least one role.",
            "Tick what their work is.",
            {"role": "missing"},
        )
    return PutUser(
        email=old_email or form.required("email", 200),
        name=form.required("name", 100),
        roles=roles,
        reach=Reach(channels=channels or None, nodes=nodes or None),
        active=form.text("active") == "yes",
    )


def expect_not_oneself(command: PutUser, own_email: str, own_roles: Sequence[str]) -> PutUser:
    """`Refused` when somebody takes their own access away: nobody might be left to give it back."""
    if command.email.strip().lower() == own_email and (
        not command.active or not set(own_roles) <= set(command.roles)
    ):
        raise Refused(
            "user.oneself",
            "One cannot take a role or access away from oneself.",
            "Ask somebody else who may invite people.",
        )
    return command


def _point(form: Form) -> Coordinates | None:
    latitude, longitude = form.text("latitude", 20), form.text("longitude", 20)
    if not latitude and not longitude:
        return None
    try:
        at = Coordinates(float(latitude.replace(",", ".")), float(longitude.replace(",", ".")))
    except ValueError:
        at = Coordinates(1_000, 1_000)
    if not (-90 <= at.latitude <= 90 and -180 <= at.longitude <= 180):
        raise Invalid(
            "node.point",
            "The coordinates are not a point on earth.",
            "Write degrees such as -6.1846 and 106.9420, or leave both empty.",
            {"latitude": "not a point", "longitude": "not a point"},
        )
    return at
