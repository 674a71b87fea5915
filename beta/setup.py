"""What a new team does first, as a card on Today until all of it is done."""

from dataclasses import dataclass, replace

from django.db.models import Exists
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiClient, Person
from beta.models import Invite, Program
from opsportal import frame


@dataclass(frozen=True, slots=True)
class Step:
    what: Promise | str
    why: Promise | str
    act: Promise | str
    url: str
    done: bool
    is_next: bool = False


def steps(program: Program) -> list[Step]:
    """Program, people, the product's key, invites: in the order in which they make sense. One query."""
    has_colleague, has_key, has_invites = Program.objects.values_list(
        Exists(Person.objects.filter(is_active=True)[1:2]), Exists(ApiClient.objects.all()), Exists(Invite.objects.all())
    ).get()
    found = [
        Step(
            _("The program"),
            _("Its name, first day, length, and who may join."),
            _("Set it up"),
            reverse("beta_program"),
            program.starts_on is not None,
        ),
        Step(
            _("People"),
            _("Nobody should be on duty alone."),
            _("Invite a colleague"),
            reverse("access_people"),
            has_colleague,
        ),
        Step(
            _("The product's key"),
            _("With it the product signs households up."),
            _("Create a key"),
            reverse("access_clients"),
            has_key,
        ),
        Step(_("The first invites"), _("Codes that let households in."), _("Create invites"), reverse("beta_invite_create"), has_invites),
    ]
    following = next((place for place, step in enumerate(found) if not step.done), None)
    return [replace(step, is_next=place == following) for place, step in enumerate(found)]


def card(request: HttpRequest) -> frame.Part | None:
    """For those who may change the program; gone once everything is done."""
    from beta.frame import program_of

    if not request.user.has_perm("beta.change_program"):
        return None
    found = steps(program_of(request))
    if all(step.done for step in found):
        return None
    return frame.Part("beta/_setup.html", {"steps": found, "done": sum(step.done for step in found)})
