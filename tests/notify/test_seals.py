import json

import pytest
from django.db import transaction

from audit.actions import record
from audit.actors import Actor
from audit.models import AuditSeal
from audit.sealing import seal_rows
from notify.action_types import NotifyAction
from notify.models import Message
from tests.factories import make_destination

CLI = Actor.cli()


@pytest.fixture(autouse=True)
def _seal_file(settings, tmp_path):
    settings.OPS_SEAL_FILE = tmp_path / "audit-seals.log"


def act_and_seal():
    with transaction.atomic():
        record(actor=CLI, action_type=NotifyAction.TEST_DESTINATION)
    return seal_rows(actor=CLI)


def test_head_of_a_seal_goes_to_the_destination_of_that_name(transactional_db, told):
    make_destination(name="other")
    act_and_seal()
    assert (AuditSeal.objects.count(), Message.objects.count()) == (1, 0)
    make_destination(name="audit-seals")
    act_and_seal()
    seal, message = AuditSeal.objects.latest("number"), Message.objects.get()
    facts = json.loads(message.body)
    assert (message.topic, message.destination.name, facts["number"], facts["head"]) == (
        "audit.sealed",
        "audit-seals",
        seal.number,
        bytes(seal.head).hex(),
    )
