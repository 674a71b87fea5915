import threading

import pytest

from opsportal import sharing
from opsportal.sharing import Round, shared, within


def test_outside_a_reading_it_is_asked_each_time():
    asked = []
    assert [shared("x", lambda: asked.append(1) or len(asked)) for _time in range(2)] == [1, 2]


def test_within_a_reading_it_is_asked_once_for_each_key():
    asked = []

    def ask(key):
        return shared(key, lambda: asked.append(key) or key.upper())

    with within(Round()):
        assert [ask("a"), ask("b"), ask("a")] == ["A", "B", "A"]
    with within(Round()):
        assert ask("a") == "A"
    assert asked == ["a", "b", "a"]


def test_threads_of_one_reading_wait_for_the_first():
    round_, asked, found = Round(), [], []
    first_is_at_it, go_on = threading.Event(), threading.Event()

    def slow():
        asked.append(1)
        first_is_at_it.set()
        go_on.wait(60)
        return 42

    def read():
        with within(round_):
            found.append(shared("x", slow))

    threads = [threading.Thread(target=read) for _number in range(4)]
    for thread in threads:
        thread.start()
    assert first_is_at_it.wait(60)
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert (asked, found) == ([1], [42] * 4)


def test_what_it_raises_every_line_raises():
    with within(Round()):
        for _line in range(2):
            with pytest.raises(ZeroDivisionError):
                shared("x", lambda: 1 / 0)


def test_a_line_does_not_wait_for_another_for_ever(monkeypatch):
    monkeypatch.setattr(sharing, "LONGEST_WAIT", 0.01)
    round_ = Round()
    round_.claim("x")
    with within(round_), pytest.raises(TimeoutError):
        shared("x", lambda: 1)
