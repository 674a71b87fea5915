"""Which pages are measured: every address under /ops/ that has no argument, so that a new list can't be forgotten, and one of each kind that has."""

from collections.abc import Iterator

from bench.pages.sizes import Sizes

CONSTANT, FRAMED = "bench/constant", "bench/framed"

# Those that are no pages, by the name of their route.
LEFT_OUT = {
    "access_first": "leads to Today where somebody is signed in",
    "root": "leads to Today",
    "style": "shows the components, with samples in place of data",
    "audit_seals_check": "reads the rows of the last 20 seals, for 5 s at most: a click, no list",
    "offer_create": "asks for the product first: offer_pick",
    "billing_webhook_replay_many": "asks about the events that a filter names, and leads back without one",
    "catalog_export": "a file with everything",
    "catalog_import_template": "a file",
    "feed": "counts the feeds of all households, over all offers: bin/bench catalog feed",
}


def without_arguments() -> Iterator[tuple[str, str]]:
    """(name, address) of every route under /ops/ that has no argument and is not left out. Raises LookupError for one that is, and is no route."""
    from django.urls import get_resolver
    from django.urls.resolvers import URLPattern, URLResolver

    left = set(LEFT_OUT)

    def walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, str]]:
        for pattern in resolver.url_patterns:
            if pattern.pattern.regex.groups:
                continue
            path = before + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield pattern.name or path, path
            else:
                yield from walk(pattern, path)

    for name, path in walk(get_resolver(), "/"):
        if path.startswith("/ops/") and name not in LEFT_OUT:
            yield name, path
        left.discard(name)
    if left:
        raise LookupError(f"Left out, and no routes: {', '.join(sorted(left))}")


def with_arguments(sizes: Sizes) -> Iterator[tuple[str, str]]:
    """Lists and pages of one thing, from the middle of all."""
    from django.urls import reverse

    from beta.models import Household
    from health.models import Ping
    from opsportal import clock
    from opsportal.lines import EVENING, MORNING

    today = clock.today().isoformat()
    household = Household.objects.order_by("seat")[sizes.households // 2]
    wanted: dict[str, tuple[object, ...]] = {
        "job": ("price-tracker",), "job_runs": ("price-tracker",), "job_slots": ("price-tracker",), "job_items": ("price-tracker",),
        "job_run": (sizes.runs - 300,), "audit_row": (sizes.audit // 2,), "offer": (sizes.offers // 2 + 1,),
        "catalog_product": (sizes.offers // 8,), "catalog_store": (3,), "beta_household": (household.pk,),
        "billing_checkout": (f"chk_{sizes.checkouts // 2 + 1}",), "billing_event": (sizes.checkouts // 2 + 1,), "health_ping": (Ping.objects.earliest("pk").pk,), "access_person": (1,),
        "switch": ("ENABLE_JOBS",),
    }  # fmt: skip
    for name, arguments in wanted.items():
        yield name, reverse(name, args=arguments)
    yield "review", reverse("review", args=[MORNING, today])
    yield "review, evening", reverse("review", args=[EVENING, today])
