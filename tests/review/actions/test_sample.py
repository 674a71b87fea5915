from datetime import timedelta

from audit.actors import Actor
from audit.models import AuditLog
from opsportal import clock
from review.actions import purge_samples
from review.models import Sample

SYSTEM = Actor.system("sweep")


def test_purge_removes_what_is_older_than_90_days(db):
    for days in (0, 89, 91, 92, 93):
        Sample.objects.create(key="speed", at=clock.now() - timedelta(days=days), state="ok", value=days)
    assert purge_samples(actor=SYSTEM, limit=2) == 2
    assert sorted(Sample.objects.values_list("value", flat=True)) == [0, 89, 91]
    assert purge_samples(actor=SYSTEM) == 1
    assert purge_samples(actor=SYSTEM) == 0
    assert list(AuditLog.objects.values_list("changes", flat=True).order_by("id")) == [{"samples": [2, 0]}, {"samples": [1, 0]}]
