from volttools.mock import MockServer
from volttools.mock.listening import forget_the_gone, listening


def test_ports_for_administrators_and_for_control_are_known():
    with MockServer(admin_port=0, control_port=0) as server:
        control_port = int(server.control_url.rpartition(":")[2])
        assert {("127.0.0.1", server.nodes[0].admin_port), ("127.0.0.1", control_port)} <= set(listening())


def test_each_node_is_known_also_when_it_is_down():
    with MockServer(nodes=2) as server:
        addresses = [node.address for node in server.nodes]
        assert set(addresses) <= set(listening())
    assert set(addresses) <= set(listening())


def test_a_server_that_has_ended_is_known_until_that_is_forgotten():
    with MockServer(admin_port=0, control_port=0) as server:
        addresses = {server.address, (server.host, server.nodes[0].admin_port)}
    assert addresses <= set(listening())
    forget_the_gone()
    assert not addresses & set(listening())
