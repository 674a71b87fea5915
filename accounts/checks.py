from collections.abc import Iterator
from typing import Any

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles import exists


@register()
def permissions_exist(**kwargs: Any) -> list[Error]:
    """Every permission that a route asks for stands in the table of roles."""
    wanted = {
        (name, str(pattern.pattern)) for pattern in routes(get_resolver().url_patterns) if (name := getattr(pattern.callback, "permission", ""))
    }
    return [
        Error(f"The route “{route}” asks for the permission “{name}”, which is not in accounts/roles.py.", id="accounts.E001")
        for name, route in sorted(wanted)
        if not exists(name)
    ]


def routes(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    """All routes, those of includes too."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern
