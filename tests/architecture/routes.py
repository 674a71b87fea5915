"""Every route the portal answers, as the checks see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

# Anything will do: who may enter is decided before anything is looked up.
SAMPLES: dict[str, Any] = {
    "person_id": 0, "client_id": 0, "invite_id": 0, "pk": 0, "prefix": "x", "token": "x", "uidb36": "1", "key": "set-password",
    "ping_id": 0, "probe_id": 0, "event_id": 0, "failure_id": 0, "key_id": 0, "address": "x", "name": "x", "run_id": 0, "job": "sweep", "item_id": 0,
    "message_id": "00000000-0000-0000-0000-000000000000", "destination_id": 0, "fingerprint": "x",
    "household_id": "00000000-0000-0000-0000-000000000000", "offer_id": 0, "override_id": 0, "product_id": 0, "store_id": 0, "import_id": 0,
    "alert_id": "00000000-0000-0000-0000-000000000000", "checkout_id": "x", "customer_key": "x", "plan_id": 0, "finding_id": 0, "grant_id": 0,
    "support_id": "00000000-0000-0000-0000-000000000000",
    "kind": "morning", "day": "2026-11-20", "line_key": "seats",
}  # fmt: skip


@dataclass(frozen=True)
class Route:
    name: str
    callback: Any
    arguments: tuple[str, ...] = ()

    @property
    def permission(self) -> str | None:
        return getattr(self.callback, "permission", None)

    @property
    def is_public(self) -> bool:
        return getattr(self.callback, "is_public", False)

    @property
    def is_for_programs(self) -> bool:
        return getattr(self.callback, "is_api", False)

    @property
    def url(self) -> str:
        is_api = self.name in {"sign_up", "give_back", "status", "call_job", "called_run", "api-root"} or self.name.startswith(
            ("billing_api_", "catalog_api_", "support_api_")
        )
        name = f"{_namespace()}:{self.name}" if is_api else self.name
        return reverse(name, kwargs={argument: SAMPLES[argument] for argument in self.arguments})


def _namespace() -> str:
    from opsportal.api import api

    return str(api.urls_namespace)


def all_routes() -> list[Route]:
    return list(_walk(get_resolver(), ()))


def _walk(resolver: URLResolver, above: tuple[str, ...]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        arguments = (*above, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLPattern):
            yield Route(pattern.name or "", pattern.callback, arguments)
        else:
            yield from _walk(pattern, arguments)


def named(routes: list[Route]) -> list[Any]:
    import pytest

    return [pytest.param(route, id=route.name) for route in routes]
