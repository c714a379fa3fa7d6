"""Room for longer languages: with every text a third longer and accented, nothing sticks out."""

import pytest

from tests.browser.checks import expect_fits
from tests.browser.conftest import Shop, Visit

LENGTHEN = """() => {
  const accents = {a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', A: 'Á', E: 'É', O: 'Ó', n: 'ñ', c: 'ç'};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const isSaid = !text.parentElement.closest('script, style, template');
    if (!isSaid || !/[a-z]{2}/i.test(text.data)) continue;
    const words = text.data.replace(/[aeiouAEOnc]/g, (letter) => accents[letter] ?? letter);
    text.data = words + ' éxtrá'.repeat(Math.ceil(words.trim().length * 0.35 / 6));
  }
}"""


@pytest.mark.parametrize("path", ["/orders?view=all", "/account", "/today"])
def test_longer_words_fit_on_the_merchants_pages(visit: Visit, path: str) -> None:
    page = visit(path, "merchant")
    page.evaluate(LENGTHEN)
    expect_fits(page)


def test_longer_words_fit_on_pages_for_everybody(visit: Visit, shop: Shop) -> None:
    page = visit("/sign-in")
    for path in ("/sign-in", shop.customer_path, f"{shop.customer_path}/return"):
        page.goto(path)
        page.evaluate(LENGTHEN)
        expect_fits(page)
