"""The examples in other languages: applications whose tests start `volttools mock`."""

import os
import subprocess
import sys

import pytest

from tests.interop.foreign import BUILD_S, OLDEST_CARGO
from tests.requirements import ROOT, require_tool, require_version

pytestmark = [pytest.mark.interop, pytest.mark.slow, pytest.mark.timeout(BUILD_S)]

BUILT = ROOT / "build" / "examples"


def run(language, *command, **environment):
    """What a command prints in the example's directory; it must succeed."""
    done = subprocess.run(
        command,
        cwd=ROOT / "examples" / language,
        env={
            **os.environ,
            "VOLTTOOLS": f"{sys.executable} -m volttools",
            "PYTHONPATH": str(ROOT),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=BUILD_S - 30,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_java_example_passes():
    require_tool("java")
    require_tool("javac")
    told = run(
        "java", require_tool("mvn"), "-B", "-ntp", "test", f"-Dtarget.directory={BUILT / 'java'}",
        "-Dstyle.color=never",
    )  # fmt: skip
    assert "Tests run: 4, Failures: 0, Errors: 0, Skipped: 0" in told


def test_the_go_example_passes():
    told = run("go", require_tool("go"), "test", "-count=1", "-v", "./...")
    assert told.count("--- PASS") == 4


def test_the_rust_example_passes():
    cargo = require_tool("cargo")
    require_version(cargo, OLDEST_CARGO, "the crate asks for it (Debian 12: apt-get install cargo-web)")
    told = run("rust", cargo, "test", "--locked", "--target-dir", str(BUILT / "rust"))
    assert "4 passed; 0 failed" in told
