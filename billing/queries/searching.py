"""What a person types to find a checkout: one of its ids, its customer, an email, an amount."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection

from billing.states import ProviderName
from opsportal.money import digits, known

LONGEST = 200
MOST_FOUND = 500
# Shorter beginnings of a checkout's id say too little.
SHORTEST_BEGINNING = 4

_SIGNS = {"R$": "BRL", "US$": "USD", "€": "EUR", "£": "GBP", "$": ""}
_AMOUNT = re.compile(r"(?P<sign>R\$|US\$|[€£$]|[A-Z]{3})? ?(?P<whole>\d{1,3}(?:[.,]\d{3})+|\d{1,9})(?:[.,](?P<part>\d{1,2}))?", re.IGNORECASE)

# Each line has its index; none counts or reads more than it gives.
_BY_ID = """
    (SELECT id FROM checkout_sessions WHERE checkout_id = %(text)s)
    UNION (SELECT id FROM checkout_sessions WHERE checkout_id LIKE %(beginning)s LIMIT %(most)s)
    UNION (SELECT id FROM checkout_sessions WHERE provider = ANY(%(providers)s) AND session_id = %(text)s AND session_id <> '')
    UNION (SELECT id FROM checkout_sessions WHERE customer_key = %(text)s AND customer_key <> '' ORDER BY created_at DESC LIMIT %(most)s)
    UNION (SELECT checkout_id FROM payments WHERE payment_id = %(text)s AND checkout_id IS NOT NULL)
    UNION (SELECT checkout_id FROM payments WHERE provider = ANY(%(providers)s) AND subscription_id = %(text)s AND subscription_id <> ''
           AND checkout_id IS NOT NULL LIMIT %(most)s)
    UNION (SELECT checkout_id FROM webhook_events WHERE provider = ANY(%(providers)s) AND event_id = %(text)s AND checkout_id IS NOT NULL)
    UNION (SELECT checkout_id FROM webhook_events WHERE object_id = %(text)s AND object_id <> '' AND checkout_id IS NOT NULL LIMIT %(most)s)
    LIMIT %(most)s
"""
_BY_EMAIL = "SELECT id FROM checkout_sessions WHERE lower(email) = lower(%(text)s) AND email <> '' ORDER BY created_at DESC LIMIT %(most)s"


@dataclass(frozen=True, slots=True)
class Amount:
    """Minor units of `currency`; where that is empty, of any currency with two decimal places."""

    minor: int
    currency: str


def clean(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:LONGEST]


def amount_of(text: str) -> Amount | None:
    """An amount as people write it: “29,90”, “R$ 29,90”, “1.234,50”, “BRL 29”. None for anything else."""
    match = _AMOUNT.fullmatch(clean(text))
    if match is None:
        return None
    sign = (match["sign"] or "").upper()
    currency = _SIGNS.get(sign, sign)
    if currency and not known(currency):
        return None
    places = digits(currency) if currency else 2
    whole = int(re.sub(r"\D", "", match["whole"]))
    part = (match["part"] or "").ljust(places, "0")
    return Amount(whole * 10**places + int(part or 0), currency) if len(part) == places else None


def checkouts_named(text: str) -> list[int]:
    """Keys of the checkouts that the text names: by an id of theirs, of a payment, subscription or event, by customer or by email.

    One query; MOST_FOUND at most. Ids are compared whole, a checkout's own also from its beginning.
    """
    text = clean(text)
    if not text:
        return []
    beginning = re.sub(r"([\\%_])", r"\\\1", text) + ("%" if len(text) >= SHORTEST_BEGINNING else "")
    values: dict[str, Any] = {"text": text, "beginning": beginning, "providers": ProviderName.values, "most": MOST_FOUND}
    with connection.cursor() as cursor:
        cursor.execute(_BY_EMAIL if "@" in text else _BY_ID, values)
        return [row[0] for row in cursor.fetchall()]
