import re

from django.urls import reverse

from accounts import actions
from accounts.models import ApiKey
from accounts.queries import authenticate_key
from audit.models import AuditLog
from tests.accounts.conftest import ACTOR
from tests.signing_in import sign_in

KEY = re.compile(r"ops_[0-9a-f]{10}_[\w-]{43}")


def test_the_key_is_shown_once_and_kept_nowhere(client, operator):
    sign_in(client, operator)
    answer = client.post(reverse("access_create_client"), {"name": "product", "scopes": ["signups", "flags"]})
    raw = KEY.search(answer.content.decode())[0]
    assert authenticate_key(raw).scopes == {"signups", "flags"}
    assert "no-store" in answer["Cache-Control"]
    pages = [
        client.get(reverse("access_clients")),
        client.get(reverse("access_client", args=[ApiKey.objects.get().client_id])),
        client.get(reverse("access_create_client")),
    ]
    everywhere = "".join(page.content.decode() for page in pages) + str(dict(client.session)) + str(list(AuditLog.objects.values()))
    assert raw.split("_", 2)[2] not in everywhere
    assert client.cookies.get("messages") is None


def test_a_client_without_scopes_is_refused_and_typing_kept(client, operator):
    sign_in(client, operator)
    answer = client.post(reverse("access_create_client"), {"name": "product"})
    assert (answer.status_code, 'value="product"' in answer.content.decode(), ApiKey.objects.count()) == (422, True, 0)


def test_rotation_two_keys_then_the_old_one_revoked(client, operator):
    made = actions.create_api_client(actor=ACTOR, name="product", scopes=["signups"])
    sign_in(client, operator)
    second = KEY.search(client.post(reverse("access_rotate_key", args=[made.client.pk])).content.decode())[0]
    third = client.post(reverse("access_rotate_key", args=[made.client.pk]), follow=True)
    assert "has two live keys" in third.content.decode()
    client.post(reverse("access_revoke_key", args=[made.key.prefix]), {"reason": "rotated"})
    assert (authenticate_key(made.raw), authenticate_key(second).name) == (None, "product")
    assert AuditLog.objects.latest("id").reason == "rotated"


def test_revoke_says_whether_another_key_goes_on(client, operator):
    made = actions.create_api_client(actor=ACTOR, name="product", scopes=["signups"])
    sign_in(client, operator)
    url = reverse("access_revoke_key", args=[made.key.prefix])
    assert "It is the only live key" in client.get(url).content.decode()
    actions.rotate_api_key(actor=ACTOR, client_id=made.client.pk)
    assert "goes on working" in client.get(url).content.decode()


def test_change_scopes(client, operator):
    made = actions.create_api_client(actor=ACTOR, name="product", scopes=["signups"])
    sign_in(client, operator)
    url = reverse("access_change_scopes", args=[made.client.pk])
    assert client.post(url, {"scopes": ["flags"]}).url == reverse("access_client", args=[made.client.pk])
    assert client.post(url, {"scopes": ["flags"]}).status_code == 422
    assert authenticate_key(made.raw).scopes == {"flags"}


def test_support_sees_clients_but_changes_none(client, support):
    made = actions.create_api_client(actor=ACTOR, name="product", scopes=["signups"])
    sign_in(client, support)
    page = client.get(reverse("access_client", args=[made.client.pk])).content.decode()
    assert (made.key.prefix in page, "Revoke" in page, "Change the scopes" in page) == (True, False, False)
    for name, argument in (("access_rotate_key", made.client.pk), ("access_revoke_key", made.key.prefix), ("access_change_scopes", made.client.pk)):
        assert client.post(reverse(name, args=[argument])).status_code == 403


def test_dangerous_acts_ask_for_a_fresh_sign_in(client, operator):
    made = actions.create_api_client(actor=ACTOR, name="product", scopes=["signups"])
    sign_in(client, operator, seconds_ago=601)
    urls = [
        reverse("access_create_client"),
        reverse("access_rotate_key", args=[made.client.pk]),
        reverse("access_revoke_key", args=[made.key.prefix]),
    ]
    assert [client.post(url).url.split("?")[0] for url in urls] == ["/accounts/reauthenticate/"] * 3
    assert ApiKey.objects.filter(revoked_at=None).count() == 1
