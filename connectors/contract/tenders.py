"""What payment gateways are asked and what they answer.

Amounts are in minor units and positive. Every request carries an idempotency key: the same key
again must give the same answer and move no money. A refusal by the bank is an answer, not an error.
"""

from enum import StrEnum

import msgspec


class GatewayOutcome(StrEnum):
    """What became of a request. `pending`: the gateway will tell later, ask again by the key."""

    DONE = "done"
    DECLINED = "declined"
    PENDING = "pending"


class AuthoriseRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Claim an amount. `token` stands for the means of payment; card numbers never come here."""

    idempotency_key: str
    amount_minor: int
    currency: str
    token: str
    order_number: str = ""
    customer_reference: str = ""


class CaptureRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Take (part of) what was authorised."""

    idempotency_key: str
    authorisation: str
    amount_minor: int
    currency: str
    order_number: str = ""


class VoidRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Give back what is authorised and not yet captured."""

    idempotency_key: str
    authorisation: str


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Give (part of) a capture back."""

    idempotency_key: str
    capture: str
    amount_minor: int
    currency: str
    reason: str = ""


class AuthoriseResult(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`authorisation` is the gateway's name for it; `expires_at_ms` None: not said."""

    outcome: GatewayOutcome
    authorisation: str
    amount_minor: int
    expires_at_ms: int | None = None
    code: str = ""
    words: str = ""


class CaptureResult(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`capture` is the gateway's name for it; `fee_minor` None: told with the payout."""

    outcome: GatewayOutcome
    capture: str
    amount_minor: int
    fee_minor: int | None = None
    code: str = ""
    words: str = ""


class VoidResult(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`released_minor` is what the customer can spend again."""

    outcome: GatewayOutcome
    released_minor: int
    code: str = ""
    words: str = ""


class RefundResult(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`refund` is the gateway's name for it."""

    outcome: GatewayOutcome
    refund: str
    amount_minor: int
    code: str = ""
    words: str = ""
