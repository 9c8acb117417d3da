"""Whole files: canaries of every type in every place of a source; in no format is one left after redaction."""

import io
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.capture.files import SOURCE, block, ipv4, made, option, tcp
from tests.protocol.wire import framed
from tests.redaction.messages_of import KEY, shape
from tests.redaction.scanner import Scanner
from tests.redaction.test_canaries import BYTES, CANARIES, EVERYTHING, NAMES, requests, responses, table
from tests.samples import PASSWORD_HASH, call
from volttools.capture.conversion import convert
from volttools.capture.reader import open as open_capture
from volttools.checks import check
from volttools.codec import build
from volttools.formats import network, pcap
from volttools.formats.invocation import Invocation
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest, LoginResponse
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import BIGINT, STRING
from volttools.jsonlines.lines import capture_line, event_line, line_text
from volttools.protocol.events import Damage, Direction
from volttools.protocol.traffic import Sent
from volttools.redaction.redactor import Redactor
from volttools.redaction.rules import Rules

CLIENT, SERVER = Direction
HOST = bytes([203, 0, 113, 77])  # one of the canaries
REMARKS = ["canary in a comment", "canary-interface", "canary of the hardware", "canary in a note"]
RULES = "[default]\nnames = true"
FORMATS = ["pcapng", "dump", "json", "frames", "hex"]


class Wire:
    """Packets of connections, with remarks everywhere that pcapng has room for them."""

    def __init__(self):
        comment = option(1, REMARKS[0].encode())
        hardware, end = option(2, REMARKS[2].encode()), option(0, b"")
        name, described = option(2, REMARKS[1].encode()), option(3, REMARKS[1].encode())
        head = made(pcap.SectionHeader, "little", options=comment + hardware + end)
        face = made(
            pcap.InterfaceDescription,
            "little",
            link_type=network.RAW_IP,
            options=comment + name + described + end,
        )
        self.blocks = [block(pcap.SECTION_HEADER, head), block(pcap.INTERFACE_DESCRIPTION, face)]
        self.ticks = 1_700_000_000_000_000

    def conversation(self, port, bodies):
        """Each body as a frame in a packet; None in place of the bytes of one: they are lost."""
        at = dict.fromkeys(Direction, 1000)
        self._packet(port, CLIENT, at, b"", flags=2)
        for direction, body in bodies:
            data = b"" if body is None else framed(body)
            if body is None:
                at[direction] += 50
                continue
            self._packet(port, direction, at, data, flags=0x18)
        return self

    def _packet(self, port, direction, at, data, flags):
        is_client = direction is CLIENT
        other = SERVER if is_client else CLIENT
        ports = (port, 21212) if is_client else (21212, port)
        hosts = (HOST, SOURCE) if is_client else (SOURCE, HOST)
        segment = tcp(
            data,
            source_port=ports[0],
            destination_port=ports[1],
            sequence=at[direction],
            acknowledgment=at[other] if flags != 2 else 0,
            flags=flags,
        )
        at[direction] += len(data) + (flags == 2)
        self.ticks += 1_000
        packet = ipv4(segment, source=hosts[0], destination=hosts[1])
        body = made(
            pcap.EnhancedPacket,
            "little",
            interface=0,
            timestamp_high=self.ticks >> 32,
            timestamp_low=self.ticks & 0xFFFF_FFFF,
            captured_length=len(packet),
            original_length=len(packet),
            data=packet,
            padding=bytes(-len(packet) % 4),
            options=option(1, REMARKS[0].encode()) + option(0, b""),
        )
        self.blocks.append(block(pcap.ENHANCED_PACKET, body))

    def file(self):
        return b"".join(self.blocks)


def conversation():
    """All messages with canaries, as calls and their responses."""
    yield CLIENT, build(LoginRequest(user="canaryuser", password_hash=PASSWORD_HASH))
    yield (
        SERVER,
        build(
            LoginResponse(
                host_id=0, connection_id=1, cluster_start=2, leader_address=-889_228_979, build="11.4"
            )
        ),
    )
    handle = 0
    for message in requests():
        if isinstance(message, Invocation):
            handle += 1
            yield CLIENT, build(message.replace(client_handle=handle))
            yield SERVER, build(Response(client_handle=handle, tables=[table()] if handle < 9 else []))
    for procedure, message in responses():
        if isinstance(message, Response):
            handle += 1
            if procedure is not None:
                yield CLIENT, build(call(procedure, handle, Parameter.of(STRING, "CANARYTABLE")))
            yield SERVER, build(message.replace(client_handle=handle))


def damaged_conversation():
    """What can't be read, or not wholly."""
    canary = build(call("CanaryProc", 7, *(Parameter.of(STRING, value) for value in CANARIES[STRING])))
    answer = build(Response(client_handle=7, tables=[table()]))
    yield CLIENT, build(LoginRequest(service="kerberos", hash_scheme=2, user="canaryuser"))
    yield SERVER, build(KerberosServiceName(principal="voltdb/canary-host.example.org@CANARIES"))
    yield CLIENT, build(KerberosToken(token=PASSWORD_HASH))
    yield SERVER, build(KerberosToken(token=PASSWORD_HASH))
    yield (
        SERVER,
        build(LoginResponse(host_id=0, connection_id=2, cluster_start=2, leader_address=1, build="11.4")),
    )
    yield CLIENT, canary[:-3]  # malformed
    yield CLIENT, b"\x09" + canary[1:]  # of a version that nobody knows
    yield SERVER, answer[:-3]
    yield CLIENT, canary
    yield SERVER, None
    yield SERVER, answer
    yield CLIENT, None
    yield CLIENT, canary[:-1] + framed(build(LoginRequest(user="canaryuser", password_hash=PASSWORD_HASH)))
    yield SERVER, build(Response(client_handle=12_345, tables=[table()]))  # to nobody
    yield CLIENT, b"\1\1" + canary[:40]


def source():
    return Wire().conversation(40_000, conversation()).conversation(40_001, damaged_conversation()).file()


def lines_source(data):
    """The same as JSON lines, with canaries in what lines say beside messages."""
    lines = [line_text(capture_line([REMARKS[0]]))]
    with open_capture(io.BytesIO(data)) as capture:
        for event in capture.events():
            if isinstance(event, Damage):
                event.message, event.file = f"{event.message} {REMARKS[3]}", REMARKS[3]
            else:
                event.notes.append(REMARKS[3])
            lines.append(line_text(event_line(event, keep_login_hashes=True)))
    return "\n".join(lines).encode()


def redacted(data, tmp_path, format, rules=RULES):
    """What is written of a source, and all of it in bytes."""
    output = tmp_path / f"safe.{format}"
    with open_capture(io.BytesIO(data)) as capture:
        written = convert(
            capture,
            str(output),
            to=format,
            rewriter=Redactor(Rules.from_text(rules), KEY),
            by_connection=format == "dump",
            overwrite=True,
        )
    content = [Path(path).read_bytes() for path in written.files]
    if format == "hex":
        content += [bytes.fromhex(line.decode()) for found in list(content) for line in found.splitlines()]
    assert written.frames > 500 if format != "json" else 400
    return written.files, b"\0".join(content)


@pytest.fixture(scope="module")
def canaries():
    data = source()
    return {"pcapng": data, "json": lines_source(data)}, Scanner([*EVERYTHING, *NAMES, *REMARKS])


@pytest.mark.parametrize("kind", ["pcapng", "json"])
def test_the_scanner_finds_every_canary_in_the_source(kind, canaries):
    expected = [*EVERYTHING, *NAMES, *(REMARKS[:3] if kind == "pcapng" else REMARKS[3:])]
    if kind == "json":
        expected.remove(bytes(BYTES))  # an array is a list of numbers there
    assert [value for value in expected if not Scanner([value]).found_in(canaries[0][kind])] == []


@pytest.mark.parametrize(
    ("kind", "format"),
    [*(("pcapng", format) for format in FORMATS), ("json", "json"), ("json", "pcapng")],
)
def test_no_canary_is_left_in_any_format(kind, format, canaries, tmp_path):
    sources, scanner = canaries
    _, content = redacted(sources[kind], tmp_path, format)
    assert scanner.found_in(content) == []
    for word in (b"canar", "canar".encode("utf-16-le"), b"canar".hex().encode()):
        assert word not in content.lower()


def test_a_redacted_capture_has_the_same_shape(canaries, tmp_path):
    data = canaries[0]["pcapng"]
    files, _ = redacted(data, tmp_path, "pcapng")
    with open_capture(io.BytesIO(data)) as before, open_capture(*files) as after:
        pairs = list(zip(before, after, strict=True))
    for old, new in pairs:
        assert (old.connection.number, old.time_ns, old.latency_ns) == (
            *(new.connection.number, new.time_ns, new.latency_ns),
        )
        assert (old.client_handle, old.status, old.request_lost, old.response_lost) == (
            *(new.client_handle, new.status, new.request_lost, new.response_lost),
        )
        if old.is_readable and old.procedure == "CanaryProc":
            assert shape(old.invocation) == shape(new.invocation)
            if old.status == 1:
                assert shape(old.response) == shape(new.response)


def test_redaction_breaks_no_rule_that_was_kept(canaries, tmp_path):
    data = canaries[0]["pcapng"]
    files, _ = redacted(data, tmp_path, "pcapng")
    with open_capture(io.BytesIO(data)) as before, open_capture(*files) as after:
        old = Counter(finding.code for finding in check(before.events()))
        new = Counter(finding.code for finding in check(after.events()))
    # Bytes that are missing stay missing; what could not be read before is zeros, behind its head.
    for code in ("snap-length", "bytes-behind-call", "bytes-behind-response"):
        new.pop(code, None)
    assert new - old == Counter()


def values_of(files):
    """The values that are passed to CanaryProc."""
    with open_capture(*files) as capture:
        return [exchange.invocation.parameters[0].value for exchange in capture if exchange.is_readable]


@pytest.mark.parametrize("format", ["pcapng", "json"])
def test_what_is_equal_stays_equal_in_files_that_are_redacted_with_the_same_key(format, tmp_path):
    files = []
    for port, values in ((40_000, [1_234_567, 7]), (40_001, [8, 1_234_567])):
        calls = [(CLIENT, build(call("CanaryProc", 1, Parameter.of(BIGINT, value)))) for value in values]
        login = (CLIENT, build(LoginRequest(user="canaryuser")))
        target = tmp_path / str(port)
        target.mkdir()
        files.append(redacted_few(Wire().conversation(port, [login, *calls]).file(), target, format))
    (first, _), (_, second) = map(values_of, files)
    assert first == second != 1_234_567


def redacted_few(data, tmp_path, format):
    with open_capture(io.BytesIO(data)) as capture:
        rewriter = Redactor(Rules.from_text(RULES), KEY)
        return convert(capture, str(tmp_path / "x"), to=format, rewriter=rewriter).files


def test_names_stay_without_the_rule_and_are_the_only_words_that_do(canaries, tmp_path):
    _, content = redacted(canaries[0]["pcapng"], tmp_path, "pcapng", rules="")
    assert b"CANARYTABLE" in content
    assert Scanner([*EVERYTHING, *REMARKS]).found_in(content) == []


def test_the_lines_of_a_redacted_capture_say_what_its_frames_say(canaries, tmp_path):
    data = canaries[0]["pcapng"]
    (path,), _ = redacted(data, tmp_path, "json")
    bodies = []
    with open_capture(path) as capture:
        bodies += [step.frame.body for step in capture.steps() if isinstance(step, Sent)]
    (path,), _ = redacted(data, tmp_path, "pcapng")
    with open_capture(path) as capture:
        assert [step.frame.body for step in capture.steps() if isinstance(step, Sent)] == bodies
    assert all(json.loads(line) for line in (tmp_path / "safe.json").read_text().splitlines())
