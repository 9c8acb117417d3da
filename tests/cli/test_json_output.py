import io
import json
import sys
from types import SimpleNamespace

from volttools.cli.json_output import JsonOutput, print_json


class Pipe(io.BytesIO):
    """Counts what could be seen at its other end."""

    seen = b""

    def flush(self):
        self.seen = self.getvalue()


def piped(monkeypatch, files):
    """The output of a command that reads these files, and the pipe that it writes to."""
    pipe = Pipe()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=pipe, isatty=lambda: False))
    return JsonOutput(files), pipe


def test_lines_of_files_are_seen_when_they_are_flushed(monkeypatch):
    output, pipe = piped(monkeypatch, ["a.pcap"])
    output.write({"kind": "exchange", "procedure": "Käse"})
    assert pipe.seen == b""
    output.flush()
    assert pipe.seen == '{"kind":"exchange","procedure":"Käse"}\n'.encode()


def test_lines_of_a_pipe_are_seen_at_once(monkeypatch):
    output, pipe = piped(monkeypatch, ["a.pcap", "-"])
    output.write({"kind": "capture"})
    assert pipe.seen == b'{"kind":"capture"}\n'


def test_an_object_may_have_names_that_are_no_utf8(capsysbinary):
    print_json({"procedure": "Get\udcda", "count": 1})
    assert json.loads(capsysbinary.readouterr().out) == {"procedure": "Get\udcda", "count": 1}
