"""Signing in and out, passwords, second factors: those of allauth's routes that the portal offers, by allauth's own names.

No sign-up, no change of address, no codes by mail.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.db import transaction
from django.urls import path, re_path

from opsportal.access import View, public, requires


def own(view: View) -> View:
    """Whoever is signed in, on their own account; the change and its audit row stand or fall together."""
    return requires("opsportal.view")(transaction.atomic(view))


urlpatterns = [
    path("login/", public(account.login), name="account_login"),
    path("logout/", public(account.logout), name="account_logout"),
    path("inactive/", public(account.account_inactive), name="account_inactive"),
    path("reauthenticate/", requires("opsportal.view")(account.reauthenticate), name="account_reauthenticate"),
    path("password/change/", own(account.password_change), name="account_change_password"),
    path("password/set/", own(account.password_set), name="account_set_password"),
    path("password/reset/", public(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", public(account.password_reset_done), name="account_reset_password_done"),
    path("password/reset/key/done/", public(account.password_reset_from_key_done), name="account_reset_password_from_key_done"),
    re_path(r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", public(account.password_reset_from_key), name="account_reset_password_from_key"),
    path("2fa/", own(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", public(mfa.authenticate), name="mfa_authenticate"),
    path("2fa/reauthenticate/", requires("opsportal.view")(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", own(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", own(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", own(codes.download_recovery_codes), name="mfa_download_recovery_codes"),
    path("2fa/webauthn/", own(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", own(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("2fa/webauthn/login/", public(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("2fa/webauthn/reauthenticate/", requires("opsportal.view")(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", own(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/edit/", own(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]  # fmt: skip
