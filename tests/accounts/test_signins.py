import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from accounts.signins import note_failure
from audit.models import AuditLog
from notify.actions import deliver_due
from tests.factories import PASSWORD, make_person
from tests.signing_in import sign_in

LOGIN = "/accounts/login/"


def rows(action_type=""):
    found = AuditLog.objects.order_by("id")
    return list((found.filter(action_type=action_type) if action_type else found).values_list("action_type", "actor_label", "changes"))


def enter(client, person, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": person.email, "password": password, **extra})


def test_sign_in_is_audited_once_with_its_method(client, viewer):
    answer = enter(client, viewer)
    assert (answer.status_code, answer.url) == (302, "/ops/")
    assert rows() == [("SIGN_IN", "Vera Lopes (Viewer)", {"method": [None, "password"]})]


def test_sign_out_is_audited_once(client, viewer):
    sign_in(client, viewer)
    client.post(reverse("account_logout"))
    assert rows() == [("SIGN_OUT", "Vera Lopes (Viewer)", {})]
    assert client.get("/ops/").status_code == 302


def test_a_wrong_password_is_audited_with_the_address_and_nothing_typed(client, viewer):
    answer = enter(client, viewer, "my other secret")
    assert answer.status_code == 200
    assert rows() == [("SIGN_IN_FAILED", viewer.email, {"refused_because": [None, "unknown address or wrong password"]})]
    assert "my other secret" not in str(AuditLog.objects.values().get())


def test_a_password_typed_into_the_address_field_is_kept_nowhere(client, db):
    client.post(LOGIN, {"login": "my secret pass", "password": "x"})
    assert "my secret pass" not in str(list(AuditLog.objects.values()))


def test_an_unknown_address_looks_like_a_wrong_password(client, viewer):
    known, unknown = enter(client, viewer, "wrong wrong"), client.post(LOGIN, {"login": "who@example.com", "password": "wrong wrong"})
    strip = lambda answer: re.sub(r'value="[^"]*"', "", answer.content.decode())  # noqa: E731
    assert strip(known) == strip(unknown)


def test_the_password_stands_in_no_log_line(client, viewer, caplog, capsys):
    enter(client, viewer, "my other secret")
    enter(client, viewer)
    assert "my other secret" not in caplog.text + "".join(capsys.readouterr())


def test_too_many_wrong_passwords_hold_the_account_back_by_the_database_s_cache(viewer):
    for number in range(10):
        enter(Client(REMOTE_ADDR=f"10.0.0.{number}"), viewer, "wrong wrong")
    page = enter(Client(REMOTE_ADDR="10.0.0.99"), viewer).content.decode()
    assert "Too many attempts. Wait five minutes, or use a passkey." in page
    assert [changes["refused_because"][1] for _a, _b, changes in rows("SIGN_IN_FAILED")] == ["unknown address or wrong password"] * 10 + [
        "too many attempts"
    ]
    enter(Client(REMOTE_ADDR="10.0.0.98"), viewer)
    assert len(rows("SIGN_IN_FAILED")) == 11  # turned away once more, and not written down once more
    other = make_person()
    assert enter(Client(REMOTE_ADDR="10.0.0.99"), other).status_code == 302


def test_too_many_wrong_passwords_hold_an_address_back(db):
    client = Client(REMOTE_ADDR="10.0.0.1")
    for _ in range(10):
        enter(client, make_person(), "wrong wrong")
    assert "Too many attempts" in enter(client, make_person()).content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"])
def test_next_leads_nowhere_else(client, viewer, target):
    assert enter(client, viewer, next=target).url == "/ops/"


def test_next_leads_back(client, viewer):
    assert enter(client, viewer, next="/ops/access/?cursor=1").url == "/ops/access/?cursor=1"


@pytest.mark.parametrize("name", ["signup/", "email/", "confirm-email/", "3rdparty/", "login/code/", "social/signup/"])
def test_sign_up_and_change_of_address_are_not_offered(client, db, name):
    assert client.get(f"/accounts/{name}").status_code == 404


def test_change_of_password_is_audited_and_ends_other_sessions(client, viewer):
    other = Client()
    enter(other, viewer)
    enter(client, viewer)
    new = "another horse another battery"
    answer = client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (answer.status_code, answer.url) == (302, reverse("account"))
    assert client.get(reverse("account")).status_code == 200
    assert other.get(reverse("account")).status_code == 302
    assert rows("CHANGE_PASSWORD") == [("CHANGE_PASSWORD", "Vera Lopes (Viewer)", {"by": [None, "the person, signed in"], "other_sessions": [1, 0]})]
    assert new not in str(list(AuditLog.objects.values()))


def test_a_reset_link_works_once_and_ends_all_sessions(client, viewer, settings):
    settings.OPS_BASE_URL = "https://ops.example"
    thief = Client()
    thief.force_login(viewer)
    client.post(reverse("account_reset_password"), {"email": viewer.email}, headers={"Host": "evil.example"})
    deliver_due()
    link = re.search(r"https://ops\.example(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    new = "another horse another battery"
    done = client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert done.url == reverse("account_reset_password_from_key_done")
    assert thief.get(reverse("account")).status_code == 302
    assert rows() == [("CHANGE_PASSWORD", viewer.email, {"by": [None, "a reset link"], "other_sessions": [0, 0]})]
    assert "This link no longer works" in Client().get(link, follow=True).content.decode()


def test_a_reset_for_an_unknown_address_sends_nothing_and_looks_the_same(client, viewer):
    known = client.post(reverse("account_reset_password"), {"email": viewer.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "who@example.com"})
    deliver_due()
    assert (known.status_code, known.url, len(mail.outbox)) == (unknown.status_code, unknown.url, 1)


def test_a_mail_server_that_is_away_does_not_tell_who_is_known(client, viewer, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = client.post(reverse("account_reset_password"), {"email": viewer.email})
    assert (answer.status_code, answer.url) == (302, reverse("account_reset_password_done"))


def activate_totp(client):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    return secret, client.post(reverse("mfa_activate_totp"), {"code": code})


def test_an_authenticator_app_is_audited_once_and_asked_for_at_the_next_sign_in(client, operator, django_capture_on_commit_callbacks):
    sign_in(client, operator)
    with django_capture_on_commit_callbacks(execute=True):
        secret, answer = activate_totp(client)
    assert answer.url == reverse("mfa_view_recovery_codes")
    assert rows() == [("CHANGE_SECOND_FACTOR", "Diego Rocha (Engineer)", {"factor": [None, "authenticator app"]})]
    assert secret not in str(list(AuditLog.objects.values()))
    assert Person.objects.get(pk=operator.pk).second_factor
    door = Client()
    assert enter(door, operator).url == reverse("mfa_authenticate")
    assert door.get("/ops/").status_code == 302
    door.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert rows("SIGN_IN_FAILED") == [("SIGN_IN_FAILED", "Diego Rocha (Engineer)", {"refused_because": [None, "wrong code: authenticator app"]})]
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert door.post(reverse("mfa_authenticate"), {"code": codes[0]}).url == "/ops/"
    assert rows("SIGN_IN") == [("SIGN_IN", "Diego Rocha (Engineer)", {"method": [None, "password + recovery codes"]})]


def test_taking_the_authenticator_app_away_is_audited_once(client, operator, django_capture_on_commit_callbacks):
    sign_in(client, operator)
    with django_capture_on_commit_callbacks(execute=True):
        activate_totp(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert rows()[1:] == [("CHANGE_SECOND_FACTOR", "Diego Rocha (Engineer)", {"factor": ["authenticator app", None]})]
    assert not Person.objects.get(pk=operator.pk).second_factor


def test_second_factors_need_a_fresh_sign_in(client, operator):
    sign_in(client, operator, seconds_ago=601)
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        assert client.get(reverse(name)).url == f"{reverse('account_reauthenticate')}?next={reverse(name).replace('/', '%2F')}"


def test_a_sign_in_of_the_last_ten_minutes_is_fresh_enough(client, operator):
    sign_in(client, operator, seconds_ago=590)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_new_recovery_codes_are_audited_once(client, operator, django_capture_on_commit_callbacks):
    sign_in(client, operator)
    with django_capture_on_commit_callbacks(execute=True):
        activate_totp(client)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_generate_recovery_codes"))
    assert rows()[1:] == [("CHANGE_SECOND_FACTOR", "Diego Rocha (Engineer)", {"factor": ["recovery codes", "new recovery codes"]})]


def test_the_picture_of_the_secret_has_a_white_ground(client, operator):
    from urllib.parse import unquote

    sign_in(client, operator)
    page = client.get(reverse("mfa_activate_totp"))
    assert 'fill="white"' in unquote(page.context["totp_svg"])


def test_what_is_no_address_is_not_kept_as_one(db):
    note_failure(None, "my secret pass", "too many attempts")
    assert rows() == [("SIGN_IN_FAILED", "something that is no address", {"refused_because": [None, "too many attempts"]})]
