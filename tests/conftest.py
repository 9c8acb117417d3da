"""What every test gets: the Hypothesis profile, and fixtures for what may be missing.

A test that uses one of the fixtures below is marked with what the fixture needs, so that
`make test` leaves it out without anyone having to remember the marker.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import requirements
from volttools.client import settings as connection

# Fixture -> the marker that its users get.
FIXTURE_MARKERS = {
    "shared_captures": "shared",
    "peer_captures": "shared",
    "tshark": "tshark",
}

# No deadlines: the machines that run this share their cores.
settings.register_profile("small", max_examples=50, derandomize=True, database=None, deadline=None)
settings.register_profile(
    "exhaustive",
    max_examples=5_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
PROFILE = "exhaustive" if os.environ.get("VOLTTOOLS_EXHAUSTIVE") else "small"
settings.load_profile(PROFILE)


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_ones_own(tmp_path_factory) -> Iterator[None]:
    """Nobody's profiles and environment change what a test sees."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            connection.PROFILE,
            connection.PROFILES,
            *(one.variable for one in connection.SETTINGS.values()),
        ):
            patch.delenv(name, raising=False)
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def shared_captures() -> Path:
    """The directory of recordings from a real server, with their expected values."""
    return requirements.shared_captures_dir()


@pytest.fixture(scope="session")
def peer_captures() -> Path:
    """The directory of recordings that other projects publish."""
    return requirements.peers_dir()


@pytest.fixture(scope="session")
def tshark() -> str:
    """The path of tshark."""
    return requirements.require_tool("tshark")


@pytest.hookimpl(tryfirst=True)  # before -m looks at the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in FIXTURE_MARKERS:
                item.add_marker(FIXTURE_MARKERS[fixture])


def pytest_report_header() -> str:
    return f"hypothesis profile: {PROFILE}; {requirements.report()}"
