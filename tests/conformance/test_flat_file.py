"""The flat-file connector obeys the laws of connectors that read files, in each of its forms."""

import gzip
from pathlib import Path

from connectors.marketplace.flat_file.connector import MANIFEST, FlatFileSettings
from connectors.testing.files import FileConnectorLaws, FileLab
from tests.unit.connectors.sheets import PLAIN, row, sheet
from tests.unit.connectors.test_flat_file_orders import EXAMPLE, EXAMPLE_FILE

SHOP = Path(__file__).parents[2] / "config" / "channels" / "uci_online_retail.toml"
SHOP_FILE = b"""\
invoice_no,invoiced_at,customer_id,country,stock_code,quantity,unit_price_mgbp,kind
700001,2010-12-24T10:00,4711,United Kingdom,10001A,6,2550,sale
700001,2010-12-24T10:01,4711,United Kingdom,10002,1,3390,sale
700001,2010-12-24T10:01,4711,United Kingdom,POST,2,18000,service
700003,2010-12-24T10:05,,EIRE,10001A,-10,0,stock_adjust
700002,2010-12-24T10:04,4712,Channel Islands,10003,1,7950,sale
C700004,2010-12-24T10:06,4711,United Kingdom,10001A,-2,2550,return
C700004,2010-12-24T10:06,4711,United Kingdom,D,-1,1000,service_credit
700002,2010-12-24T10:07,4712,Channel Islands,10004,3,0,free
A700005,2010-12-24T11:00,,United Kingdom,B,1,-11062060,bad_debt_adjust
700006,2010-12-24T11:01,4713,Unspecified,10005,1,850,sale
700007,2010-12-24T11:02,,Utopia,10005,1,850,sale
"""


def settings(layout: str) -> FlatFileSettings:
    return FlatFileSettings(layout=layout)


class TestTheExample(FileConnectorLaws):
    lab = FileLab(
        manifest=MANIFEST, settings=settings(EXAMPLE.read_text()), content=EXAMPLE_FILE, rows=5
    )


class TestInvoicesOfAShop(FileConnectorLaws):
    lab = FileLab(
        manifest=MANIFEST, settings=settings(SHOP.read_text()), content=SHOP_FILE, rows=11
    )


class TestManyOrdersInGzip(FileConnectorLaws):
    lab = FileLab(
        manifest=MANIFEST,
        settings=settings(PLAIN),
        content=gzip.compress(
            sheet(*(row(f"N{n}", qty=str(n % 7)) for n in range(600) for _ in range(n % 3 + 1))),
            mtime=0,
        ),
        rows=1200,
        name="orders.csv.gz",
    )


class TestLinesOfJson(FileConnectorLaws):
    lab = FileLab(
        manifest=MANIFEST,
        settings=settings(PLAIN + '[file]\nformat = "jsonl"'),
        content=b"".join(
            b'{"order": "%d", "at": "2026-11-21T10:00", "sku": "M", "qty": %d, "price": 2.5}\n'
            % (n // 2, n % 5 + 1)
            for n in range(40)
        ),
        rows=40,
        name="orders.jsonl",
    )
