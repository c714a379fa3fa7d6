"""Turns the bytes of a file, gzipped or not and in any encoding, into numbered lines of text.

Knows nothing of columns. A line that is no text is passed on with what is wrong with it, and a
file that breaks off gives every line before the break.
"""

import codecs
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from connectors.contract.errors import Unreadable
from connectors.marketplace.flat_file.complaints import Complaint
from connectors.marketplace.flat_file.layout import FilePart

BLOCK_BYTES: Final = 262_144
LINE_BYTES_MAX: Final = 131_072  # the csv module's own limit for one cell
KEPT_BYTES: Final = 8_192  # of a longer line: enough to recognise it, little enough to store

_GZIP: Final = b"\x1f\x8b"
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\v\f\r"))  # text has no use for these
_LOST: Final = "\N{REPLACEMENT CHARACTER}".encode()

# A longer mark stands before one that begins like it.
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT: Final = (
    (b"PK\x03\x04", "a spreadsheet or zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard"),
)

_TOO_LONG: Final = Complaint(
    "row.too_long",
    f"This row is longer than {LINE_BYTES_MAX // 1024} KiB.",
    "Look for a missing line end or a closing quotation mark before it.",
)
BINARY: Final = Complaint(
    "row.binary",
    "This row holds control characters (such as NUL), so it is no text.",
    "Export the file again, or mend this row by hand.",
)
_CUT_OFF: Final = Complaint(
    "file.cut_off",
    "The compressed file ends in the middle.",
    "Copy it again and read it again: what is already in will be recognised.",
)
_DAMAGED: Final = Complaint(
    "file.damaged",
    "The compressed file is damaged from here on.",
    "Copy it again and read it again: what is already in will be recognised.",
)


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line with its line end. `crc` covers the file up to its end.

    `complaint` says why it is no text; `left_out` counts bytes of it that were not kept. A line
    that is too long or broken off is not `is_whole`: its last cell is not to be trusted.
    """

    number: int
    text: str
    crc: int
    complaint: Complaint | None = None
    left_out: int = 0
    is_whole: bool = True


def holds_controls(text: str) -> bool:
    """Whether there is something in `text` that no text has, and PostgreSQL will not keep."""
    raw = text.encode()
    return len(raw.translate(None, _CONTROLS)) != len(raw)


class _Broken(Exception):
    """The compressed bytes make no more sense."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.sentence)
        self.complaint = complaint


class LineSource:
    """Iterate once over the lines of `opened`; afterwards `damage` says if the file broke off."""

    def __init__(self, opened: BinaryIO, part: FilePart, name: str) -> None:
        self.damage: Complaint | None = None
        self._blocks = _blocks_of(opened)
        self._part = part
        self._is_transcoded = False
        self._name = name

    def __iter__(self) -> Iterator[Line]:
        encoding, blocks = self._decided()
        crc = 0
        for number, (raw, left_out) in enumerate(self._raw_lines(blocks), 1):
            crc = zlib.crc32(raw, crc)
            complaint = None
            try:
                text = raw.decode(encoding)
            except UnicodeError:
                text, complaint = self._second_try(raw, encoding)
            is_cut = self.damage is not None and not raw.endswith(b"\n")
            if left_out:
                complaint = _TOO_LONG
            elif is_cut:
                complaint = self.damage
            elif self._is_transcoded and _LOST in raw:
                complaint = self._not_text(self._part.encoding)
            elif len(raw.translate(None, _CONTROLS)) != len(raw):
                complaint = BINARY
            yield Line(number, text, crc, complaint, left_out, not (left_out or is_cut))

    def _decided(self) -> tuple[str, Iterator[bytes]]:
        """The encoding, and blocks in which a line feed is one byte."""
        first = self._first_block()
        for magic, what in _NOT_TEXT:
            if first.startswith(magic):
                raise Unreadable(
                    "file.not_text",
                    f"{self._name} is {what}, not a text file.",
                    "Save it as CSV (UTF-8) and read that.",
                )
        encoding = self._part.encoding
        for mark, marked in _BYTE_ORDER_MARKS:
            if first.startswith(mark):
                first = first.removeprefix(mark) if marked == "utf-8" else first
                encoding = marked
                break
        blocks = _chained(first, self._blocks)
        if "\n,a".encode(encoding) == b"\n,a":
            return encoding, blocks
        self._is_transcoded = True
        return "utf-8", _as_utf8(blocks, encoding)

    def _first_block(self) -> bytes:
        try:
            first = next(self._blocks, b"")
        except _Broken as broken:
            raise Unreadable(
                broken.complaint.code,
                f"{self._name}: {broken.complaint.sentence}",
                broken.complaint.remedy,
            ) from None
        if not first:
            raise Unreadable(
                "file.empty", f"{self._name} is empty.", "Export it again, with its header row."
            )
        return first

    def _raw_lines(self, blocks: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
        tail, left_out = b"", 0
        for new in self._until_broken(blocks):
            block = new
            if left_out:  # inside a line too long: skip to its end
                end = block.find(b"\n") + 1
                left_out += end or len(block)
                if not end:
                    continue
                yield tail, left_out
                tail, left_out, block = b"", 0, block[end:]
            lines = (tail + block).splitlines(keepends=True)
            tail = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
            for line in lines:
                yield _bounded(line)
            if len(tail) > LINE_BYTES_MAX:
                tail, left_out = _bounded(tail)
        if tail:
            yield (tail, left_out) if left_out else _bounded(tail)

    def _until_broken(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from blocks
        except _Broken as broken:
            self.damage = broken.complaint

    def _second_try(self, raw: bytes, encoding: str) -> tuple[str, Complaint | None]:
        fallback = self._part.fallback_encoding
        if fallback:
            try:
                return raw.decode(fallback), None
            except UnicodeError:
                pass
        return raw.decode("ascii", "backslashreplace"), self._not_text(encoding)

    def _not_text(self, encoding: str) -> Complaint:
        remedy = (
            "Mend the row, or export the file again."
            if self._part.fallback_encoding
            else 'If a Windows program wrote the file, set fallback_encoding = "cp1252".'
        )
        return Complaint("row.encoding", f"This row is not {encoding.upper()} text.", remedy)


def _blocks_of(opened: BinaryIO) -> Iterator[bytes]:
    first = opened.read(BLOCK_BYTES)
    chunks = _chained(first, iter(lambda: opened.read(BLOCK_BYTES), b""))
    return _unzipped(chunks) if first.startswith(_GZIP) else chunks


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _unzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of all members of a gzip file, never more than one block in memory at once."""
    engine = zlib.decompressobj(wbits=31)
    try:
        for new in chunks:
            chunk = new
            while chunk:
                if engine.eof:  # another member follows, or zeros that some tools pad with
                    chunk = chunk.lstrip(b"\0")
                    if not chunk:
                        break
                    engine = zlib.decompressobj(wbits=31)
                block = engine.decompress(chunk, BLOCK_BYTES)
                if block:
                    yield block
                chunk = engine.unused_data if engine.eof else engine.unconsumed_tail
        while not engine.eof and (block := engine.decompress(b"", BLOCK_BYTES)):
            yield block
    except zlib.error:
        raise _Broken(_DAMAGED) from None
    if not engine.eof:
        raise _Broken(_CUT_OFF)


def _as_utf8(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decode = codecs.getincrementaldecoder(encoding)("replace").decode
    for block in blocks:
        yield decode(block).encode("utf-8")
    yield decode(b"", True).encode("utf-8")


def _bounded(line: bytes) -> tuple[bytes, int]:
    if len(line) <= LINE_BYTES_MAX:
        return line, 0
    return line[:KEPT_BYTES], len(line) - KEPT_BYTES
