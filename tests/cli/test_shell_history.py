"""Where what was typed is kept."""

import pytest

from volttools.cli.shell_history import history_file, is_kept
from volttools.errors import UsageError


def test_it_is_below_the_state_directory_and_only_its_owner_reads_it(tmp_path, monkeypatch):
    path = history_file({"XDG_STATE_HOME": str(tmp_path)})
    assert path == tmp_path / "volttools" / "history"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    path.write_text("kept")
    assert history_file({"XDG_STATE_HOME": str(tmp_path)}).stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "kept"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert history_file({}) == tmp_path / ".local" / "state" / "volttools" / "history"


def test_the_environment_names_another_file_or_none(tmp_path):
    assert history_file({"VOLTTOOLS_HISTORY": str(tmp_path / "h")}) == tmp_path / "h"
    assert history_file({"VOLTTOOLS_HISTORY": ""}) is None
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="no history is kept there; see VOLTTOOLS_HISTORY"):
        history_file({"VOLTTOOLS_HISTORY": str(tmp_path / "file" / "h")})


def test_a_statement_behind_a_blank_is_not_kept():
    assert [is_kept(text) for text in ("select", " select", "\n", "")] == [True, False, False, False]
