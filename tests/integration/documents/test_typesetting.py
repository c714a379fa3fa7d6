"""The typesetter is shared between threads and tells its failures in words."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from oms.platform.pdf import TEXT_MAX, DocumentFailed, Picture, Template
from tests.integration.documents.prints import page_texts


def template(folder: Path, text: str) -> Template:
    path = folder / "sheet.typ"
    path.write_text(text, encoding="utf-8")
    return Template(path)


def test_facts_and_pictures_reach_the_page(tmp_path: Path) -> None:
    sheet = template(
        tmp_path,
        "#let facts = json(bytes(sys.inputs.facts))\n"
        "#let drawn = json(bytes(sys.inputs.pictures)).at(facts.picture)\n"
        '#image(bytes(drawn.svg), format: "svg", width: drawn.width * 1pt)\n'
        "#facts.words",
    )
    picture = Picture('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 9)

    pdf = sheet.pdf({"words": "Terima kasih", "picture": "mark"}, {"mark": picture})

    assert page_texts(pdf) == ["Terima kasih"]


def test_a_template_that_fails_says_what_and_where(tmp_path: Path) -> None:
    sheet = template(tmp_path, "#json(bytes(sys.inputs.facts)).total")

    with pytest.raises(DocumentFailed) as failure:
        sheet.pdf({"sum": 1})

    assert "sheet.typ" in failure.value.sentence
    assert '"total"' in failure.value.sentence
    assert sheet.pdf({"total": "fine now"})


def test_threads_may_share_a_template(tmp_path: Path) -> None:
    sheet = template(tmp_path, "#json(bytes(sys.inputs.facts)).words")

    with ThreadPoolExecutor(4) as threads:
        pdfs = list(threads.map(lambda n: sheet.pdf({"words": f"number {n}"}), range(24)))

    assert [page_texts(pdf) for pdf in pdfs] == [[f"number {n}"] for n in range(24)]


def test_a_text_without_end_is_cut(tmp_path: Path) -> None:
    sheet = template(tmp_path, "#set page(height: auto)\n#json(bytes(sys.inputs.facts)).words")

    [text] = page_texts(sheet.pdf({"words": "ab " * 50_000}))

    assert len(text) <= TEXT_MAX
    assert text.endswith("…")


def test_a_template_cannot_read_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.txt").write_text("do not print", encoding="utf-8")
    sheet = template(tmp_path / "inside", '#read("../secret.txt")')

    with pytest.raises(DocumentFailed):
        sheet.pdf({})
