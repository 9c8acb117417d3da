"""`volttools settings`."""

import json

import pytest

from volttools.cli import run


@pytest.fixture
def profiles(tmp_path, monkeypatch):
    path = tmp_path / "profiles.toml"
    path.write_text('[lab]\nhosts = ["a", "b"]\nuser = "op"\npassword = "sesame"\ntls = true\n')
    path.chmod(0o600)
    monkeypatch.setenv("VOLTTOOLS_PROFILES", str(path))
    monkeypatch.setenv("VOLTTOOLS_CONNECT_TIMEOUT", "5")
    return path


def test_each_setting_with_its_value_and_its_source(profiles, capsys):
    assert run(["settings", "--profile", "lab", "--no-tls", "--timeout", "500ms"]) == 0
    assert capsys.readouterr().out == (
        "hosts            a:21212, b:21212  profile lab\n"
        "user             op                profile lab\n"
        "password         (not shown)       profile lab\n"
        "hash             sha256            built in\n"
        "timeout          0.5 s             --timeout\n"
        "connect_timeout  0.5 s             --timeout\n"
        "tls              no                --no-tls\n"
        f"\nprofiles in {profiles}: lab\n"
    )


def test_the_same_as_json(profiles, capsys):
    assert run(["settings", "--profile", "lab", "-H", "::1", "--json"]) == 0
    out = capsys.readouterr().out
    found = json.loads(out)
    assert found["settings"]["hosts"] == {"value": ["[::1]:21212"], "source": "-H"}
    assert found["settings"]["password"] == {"value": None, "source": "profile lab"}
    assert found["settings"]["connect_timeout"] == {"value": 5.0, "source": "VOLTTOOLS_CONNECT_TIMEOUT"}
    assert (found["profile"], found["profiles"]) == ("lab", ["lab"])
    assert "sesame" not in out


def test_what_is_wrong_is_one_sentence(profiles, capsys):
    assert run(["settings", "--profile", "lob"]) == 2
    assert capsys.readouterr().err == (
        f"volttools: {profiles}: no profile is called 'lob'; did you mean lab?\n"
    )
