import re

import time_machine

from review import actions
from tests.review.views.conftest import DAY, NOON, PAGE


def facts(response) -> list[str]:
    bar = response.content.decode().split('class="state"')[1].split("</ul>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", part).split()) for part in re.findall(rf'<a href="{PAGE}".*?</a>', bar, re.DOTALL)]


def test_every_page_leads_back_to_the_review_that_is_under_way(diego, begun, operator):
    assert facts(diego.get("/ops/beta/")) == []
    begun()
    actions.tick_line(actor=operator.actor, kind="morning", day=DAY, key="speed")
    assert facts(diego.get("/ops/beta/")) == ["Morning review 1 of 2"]
    actions.sign_review(actor=operator.actor, kind="morning", day=DAY, reason="The errors are known")
    assert facts(diego.get("/ops/beta/")) == []


def test_a_review_that_is_late_warns_in_the_bar(diego, begun):
    begun()
    with time_machine.travel(NOON.replace(hour=10), tick=False):
        bar = diego.get("/ops/beta/").content.decode().split(f'href="{PAGE}"')[1].split("</a>")[0]
    assert bar.count("is-warn") == 1
