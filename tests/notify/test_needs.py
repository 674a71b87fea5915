from notify import needs
from opsportal import clock
from opsportal.needs import WAITING
from tests import asking
from tests.factories import make_message


def test_dead_messages_wait_for_a_person_and_others_do_not(owner):
    make_message()
    assert (asking.needs(needs.found, owner), asking.figure(needs.undelivered, owner)) == ([], ("0", "ok"))
    make_message(state="dead", finished_at=clock.now())
    make_message(state="dead", finished_at=clock.now())
    assert asking.needs(needs.found, owner) == [(WAITING, "fail", "2 messages did not get through")]
    assert asking.acts(needs.found, owner) == [("Look at them", "/ops/notify/?state=dead", "notify.view")]
    assert asking.figure(needs.undelivered, owner) == ("2", "fail")
