"""The page: nothing from elsewhere, and nothing of what it shows can be anything but text."""

import re
import shutil
import subprocess

import pytest

from tests.mock.control.asking import ask_raw
from tests.mock.wire import Wire
from tests.requirements import require_tool
from volttools.mock import MockServer
from volttools.mock.control.page import page_reply

EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def test_a_browser_may_run_only_its_own_script():
    first, second = page_reply(), page_reply()
    policy = first.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)[1]
    assert policy.startswith("default-src 'none'; ")
    assert f'<script nonce="{nonce}">' in first.content.decode()
    assert "NONCE" not in first.content.decode()
    assert "unsafe" not in policy
    assert nonce not in second.headers["Content-Security-Policy"]


def test_it_has_nothing_from_elsewhere_and_puts_in_text_only():
    text = page_reply().content.decode()
    assert not re.search(r"(src|href)=|https?://|@import|url\(", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|\son\w+=", text)


def test_no_answer_that_holds_what_clients_said_is_html():
    with MockServer(control_port=0) as server, Wire(server) as wire:
        wire.log_in(user=EVIL)
        wire.call(EVIL, EVIL)
        for path in ("/calls", "/misses", "/status", f"/{EVIL.replace(' ', '%20')}"):
            _, headers, _ = ask_raw(server, "GET", path)
            assert headers["Content-Type"] == "application/json"
        _, headers, data = ask_raw(server, "GET", "/")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"owned" not in data


@pytest.mark.interop
def test_a_browser_shows_calls_and_misses_as_text():
    browser = shutil.which("chromium") or require_tool("chromium")
    with MockServer(control_port=0) as server, Wire(server) as wire:
        server.handle("Vote", 1)
        wire.log_in(user=EVIL)
        wire.call("Vote", 2**62 + 1, "New York")
        wire.call(EVIL, EVIL)
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom", server.control_url],
            capture_output=True, text=True, timeout=100, check=True,
        )  # fmt: skip
    page = done.stdout
    assert "<title>volttools mock server</title>" in page
    assert '4611686018427387905, "New York"' in page
    assert "&lt;img src=x onerror=" in page
    assert "<img" not in page
    assert "2 calls · 1 miss · 1 connection" in page
