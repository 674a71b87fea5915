"""Every rule has its sentence and its line in the documentation."""

import re
from dataclasses import fields
from pathlib import Path

from catalog.risk import rules, score
from catalog.risk.reasons import Reason
from catalog.risk.rules import BLIND
from catalog.risk.thresholds import DEFAULT, Ramp
from catalog.risk.words import SENTENCES, words

DOCUMENT = (Path(rules.__file__).parents[2] / "docs" / "risk.md").read_text()


def given():
    """The codes that the rules give, from their source."""
    source = Path(rules.__file__).read_text() + Path(score.__file__).read_text()
    return set(re.findall(r'Reason\(\s*"(\w+)"', source))


def test_every_code_has_a_sentence_and_a_line_in_the_documentation():
    assert set(SENTENCES) == given()
    assert set(re.findall(r"^\| `(\w+)` \|", DOCUMENT, re.MULTILINE)) == given()
    assert given() >= BLIND


def test_the_documentation_gives_the_points_of_every_ramp():
    ramps = [value for field in fields(DEFAULT) if isinstance(value := getattr(DEFAULT, field.name), Ramp)]
    told = re.findall(r"\d+ at [\d.]+ to \d+ at [\d.]+", DOCUMENT)
    assert sorted(told) == sorted(f"{ramp.points} at {ramp.at:g} to {ramp.most} at {ramp.full:g}" for ramp in ramps)


def test_days_and_stores_are_counted():
    assert words(Reason("list_raised", 45, {"percent": 41, "days": 1})) == "The list price rose 41 % 1 day before this “discount”."
    assert words(Reason("raised_then_lowered", 17, {"percent": 41, "days": 1})) == "The price rose 41 % and came back after 1 day."
    assert words(Reason("raised_then_lowered", 17, {"percent": 41, "days": 0})) == "The price rose 41 % and came back within a day."
    assert words(Reason("stale", 8, {"days": 1})) == "The price was not confirmed for 1 day."
    assert words(Reason("in_line", -10, {"stores": 1})) == "In line with 1 other store."


def test_the_real_discount_is_said_beside_the_claimed_one():
    assert words(Reason("claim_gap", 20, {"claimed": 40, "real": 20, "above": 0})) == (
        "It claims 40 % off; against the lowest price of the 30 days before it is 20 %."
    )


def test_a_reason_of_an_earlier_version_is_named():
    assert words(Reason("moon_phase", 5, {})) == "A rule that is no longer used: moon_phase."
