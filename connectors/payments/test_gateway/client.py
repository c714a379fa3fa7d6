"""The pretend gateway itself, in memory: what is claimed, taken and given back under which key.

It stands where other connectors have an HTTP client. Bounded: the oldest dealings are forgotten,
and come back from their references when they are asked for again.
"""

from collections import OrderedDict, deque
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from connectors.contract.errors import Rejected, Transient
from connectors.contract.tenders import (
    AuthoriseRequest,
    CaptureRequest,
    GatewayOutcome,
    RefundRequest,
    VoidRequest,
)
from connectors.payments.test_gateway.wire import (
    Fault,
    Moved,
    Name,
    Operation,
    amount_in,
    commands_in,
    reference,
)

REMEMBERED_MAX: Final = 100_000  # days of a demo's traffic, some tens of MB

V = TypeVar("V")
Request = AuthoriseRequest | CaptureRequest | VoidRequest | RefundRequest


class Claim(msgspec.Struct):
    """An amount the customer's bank holds for us."""

    amount_minor: int
    captured_minor: int = 0
    released_minor: int = 0
    faults: dict[Operation, Fault] = {}

    def left_minor(self) -> int:
        return self.amount_minor - self.captured_minor - self.released_minor


class Taken(msgspec.Struct):
    """An amount we took."""

    amount_minor: int
    claim: str = ""
    refunded_minor: int = 0


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What a key was answered with, in the same words for every operation."""

    outcome: GatewayOutcome
    reference: str = ""
    amount_minor: int = 0
    code: str = ""
    words: str = ""


class PretendGateway:
    """One merchant account. The same idempotency key gives the same answer and moves no money."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._claims: OrderedDict[str, Claim] = OrderedDict()
        self._taken: OrderedDict[str, Taken] = OrderedDict()
        self._answers: OrderedDict[str, tuple[Request, Answer]] = OrderedDict()
        self._commanded: dict[Operation, deque[Fault]] = {each: deque() for each in Operation}
        self.moved: deque[Moved] = deque(maxlen=REMEMBERED_MAX)
        self.calls = 0

    def command(self, operation: Operation, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls of an operation go wrong in this way."""
        self._commanded[operation].extend([fault] * times)

    def perform(self, operation: Operation, request: Request) -> Answer:
        """Do what is asked, once per key; raises `Transient` or `Rejected` as a real one would."""
        self.calls += 1
        known = self._answers.get(request.idempotency_key)
        if known is not None:
            return self._repeat(request, *known)
        fault = self._fault(operation, request)
        if fault is Fault.SERVER_ERROR:
            raise _away("answered with an error (503)")
        if fault is Fault.REJECT:
            raise Rejected("invalid_request", "The gateway refused the request.", "Check it.")
        self._work(operation, request, fault)
        if fault is Fault.DUPLICATE:
            self._work(operation, request, fault)
        if fault is Fault.TIMEOUT:
            raise _away("did not answer in time")
        answer = self._answers[request.idempotency_key][1]
        return _not_yet(answer) if fault is Fault.PENDING else answer

    def _repeat(self, request: Request, first: Request, answer: Answer) -> Answer:
        if request != first:
            raise Rejected(
                "idempotency_key_reused",
                "The gateway knows this idempotency key from another request.",
                "Use a new key for a new request.",
            )
        return answer

    def _fault(self, operation: Operation, request: Request) -> Fault | None:
        if self._commanded[operation]:
            return self._commanded[operation].popleft()
        if isinstance(request, AuthoriseRequest):
            return commands_in(request.token).get(operation)
        claim = self._claim_of(request)
        return claim.faults.get(operation) if claim else None

    def _claim_of(self, request: CaptureRequest | VoidRequest | RefundRequest) -> Claim | None:
        if isinstance(request, RefundRequest):
            taken = self._taken.get(request.capture)
            return self._claims.get(taken.claim) if taken else None
        return self._claims.get(request.authorisation)

    def _work(self, operation: Operation, request: Request, fault: Fault | None) -> None:
        if request.idempotency_key in self._answers:
            return
        if fault is Fault.DECLINE:
            answer = _declined("declined", "The bank declined.")
        else:
            answer = self._done(request, 2 if fault is Fault.PARTIAL else 1)
        if answer.outcome is GatewayOutcome.DONE:
            currency = "" if isinstance(request, VoidRequest) else request.currency
            self.moved.append(Moved(operation, answer.reference, answer.amount_minor, currency))
        _remember(self._answers, request.idempotency_key, (request, answer))

    def _done(self, request: Request, divisor: int) -> Answer:
        match request:
            case AuthoriseRequest():
                return self._claim(request, request.amount_minor // divisor)
            case CaptureRequest():
                return self._take(request, request.amount_minor // divisor)
            case VoidRequest():
                return self._release(request)
            case _:
                return self._give_back(request, request.amount_minor // divisor)

    def _claim(self, request: AuthoriseRequest, amount_minor: int) -> Answer:
        name = reference(Name.AUTHORISATION, self._account, request.idempotency_key, amount_minor)
        claim = Claim(amount_minor, faults=commands_in(request.token))
        _remember(self._claims, name, claim)
        return Answer(GatewayOutcome.DONE, name, amount_minor)

    def _take(self, request: CaptureRequest, amount_minor: int) -> Answer:
        claim = self._claims.get(request.authorisation) or self._revived_claim(request)
        if claim is None:
            return _declined("unknown_authorisation", "There is no such authorisation.")
        if amount_minor > claim.left_minor():
            return _declined("amount_too_large", "More than is authorised and not yet captured.")
        claim.captured_minor += amount_minor
        name = reference(Name.CAPTURE, self._account, request.idempotency_key, amount_minor)
        _remember(self._taken, name, Taken(amount_minor, request.authorisation))
        return Answer(GatewayOutcome.DONE, name, amount_minor)

    def _release(self, request: VoidRequest) -> Answer:
        claim = self._claims.get(request.authorisation) or self._revived_claim(request)
        if claim is None:
            return _declined("unknown_authorisation", "There is no such authorisation.")
        released = claim.left_minor()
        claim.released_minor += released
        return Answer(GatewayOutcome.DONE, request.authorisation, released)

    def _give_back(self, request: RefundRequest, amount_minor: int) -> Answer:
        taken = self._taken.get(request.capture)
        if taken is None:
            amount = amount_in(request.capture, Name.CAPTURE)
            if amount is None:
                return _declined("unknown_capture", "There is no such capture.")
            taken = Taken(amount)
            _remember(self._taken, request.capture, taken)
        if amount_minor > taken.amount_minor - taken.refunded_minor:
            return _declined("amount_too_large", "More than was captured and not yet refunded.")
        taken.refunded_minor += amount_minor
        name = reference(Name.REFUND, self._account, request.idempotency_key, amount_minor)
        return Answer(GatewayOutcome.DONE, name, amount_minor)

    def _revived_claim(self, request: CaptureRequest | VoidRequest) -> Claim | None:
        """A claim from before a restart: its reference tells the amount."""
        amount = amount_in(request.authorisation, Name.AUTHORISATION)
        if amount is None:
            return None
        claim = Claim(amount)
        _remember(self._claims, request.authorisation, claim)
        return claim


def _remember(shelf: "OrderedDict[str, V]", key: str, value: V) -> None:
    shelf[key] = value
    if len(shelf) > REMEMBERED_MAX:
        shelf.popitem(last=False)


def _declined(code: str, words: str) -> Answer:
    return Answer(GatewayOutcome.DECLINED, code=code, words=words)


def _not_yet(answer: Answer) -> Answer:
    return replace(answer, outcome=GatewayOutcome.PENDING, code="pending", words="Ask again later.")


def _away(what: str) -> Transient:
    return Transient(
        "test_gateway.away", f"The test gateway {what}.", "It is tried again by itself."
    )
