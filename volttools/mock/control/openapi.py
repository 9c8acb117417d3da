"""The routes as an OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from volttools.mock.control.requests import Field, Route
from volttools.version import __version__

_ERROR = {"$ref": "#/components/responses/error"}


def document(routes: Iterable[Route], url: str) -> dict[str, Any]:
    """What can be asked for at that address."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "volttools mock server", "version": __version__},
        "servers": [{"url": url}],
        "paths": paths,
        "components": {
            "responses": {
                "error": {
                    "description": "One sentence on what is wrong.",
                    "content": {
                        "application/json": {
                            "schema": {"type": "object", "properties": {"error": {"type": "string"}}}
                        }
                    },
                }
            }
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    parameters = [_path_parameter(name) for name in re.findall(r"{(\w+)}", route.path)]
    parameters += [_query_parameter(one) for one in route.query]
    found: dict[str, Any] = {
        "summary": route.summary,
        "responses": {str(route.status.value): {"description": route.gives}, "default": _ERROR},
    }
    if parameters:
        found["parameters"] = parameters
    if route.body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(route)}}}
    return found


def _path_parameter(name: str) -> dict[str, Any]:
    kind = "integer" if name == "number" else "string"
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def _query_parameter(one: Field) -> dict[str, Any]:
    schema = dict(one.schema) if one.default is None else {**one.schema, "default": one.default}
    return {"name": one.name, "in": "query", "description": one.help, "schema": schema}


def _schema(route: Route) -> dict[str, Any]:
    assert route.body is not None
    return {
        "type": "object",
        "properties": {one.name: {**one.schema, "description": _words(one)} for one in route.body},
        "required": [one.name for one in route.body if one.is_required],
        "additionalProperties": route.any_members,
    }


def _words(one: Field) -> str:
    more = one.schema.get("description")
    return one.help if more is None else f"{one.help}. {more}"
