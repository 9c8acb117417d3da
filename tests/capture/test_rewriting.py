from dataclasses import replace

from tests.capture.test_tcp_writer import CLIENT, ONE, SERVER, frame, sent
from tests.protocol.wire import ACCEPTED, call
from tests.samples import PASSWORD_HASH, events
from volttools.capture.rewriting import Keeper, Rewriting, SecretsBlanker
from volttools.codec import build, parse
from volttools.formats.invocation import Invocation
from volttools.formats.login import KerberosToken, LoginRequest
from volttools.protocol.events import Damage
from volttools.protocol.shapes import is_login_request
from volttools.protocol.traffic import Hole, full

SECRET = build(LoginRequest(user="ann", password_hash=PASSWORD_HASH))


class Renamer(SecretsBlanker):
    """Calls every procedure "Other", and every connection's client "there:1"."""

    def body(self, frame, procedure):
        if frame.direction is CLIENT and not is_login_request(frame.body):
            return build(parse(Invocation, frame.body).replace(procedure="Other"))
        return super().body(frame, procedure)

    def connection(self, connection):
        return replace(connection, client="there:1")


def test_by_default_only_secrets_are_blanked():
    rewriting = Rewriting(SecretsBlanker())
    step = rewriting.step(sent(ONE, CLIENT, SECRET))
    assert step.frame.body == SECRET.replace(PASSWORD_HASH, bytes(32))
    token = build(KerberosToken(token=b"ticket"))
    assert rewriting.step(sent(ONE, SERVER, token)).frame.body == build(KerberosToken(token=bytes(6)))
    untouched = sent(ONE, SERVER, ACCEPTED)
    assert rewriting.step(untouched).frame is untouched.frame


def test_who_keeps_keeps_all():
    assert Rewriting(Keeper()).step(sent(ONE, CLIENT, SECRET)).frame.body == SECRET


def test_frames_and_connections_of_steps_are_rewritten():
    rewriting = Rewriting(Renamer())
    step = rewriting.step(sent(ONE, CLIENT, call("A", 1)))
    assert parse(Invocation, step.frame.body).procedure == "Other"
    assert step.frame.length == len(step.frame.body)
    assert step.connection.client == "there:1"
    hole = rewriting.step(Hole(connection=ONE, direction=SERVER, length=3, time_ns=None))
    assert hole.connection is step.connection
    assert rewriting.step(full(ONE)).frame.body == b"\x01"


def test_events_say_what_their_frames_say():
    rewriting = Rewriting(Renamer())
    login, exchange = events()[0], events()[1]
    assert exchange.invocation.procedure != "Other"  # read before
    found = rewriting.event(exchange)
    assert (found.procedure, found.invocation.procedure) == ("Other", "Other")
    assert (found.number, found.status, found.connection.client) == (exchange.number, 1, "there:1")
    assert rewriting.event(login).request.password_hash == bytes(32)
    assert rewriting.event(events()[4]).name == events()[4].name
    damage = Damage(what="gap", message="")
    assert rewriting.event(damage) == damage


class Discreet(SecretsBlanker):
    """Quotes nothing."""

    keeps_texts = False


def test_remarks_can_quote_what_they_are_about_so_who_is_discreet_drops_them():
    rewriting = Rewriting(Discreet())
    exchange = events()[1]
    exchange.notes = ["the value 42 was odd"]
    assert rewriting.event(exchange).notes == []
    damage = Damage(what="gap", message="the file of Ann", file="ann.pcap")
    found = rewriting.event(damage)
    assert (found.message, found.file) == ("bytes are missing from the capture", None)
    assert damage.message == "the file of Ann"


def test_the_frame_of_damage_is_blanked_too():
    cut = Damage(what="malformed", message="", connection=ONE, frame=frame(CLIENT, SECRET))
    assert PASSWORD_HASH not in Rewriting(SecretsBlanker()).event(cut).frame.body
