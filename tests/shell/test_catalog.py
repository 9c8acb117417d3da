"""The catalog, fetched while nobody waits."""

from tests.client.server import Server, echo
from tests.shell.answering import answering, session_with
from volttools.client import connect
from volttools.shell.catalog import Catalog, CatalogFetch


def test_columns_are_found_whatever_the_case_of_the_table():
    catalog = Catalog({"VOTES": ["PHONE"]})
    assert (catalog.columns_of("votes"), catalog.columns_of("no")) == (["PHONE"], [])


def test_it_comes_with_the_answers_that_are_awaited_anyway():
    with answering() as server, connect(server.where) as client:
        fetch = CatalogFetch()
        fetch.begin(client)
        assert fetch.take() == Catalog()
        while fetch.is_under_way:
            client.call("@Ping")
        found = fetch.take()
        assert found.columns == {"VOTES": ["PHONE", "NAME"], "PEOPLE": ["ID"]}
        assert found.procedures == ["Vote"]


def test_a_server_without_a_catalog_has_an_empty_one():
    with Server(echo) as server, connect(server.address) as client:
        fetch = CatalogFetch()
        fetch.begin(client)
        fetch.begin(client)  # the first one is awaited no longer
        client.call("P")
        assert not fetch.is_under_way
        assert fetch.take() == Catalog()


def test_a_push_makes_the_session_ask_anew():
    with answering() as server, session_with(server, completes=True) as session:
        assert session.catalog(wait_s=10).procedures == ["Vote"]
        server.handle("Added", 1)
        server.push_procedures()
        names = []
        for _ in range(200):
            names = session.catalog(wait_s=0.05).procedures
            if "Added" in names:
                break
            list(session.run("select 1;"))
        assert names == ["Added", "Vote"]
