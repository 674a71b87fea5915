"""The order in which settling locks, and locks that no row can give: for what may not be there yet. Held until the transaction ends.

A reference, the customer, the checkout's row, its payments' rows. The customer comes before any row, as whoever decides about a customer's
plans may move a plan that another checkout gave, and its trigger writes to that checkout's row.
"""

from django.db import connection, transaction

from billing.models import Checkout


def lock_checkout(**which: int | str) -> Checkout | None:
    """A checkout (`pk` or `checkout_id`) with its customer, if there are any. Nobody else settles it meanwhile, nor moves the customer's plans."""
    seen = Checkout.objects.filter(**which).values_list("customer_key", flat=True).first()
    if seen:
        lock_customer(seen)
    found = Checkout.objects.select_related("plan").select_for_update(of=("self",), no_key=True).filter(**which).first()
    if found and found.customer_key and found.customer_key != seen:
        # It got its customer in between.
        lock_customer(found.customer_key)
    return found


def lock_customer(customer_key: str) -> None:
    """One at a time decides about a customer's plans."""
    _lock("customer", customer_key)


def lock_reference(checkout_id: str) -> None:
    """Either the checkout is recorded first, or its money comes first: never both without seeing each other."""
    _lock("reference", checkout_id)


def _lock(kind: str, key: str) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A lock lasts as long as its transaction: there is none.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"billing {kind} {key}"])
