"""Templates compile, and hold nothing that the Content-Security-Policy would refuse."""

import re
from pathlib import Path

import pytest
from django.template import TemplateSyntaxError, engines

from tests.architecture.source import APPS, ROOT

TEMPLATES = sorted(path for folder in ("templates", *APPS) for path in (ROOT / folder).rglob("*.html") if "node_modules" not in path.parts)
INLINE = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "inline style": re.compile(r"<style\b|<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE),
    "inline handler": re.compile(r"<[a-z][^<>]*\son[a-z]+\s*=|href\s*=\s*[\"']?javascript:", re.IGNORECASE),
    "third party": re.compile(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE),
}


def refused(source: str) -> list[str]:
    return [name for name, pattern in INLINE.items() if pattern.search(source)]


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in TEMPLATES])
def test_template_compiles_and_holds_nothing_inline(path: Path):
    source = path.read_text()
    engines["django"].from_string(source)
    assert refused(source) == []


def test_the_template_check_finds_a_planted_violation():
    assert refused('<script>alert(1)</script><script src="/static/a.js"></script>') == ["inline script"]
    assert refused('<p class="a" style="color: red">') == ["inline style"]
    assert refused('<button type="submit" onclick="go()">') == ["inline handler"]
    assert refused('<script src="https://cdn.example/htmx.js"></script>') == ["third party"]
    assert refused('<p class="a" data-on="x" hx-on="y">{% if x %}only one = a{% endif %}</p>') == []
    with pytest.raises(TemplateSyntaxError):
        engines["django"].from_string("{% if %}")
