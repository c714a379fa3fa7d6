"""All pages of the accountant."""

from typing import Final

from oms.web.invoices import books, document, table

PAGES: Final = (*table.PAGES, *books.PAGES, *document.PAGES)
