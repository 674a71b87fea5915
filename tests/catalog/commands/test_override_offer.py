from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from catalog.models import Override
from opsportal import clock
from tests.factories import make_offer, make_override

pytestmark = pytest.mark.django_db


def run(*arguments: Any, capsys: Any = None) -> str:
    call_command("override_offer", *(str(one) for one in arguments))
    return str(capsys.readouterr().out) if capsys else ""


def test_it_is_the_pages_act_in_the_name_of_who_sits_at_the_prompt(capsys: Any) -> None:
    offer = make_offer(title="Fan", price=10_000)
    said = run(offer.pk, "--price", "89,90", "--reason", "seen", "--days", "2", "--evidence", "https://shop.example/x", capsys=capsys)
    made = Override.objects.get()
    assert (said, made.amount, made.evidence_url) == ("Fan: price R$89.90 is shown.\n", 8_990, "https://shop.example/x")
    assert made.expires_at is not None
    assert abs(made.expires_at - clock.now() - timedelta(days=2)) < timedelta(minutes=5)
    assert (AuditLog.objects.get().actor_kind, AuditLog.objects.get().action_type) == ("cli", "UPSERT_OFFER")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--list-price", "none"), "list price no list price is shown"), (("--list-price", "150"), "list price R$150.00 is shown"),
        (("--availability", "out_of_stock"), "availability out of stock is shown"),
    ],
)  # fmt: skip
def test_each_field_can_be_overridden(capsys: Any, arguments: tuple[str, ...], said: str) -> None:
    assert said in run(make_offer(list_price=20_000).pk, *arguments, "--reason", "seen", capsys=capsys)


def test_revert_shows_what_the_store_says(capsys: Any) -> None:
    offer = make_offer(title="Fan", price=10_000)
    make_override(offer)
    assert run(offer.pk, "--revert", "price", capsys=capsys) == "Fan: price R$100.00 is shown.\n"
    with pytest.raises(CommandError, match="Nothing overrides it"):
        run(offer.pk, "--revert", "price")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--price", "cheap", "--reason", "x"), "no clear price"), (("--price", "10"), "Say why in a sentence"), (("--price", "0", "--reason", "x"), "no clear price"),
        (("--price", "10", "--reason", "x", "--days", "0"), "a year ahead at most"), (("--price", "10", "--reason", "x", "--days", "99999999"), "a year ahead at most"),
        (("--price", "10", "--list-price", "10"), "not allowed with"), ((), "is required"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(make_offer().pk, *arguments)
    assert Override.objects.count() == 0


def test_an_unknown_offer_is_refused() -> None:
    with pytest.raises(CommandError, match="no such offer"):
        run(0, "--price", "10", "--reason", "x")
