"""How a person works a page: by keyboard only, or with a pointer on a page without JavaScript. Both can do the same things."""

from playwright.sync_api import Locator, Page, expect

LONG = 60_000
# More stops than any page has on the way to one thing.
MOST_TABS = 400
# How many stops lie between the focus and an element, as the page's own order has them; only saves looking after each.
_STOPS = """element => {
    const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
        .filter(stop => !stop.disabled && stop.type !== "hidden" && stop.checkVisibility());
    return stops.indexOf(element) - stops.indexOf(document.activeElement);
}"""
_HAS_FOCUS = "element => element === document.activeElement"


class Keyboard:
    """Tab, Space, Enter, arrows and letters; never a click, and never focus() by script."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, target: Locator) -> None:
        """Tab until it has the focus. Fails if it never gets it."""
        expect(target).to_have_count(1, timeout=LONG)
        expect(target).to_be_visible(timeout=LONG)
        for _stop in range(target.evaluate(_STOPS) - 2):
            self.page.keyboard.press("Tab")
        for _stop in range(MOST_TABS):
            if target.evaluate(_HAS_FOCUS):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by Tab")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def toggle(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Space")

    def write(self, target: Locator, text: str) -> None:
        self.reach(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, target: Locator, place: int) -> None:
        """The option at that place of a select."""
        self.reach(target)
        self.page.keyboard.press("Home")
        for _step in range(place):
            self.page.keyboard.press("ArrowDown")


class Pointer:
    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click(timeout=LONG)

    toggle = press

    def write(self, target: Locator, text: str) -> None:
        target.fill(text, timeout=LONG)

    def choose(self, target: Locator, place: int) -> None:
        target.select_option(index=place, timeout=LONG)


Hands = Keyboard | Pointer
