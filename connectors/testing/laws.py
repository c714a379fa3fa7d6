"""What holds for connectors of every kind."""

from typing import Any

import msgspec

from connectors.contract.capabilities import implemented
from connectors.contract.manifest import Manifest, Surroundings, shown
from connectors.contract.payloads import HttpRequest, HttpResponse
from oms.kernel.clock import ManualClock


def hold(holds: object, words: str) -> None:
    """Fail the law with `words`. Unlike assert it survives `python -O`."""
    if not holds:
        raise AssertionError(words)


class NoNetwork:
    """An `Http` for connectors that should not use any."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        raise AssertionError(f"It called {request.url}, but there is no network in this lab.")


class Lab(msgspec.Struct, frozen=True, kw_only=True):
    """A connector with its settings, made where nothing is outside."""

    manifest: Manifest[Any]
    settings: msgspec.Struct

    def connector(self) -> Any:
        surroundings = Surroundings(http=NoNetwork(), clock=ManualClock(0))
        return self.manifest.build(self.settings, surroundings)

    def secrets(self) -> list[str]:
        """The values of the settings that nobody may see."""
        values = (getattr(self.settings, name) for name in self.manifest.secrets)
        return [value for value in values if value]


class ConnectorLaws:
    """Inherit, set `lab`, and pytest runs the laws."""

    lab: Lab

    def test_it_declares_exactly_what_it_can_do(self) -> None:
        found = implemented(self.lab.connector())
        declared = self.lab.manifest.capabilities

        hold(not declared - found, f"Declared but not there: {sorted(declared - found)}")
        hold(not found - declared, f"There but not declared: {sorted(found - declared)}")

    def test_its_settings_are_shown_without_secrets(self) -> None:
        words = str(shown(self.lab.manifest, self.lab.settings))

        hold(not any(secret in words for secret in self.lab.secrets()), "A secret is shown.")
