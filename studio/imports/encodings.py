"""The encoding of a text file of any size, found and checked in blocks."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from studio.errors import InputError

# What spreadsheets still write where they do not write UTF-8, in the order in which they are believed.
_ENCODINGS = ("gb18030", "big5", "shift_jis", "cp1252", "cp1251")
_BLOCK = 1 << 20
_SAMPLE = 1 << 18


@dataclass(frozen=True)
class TextEncoding:
    """The name of an encoding in which a whole file can be read, and whether it is a guess."""

    name: str
    guessed: bool = False


@dataclass(frozen=True)
class _Fault:
    """The first byte (its position counts from 0) that does not fit an encoding."""

    position: int
    reason: str


def text_encoding(file: BinaryIO) -> TextEncoding:
    """UTF-8 or UTF-16 where the file is that, else the old encoding that it looks like.

    Raises InputError for a file that is empty, is cut off in the middle of a character, or is in no encoding that can
    be recognised.
    """
    file.seek(0)
    head = file.read(_BLOCK)
    if len(head) < _BLOCK and not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise InputError(f"The file is empty ({len(head)} bytes). A CSV file with a row of column names is expected.")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(file, "utf-16")
    start = head[:8]
    for name, nul in (("utf-16-le", 1), ("utf-16-be", 0)):  # without its mark: ASCII shows as every other byte 0
        if len(start) == 8 and not any(start[nul::2]) and all(start[1 - nul :: 2]):
            return _checked(file, name)
    fault = _first_fault(file, "utf-8")
    if fault is None:
        return TextEncoding("utf-8")
    _refuse_mixed(file, fault)
    match = from_bytes(_sample(file, fault), cp_isolation=list(_ENCODINGS)).best()
    if match is None:
        raise InputError(
            "The file is neither UTF-8 nor in any encoding that could be recognised. Save it as “CSV UTF-8”."
        )
    return _checked(file, match.encoding, guessed=True)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(_BLOCK):
        yield block


def _first_fault(file: BinaryIO, name: str) -> _Fault | None:
    decoder = codecs.getincrementaldecoder(name)()
    read = 0
    try:
        for block in _blocks(file):
            waiting = len(decoder.getstate()[0])
            decoder.decode(block)
            read += len(block)
        waiting = len(decoder.getstate()[0])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return _Fault(read - waiting + error.start, error.reason)
    return None


def _checked(file: BinaryIO, name: str, *, guessed: bool = False) -> TextEncoding:
    fault = _first_fault(file, name)
    if fault is not None:
        raise InputError(
            f"The file looks like {name}, but byte {fault.position + 1} does not fit ({fault.reason}). "
            "It may be cut off; save it again as “CSV UTF-8”."
        )
    return TextEncoding(name, guessed)


def _refuse_mixed(file: BinaryIO, fault: _Fault) -> None:
    """Refuse a file that is UTF-8 but for some bytes: read in an old encoding, all its accents would turn to noise."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = others = 0
    for block in _blocks(file):
        text = decoder.decode(block)
        damaged = text.count("\ufffd")
        broken += damaged
        others += len(text) - len(text.encode("ascii", "ignore")) - damaged
    if others > broken:
        file.seek(fault.position)
        byte = file.read(1)[0]
        raise InputError(
            f"The file is UTF-8, but line {_line_of(file, fault.position)} holds a byte that is not (0x{byte:02X}). "
            "Correct it or save the file again as “CSV UTF-8”."
        )


def _line_of(file: BinaryIO, position: int) -> int:
    line, read = 1, 0
    for block in _blocks(file):
        if read + len(block) > position:
            return line + block.count(b"\n", 0, position - read)
        line, read = line + block.count(b"\n"), read + len(block)
    return line


def _sample(file: BinaryIO, fault: _Fault) -> bytes:
    """The lines with other letters than ASCII, from where the file stops being UTF-8: the others tell nothing."""
    start = max(0, fault.position - 1000)
    file.seek(start)
    data = file.read(_SAMPLE)
    data = data[data.rfind(b"\n", 0, fault.position - start) + 1 if start else 0 :]  # from the start of a line
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    whole = lines[:-1] if len(data) == _SAMPLE and len(lines) > 1 else lines
    return b"\n".join(whole)
