"""A plain client for tests of the server: blocking, with our own client side and nothing else."""

from __future__ import annotations

import contextlib
import socket

from volttools.codec import parse
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import BIGINT, STRING
from volttools.protocol.client_side import Answered, ClientSide, Pushed
from volttools.protocol.frame_buffer import FrameBuffer, framed


class Wire:
    """A connection; `frames` reads whole frames, `rest` all that comes until the end."""

    def __init__(self, server, *, wrap=lambda plain: plain):
        self.socket = wrap(socket.create_connection(server.address, timeout=20))
        self.side = ClientSide()
        self._buffer = FrameBuffer(2**30)
        self._frames = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_frame(self, body):
        self.send(framed(body))

    def frame(self):
        """The next frame's body; None at the end of the connection."""
        while not self._frames:
            data = self.socket.recv(65536)
            if not data:
                return None
            self._frames += self._buffer.feed(data)
        return self._frames.pop(0)

    def rest(self):
        """What comes until the connection ends; an end by RST is one."""
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := self.socket.recv(65536):
                data += piece
        return data

    def log_in(self, **given):
        self.send(self.side.login(**given))
        (event,) = self.side.receive(framed(self.frame()))
        return event.response

    def start(self, procedure, *values, **given):
        """Send a call; its handle."""
        handle, data = self.side.call(procedure, [parameter(value) for value in values], **given)
        self.send(data)
        return handle

    def start_together(self, *calls):
        """Send calls, each a procedure and its values, in one piece: all are there before one is answered."""
        made = [
            self.side.call(procedure, [parameter(value) for value in values]) for procedure, *values in calls
        ]
        self.send(b"".join(data for _, data in made))
        return [handle for handle, _ in made]

    def event(self):
        """What the next frame is to the client's side."""
        (event,) = self.side.receive(framed(self.frame()))
        return event

    def call(self, procedure, *values, **given):
        """The response of a call; nothing else may come before it."""
        handle = self.start(procedure, *values, **given)
        event = self.event()
        assert isinstance(event, Answered), event
        assert event.client_handle == handle
        return event.response

    def pushed(self):
        event = self.event()
        assert isinstance(event, Pushed), event
        return event.response

    def response(self):
        """The next frame as a response, whatever its handle."""
        return parse(Response, self.frame())


def parameter(value):
    if isinstance(value, Parameter):
        return value
    return Parameter.of(BIGINT if isinstance(value, int) else STRING, value)


def connected(server, **given):
    """A logged-in connection."""
    wire = Wire(server)
    wire.log_in(**given)
    return wire
