import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from volttools.redaction.pseudonyms import Pseudonyms
from volttools.sql import is_builtin

NAMES = Pseudonyms(b"a key for tests!").names


def test_a_name_has_one_pseudonym_in_every_case():
    found = NAMES.name("VOTES")
    assert found.isupper()
    assert NAMES.name("votes") == found.lower()
    assert NAMES.name("Votes") == found.capitalize()


@pytest.mark.parametrize("name", ["@Statistics", "SELECT", "count", "Varchar", "org.voltdb.Site.run", ""])
def test_what_belongs_to_the_product_stays(name):
    assert NAMES.name(name) == name


def test_the_parts_of_a_name_have_their_own_pseudonyms():
    table = NAMES.name("VOTES")
    assert NAMES.name("VOTES.insert") == f"{table}.insert"
    assert NAMES.name("lab.Votes") == f"{NAMES.name('lab')}.{NAMES.name('Votes')}"


@example("_")
@example("A___b1")
@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True))
def test_a_name_stays_an_identifier_of_the_same_length(name):
    found = NAMES.name(name)
    assert found.isidentifier()
    assert len(found) == len(name)
    assert is_builtin(found) == is_builtin(name)


def test_distinct_short_names_stay_distinct():
    names = [a + b for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    assert len({NAMES.name(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["straße", "größe", "\u0131x", "日本"])
def test_a_name_that_is_not_ascii_keeps_its_length_at_least(name):
    assert len(NAMES.name(name)) >= len(name)
    assert NAMES.name(name) != name


@pytest.mark.parametrize("name", ["C1", "modified_tuples", "STATUS", ""])
def test_columns_that_the_server_names_stay(name):
    assert NAMES.column(name) == name
    assert NAMES.column("EMAIL") == NAMES.name("EMAIL")


def test_users_become_others_and_roles_of_every_server_stay():
    assert NAMES.user("alice") != "alice"
    assert [NAMES.user(name) for name in ("", "administrator", "user")] == ["", "administrator", "user"]


@pytest.mark.parametrize(
    "address", ["127.0.0.1:54321", "127.0.0.2", "[::1]:21212", "::", "0.0.0.0", "localhost:1", ""]
)
def test_addresses_that_tell_nothing_stay(address):
    assert NAMES.address(address) == address


def test_addresses_become_private_ones_of_the_same_version_and_ports_stay():
    found = NAMES.address("203.0.113.7:54412")
    host, _, port = found.partition(":")
    assert port == "54412"
    assert ipaddress.ip_address(host) in ipaddress.ip_network("10.0.0.0/8")
    assert NAMES.address("203.0.113.7") == host
    found = NAMES.address("[2001:db8::7]:21212")
    assert found.startswith("[fd")
    assert found.endswith("]:21212")


@pytest.mark.parametrize("address", ["file:///data/alice", "alice:secret", "[::9]:alice", "a:b:c", ":alice"])
def test_only_a_port_stays_behind_a_colon(address):
    assert "alice" not in NAMES.address(address)
    assert "data" not in NAMES.address(address)
    assert NAMES.address(address) != address


def test_hosts_and_paths_keep_their_form():
    assert NAMES.address("db1.example.com").count(".") == 2
    assert NAMES.address("/opt/voltdb/root").count("/") == 3
    assert "voltdb" not in NAMES.address("/opt/voltdb/root")
