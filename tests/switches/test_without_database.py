"""What readers get while the database does not answer: the last known values, then those that stop things."""

from dataclasses import replace

import pytest
from django.db import OperationalError

from audit.actors import Actor
from switches import actions
from switches.readers import notebook
from switches.snapshot import keeper
from tests.switches.conftest import Product, off

ANA = Actor.system("Ana")
NAME = "ENABLE_PRICE_TRACKER"


class Away:
    """A database that does not answer."""

    def __call__(self):
        raise OperationalError("away")


@pytest.fixture
def away(monkeypatch):
    """From its call on, nothing can be read; `at(seconds)` is how long ago the last snapshot was read."""

    def begin(seconds):
        monkeypatch.setattr(keeper, "_read", Away())
        if keeper.last is not None:
            keeper.last = replace(keeper.last, read_at=keeper.last.read_at - seconds)

    return begin


def test_for_a_few_seconds_without_a_database_the_last_known_values_hold(product, away):
    off()
    version = product.post(NAME).json()["metadata"]["version"]
    away(2)
    single, other = product.post(NAME).json(), product.post("ENABLE_JOBS").json()
    assert (single["value"], other["value"], single["reason"]) == (False, True, "STATIC")
    assert (single["metadata"]["why"], single["metadata"]["safe_default"], single["metadata"]["version"]) == (
        "the database does not answer",
        False,
        version,
    )


def test_after_that_everything_is_off_and_signups_are_paused(product, away):
    actions.add_switch(actor=ANA, name="ENABLE_SPARE", description="x")
    product.post(NAME)
    away(6)
    flags = {flag["key"]: flag for flag in product.post().json()["flags"]}
    assert {key for key, flag in flags.items() if flag["value"]} == {"BETA_SIGNUPS_PAUSED"}
    assert {"ENABLE_SPARE", NAME, "ENABLE_JOBS"} <= set(flags)
    assert (flags[NAME]["reason"], flags[NAME]["variant"]) == ("UNKNOWN", "off")
    assert flags[NAME]["metadata"] == {"forced_by_env": False, "why": "the database does not answer", "safe_default": True}
    notebook.write()
    assert product.post("ENABLE_NOTHING").status_code == 404


def test_a_process_that_never_read_answers_safe_values_to_everybody_with_a_key(db, away):
    away(0)
    stranger = Product("ops_abc_def")
    assert stranger.post(NAME).json()["value"] is False
    assert stranger.post("BETA_SIGNUPS_PAUSED").json()["value"] is True
    # A switch that a person added, and that this process has not heard of: off, and not “not found”.
    assert (stranger.post("ENABLE_SPARE").json()["value"], stranger.post("not a name").status_code) == (False, 404)
    assert Product("").post(NAME).status_code == 401


def test_a_key_that_cannot_be_checked_gets_no_last_known_value(product, away):
    product.post(NAME)
    away(2)
    assert Product("ops_abc_def").post(NAME).json()["reason"] == "UNKNOWN"
    assert product.post(NAME).json()["reason"] == "STATIC"


def test_nobody_waits_again_right_after_a_failure(product, monkeypatch):
    tries = []

    def fail():
        tries.append(1)
        raise OperationalError("away")

    monkeypatch.setattr(keeper, "_read", fail)
    product.post(NAME)
    product.post(NAME)
    assert len(tries) == 1
