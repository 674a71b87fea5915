"""Locks that no row can give: for what may not be there yet. Held until the transaction ends."""

from django.db import connection, transaction


def lock_customer(customer_key: str) -> None:
    """One at a time decides about a customer's plans. Taken after the checkout's row and its payments' rows."""
    _lock("customer", customer_key)


def lock_reference(checkout_id: str) -> None:
    """Either the checkout is recorded first, or its money comes first: never both without seeing each other."""
    _lock("reference", checkout_id)


def _lock(kind: str, key: str) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A lock lasts as long as its transaction: there is none.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"billing {kind} {key}"])
