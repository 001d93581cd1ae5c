"""A call of an operation as its description asks for it: what must be there, with a place and words that exist."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from lastmile.kernel import clock
from lastmile.site.api import api
from tests.permissions.test_walk import VILLAGE

KNOWN = {"place": VILLAGE, "code": VILLAGE, "q": "李"}
WORDS = "演练"
Schema = dict[str, Any]


@cache
def _schemas() -> dict[str, Schema]:
    found: dict[str, Schema] = api.get_openapi_schema()["components"]["schemas"]
    return found


def call(described: Schema, url: str) -> tuple[str, bytes, bool]:
    """(address with its query, body, whether one of them names a place)."""
    wanted = [one for one in described.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    query = "&".join(f"{one['name']}={_value(one['name'], one['schema'])}" for one in wanted)
    content = described.get("requestBody", {}).get("content", {}).get("application/json")
    body = _value("", content["schema"]) if content else {}
    named = "place=" in query or (isinstance(body, dict) and body.get("place") == VILLAGE)
    return (f"{url}?{query}" if query else url), json.dumps(body).encode(), named


def _value(name: str, schema: Schema) -> Any:
    if "$ref" in schema:
        return _value(name, _schemas()[schema["$ref"].rpartition("/")[2]])
    for several in ("allOf", "anyOf"):
        if several in schema:
            return _value(name, schema[several][0])
    for given in ("default", "const"):
        if given in schema:
            return schema[given]
    return schema["enum"][0] if "enum" in schema else _plain(name, schema)


def _plain(name: str, schema: Schema) -> Any:
    match schema.get("type"), schema.get("format"):
        case "object", _:
            must = schema.get("required", ())
            return {key: _value(key, one) for key, one in schema.get("properties", {}).items() if key in must}
        case "array", _:
            return [_value(name, schema["items"])] if schema.get("minItems") else []
        case (("integer" | "number"), _):
            return schema.get("minimum", 1)
        case "boolean", _:
            return False
        case _, "date-time":
            return clock.now().isoformat()
        case _, "date":
            return str(clock.today())
    return KNOWN.get(name, WORDS)
