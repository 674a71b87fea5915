"""A page's text → its JSON-LD scripts and its microdata items, in one pass and in time that grows with its length only.

libxml2 hands its events over and builds no tree: a tree of 200,000 attributes or of deeply nested elements takes it minutes.
Microdata: https://html.spec.whatwg.org/multipage/microdata.html (without itemref), each item in the shape that JSON-LD has.
"""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import webencodings
from lxml import etree

Node = dict[str, Any]

MOST_SCRIPTS = 200
DEEPEST = 2000
LONGEST_TEXT = 1000
_BLANK = re.compile(r"\s+")
_TYPE = "application/ld+json"
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE)
_MARKS = [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be")]
_LINKS = {"a": "href", "area": "href", "link": "href", "audio": "src", "embed": "src", "iframe": "src", "img": "src", "source": "src"}
_LINKS |= {"track": "src", "video": "src", "object": "data", "data": "value", "meter": "value", "time": "datetime"}


@dataclass(slots=True)
class Markup:
    """Texts of the JSON-LD scripts, and the microdata items that stand in no other item."""

    scripts: list[str] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)


def decode(body: bytes, content_type: str) -> str:
    """The text, by the byte order mark, the header, the page's own word, UTF-8 and Windows-1252: the first that fits without an error."""
    labels = [found.group(1) for found in [_HEADER.search(content_type)] if found]
    labels += [found.group(1).decode("ascii") for found in [_META.search(body[:4096])] if found]
    named = [encoding for encoding in map(webencodings.lookup, labels) if encoding and encoding.name not in ("replacement", "x-user-defined")]
    marked = [webencodings.lookup(name) for mark, name in _MARKS if body.startswith(mark)]
    for encoding in [*marked, *named, webencodings.UTF8]:
        try:
            return str(webencodings.decode(body, encoding, errors="strict")[0])
        except (UnicodeError, LookupError):
            continue
    return body.decode("windows-1252", "replace")


def read_markup(text: str) -> Markup:
    """Whatever can be found; broken markup is read as far as it goes."""
    target = _Target()
    # Surrogates have no place in UTF-8; a page that holds some is broken there only.
    parser = etree.HTMLParser(target=target, encoding="utf-8")
    with suppress(etree.LxmlError):
        etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    return target.found


@dataclass(slots=True)
class _Element:
    tag: str
    item: Node | None
    properties: list[str]
    owner: Node | None
    text: list[str]


class _Target:
    """Takes libxml2's events. Only elements that matter are kept: items, properties, scripts."""

    def __init__(self) -> None:
        self.found = Markup()
        self._depth = 0
        # (depth, element) of what is open.
        self._open: list[tuple[int, _Element]] = []
        self._script: list[str] | None = None

    def start(self, tag: str, attributes: Any) -> None:
        self._depth += 1
        if tag == "script":
            kind = attributes.get("type", "").partition(";")[0].strip().lower()
            self._script = [] if kind == _TYPE and len(self.found.scripts) < MOST_SCRIPTS else None
        is_item = "itemscope" in attributes
        if not is_item and "itemprop" not in attributes:
            return
        within = self._open[-1][1] if self._open else None
        owner = (within.owner if within.item is None else within.item) if within else None
        properties = attributes.get("itemprop", "").split() if owner is not None else []
        if len(self._open) < DEEPEST and (is_item or properties):
            self._begin(tag, attributes, owner, properties, is_item=is_item)

    def _begin(self, tag: str, attributes: Any, owner: Node | None, properties: list[str], *, is_item: bool) -> None:
        if is_item:
            item: Node = {"@type": attributes.get("itemtype", "").split()}
            if attributes.get("itemid"):
                item["@id"] = attributes["itemid"]
            self._open.append((self._depth, _Element(tag, item, [], None, [])))
            if properties and owner is not None:
                _add(owner, properties, item)
            elif owner is None:
                self.found.items.append(item)
            return
        value = attributes.get("content")
        if value is None and tag in _LINKS:
            value = attributes.get(_LINKS[tag])
        if value is not None:
            _add(owner, properties, value)
        else:
            self._open.append((self._depth, _Element(tag, None, properties, owner, [])))

    def data(self, text: str) -> None:
        if self._script is not None:
            self._script.append(text)
        # The innermost one; what closes hands its text on.
        elif self._open and self._open[-1][1].item is None:
            self._open[-1][1].text.append(text)

    def end(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            self.found.scripts.append("".join(self._script))
            self._script = None
        while self._open and self._open[-1][0] >= self._depth:
            self._close(self._open.pop()[1])
        self._depth -= 1

    def _close(self, element: _Element) -> None:
        if element.item is None:
            # Cut, so that what is nested deeply isn't copied again and again.
            text = "".join(element.text)[:LONGEST_TEXT]
            _add(element.owner, element.properties, _BLANK.sub(" ", text).strip())
            if self._open and self._open[-1][1].item is None:
                self._open[-1][1].text.append(text)

    def comment(self, text: str) -> None:
        pass

    def close(self) -> None:
        while self._open:
            self._close(self._open.pop()[1])


def _add(owner: Node | None, properties: list[str], value: Any) -> None:
    if owner is not None:
        for name in properties[:10]:
            # JSON-LD's own words are no names of properties.
            if not name.startswith("@"):
                owner.setdefault(name.rpartition("/")[2], []).append(value)
