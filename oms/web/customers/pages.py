"""All pages about customers."""

from typing import Final

from oms.web.customers import profile, table

PAGES: Final = (*table.PAGES, *profile.PAGES)
