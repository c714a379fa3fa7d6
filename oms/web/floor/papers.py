"""What is printed at the bench: labels and packing slips as PDF, for people who signed in."""

from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from connectors.contract.parcels import LabelFormat
from fulfillment import queries as floor
from fulfillment.documents.labels import label_pdf
from fulfillment.documents.slips import packing_slip_pdf
from fulfillment.model import Parcel
from fulfillment.printing import queries as printing
from oms.http.call import Call
from oms.http.reach import expect_work
from oms.kernel.ids import expect_prefix
from oms.platform.transaction import Reader
from oms.web.guards import may_see

PDF: Final = "application/pdf"
_TYPES: Final = {
    LabelFormat.PDF.value: PDF,
    LabelFormat.PNG.value: "image/png",
    LabelFormat.ZPL.value: "text/plain",
}
_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "frame-ancestors 'self'",
}


@get(
    "/parcels/{parcel_id:str}/label.pdf",
    guards=[may_see("fulfilment:read")],
    include_in_schema=False,
    sync_to_thread=True,
)
def label(request: Call, parcel_id: FromPath[str]) -> Response[Any]:
    """The label, ready to print: the carrier's own, untouched, or a 4 x 6 inch one of ours."""
    with request.reading() as reader:
        found = _parcel(request, reader, parcel_id)
        kept = floor.label_document(reader, found.id)
        facts = printing.label_facts(reader, [found.id]) if kept is None else []
    if kept is not None:
        media_type, document = _TYPES.get(kept[0], PDF), kept[1]
    else:
        media_type, document = PDF, label_pdf(facts)
    return Response(document, media_type=media_type, headers=_HEADERS)


@get(
    "/parcels/{parcel_id:str}/slip.pdf",
    guards=[may_see("fulfilment:read")],
    include_in_schema=False,
    sync_to_thread=True,
)
def slip(request: Call, parcel_id: FromPath[str]) -> Response[Any]:
    """The packing slip that lies in the box; it shows no prices."""
    with request.reading() as reader:
        found = _parcel(request, reader, parcel_id)
        facts = printing.slip_facts(reader, [found.id])
    return Response(packing_slip_pdf(facts), media_type=PDF, headers=_HEADERS)


PAPERS: Final = (label, slip)


def _parcel(request: Call, reader: Reader, parcel_id: str) -> Parcel:
    found = floor.parcel(reader, expect_prefix(parcel_id, "par"))
    expect_work(request, reader, found)
    return found
