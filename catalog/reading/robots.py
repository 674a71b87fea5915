"""robots.txt (RFC 9309), read by protego.

What can't be had for reasons that are the client's (4xx) forbids nothing; what can't be had for the server's (5xx, no answer)
forbids everything. 429 is of the second kind, as Google takes it: who has too much already wants no visit now.
"""

from dataclasses import dataclass, field

from protego import Protego

AGENT = "OpsPortal"
MOST_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Robots:
    """One host's rules. `status` is that of the answer, None where there was none; `words` says why all is forbidden, if it is."""

    status: int | None
    words: str = ""
    _rules: Protego | None = field(default=None, repr=False)

    def allows(self, url: str, agent: str = AGENT) -> bool:
        if self.status is None or self.status >= 500 or self.status == 429:
            return False
        return self._rules is None or bool(self._rules.can_fetch(url, agent))

    @property
    def is_unreachable(self) -> bool:
        """Nothing is known of the rules, so nothing is fetched."""
        return self.status is None or self.status >= 500 or self.status == 429

    def crawl_delay(self, agent: str = AGENT) -> float | None:
        """Seconds between two visits, where the host asks for them (no part of RFC 9309, and heeded)."""
        return self._rules.crawl_delay(agent) if self._rules is not None else None


def read_robots(robots_txt: bytes | None, status: int | None, words: str = "") -> Robots:
    """The rules of an answer. `status` None: nothing answered. Broken rules are read as far as they can be."""
    if robots_txt is None or status is None or not 200 <= status < 300:
        return Robots(status, words)
    return Robots(status, words, Protego.parse(robots_txt[:MOST_BYTES].decode("utf-8", "replace").removeprefix("﻿")))


def allowed(robots_txt: bytes | None, status: int | None, url: str, agent: str = AGENT) -> bool:
    """Whether a visitor of that name may fetch the address. The path of robots.txt itself always may be."""
    return read_robots(robots_txt, status).allows(url, agent)


def crawl_delay(robots_txt: bytes | None, status: int | None, agent: str = AGENT) -> float | None:
    return read_robots(robots_txt, status).crawl_delay(agent)
