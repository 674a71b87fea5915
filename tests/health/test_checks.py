import threading
import time

from health.checks import Answer, Check


def test_one_ask_serves_all_who_wait_and_nobody_waits_longer_than_the_limit():
    asked = []

    def slow() -> Answer:
        asked.append(1)
        time.sleep(1.6)
        return Answer("ok")

    check = Check(slow, good_for=60, silence=Answer("unavailable"))
    got: list[Answer] = []
    threads = [threading.Thread(target=lambda: got.append(check.answer())) for _ in range(20)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 1.5
    assert (got, asked) == ([Answer("unavailable")] * 20, [1])
    time.sleep(0.8)
    assert (check.answer(), asked) == (Answer("ok"), [1])


def test_an_answer_is_good_for_its_time_only():
    count = iter(range(9))
    check = Check(lambda: Answer("ok", next(count)), good_for=0.05, silence=Answer("unavailable"))
    assert (check.answer().milliseconds, check.answer().milliseconds) == (0, 0)
    time.sleep(0.06)
    assert check.answer().milliseconds == 1
    check.forget()
    assert check.answer().milliseconds == 2
