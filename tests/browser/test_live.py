def test_the_browser_meets_the_sign_in_page(live_portal, page):
    page.goto(live_portal.url + "/")
    assert page.url.startswith(f"{live_portal.url}/accounts/login/")
    with live_portal.connect() as connection:
        assert connection.execute("SELECT seats_taken FROM beta_programs").fetchone() == (0,)
