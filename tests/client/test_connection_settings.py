"""Where a client connects to, and as whom."""

import contextlib
import ssl
import string

import hypothesis
import pytest
from hypothesis import strategies

from volttools.client.connection_settings import Address, ConnectionSettings, addresses_of
from volttools.client.kerberos import KerberosLogin
from volttools.client.settings import SETTINGS
from volttools.errors import UsageError
from volttools.protocol.login_strategy import PasswordLogin


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("volt", [("volt", 21212)]),
        ("volt:21211", [("volt", 21211)]),
        ("::1", [("::1", 21212)]),
        ("[::1]", [("::1", 21212)]),
        ("[fe80::1%eth0]:7000", [("fe80::1%eth0", 7000)]),
        ("a, b:1 ,", [("a", 21212), ("b", 1)]),
        (("volt", 7000), [("volt", 7000)]),
        (["a", ("b", 2), "c:3,d"], [("a", 21212), ("b", 2), ("c", 3), ("d", 21212)]),
        (("a", "b"), [("a", 21212), ("b", 21212)]),
    ],
)
def test_targets(target, expected):
    assert list(addresses_of(target)) == expected


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("", "no host to connect to: write host, host:port or [IPv6]:port"),
        (",", "no host to connect to"),
        ([], "no host to connect to"),
        ("volt:x", "'volt:x': x is no port; those are 1 .. 65535"),
        ("volt:0", "'volt:0': 0 is no port"),
        ("volt:65536", "'volt:65536': 65536 is no port"),
        ("[::1", "'[::1' is no address: write an IPv6 address as"),
        ("[::1]x", "'[::1]x' is no address"),
        ("[::1]:", "'[::1]:': the port is missing behind the colon"),
        ("volt:", "'volt:': the port is missing behind the colon; without a colon it is 21212"),
        ("http://volt", "'http://volt' is no address: write host, host:port"),
        (
            "op@volt:1",
            "'...@volt:1' is no address: write host, host:port or [IPv6]:port; user and password are",
        ),
        ("a,op:se,cret@volt", "'...@volt' is no address"),
        ("voltdb://op:secret@volt/?tls=true", "'voltdb://...@volt/?tls=true' is no address"),
        ("a b", "'a b' is no address"),
    ],
)
def test_what_is_no_target(target, text):
    with pytest.raises(UsageError) as caught:
        addresses_of(target)
    assert text in str(caught.value)


def test_what_is_not_given_comes_from_the_environment():
    environment = {"VOLTTOOLS_HOST": "a,b", "VOLTTOOLS_USER": "ann", "VOLTTOOLS_PASSWORD": "secret"}
    settings = ConnectionSettings.of(environment=environment)
    assert settings.addresses == (Address("a", 21212), Address("b", 21212))
    assert (settings.user, settings.password()) == ("ann", "secret")
    given = ConnectionSettings.of("c", user="", password="", environment=environment)
    assert (given.addresses[0].host, given.user, given.password()) == ("c", "", "")
    assert ConnectionSettings.of(environment={}).addresses == (Address("localhost", 21212),)


def test_a_password_is_in_no_repr():
    assert "secret" not in repr(ConnectionSettings.of("a", password="secret", environment={}))


# ------------------------------------------------------------------------ round trips

HOSTS = strategies.one_of(
    strategies.text(string.ascii_letters + string.digits + ".-_", min_size=1),
    strategies.ip_addresses().map(str),
)
ADDRESSES = strategies.builds(Address, HOSTS, strategies.integers(1, 65535))


@hypothesis.given(strategies.lists(ADDRESSES, min_size=1, max_size=4))
def test_addresses_read_as_they_are_written(addresses):
    assert addresses_of(",".join(map(str, addresses))) == tuple(addresses)
    assert addresses_of(map(str, addresses)) == tuple(addresses)
    assert addresses_of([tuple(address) for address in addresses]) == tuple(addresses)


@hypothesis.given(strategies.text(max_size=30))
def test_any_text_is_addresses_or_a_sentence(text):
    with contextlib.suppress(UsageError):
        found = addresses_of(text)
        assert addresses_of(list(map(str, found))) == found


@hypothesis.given(strategies.text(string.ascii_letters + ":,/@[]", min_size=1), HOSTS)
def test_what_stands_before_an_at_is_in_no_message(secret, host):
    with pytest.raises(UsageError) as caught:
        addresses_of(f"op:0{secret}0@{host}")
    assert f"0{secret}0" not in str(caught.value)


# -------------------------------------------------------------- which source goes first


def settings_of(tmp_path, *, environment=None, target=None, profile=None, toml="", **arguments):
    path = tmp_path / "profiles.toml"
    path.write_text(toml)
    path.chmod(0o600)
    variables = {"VOLTTOOLS_PROFILES": str(path), **(environment or {})}
    return ConnectionSettings.of(target, profile=profile, environment=variables, **arguments)


TEXTS = strategies.none() | strategies.text(string.ascii_letters, min_size=1, max_size=5)


@hypothesis.given(
    strategies.dictionaries(
        strategies.sampled_from(["principal", "service", "user"]), strategies.tuples(TEXTS, TEXTS, TEXTS)
    )
)
def test_arguments_go_before_the_environment_and_that_before_the_profile(tmp_path_factory, said):
    """Of settings that are alternatives, the one whose source goes first stays."""
    toml = "[default]\n" + "".join(f'{key} = "{three[2]}"\n' for key, three in said.items() if three[2])
    settings = settings_of(
        tmp_path_factory.getbasetemp(),
        toml=toml,
        environment={SETTINGS[key].variable: three[1] for key, three in said.items() if three[1]},
        **{key: three[0] for key, three in said.items() if not (key == "user" and said.keys() - {"user"})},
    )
    for key, found in settings.given.items():
        if key != "kerberos":
            known = [(rank, text) for rank, text in enumerate(said[key]) if text]
            if key == "user" and said.keys() - {"user"}:
                known = [one for one in known if one[0]]
            assert (found.rank, found.value) == known[0]
    assert not ("user" in settings.given and "kerberos" in settings.given)


def test_each_source_fills_what_those_before_it_leave_open(tmp_path):
    settings = settings_of(
        tmp_path,
        toml='[lab]\nhosts = ["a", "b:7"]\nuser = "op"\npassword = "secret"\ntimeout = "1.5s"\nconnect_timeout = 3\n',
        environment={"VOLTTOOLS_PROFILE": "lab", "VOLTTOOLS_PASSWORD": "other", "VOLTTOOLS_TIMEOUT": ""},
        timeout=2,
    )
    assert settings.addresses == (("a", 21212), ("b", 7))
    assert settings.login() == PasswordLogin("op", "other")
    assert (settings.value("timeout"), settings.connect_timeout, settings.profile) == (2.0, 3.0, "lab")
    assert {key: given.source for key, given in settings.given.items()} == {
        "hosts": "profile lab",
        "user": "profile lab",
        "password": "VOLTTOOLS_PASSWORD",
        "timeout": "argument",
        "connect_timeout": "profile lab",
    }
    assert settings.connecting_within(0.5).connect_timeout == 0.5
    assert settings.connecting_within(5).connect_timeout == 3.0


def test_the_password_of_a_profile_is_sent_for_its_own_user_only(tmp_path):
    toml = '[default]\nuser = "op"\npassword = "secret"\n'
    assert settings_of(tmp_path, toml=toml, user="op").password() == "secret"
    assert settings_of(tmp_path, toml=toml, user="ann").password() == ""


def test_password_and_password_file_are_alternatives(tmp_path):
    (tmp_path / "word").write_text("from the file\r\nsecond line")
    toml = '[default]\npassword_file = "word"\n'
    assert settings_of(tmp_path, toml=toml).password() == "from the file"
    environment = {"VOLTTOOLS_PASSWORD": "variable"}
    assert settings_of(tmp_path, toml=toml, environment=environment).password() == "variable"
    given = {"password_file": str(tmp_path / "word")}
    assert settings_of(tmp_path, environment=environment, **given).password() == "from the file"
    environment["VOLTTOOLS_PASSWORD_FILE"] = "word"
    with pytest.raises(UsageError) as caught:
        settings_of(tmp_path, environment=environment)
    assert str(caught.value) == (
        "VOLTTOOLS_PASSWORD and VOLTTOOLS_PASSWORD_FILE don't go together: give one of them"
    )
    with pytest.raises(UsageError, match="profile default: password and password_file don't go together"):
        settings_of(tmp_path, toml=toml + 'password = "x"\n')
    with pytest.raises(UsageError, match="none: the password can't be read: no such file"):
        settings_of(tmp_path, password_file="none").login()


def test_sha1_is_a_log_in_of_version_0(tmp_path):
    request = settings_of(tmp_path, user="op", password="secret", hash="SHA-1").login().request()
    assert (request.version, len(request.password_hash)) == (0, 20)


@pytest.mark.parametrize(
    ("toml", "arguments", "is_kerberos"),
    [
        ("kerberos = true", {}, True),
        ("kerberos = true", {"user": "op"}, False),
        ("kerberos = true", {"kerberos": False}, False),
        ('principal = "a@R"', {"password": "x"}, True),
        ('user = "op"', {"kerberos": True}, True),
        ('user = "op"', {"service": "volt/a"}, True),
        ('kerberos = false\nprincipal = "a@R"', {}, False),
        ('user = "op"\nkerberos = true', {}, True),
    ],
)
def test_which_way_to_log_in(tmp_path, toml, arguments, is_kerberos):
    settings = settings_of(tmp_path, toml=f"[default]\n{toml}\n", **arguments)
    assert bool(settings.value("kerberos")) == is_kerberos
    assert not is_kerberos or not {"user", "password"} & settings.given.keys()


def test_kerberos_gets_principal_and_service(tmp_path, monkeypatch):
    made = {}
    monkeypatch.setattr(KerberosLogin, "__init__", lambda self, **named: made.update(named))
    settings_of(tmp_path, principal="a@R", service="volt/a").login()
    assert made == {"principal": "a@R", "service": "volt/a"}
    with pytest.raises(UsageError, match="with Kerberos the ticket says who one is: give no user"):
        settings_of(tmp_path, kerberos=True, user="op")


# --------------------------------------------------------------------------------- TLS


@pytest.mark.parametrize(
    ("toml", "arguments", "in_force"),
    [
        ("", {}, None),
        ("tls = true", {}, []),
        ("", {"trust_store": "a"}, ["trust_store"]),
        ('trust_store = "a"', {"tls": False}, None),
        ("tls = false", {"trust_store": "a"}, ["trust_store"]),
        ('tls = false\ntrust_store = "a"', {}, None),
        ('trust_store = "a"', {"ssl_config": "b"}, ["ssl_config"]),
        ('ssl_config = "b"', {"trust_store": "a"}, ["trust_store", "ssl_config"]),
        ('trust_store = "a"\ntrust_store_password = "x"', {"trust_store": "c"}, ["trust_store"]),
        ('trust_store = "a"\ntrust_store_password = "x"', {}, ["trust_store", "trust_store_password"]),
        ('trust_store = "a"', {"dangerous_any_certificate": True}, ["dangerous_any_certificate"]),
        ("dangerous_any_certificate = true", {"trust_store": "a"}, ["trust_store"]),
        ('key_store = "k"\nkey_certificate = "c"', {"key_store": "a"}, ["key_store"]),
        (
            "dangerous_any_host_name = true\ntls = true",
            {"dangerous_any_host_name": False},
            ["dangerous_any_host_name"],
        ),
    ],
)
def test_which_settings_of_tls_are_in_force(tmp_path, toml, arguments, in_force):
    settings = settings_of(tmp_path, toml=f"[default]\n{toml}\n", **arguments)
    assert settings.is_tls == (in_force is not None)
    assert settings.given.keys() - {"tls"} == set(in_force or ())


def test_the_context_has_what_the_settings_say(tmp_path, monkeypatch):
    assert settings_of(tmp_path).ssl_context() is None
    context = settings_of(tmp_path, dangerous_any_host_name=True).ssl_context()
    assert (context.check_hostname, context.verify_mode) == (False, ssl.CERT_REQUIRED)
    assert settings_of(tmp_path, tls=True).ssl_context().check_hostname
    made = {}
    monkeypatch.setattr("volttools.client.tls.make_context", lambda **named: made.update(named))
    toml = '[default]\ntrust_store = "a.jks"\ntrust_store_password = "x"\nkey_store = "b.jks"\n'
    settings_of(
        tmp_path, toml=toml, environment={"VOLTTOOLS_KEY_STORE_PASSWORD": "y"}, ciphers="C", keylog="~/k"
    ).ssl_context()
    assert made.pop("keylog").endswith("/k")
    assert made == {
        "trust_store": str(tmp_path / "a.jks"),
        "key_store": str(tmp_path / "b.jks"),
        "ciphers": "C",
        "environment": {"VOLTTOOLS_TRUST_STORE_PASSWORD": "x", "VOLTTOOLS_KEY_STORE_PASSWORD": "y"},
    }
    made.clear()
    settings_of(tmp_path, trust_store="t", trust_store_password="z").ssl_context()
    assert made == {"trust_store": "t", "trust_store_password": "z", "environment": {}}


@pytest.mark.parametrize(
    ("environment", "arguments", "text"),
    [
        ({"VOLTTOOLS_TLS": "perhaps"}, {}, "VOLTTOOLS_TLS: expected true or false, got 'perhaps'"),
        ({"VOLTTOOLS_HASH": "md5"}, {}, 'VOLTTOOLS_HASH: expected "sha256" or "sha1", got \'md5\''),
        ({}, {"timeout": 0}, "timeout: expected seconds, or a time such as 1.5s or 500ms, got 0"),
        ({}, {"password": b"secret"}, "password: expected a text"),
        ({"VOLTTOOLS_HOST": "a:b"}, {}, "'a:b': b is no port"),
    ],
)
def test_what_can_not_be_is_said_without_secrets(tmp_path, environment, arguments, text):
    with pytest.raises(UsageError) as caught:
        settings_of(tmp_path, environment=environment, **arguments)
    assert str(caught.value).startswith(text)
    assert "secret" not in str(caught.value)


def test_a_setting_that_is_none_is_a_mistake_of_the_program():
    with pytest.raises(TypeError, match="no setting is called 'usr'"):
        ConnectionSettings.of(usr="op", environment={})
