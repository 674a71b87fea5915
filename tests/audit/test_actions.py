import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import structlog
from django.db import models, transaction
from django.utils.translation import gettext_lazy

from accounts.action_types import AccountAction
from accounts.models import ApiClient
from audit import registry
from audit.actions import record
from audit.actors import Actor, ActorKind
from audit.models import AuditLog
from beta.action_types import BetaAction
from opsportal.masking import MASK


class Unregistered(models.TextChoices):
    SIGN_OUT = "SIGN_OUT", "signed out"


def test_record_outside_a_transaction_raises(transactional_db):
    with pytest.raises(RuntimeError, match="inside the transaction"):
        record(actor=Actor.system("tests"), action_type=AccountAction.SIGN_OUT)
    assert AuditLog.objects.count() == 0


def test_record_rolled_back_leaves_no_row(transactional_db):
    @transaction.atomic
    def act() -> None:
        record(actor=Actor.system("tests"), action_type=AccountAction.SIGN_OUT)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert AuditLog.objects.count() == 0


@pytest.mark.parametrize("action_type", [Unregistered.SIGN_OUT, "SIGN_OUT", None])
def test_record_of_an_unregistered_action_raises(db, action_type):
    with pytest.raises(TypeError, match="not in a registered enum"):
        record(actor=Actor.system("tests"), action_type=action_type)
    assert AuditLog.objects.count() == 0


@pytest.mark.parametrize("pair", ["ab", 5, None, [1], [1, 2, 3], {"before": 1}])
def test_record_of_a_change_that_is_no_pair_raises(db, pair):
    with pytest.raises(TypeError, match="not \\(before, after\\)"):
        record(actor=Actor.system("tests"), action_type=BetaAction.CHANGE_CAP, changes={"cap": pair})


def test_record_keeps_changes_as_json(db):
    key = uuid.UUID(int=7)
    changes = {
        "cap": (100, 120), "on": (None, date(2026, 11, 22)), "at": [None, datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC)], "price": (Decimal("89.90"), Decimal("64.90")),
        "key": (None, key), "word": (gettext_lazy("name"), BetaAction.CHANGE_CAP), "list": ((), ("a", 1)), "rate": (float("nan"), float("inf")),
    }  # fmt: skip
    row = record(actor=Actor.system("tests"), action_type=BetaAction.CHANGE_CAP, changes=changes)
    wanted = {
        "cap": [100, 120], "on": [None, "2026-11-22"], "at": [None, "2026-11-22T09:00:01Z"], "price": ["89.90", "64.90"], "key": [None, str(key)],
        "word": ["name", "CHANGE_CAP"], "list": [[], ["a", 1]], "rate": ["NaN", "Infinity"],
    }  # fmt: skip
    assert row.changes == wanted
    assert AuditLog.objects.get().changes == wanted


def test_record_masks_secrets_at_any_depth(db):
    changes = {
        "password": ("old-one", "new-one"), "api_key": (None, "ops_abc"), "settings": ({"x-api-key": "k", "cap": 1}, {"deep": [{"clientSecret": "s"}]}), "totp": (False, True),
        "key_prefix": (None, "ops_12"),
    }  # fmt: skip
    record(actor=Actor.system("tests"), action_type=BetaAction.CHANGE_CAP, changes=changes)
    assert AuditLog.objects.get().changes == {
        "password": [MASK, MASK], "api_key": [None, MASK], "settings": [{"x-api-key": MASK, "cap": 1}, {"deep": [{"clientSecret": MASK}]}], "totp": [False, True],
        "key_prefix": [None, "ops_12"],
    }  # fmt: skip


def test_record_never_fails_on_what_a_stranger_typed(db):
    with structlog.contextvars.bound_contextvars(request_id="r" * 900, ip=""):
        record(
            actor=Actor.anonymous("a\x00b\ud800" + "x" * 900), action_type=AccountAction.SIGN_IN_FAILED, entity_type="person", entity_id="i" * 900,
            entity_label="l" * 900, reason=" NUL\x00 and half \udc00 ", changes={"email": (None, "\x00\ud800")},
        )  # fmt: skip
    row = AuditLog.objects.get()
    assert (row.actor_label, row.entity_id, row.entity_label) == ("ab?" + "x" * 197, "i" * 100, "l" * 200)
    assert (row.reason, row.changes, row.request_id, row.ip) == ("NUL and half ?", {"email": [None, "?"]}, "r" * 64, None)


def test_request_id_and_ip_come_from_the_logging_context(db):
    with structlog.contextvars.bound_contextvars(request_id="req-1", ip="10.0.4.17"):
        record(actor=Actor.system("tests"), action_type=AccountAction.SIGN_OUT)
    row = AuditLog.objects.get()
    assert (row.request_id, row.ip) == ("req-1", "10.0.4.17")


def test_actor_of_each_kind(owner, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "ana")
    monkeypatch.setattr("socket.gethostname", lambda: "desk")
    client = ApiClient.objects.create(name="product", scopes=["signups"])
    actors = (owner.actor, client.actor, Actor.cli(), Actor.system("breaker"), Actor.anonymous("eve@example.com"))
    for actor in actors:
        record(actor=actor, action_type=AccountAction.SIGN_OUT)
    assert list(AuditLog.objects.order_by("id").values_list("actor_kind", "actor_id", "actor_label")) == [
        ("person", str(owner.pk), "Ana Souza (CTO)"), ("client", str(client.pk), "product"), ("cli", "ana@desk", "ana@desk"), ("system", "breaker", "breaker"),
        ("anonymous", "", "eve@example.com"),
    ]  # fmt: skip
    assert [kind.value for kind in ActorKind] == ["person", "client", "cli", "system", "anonymous"]


def test_actor_at_a_prompt_without_a_name(monkeypatch):
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    monkeypatch.setattr("socket.gethostname", lambda: "desk")
    assert Actor.cli() == Actor(ActorKind.CLI, "unknown@desk", "unknown@desk")


def test_registry_refuses_a_name_twice_and_a_wrong_one():
    with pytest.raises(ValueError, match="Two enums have the action type SIGN_OUT"):
        registry.register(Unregistered)
    with pytest.raises(ValueError, match="is not an action type"):
        registry.register(models.TextChoices("Wrong", [("LOWER", "lower")]))
