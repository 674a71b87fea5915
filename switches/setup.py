from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.utils import translation

from switches import registry
from switches.models import Counter, Switch


def make_rows(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Rows for the switches that code registers, on; those that are there stay as they are. After migrate, and after a flush."""
    Counter.objects.using(using).bulk_create([Counter(id=1)], ignore_conflicts=True)
    there = dict(Switch.objects.using(using).values_list("name", "is_registered"))
    with translation.override("en"):
        new = [
            Switch(name=one.name, description=str(one.description), owner=str(one.owner), position=one.order, is_registered=True)
            for one in registry.switches().values()
            if one.name not in there
        ]
    Switch.objects.using(using).bulk_create(new, ignore_conflicts=True)
    # One that a person added, and that code asks for since.
    Switch.objects.using(using).filter(pk__in=[name for name in registry.switches() if there.get(name) is False]).update(is_registered=True)
