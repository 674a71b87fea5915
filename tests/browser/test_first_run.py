"""An empty portal leads a new team from its first page to a program that is set up."""

from tests.factories import PASSWORD


def test_first_person_sets_the_portal_up(make_live_portal, page):
    portal = make_live_portal()
    page.goto(portal.url + "/")
    assert page.url == f"{portal.url}/ops/access/first/"
    page.get_by_label("Name").fill("Ana Souza")
    page.get_by_label("Work email").fill("ana@example.com")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main button[type=submit], main form button").first.click()
    page.wait_for_url("**/ops/")
    assert page.get_by_role("heading", name="Set the portal up").is_visible()
    page.get_by_role("link", name="Set it up").click()
    page.get_by_label("First day").fill("2026-11-16")
    page.get_by_label("Reason").fill("The beta begins")
    page.get_by_role("button", name="Save the program").click()
    page.wait_for_url("**/ops/beta/")
    with portal.connect() as sql:
        assert sql.execute("SELECT starts_on::text FROM beta_programs").fetchone() == ("2026-11-16",)
        assert sql.execute("SELECT role FROM accounts_person").fetchall() == [("cto",)]
