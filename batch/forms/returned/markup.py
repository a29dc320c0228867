"""The markup of a workbook's parts, edited where it stands: what is not touched stays, byte for byte.

A real parser (expat) says which elements there are and where they begin and end; text is replaced between those places.
What is written in an uncommon way (prefixes on the main names, another encoding) is :class:`Unusual`, and left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers.expat import ParserCreate
from xml.sax.saxutils import quoteattr

_HEAD = re.compile(rb"<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>")


class Unusual(Exception):
    """A workbook that is not edited in place: another way has to be found."""


@dataclass(slots=True)
class Element:
    """An element: its name as written, its attributes, what lies in it, and where it begins and ends.

    ``text`` is what stands right in it and in elements that are not listed themselves.
    """

    name: str
    attributes: dict[str, str]
    start: int
    closing: int = 0  # where its end tag begins; of one without an end tag, where it ends
    text: str = ""
    children: list[Element] = field(default_factory=list)


class Part:
    """A part whose root element has a name without a prefix, in a namespace. ``listed``: elements to know of, by name."""

    def __init__(self, xml: bytes, root: str, namespace: str, listed: Collection[str], with_text: bool = False) -> None:
        self._xml = xml
        self._edits: list[tuple[int, int, bytes]] = []
        self._by_name: dict[str, list[Element]] = {}
        self.root = self._parsed(listed, with_text)
        if (self.root.name, self.root.attributes.get("xmlns")) != (root, namespace):
            raise Unusual(self.root.name)

    def _parsed(self, listed: Collection[str], with_text: bool) -> Element:
        parser, by_name = ParserCreate(), self._by_name
        parser.buffer_text = True
        inside, depths = [Element("", {}, 0)], [0]
        depth = 0

        def declared(_version: str, encoding: str | None, _standalone: int) -> None:
            if encoding is not None and encoding.casefold() != "utf-8":
                raise Unusual(encoding)

        def begins(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth <= 2 or name in listed:
                element = Element(name, attributes, parser.CurrentByteIndex)
                inside[-1].children.append(element)
                by_name.setdefault(name, []).append(element)
                inside.append(element)
                depths.append(depth)

        def ends(_name: str) -> None:
            nonlocal depth
            if depths[-1] == depth:
                inside.pop().closing = parser.CurrentByteIndex
                depths.pop()
            depth -= 1

        def says(text: str) -> None:
            inside[-1].text += text

        parser.XmlDeclHandler = declared
        parser.StartElementHandler, parser.EndElementHandler = begins, ends
        parser.CharacterDataHandler = says if with_text else None
        try:
            parser.Parse(self._xml, True)
        finally:  # it holds them, and they hold it: apart, all goes at once and not with the next collection
            parser.XmlDeclHandler = parser.StartElementHandler = parser.EndElementHandler = None
            parser.CharacterDataHandler = None
        return inside[0].children[0]

    def all(self, name: str) -> Sequence[Element]:
        """Every listed element of that name, in order."""
        return self._by_name.get(name, ())

    def child(self, name: str) -> Element | None:
        """The element of that name right below the root; :class:`Unusual` if there are several."""
        found = [child for child in self.root.children if child.name == name]
        if len(found) > 1:
            raise Unusual(name)
        return found[0] if found else None

    def needed(self, name: str) -> Element:
        """The same; :class:`Unusual` if there is none."""
        if (found := self.child(name)) is None:
            raise Unusual(name)
        return found

    def source(self, element: Element) -> bytes:
        """An element as it is written."""
        return self._xml[element.start : self.end(element)]

    def end(self, element: Element) -> int:
        """Where an element ends."""
        return element.closing if self._is_empty(element) else self._xml.index(b">", element.closing) + 1

    def _head(self, element: Element) -> bytes:
        found = _HEAD.match(self._xml, element.start)
        if found is None:
            raise Unusual(element.name)
        return found[0]

    def _is_empty(self, element: Element) -> bool:
        return self._head(element).endswith(b"/>")

    # --- edits ----------------------------------------------------------------------------------------------------

    def insert(self, at: int, xml: bytes) -> None:
        """Put something before a place."""
        self._edits.append((at, at, xml))

    def replace(self, element: Element, xml: bytes) -> None:
        """Put something in the place of an element."""
        self._edits.append((element.start, self.end(element), xml))

    def change(self, element: Element, values: Mapping[str, str | None], inside: bytes = b"") -> None:
        """Give an element other attributes (None: take it away), and more ``inside`` it at its end."""
        empty, end = self._is_empty(element), element.start + len(self._head(element))
        tag = _tag(element, values)
        if inside and empty:
            self._edits.append((element.start, end, tag + b">" + inside + f"</{element.name}>".encode()))
            return
        self._edits.append((element.start, end, tag + (b"/>" if empty else b">")))
        if inside:
            self.insert(element.closing, inside)

    def copy(self, element: Element, values: Mapping[str, str | None]) -> bytes:
        """An element as it is written, with other attributes."""
        rest = self.source(element)[len(self._head(element)) :]
        return _tag(element, values) + (b"/>" if self._is_empty(element) else b">") + rest

    def edited(self) -> bytes:
        """The part with all edits."""
        pieces, done = [], 0
        for start, end, xml in sorted(self._edits, key=lambda edit: edit[:2]):
            if start < done:
                raise Unusual("edits that overlap")
            pieces += [self._xml[done:start], xml]
            done = end
        return b"".join((*pieces, self._xml[done:]))


def _tag(element: Element, values: Mapping[str, str | None]) -> bytes:
    """The beginning of an element's tag, with other attributes."""
    attributes = {**element.attributes, **values}.items()
    return (f"<{element.name}" + "".join(f" {k}={quoteattr(v)}" for k, v in attributes if v is not None)).encode()
