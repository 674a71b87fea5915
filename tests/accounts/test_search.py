from django.urls import reverse

from accounts.search import people
from tests.factories import make_person


def found(request, text):
    return [(hit.label, hit.url) for hit in people(request, text)]


def test_people_are_found_by_the_beginning_of_name_and_address(rf, viewer):
    request = rf.get("/")
    request.user = viewer
    bia = make_person(name="Bia Lima", email="b.lima@example.com")
    url = reverse("access_person", args=[bia.pk])
    assert [found(request, text) for text in ("bia", "B.LIMA@", "lima")] == [[("Bia Lima", url)], [("Bia Lima", url)], []]


def test_people_are_found_by_nobody_who_may_not_see_them(rf, db):
    request = rf.get("/")
    request.user = make_person(name="Bia", role="viewer", is_active=False)
    assert found(request, "bia") == []
