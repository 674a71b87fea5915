import pytest

from audit.models import AuditLog
from beta.actions import create_invites, export_invites, revoke_invite
from beta.actions.invite import ALPHABET
from beta.models import Invite
from beta.queries import invite_counts, newest_invites
from beta.queries.invite import state_of
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_invite


def test_batch_is_one_act_and_codes_can_be_read_aloud(db, support):
    made = create_invites(actor=support.actor, count=20, uses=3, days=7, batch="Waitlist")
    assert len({invite.code for invite in made}) == 20
    assert all(set(invite.code) <= set(ALPHABET) | {"-"} and len(invite.code) == 14 for invite in made)
    assert {(invite.max_uses, invite.batch, invite.created_by) for invite in Invite.objects.all()} == {(3, "Waitlist", "Carla Mendes (Support)")}
    row = AuditLog.objects.get()
    assert (row.action_type, row.changes["count"], row.changes["uses_each"]) == ("CREATE_INVITES", [0, 20], [None, 3])
    assert not any(invite.code in str(row.changes) for invite in made)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 1001}, "count"),
        ({"uses": 0}, "uses"),
        ({"days": 0}, "days"),
        ({"code": "A B"}, "code"),
        ({"count": 2, "code": "ABCD"}, "code"),
    ],
)
def test_numbers_out_of_range_are_refused_at_their_field(db, support, values, field):
    with pytest.raises(Invalid) as error:
        create_invites(actor=support.actor, **({"count": 1} | values))
    assert error.value.field == field
    assert (Invite.objects.count(), AuditLog.objects.count()) == (0, 0)


def test_own_code_exists_once(db, support):
    create_invites(actor=support.actor, count=1, uses=20, code="ff-kite-20")
    with pytest.raises(Conflict):
        create_invites(actor=support.actor, count=1, code="FF-KITE-20")
    assert (Invite.objects.get().code, AuditLog.objects.count()) == ("FF-KITE-20", 1)


def test_revoke_says_how_many_uses_are_lost(db, support):
    invite = make_invite(max_uses=5, uses=2)
    revoke_invite(actor=support.actor, invite_id=invite.pk, reason="leaked")
    assert AuditLog.objects.get().changes["uses_left"] == [3, 0]
    with pytest.raises(Conflict):
        revoke_invite(actor=support.actor, invite_id=invite.pk)
    with pytest.raises(NotFound):
        revoke_invite(actor=support.actor, invite_id=0)


def test_states_and_counts_speak_of_uses(db):
    now = clock.now()
    make_invite(code="LIVE", max_uses=5, uses=2)
    make_invite(code="USED", max_uses=1, uses=1, expires_at=now)
    make_invite(code="OVER", max_uses=4, uses=1, expires_at=now)
    make_invite(code="GONE", max_uses=3, revoked_at=now)
    assert {invite.code: state_of(invite) for invite in Invite.objects.all()} == {
        "LIVE": "live",
        "USED": "used",
        "OVER": "expired",
        "GONE": "revoked",
    }
    for state, code in (("live", "LIVE"), ("used", "USED"), ("expired", "OVER"), ("revoked", "GONE")):
        assert [invite.code for invite in newest_invites(state)] == [code]
    counts = invite_counts()
    assert (counts.given_out, counts.used, counts.live, counts.expired, counts.revoked) == (13, 4, 3, 3, 3)


def test_export_is_recorded(db, support):
    make_invite(code="A")
    assert [invite.code for invite in export_invites(actor=support.actor)] == ["A"]
    assert AuditLog.objects.get().action_type == "EXPORT_INVITES"
