"""The API's description: ninja writes it, this adds what ninja cannot say, and reads it for the page for people."""

from http import HTTPStatus
from typing import Any

from opsportal.problem import CONTENT_TYPE

PROBLEM = "#/components/schemas/Problem"


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """The same OpenAPI 3.1 description with problems as application/problem+json, and each answer's name."""
    for methods in schema["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                answer["description"] = HTTPStatus(int(status)).phrase
                content = answer.get("content", {})
                if content.get("application/json", {}).get("schema", {}).get("$ref") == PROBLEM:
                    answer["content"] = {CONTENT_TYPE: content["application/json"]}
    return schema


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """[{"method", "path", "summary", "description", "parameters", "fields", "answers"}] from an OpenAPI description."""
    found = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            one = {name: operation.get(name, default) for name, default in (("summary", ""), ("description", ""), ("parameters", []))}
            answers = [{"status": status, "what": answer["description"]} for status, answer in operation["responses"].items()]
            found.append(one | {"method": method.upper(), "path": path, "fields": _fields(schema, operation), "answers": answers})
    return found


def _fields(schema: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    except KeyError:
        return []
    body = schema["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return [{"name": name, "required": name in body.get("required", []), **_kind(field)} for name, field in body["properties"].items()]


def _kind(field: dict[str, Any]) -> dict[str, Any]:
    """{"kind", "most"}: what a value is, and how many characters it has at most. What may also be null is described by the rest."""
    one = next((each for each in field.get("anyOf", []) if each.get("type") != "null"), field)
    kind = one.get("format") or one.get("type") or "object"
    return {"kind": f"{kind} of {_kind(one['items'])['kind']}" if "items" in one else kind, "most": one.get("maxLength")}
