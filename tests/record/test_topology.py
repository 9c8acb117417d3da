"""Clients that ask for the nodes of a cluster are given the proxy's listeners."""

import socket

import pytest

from tests.record.servers import volt_server
from volttools.codec import build
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import INTEGER, STRING
from volttools.protocol.client_side import Answered, ClientSide, LoggedIn
from volttools.protocol.events import Direction
from volttools.record import Message, Proxy
from volttools.record.addresses import Address
from volttools.record.relay import Route
from volttools.record.topology import TopologyRewriter, places_of

NODES = {
    0: {"IPADDRESS": "10.0.0.1", "HOSTNAME": "db1", "CLIENTINTERFACE": "10.0.0.1", "CLIENTPORT": "21212",
        "ADMININTERFACE": "10.0.0.1", "ADMINPORT": "21211", "HTTPPORT": "-1", "VERSION": "11.4"},
    1: {"IPADDRESS": "10.0.0.2", "HOSTNAME": "db2", "CLIENTINTERFACE": "", "CLIENTPORT": "21212",
        "ADMININTERFACE": "", "ADMINPORT": "21211", "HTTPPORT": "-1", "VERSION": "11.4"},
}  # fmt: skip


def overview(nodes):
    rows = [(host, key, value) for host, keys in nodes.items() for key, value in keys.items()]
    columns = [("HOST_ID", INTEGER), ("KEY", STRING), ("VALUE", STRING)]
    return Table.of(columns, rows)


def message(table, procedure="@SystemInformation", direction=Direction.SERVER):

    body = build(Response(client_handle=1, tables=[table]))
    return Message(client="c:1", direction=direction, kind=Response, procedure=procedure, body=body)


def rewritten(places, nodes=NODES, host="127.0.0.1"):
    """What the nodes' keys became, and which nodes have no listener."""
    unknown = []
    found = TopologyRewriter(places, host, unknown.append).rewrite(message(overview(nodes)))
    if found is None:
        return None, unknown
    became = {}
    for host_id, key, value in found.tables[0].rows:
        became.setdefault(host_id, {})[key] = value
    return became, unknown


def test_nodes_are_where_their_listeners_are():
    became, unknown = rewritten({("10.0.0.1", 21212): 7001, ("10.0.0.2", 21212): 7002})
    assert unknown == []
    for number, port in ((0, "7001"), (1, "7002")):
        expected = NODES[number] | {
            "IPADDRESS": "127.0.0.1",
            "CLIENTINTERFACE": "127.0.0.1",
            "CLIENTPORT": port,
        }
        assert became[number] == expected


def test_a_node_is_found_by_its_name_and_its_admin_port_has_its_own_listener():
    became, _ = rewritten({("db1", 21212): 7001, ("db1", 21211): 7009, ("db2", 21212): 7002})
    assert (became[0]["ADMININTERFACE"], became[0]["ADMINPORT"]) == ("127.0.0.1", "7009")
    assert became[1]["ADMINPORT"] == "21211"


def test_a_node_without_a_listener_stays_and_is_told():
    became, unknown = rewritten({("10.0.0.1", 21212): 7001})
    assert became[1] == NODES[1]
    assert unknown == ["10.0.0.2:21212"]
    assert rewritten({}) == (None, ["10.0.0.1:21212", "10.0.0.2:21212"])


@pytest.mark.parametrize(
    "other",
    [
        message(overview(NODES), procedure="@Statistics"),
        message(overview(NODES), procedure=None),
        message(Table.of([("A", INTEGER)], [(1,)])),
        message(overview({})),
        message(overview({0: {"CLIENTPORT": "none"}, 1: {"IPADDRESS": None, "CLIENTPORT": "5"}})),
    ],
)
def test_all_other_answers_stay(other):
    assert TopologyRewriter({("10.0.0.1", 21212): 1}, "h", print).rewrite(other) is None


def test_a_name_stands_for_its_addresses():
    routes = [
        Route(Address("127.0.0.1", 0), Address("localhost", 21212)),
        Route(Address("127.0.0.1", 0), Address("nowhere.invalid", 21212)),
    ]
    places = places_of(routes, [Address("127.0.0.1", 7001), Address("127.0.0.1", 7002)])
    assert places["127.0.0.1", 21212] == places["localhost", 21212] == 7001
    assert places["nowhere.invalid", 21212] == 7002


def test_a_client_behind_the_proxy_stays_there():
    def answer(invocation):
        nodes = {0: NODES[0] | {"IPADDRESS": "127.0.0.1", "CLIENTPORT": str(port)}, 1: NODES[1]}
        return Response(client_handle=invocation.client_handle, tables=[overview(nodes)])

    with volt_server(answer) as port, Proxy(to=f":{port}", rewrites_topology=True) as proxy:
        side = ClientSide()
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as sock:
            sock.sendall(side.login())
            while not any(isinstance(e, LoggedIn) for e in side.receive(sock.recv(65536))):
                pass
            sock.sendall(side.call("@SystemInformation", [Parameter.of(STRING, "OVERVIEW")])[1])
            answers = []
            while not answers:
                answers = [e for e in side.receive(sock.recv(65536)) if isinstance(e, Answered)]
        rows = answers[0].response.tables[0].rows
        assert (0, "CLIENTPORT", str(proxy.port)) in rows
        assert (1, "CLIENTPORT", "21212") in rows
        assert proxy.recorder.trouble == [
            "the cluster has a node at 10.0.0.2:21212, to which clients will go around the proxy:"
            " give it a --listen and --to 10.0.0.2:21212"
        ]
