"""Responses look and print as the official client's, where its text makes sense."""

import copy
import pickle

import pytest
import voltdbclient as official

from tests.voltdbclient.clients import run_both
from volttools.codec import build
from volttools.errors import DecodeError
from volttools.formats import types
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.voltdbclient import FastSerializer, VoltResponse

FAILED = Response(
    status=-1, status_string="aborted", app_status=7, app_status_string="seven", cluster_rtt_ms=3
)


def test_fields_and_text_are_the_official_clients():
    def script(module, client):
        found = module.VoltProcedure(client, "Fails").call()
        names = ("version", "clientHandle", "status", "statusString", "appStatus", "appStatusString")
        return str(found), [getattr(found, name) for name in (*names, "roundtripTime", "exception", "tables")]

    theirs, ours = run_both(script, Fails=FAILED)
    assert ours == theirs


def test_an_application_status_that_was_not_set_is_none_as_there():
    body = build(Response())
    assert VoltResponse.read(body).appStatus is None
    assert official.VoltResponse._from_body(official.FastSerializer(), body).appStatus is None


def test_a_response_that_can_not_be_read_is_said_where():
    found = VoltResponse.read(build(Response(status=-2, status_string="no"))[:-1])
    assert (found.status, found.clientHandle) == (-2, 1)
    for look in (lambda: found.tables, lambda: str(found), lambda: pickle.dumps(found)):
        with pytest.raises(DecodeError, match="byte"):
            look()
    assert not hasattr(found, "table")


def test_what_is_looked_at_late_can_be_set_copied_and_pickled():
    body = build(Response(status_string="a", tables=[Table.of([("A", types.BIGINT)], [(1,)])]))
    found = VoltResponse._from_body(FastSerializer(), body)
    found.statusString = "mine"
    for each in (
        found,
        copy.copy(VoltResponse.read(body)),
        pickle.loads(pickle.dumps(VoltResponse.read(body))),
    ):
        assert each.tables[0].tuples == [[1]]
        assert each.tables is each.tables
    assert found.statusString == "mine"
    assert "statusString" in vars(found)


def test_without_a_connection_a_response_is_as_there():
    ours, theirs = VoltResponse(), official.VoltResponse(None)
    names = ("version", "clientHandle", "status", "statusString", "appStatus", "roundtripTime", "tables")
    assert [getattr(ours, name) for name in names] == [getattr(theirs, name) for name in names]
    assert str(ours) == str(theirs)
