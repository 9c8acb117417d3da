"""Servers that fail at every place of a conversation: each client ends in one clear error, in time, and what is
recorded of it holds all that the server sent, and all that it got."""

import asyncio
import contextlib
import re
import socket
import struct
import subprocess
import threading

import pytest

import volttools
from tests.client.server import WELCOME
from tests.record.servers import until
from tests.record.test_recorder import streams
from volttools.cli import run
from volttools.client import connect, connect_async
from volttools.codec import build, parse
from volttools.formats.dumpfile import NEWLINE
from volttools.formats.frame import PREFIX
from volttools.formats.invocation import Invocation
from volttools.formats.response import Response
from volttools.protocol.frame_buffer import framed
from volttools.record import Proxy
from volttools.voltdbclient import FastSerializer, VoltProcedure

SHORT_S, LONG_S = 1, 60
"""How long a client waits where nothing comes, and where something does, though the machine may be busy."""

ACCEPTED = framed(build(WELCOME))
GARBAGE = b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"


class FaultyServer:
    """Takes one connection, and does with it what a function says. `sent` and `got`: all that passed."""

    def __init__(self, behave):
        self._behave = behave
        self.sent = self.got = b""
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(LONG_S)

    def _serve(self):
        with contextlib.suppress(OSError):
            self._sock, _ = self._listener.accept()
            with self._sock:
                self._behave(self)

    def send(self, data):
        self.sent += data
        self._sock.sendall(data)

    def read(self, length):
        while length:
            piece = self._sock.recv(length)
            if not piece:
                raise OSError("the client has gone")
            self.got += piece
            length -= len(piece)

    def frame(self):
        """Read a frame; its body."""
        self.read(4)
        length = PREFIX.parse(self.got[-4:])
        self.read(length)
        return self.got[-length:]

    def log_in(self):
        self.frame()
        self.send(ACCEPTED)

    def answer(self):
        """Read a call; the frame that answers it."""
        invocation = parse(Invocation, self.frame())
        return framed(build(Response(client_handle=invocation.client_handle, status_string="x" * 100)))

    def reset(self):
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def hang(self):
        self._over.wait()


def at_once(server):
    """Closes."""


def at_once_by_reset(server):
    server.reset()


def in_the_log_in(server):
    server.read(10)


def behind_the_log_in(server):
    server.frame()


def behind_the_log_in_by_reset(server):
    server.frame()
    server.reset()


def in_the_answer_to_the_log_in(server):
    server.frame()
    server.send(ACCEPTED[:9])


def no_answer_to_the_log_in(server):
    server.frame()
    server.hang()


def half_an_answer_to_the_log_in(server):
    server.frame()
    server.send(ACCEPTED[:9])
    server.hang()


def garbage_for_the_log_in(server):
    server.frame()
    server.send(GARBAGE)
    server.hang()


def two_gigabytes_for_the_log_in(server):
    server.frame()
    server.send(PREFIX.build(2**31 - 1) + b"\0" * 100)
    server.hang()


def before_the_call(server):
    server.log_in()


def in_the_call(server):
    server.log_in()
    server.read(7)


def behind_the_call(server):
    server.log_in()
    server.frame()


def behind_the_call_by_reset(server):
    server.log_in()
    server.frame()
    server.reset()


def in_the_length_of_the_answer(server):
    server.log_in()
    server.send(server.answer()[:2])


def in_the_answer(server):
    server.log_in()
    server.send(server.answer()[:30])


def in_the_answer_by_reset(server):
    server.log_in()
    server.send(server.answer()[:30])
    server.reset()


def no_answer(server):
    server.log_in()
    server.frame()
    server.hang()


def half_an_answer(server):
    server.log_in()
    server.send(server.answer()[:30])
    server.hang()


def garbage_for_an_answer(server):
    server.log_in()
    server.frame()
    server.send(GARBAGE)
    server.hang()


def garbage_in_a_frame(server):
    server.log_in()
    server.frame()
    server.send(framed(b"garbage"))
    server.hang()


def two_gigabytes_for_an_answer(server):
    server.log_in()
    server.frame()
    server.send(PREFIX.build(2**31 - 1) + b"\0" * 100)
    server.hang()


def negative_for_an_answer(server):
    server.log_in()
    server.frame()
    server.send(PREFIX.build(-1))
    server.hang()


# What the error says: of what is gone, and whether the call may have run.
GONE = "closed the connection|Connection reset by peer"
FAULTS = {
    at_once: GONE,
    at_once_by_reset: GONE,
    in_the_log_in: GONE,
    behind_the_log_in: "closed the connection instead of answering the log-in",
    behind_the_log_in_by_reset: GONE,
    in_the_answer_to_the_log_in: GONE,
    no_answer_to_the_log_in: "did not answer the log-in within",
    half_an_answer_to_the_log_in: "did not answer the log-in within",
    garbage_for_the_log_in: "answers in HTTP",
    two_gigabytes_for_the_log_in: "a frame of length 2,147,483,647",
    before_the_call: GONE,
    in_the_call: GONE,
    behind_the_call: f"may have run: .*({GONE})",
    behind_the_call_by_reset: f"may have run: .*({GONE})",
    in_the_length_of_the_answer: "may have run: .* 2 bytes of a message that is not whole had come",
    in_the_answer: "may have run: .* 30 bytes of a message that is not whole had come",
    in_the_answer_by_reset: f"may have run: .*({GONE})",
    no_answer: "no answer from .* within",
    half_an_answer: "no answer from .* within",
    garbage_for_an_answer: "what is no message of the protocol",
    garbage_in_a_frame: "what is no message of the protocol",
    two_gigabytes_for_an_answer: "a frame of length 2,147,483,647",
    negative_for_an_answer: "a frame of length -1",
}


def error_of(function, *arguments):
    """The one error that a client ends in."""
    with pytest.raises(volttools.VoltToolsError) as caught:
        function(*arguments)
    return str(caught.value)


def blocking(port, tap, connect_timeout, timeout):
    client = connect(
        f"127.0.0.1:{port}",
        signatures=False,
        tap=tap,
        keep_login_hashes=tap is not None,
        connect_timeout=connect_timeout,
        timeout=timeout,
    )
    with client:
        client.call("P", 1)


def with_asyncio(port, tap, connect_timeout, timeout):
    async def main():
        client = await connect_async(
            f"127.0.0.1:{port}",
            signatures=False,
            tap=tap,
            keep_login_hashes=True,
            connect_timeout=connect_timeout,
            timeout=timeout,
        )
        async with client:
            await client.call("P", 1)

    asyncio.run(main())


def compatible(port, tap, connect_timeout, timeout):
    client = FastSerializer(
        "127.0.0.1", port, dump_file=tap, connect_timeout=connect_timeout, procedure_timeout=timeout
    )
    with contextlib.closing(client):
        VoltProcedure(client, "P", [FastSerializer.VOLTTYPE_BIGINT]).call([1])


def within(fault):
    """Time-outs of connecting and of the call: short where they are awaited."""
    return SHORT_S if "not answer" in fault else LONG_S, SHORT_S if "no answer" in fault else LONG_S


@pytest.mark.parametrize("behave", FAULTS, ids=lambda behave: behave.__name__)
class TestFaults:
    @pytest.mark.parametrize("client", [blocking, with_asyncio])
    def test_a_client_ends_in_one_error_and_its_tap_holds_all(self, tmp_path, client, behave):
        path = tmp_path / "tap.pcapng"
        with FaultyServer(behave) as server:
            text = error_of(client, server.port, path, *within(FAULTS[behave]))
        assert_clear(text, behave)
        assert_holds_all(path, server)

    def test_the_original_interface_ends_in_one_error_and_its_dump_holds_the_frames(self, tmp_path, behave):
        path = tmp_path / "dump_file"
        with FaultyServer(behave) as server:
            text = error_of(compatible, server.port, str(path), *within(FAULTS[behave]))
        assert_clear(text, behave)
        dumped = path.read_bytes()
        assert dumped.startswith(server.got[: len(dumped)][:4])
        if server.sent.startswith(ACCEPTED):
            assert ACCEPTED + NEWLINE in dumped

    def test_the_command_ends_in_one_line_and_its_tap_holds_all(self, tmp_path, capsys, behave):
        path = tmp_path / "tap.pcapng"
        with FaultyServer(behave) as server:
            words = ["call", "P", "1", "--types", "BIGINT", "-H", f"127.0.0.1:{server.port}"]
            words += [
                "--tap",
                str(path),
                "--keep-login-hashes",
                "--timeout",
                f"{min(within(FAULTS[behave]))}",
            ]
            assert run(words) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("volttools: ")
        assert_clear(err.strip(), behave)
        assert_holds_all(path, server)

    def test_through_the_proxy_it_is_the_same_and_the_recording_holds_all(self, tmp_path, behave):
        path = tmp_path / "out.pcapng"
        server = FaultyServer(behave)
        with Proxy(to=f"127.0.0.1:{server.port}", output=str(path), keep_login_hashes=True) as proxy:
            with server:
                text = error_of(blocking, proxy.port, None, *within(FAULTS[behave]))
            until(lambda: proxy.snapshot().connections == 1 and proxy.snapshot().open == 0)
        assert_clear(text, behave)
        assert_holds_all(path, server)


def assert_clear(text, behave):
    """One sentence, that says what has happened."""
    assert "\n" not in text
    assert "Traceback" not in text
    assert len(text) < 400
    assert re.search(FAULTS[behave], text), text


def assert_holds_all(path, server):
    """What server and client saw is in a recording, byte by byte."""
    from_client, from_server = streams(path).get(1, [b"", b""])
    assert from_server == server.sent
    assert from_client.startswith(server.got)


def test_tshark_follows_a_recording_of_all_faults_without_a_warning(tshark, tmp_path):
    path = tmp_path / "out.pcapng"
    with contextlib.ExitStack() as stack:
        servers = [FaultyServer(behave) for behave in FAULTS]
        to = [f"127.0.0.1:{server.port}" for server in servers]
        proxy = stack.enter_context(Proxy(to=to, output=str(path)))
        for server, port, text in zip(servers, proxy.ports, FAULTS.values(), strict=True):
            with server:
                error_of(blocking, port, None, *within(text))
        until(lambda: proxy.snapshot().open == 0)
        assert proxy.snapshot().connections == len(FAULTS)
    complaints = "tcp.analysis.flags || _ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0"
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    done = subprocess.run(
        [tshark, "-n", "-r", str(path), *checks, "-Y", complaints], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
