"""What a server tells of itself."""

from tests.client.server import Server
from volttools.client import connect
from volttools.client.node import NodeInfo, Partition, changes, node_info, ping
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import INTEGER, STRING
from volttools.mock import MockServer


def test_all_of_it():
    with MockServer(partitions=2, host_id=3) as server:
        server.handle("B", 1)
        server.handle("A", 1)
        with connect(server.address) as client:
            info = node_info(client)
    assert info.address == f"127.0.0.1:{server.port}"
    assert (info.version, info.host_id) == ("11.4.0.beta1", 3)
    assert info.hosts[3]["CLUSTERSTATE"] == "RUNNING"
    assert info.partitions == [Partition(0, ["3:0"], "3:0"), Partition(1, ["3:1"], "3:1")]
    assert info.procedures == ["A", "B"]
    assert info.missing == []


def test_what_is_refused_or_has_other_columns_is_missing():
    other = Table.of([("HOST_ID", INTEGER), ("VALUE", STRING)], [])
    answers = {
        "@SystemInformation": Response(tables=[other]),
        "@Statistics": Response(),
        "@SystemCatalog": Response(status=-2, status_string="not allowed"),
    }
    with Server(lambda call: answers[call.procedure]) as server, connect(server.address) as client:
        info = node_info(client)
    assert info.missing == [
        "@SystemInformation: there is no column 'KEY'; there are 'HOST_ID', 'VALUE'",
        "@Statistics: @Statistics gave no table",
        "@SystemCatalog: GRACEFUL_FAILURE (-2): not allowed",
    ]
    assert (info.hosts, info.partitions, info.procedures) == ({}, [], [])


def test_an_answer_to_a_ping():
    with MockServer() as server, connect(server.address) as client:
        pong = ping(client)
        assert (pong.status, pong.error, pong.build) == (1, None, "11.4.0.beta1_volttools-mock")
        server.handle("@Ping", lambda call: Response(status=-2, status_string="paused"))
        assert ping(client).as_json()["error"] == "@Ping: GRACEFUL_FAILURE (-2): paused"


def info(hosts, partitions=(), procedures=()):
    told = {
        number: {"HOSTNAME": f"db{number}", "IPADDRESS": "10.0.0.1", "CLIENTPORT": "21212", **values}
        for number, values in hosts.items()
    }
    return NodeInfo("a:1", "11", 0, told, [Partition(*each) for each in partitions], list(procedures))


def test_nothing_has_changed_but_the_uptime():
    before, now = (info({0: {"UPTIME": text}}, [(0, ["0:0"], "0:0")], ["A"]) for text in ("1", "2"))
    assert changes(before, now) == []


def test_a_node_was_lost_and_another_one_came():
    before = info(
        {0: {}, 1: {}}, [(0, ["0:0", "1:0"], "1:0"), (1, ["0:1"], "0:1"), (2, ["1:1"], "1:1")], ["A", "B"]
    )
    now = info(
        {0: {"CLUSTERSTATE": "PAUSED"}, 3: {}},
        [(0, ["0:0"], "0:0"), (1, ["0:1"], "0:1"), (3, ["3:0"], "3:0")],
        ["B"],
    )
    now.missing.append("@X: no")
    assert changes(before, now) == [
        "host 1 is gone: db1 10.0.0.1:21212",
        "host 3 came: db3 10.0.0.1:21212",
        "host 0: CLUSTERSTATE is PAUSED, was None",
        "partition 0 is led by 0:0, was by 1:0",
        "partition 0 has sites 0:0, had 0:0, 1:0",
        "partition 3 is new",
        "partition 2 is gone",
        "1 procedure gone: A",
        "no longer told: @X: no",
    ]
