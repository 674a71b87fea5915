"""Who is on duty, as the page shows it."""

from django.http import HttpRequest

from review.queries.duty import Duty, duty


def duty_of(request: HttpRequest) -> Duty:
    """Read once a request; nobody, for those who may not see it."""
    if not hasattr(request, "_review_duty"):
        request._review_duty = duty() if request.user.has_perm("review.view") else Duty(None)  # type: ignore[attr-defined]
    return request._review_duty  # type: ignore[attr-defined, no-any-return]
