"""Which texts the source asks to be translated."""

import ast
import io
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract_python
from django.utils.translation import TranslatorCommentWarning
from django.utils.translation.template import templatize

# How many leading arguments are texts, and whether the first of them is a context.
CALLS: dict[str, tuple[int, bool]] = {
    "_": (1, False), "gettext": (1, False), "gettext_lazy": (1, False), "gettext_noop": (1, False),
    "ngettext": (2, False), "ngettext_lazy": (2, False), "pgettext": (2, True), "pgettext_lazy": (2, True),
    "npgettext": (3, True), "npgettext_lazy": (3, True),
    # opsportal/words.py
    "said": (1, False), "counted": (2, False),
}  # fmt: skip
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
SUFFIXES = {".html", ".txt"}
NOT_OURS = {"migrations", "tests", "bench", "static", "locale", "__pycache__"}


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text. `plural` and `context` are empty where there is none; `where` is the file it stands in."""

    msgid: str
    plural: str
    context: str
    where: str


def from_python(source: str, where: str) -> Iterator[Text]:
    """The texts of calls whose arguments are literal; others are translated elsewhere."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        count, has_context = CALLS.get(name, (0, False))
        words = [argument.value for argument in node.args[:count] if isinstance(argument, ast.Constant) and isinstance(argument.value, str)]
        if count and len(words) == count:
            context = words.pop(0) if has_context else ""
            yield Text(words[0], words[1] if len(words) > 1 else "", context, where)


def from_template(source: str, where: str) -> Iterator[Text]:
    """The texts of trans, translate, blocktrans, blocktranslate and `_()`, as Django's own lexer finds them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TranslatorCommentWarning)
        lines = templatize(source, origin=where).splitlines()
    for line in lines:
        for _line, function, words, _comments in extract_python(io.BytesIO(line.strip().encode()), KEYWORDS, [], {"encoding": "utf-8"}):  # type: ignore[arg-type]
            parts = [word for word in ([words] if isinstance(words, str) else words) if word]
            context = parts.pop(0) if function in ("pgettext", "npgettext") else ""
            yield Text(parts[0], parts[1] if function in ("ngettext", "npgettext") else "", context, where)


def collect(root: Path, folders: Iterable[str]) -> list[Text]:
    """All texts of the folders under `root`, in a stable order."""
    found: set[Text] = set()
    for path in sorted(path for folder in folders for path in (root / folder).rglob("*")):
        where = path.relative_to(root).as_posix()
        if not path.is_file() or NOT_OURS & set(path.relative_to(root).parts):
            continue
        if path.suffix == ".py":
            found |= set(from_python(path.read_text(), where))
        elif path.suffix in SUFFIXES:
            found |= set(from_template(path.read_text(), where))
    return sorted(text for text in found if text.msgid)
