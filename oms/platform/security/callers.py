"""Whoever asks for something: what they may do, and which channels and nodes they reach."""

from collections.abc import Sequence

import msgspec

from oms.kernel.errors import Denied, NotFound
from oms.platform.security.roles import PERMISSIONS, permissions_of


class Reach(msgspec.Struct, frozen=True):
    """Ids of the channels and nodes that can be reached; None stands for all of them."""

    channels: tuple[str, ...] | None = None
    nodes: tuple[str, ...] | None = None


EVERYWHERE = Reach()


class Caller(msgspec.Struct, frozen=True):
    """A program or person known to us. `actor` (its id) is written beside everything it does."""

    actor: str
    name: str
    permissions: frozenset[str]
    reach: Reach = EVERYWHERE

    def expect(self, permission: str) -> None:
        """`Denied` unless the caller has this permission."""
        if permission not in self.permissions:
            raise Denied(
                "access.denied",
                f"'{self.name}' may not do this: it needs the permission '{permission}' "
                f"({PERMISSIONS[permission].lower()}).",
                "Ask an owner for a role that includes it.",
            )

    def reaches_channel(self, channel_id: str) -> bool:
        return self.reach.channels is None or channel_id in self.reach.channels

    def reaches_node(self, node_id: str) -> bool:
        return self.reach.nodes is None or node_id in self.reach.nodes

    def expect_channel(self, channel_id: str) -> None:
        """`NotFound` for a channel out of reach, as if there were none: its name is not for all."""
        if not self.reaches_channel(channel_id):
            raise _out_of_reach("channel", channel_id)

    def expect_node(self, node_id: str) -> None:
        """`NotFound` for a node out of reach."""
        if not self.reaches_node(node_id):
            raise _out_of_reach("node", node_id)

    def expect_everywhere(self) -> None:
        """`Denied` unless the caller reaches every channel and node: for what cannot be divided."""
        if self.reach != EVERYWHERE:
            raise Denied(
                "access.limited",
                f"'{self.name}' reaches only some channels or nodes, and this is about all.",
                "Ask an owner for a key without such a limit.",
            )


def caller(actor: str, name: str, roles: Sequence[str], reach: Reach = EVERYWHERE) -> Caller:
    """A caller with the permissions of its roles."""
    return Caller(actor, name, permissions_of(roles), reach)


def _out_of_reach(kind: str, id_: str) -> NotFound:
    return NotFound(
        f"{kind}.not_found",
        f"There is no {kind} '{id_}' for this caller.",
        f"Check the id, or ask an owner to add the {kind} to what this key or person reaches.",
    )
