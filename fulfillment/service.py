"""The floor's door: everything others may ask of it, over lists, from release to the last scan.

Each step has a folder of its own beside this file; this one adds nothing to them.
"""

from fulfillment.express.service import prepare
from fulfillment.express.service import ship as ship_prepared
from fulfillment.handoff.service import report_shipped, say
from fulfillment.labels.service import request_labels, settle_labels, void_labels
from fulfillment.packing.service import pack, unpack
from fulfillment.picking.service import pick, pick_scanned, report_short, unpick
from fulfillment.releasing.service import release, release_due
from fulfillment.shipping.service import ship, unship
from fulfillment.tracking.service import track

__all__ = [
    "pack",
    "pick",
    "pick_scanned",
    "prepare",
    "release",
    "release_due",
    "report_shipped",
    "report_short",
    "request_labels",
    "say",
    "settle_labels",
    "ship",
    "ship_prepared",
    "track",
    "unpack",
    "unpick",
    "unship",
    "void_labels",
]
