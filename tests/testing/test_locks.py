import subprocess
import sys

import pytest

from volttools.errors import UsageError
from volttools.testing.locks import RecordingLock

HOLD = """
import sys
from pathlib import Path
from volttools.testing.locks import RecordingLock

with RecordingLock(Path(sys.argv[1])) as lock:
    lock.wrote("run 1")
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock of a.cassette, until its input ends."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "a.cassette")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_another_process_is_waited_for_in_vain(tmp_path, holder):
    with (
        pytest.raises(UsageError, match=r"recorded by another process for 0\.1 s: .*give each its own"),
        RecordingLock(tmp_path / "a.cassette", wait_s=0.1),
    ):
        pass
    with RecordingLock(tmp_path / "b.cassette", wait_s=0):
        pass


@pytest.mark.parametrize("end", ["close", "kill"])
def test_the_lock_is_free_when_its_process_has_ended(tmp_path, holder, end):
    if end == "kill":
        holder.kill()
    holder.stdin.close()
    holder.wait()
    with RecordingLock(tmp_path / "a.cassette", wait_s=60) as lock:
        assert lock.last_run == "run 1"
        lock.wrote("run 22")
    with RecordingLock(tmp_path / "a.cassette") as lock:
        assert lock.last_run == "run 22"


def test_a_test_does_not_wait_for_itself(tmp_path):
    path = tmp_path / "a.cassette"
    with (
        RecordingLock(path),
        pytest.raises(UsageError, match=r"a\.cassette is being recorded by this test already"),
        RecordingLock(path),
    ):
        pass


def test_nothing_appears_beside_the_cassette(tmp_path):
    with RecordingLock(tmp_path / "a.cassette"):
        assert list(tmp_path.iterdir()) == []
