"""@SystemInformation."""

from tests.mock.wire import connected
from volttools.mock import MockServer


def test_deployment_and_license_tell_of_this_server():
    with (
        MockServer(nodes=2, partitions=4, users={"op": "x"}) as server,
        connected(server, user="op", password="x") as wire,
    ):
        values = dict(wire.call("@SystemInformation", "deployment").tables[0].rows)
        assert (values["hostcount"], values["kfactor"], values["sitesperhost"]) == ("2", "1", "4")
        assert values["users"] == "op:administrator;"
        assert wire.call("@SystemInformation", "LICENSE").tables[0].rows == [("TYPE", "CommunityEdition")]


def test_other_selectors_are_refused():
    with MockServer() as server, connected(server) as wire:
        response = wire.call("@SystemInformation", "NOPE")
        assert (response.status, response.status_string) == (-2, "Invalid @SystemInformation selector NOPE")
