"""What is decided before a call is sent."""

import pytest

from volttools.client.requests import UNSET, Requests, catalog_timeout, check_in_flight
from volttools.client.results import Result
from volttools.codec import build
from volttools.errors import CallTimeout, UsageError
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT


def test_a_call_s_own_timeout_counts():
    requests = Requests(timeout=5.0)
    assert [requests.timeout_of(timeout) for timeout in (UNSET, None, 2.0)] == [5.0, None, 2.0]
    with pytest.raises(UsageError, match="a time-out of 0 s: give a positive number"):
        requests.timeout_of(0)


@pytest.mark.parametrize(
    "answer",
    [
        Response(status=-3, status_string="not found"),
        Response(),
        Response(tables=[Table.of([("N", BIGINT)], [(1,)])]),
    ],
)
def test_a_server_that_tells_no_signatures_is_asked_once(answer):
    requests = Requests()
    assert requests.must_ask("P", (1,), None)
    assert not requests.must_ask("P", (1,), ["BIGINT"])
    requests.learn(Result("@SystemCatalog", answer.status, build(answer), 0))
    assert not requests.must_ask("P", (1,), None)
    requests.procedures_changed()
    assert not requests.must_ask("P", (1,), None)


def test_extensions_of_the_client_s_own_go_with_each_call():
    requests = Requests(batch_timeout=1.0, build="11.4", asks_for_signatures=False)
    assert requests.encode("P", (1,), None, None, None)(1)[4] == 2  # the version


def test_texts():
    error = catalog_timeout(CallTimeout("no answer"))
    assert str(error) == "no answer (it was asked for the types of parameters; signatures=False goes without)"
    with pytest.raises(UsageError, match="max_in_flight=0"):
        check_in_flight(0)
