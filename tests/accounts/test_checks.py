from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path

from accounts.checks import permissions_exist
from opsportal.access import requires


def view(request):
    return HttpResponse()


urlpatterns = [path("in/", include([path("wrong/", requires("no.such")(view)), path("right/", requires("audit.view")(view))])), path("bare/", view)]


def test_every_permission_of_our_routes_is_in_the_table():
    assert permissions_exist() == []


@override_settings(ROOT_URLCONF="tests.accounts.test_checks")
def test_a_permission_that_is_in_no_table_is_an_error():
    assert [(error.id, error.msg) for error in permissions_exist()] == [
        ("accounts.E001", "The route “wrong/” asks for the permission “no.such”, which is not in accounts/roles.py.")
    ]
