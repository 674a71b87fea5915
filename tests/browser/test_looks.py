"""The check of the pages' looks finds what is planted, in the one look that has it."""

from playwright.sync_api import Page

from tests.browser.looks import flaws

FINE = '<!doctype html><html lang="en"><title>Page</title><meta name="viewport" content="width=device-width"><main><h1>Page</h1>{}</main>'


def test_flaws_are_found_in_the_look_that_has_them(page: Page) -> None:
    page.set_content(FINE.format("<p>text</p>"))
    assert flaws(page) == []
    pale = "<style>@media (prefers-color-scheme: dark) { @media (width > 1000px) { p { color: #777; background: #666 } } }</style><p>text</p>"
    page.set_content(FINE.format(pale))
    assert [(scheme, width, wide, [rule for rule, _nodes in rules]) for scheme, width, wide, rules in flaws(page)] == [
        ("dark", 1280, 0, ["color-contrast"])
    ]
    page.set_content(FINE.format('<p style="width: 600px; margin: 0">text</p>'))
    assert [(scheme, width, wide > 0, rules) for scheme, width, wide, rules in flaws(page)] == [("light", 390, True, []), ("dark", 390, True, [])]
