import threading
import time

from health.checks import Answer, Check


def test_one_ask_serves_all_who_wait_and_nobody_waits_for_its_end():
    asked, end = [], threading.Event()

    def slow() -> Answer:
        asked.append(1)
        end.wait(60)
        return Answer("ok")

    check = Check(slow, good_for=60, silence=Answer("unavailable"))
    got: list[Answer] = []
    threads = [threading.Thread(target=lambda: got.append(check.answer())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, asked, end.is_set()) == ([Answer("unavailable")] * 20, [1], False)
    end.set()
    deadline = time.monotonic() + 60
    while check.answer() != Answer("ok") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (check.answer(), asked) == (Answer("ok"), [1])


def test_an_answer_is_good_for_its_time_only():
    count = iter(range(9))
    kept = Check(lambda: Answer("ok", next(count)), good_for=60, silence=Answer("unavailable"))
    assert (kept.answer().milliseconds, kept.answer().milliseconds) == (0, 0)
    kept.forget()
    assert kept.answer().milliseconds == 1
    over_at_once = Check(lambda: Answer("ok", next(count)), good_for=0, silence=Answer("unavailable"))
    assert (over_at_once.answer().milliseconds, over_at_once.answer().milliseconds) == (2, 3)
