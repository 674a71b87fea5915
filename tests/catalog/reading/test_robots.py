import pytest

from catalog.reading.robots import allowed, crawl_delay, read_robots

RULES = b"""
User-agent: *
Disallow: /private
Allow: /private/open
Crawl-delay: 2
User-agent: OpsPortal
Disallow: /checkout*  # ours
Disallow: /*.json$
"""


@pytest.mark.parametrize(
    ("url", "agent", "is_allowed"),
    [
        ("https://shop.example/p/1", "OpsPortal", True),
        ("https://shop.example/checkout/2", "OpsPortal", False),
        ("https://shop.example/feed.json", "OpsPortal", False),
        ("https://shop.example/feed.json?x=1", "OpsPortal", True),
        ("https://shop.example/private", "OpsPortal", True),
        ("https://shop.example/private", "Another", False),
        ("https://shop.example/private/open", "Another", True),
        ("https://shop.example/robots.txt", "Another", True),
    ],
)
def test_rules_of_the_own_name_come_before_those_of_all(url, agent, is_allowed):
    assert allowed(RULES, 200, url, agent) is is_allowed


@pytest.mark.parametrize(("status", "is_allowed"), [(200, False), (404, True), (403, True), (429, False), (500, False), (503, False), (None, False)])
def test_missing_rules_allow_all_and_unreachable_ones_nothing(status, is_allowed):
    assert allowed(b"User-agent: *\nDisallow: /", status, "https://shop.example/p/1") is is_allowed


def test_crawl_delay_is_that_of_the_own_name():
    assert (crawl_delay(RULES, 200), crawl_delay(RULES, 200, "Another"), crawl_delay(RULES, 404)) == (None, 2.0, None)


@pytest.mark.parametrize("rules", [b"", b"\xff\xfe\x00", b"Disallow: /", b"<html>not found</html>", b"User-agent: *\nDisallow:"])
def test_broken_rules_forbid_nothing(rules):
    assert allowed(rules, 200, "https://shop.example/p/1")


def test_only_so_much_of_it_is_read():
    rules = b"User-agent: *\nDisallow: /a\n" + b"#" * 600_000 + b"\nDisallow: /b\n"
    assert [read_robots(rules, 200).allows(f"https://shop.example/{path}") for path in "ab"] == [False, True]
