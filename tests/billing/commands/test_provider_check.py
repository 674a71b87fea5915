import json

import pytest
from django.core.management import CommandError, call_command

from tests.billing.factories import make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(canned, settings):
    canned.says("/v1/account", {"id": "acct_1", "object": "account", "country": "BR", "settings": {"dashboard": {"display_name": "Loja"}}})
    canned.says("/users/me", {"id": 44, "nickname": "LOJA", "country_id": "BR"})
    settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_WEBHOOK_SECRET_PREVIOUS = "whsec_tests", ""
    return canned


def run(capsys, *arguments: str) -> str:
    call_command("provider_check", *arguments)
    return str(capsys.readouterr().out)


def test_every_provider_is_asked(world, capsys):
    said = run(capsys)
    assert "Stripe: answers\n  Account: Loja acct_1, test; Country BR, May charge no\n" in said
    assert "Mercado Pago: answers\n  Account: LOJA 44, live; Country BR\n" in said
    assert "whsec_tests" not in said
    assert "sk_test_tests" not in said


def test_one_provider_is_asked_alone(world, capsys):
    assert "Mercado Pago" not in run(capsys, "stripe")
    assert world.asked == ["/v1/account"]


def test_programs_get_it_as_json(world, capsys):
    at = make_event().received_at
    [found] = json.loads(run(capsys, "stripe", "--json"))
    assert (found["provider"], found["state"], found["words"]) == ("stripe", "answers", "")
    assert found["account"] == {"id": "acct_1", "name": "Loja", "live_mode": False, "facts": {"Country": "BR", "May charge": "no"}}
    assert found["last_signature"] == {"current": at.isoformat(), "previous": None, "unsigned": None, "refused": None}
    assert sorted(found["secrets"]) == ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET_PREVIOUS"]
    assert found["secrets"]["STRIPE_WEBHOOK_SECRET_PREVIOUS"] is None


def test_provider_that_does_not_answer_well_is_an_error(world, capsys):
    world.says("/users/me", {}, status=401)
    with pytest.raises(CommandError, match=r"^No good answer: Mercado Pago\.$"):
        run(capsys)
    assert "Mercado Pago: refused. Mercado Pago refuses the access token (401)." in capsys.readouterr().out


def test_provider_that_is_not_set_up_is_an_error_only_when_it_is_named(world, capsys, settings):
    settings.MERCADOPAGO_ACCESS_TOKEN = ""
    assert "Mercado Pago: not set up. No access token is set for Mercado Pago." in run(capsys)
    with pytest.raises(CommandError):
        run(capsys, "mercadopago")
