"""Outputs that nobody reads, or that aren't there."""

import os
import subprocess
import sys

import pytest

from tests.requirements import ROOT

DEMO, TYPES = "captures/demo.pcap", "captures/types-all.pcap"

VERDICTS = [
    (["compare", "--json", DEMO, TYPES], 1),
    (["compare", DEMO, TYPES], 1),
    (["compare", DEMO, DEMO], 0),
    (["stats", DEMO], 0),
    (["decode", "--json", DEMO], 0),
]


def volttools(words, **streams):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "volttools", *words],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        **streams,
    )


@pytest.mark.parametrize(("words", "status"), VERDICTS)
def test_a_verdict_holds_where_nobody_reads_it(words, status):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe, volttools(words, stdout=pipe) as process:
        assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == status


def test_changes_since_a_baseline_are_a_verdict(tmp_path):
    baseline = str(tmp_path / "b")
    with volttools(["stats", "--baseline", baseline, DEMO], stdout=subprocess.DEVNULL) as process:
        process.communicate(timeout=60)
    test_a_verdict_holds_where_nobody_reads_it(["stats", "--baseline", baseline, TYPES], 1)


@pytest.mark.parametrize(("words", "status"), [*VERDICTS, (["compare", "absent", DEMO], 2)])
def test_a_closed_output_is_no_error(words, status):
    with volttools(words, preexec_fn=lambda: os.close(1)) as process:
        err = process.communicate(timeout=60)[1]
    assert (process.returncode, err.count("\n")) == (status, 1 if status == 2 else 0), err
