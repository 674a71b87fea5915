import re

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from catalog import checking
from catalog.action_types import CatalogAction
from catalog.actions.editing import check_seen, differing, pairs, save, without_a_queue, write
from catalog.models import Store
from opsportal.errors import Conflict, Invalid, NotFound

MOST_CALLS = 32
MOST_DELAY_MS = 60_000
SHOWN = ("name", "currency", "source", "feed_url", "max_concurrency", "delay_ms", "is_active")


@without_a_queue()
@transaction.atomic
def create_store(
    *, actor: Actor, key: str, name: str, currency: str = "BRL", source: str = Store.Source.PAGE, feed_url: str = "", max_concurrency: int = 6,
    delay_ms: int = 40, is_active: bool = True, reason: str = "",
) -> Store:  # fmt: skip
    """A shop that is asked for prices from the next run on. Files and feeds name it by `key`, which stays as it is.

    Raises Invalid, Conflict (`key_taken`).
    """
    key = key.strip().lower()
    if not re.fullmatch(r"[a-z0-9_-]{1,40}", key):
        raise Invalid(_("A key is made of small letters, digits, hyphens and underscores; 40 at most."), field="key")
    checked = _checked(name=name, currency=currency, source=source, feed_url=feed_url, max_concurrency=max_concurrency, delay_ms=delay_ms)
    store = Store(key=key, **checked, is_active=is_active)
    save(store, taken=lambda: _key_taken(store))
    _record(actor, store, reason, {"key": (None, key), **{field: (None, getattr(store, field)) for field in SHOWN}, "version": (None, 1)})
    return store


@without_a_queue()
@transaction.atomic
def change_store(
    *, actor: Actor, store_id: int, version: int, name: str, currency: str, source: str, feed_url: str, max_concurrency: int, delay_ms: int,
    is_active: bool, reason: str = "",
) -> Store:  # fmt: skip
    """Change how it is asked, or whether it is. Its offers keep the prices and the currency they have.

    `version`: the one that was seen; another one raises Conflict (`stale`). Raises NotFound, Invalid, Conflict (`unchanged`).
    """
    store = Store.objects.select_for_update(no_key=True).filter(pk=store_id).first()
    if store is None:
        raise NotFound(_("There is no such store."))
    check_seen("store", store, version)
    checked = _checked(name=name, currency=currency, source=source, feed_url=feed_url, max_concurrency=max_concurrency, delay_ms=delay_ms)
    changed = differing(store, checked | {"is_active": is_active})
    changes = pairs(store, changed)
    write(store, changed, taken=lambda: None)
    _record(actor, store, reason, changes)
    return store


def _checked(*, name: str, currency: str, source: str, feed_url: str, max_concurrency: int, delay_ms: int) -> dict[str, object]:
    if source not in Store.Source.values:
        raise Invalid(_("Prices come from the pages or from a feed."), field="source")
    if not 1 <= max_concurrency <= MOST_CALLS:
        raise Invalid(_("From 1 to %(most)s calls at a time.") % {"most": MOST_CALLS}, field="max_concurrency")
    if not 0 <= delay_ms <= MOST_DELAY_MS:
        raise Invalid(_("From 0 to %(most)s milliseconds.") % {"most": MOST_DELAY_MS}, field="delay_ms")
    return {
        "name": checking.line(name, "name", most=100, needed=True), "currency": checking.currency(currency), "source": source,
        "feed_url": checking.web_address(feed_url, "feed_url", most=500, needed=source == Store.Source.FEED),
        "max_concurrency": max_concurrency, "delay_ms": delay_ms,
    }  # fmt: skip


def _key_taken(store: Store) -> None:
    other = Store.objects.filter(key=store.key).first()
    if other:
        raise Conflict(_("“%(name)s” has this key.") % {"name": other}, code="key_taken", store_id=other.pk)


def _record(actor: Actor, store: Store, reason: str, changes: Changes) -> None:
    record(
        actor=actor, action_type=CatalogAction.UPSERT_STORE, entity_type="store", entity_id=store.pk, entity_label=store.name, reason=reason,
        changes=changes,
    )  # fmt: skip
