import csv
from collections.abc import Iterable, Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beta import actions
from beta.forms import InviteFilter, InviteForm, ReasonForm
from beta.models import Invite
from beta.queries import invite_counts, newest_invites
from beta.queries.invite import state_of
from opsportal import clock
from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of


@require_safe
@requires("beta.view")
def invites(request: HttpRequest) -> HttpResponse:
    form = InviteFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    page = page_of(newest_invites(chosen.get("state", ""), batch=chosen.get("batch", "")), request.GET.get("cursor", ""), fields=("created_at", "id"))
    rows = [(invite, state_of(invite)) for invite in page.rows]
    return render(request, "beta/invites.html", {"filter": form, "page": page, "rows": rows, "counts": invite_counts(), "chosen": chosen})


@require_http_methods(["GET", "POST"])
@requires("beta.manage_invites")
def create(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if form.is_valid() and (made := act(request, actions.create_invites, done="", form=form, **form.cleaned_data)):
        text = ngettext(
            "%(count)s invite created. It stands first in the list.", "%(count)s invites created. They stand first in the list.", len(made)
        )
        messages.success(request, text % {"count": len(made)})
        return redirect("beta_invites")
    return render(request, "beta/invite_create.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("beta.manage_invites")
def revoke(request: HttpRequest, invite_id: int) -> HttpResponse:
    invite = get_object_or_404(Invite, pk=invite_id)
    if invite.revoked_at:
        messages.info(request, _("%(code)s was revoked already.") % {"code": invite.code})
        return redirect("beta_invites")
    form = ReasonForm(request.POST or None, required=False)
    done = _("The invite %(code)s lets nobody in any more.") % {"code": invite.code}
    if form.is_valid() and act(request, actions.revoke_invite, done=done, form=form, invite_id=invite_id, **form.cleaned_data):
        return redirect("beta_invites")
    context = {"form": form, "invite": invite, "left": invite.max_uses - invite.uses}
    return render(request, "beta/invite_revoke.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires("beta.manage_invites")
def export(request: HttpRequest) -> HttpResponseBase:
    form = InviteFilter(request.POST)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    rows = actions.export_invites(actor=request.user.actor, state=state)  # type: ignore[union-attr]
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="invites-{clock.today():%Y-%m-%d}.csv"'
    return response


class _Echo:
    """A file that gives back what is written to it: csv writes, the response streams."""

    def write(self, line: str) -> str:
        return line


def csv_lines(invites: Iterable[Invite]) -> Iterator[str]:
    """A header and a line an invite. A text that a spreadsheet would take for a formula gets a quote before it (OWASP, “CSV injection”)."""
    writer = csv.writer(_Echo())
    yield writer.writerow(["code", "state", "uses", "used", "batch", "created_at", "expires_at", "created_by"])
    for invite in invites:
        texts = [invite.batch, invite.created_by]
        batch, by = (f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text for text in texts)
        expires = invite.expires_at.isoformat() if invite.expires_at else ""
        yield writer.writerow([invite.code, state_of(invite), invite.max_uses, invite.uses, batch, invite.created_at.isoformat(), expires, by])
