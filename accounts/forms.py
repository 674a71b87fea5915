from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import LoginForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, LoginWebAuthnForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Scope
from accounts.roles import Role
from accounts.signins import note_failure
from opsportal.errors import OpsError

# What the passkey library says to parts that are missing or of the wrong kind.
MALFORMED = (AttributeError, KeyError, TypeError, ValueError)


class ActionForm(forms.Form):
    """A form whose fields are named like the action's arguments, so that a refusal finds the field it is about."""

    def refuse(self, error: OpsError) -> None:
        field = getattr(error, "field", "")
        self.add_error(field if field in self.fields else None, str(error))


class ReasonForm(ActionForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence is enough. It goes into the audit log."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Its question may open over a page whose own form has a reason too.
        super().__init__(*args, **{"auto_id": "why_%s"} | kwargs)


class InviteForm(ActionForm):
    email = forms.EmailField(label=_("Work email"), max_length=200)
    name = forms.CharField(label=_("Name"), max_length=100, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)


class RoleForm(ActionForm):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, help_text=_("It goes into the audit log."))


class ClientForm(ActionForm):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Which program will hold the key, for example “product, production”."))
    scopes = forms.MultipleChoiceField(label=_("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple)


class ScopesForm(ActionForm):
    scopes = forms.MultipleChoiceField(label=_("Scopes"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple)


class ProfileForm(ActionForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        team = _("the team's (%(zone)s)") % {"zone": settings.TIME_ZONE}
        self.fields["time_zone"].choices = [("", team), ("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in zones)]  # type: ignore[attr-defined]


class JoinForm(ActionForm):
    name = forms.CharField(label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("12 characters or more; a few words in a row are easy to remember and hard to guess."),
    )  # fmt: skip


class FirstForm(JoinForm):
    email = forms.EmailField(label=_("Work email"), max_length=200, widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    field_order = ("name", "email", "password")


class SignInForm(LoginForm):
    """allauth's, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label, password.label = _("Work email"), _("Password")
        login.widget.attrs |= {"autocomplete": "username webauthn"}
        password.help_text = ""
        for field in (login, password):
            field.widget.attrs.pop("placeholder", None)


class CredentialField(forms.JSONField):
    """What a browser's passkey answers. JSON of another shape, too deep or with numbers too long is an error of the field, like no JSON at all."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            found = super().to_python(value)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": "…"})
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What stands in the form again: nothing of what could not be read."""
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return None


class PasskeyForm(AddWebAuthnForm):
    """allauth's, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.label, name.max_length = _("Name"), 100
        name.help_text = _("For yourself, to tell your keys apart.")
        alone.label, alone.initial = _("Sign in with it alone, without a password"), True
        alone.help_text = _("The device asks for your finger, face or PIN then.")
        self.fields["credential"] = CredentialField()

    def clean(self) -> dict[str, Any]:
        try:
            return dict(super().clean())
        except MALFORMED:
            raise get_adapter().validation_error("incorrect_code") from None


class PasskeySignInForm(LoginWebAuthnForm):
    """allauth's; a passkey that is refused is a failed sign-in like a wrong password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField()

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except (ValidationError, *MALFORMED):
            note_failure(None, "", "unknown passkey")
            raise get_adapter().validation_error("incorrect_code") from None
