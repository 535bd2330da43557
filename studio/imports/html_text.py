"""HTML of product descriptions as plain text."""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser

_LINES = frozenset(("p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section"))
_UNSEEN = frozenset(("script", "style", "head", "template"))
_MARKUP = re.compile(r"<[a-zA-Z/!]|&[a-zA-Z#]\w+;")


@lru_cache(maxsize=256)  # the variants of a product repeat its description, row after row
def text_of(html: str) -> str:
    """The words of `html`, a line for each paragraph, list item and line break; text without markup as it is."""
    if not _MARKUP.search(html):
        return html
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line not in ("", "•"))


class _Reader(HTMLParser):
    """Collects the texts that a browser would show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _LINES:
            self.pieces.append("\n• " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LINES:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _LINES:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data.replace("\n", " ").replace("\xa0", " "))
