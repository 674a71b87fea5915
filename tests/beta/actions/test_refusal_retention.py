from datetime import timedelta

from audit.actors import Actor
from beta import actions
from beta.models import Refusal
from opsportal import clock


def test_refusals_are_kept_for_ninety_days(db):
    for days in (89, 91, 200):
        refusal = Refusal.objects.create(code="cap_reached", household_key=f"day-{days}")
        Refusal.objects.filter(pk=refusal.pk).update(at=clock.now() - timedelta(days=days))
    assert actions.purge_refusals(actor=Actor.system("tests")) == 2
    assert list(Refusal.objects.values_list("household_key", flat=True)) == ["day-89"]
