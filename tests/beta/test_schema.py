"""Schemathesis sends what the OpenAPI description allows, and what it does not: every answer must be one that it documents."""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings

from accounts.actions import create_api_client
from audit.actors import Actor
from opsportal.api import description
from tests.factories import make_invite

schema = schemathesis.openapi.from_dict(description())
schema.app = get_wsgi_application()


@pytest.fixture
def key(transactional_db):
    make_invite(code="LIVE", max_uses=100_000)
    return create_api_client(actor=Actor.system("tests"), name="schemathesis", scopes=["signups"]).raw


@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_documented(case, key):
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"})
