from tests.samples import (
    LOGIN_ACCEPTED,
    LOGIN_REFUSED,
    LOGIN_REQUEST,
    call,
    connection,
    events,
    exchange,
    failure,
    frame,
)
from volttools.formats.exceptions import ServerException
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.protocol.events import Damage, Direction, Login
from volttools.render import outcomes


def login(response):
    return Login(connection=connection(), request=LOGIN_REQUEST, response=response)


def test_a_status_is_said_in_words_or_why_there_is_none():
    assert outcomes.status_of(exchange(call("A", 1), failure(1, -2, "x"))) == (
        "GRACEFUL_FAILURE",
        "status.error",
    )
    assert outcomes.status_of(exchange(call("A", 1), Response())) == ("SUCCESS", "status.success")
    assert outcomes.status_of(exchange(call("A", 1), failure(1, -99, "x")))[0] == "STATUS_-99"
    unanswered = exchange(call("A", 1), None)
    assert outcomes.status_of(unanswered) == ("no answer", "status.missing")
    unanswered.response_lost = True
    assert outcomes.status_of(unanswered) == ("response lost", "status.missing")


def test_a_cut_response_says_how_much_is_missing():
    found = exchange(call("A", 1), failure(1, 1, None))
    found.status = None
    assert found.response_frame is not None
    found.response_frame.missing = [(4, 9)]
    assert outcomes.status_of(found) == ("partial", "status.missing")
    found.status = 1
    assert outcomes.status_of(found) == ("partial (SUCCESS)", "status.missing")
    assert outcomes.status_kind(found) == "partial response"
    assert found.is_error
    [(text, _)] = outcomes.texts_of(found)
    assert text.startswith("5 of the response's 18 bytes are missing")


def test_texts_tell_status_application_exception_and_notes():
    response = Response(
        status=-2,
        status_string="went wrong",
        app_status=7,
        app_status_string="half",
        exception=ServerException(type=2, message="bad SQL", sql_state=b"42000"),
    )
    found = exchange(call("A", 1), response)
    found.is_late = True
    found.notes.append("odd")
    assert [text for text, _ in outcomes.texts_of(found)] == [
        "went wrong",
        "application status 7: half",
        "SQLException: bad SQL",
        "late: the client had given up",
        "odd",
    ]


def test_a_refused_login_says_why():
    assert outcomes.login_outcome(login(LOGIN_ACCEPTED)) == (("accepted", "status.success"), [])
    assert outcomes.login_outcome(login(LOGIN_REFUSED)) == (
        ("refused", "status.error"),
        [("wrong user or password", "status.text")],
    )
    assert outcomes.login_outcome(login(None))[0][0] == "no answer"
    full = Login(connection=connection(), server_full=True)
    assert "limit of connections" in outcomes.login_outcome(full)[1][0][0]


def test_errors_are_what_went_wrong_and_nothing_else():
    found = [event.kind for event in events() if event.is_error]
    assert found == ["exchange", "exchange", "damage"]
    assert login(LOGIN_REFUSED).is_error
    assert exchange(call("A", 1), None).is_error
    assert not Damage(what="midstream", message="").is_error
    assert not Damage(what="midstream", message="", length=0).is_error
    assert Damage(what="midstream", message="", length=3_488).is_error
    assert Damage(what="one direction", message="").is_error
    assert not Damage(what="tls to plain port", message="").is_error


def test_an_exchange_whose_parameters_cannot_be_read_is_an_error():
    broken = call("A", 1).replace(parameters=Opaque(b"\x00\x01\x63"))
    found = exchange(broken, Response())
    assert not found.is_readable
    assert found.is_error


def test_handles_keep_their_last_digits_where_there_is_no_room():
    assert outcomes.handle_text(-5, 6) == "-5"
    assert outcomes.handle_text(2**63 - 1, 6) == "ping"
    assert outcomes.handle_text(-(2**63) + 7, 6) == "..5801"
    assert outcomes.handle_text(None) == "-"


def test_damage_says_where_it_is():
    gap = Damage(what="gap", message="5 bytes are missing", direction=Direction.SERVER, offset=1_204)
    assert (
        outcomes.damage_text(gap) == "5 bytes are missing (sent by the server, at byte 1,204 of its stream)"
    )
    touching = Damage(
        what="gap", message="x", exchange=34, frame=frame(Direction.CLIENT, call("A", 1), number=7)
    )
    assert outcomes.damage_text(touching) == "x (frame 7, exchange 34)"
    assert outcomes.damage_text(Damage(what="tls", message="encrypted")) == "encrypted"


def test_frames_are_in_the_order_they_were_sent():
    found = exchange(call("A", 1), Response())
    assert found.frames == [found.request_frame, found.response_frame]
    assert outcomes.bytes_of(found) == sum(4 + len(f.body) for f in found.frames)
    assert Damage(what="gap", message="").frames == []
    cut = Damage(what="incomplete frame", message="", frame=frame(Direction.CLIENT, call("A", 1)))
    assert cut.frames == [cut.frame]
