"""The shell's own words."""

import pytest

from volttools.errors import UsageError
from volttools.shell.commands import COMMANDS, command_of, help_lines
from volttools.shell.session import Session


def test_all_commands_are_in_the_help_and_do_something():
    shown = "\n".join(help_lines())
    for name in COMMANDS:
        assert f"  {name} " in shown
    assert set(Session._commands) == set(COMMANDS)


def test_a_command_is_found_by_its_other_names_in_any_case():
    assert command_of("\\C").name == "\\connect"
    with pytest.raises(UsageError, match=r"there is no command \\zzz; \\\? lists all"):
        command_of("\\zzz")
