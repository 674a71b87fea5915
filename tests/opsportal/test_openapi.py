from typing import Any

import pytest

from opsportal.openapi import operations


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ({"type": "string", "maxLength": 9}, ("string", 9)),
        ({"type": "string", "format": "uuid"}, ("uuid", None)),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, ("integer", None)),
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, ("array of string", None)),
        ({"$ref": "#/components/schemas/Other"}, ("object", None)),
    ],
)
def test_field_is_described_by_what_it_may_hold(field: dict[str, Any], kind: tuple[str, int | None]) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}}
    schema = {
        "paths": {"/x": {"post": {"requestBody": body, "responses": {"200": {"description": "OK"}}}}},
        "components": {"schemas": {"Body": {"properties": {"field": field}, "required": ["field"]}}},
    }
    assert operations(schema)[0]["fields"] == [{"name": "field", "required": True, "kind": kind[0], "most": kind[1]}]
