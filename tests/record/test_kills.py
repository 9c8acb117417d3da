"""`kill -9` of the recorder at any moment: what is written can be read, and what passed is in it."""

import random
import subprocess
import time

import pytest

from tests.killing import (
    SOON_NS,
    Witness,
    compare,
    found_in,
    kept_waiting_ns,
    killed_process,
    port_of,
    run_recorder,
)

pytestmark = pytest.mark.slow

TIMES = 5
KINDS = [
    ("out.pcapng", []),
    ("out.pcapng", ["--quiet"]),
    ("out.pcapng", ["--rotate", "100kB", "--gzip"]),
    ("out.jsonl", []),
    ("out.jsonl", ["--rotate", "100kB", "--gzip"]),
    ("out.dump", []),
    ("out.pcapng", ["--sync", "each"]),
    ("out.jsonl", ["--sync", "each"]),
]


@pytest.mark.parametrize("time_number", range(TIMES))
@pytest.mark.parametrize(
    ("name", "options"), KINDS, ids=[" ".join((name, *options)) for name, options in KINDS]
)
def test_what_passed_before_a_kill_is_there(tmp_path, name, options, time_number):
    witness = Witness()
    with witness.serving() as server:
        to = ["--listen", ":0", "--to", f"127.0.0.1:{server}"]
        arguments = [*to, "-o", str(tmp_path / name), *options]
        with killed_process(run_recorder, arguments) as (process, pipe):
            witness.call(port_of(pipe))
            witness.wait(100)
            time.sleep(0.3)  # so long ago that it must be there, however slow the machine
            waited_ns = kept_waiting_ns(process)
            time.sleep(0.12 + random.random() * 0.1)  # of which nobody knows what is under way in its end
            waited_ns = kept_waiting_ns(process) - waited_ns
            killed_ns = time.time_ns()
            process.kill()
            process.join()
        witness.end()
    # Nobody is faster than the machine lets them be.
    limit_ns = None if "each" in options else killed_ns - SOON_NS - waited_ns
    compare(
        witness,
        found_in(*_files(tmp_path, name)),
        limit_ns,
        only_answered=name.endswith(".jsonl"),
        same_bytes=not name.endswith(".jsonl"),
    )


def _files(folder, name):
    """The files of a recording, in groups that are read as one; what is compressed but not yet whole is none."""
    files = sorted(path for path in folder.iterdir() if path.suffix != ".part")
    assert files
    return [[path] for path in files] if name.endswith(".dump") else [files]


def test_tshark_reads_what_a_kill_left(tshark, tmp_path):
    path = tmp_path / "out.pcapng"
    witness = Witness()
    with witness.serving() as server:
        arguments = ["--listen", ":0", "--to", f"127.0.0.1:{server}", "-o", str(path), "--sync", "each"]
        with killed_process(run_recorder, arguments) as (process, pipe):
            witness.call(port_of(pipe))
            witness.wait(300)
            process.kill()
            process.join()
        witness.end()
    done = subprocess.run(
        [tshark, "-n", "-r", str(path), "-q", "-z", "expert,warn"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == ""
    assert done.returncode == 0 or "cut short" in done.stderr
