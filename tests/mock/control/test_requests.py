"""Routes find their requests; what is wrong with one is said in a sentence."""

import pytest

from tests.mock.control.asking import ask
from volttools.mock import MockServer


@pytest.fixture(scope="module")
def server():
    with MockServer(control_port=0) as server:
        yield server


@pytest.mark.parametrize(
    ("method", "target", "status", "error"),
    [
        ("GET", "/call", 404, "There is nothing at /call; did you mean /calls?"),
        ("GET", "/zzzzzzzz", 404, "There is nothing at /zzzzzzzz; GET /openapi.json lists what is there"),
        ("POST", "/nodes/x/stop", 404, "There is nothing at /nodes/x/stop; did you mean /nodes/{number}/stop?"),
        ("PUT", "/calls", 405, "/calls takes GET, DELETE, not PUT"),
        ("GET", "/status?a=1", 400, "/status has no query 'a'; there is none"),
        ("GET", "/misses?sinc=1", 400, "/misses has no query 'sinc'; there are since"),
        ("GET", "/calls?limit=0", 400, "limit: expected a whole number up to 10000, got '0'"),
        ("GET", "/calls?since=x", 400, "since: expected a whole number, got 'x'"),
        ("GET", "/calls?timeout_s=99", 400, "timeout_s: expected a number up to 30.0, got '99'"),
        ("GET", "/calls?timeout_s=nan", 400, "timeout_s: expected a number up to 30.0, got 'nan'"),
        ("GET", "/calls?" + "since=1&" * 101, 400, "The query can't be read: Max number of fields exceeded"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(server, method, target, status, error):
    assert ask(server, method, target) == (status, {"error": error})


def test_a_body_where_none_belongs_is_refused(server):
    assert ask(server, "POST", "/reset", {"a": 1}) == (400, {"error": "POST /reset takes no body"})
    assert ask(server, "POST", "/reset", {})[0] == 200


def test_a_query_is_unquoted(server):
    assert ask(server, "GET", "/calls?procedure=%40AdHoc")[1]["calls"] == []
