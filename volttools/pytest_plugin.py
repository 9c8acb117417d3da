"""The pytest plugin: servers, cassettes and a client as fixtures (docs/pytest.md).

pytest imports this at every start, so everything else is imported by who needs it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from volttools.testing import active

if TYPE_CHECKING:
    from volttools.cassettes import BeforeRecord, Cassette
    from volttools.client import Client
    from volttools.mock import MockServer
    from volttools.testing.outcome import Outcomes
    from volttools.testing.playing import Use

_MODES = ("none", "once", "new_episodes", "new", "all")
_HOW = "pytest --volt-record=once --volt-server=host:port"
_USES: pytest.StashKey[list[Use]] = pytest.StashKey()

_MARKERS = (
    "volt_cassette(name=None, record_mode=None, **options): the server of this test plays that cassette, by "
    "default one of its own; options as of volttools.mock.MockServer",
    "volt_block_network(allowed_hosts=()): this test's connections lead to mock servers only",
)


# ------------------------------------------------------------------------ options


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("volttools", "volttools: a mock VoltDB server")
    group.addoption("--volt-record", choices=_MODES, default=None, help="What is recorded in cassettes: nothing, all where there is no cassette yet (once), calls that it doesn't have (new_episodes, new), or everything anew (all).  [default: none]")  # fmt: skip
    group.addoption("--volt-server", metavar="HOST:PORT", default=None, help="The real server that is recorded; user, password and TLS are those of VOLTTOOLS_USER ... or the profile.  [default: VOLTTOOLS_HOST]")  # fmt: skip
    group.addoption("--volt-block-network", action="store_true", default=None, help="Refuse connections of tests to anywhere but mock servers.")  # fmt: skip
    group.addoption("--volt-allow", action="append", metavar="HOST", default=None, help="A host, HOST:PORT or pattern that may be reached nevertheless; may be repeated.")  # fmt: skip
    group.addoption("--volt-keep", metavar="DIR", default=None, help="Where the exchanges of failing tests are kept as pcapng.  [default: under --basetemp]")  # fmt: skip
    parser.addini("volt_record_mode", "as --volt-record", default="")
    parser.addini(
        "volt_cassette_dir", "where cassettes stand  [default: cassettes/ beside the test]", default=""
    )
    parser.addini("volt_block_network", "as --volt-block-network", type="bool", default=False)
    parser.addini("volt_allowed_hosts", "as --volt-allow", type="args", default=[])
    parser.addini("volt_last_exchanges", "how many exchanges a failing test shows", default="10")


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if not config.getini("volt_last_exchanges").isdigit():
        raise pytest.UsageError("volt_last_exchanges is a number, such as 10")
    active.push_settings(_settings(config))
    config.add_cleanup(active.pop_settings)
    config.pluginmanager.register(_Summary(), "volttools-summary")


def _settings(config: pytest.Config) -> active.Settings:
    directory = config.getini("volt_cassette_dir")
    by_default = active.of_environment().record_mode or config.getini("volt_record_mode") or None
    if by_default not in (None, *_MODES):
        raise pytest.UsageError(f"volt_record_mode is {', '.join(_MODES)}, not {by_default!r}")
    return active.Settings(
        record_mode=config.getoption("--volt-record") or by_default,
        server=config.getoption("--volt-server"),
        cassette_dir=config.rootpath / directory if directory else None,
        how=_HOW,
        run=os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"process {os.getpid()}",
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    said = []
    mode = active.settings().record_mode
    if mode not in (None, "none"):
        said.append(f"record mode {mode}")
    if _blocks(config):
        said.append("network blocked")
    return f"volttools: {', '.join(said)}" if said else None


def _blocks(config: pytest.Config) -> bool:
    return bool(config.getoption("--volt-block-network") or config.getini("volt_block_network"))


# ----------------------------------------------------------------------- fixtures


@pytest.fixture
def volt_server_options() -> dict[str, Any]:
    """Parameters of the servers below, as of MockServer; a test suite overrides it."""
    return {}


@pytest.fixture
def volt_before_record() -> BeforeRecord | list[BeforeRecord]:
    """What may change or drop what is about to be recorded; a test suite overrides it."""
    return []


@pytest.fixture
def volt_server(
    request: pytest.FixtureRequest,
    volt_server_options: Mapping[str, Any],
    volt_before_record: Any,
) -> Iterator[MockServer]:
    """A server for the test, a volttools.mock.MockServer; with the cassette of its mark, if it has one."""
    if "volt_cluster" in request.fixturenames:
        pytest.fail(
            "a test has volt_server or volt_cluster, not both; make another MockServer()", pytrace=False
        )
    with _serving(request, volt_server_options, volt_before_record) as server:
        yield server


@pytest.fixture
def volt_cluster(
    request: pytest.FixtureRequest,
    volt_server_options: Mapping[str, Any],
    volt_before_record: Any,
) -> Iterator[MockServer]:
    """The same as a cluster of three nodes."""
    with _serving(request, {"nodes": 3, **volt_server_options}, volt_before_record) as server:
        yield server


@pytest.fixture
def volt_cassette(request: pytest.FixtureRequest) -> Cassette:
    """The cassette that the test's server plays: that of its mark, or one of its own."""
    _server_of(request)
    uses: list[Use] = request.node.stash[_USES]
    (found,) = [use.cassette for use in uses if use.cassette is not None]
    return found


@pytest.fixture
def volt_client(request: pytest.FixtureRequest, volt_server_options: Mapping[str, Any]) -> Iterator[Client]:
    """A volttools.client, connected to the test's server."""
    from volttools.testing.connected import connected

    server = _server_of(request)
    with _told(), connected(server, volt_server_options.get("users")) as client:
        yield client


def _server_of(request: pytest.FixtureRequest) -> MockServer:
    name = "volt_cluster" if "volt_cluster" in request.fixturenames else "volt_server"
    server: MockServer = request.getfixturevalue(name)
    return server


@contextmanager
def _serving(
    request: pytest.FixtureRequest, options: Mapping[str, Any], before_record: Any
) -> Iterator[MockServer]:
    from volttools.testing.playing import playing

    mark = request.node.get_closest_marker("volt_cassette")
    given = dict(options)
    path = mode = None
    if mark is not None or "volt_cassette" in request.fixturenames:
        given = {"before_record": before_record, **given, **(mark.kwargs if mark else {})}
        path, mode = _cassette_path(request, mark, given.pop("name", None)), given.pop("record_mode", None)
    with _told(), playing(path, given, active.settings(), mode) as use:
        yield use.server


def _cassette_path(request: pytest.FixtureRequest, mark: pytest.Mark | None, name: str | None) -> Path:
    from volttools.testing.names import cassette_of_test, named_cassette

    chosen = active.settings().cassette_dir
    if mark is not None and mark.args:
        (name,) = mark.args
    if name is not None:
        return named_cassette(name, beside=request.node.path, cassette_dir=chosen)
    config, nodeid = request.config, request.node.nodeid
    test = nodeid.partition("::")[2] or request.node.name
    return cassette_of_test(request.node.path, test, root=config.rootpath, cassette_dir=chosen)


@contextmanager
def _told() -> Iterator[None]:
    """What a person did wrong is told in its sentence, without a traceback through volttools."""
    from volttools.errors import ClientError, VoltToolsError

    try:
        yield
    except ClientError:
        raise
    except VoltToolsError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


# -------------------------------------------------------------------- while tests run


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    uses = item.stash[_USES] = []
    try:
        with active.noting(uses):
            return (yield)
    finally:
        uses.clear()  # an item lives as long as the session, a server with all that passed need not


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    with _network_of(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with _network_of(item):
        result = yield
    uses = item.stash[_USES]
    if uses:
        with _told():
            for use in uses:
                use.check()
    elif item.get_closest_marker("volt_cassette") is not None:
        item.warn(
            pytest.PytestWarning(
                "the test is marked volt_cassette and uses no volt_server, volt_cluster or volt_client, so nothing "
                "plays its cassette"
            )
        )
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    with _network_of(item):
        return (yield)


def _network_of(item: pytest.Item) -> AbstractContextManager[None]:
    """The network as the test may use it."""
    config = item.config
    mark = item.get_closest_marker("volt_block_network")
    if mark is None and not _blocks(config):
        return nullcontext()
    from volttools.testing.network import block_network

    allowed = [*config.getini("volt_allowed_hosts"), *(config.getoption("--volt-allow") or ())]
    if mark is not None:
        allowed += mark.kwargs.get("allowed_hosts", ())
    return block_network(allowed)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    uses = item.stash.get(_USES, None)
    if uses and report.failed:
        _add_exchanges(report, item, uses)
    if uses and call.when == "teardown":
        from volttools.testing.outcome import outcome_of

        report.volttools = outcome_of(uses, item.config.rootpath)  # type: ignore[attr-defined]
    return report


def _add_exchanges(report: pytest.TestReport, item: pytest.Item, uses: list[Use]) -> None:
    from volttools.testing.exchanges import last_exchanges
    from volttools.testing.names import file_name

    name = file_name(item.nodeid.replace("::", ".").replace("/", "."))
    count = int(item.config.getini("volt_last_exchanges"))
    width = min(max(item.config.get_terminal_writer().fullwidth, 80), 160)
    for number, use in enumerate(uses, 1):
        of = "" if len(uses) == 1 else f" of server {number}"
        suffix = "" if len(uses) == 1 else f".{number}"
        path = _keep_dir(item.config) / f"{name}{suffix}.pcapng"
        text = last_exchanges(use.server, path, count=count, width=width)
        report.sections.append((f"volttools: last exchanges{of}", text))


def _keep_dir(config: pytest.Config) -> Path:
    chosen: str | None = config.getoption("--volt-keep")
    if chosen:
        return config.invocation_params.dir / chosen
    factory = getattr(config, "_tmp_path_factory", None)  # absent with -p no:tmpdir
    if factory is not None:
        base: Path = factory.getbasetemp()
        return base / "volttools"
    import tempfile

    return Path(tempfile.mkdtemp(prefix="volttools-"))


# ------------------------------------------------------------------------ the end


class _Summary:
    """Takes what became of the cassettes out of the reports, which may come from other processes."""

    def __init__(self) -> None:
        self._outcomes: Outcomes | None = None
        self._failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self._failed.add(report.nodeid)
        found = getattr(report, "volttools", None)
        if found:
            from volttools.testing.outcome import Outcomes

            self._outcomes = self._outcomes or Outcomes()
            self._outcomes.add(report.nodeid, found, has_passed=report.nodeid not in self._failed)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        lines = self._outcomes.lines() if self._outcomes is not None else []
        if lines:
            terminalreporter.section("volttools")
            for line in lines:
                terminalreporter.line(line)
