"""Profiles: what is set about connections, by name, in a TOML file.

    [production]
    hosts = ["db1", "db2:21213"]
    user = "op"
    password_file = "production.password"
    trust_store = "ca.pem"

It is `volttools/profiles.toml` in XDG_CONFIG_HOME, which is ~/.config by default; VOLTTOOLS_PROFILES
names another. Where no profile is named, [default] holds, if it is there. The keys are in `settings.py`.
Files count from the profile file's directory. Secrets may stand in it where nobody but its owner may
read it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from volttools.client.settings import PROFILE, PROFILES, SETTINGS, instead_of
from volttools.errors import UsageError

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Profile:
    """One of the file's sections: what it sets, with the names of files made whole."""

    name: str
    file: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


def profiles_path(environment: Mapping[str, str] = os.environ) -> str:
    """Where the profiles are, whether there are some or not."""
    if named := environment.get(PROFILES):
        return os.path.expanduser(named)
    directory = environment.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return os.path.join(directory, "volttools", "profiles.toml")


def profile_names(environment: Mapping[str, str] = os.environ) -> list[str]:
    """All profiles of the file, in its order. UsageError for a file that can't be read."""
    return list(_sections(profiles_path(environment), is_wanted=bool(environment.get(PROFILES))) or ())


def read_profile(name: str | None = None, environment: Mapping[str, str] = os.environ) -> Profile | None:
    """The profile of that name, else the one of VOLTTOOLS_PROFILE, else [default]; None if there is none.

    Raises UsageError for one that is not there, and for one that says what can't be.
    """
    name = name or environment.get(PROFILE) or None
    path = profiles_path(environment)
    sections = _sections(path, is_wanted=bool(name or environment.get(PROFILES)))
    if sections is None or (name is None and DEFAULT not in sections):
        return None
    section = name or DEFAULT
    if section not in sections:
        hint = instead_of(section, sections) if sections else "there is none in it"
        raise UsageError(f"no profile is called {section!r}; {hint}", file=path)
    return Profile(section, path, _values(path, section, sections[section]))


def _sections(path: str, *, is_wanted: bool) -> dict[str, dict[str, Any]] | None:
    """What the file has; None if it isn't there, and nobody asked for it."""
    from volttools.rule_files import read_rule_text, read_toml

    try:
        document = read_toml(read_rule_text(path), file=path)
    except FileNotFoundError:
        if not is_wanted:
            return None
        raise UsageError(
            "there is no such file, and so no profile; docs/connecting.md shows how to write one", file=path
        ) from None
    except OSError as error:
        raise UsageError(f"the profiles can't be read: {error.strerror}", file=path) from None
    for key, value in document.items():
        if not isinstance(value, dict):
            raise UsageError(f"{key}: it stands in no profile; write [{DEFAULT}] above it", file=path)
    return document


def _values(path: str, section: str, table: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in table.items():
        where = f"[{section}] {key}"
        setting = SETTINGS.get(key)
        if setting is None:
            raise UsageError(f"{where}: there is no such key; {instead_of(key, SETTINGS)}", file=path)
        try:
            read = setting.read(value)
        except ValueError as error:
            got = "" if setting.is_secret else f", got {_shown(value)}"
            raise UsageError(f"{where}: {error}{got}", file=path) from None
        if setting.is_secret and _others_can_read(path):
            raise UsageError(
                f"{where}: others may read the file; take that from them (chmod 600), or name a password_file",
                file=path,
            )
        found[key] = os.path.join(os.path.dirname(path), read) if setting.is_path else read
    return found


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _others_can_read(path: str) -> bool:
    if os.name == "nt":  # the mode says nothing there
        return False
    return bool(stat.S_IMODE(os.stat(path).st_mode) & 0o077)
