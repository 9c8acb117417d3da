"""Which settings are in force, without the secrets."""

from volttools.client.connection_settings import ConnectionSettings
from volttools.client.settings import SETTINGS
from volttools.client.shown_settings import shown


def rows(target=None, environment=None, **arguments):
    return [
        tuple(one) for one in shown(ConnectionSettings.of(target, environment=environment or {}, **arguments))
    ]


def test_what_is_built_in_is_shown_too():
    assert rows() == [
        ("hosts", ["localhost:21212"], "built in"),
        ("user", "", "built in"),
        ("hash", "sha256", "built in"),
        ("timeout", 120.0, "built in"),
        ("connect_timeout", 10.0, "built in"),
        ("tls", False, "built in"),
    ]


def test_where_each_comes_from_and_no_secret():
    found = rows("a", {"VOLTTOOLS_PASSWORD": "sesame"}, trust_store="t", trust_store_password="open")
    assert ("hosts", ["a:21212"], "argument") in found
    assert ("password", None, "VOLTTOOLS_PASSWORD") in found
    assert ("tls", True, "implied") in found
    assert ("trust_store_password", None, "argument") in found
    assert "sesame" not in str(found)
    assert [key for key, _, _ in found] == [
        key for key in SETTINGS if key in dict.fromkeys(one[0] for one in found)
    ]


def test_with_kerberos_there_is_no_user():
    assert {"user", "hash"}.isdisjoint(key for key, _, _ in rows(kerberos=True))
