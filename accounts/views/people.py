from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, links
from accounts.forms import InviteForm, ReasonForm, RoleForm
from accounts.models import Person, PersonInvite
from accounts.queries import open_invites, sessions_of
from accounts.requests import PersonRequest
from accounts.roles import PERMISSIONS, Role
from opsportal.access import requires
from opsportal.errors import OpsError
from opsportal.keyset import page_of

MANAGE = "accounts.manage_people"


@require_safe
@requires("accounts.view")
def people(request: PersonRequest) -> HttpResponse:
    page = page_of(Person.objects.all(), request.GET.get("cursor", ""), fields=("created_at", "id"))
    return render(request, "accounts/people.html", {"page": page, "invites": open_invites(), "may_manage": request.user.has_perm(MANAGE)})


@require_safe
@requires("accounts.view")
def roles(request: PersonRequest) -> HttpResponse:
    rows = [(permission, [role in permission.roles for role in Role]) for permission in PERMISSIONS]
    return render(request, "accounts/roles.html", {"roles": list(Role), "rows": rows})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE, fresh=True)
def invite(request: PersonRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.invite_person(actor=request.user.actor, **form.cleaned_data)
        except OpsError as error:
            form.refuse(error)
        else:
            # The link is shown in this answer and nowhere else; only its hash is kept.
            return render(request, "accounts/invited.html", {"invite": made.invite, "link": links.join_url(made.token)})
    return render(request, "accounts/invite.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@requires(MANAGE, fresh=True)
def revoke_invite(request: PersonRequest, invite_id: int) -> HttpResponse:
    try:
        invite = actions.revoke_invite(actor=request.user.actor, invite_id=invite_id)
    except OpsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation of %(email)s is taken back; its link no longer works.") % {"email": invite.email})
    return redirect("access_people")


@require_safe
@requires("accounts.view")
def person(request: PersonRequest, person_id: int) -> HttpResponse:
    return _person_page(request, get_object_or_404(Person, pk=person_id))


@require_POST
@requires(MANAGE, fresh=True)
def change_role(request: PersonRequest, person_id: int) -> HttpResponse:
    person, form = get_object_or_404(Person, pk=person_id), RoleForm(request.POST)
    if form.is_valid():
        try:
            changed = actions.change_role(actor=request.user.actor, person_id=person_id, **form.cleaned_data)
        except OpsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("%(person)s is %(role)s now.") % {"person": changed, "role": changed.get_role_display()})
            return redirect("access_person", person_id)
    return _person_page(request, person, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE, fresh=True)
def deactivate(request: PersonRequest, person_id: int) -> HttpResponse:
    person, form = get_object_or_404(Person, pk=person_id), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.deactivate_person(actor=request.user.actor, person_id=person_id, **form.cleaned_data)
        except OpsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("%(person)s is shut out and signed out everywhere.") % {"person": person})
            return redirect("access_person", person_id)
    context = {"person": person, "form": form, "sessions": sessions_of(person)}
    return render(request, "accounts/deactivate.html", context, status=422 if form.errors else 200)


@require_POST
@requires(MANAGE, fresh=True)
def reactivate(request: PersonRequest, person_id: int) -> HttpResponse:
    try:
        person = actions.reactivate_person(actor=request.user.actor, person_id=person_id)
    except OpsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(person)s may sign in again.") % {"person": person})
    return redirect("access_person", person_id)


@require_POST
@requires(MANAGE, fresh=True)
def end_sessions(request: PersonRequest, person_id: int) -> HttpResponse:
    try:
        actions.end_sessions(actor=request.user.actor, person_id=person_id)
    except OpsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("All their sessions have ended."))
    return redirect("access_person", person_id)


def _person_page(request: PersonRequest, person: Person, form: RoleForm | None = None) -> HttpResponse:
    form = form or RoleForm(initial={"role": person.role})
    earlier = PersonInvite.objects.filter(email__iexact=person.email, accepted_at__isnull=False).first()
    context = {"person": person, "form": form, "sessions": sessions_of(person), "invite": earlier, "may_manage": request.user.has_perm(MANAGE)}
    return render(request, "accounts/person.html", context, status=422 if form.errors else 200)
