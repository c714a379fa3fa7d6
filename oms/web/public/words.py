"""The words of public pages, by language."""

from collections.abc import Mapping
from typing import Final

import msgspec

from connectors.contract.parcels import TrackingStatus as T
from oms.orders.machine import LineState as S
from oms.orders.status import OrderStatus as O


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a page says in one language; `{…}` is filled in."""

    title: str
    steps: tuple[str, str, str, str]
    parcel: str
    parcel_waits: str
    items: str
    refunds: str
    refund_done: str
    refund_coming: str
    deliver_to: str
    placed_on: str
    quantity: str
    gone_title: str
    unknown: str
    expired: str
    statuses: Mapping[O, str]
    states: Mapping[S, str]
    scans: Mapping[T, str]


_ENGLISH: Final = Words(
    title="Order {number}",
    steps=("Received", "Being prepared", "On its way", "Delivered"),
    parcel="Parcel {number} of {count}",
    parcel_waits="The carrier has not told us anything yet.",
    items="What you ordered",
    refunds="Refunds",
    refund_done="paid back",
    refund_coming="on its way back to you",
    deliver_to="Delivered to",
    placed_on="Placed on {day}",
    quantity="{count} ×",
    gone_title="This link does not open",
    unknown="Open it exactly as it was sent to you, or ask the shop for a new one.",
    expired="It is no longer valid. Ask the shop for a new one.",
    statuses={
        O.CHARGES_ONLY: "Your order is complete.",
        O.CANCELLED: "Your order was cancelled.",
        O.DRAFT: "Your order is being checked.",
        O.PLACED: "We have received your order.",
        O.BACKORDERED: "We are waiting for your items to come in.",
        O.PARTLY_BACKORDERED: "We are waiting for some of your items to come in.",
        O.ALLOCATED: "Your order is set aside and will be packed soon.",
        O.PARTLY_ALLOCATED: "Part of your order is set aside; we are waiting for the rest.",
        O.IN_FULFILMENT: "Your order is being packed.",
        O.PARTLY_IN_FULFILMENT: "Part of your order is being packed; the rest follows.",
        O.READY_FOR_PICKUP: "Your order is ready to be collected.",
        O.PARTLY_READY_FOR_PICKUP: "Part of your order is ready to be collected.",
        O.SHIPPED: "Your order is on its way to you.",
        O.PARTLY_SHIPPED: "Part of your order is on its way to you; the rest follows.",
        O.DELIVERED: "Your order was delivered.",
        O.PARTLY_DELIVERED: "Part of your order was delivered; the rest follows.",
        O.LOST: "Your order was lost on its way. We are sorry and are looking into it.",
        O.PARTLY_LOST: "Part of your order was lost on its way. We are looking into it.",
        O.RETURNING: "Your return is on its way.",
        O.PARTLY_RETURNING: "Part of your order is on its way back.",
        O.RETURNED: "We have your return.",
        O.PARTLY_RETURNED: "We have part of your order back.",
    },
    states={
        S.DRAFT: "being checked",
        S.OPEN: "received",
        S.BACKORDERED: "on back-order",
        S.ALLOCATED: "set aside",
        S.RELEASED: "being prepared",
        S.PICKED: "being prepared",
        S.PACKED: "packed",
        S.READY_FOR_PICKUP: "ready to collect",
        S.SHIPPED: "on its way",
        S.DELIVERED: "delivered",
        S.LOST: "lost",
        S.CANCELLED: "cancelled",
        S.KEPT: "refunded, yours to keep",
        S.RETURN_REQUESTED: "return requested",
        S.RETURN_AUTHORISED: "return approved",
        S.RETURN_IN_TRANSIT: "return on its way",
        S.RETURN_RECEIVED: "return received",
        S.RETURN_ACCEPTED: "returned",
        S.RETURN_REJECTED: "return refused",
    },
    scans={
        T.INFO_RECEIVED: "Announced to the carrier",
        T.ACCEPTED: "Handed to the carrier",
        T.IN_TRANSIT: "On its way",
        T.OUT_FOR_DELIVERY: "Out for delivery",
        T.ATTEMPTED: "Delivery was tried",
        T.AVAILABLE_FOR_PICKUP: "Ready to be picked up",
        T.DELIVERED: "Delivered",
        T.RETURNED_TO_SENDER: "Going back to the sender",
        T.LOST: "Lost",
        T.DAMAGED: "Damaged",
        T.EXCEPTION: "Delayed",
    },
)
_INDONESIAN: Final = Words(
    title="Pesanan {number}",
    steps=("Diterima", "Disiapkan", "Dalam perjalanan", "Terkirim"),
    parcel="Paket {number} dari {count}",
    parcel_waits="Belum ada kabar dari kurir.",
    items="Yang Anda pesan",
    refunds="Pengembalian dana",
    refund_done="sudah dikembalikan",
    refund_coming="sedang dikembalikan kepada Anda",
    deliver_to="Dikirim ke",
    placed_on="Dipesan pada {day}",
    quantity="{count} ×",
    gone_title="Tautan ini tidak dapat dibuka",
    unknown="Buka persis seperti yang dikirim kepada Anda, atau minta yang baru kepada toko.",
    expired="Tautan ini sudah tidak berlaku. Minta yang baru kepada toko.",
    statuses={
        O.CHARGES_ONLY: "Pesanan Anda selesai.",
        O.CANCELLED: "Pesanan Anda dibatalkan.",
        O.DRAFT: "Pesanan Anda sedang diperiksa.",
        O.PLACED: "Pesanan Anda sudah kami terima.",
        O.BACKORDERED: "Kami sedang menunggu barang Anda datang.",
        O.PARTLY_BACKORDERED: "Kami sedang menunggu sebagian barang Anda datang.",
        O.ALLOCATED: "Pesanan Anda sudah disisihkan dan segera dikemas.",
        O.PARTLY_ALLOCATED: "Sebagian pesanan sudah disisihkan; kami menunggu sisanya.",
        O.IN_FULFILMENT: "Pesanan Anda sedang dikemas.",
        O.PARTLY_IN_FULFILMENT: "Sebagian pesanan sedang dikemas; sisanya menyusul.",
        O.READY_FOR_PICKUP: "Pesanan Anda siap diambil.",
        O.PARTLY_READY_FOR_PICKUP: "Sebagian pesanan Anda siap diambil.",
        O.SHIPPED: "Pesanan Anda dalam perjalanan.",
        O.PARTLY_SHIPPED: "Sebagian pesanan dalam perjalanan; sisanya menyusul.",
        O.DELIVERED: "Pesanan Anda sudah sampai.",
        O.PARTLY_DELIVERED: "Sebagian pesanan sudah sampai; sisanya menyusul.",
        O.LOST: "Pesanan Anda hilang di perjalanan. Maaf, kami sedang menelusurinya.",
        O.PARTLY_LOST: "Sebagian pesanan hilang di perjalanan. Kami sedang menelusurinya.",
        O.RETURNING: "Barang retur Anda dalam perjalanan.",
        O.PARTLY_RETURNING: "Sebagian pesanan dalam perjalanan kembali.",
        O.RETURNED: "Barang retur Anda sudah kami terima.",
        O.PARTLY_RETURNED: "Sebagian pesanan sudah kembali kepada kami.",
    },
    states={
        S.DRAFT: "sedang diperiksa",
        S.OPEN: "diterima",
        S.BACKORDERED: "menunggu stok",
        S.ALLOCATED: "disisihkan",
        S.RELEASED: "disiapkan",
        S.PICKED: "disiapkan",
        S.PACKED: "dikemas",
        S.READY_FOR_PICKUP: "siap diambil",
        S.SHIPPED: "dalam perjalanan",
        S.DELIVERED: "sampai",
        S.LOST: "hilang",
        S.CANCELLED: "dibatalkan",
        S.KEPT: "dana dikembalikan, barang untuk Anda",
        S.RETURN_REQUESTED: "retur diminta",
        S.RETURN_AUTHORISED: "retur disetujui",
        S.RETURN_IN_TRANSIT: "retur dalam perjalanan",
        S.RETURN_RECEIVED: "retur diterima",
        S.RETURN_ACCEPTED: "dikembalikan",
        S.RETURN_REJECTED: "retur ditolak",
    },
    scans={
        T.INFO_RECEIVED: "Diberitahukan kepada kurir",
        T.ACCEPTED: "Diserahkan kepada kurir",
        T.IN_TRANSIT: "Dalam perjalanan",
        T.OUT_FOR_DELIVERY: "Sedang diantar",
        T.ATTEMPTED: "Sudah dicoba diantar",
        T.AVAILABLE_FOR_PICKUP: "Siap diambil",
        T.DELIVERED: "Sampai",
        T.RETURNED_TO_SENDER: "Kembali kepada pengirim",
        T.LOST: "Hilang",
        T.DAMAGED: "Rusak",
        T.EXCEPTION: "Tertunda",
    },
)
WORDS: Final[Mapping[str, Words]] = {"en": _ENGLISH, "id": _INDONESIAN}
