"""What can stand where the cursor is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.shell.catalog import Catalog
from volttools.shell.completion import completions

CATALOG = Catalog({"VOTES": ["PHONE", "NAME"], "PEOPLE": ["ID", "AGE"]}, ["VOTES.insert", "Vote", "peopleOf"])


def texts(before):
    return [found.text for found in completions(before, CATALOG)]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("", []),
        ("sel", ["select"]),
        ("SEL", ["SELECT"]),
        ("select 1; up", ["update", "upsert"]),
        ("select * from ", ["VOTES", "PEOPLE"]),
        ("select * from v", ["votes"]),
        ("select * from votes v, P", ["PEOPLE"]),
        ("insert into p", ["people"]),
        ("select v. from votes v where v.", ["PHONE", "NAME"]),
        ("select * from votes as w join people p on p.a", ["age"]),
        ("select votes.n", ["name"]),
        ("select nothing.n", []),
        ("exec v", ["VOTES.insert", "Vote"]),
        ("exec VOTES.i", ["VOTES.insert"]),
        ("call @sys", ["@SystemCatalog", "@SystemInformation"]),
        ("exec @Statistics topo", ["topo"]),
        ("exec @SystemInformation ", ["DEPLOYMENT", "LICENSE", "OVERVIEW"]),
        ("exec @SystemInformation OVERVIEW ", []),
        ("exec Vote 1", []),
        ("\\ti", ["\\timing"]),
        ("\\timing o", ["on", "off"]),
        ("\\format ", ["table", "json", "csv"]),
        ("\\d v", ["votes"]),
        ("\\explainproc v", ["VOTES.insert", "Vote"]),
        ("\\explain select * from pe", ["people"]),
        ("describe p", ["people"]),
        ("show ", ["tables", "procedures", "classes"]),
        ("explain sel", ["select"]),
        ("explainproc V", ["VOTES.insert", "Vote"]),
        ("select 'from ", []),
        ("select -- from ", []),
        ("select /* from ", []),
        ('select "a', []),
        ("select * from votes ", []),
    ],
)
def test_what_can_stand_there(before, found):
    assert texts(before) == found


def test_columns_of_the_tables_that_are_used_come_first():
    assert texts("select * from people where ")[:2] == ["ID", "AGE"]
    assert "PHONE" not in texts("select * from people where ")
    found = texts("select * from votes where na")
    assert (found[0], "natural" in found) == ("name", True)


@given(
    st.lists(
        st.sampled_from(
            [
                "select",
                "from",
                "votes",
                "v",
                ".",
                ",",
                "'",
                '"',
                "--",
                "/*",
                ";",
                "exec",
                "\\d",
                "\n",
                "V",
                "@S",
                "a",
                "=",
            ]
        )
    )
)
def test_it_takes_the_place_of_what_was_begun(words):
    before = " ".join(words)
    for found in completions(before, CATALOG):
        begun = before[len(before) - found.replaces :]
        assert found.text.upper().startswith(begun.upper())
