import pytest

from tests.monitor.answers import handle_statistics, profile, table
from volttools.client import connect
from volttools.errors import CannotConnect, ConnectionLost
from volttools.mock import MockServer
from volttools.monitor.asking import LONGEST_PAUSE_S, Asker, Trouble, rounds
from volttools.monitor.differences import Sample


@pytest.fixture
def server():
    with MockServer() as server:
        yield server


@pytest.fixture
def asker(server):
    asker = Asker(lambda: connect(server.address, signatures=False), now_ns=lambda: 7)
    yield asker
    asker.close()


def asked(server):
    return [call.params[0] for call in server.calls]


def test_only_what_is_wanted_is_asked_for_and_never_with_the_delta_flag(server, asker):
    handle_statistics(server, PROCEDUREPROFILE=table("PROCEDUREPROFILE", profile("Vote", 5)))
    found = asker.ask(())
    assert asked(server) == ["PROCEDUREPROFILE", "LATENCY", "MEMORY"]
    assert {call.params[1] for call in server.calls} == {0}
    assert (found.procedures[0], found.procedures[1]["Vote"].calls) == (7, 5)
    assert (found.tables, found.clients, found.missing) == (None, None, {})
    assert found.version == "11.4.0.beta1"
    assert found.memories[0][0] == "vm"


def test_the_catalog_is_asked_again_when_there_are_other_tables(server, asker):
    tables = table("TABLE")
    handle_statistics(server, TABLE=lambda: tables)
    for _ in range(2):
        assert asker.ask(("TABLE", "INITIATOR")).tables[1]["CONTESTANTS"].is_replicated
    assert asked(server).count("TABLES") == 1
    tables = table("TABLE", {"TABLE_NAME": "NEW"})
    assert list(asker.ask(("TABLE",)).tables[1]) == ["NEW"]
    assert asked(server).count("TABLES") == 2


def test_what_is_refused_is_missing_and_the_rest_is_there(server, asker):
    handle_statistics(server, PROCEDUREPROFILE="not\nallowed", LATENCY=table("TABLES"), INITIATOR="no")
    found = asker.ask(("TABLE", "INITIATOR"))
    assert found.procedures is None
    assert found.clients is None
    assert found.tables is not None
    assert list(found.memories) == [0]
    assert found.missing["PROCEDUREPROFILE"] == "@Statistics: GRACEFUL_FAILURE (-2): not\nallowed"
    assert found.missing["LATENCY"].startswith("@Statistics LATENCY 0: there is no column 'HOST_ID'")


def test_without_the_catalog_tables_are_there_and_it_is_asked_again(server, asker):
    handle_statistics(server)
    server.handle("@SystemCatalog", ValueError("no"))
    for _ in range(2):
        found = asker.ask(("TABLE",))
        assert found.tables[1]["CONTESTANTS"].is_replicated is None
        assert list(found.missing) == ["@SystemCatalog TABLES"]
    assert asked(server).count("TABLES") == 2


def test_after_a_lost_connection_it_connects_anew():
    with MockServer() as server:
        handle_statistics(server)
        ports = [server.address]
        asker = Asker(lambda: connect(ports[0], signatures=False))
        asker.ask(())
    with pytest.raises(ConnectionLost):
        asker.ask(())
    with pytest.raises(CannotConnect):
        asker.ask(())
    with MockServer() as server:
        handle_statistics(server)
        ports[0] = server.address
        assert asker.ask(()).memories
        asker.close()
        asker.close()


class Scripted:
    """An asker that does what it is told: None is trouble, a number a sample."""

    def __init__(self, *script):
        self.script = list(script)

    def ask(self, wanted):
        found = self.script.pop(0)
        if found is None:
            raise CannotConnect("nobody there")
        return Sample(at_ns=found, address="", version="", started_ms=None)


def test_pauses_get_longer_to_a_limit_and_short_again():
    pauses = []
    asked = rounds(Scripted(*[None] * 12, 1, None, 2), tuple, lambda: 2.0, pauses.append, clock_s=lambda: 5.0)
    found = [next(asked) for _ in range(15)]
    assert found[0] == Trouble("nobody there", 1.0)
    assert pauses == [1, 2, 4, 8, 16, *[LONGEST_PAUSE_S] * 7, 2.0, 1]
    assert [isinstance(each, Sample) for each in found] == [False] * 12 + [True, False, True]


def test_the_time_that_asking_took_is_part_of_the_interval():
    times = iter([10.0, 10.5, 12.0, 15.0, 17.0])
    pauses = []
    asked = rounds(Scripted(1, 2, 3), tuple, lambda: 2.0, pauses.append, clock_s=lambda: next(times))
    for _ in range(3):
        next(asked)
    assert pauses == [1.5, 0.0]
