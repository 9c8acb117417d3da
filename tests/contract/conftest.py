"""Options of the contract, the servers that it is played with, and the report at the end."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.contract.differences import CHECKED
from tests.contract.targets import Mocks, Real, mocks, real
from volttools.client.connection_settings import ConnectionSettings
from volttools.errors import UsageError

REAL = pytest.StashKey[ConnectionSettings]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("volttools contract")
    with contextlib.suppress(ValueError):  # the pytest plugin of volttools has it already
        group.addoption("--volt-server", metavar="HOST:PORT", help="A real server, in the place of mocks.")
    group.addoption("--volt-user", metavar="NAME", help="Whom to log in as; VOLTTOOLS_PASSWORD or the profile has the password.")  # fmt: skip
    group.addoption("--volt-changes", action="store_true", help="Tables named CONTRACT_... may be defined there, and dropped.")  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    server = config.getoption("--volt-server", default=None)
    if server is None:
        return
    try:  # now, as tests see nothing of profiles and environment
        config.stash[REAL] = ConnectionSettings.of(server, user=config.getoption("--volt-user", default=None))
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Iterator[Mocks | Real]:
    """Whom to play checks with."""
    settings = pytestconfig.stash.get(REAL, None)
    if settings is None:
        with mocks() as servers:
            yield servers
    else:
        with real(settings, may_change=pytestconfig.getoption("--volt-changes", default=False)) as server:
            yield server


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if REAL not in config.stash:
        return
    played = [report for report in _reports(terminalreporter, "passed", "failed") if report.when == "call"]
    different = [dict(report.user_properties) for report in played]
    different = [properties for properties in different if "came" in properties]
    not_played = Counter(_reason(report) for report in _reports(terminalreporter, "skipped"))
    write = terminalreporter.write_line
    terminalreporter.section(f"contract with {config.getoption('--volt-server')}")
    for properties in different:
        known = CHECKED.get(str(properties["check"]))
        write(f"{properties['check']} ({properties['source']})")
        write(f"    expected  {properties['expected']}")
        write(f"    the mock  {known.mock if known else 'as expected'}")
        write(f"    came      {properties['came']}")
    for reason, count in sorted(not_played.items()):
        write(f"{count} not played: {reason}")
    write(f"{len(played)} checks played, {len(different)} different")


def _reports(terminalreporter: pytest.TerminalReporter, *kinds: str) -> Iterator[pytest.TestReport]:
    for kind in kinds:
        for report in terminalreporter.stats.get(kind, ()):
            if "tests/contract/test_contract.py" in report.nodeid:
                yield report


def _reason(report: pytest.TestReport) -> str:
    said = report.longrepr
    return str(said[2] if isinstance(said, tuple) else said).removeprefix("Skipped: ")
