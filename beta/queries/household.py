from django.db.models import Q, QuerySet

from beta.models import Household


def newest_households() -> QuerySet[Household]:
    """Those that hold a seat, the last seated first."""
    return Household.objects.filter(status=Household.Status.ACTIVE).select_related("invite").order_by("-seated_at", "-id")


def find_households(*, text: str = "", status: str = "") -> QuerySet[Household]:
    """Every household ever, filtered by status and by words in name, key or email. Unordered: keyset pages order it."""
    found = Household.objects.select_related("invite")
    if status:
        found = found.filter(status=status)
    for word in text.split()[:5]:
        found = found.filter(Q(name__icontains=word) | Q(household_key__icontains=word) | Q(email__icontains=word) | Q(invite__code__iexact=word))
    return found


def seated_since(version: int) -> int:
    """How many households hold a seat that the gate gave after that version of the program: after a STOP it must be 0."""
    return Household.objects.filter(status=Household.Status.ACTIVE, seat_version__gt=version).count()


def active_households() -> int:
    """How many households hold a seat, counted row by row: the gate's own counter must agree."""
    return Household.objects.filter(status=Household.Status.ACTIVE).count()
