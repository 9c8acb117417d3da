"""Tests of the application, without a server: answers by hand, and answers that were recorded.

    pytest examples/python

The cassettes are of a mock server that played the voter example; from a real one they are recorded so:

    pytest --volt-record=once --volt-server=db1 examples/python
"""

import pytest
import votes

from volttools import CallFailed


def test_a_vote_is_sent_with_the_limit(volt_server, volt_client):
    volt_server.stub("Vote").returns(0)
    assert votes.vote(volt_client, 6175551212, 3) is None
    volt_server.assert_called("Vote", 6175551212, 3, 2, times=1)


def test_the_third_vote_is_refused(volt_server, volt_client):
    volt_server.stub("Vote").returns(0).times(2).then_returns(2)
    answers = [votes.vote(volt_client, 6175551212, 3) for _ in range(3)]
    assert answers == [None, None, "a phone has 2 votes"]


def test_a_server_that_refuses_is_told_of(volt_server, volt_client):
    volt_server.stub("Vote").fails("out of memory", status=-2)
    with pytest.raises(CallFailed, match="out of memory"):
        votes.vote(volt_client, 6175551212, 3)


@pytest.mark.volt_cassette
def test_who_leads(volt_client):
    assert votes.leader(volt_client) is None
    assert votes.vote(volt_client, 6175551212, 3) is None
    assert votes.leader(volt_client) == "Kelly Clauss"


@pytest.mark.volt_cassette
@pytest.mark.parametrize("contestant", [0, 7])
def test_who_is_no_contestant(volt_client, contestant):
    assert votes.vote(volt_client, 6175551212, contestant) == "there is no such contestant"


def test_a_node_is_lost(volt_cluster, volt_client):
    volt_cluster.stub("Vote").returns(0)
    volt_cluster.stop_node(2)
    assert votes.vote(volt_client, 6175551212, 3) is None
