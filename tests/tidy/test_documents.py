"""Documents say what is so: generated ones are fresh, links lead somewhere, choices are argued."""

import re
from pathlib import Path

import pytest

from tests.tidy.project import ROOT, expect_none, texts
from tools import generate_docs

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")
SECTIONS = ("## What we chose", "## What else was considered", "## What follows")


@pytest.mark.parametrize("document", generate_docs.DOCUMENTS, ids=lambda each: str(each.path))
def test_a_generated_document_is_fresh(document: generate_docs.Document) -> None:
    path = ROOT / document.path
    written = path.read_text() if path.is_file() else ""

    if written != document.render():
        pytest.fail(f"Run 'make docs': {document.path} is out of date.", pytrace=False)


def test_links_between_documents_lead_somewhere() -> None:
    expect_none(
        (
            f"{path} → {target}"
            for path, text in texts()
            if path.suffix == ".md"
            for match in LINK.finditer(text)
            if "://" not in (target := match[1] or match[2])
            and not target.startswith("mailto:")
            and not ((ROOT / path).parent / target).exists()
        ),
        "Mend the link or write what it promises:",
    )


def test_every_decision_names_what_else_was_considered() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    expect_none(
        (
            f"{page.relative_to(ROOT)} has no '{section}'"
            for page in pages
            for section in SECTIONS
            if section not in page.read_text()
        ),
        "A choice without its alternatives cannot be judged later. Add the section:",
    )
    assert [_number(page) for page in pages] == list(range(1, len(pages) + 1)), (
        "Number the pages of docs/decisions without gaps or repeats."
    )


def _number(page: Path) -> int:
    return int(page.name.partition("-")[0])
