"""A page's time at both desks, in turn, beside a page of constant bytes."""

import statistics
from dataclasses import dataclass
from http import HTTPStatus

from bench.pages.browser import Browser
from bench.pages.desks import Desk
from bench.pages.paths import CONSTANT

WARM_UP = 3
# A page that takes so many seconds is asked for less often.
SLOW, SLOW_ROUNDS = 1.0, 3


@dataclass(frozen=True, slots=True)
class Found:
    """Medians: seconds at each desk, the big one's time in those of the small one, the big one's in those of the constant page."""

    name: str
    queries: tuple[int, int]
    small: float
    big: float
    growth: float
    of_constant: float


class NoPage(Exception):
    """Its address answers with something else than a page."""


def kind_of(browser: Browser, desk: Desk, path: str) -> str:
    """“page”, “post” for what only takes what is posted, or what else it answers with."""
    answer = browser.get(desk, path)
    if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        return "post"
    return "page" if answer.status == HTTPStatus.OK and answer.content_type.startswith("text/html") else f"{answer.status} {answer.content_type}"


def measured(browser: Browser, desks: tuple[Desk, Desk], name: str, paths: tuple[str, str], rounds: int) -> Found:
    small, big = asked = tuple(zip(desks, paths, strict=True))
    warm = [_seconds(browser, *one) for _turn in range(WARM_UP) for one in asked]
    queries = (browser.queries(*small), browser.queries(*big))
    if min(warm[-2:]) > SLOW:
        rounds = SLOW_ROUNDS
    times: dict[str, list[float]] = {"small": [], "big": [], "constant": []}
    for number in range(rounds):
        # Who comes first changes, so that neither always finds the caches as the other left them.
        for desk, path in asked if number % 2 else asked[::-1]:
            times[desk.name].append(_seconds(browser, desk, path))
        times["constant"].append(_seconds(browser, desks[1], "/" + CONSTANT))
    growth = statistics.median(much / little for little, much in zip(times["small"], times["big"], strict=True))
    few, many, nothing = (statistics.median(times[which]) for which in ("small", "big", "constant"))
    return Found(name, queries, few, many, growth, many / nothing)


def _seconds(browser: Browser, desk: Desk, path: str) -> float:
    answer = browser.get(desk, path)
    if answer.status != HTTPStatus.OK:
        raise NoPage(f"{path} answers {answer.status} at the {desk.name} desk")
    return answer.seconds
