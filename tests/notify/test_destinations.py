import pytest

from audit.actors import Actor
from audit.models import AuditLog
from notify import actions
from notify.models import Destination, Message, Secret
from notify.queries import live_secrets
from notify.sealing import fingerprint, unseal
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import SIGNING_SECRET, make_destination

ANA = Actor.system("ana")


def create(**fields):
    return actions.create_destination(actor=ANA, **{"name": "product", "channel": "webhook", "address": "https://example.com/hook?key=abc"} | fields)


def last_row():
    row = AuditLog.objects.latest("id")
    return row.action_type, row.entity_type, row.entity_label, row.changes


def test_webhook_gets_a_secret_that_is_kept_encrypted(db):
    made = create()
    kept = Secret.objects.get()
    assert made.raw.startswith("whsec_")
    assert (unseal(kept.sealed), kept.fingerprint, made.raw in kept.sealed, made.raw in repr(made)) == (made.raw, fingerprint(made.raw), False, False)
    changes = {"channel": [None, "webhook"], "address": [None, "https://example.com/hook"], "signed_by": [None, [kept.fingerprint]]}
    assert last_row() == ("CREATE_DESTINATION", "destination", "product", changes)
    # Neither the secret nor the key in the address is written down in the log.
    assert [text in str(list(AuditLog.objects.values())) for text in (made.raw, "abc")] == [False, False]


def test_mailbox_has_no_secret(db):
    assert (create(channel="email", address="a@example.com").raw, Secret.objects.count()) == (None, 0)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"), ({"name": "Product"}, "name"), ({"name": "-x"}, "name"), ({"name": "x" * 61}, "name"), ({"channel": "pigeon"}, "channel"),
        ({"address": "ftp://example.com"}, "address"), ({"address": "https://u:p@example.com"}, "address"), ({"address": "https://" + "x" * 500}, "address"),
        ({"channel": "email", "address": "nobody"}, "address"), ({"channel": "email", "address": "a@example.com\nb@example.com"}, "address"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(db, fields, field):
    with pytest.raises(Invalid) as refused:
        create(**fields)
    assert (refused.value.field, Destination.objects.count()) == (field, 0)


def test_address_inside_is_refused_in_production(db, settings):
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(Invalid, match="not on the public internet"):
        create(address="http://10.0.0.1/hook")


def test_name_is_taken_once(db):
    create()
    with pytest.raises(Conflict) as refused:
        create()
    assert (refused.value.code, Destination.objects.count()) == ("name_taken", 1)


def test_address_is_changed(db):
    place = make_destination(name="product", address="https://a.example/?key=1")
    actions.change_destination(actor=ANA, destination_id=place.pk, address=" https://b.example/?key=2 ", reason="moved")
    place.refresh_from_db()
    assert place.address == "https://b.example/?key=2"
    assert last_row() == ("CHANGE_DESTINATION", "destination", "product", {"address": ["https://a.example/", "https://b.example/"]})
    with pytest.raises(Conflict, match="already"):
        actions.change_destination(actor=ANA, destination_id=place.pk, address="https://b.example/?key=2")


def test_turned_off_with_a_reason_and_on_again(db):
    place = make_destination(name="product")
    with pytest.raises(Invalid, match="Say why"):
        actions.turn_destination_off(actor=ANA, destination_id=place.pk, reason="")
    actions.turn_destination_off(actor=ANA, destination_id=place.pk, reason="moving")
    assert last_row() == ("TURN_DESTINATION_OFF", "destination", "product", {"on": [True, False]})
    with pytest.raises(Conflict, match="off already"):
        actions.turn_destination_off(actor=ANA, destination_id=place.pk, reason="moving")
    with pytest.raises(Conflict, match="only wait"):
        actions.send_test(actor=ANA, destination_id=place.pk)
    actions.turn_destination_on(actor=ANA, destination_id=place.pk)
    assert last_row() == ("TURN_DESTINATION_ON", "destination", "product", {"on": [False, True]})


def test_second_secret_lives_beside_the_first_until_that_ends(db, time_machine):
    place = make_destination(name="product")
    time_machine.move_to(clock.now(), tick=False)
    made = actions.rotate_destination_secret(actor=ANA, destination_id=place.pk, overlap_hours=3)
    old, new = fingerprint(SIGNING_SECRET), fingerprint(made.raw)
    assert [secret.fingerprint for secret in live_secrets(place)] == [new, old]
    assert last_row()[0] == "ROTATE_DESTINATION_SECRET"
    assert last_row()[3]["signed_by"] == [[old], [new, old]]
    with pytest.raises(Conflict) as refused:
        actions.rotate_destination_secret(actor=ANA, destination_id=place.pk)
    assert refused.value.code == "two_live_secrets"
    time_machine.shift(3 * 3600)
    assert [secret.fingerprint for secret in live_secrets(place)] == [new]
    assert actions.rotate_destination_secret(actor=ANA, destination_id=place.pk).raw != made.raw


def test_rotation_has_limits(db):
    place, mailbox = make_destination(), make_destination(channel="email", address="a@example.com")
    for hours in (0, 169):
        with pytest.raises(Invalid):
            actions.rotate_destination_secret(actor=ANA, destination_id=place.pk, overlap_hours=hours)
    with pytest.raises(Conflict, match="not signed"):
        actions.rotate_destination_secret(actor=ANA, destination_id=mailbox.pk)


def test_either_secret_can_be_ended_but_not_the_last(db):
    place = make_destination(name="product")
    made = actions.rotate_destination_secret(actor=ANA, destination_id=place.pk)
    old, new = fingerprint(SIGNING_SECRET), fingerprint(made.raw)
    actions.end_destination_secret(actor=ANA, destination_id=place.pk, fingerprint=new, reason="leaked")
    assert last_row() == ("END_DESTINATION_SECRET", "destination", "product", {"signed_by": [[new, old], [old]]})
    # The one that stays does not end any more: messages are never sent unsigned.
    assert list(live_secrets(place).values_list("fingerprint", "ends_at")) == [(old, None)]
    for wrong, words in ((old, "only live"), (new, "ended already")):
        with pytest.raises(Conflict, match=words):
            actions.end_destination_secret(actor=ANA, destination_id=place.pk, fingerprint=wrong)
    with pytest.raises(NotFound):
        actions.end_destination_secret(actor=ANA, destination_id=place.pk, fingerprint="x")


def test_test_is_a_message_like_any_other(place, receiver):
    message = actions.send_test(actor=ANA, destination_id=place.pk)
    assert (message.topic, Message.objects.get().pk) == ("test", message.pk)
    assert last_row() == ("TEST_DESTINATION", "destination", "product", {"message": [None, str(message.pk)]})
    actions.deliver_message(message_id=message.pk)
    assert b'"sent_by":"ana"' in receiver.requests[0].body


def test_test_of_a_mailbox_is_a_mail(db, mailoutbox):
    mailbox = make_destination(channel="email", address="a@example.com")
    actions.deliver_message(message_id=actions.send_test(actor=ANA, destination_id=mailbox.pk).pk)
    assert (mailoutbox[0].to, mailoutbox[0].subject) == (["a@example.com"], "Test")
