"""One act = one action = one transaction = one audit row."""

import importlib
import inspect
from collections.abc import Callable
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from django.db import connection, transaction

from audit.actions import record
from audit.actors import Actor
from audit.models import AuditLog
from beta.action_types import BetaAction
from beta.models import Program
from tests.architecture.action_calls import CALLS
from tests.architecture.source import APPS, ROOT

# No acts: record() is what acts call; a refusal is a figure for the page, and nothing was done; a seal is its own record;
# what is owed to the outside belongs to the act that owes it, and its deliveries are listed with the message;
# a ping's calls and falls are its own record.
NOT_ACTS = {
    "audit.record", "audit.row_from", "audit.row_values", "audit.seal_rows", "beta.record_refusal",
    "notify.enqueue", "notify.enqueue_email", "notify.enqueue_webhook", "notify.deliver_message", "notify.deliver_due", "notify.requeue_due",
    "health.receive_ping", "health.record_late_pings", "health.purge_ping_events",
}  # fmt: skip
ACTOR = Actor.system("architecture")
WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")


def actions_of(module: ModuleType, app: str) -> dict[str, Callable[..., Any]]:
    """The public functions of an app's actions."""
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    found = {f"{app}.{name}": getattr(module, name) for name in names}
    return {name: one for name, one in found.items() if inspect.isfunction(one) and one.__module__.startswith(f"{app}.")}


def all_actions() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for app in APPS:
        if (ROOT / app / "actions.py").exists() or (ROOT / app / "actions" / "__init__.py").exists():
            found |= actions_of(importlib.import_module(f"{app}.actions"), app)
    return {name: one for name, one in found.items() if name not in NOT_ACTS}


def without_actor(actions: dict[str, Callable[..., Any]]) -> list[str]:
    """Actions that take anything by position, or no `actor`."""
    found = []
    for name, one in actions.items():
        parameters = inspect.signature(one).parameters
        if "actor" not in parameters or any(parameter.kind is not parameter.KEYWORD_ONLY for parameter in parameters.values()):
            found.append(name)
    return found


@contextmanager
def writes():
    """Collects (statement, whether it ran inside a transaction) of everything written meanwhile."""
    seen: list[tuple[str, bool]] = []

    def watch(execute, sql, params, many, context):
        if str(sql).lstrip().upper().startswith(WRITES):
            seen.append((str(sql), context["connection"].in_atomic_block))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def faults(call: Callable[[Actor], Any]) -> list[str]:
    """What is wrong with an action that is called outside of any transaction."""
    before = AuditLog.objects.count()
    with writes() as seen:
        call(ACTOR)
    found = []
    loose = [sql for sql, inside in seen if not inside]
    # A single statement is a transaction of its own.
    if loose and len(seen) > 1:
        found.append(f"writes outside of its transaction: {loose[0][:60]}")
    if (rows := AuditLog.objects.count() - before) != 1:
        found.append(f"leaves {rows} audit rows")
    elif AuditLog.objects.latest("id").actor_label != ACTOR.label:
        found.append("records another actor")
    return found


def rows_left_after_rollback(call: Callable[[Actor], Any]) -> int:
    before = AuditLog.objects.count()
    with transaction.atomic():
        call(ACTOR)
        transaction.set_rollback(True)
    return AuditLog.objects.count() - before


def test_every_action_takes_an_actor_by_keyword():
    assert without_actor(all_actions()) == []


def test_every_action_can_be_called_here():
    assert set(CALLS) == set(all_actions())


@pytest.mark.parametrize("name", CALLS)
def test_action_is_one_transaction_with_one_audit_row(transactional_db, name):
    assert faults(CALLS[name]()) == []


@pytest.mark.parametrize("name", CALLS)
def test_action_that_is_rolled_back_leaves_no_audit_row(db, name):
    assert rows_left_after_rollback(CALLS[name]()) == 0


def silent(actor: Actor) -> None:
    Program.objects.update(name="changed")


def recorded(actor: Actor) -> None:
    record(actor=actor, action_type=BetaAction.CHANGE_CAP)


@transaction.atomic
def twice(actor: Actor) -> None:
    recorded(actor)
    recorded(actor)


def half_outside(actor: Actor) -> None:
    silent(actor)
    transaction.atomic(recorded)(actor)


def as_somebody_else(actor: Actor) -> None:
    transaction.atomic(recorded)(Actor.system("somebody else"))


def test_the_action_checks_find_a_planted_violation(transactional_db):
    assert without_actor({"a": lambda *, actor: None, "b": lambda actor: None, "c": lambda *, reason: None}) == ["b", "c"]
    assert faults(silent) == ["leaves 0 audit rows"]
    assert faults(twice) == ["leaves 2 audit rows"]
    assert faults(half_outside)[0].startswith("writes outside of its transaction: UPDATE")
    assert faults(as_somebody_else) == ["records another actor"]
    with pytest.raises(RuntimeError, match="inside the transaction"):
        faults(recorded)


def test_the_rollback_check_finds_a_planted_violation(transactional_db, connect):
    def from_another_connection(actor: Actor) -> None:
        sql = connect(autocommit=True)
        sql.execute(
            "INSERT INTO ops_audit_logs (actor_kind, actor_id, actor_label, action_type, entity_type, entity_id, entity_label, reason, changes, request_id)"
            " VALUES ('system', 'x', 'x', 'X', '', '', '', '', '{}', '')"
        )

    assert rows_left_after_rollback(from_another_connection) == 1
