"""The life of a return as a document; what its units do stands in the line-unit machine."""

from enum import StrEnum

from oms.kernel.machine import Machine, Move


class ReturnState(StrEnum):
    """Where a return stands."""

    REQUESTED = "requested"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    RECEIVING = "receiving"
    CLOSED = "closed"


_R = ReturnState

# fmt: off
RETURN = Machine("return", [_R.REQUESTED, _R.AUTHORISED, _R.CLOSED], [
    Move("authorise", _R.REQUESTED,  _R.AUTHORISED, "policy or agent", "withdraw"),
    Move("decline",   _R.REQUESTED,  _R.DECLINED,   "agent"),
    Move("withdraw",  _R.REQUESTED,  _R.WITHDRAWN,  "customer"),
    Move("withdraw",  _R.AUTHORISED, _R.WITHDRAWN,  "customer or timer"),
    Move("receive",   _R.AUTHORISED, _R.RECEIVING,  "returns desk"),
    Move("lose",      _R.AUTHORISED, _R.CLOSED,     "carrier claim: all of it; it is credited"),
    Move("receive",   _R.RECEIVING,  _R.RECEIVING,  "returns desk, any number of times"),
    Move("receive",   _R.CLOSED,     _R.RECEIVING,  "returns desk: a late parcel"),
    Move("receive",   _R.DECLINED,   _R.RECEIVING,  "returns desk: it came nevertheless"),
    Move("receive",   _R.WITHDRAWN,  _R.RECEIVING,  "returns desk: it came nevertheless"),
    Move("close",     _R.RECEIVING,  _R.CLOSED,     "all is judged; what did not come stays with the customer"),
    Move("regrade",   _R.CLOSED,     _R.CLOSED,     "inspection lead"),
    Move("regrade",   _R.RECEIVING,  _R.RECEIVING,  "inspection lead"),
])
# fmt: on
