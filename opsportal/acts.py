"""From a form to one action and back: the same lines in every view that changes something."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from opsportal.errors import OpsError


def act(request: HttpRequest, action: Callable[..., Any], *, done: str, form: forms.Form | None = None, **values: Any) -> Any | None:
    """Run the action as the signed-in person. Says `done` in a message and returns the action's answer.

    A refusal becomes an error of the form, at its field if it names one, else a message; then the answer is None.
    """
    try:
        answer = action(actor=request.user.actor, **values)  # type: ignore[union-attr]
    except OpsError as error:
        field = getattr(error, "field", "")
        if form is None:
            messages.error(request, str(error))
        else:
            form.add_error(field if field in form.fields else None, str(error))
        return None
    if done:
        messages.success(request, done)
    return answer if answer is not None else True
