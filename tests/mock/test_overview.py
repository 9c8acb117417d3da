"""@SystemInformation OVERVIEW: what clients look for in it."""

from volttools.mock.overview import HostFacts, overview_table


def facts(**changes):
    given = {"host_id": 3, "host": "127.0.0.2", "port": 5, "started_ms": 7}
    return HostFacts(**(given | changes))


def overview(*hosts, now_ms=7):
    return overview_table(hosts or [facts()], build="11.4_x", started_ms=7, now_ms=now_ms, full_size=3)


def test_it_says_where_to_dial_and_what_it_is():
    table = overview()
    assert [(column.name, column.type_name) for column in table.columns] == [
        ("HOST_ID", "INTEGER"),
        ("KEY", "STRING"),
        ("VALUE", "STRING"),
    ]
    values = {key: value for _, key, value in table.rows}
    assert (values["IPADDRESS"], values["CLIENTPORT"]) == ("127.0.0.2", "5")
    assert (values["BUILDSTRING"], values["VERSION"], values["STARTTIME"]) == ("11.4_x", "11.4", "7")
    assert {host for host, _, _ in table.rows} == {3}
    assert len(table.rows) == 45  # as of a real server
    assert None not in values.values()


def test_the_time_that_it_is_up_is_written_as_a_server_does():
    def uptime(milliseconds):
        return {key: value for _, key, value in overview(now_ms=7 + milliseconds).rows}["UPTIME"]

    assert uptime(2_249) == "0 days 00:00:02.249"
    assert uptime(((50 * 60 + 5) * 60 + 9) * 1000) == "2 days 02:05:09.000"


def test_each_living_host_is_told_in_the_order_given():
    table = overview(facts(), facts(host_id=0, host="127.0.0.1", started_ms=9))
    assert [host for host, key, _ in table.rows if key == "IPADDRESS"] == [3, 0]
    values = {(host, key): value for host, key, value in table.rows}
    assert values[0, "PARTITIONGROUP"] == values[3, "PARTITIONGROUP"] == "0,3"
    assert (values[0, "FULLCLUSTERSIZE"], values[0, "CLUSTERSAFETY"]) == ("3", "FULL")
    assert (values[0, "STARTTIME"], values[0, "HOSTSTARTTIME"]) == ("7", "9")
