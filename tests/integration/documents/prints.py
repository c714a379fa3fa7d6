"""Reads printed documents: texts with pypdf, bars with a scanner at printer resolution."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader

THERMAL_DPI = 203
LABEL_POINTS = (288.0, 432.0)  # 4 x 6 inches
A4_POINTS = (595.28, 841.89)
A5_POINTS = (419.53, 595.28)


def page_sizes(pdf: bytes) -> list[tuple[float, float]]:
    boxes = [page.mediabox for page in PdfReader(io.BytesIO(pdf)).pages]
    return [(round(float(box.width), 2), round(float(box.height), 2)) for box in boxes]


def page_texts(pdf: bytes) -> list[str]:
    """Each page's words with single spaces between them and no invisible break marks."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return [" ".join(page.extract_text().replace("\u200b", "").split()) for page in pages]


def scanned(pdf: bytes, folder: Path) -> list[set[str]]:
    """What a barcode scanner reads from each page as a 203 dpi printer would print it."""
    for program, package in (("pdftoppm", "poppler-utils"), ("zbarimg", "zbar-tools")):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: 'apt-get install {package}' to scan the print")
    (folder / "printed.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", str(THERMAL_DPI), "-mono", "printed.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True)
    return [_codes(picture) for picture in sorted(folder.glob("page-*.pbm"))]


def _codes(picture: Path) -> set[str]:
    found = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True, check=False
    )
    return set(found.stdout.split())
