"""The components' tags, rendered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from django.utils.html import strip_tags

from opsportal import components, relative
from opsportal.frame import Part
from opsportal.keyset import Page
from opsportal.samples import SampleForm

NOW = datetime(2026, 11, 20, 12, 12, 40, tzinfo=UTC)


def draw(source: str, request: HttpRequest | None = None, **context: Any) -> str:
    return engines["django"].from_string(source).render(context, request or RequestFactory().get("/ops/audit/?action=STOP&cursor=old"))


def words_of(html: str) -> str:
    return " ".join(strip_tags(html.replace("><", "> <")).split())


@pytest.mark.parametrize("tone", ["ok", "warn", "fail", "unknown", "off"])
def test_status_has_shape_and_word(tone: str) -> None:
    html = draw("{% status tone word %}", tone=tone, word="<open>")
    assert f"icons.svg#s-{tone}" in html
    assert words_of(html) == "&lt;open&gt;"


def test_icon_is_decoration_unless_it_has_a_label() -> None:
    assert draw('{% icon "stop" %}') == '<svg class="i" aria-hidden="true"><use href="/static/icons.svg#stop"/></svg>'
    assert 'role="img" aria-label="Stop"' in draw('{% icon "stop" "" "Stop" %}')


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=-4), "now"),
        (timedelta(seconds=-5), "5 seconds ago"),
        (timedelta(seconds=-60), "1 minute ago"),
        (timedelta(minutes=-59, seconds=-59), "59 minutes ago"),
        (timedelta(hours=-23), "23 hours ago"),
        (timedelta(hours=-24), "19 Nov, 09:12"),
        (timedelta(seconds=30), "in 30 seconds"),
        (timedelta(minutes=2), "in 2 minutes"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(days=2), "22 Nov, 09:12"),
    ],
)
def test_relative_words(away: timedelta, words: str) -> None:
    assert relative.words(NOW + away, NOW) == words


def test_when_holds_the_exact_time_in_the_teams_zone() -> None:
    with time_machine.travel(NOW, tick=False):
        html = draw("{% when value %}", value=NOW - timedelta(minutes=3))
    assert 'datetime="2026-11-20T12:09:40+00:00"' in html
    assert 'title="Friday 20 November 2026, 09:09:40 (America/Sao_Paulo)"' in html
    assert words_of(html) == "3 minutes ago"
    assert words_of(draw("{% when value %}", value=None)) == "never"


def test_dates_are_written_as_the_language_does() -> None:
    with translation.override("pt-br"):
        assert draw("{{ value|date }} {{ value|time }}", value=NOW) == "20 de novembro de 2026 09:12"
    assert draw("{{ value|date }} {{ value|time }}", value=NOW) == "20 November 2026 09:12"


def test_copyable_is_escaped_everywhere() -> None:
    html = draw("{% copyable value what %}", value='"><i>', what="invite")
    assert "<i>" not in html
    assert words_of(html) == "&quot;&gt;&lt;i&gt;"


def test_pager_keeps_the_filters_and_replaces_the_cursor() -> None:
    html = draw("{% pager page %}", page=Page([], "o", "n"))
    assert 'rel="prev" href="?action=STOP&amp;cursor=n"' in html
    assert 'rel="next" href="?action=STOP&amp;cursor=o"' in html
    assert draw("{% pager page %}", page=Page([], "", "")).strip() == ""


def test_chip_leads_to_the_page_with_it_or_without_it() -> None:
    request = RequestFactory().get("/ops/audit/?action=STOP&cursor=old&who=ana")
    assert components.chip(request, "Stop", action="STOP") == components.Chip("Stop", "?who=ana", on=True)
    assert components.chip(request, "Resume", action="RESUME") == components.Chip("Resume", "?who=ana&action=RESUME", on=False)
    alone = RequestFactory().get("/ops/audit/?action=STOP")
    assert components.chip(alone, "Stop", action="STOP").url == "/ops/audit/"


def test_diff_says_before_and_after() -> None:
    html = draw("{% diff changes %}", changes={"cap": [100, 120], "ends": [None, "<b>"], "on": [True, False], "note": ["", "x"], "same": [1, 1]})
    assert html.count("<del>") == 3
    assert html.count("<ins>") == 4
    words = words_of(html)
    assert words == "What changed Field Before After cap 100 120 ends nothing &lt;b&gt; on yes no note empty x same unchanged 1"


def test_part_is_drawn_with_its_own_context_over_the_pages() -> None:
    html = draw("{% part one %}{{ text }}", one=Part("components/notice.html", {"tone": "warn", "text": "inner"}), text="outer")
    assert words_of(html) == "inner outer"


def test_stepper_marks_where_one_is() -> None:
    html = draw("{% stepper steps 2 %}", steps=["A", "B", "C"])
    assert [html.count(f'class="is-{state}"') for state in ("done", "now", "later")] == [1, 1, 1]
    assert 'class="is-now" aria-current="step"' in html


CONFIRM = '{% confirm name="ask" heading="Stop?" action="/stop" act="STOP" safe="Keep" safe_url="/ops/" focus=focus opened=opened %}<p>inner</p>{% endconfirm %}'


@pytest.mark.parametrize(("focus", "focused"), [("safe", "Keep"), ("act", "STOP")])
def test_confirm_puts_the_focus_on_the_safe_choice(focus: str, focused: str) -> None:
    html = draw(CONFIRM, focus=focus, opened=False)
    assert html.count("autofocus") == 1
    assert html.split("autofocus>")[1].startswith(focused)
    assert "<p>inner</p>" in html
    assert 'name="csrfmiddlewaretoken"' in html


def test_confirm_is_open_where_there_is_no_javascript() -> None:
    assert 'aria-labelledby="ask-title" open>' in draw(CONFIRM, focus="safe", opened=True)
    assert 'aria-labelledby="ask-title">' in draw(CONFIRM, focus="safe", opened=False)


def test_form_ties_hints_and_errors_to_their_fields() -> None:
    html = draw("{{ form }}", form=SampleForm({"email": "ana", "uses": "5", "role": "cto", "who": "all", "note": "kept"}))
    assert html.count('value="ana"') == 1
    assert 'aria-invalid="true" aria-describedby="id_email_helptext id_email_error"' in html
    assert 'id="id_email_error"' in html
    assert 'id="id_email_helptext"' in html
    assert html.count("data-summary") == 1
    assert "One thing is to be put right. What you typed is kept." in words_of(html)
    assert '<a href="#id_email">Work email</a>' in html
    assert html.count('class="input"') == 4


def test_form_without_errors_has_no_summary() -> None:
    assert "data-summary" not in draw("{{ form }}", form=SampleForm())
