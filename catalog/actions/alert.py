from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from catalog.action_types import CatalogAction
from catalog.actions.profile import MOST_PRICE, checked_currency, locked_household
from catalog.fields import said
from catalog.models import Alert, Product, Status
from catalog.queries.best import best_for
from opsportal.errors import Conflict, Invalid, NotFound

MOST_COOLDOWN_HOURS = 24 * 30
# Of one household that are not ended: the evaluator takes 1,000 alerts a run.
MOST_OF_A_HOUSEHOLD = 200
ACTIVE, PAUSED, ENDED = Alert.Status


@transaction.atomic
def create_alert(
    *, actor: Actor, household_id: UUID, product_id: int, target_price: int | None = None, drop_percent: int | None = None,
    currency: str = "BRL", channel: str = Alert.Channel.PUSH, cooldown_hours: int = 24, reason: str = "",
) -> Alert:  # fmt: skip
    """Tell the household when the product costs no more than `target_price` (minor units), or `drop_percent` less than now.

    One whose price is under the line already fires at the next look. Raises NotFound (`household_unknown`, `product_unknown`),
    Conflict (`household_removed`, `alert_exists`, `too_many_alerts`, `no_price` for a drop from a price that nobody knows), Invalid.
    """
    household = locked_household(household_id)
    product = _product(product_id)
    line = _line(target_price, drop_percent)
    _check(channel, cooldown_hours)
    checked_currency(currency)
    open_ones = household.alerts.exclude(status=ENDED)
    if len(open_ones.values_list("pk")[:MOST_OF_A_HOUSEHOLD]) >= MOST_OF_A_HOUSEHOLD:
        raise Conflict(_("A household has at most %(most)d price alerts. End one first.") % {"most": MOST_OF_A_HOUSEHOLD}, code="too_many_alerts", most=MOST_OF_A_HOUSEHOLD)  # fmt: skip
    base = _base(household.pk, product.pk, currency) if drop_percent is not None else None
    alert = Alert(household=household, product=product, currency=currency, channel=channel, cooldown_hours=cooldown_hours, base_price=base, **line)
    _save_active(alert, force_insert=True)
    changes = {name: (None, value) for name, value in _said(alert).items() if value is not None}
    _record(actor, alert, reason, {"product": (None, product.name), **changes})
    return alert


@transaction.atomic
def change_alert(
    *, actor: Actor, alert_id: UUID, target_price: int | None = None, drop_percent: int | None = None, channel: str | None = None,
    cooldown_hours: int | None = None, reason: str = "",
) -> Alert:  # fmt: skip
    """Move the line, or change the channel or the hours of silence; what is left out stays. A new line is a new crossing: the alert
    fires again when the price is under it, once the silence is over. Raises what create_alert() does, Conflict (`ended`, `unchanged`).
    """
    alert = locked_alert(alert_id)
    if alert.status == ENDED:
        raise Conflict(_("This alert has ended. Make a new one."), code="ended")
    before = _said(alert)
    if target_price is not None or drop_percent is not None:
        _move_line(alert, target_price, drop_percent)
    alert.channel = alert.channel if channel is None else channel
    alert.cooldown_hours = alert.cooldown_hours if cooldown_hours is None else cooldown_hours
    _check(alert.channel, alert.cooldown_hours)
    return _written(actor, alert, before, reason)


@transaction.atomic
def pause_alert(*, actor: Actor, alert_id: UUID, reason: str = "") -> Alert:
    """Say nothing for now. Raises NotFound, Conflict for one that is not active."""
    return _turn(actor, alert_id, {ACTIVE}, PAUSED, reason)


@transaction.atomic
def resume_alert(*, actor: Actor, alert_id: UUID, reason: str = "") -> Alert:
    """Look at it again. Raises NotFound, Conflict for one that is not paused, and where the household has made another meanwhile."""
    return _turn(actor, alert_id, {PAUSED}, ACTIVE, reason)


@transaction.atomic
def end_alert(*, actor: Actor, alert_id: UUID, reason: str = "") -> Alert:
    """For good; what it fired stays listed. Raises NotFound, Conflict for one that has ended."""
    return _turn(actor, alert_id, {ACTIVE, PAUSED}, ENDED, reason)


def locked_alert(alert_id: UUID) -> Alert:
    found = Alert.objects.select_for_update(of=("self",)).select_related("product", "household").filter(pk=alert_id).first()
    if found is None:
        raise NotFound(_("There is no such price alert."), code="alert_unknown")
    return found


def _turn(actor: Actor, alert_id: UUID, known: set[str], status: str, reason: str) -> Alert:
    alert = locked_alert(alert_id)
    if alert.status not in known:
        code = "ended" if alert.status == ENDED else "unchanged"
        raise Conflict(_("The alert is %(status)s.") % {"status": alert.get_status_display()}, code=code)
    before, alert.status = _said(alert), status
    return _written(actor, alert, before, reason)


def _written(actor: Actor, alert: Alert, before: dict[str, Any], reason: str) -> Alert:
    changes = {name: (before[name], value) for name, value in _said(alert).items() if value != before[name]}
    if not changes:
        raise Conflict(_("Nothing to change: it is like that already."), code="unchanged")
    _save_active(alert)
    _record(actor, alert, reason, changes)
    return alert


def _move_line(alert: Alert, target_price: int | None, drop_percent: int | None) -> None:
    line = _line(target_price, drop_percent)
    if (line["target_price"], line["drop_percent"]) == (alert.target_price, alert.drop_percent):
        return
    # A drop is counted from where the household stood when it first asked, as long as it goes on asking for one.
    base = (alert.base_price or _base(alert.household_id, alert.product_id, alert.currency)) if drop_percent is not None else None
    alert.target_price, alert.drop_percent, alert.base_price, alert.is_below = target_price, drop_percent, base, False


def _line(target_price: int | None, drop_percent: int | None) -> dict[str, int | None]:
    if (target_price is None) == (drop_percent is None):
        raise Invalid(_("Say either a target price or a drop in per cent."), field="target_price")
    if target_price is not None and not 0 < target_price <= MOST_PRICE:
        raise Invalid(_("A target price is more than 0."), field="target_price")
    if drop_percent is not None and not 1 <= drop_percent <= 99:
        raise Invalid(_("A drop is 1 to 99 per cent."), field="drop_percent")
    return {"target_price": target_price, "drop_percent": drop_percent}


def _check(channel: str, cooldown_hours: int) -> None:
    if channel not in Alert.Channel.values:
        raise Invalid(_("An alert goes by push or by email."), field="channel")
    if not 0 <= cooldown_hours <= MOST_COOLDOWN_HOURS:
        raise Invalid(_("The silence is 0 to %(most)d hours.") % {"most": MOST_COOLDOWN_HOURS}, field="cooldown_hours")


def _base(household_id: UUID, product_id: int, currency: str) -> int:
    best = best_for(household_id, product_id, currency)
    if best is None:
        raise Conflict(_("No offer of the product has a price now that a drop could be counted from. Say a target price."), code="no_price")
    return best.price


def _product(product_id: int) -> Product:
    found = Product.objects.filter(pk=product_id).first()
    if found is None:
        raise NotFound(_("There is no such product."), code="product_unknown")
    if found.status != Status.ACTIVE:
        raise Conflict(_("The product is archived."), code="product_archived")
    return found


def _save_active(alert: Alert, **options: Any) -> None:
    try:
        with transaction.atomic():
            alert.save(**options)
    except IntegrityError:
        other = Alert.objects.filter(household_id=alert.household_id, product_id=alert.product_id, status=ACTIVE).first()
        facts = {"alert_id": str(other.pk)} if other else {}
        raise Conflict(_("The household has an active alert on this product. Change that one."), code="alert_exists", **facts) from None


def _said(alert: Alert) -> dict[str, Any]:
    prices = {name: said(getattr(alert, name), alert.currency) for name in ("target_price", "base_price")}
    names = ("drop_percent", "currency", "cooldown_hours")
    return prices | {name: getattr(alert, name) for name in names} | {"channel": str(alert.channel), "status": str(alert.status)}


def _record(actor: Actor, alert: Alert, reason: str, changes: Changes) -> None:
    record(
        actor=actor, action_type=CatalogAction.UPSERT_ALERT, entity_type="alert", entity_id=alert.pk,
        entity_label=f"{alert.product.name} · {alert.household}", reason=reason, changes=changes,
    )  # fmt: skip
