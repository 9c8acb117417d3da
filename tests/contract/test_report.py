"""A run with a server that isn't a mock of the run itself: what a person with a server sees."""

import os
import subprocess
import sys

import pytest

from tests.contract.targets import ddl
from tests.requirements import ROOT
from volttools.formats.table import Table
from volttools.formats.types import INTEGER, STRING
from volttools.mock import MockServer


@pytest.fixture
def server():
    with MockServer(users={"op": "secret"}) as server:
        server.handle("@Quiesce", 7)
        server.handle("contract_select", Table.of([("ID", INTEGER), ("V", STRING)]))
        yield server


def run(server, *options):
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/contract/test_contract.py",
    ]
    environment = {**os.environ, "VOLTTOOLS_PASSWORD": "secret", "COLUMNS": "120"}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        [*words, f"--volt-server={server.host}:{server.port}", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_differences_are_listed_with_what_was_expected(server):
    status, told = run(server, "--volt-user=op", "-k", "Quiesce or anybody or DDL or connection_ids")
    assert status == 1
    assert (
        "@Quiesce (3.1)\n"
        "    expected  status 1, no text, table (STATUS B), rows [(0,)]\n"
        "    the mock  as expected\n"
        "    came      status 1, no text, table ('' B), table status -128, rows [(7,)]\n"
    ) in told
    assert "not played: security is on here\n" in told
    assert "not played: nothing may be defined: --volt-changes\n" in told
    assert " 1 different\n" in told
    assert not [
        call for call in server.calls if call.procedure == "@AdHoc" and "contract_t " in str(call.params)
    ]


def test_tables_are_defined_where_they_may_be_and_dropped(server):
    status, told = run(server, "--volt-user=op", "--volt-changes", "-k", "another_table_status or pushes")
    assert status == 0, told
    assert ddl() in [call.params[0] for call in server.calls if call.procedure == "@AdHoc"]
    assert not server.schema.tables


def test_a_server_that_lets_nobody_in_is_said(server):
    status, told = run(server, "--volt-user=nobody", "-k", "Quiesce")
    assert status == 1
    assert "the log-in was refused with -1" in told


def test_an_address_that_is_none_is_said(server):
    server = type("Nowhere", (), {"host": "localhost", "port": "x"})
    status, told = run(server)
    assert status == 4
    assert "ERROR: 'localhost:x': x is no port" in told
