"""The guide to importing tells every message there is, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"\b((?:row|cell|order|file|cursor|layout)\.[a-z_]+)\b")


def test_every_message_stands_in_the_guide_and_none_that_is_gone() -> None:
    modules = (ROOT / "connectors" / "marketplace" / "flat_file").glob("*.py")
    told = {
        code for module in modules for code in re.findall(f'"{CODE.pattern}"', module.read_text())
    }
    guide = re.findall(f"`{CODE.pattern}`", (ROOT / "docs" / "import.md").read_text())

    assert sorted(guide) == sorted(told)
