"""Facts about money. The stream of an event is its payment, or its refund."""

from oms.kernel.events import Event


class AnswersMissing(Event, frozen=True, kw_only=True, tag="payment.answers_missing"):
    """Gateways have left wishes without an answer for long: somebody shall ask again."""


class AuthoriseRequested(Event, frozen=True, kw_only=True, tag="payment.authorise_requested"):
    """A gateway shall claim the amount of this payment."""

    order_id: str


class PaymentAuthorised(Event, frozen=True, kw_only=True, tag="payment.authorised"):
    """A gateway holds the amount for us."""

    order_id: str
    amount_minor: int
    currency: str


class PaymentDeclined(Event, frozen=True, kw_only=True, tag="payment.declined"):
    """The bank does not let us claim the amount."""

    order_id: str
    amount_minor: int
    currency: str
    code: str
    words: str


class CaptureRequested(Event, frozen=True, kw_only=True, tag="payment.capture_requested"):
    """A gateway shall take a claimed amount."""

    order_id: str
    capture_id: str


class PaymentCaptured(Event, frozen=True, kw_only=True, tag="payment.captured"):
    """Money of a customer is ours to use; `document_id` is the invoice it was taken for, if any."""

    order_id: str
    capture_id: str
    tender: str
    amount_minor: int
    currency: str
    document_id: str = ""


class CaptureDeclined(Event, frozen=True, kw_only=True, tag="payment.capture_declined"):
    """`missing_minor` of what should be taken was not: all of it, or a part."""

    order_id: str
    capture_id: str
    missing_minor: int
    currency: str
    code: str
    words: str
    document_id: str = ""


class CaptureNotCovered(Event, frozen=True, kw_only=True, tag="payment.not_covered"):
    """More is due than the order's authorisations allow to take. The stream is the order."""

    document_id: str
    missing_minor: int
    currency: str


class VoidRequested(Event, frozen=True, kw_only=True, tag="payment.void_requested"):
    """A gateway shall let go what is claimed and no longer needed."""

    order_id: str


class PaymentVoided(Event, frozen=True, kw_only=True, tag="payment.voided"):
    """Nothing more will be taken from this payment."""

    order_id: str
    released_minor: int
    currency: str


class RefundRequested(Event, frozen=True, kw_only=True, tag="refund.requested"):
    """A gateway shall give money back."""

    order_id: str
    payment_id: str
    amount_minor: int
    currency: str


class RefundPayable(Event, frozen=True, kw_only=True, tag="refund.payable"):
    """Money is due to a customer and no payment to give it back through: a person pays it."""

    order_id: str
    amount_minor: int
    currency: str
    return_id: str = ""


class RefundSucceeded(Event, frozen=True, kw_only=True, tag="refund.succeeded"):
    """Money went back."""

    order_id: str
    payment_id: str
    tender: str
    amount_minor: int
    currency: str


class RefundFailed(Event, frozen=True, kw_only=True, tag="refund.failed"):
    """`missing_minor` did not go back: a person must retry it or pay it by hand."""

    order_id: str
    payment_id: str
    missing_minor: int
    currency: str
    code: str
    words: str
