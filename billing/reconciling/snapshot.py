"""Reading the sides of one checkout: a fixed number of queries, and one question to its provider."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from billing import providers
from billing.models import Callback, Checkout, Finding, Grant, Payment, Subscription, WebhookEvent
from billing.providers.asking import QUESTION_SECONDS, within
from billing.reconciling.shape import NOT_ASKED, Asked, CallbackSide, PaymentSide, Snapshot, Told, plan_now
from billing.report import CouldNotAsk
from billing.settling.sides import Ours, read_ours
from notify.models import Message
from notify.models import State as MessageState
from opsportal import clock
from opsportal.errors import NotFound

# All calls of the question together. A person waits for the page; who is about to write, and who sits at the prompt, waits longer:
# a subscription of a year is some forty calls.
PAGE_SECONDS, PATIENT_SECONDS = 6.0, QUESTION_SECONDS
MOST_EVENTS = 100
MOST_PAYMENTS = 200
MOST_GRANTS = 100
MOST_CALLBACKS = 20
MOST_FINDINGS = 50


def snapshot(checkout_id: str, *, ask: bool = True, seconds: float = PATIENT_SECONDS) -> Snapshot:
    """Everything about the checkout: the provider is asked first, for so many seconds at most, so that our rows are not older than its answer.

    Raises NotFound. An answer that could not be had is no error: it stands in `asked`.
    """
    checkout = Checkout.objects.filter(checkout_id=checkout_id.replace("\x00", "")).first()
    if checkout is None:
        raise NotFound(_("There is no such checkout."))
    return read(
        checkout.checkout_id, asked_about(checkout, seconds=seconds) if ask else Asked(code=NOT_ASKED, words=_("The provider was not asked."))
    )


def asked_about(checkout: Checkout, *, seconds: float = PATIENT_SECONDS) -> Asked:
    """What the provider says now, by every id we have. Two queries; to be called outside of any transaction."""
    own = Payment.objects.filter(checkout=checkout, provider=checkout.provider).order_by("-created_at", "-pk")
    ids = tuple(own.values_list("payment_id", flat=True)[:MOST_PAYMENTS])
    subscription = Subscription.objects.filter(checkout=checkout, provider=checkout.provider).order_by("-asked_at").first()
    now = clock.now()
    try:
        with within(seconds):
            report = providers.get(checkout.provider).about_checkout(
                checkout_id=checkout.checkout_id, session_id=checkout.session_id, payment_ids=ids,
                subscription_id=subscription.subscription_id if subscription else "",
            )  # fmt: skip
    except CouldNotAsk as error:
        return Asked(at=now, code=error.code, words=str(error))
    return Asked(at=report.asked_at, report=report)


def read(checkout_id: str, asked: Asked) -> Snapshot:
    """Our sides as they are now, beside an answer that is there already. Inside a transaction: what that transaction sees. Raises NotFound."""
    checkout = Checkout.objects.select_related("plan").filter(checkout_id=checkout_id).first()
    if checkout is None:
        raise NotFound(_("There is no such checkout."))
    now = clock.now()
    ours = read_ours(checkout_pk=checkout.pk, report=asked.report)
    payments = _payments(ours)
    subscriptions = tuple(Subscription.objects.filter(checkout=checkout).order_by("pk"))
    events, has_more = _events(checkout, payments, subscriptions)
    grants = _grants(checkout)
    of_it = Q(checkout=checkout) | Q(payment__in=[one.row.pk for one in payments])
    findings = list(Finding.objects.filter(of_it).order_by("-found_at", "-pk")[:MOST_FINDINGS])
    return Snapshot(
        at=now, checkout=checkout, ours=ours, asked=asked, payments=payments, events=events, subscriptions=subscriptions, grants=grants,
        plan_now=plan_now(grants, checkout.customer_key, now), callbacks=_callbacks(checkout), has_more_events=has_more,
        findings=tuple(one for one in findings if one.closed_at is None), past_findings=tuple(one for one in findings if one.closed_at),
    )  # fmt: skip


def _payments(ours: Ours) -> tuple[PaymentSide, ...]:
    """Its own, those that name it without being tied to it, and those that the provider names; oldest first."""
    rows = Payment.objects.in_bulk([one.pk for one in ours.payments])
    sides = [PaymentSide(rows[one.pk], one.facts) for one in ours.payments if one.pk in rows]
    return tuple(sorted(sides, key=lambda one: (one.row.created_at, one.row.pk)))


def _events(checkout: Checkout, payments: Iterable[PaymentSide], subscriptions: Iterable[Subscription]) -> tuple[tuple[WebhookEvent, ...], bool]:
    """Those tied to it, and those that name something of it: an event may come before the checkout is known."""
    names = {checkout.session_id, *(one.row.payment_id for one in payments), *(one.subscription_id for one in subscriptions)} - {""}
    about = Q(checkout=checkout) | Q(payment__in=[one.row.pk for one in payments])
    if names:
        about |= Q(provider=checkout.provider, object_id__in=names)
    newest = list(WebhookEvent.objects.defer("body", "headers", "query").filter(about).order_by("-received_at", "-pk")[: MOST_EVENTS + 1])
    return tuple(reversed(newest[:MOST_EVENTS])), len(newest) > MOST_EVENTS


def _grants(checkout: Checkout) -> tuple[Grant, ...]:
    of_it = Q(checkout=checkout)
    if checkout.customer_key:
        of_it |= Q(customer_key=checkout.customer_key)
    found: QuerySet[Grant] = Grant.objects.select_related("plan", "payment", "checkout").filter(of_it)
    return tuple(found.order_by("-granted_at", "-pk")[:MOST_GRANTS])


def _callbacks(checkout: Checkout) -> tuple[CallbackSide, ...]:
    """What the product was told about the customer, newest first; its newest version has the say."""
    of_it = Q(checkout=checkout)
    if checkout.customer_key:
        of_it |= Q(customer_key=checkout.customer_key)
    rows = list(Callback.objects.filter(of_it).order_by("-version")[:MOST_CALLBACKS])
    messages = {one.pk: one for one in Message.objects.defer("body").filter(pk__in=[row.message_id for row in rows if row.message_id])}
    return tuple(_callback(row, messages.get(row.message_id)) if row.message_id else _callback(row, None) for row in rows)


def _callback(row: Callback, message: Message | None) -> CallbackSide:
    if row.confirmed_at:
        return CallbackSide(row, Told.CONFIRMED, attempts=message.attempts if message else 0)
    if row.message_id is None:
        return CallbackSide(row, Told.NOT_SENT)
    if message is None or message.state in (MessageState.DEAD, MessageState.ASIDE):
        return CallbackSide(row, Told.DEAD, message.error if message else "", message.attempts if message else 0)
    return CallbackSide(row, Told.WAITING, message.error, message.attempts, message.next_at)
