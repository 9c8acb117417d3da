"""A user's script in a replay."""

from tests.replay.made import line, opened
from volttools.client.connection_settings import ConnectionSettings
from volttools.hooks import Script
from volttools.mock import MockServer
from volttools.replay.replaying import Wishes, prepare
from volttools.replay.script import ScriptChanger

SCRIPT = """
seen = []

def rewrite(message):
    call = message.value
    if call.parameters[0].value == 2:
        raise ValueError("not this one")
    return call.replace(parameters=[parameter.replace(value=parameter.value + 100) for parameter in call.parameters])

def on_exchange(exchange):
    with open(LOG, "a") as log:
        log.write(f"{exchange.procedure} {exchange.status}\\n")
"""


def test_calls_are_changed_and_shown(tmp_path):
    said = []
    (tmp_path / "my.py").write_text(f"LOG = {str(tmp_path / 'log')!r}\n{SCRIPT}")
    script = ScriptChanger(Script(str(tmp_path / "my.py"), said.append))
    with MockServer() as server:
        server.handle("Get", 1, read_only=True)
        lines = [line(n, 1, n, "Get", n) for n in (1, 2, 3)]
        with prepare(
            opened(tmp_path, *lines), ConnectionSettings.of((server.host, server.port)), Wishes()
        ) as prepared:
            report = prepared.run(recordings=(script.tap(),), changers=(script,))
        came = [call.params[0] for call in server.calls if call.procedure == "Get"]
    assert came == [101, 2, 103], "one that fails changes nothing"
    assert (tmp_path / "log").read_text() == 3 * "Get 1\n"
    assert report.measures.answered == 3
    assert [text.partition(": ")[2] for text in said] == ["ValueError: not this one"]
