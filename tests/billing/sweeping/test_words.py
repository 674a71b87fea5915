"""Every kind of finding has its sentence, what to do, and why it closed."""

import re
from pathlib import Path
from typing import Any

import pytest

from billing.models import Finding
from billing.states import FindingKind
from billing.sweeping import statements, words
from billing.sweeping.mismatches import look_at_changed
from tests.billing.sweeping.test_mismatches import CASES

CLOSED_ELSEWHERE = {"reconciled"}


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__.strip("_"))
def test_finding_of_the_sweep_has_its_sentence(case: Any) -> None:
    case()
    look_at_changed()
    for finding in Finding.objects.all():
        assert not re.search(r"%\(|None|–", words.said(finding)), words.said(finding)
        assert words.proposed(finding)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"what": "unknown"}, "Stripe does not know pi_1, which stands here."),
        ({"what": "state", "ours": "approved", "said": "rejected"}, "pi_1 is rejected at Stripe; here it is approved."),
        (
            {"what": "amount", "ours": 2990, "said": 1990, "said_currency": "BRL", "currency": "BRL"},
            "pi_1 is of R$19.90 at Stripe; here it is R$29.90.",
        ),
    ],
)
def test_what_the_provider_says_otherwise_has_its_sentence(facts: dict[str, Any], said: str) -> None:
    finding = Finding(kind=FindingKind.PROVIDER_DIFFERS, facts={"provider": "stripe", "payment": "pi_1", **facts})
    assert words.said(finding) == said


def test_words_cover_every_kind_and_every_reason() -> None:
    assert set(words.SENTENCES) == set(words.PROPOSED) == set(FindingKind)
    assert {*statements.KINDS, "provider_differs"} == set(FindingKind.values)
    text = Path(statements.__file__).read_text()
    because = set(re.findall(r"(?:THEN|ELSE) '([a-z_]+)'", text[text.index("_BECAUSE") : text.index("_CLOSE")]))
    assert because | CLOSED_ELSEWHERE == set(words.CLOSED)
    assert words.closed_because(Finding(closed_because="of another version")) == "of another version"
