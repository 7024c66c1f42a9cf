"""A web page as a tree, for the few platforms that show their posts as pages: elements by class, and their text."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

_EMPTY = frozenset({"br", "img", "meta", "link", "input", "hr", "source", "wbr", "path", "col"})
_SILENT = frozenset({"script", "style"})


class Element:
    """An element: its attributes, and what stands in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.classes = frozenset(attributes.get("class", "").split())
        self.inside: list[Element | str] = []

    def walk(self) -> Iterator[Element | str]:
        """Yield everything in it in the order of the page; no depth is too deep."""
        waiting = self.inside[::-1]
        while waiting:
            yield (one := waiting.pop())
            if isinstance(one, Element):
                waiting += one.inside[::-1]

    def all(self, name: str) -> Iterator[Element]:
        """Yield the elements of a class."""
        return (one for one in self.walk() if isinstance(one, Element) and name in one.classes)

    def first(self, *names: str) -> Element | None:
        """Return the first element of the first class that is there."""
        return next((one for name in names for one in self.all(name)), None)

    def text(self) -> str:
        """Return what is to be read in it, line breaks kept."""
        parts = ("\n" if not isinstance(one, str) and one.tag == "br" else one for one in self.walk())
        return "".join(part for part in parts if isinstance(part, str)).replace("\xa0", " ").strip()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Element("page", {})
        self.open = [self.page]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in _EMPTY:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self.open[:0:-1]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open[-1].tag not in _SILENT:
            self.open[-1].inside.append(data)


def parse(body: bytes) -> Element:
    """Return a page as a tree; what nobody closed ends with what it stands in."""
    builder = _Builder()
    builder.feed(body.decode("utf-8", "replace"))
    builder.close()
    return builder.page
