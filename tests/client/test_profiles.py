"""Profiles: where the file is, what it may say, and what it may not."""

import os

import pytest

from volttools.client.profiles import profile_names, profiles_path, read_profile
from volttools.errors import UsageError

TWO = """
[default]
hosts = "localhost"

[production]
hosts = ["db1", "db2:21213"]
user = "op"
password_file = "production.password"
trust_store = "/etc/ca.pem"
key_store = "~/me.p12"
timeout = "1.5s"
tls = true
"""


@pytest.fixture
def written(tmp_path):
    """Writes the file; gives the environment that names it."""

    def write(text, mode=0o644):
        path = tmp_path / "profiles.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return {"VOLTTOOLS_PROFILES": str(path)}

    return write


def test_where_the_file_is(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    assert profiles_path({}) == "/home/ann/.config/volttools/profiles.toml"
    assert profiles_path({"XDG_CONFIG_HOME": "/x"}) == "/x/volttools/profiles.toml"
    assert profiles_path({"XDG_CONFIG_HOME": "/x", "VOLTTOOLS_PROFILES": "~/p"}) == "/home/ann/p"


def test_a_profile_by_name(written, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    environment = written(TWO)
    assert profile_names(environment) == ["default", "production"]
    profile = read_profile("production", environment)
    assert profile.name == "production"
    assert profile.values == {
        "hosts": ["db1", "db2:21213"],
        "user": "op",
        "password_file": str(tmp_path / "production.password"),
        "trust_store": "/etc/ca.pem",
        "key_store": "/home/ann/me.p12",
        "timeout": 1.5,
        "tls": True,
    }
    assert read_profile(None, {**environment, "VOLTTOOLS_PROFILE": "production"}) == profile
    assert read_profile("default", {**environment, "VOLTTOOLS_PROFILE": "production"}).name == "default"


def test_without_a_name_it_is_the_default_if_there_is_one(written, tmp_path):
    assert read_profile(None, written(TWO)).values == {"hosts": "localhost"}
    assert read_profile(None, written("[other]")) is None
    nowhere = {"XDG_CONFIG_HOME": str(tmp_path / "none")}
    assert read_profile(None, nowhere) is None
    assert profile_names(nowhere) == []
    with pytest.raises(
        UsageError, match=r"none/volttools/profiles\.toml: there is no such file, and so no profile"
    ):
        read_profile("production", nowhere)
    with pytest.raises(UsageError, match="there is no such file"):
        read_profile(None, {"VOLTTOOLS_PROFILES": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[p]\nusr = 'op'", "[p] usr: there is no such key; did you mean user?"),
        ("[p]\nzzz = 1", "[p] zzz: there is no such key; there are hosts, user,"),
        ("[p]\nuser = 5", "[p] user: expected a text, got 5"),
        ("[p]\ntls = 'perhaps'", "[p] tls: expected true or false, got 'perhaps'"),
        ("[p]\ntimeout = true", "[p] timeout: expected seconds, or a time such as 1.5s or 500ms, got true"),
        ("[p]\nhosts = []", '[p] hosts: expected "host:port", or a list of them, got []'),
        ("[p]\nhash = 'md5'", '[p] hash: expected "sha256" or "sha1", got \'md5\''),
        ("[p]\ntrust_store = ''", "[p] trust_store: expected the name of a file, got ''"),
        ("[p]\n[p.user]\na = 1", "[p] user: expected a text, got {'a': 1}"),
        ("user = 'op'\n[p]", "user: it stands in no profile; write [default] above it"),
        ("[production]", "no profile is called 'p'; there are production"),
        ("[pp]", "no profile is called 'p'; did you mean pp?"),
        ("", "no profile is called 'p'; there is none in it"),
        ("[p]\nuser = op", "no TOML: Invalid value (at line 2, column 8)"),
        (b"\xff", "no UTF-8, as TOML must be: invalid start byte"),
    ],
)
def test_what_a_profile_can_not_say_is_told_with_its_place(written, text, message):
    environment = written(text)
    with pytest.raises(UsageError) as caught:
        read_profile("p", environment)
    assert str(caught.value).startswith(f"{environment['VOLTTOOLS_PROFILES']}: {message}")


@pytest.mark.skipif(os.name == "nt", reason="modes of files say nothing there")
@pytest.mark.parametrize("key", ["password", "trust_store_password", "key_store_password"])
def test_secrets_stand_only_where_nobody_else_reads(written, key):
    text = f"[p]\n{key} = 'sesame'"
    assert read_profile("p", written(text, 0o600)).values == {key: "sesame"}
    for mode in (0o640, 0o604):
        with pytest.raises(UsageError) as caught:
            read_profile("p", written(text, mode))
        assert f"[p] {key}: others may read the file; take that from them (chmod 600)" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        read_profile("p", written(f"[p]\n{key} = 12345"))
    assert str(caught.value).endswith(f"[p] {key}: expected a text")


def test_a_mistake_in_another_profile_does_not_matter(written):
    assert read_profile("p", written("[p]\nuser = 'op'\n[q]\nusr = 1")).values == {"user": "op"}


def test_a_file_that_is_none(tmp_path):
    with pytest.raises(UsageError, match=r"the profiles can't be read: Is a directory"):
        read_profile("p", {"VOLTTOOLS_PROFILES": str(tmp_path)})
