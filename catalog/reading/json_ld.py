"""JSON-LD scripts → nodes. One broken script never spoils the others.

Stores write comments, trailing commas and single quotes into them: JSON5 (https://spec.json5.org) allows these, and is tried
second. Line breaks within texts are let pass, CDATA and HTML comments around the script are cut off.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import pyjson5

from catalog.reading.markup import Node

DEEPEST = 40
MOST_NODES = 20_000
_FOLLOWED = {"offers", "offer", "hasVariant", "priceSpecification", "mainEntity", "mainEntityOfPage", "itemOffered", "@graph"}
_WRAPPING = re.compile(r"^\s*(?://|/\*)?\s*(?:<!\[CDATA\[|<!--)\s*(?:\*/)?|(?://|/\*)?\s*(?:\]\]>|-->)\s*(?:\*/)?\s*;?\s*$|;\s*$")


def read_scripts(scripts: Iterable[str]) -> tuple[list[Node], int]:
    """The nodes at the top of all scripts, and how many scripts could not be read at all."""
    roots: list[Any] = []
    broken = 0
    for script in scripts:
        if not script.strip():
            continue
        root = _parsed(script)
        if root is None:
            broken += 1
        roots.append(root)
    known: dict[str, Node] = {}
    for node in _every(roots):
        if isinstance(name := node.get("@id"), str) and len(node) > len(known.get(name, ())):
            known[name] = node
    joiner = _Joiner(known)
    return [joiner.join(node) for root in roots for node in _top(root)], broken


def walk(value: Any, step: Callable[[Node], Iterable[Any]]) -> Iterator[Node]:
    """Objects within lists within …, in order; `step` says what of an object is looked into. Bounded, whatever the nesting."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    seen = 0
    while waiting and seen < MOST_NODES:
        one, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST:
            continue
        if isinstance(one, list):
            waiting.extend((inner, depth + 1) for inner in reversed(one[:MOST_NODES]))
        elif isinstance(one, dict):
            yield one
            waiting.extend((inner, depth + 1) for inner in reversed(list(step(one))))


def _every(roots: list[Any]) -> Iterator[Node]:
    return walk(roots, lambda node: [inner for inner in node.values() if isinstance(inner, dict | list)])


def _top(root: Any) -> Iterator[Node]:
    return walk(root, lambda node: [node["@graph"]] if "@graph" in node else [])


class _Joiner:
    """Puts in its place what a node only points to (`{"@id": "#offer"}`). Four steps deep, which is group, product, offer, price,
    and so many nodes in all: nodes that point to each other a thousand times would never come to an end."""

    def __init__(self, known: dict[str, Node]) -> None:
        self._known, self._left = known, MOST_NODES

    def join(self, node: Node, depth: int = 0) -> Node:
        self._left -= 1
        if depth >= 4 or self._left <= 0:
            return node
        return {key: self._put(value, depth) if key in _FOLLOWED else value for key, value in node.items()}

    def _put(self, value: Any, depth: int) -> Any:
        if isinstance(value, list):
            return [self._put(one, depth) for one in value[:1000]] if self._left > 0 else value
        if isinstance(value, dict):
            name = value.get("@id")
            return self.join(self._known.get(name, value) if isinstance(name, str) and len(value) == 1 else value, depth + 1)
        return value


def _parsed(script: str) -> Any:
    bare = _WRAPPING.sub("", _WRAPPING.sub("", script)).strip().removeprefix("﻿")
    for text in dict.fromkeys([script, bare, html.unescape(bare)]):
        for read in (_json, _json5):
            try:
                return read(text)
            # Decimal overflows with the first, pyjson5 has errors of its own.
            except (ValueError, RecursionError, InvalidOperation, pyjson5.Json5Exception, ArithmeticError):
                continue
    return None


def _json(text: str) -> Any:
    return json.loads(text, strict=False, parse_float=Decimal, parse_int=Decimal, parse_constant=lambda _word: None)


def _json5(text: str) -> Any:
    return pyjson5.decode(text, maxdepth=200)
