"""Webhooks on their way: in order or not, once or twice, late, lost or forged; again after any answer but a 2xx."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

# (url, body, headers) -> the status answered, 0 when there was no answer
Post = Callable[[str, bytes, dict[str, str]], int]
# (whether to sign it wrongly) -> headers, made at the moment of sending
Sign = Callable[[bool], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares between 0 and 1 of the events. `forged`: one with a bad signature comes first. `late`: held back for `rounds` deliveries."""

    lost: float = 0.0
    twice: float = 0.0
    late: float = 0.0
    forged: float = 0.0
    is_shuffled: bool = False
    rounds: int = 3


@dataclass
class Letter:
    """One webhook for one address. `hold`: rounds it waits before it is sent."""

    event_id: str
    event_type: str
    url: str
    body: bytes
    sign: Sign
    hold: int = 0
    tries: int = 0
    is_forged: bool = False
    statuses: list[int] = field(default_factory=list)


class Sender:
    """`deliver()` sends what is due and returns; `start()` does that in the background, once a `tick` seconds, until `stop()`.

    Tests may take letters out of `waiting`, or put them in another order, between the deliveries. `lost` and `given_up` are kept for a look.
    """

    def __init__(self, post: Post | None = None, *, faults: Faults = Faults(), seed: int = 1, most_tries: int = 8, tick: float = 0.5) -> None:
        self.post, self.faults, self.most_tries, self.tick = post or post_over_http, faults, most_tries, tick
        self.waiting: list[Letter] = []
        self.lost: list[Letter] = []
        self.given_up: list[Letter] = []
        self.is_muted = False
        self._random = random.Random(seed)  # noqa: S311
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, letter: Letter) -> None:
        if self.is_muted or not letter.url:
            return
        with self._lock:
            chance, faults = self._random.random, self.faults
            if chance() < faults.forged:
                self.waiting.append(Letter(letter.event_id, letter.event_type, letter.url, letter.body, letter.sign, is_forged=True))
            if chance() < faults.lost:
                self.lost.append(letter)
                return
            if chance() < faults.late:
                letter.hold = faults.rounds
            self.waiting.append(letter)
            if chance() < faults.twice:
                self.waiting.append(
                    Letter(letter.event_id, letter.event_type, letter.url, letter.body, letter.sign, hold=self._random.randrange(faults.rounds + 1))
                )

    def deliver(self, pool: ThreadPoolExecutor | None = None) -> Counter[int]:
        """One round: everything that is not held back, once. Returns how many got which status."""
        with self._lock:
            due = [letter for letter in self.waiting if letter.hold == 0]
            self.waiting = [letter for letter in self.waiting if letter.hold]
            for letter in self.waiting:
                letter.hold -= 1
            if self.faults.is_shuffled:
                self._random.shuffle(due)
        return Counter((pool.map if pool else map)(self._send, due))

    def deliver_all(self, *, most_rounds: int = 400) -> Counter[int]:
        """Rounds until nothing waits."""
        statuses: Counter[int] = Counter()
        for _round in range(most_rounds):
            if not self.waiting:
                break
            statuses += self.deliver()
        return statuses

    def start(self, threads: int = 4) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, args=(threads,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _run(self, threads: int) -> None:
        with ThreadPoolExecutor(threads) as pool:
            while not self._stopping.wait(self.tick):
                self.deliver(pool)

    def _send(self, letter: Letter) -> int:
        letter.tries += 1
        status = self.post(letter.url, letter.body, {"Content-Type": "application/json", **letter.sign(letter.is_forged)})
        letter.statuses.append(status)
        if not 200 <= status < 300 and not letter.is_forged:
            with self._lock:
                if letter.tries < self.most_tries:
                    letter.hold = 2**letter.tries
                    self.waiting.append(letter)
                else:
                    self.given_up.append(letter)
        return status


def post_over_http(url: str, body: bytes, headers: dict[str, str]) -> int:
    try:
        return httpx.post(url, content=body, headers=headers, timeout=22, trust_env=False).status_code
    except httpx.HTTPError:
        return 0
