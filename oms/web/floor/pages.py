"""All handlers of the floor's screens."""

from typing import Final

from oms.web.floor.handover import Handover
from oms.web.floor.packing import Bench
from oms.web.floor.papers import PAPERS
from oms.web.floor.picking import Picking
from oms.web.floor.place import choose

PAGES: Final = (choose, Picking, Bench, Handover, *PAPERS)
