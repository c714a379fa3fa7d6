"""The published language between connectors and the system: messages, capabilities, errors.

Values and protocols only: no network, no database, no framework, no word about one platform.
"""

from typing import Final

CONTRACT_VERSION: Final = 1
"""Grows when a message loses or changes a field; a new optional field does not count."""
