from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (1280, 390)


def flaws(page: Page) -> list[Any]:
    """What axe finds on the page, and by how many pixels it is too wide, in both themes and at both widths; nothing where all is well.

    It is loaded once: themes and widths are a matter of CSS alone.
    """
    found = []
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            rules = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in Axe().run(page).response["violations"]]
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if rules or wide:
                found.append((scheme, width, wide, rules))
    return found
