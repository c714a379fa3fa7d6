"""Which controllers make up the API: one list to read, from the orders to the system itself."""

from typing import Final

from litestar.types import ControllerRouterHandler

from oms.http import availability, money, order_desk, shipping, status_links, system
from oms.http.availability import Reservations
from oms.http.changes import ChangeSets
from oms.http.channels import Channels
from oms.http.customers import Customers
from oms.http.feed import EventFeed
from oms.http.floor import FulfilmentOrders
from oms.http.intake import Intake
from oms.http.invoices import Invoices, Ledger
from oms.http.items import Items
from oms.http.keys import Keys
from oms.http.money import OrderPayments, Refunds
from oms.http.nodes import Nodes, StockPolicies
from oms.http.order_desk import OrderDesk
from oms.http.orders import Orders
from oms.http.quarantine import Quarantine
from oms.http.refused_units import RefusedReturns
from oms.http.returns import Returns
from oms.http.shipping import Parcels, Shipments
from oms.http.stock import Stock

API: Final[tuple[ControllerRouterHandler, ...]] = (
    *(Intake, Orders, OrderDesk, order_desk.release_hold, Shipments),
    status_links.status_link,
    *(FulfilmentOrders, Parcels, shipping.undo_shipment, shipping.report_scans),
    *(Items, Channels, Nodes, StockPolicies, Stock, availability.availability, Reservations),
    *(Returns, RefusedReturns, Customers),
    *(
        Invoices,
        Ledger,
        OrderPayments,
        money.authorise_again,
        money.capture_again,
        Refunds,
        Quarantine,
        ChangeSets,
    ),
    *(EventFeed, Keys, system.System),
    *(system.openapi_json, system.docs),
)
"""What is served below /api/v1."""
