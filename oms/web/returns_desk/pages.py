"""All pages about goods coming back."""

from typing import Final

from oms.web.returns_desk import asking, table
from oms.web.returns_desk.desk import ReturnDesk
from oms.web.returns_desk.moves import ReturnMoves

PAGES: Final = (*table.PAGES, *asking.PAGES, ReturnDesk, ReturnMoves)
