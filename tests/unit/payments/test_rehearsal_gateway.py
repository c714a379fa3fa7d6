"""The gateway to rehearse with keeps its word about keys, and goes wrong as commanded."""

import asyncio
from typing import Any

import pytest

from connectors.contract.errors import Rejected, Transient
from connectors.contract.tenders import (
    AuthoriseRequest,
    CaptureRequest,
    CaptureResult,
    GatewayOutcome,
    RefundRequest,
    VoidRequest,
)
from connectors.payments.test_gateway.connector import (
    MANIFEST,
    RehearsalGateway,
    RehearsalSettings,
)
from connectors.payments.test_gateway.wire import Fault, Operation
from connectors.testing.laws import ConnectorLaws, Lab
from oms.kernel.clock import ManualClock

NOON_MS = 1_700_000_000_000


LAB = Lab(manifest=MANIFEST, settings=RehearsalSettings())


class TestRehearsalGateway(ConnectorLaws):
    """What holds for connectors of every kind."""

    lab = LAB


@pytest.fixture
def gateway() -> RehearsalGateway:
    made = LAB.connector()
    assert isinstance(made, RehearsalGateway)
    return made


def authorise(gateway: RehearsalGateway, key: str = "a1", card: str = "tok") -> str:
    request = AuthoriseRequest(idempotency_key=key, amount_minor=1000, currency="GBP", token=card)
    return asyncio.run(gateway.authorise(request)).authorisation


def capture(gateway: RehearsalGateway, authorisation: str, key: str = "c1") -> CaptureResult:
    request = CaptureRequest(
        idempotency_key=key, authorisation=authorisation, amount_minor=600, currency="GBP"
    )
    return asyncio.run(gateway.capture(request))


def refund(gateway: RehearsalGateway, capture_: str, amount_minor: int, key: str) -> Any:
    request = RefundRequest(
        idempotency_key=key, capture=capture_, amount_minor=amount_minor, currency="GBP"
    )
    return asyncio.run(gateway.refund_payment(request))


def moved(gateway: RehearsalGateway) -> list[tuple[str, int]]:
    return [(each.operation, each.amount_minor) for each in gateway.gateway.moved]


def test_money_is_claimed_taken_given_back_and_the_rest_released(
    gateway: RehearsalGateway,
) -> None:
    authorisation = authorise(gateway)
    taken = capture(gateway, authorisation)
    refund(gateway, taken.capture, 100, "r1")

    released = asyncio.run(
        gateway.void(VoidRequest(idempotency_key="v1", authorisation=authorisation))
    )

    assert released.released_minor == 400
    assert moved(gateway) == [("authorise", 1000), ("capture", 600), ("refund", 100), ("void", 400)]


def test_the_same_key_gives_the_same_answer_and_moves_no_money(gateway: RehearsalGateway) -> None:
    authorisation = authorise(gateway)

    answers = {capture(gateway, authorisation).capture for _ in range(3)}

    assert len(answers) == 1
    assert moved(gateway) == [("authorise", 1000), ("capture", 600)]


def test_a_key_used_for_another_request_is_refused(gateway: RehearsalGateway) -> None:
    authorise(gateway, card="one")

    with pytest.raises(Rejected):
        authorise(gateway, card="two")


def test_more_than_is_left_is_declined(gateway: RehearsalGateway) -> None:
    authorisation = authorise(gateway)
    taken = capture(gateway, authorisation)

    assert capture(gateway, authorisation, "c2").outcome is GatewayOutcome.DECLINED
    assert refund(gateway, taken.capture, 601, "r1").outcome is GatewayOutcome.DECLINED


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.SERVER_ERROR])
def test_after_a_lost_answer_the_same_key_tells_it(gateway: RehearsalGateway, fault: Fault) -> None:
    authorisation = authorise(gateway)
    gateway.command(Operation.CAPTURE, fault)
    with pytest.raises(Transient):
        capture(gateway, authorisation)

    assert capture(gateway, authorisation).outcome is GatewayOutcome.DONE
    assert moved(gateway).count(("capture", 600)) == 1


def test_a_call_delivered_twice_moves_money_once(gateway: RehearsalGateway) -> None:
    authorisation = authorise(gateway)
    gateway.command(Operation.CAPTURE, Fault.DUPLICATE)

    assert capture(gateway, authorisation).outcome is GatewayOutcome.DONE
    assert moved(gateway).count(("capture", 600)) == 1


def test_a_partial_fault_does_half(gateway: RehearsalGateway) -> None:
    authorisation = authorise(gateway)
    gateway.command(Operation.CAPTURE, Fault.PARTIAL)

    assert capture(gateway, authorisation).amount_minor == 300


def test_pending_is_answered_when_asked_again(gateway: RehearsalGateway) -> None:
    authorisation = authorise(gateway)
    gateway.command(Operation.CAPTURE, Fault.PENDING)

    outcomes = [capture(gateway, authorisation).outcome for _ in range(2)]

    assert outcomes == [GatewayOutcome.PENDING, GatewayOutcome.DONE]


def test_a_token_can_command_faults_of_what_follows(gateway: RehearsalGateway) -> None:
    authorisation = authorise(gateway, card="test:capture=decline,refund=timeout")

    assert capture(gateway, authorisation).outcome is GatewayOutcome.DECLINED


def test_a_restarted_gateway_still_knows_what_it_gave_out(gateway: RehearsalGateway) -> None:
    taken = capture(gateway, authorise(gateway))
    restarted = RehearsalGateway(RehearsalSettings(), ManualClock(NOON_MS))

    assert authorise(restarted) == authorise(gateway)
    assert refund(restarted, taken.capture, 600, "r1").outcome is GatewayOutcome.DONE
    assert refund(restarted, taken.capture, 1, "r2").outcome is GatewayOutcome.DECLINED


def test_references_it_never_gave_out_are_declined(gateway: RehearsalGateway) -> None:
    assert capture(gateway, "somebody_elses").code == "unknown_authorisation"
    assert refund(gateway, "somebody_elses", 1, "r1").code == "unknown_capture"
