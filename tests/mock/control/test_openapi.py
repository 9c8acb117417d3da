"""The document tells every route, with what it takes."""

import re

from tests.mock.control.asking import ask
from tests.requirements import ROOT
from volttools.mock import MockServer
from volttools.mock.control.openapi import document
from volttools.mock.control.routes import ROUTES


def test_it_tells_every_route_and_where_it_is():
    with MockServer(control_port=0) as server:
        status, found = ask(server, "GET", "/openapi.json")
        assert found["servers"] == [{"url": server.control_url}]
    assert (status, found["openapi"]) == (200, "3.1.0")
    told = {(method.upper(), path) for path, methods in found["paths"].items() for method in methods}
    assert told == {(route.method, route.path) for route in ROUTES}


def test_it_tells_parameters_and_bodies():
    paths = document(ROUTES, "http://x")["paths"]
    calls = {each["name"]: each for each in paths["/calls"]["get"]["parameters"]}
    assert calls["timeout_s"]["schema"] == {"type": "number", "maximum": 30.0, "default": 10.0}
    (number,) = paths["/nodes/{number}/stop"]["post"]["parameters"]
    assert number == {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
    body = paths["/answers"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["procedure"]
    assert body["additionalProperties"] is False
    assert paths["/faults"]["post"]["requestBody"]["content"]["application/json"]["schema"][
        "additionalProperties"
    ]
    assert "201" in paths["/answers"]["post"]["responses"]


def test_the_page_of_the_manual_has_every_route():
    text = (ROOT / "docs" / "control.md").read_text()
    told = set(re.findall(r"^\| `(GET|POST|DELETE) (/[^`]*)` \|", text, re.MULTILINE))
    assert told == {(route.method, route.path) for route in ROUTES}
