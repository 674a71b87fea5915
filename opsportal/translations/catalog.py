"""A language's catalog against the texts of the source."""

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from opsportal.translations.sources import Text

PLACEHOLDERS = re.compile(r"%\(\w[^)]*\)[sd]|%[sd]|\{\w*\}")
Key = tuple[str, str]


def read(po: Path, locale: str) -> Catalog:
    if not po.exists():
        return Catalog(locale=locale, project="OpsPortal", domain="django", fuzzy=False)
    return read_po(io.BytesIO(po.read_bytes()), locale=locale, domain="django")


def template_of(texts: Iterable[Text]) -> Catalog:
    template = Catalog(domain="django", fuzzy=False)
    for text in texts:
        msgid = (text.msgid, text.plural) if text.plural else text.msgid
        template.add(msgid, locations=[(text.where, 0)], context=text.context or None)
    return template


def updated(catalog: Catalog, texts: Iterable[Text]) -> Catalog:
    """The same translations for exactly these texts; a changed text begins untranslated, never as a guess."""
    catalog.update(template_of(texts), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def po_bytes(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, include_lineno=False, sort_output=True, ignore_obsolete=True)
    return buffer.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def findings(catalog: Catalog, texts: Iterable[Text], mo: bytes) -> list[str]:
    """What is not in order, one line each; empty when the catalog is complete."""
    wanted = {_key(message): message for message in template_of(texts) if message.id}
    have = {_key(message): message for message in catalog if message.id}
    lines = [f"missing: {_shown(message)} ({message.locations[0][0]})" for key, message in wanted.items() if key not in have]
    lines += [f"obsolete: {_shown(message)}" for key, message in have.items() if key not in wanted]
    lines += [f"obsolete: {_shown(message)}" for message in catalog.obsolete.values()]
    for key, message in have.items():
        if key in wanted:
            lines += [f"{problem}: {_shown(message)}" for problem in _problems(message, wanted[key])]
    if mo != mo_bytes(catalog):
        lines.append("out of step: the .mo file was not compiled from this .po file")
    return lines


def is_translated(message: Message) -> bool:
    return all(_forms(message))


def _forms(message: Message) -> list[str]:
    given = message.string if isinstance(message.string, tuple | list) else [message.string]
    return [form or "" for form in given] or [""]


def _problems(message: Message, wanted: Message) -> Iterator[str]:
    given = _forms(message)
    if message.fuzzy:
        yield "fuzzy"
    if not all(given) or bool(message.pluralizable) != bool(wanted.pluralizable):
        yield "untranslated"
        return
    asked = [_placeholders(form) for form in ([wanted.id] if isinstance(wanted.id, str) else wanted.id)]
    for index, form in enumerate(given):
        # One form of a plural may leave the number out ("one household"), in either language.
        allowed = asked[min(index, len(asked) - 1)]
        used = _placeholders(form)
        if used != allowed and not (wanted.pluralizable and used <= asked[-1] | asked[0]):
            yield f"placeholders differ ({', '.join(sorted(used ^ allowed))})"


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDERS.findall(text.replace("%%", "")))


def _key(message: Message) -> Key:
    return (message.id if isinstance(message.id, str) else message.id[0], message.context or "")


def _shown(message: Message) -> str:
    return f"“{_key(message)[0]}”"
