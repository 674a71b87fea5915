from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from opsportal.search import MOST_HITS, Hit


def people(request: HttpRequest, text: str) -> Iterable[Hit]:
    """Colleagues by the beginning of a name or address."""
    if not request.user.has_perm("accounts.view"):
        return
    found = Person.objects.filter(Q(name__istartswith=text) | Q(email__istartswith=text)).order_by("name", "pk")
    for person in found[:MOST_HITS]:
        yield Hit(str(person), _("Person"), reverse("access_person", args=[person.pk]))
