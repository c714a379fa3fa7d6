"""What the API stands on, put together by `oms.bootstrap`."""

from collections.abc import Callable

import msgspec

from config.settings import Settings
from fulfillment.effects import Carriers
from oms.ledger.check import Check
from oms.platform.gate import Gate
from oms.platform.jobs import Jobs
from oms.platform.security.keys import Keyring
from oms.platform.security.links import Links
from oms.platform.transaction import UnitOfWork


class Services(msgspec.Struct, frozen=True):
    """One of each per process. `is_migrated`: the database fits this code. `checks` prove what is
    in it.
    """

    settings: Settings
    uow: UnitOfWork
    gate: Gate
    jobs: Jobs
    keyring: Keyring
    links: Links
    carriers: Carriers
    is_migrated: Callable[[], bool]
    checks: tuple[Check, ...] = ()
