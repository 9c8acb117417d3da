import pytest

from volttools.errors import UsageError
from volttools.redaction.keys import new_key, random_key, read_key


def test_a_new_key_is_for_its_owner_only_and_is_read_back(tmp_path):
    path = tmp_path / "redact.key"
    new_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_key(path)) == 64
    assert read_key(path) == path.read_bytes().strip()


def test_a_key_is_never_overwritten(tmp_path):
    path = tmp_path / "redact.key"
    path.write_text("precious")
    with pytest.raises(UsageError, match=r"redact\.key: is there already, and a key is never overwritten"):
        new_key(path)
    assert path.read_text() == "precious"


def test_a_short_key_is_refused_and_not_quoted(tmp_path):
    path = tmp_path / "redact.key"
    path.write_text("hunter2\n")
    with pytest.raises(UsageError) as caught:
        read_key(path)
    assert str(caught.value) == (
        f"{path}: a key needs at least 16 bytes, and this has 7; volttools redact --new-key FILE makes one"
    )


def test_random_keys_differ():
    assert random_key() != random_key()
    assert len(random_key()) == 32
