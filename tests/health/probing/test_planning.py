import pytest

from health.probing.expecting import Step
from health.probing.planning import KEPT, plan_of, with_kept
from notify.sealing import unseal
from opsportal.errors import Invalid
from tests.factories import make_probe

URL = "https://shop.example/health"
SECRET = {"Authorization": "Bearer of-the-tests"}


@pytest.fixture
def probe(db):
    return make_probe(Step("GET", URL, headers=SECRET), Step("GET", "https://other.example/"), time_limit=7)


def typed(url, **headers):
    return [Step("GET", url, headers=headers or {"Authorization": KEPT})]


def test_the_values_of_headers_are_sealed(probe):
    row = probe.steps.get(position=1)
    assert (row.header_names, "of-the-tests" in row.headers, unseal(row.headers)) == (
        ["Authorization"],
        False,
        '{"Authorization": "Bearer of-the-tests"}',
    )


def test_a_plan_holds_the_steps_in_order(probe):
    plan = plan_of(probe)
    assert ([step.url for step in plan.steps], plan.steps[0].headers, plan.time_limit) == ([URL, "https://other.example/"], SECRET, 7)


def test_headers_of_a_lost_key_are_none(probe, settings):
    settings.SECRET_KEY = "another one, of the tests, which is long enough"
    assert [step.headers for step in plan_of(probe).steps] == [None, {}]


def test_a_value_is_kept_for_another_path_of_its_host(probe):
    assert with_kept(typed("https://shop.example/ready"), probe)[0].headers == SECRET


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "http://shop.example/health", "https://shop.example:8443/", "https://shop.example.evil.example/", "no address"]
)
def test_a_value_is_not_kept_for_another_host(probe, url):
    with pytest.raises(Invalid) as refused:
        with_kept(typed(url), probe)
    assert (refused.value.field, refused.value.facts) == ("headers", {"step": 1})


def test_what_was_typed_is_taken_as_it_is(probe):
    assert with_kept(typed(URL, **{"X-New": "1"}), probe)[0].headers == {"X-New": "1"}
