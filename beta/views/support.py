from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.queries import for_entity
from beta import actions
from beta.forms import ReasonForm
from beta.models import SupportMessage
from beta.queries.support import answerers, find_messages, is_overdue, longest_waiting, thread_of
from beta.support_forms import KINDS, AnswerForm, AssignForm, KindForm, LinkForm, SupportFilter
from beta.views.drawing import events_of
from opsportal.access import requires
from opsportal.acts import act
from opsportal.components import chip
from opsportal.keyset import page_of

HISTORY = 50


@require_safe
@requires("beta.view")
def support(request: HttpRequest) -> HttpResponse:
    wanted = SupportFilter(request.GET).wanted()
    listed = find_messages(state=wanted["state"], kind=wanted["kind"], text=wanted["q"], person_id=request.user.pk)
    page = page_of(listed.rows, request.GET.get("cursor", ""), fields=listed.fields, oldest_first=listed.oldest_first)
    rows = [(one, is_overdue(one)) for one in page.rows]
    kinds = [chip(request, label, kind=value) for value, label in KINDS.items()]
    context = {"filter": SupportFilter(wanted), "chips": kinds, "page": page, "rows": rows, "is_filtered": bool(wanted["q"] or wanted["kind"])}
    return render(request, "beta/support.html", context | wanted)


@require_safe
@requires("beta.view")
def message(request: HttpRequest, support_id: UUID) -> HttpResponse:
    return _page(request, support_id)


def _page(request: HttpRequest, support_id: UUID, status: int = 200, **forms: Any) -> HttpResponse:
    found = get_object_or_404(SupportMessage.objects.select_related("household", "assignee"), pk=support_id)
    context = {"message": found, "is_overdue": is_overdue(found), "events": events_of(for_entity("support_message", support_id)[:HISTORY])}
    return render(request, "beta/support_message.html", context | _around(found) | _blank(request, found) | forms, status=status)


def _around(found: SupportMessage) -> dict[str, Any]:
    """Its conversation, and the one to answer next."""
    following = next((one for one in longest_waiting(2) if one.pk != found.pk), None)
    return {"thread": thread_of(found), "following": following, "household": found.household, "mailto": _mailto(found)}


def _mailto(found: SupportMessage) -> str:
    """Opens the person's own mail program, where they answer by email."""
    if found.channel != SupportMessage.Channel.EMAIL or "@" not in found.contact:
        return ""
    return f"mailto:{quote(found.contact, safe='@')}?{urlencode({'subject': f'Re: {found}'}, quote_via=quote)}"


def _blank(request: HttpRequest, found: SupportMessage) -> dict[str, Any]:
    if not request.user.has_perm("beta.answer_support"):
        return {}
    return {
        "answer_form": AnswerForm(), "reopen_form": ReasonForm(label=_("Why it waits again")),
        "kind_form": KindForm(initial={"kind": found.kind}), "link_form": LinkForm(initial={"household": found.household_key}),
        "assign_form": AssignForm(list(answerers()), initial={"person": found.assignee_id or "", "was": found.assignee_id}),
    }  # fmt: skip


@require_POST
@requires("beta.answer_support")
def answer(request: HttpRequest, support_id: UUID) -> HttpResponse:
    form = AnswerForm(request.POST)
    if form.is_valid() and act(
        request, actions.answer_message, done=_("Written down as answered."), form=form, message_id=support_id, **form.cleaned_data
    ):
        return redirect("beta_support_message", support_id)
    return _page(request, support_id, 422, answer_form=form)


@require_POST
@requires("beta.answer_support")
def assign(request: HttpRequest, support_id: UUID) -> HttpResponse:
    form = AssignForm(list(answerers()), request.POST)
    if form.is_valid():
        values = {"person_id": form.cleaned_data["person"], "was_id": form.cleaned_data["was"]}
        if made := act(request, actions.assign_message, done="", form=form, message_id=support_id, **values):
            _say_who(request, made)
            return redirect("beta_support_message", support_id)
    return _page(request, support_id, 422, assign_form=form)


def _say_who(request: HttpRequest, made: SupportMessage) -> None:
    who = _("It is yours now.") if made.assignee_id == request.user.pk else _("%(who)s has it now.") % {"who": made.assignee}
    messages.success(request, who if made.assignee else _("It is nobody's now: anybody may take it."))


@require_POST
@requires("beta.answer_support")
def reopen(request: HttpRequest, support_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST, label=_("Why it waits again"))
    done = _("It waits for an answer again, from now on.")
    if form.is_valid() and act(request, actions.reopen_message, done=done, form=form, message_id=support_id, **form.cleaned_data):
        return redirect("beta_support_message", support_id)
    return _page(request, support_id, 422, reopen_form=form)


@require_POST
@requires("beta.answer_support")
def classify(request: HttpRequest, support_id: UUID) -> HttpResponse:
    form = KindForm(request.POST)
    if form.is_valid() and act(
        request, actions.classify_message, done=_("The kind is changed."), form=form, message_id=support_id, **form.cleaned_data
    ):
        return redirect("beta_support_message", support_id)
    return _page(request, support_id, 422, kind_form=form)


@require_POST
@requires("beta.answer_support")
def link(request: HttpRequest, support_id: UUID) -> HttpResponse:
    form = LinkForm(request.POST)
    if form.is_valid():
        done = _("It is this household's now.") if form.cleaned_data["household"] else _("It is no household's now.")
        if act(request, actions.link_message, done=done, form=form, message_id=support_id, household_id=form.cleaned_data["household"]):
            return redirect("beta_support_message", support_id)
    return _page(request, support_id, 422, link_form=form)
