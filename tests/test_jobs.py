import os
import signal
import struct
import subprocess
import sys

import pytest

from tests.requirements import ROOT
from volttools.jobs import WorkerDiedError, results


def square(number, tell):
    tell(f"squares {number}")
    if number < 0:
        raise ValueError("below 0")
    if number == 99:
        os._exit(3)
    if number == 98:
        out = tell.__closure__[0].cell_contents
        os.write(out.fileno(), struct.pack("!i", 1000) + b"some of it")
        os._exit(3)
    if number == 100:
        while True:
            pass
    return number * number


def test_each_task_has_a_result():
    assert sorted(results(square, [1, 2, 3])) == [1, 4, 9]
    assert list(results(square, [])) == []


def test_what_is_told_meanwhile_comes_with_the_number_of_the_task():
    told = []
    found = list(results(square, [7, 8], lambda *both: told.append(both)))
    assert sorted(found) == [49, 64]
    assert sorted(told) == [(0, "squares 7"), (1, "squares 8")]


def test_what_a_process_raises_is_raised_here_and_the_others_end():
    with pytest.raises(ValueError, match="below 0"):
        list(results(square, [100, -1]))


@pytest.mark.parametrize("number", [99, 98])  # 98: in the middle of what it says
def test_a_process_that_dies_is_no_hang(number):
    with pytest.raises(WorkerDiedError, match="ended with status 3"):
        list(results(square, [number, 100]))


def test_processes_end_with_who_asked():
    found = results(square, [5, 100])
    assert next(found) == 25
    found.close()


_WAITS = """
import os, signal
from volttools.jobs import results

def wait(task, tell):
    signal.alarm(300)
    os.write(1, b"begun\\n")  # in one piece: others write there, too
    while True:
        signal.pause()

if __name__ == "__main__":
    list(results(wait, [1, 2, 3]))
"""


@pytest.mark.skipif(not hasattr(signal, "pause"), reason="without signal.pause")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_who_works_ends_when_the_first_is_killed(tmp_path, how):
    script = tmp_path / "waits.py"
    script.write_text(_WAITS)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, env=environment) as first:
        begun = [first.stdout.readline() for _ in range(3)]
        first.send_signal(getattr(signal, how))
        first.communicate(timeout=60)  # the end of what all of them write to
        assert begun == [b"begun\n"] * 3
