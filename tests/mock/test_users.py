"""Who may log in: by arguments, files and the environment; no password is in an error."""

import pytest

from volttools.errors import UsageError
from volttools.mock.users import users_of


def users(*given, file=None, password_file=None, environment=None):
    return users_of(given, file=file, password_file=password_file, environment=environment or {})


def test_nobody_named_is_everybody():
    assert users() is None


def test_passwords_come_from_where_they_stand(tmp_path):
    (tmp_path / "password").write_text("from file\nsecond line\n")
    (tmp_path / "users").write_text("# comment\n\nann:a:b\nbob:\n")
    assert users("op:se:cret") == {"op": "se:cret"}
    assert users("op", environment={"VOLTTOOLS_PASSWORD": "env"}) == {"op": "env"}
    assert users("op", password_file=str(tmp_path / "password")) == {"op": "from file"}
    assert users("bob:x", file=str(tmp_path / "users")) == {"ann": "a:b", "bob": "x"}


def test_what_is_missing_is_told(tmp_path):
    with pytest.raises(
        UsageError, match=r"^op has no password: write it behind a colon, .* or into VOLTTOOLS_PASSWORD$"
    ):
        users("op")
    with pytest.raises(UsageError, match=r"^a user needs a name"):
        users(":secret")
    with pytest.raises(UsageError, match=r"^nowhere: can't be read: No such file"):
        users(file="nowhere")
    (tmp_path / "users").write_text("op:x\nsecret\n")
    with pytest.raises(UsageError) as raised:
        users(file=str(tmp_path / "users"))
    assert str(raised.value) == f"{tmp_path / 'users'}: line 2: expected NAME:PASSWORD"
    (tmp_path / "users").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"no UTF-8$"):
        users(file=str(tmp_path / "users"))
