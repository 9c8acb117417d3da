import pytest

from tests.samples import (
    LOGIN_REQUEST,
    START_NS,
    call,
    connection,
    events,
    exchange,
    failure,
    frame,
)
from tests.screens import check_golden, console, drawn
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import BIGINT, STRING
from volttools.protocol.events import Damage, Direction, Login
from volttools.render.cells import line_width
from volttools.render.lines import PLAIN_WIDTH, LineRenderer


def screen(columns, *, colour=False, **settings):
    """The sample conversation in lines."""
    out = console(columns, colour=colour)
    renderer = LineRenderer(out, **settings)
    return drawn([renderer.header(), *(line for event in events() for line in renderer.lines(event))], out)


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_columns_stay_in_place_at_every_width(width):
    text = screen(width)
    assert max(map(len, text.splitlines())) <= width
    check_golden(f"lines-{width}.txt", text)


def test_errors_are_red_and_slow_calls_are_marked():
    text = screen(80, colour=True)
    check_golden("lines-80-colour.txt", text)
    assert "\x1b[1;31m   error \x1b[0m" in text


def test_a_pipe_gets_one_line_an_event_of_a_width_that_no_terminal_changes():
    wide, narrow = screen(PLAIN_WIDTH, one_line=True), screen(80, one_line=True, width=PLAIN_WIDTH)
    assert wide == narrow
    assert len(wide.splitlines()) == 1 + len(events())
    check_golden("lines-pipe.txt", wide)


@pytest.mark.parametrize("time", ["utc", "delta"])
def test_times_are_shown_as_asked(time):
    check_golden(f"lines-120-{time}.txt", screen(120, time=time))


def one(event, width=80, **settings):
    """The lines of one event as text."""
    out = console(width)
    return drawn(LineRenderer(out, start_ns=START_NS, **settings).lines(event), out)


def test_a_request_that_is_not_there_or_cannot_be_read_says_so():
    assert "(request not captured)" in one(exchange(None, Response()))
    broken = call("Vote", 1).replace(parameters=Opaque(b"\x00\x01\x63"))
    assert "Vote               (parameters that can't be read)" in one(exchange(broken, Response()), 120)
    cut = exchange(call("Vote", 1, Parameter.of(BIGINT, 1)), Response())
    assert cut.request_frame is not None
    cut.request_frame.missing = [(20, 30)]
    assert "Vote               (not wholly in the capture)" in one(cut, 120)


def test_a_call_without_answer_is_shown_as_such():
    assert " no answer " in one(exchange(call("Vote", 1), None), 120)


def test_a_partial_response_is_no_success():
    found = exchange(call("Vote", 1), Response())
    found.response_frame.missing = [(15, 18)]
    assert "partial (SUCCESS)" in one(found, 120)
    assert " partial " in one(found, 80)
    assert "the status in its head is SUCCESS" in one(found, 80)


def test_the_first_event_of_a_connection_says_who_speaks_with_whom():
    out = console(80)
    renderer = LineRenderer(out)
    lines = [line for number in (1, 2) for line in renderer.lines(exchange(call("A", number), Response()))]
    assert drawn(lines, out).count("127.0.0.1:50000 → 127.0.0.1:21212") == 1


def test_a_long_message_keeps_its_end():
    text = "CONSTRAINT VIOLATION " + "word " * 60 + "of table ORDERS"
    assert "of table ORDERS" in one(exchange(call("A", 1), failure(1, -2, text)))


def test_a_connection_that_began_before_the_capture_is_a_note():
    for length, name in ((None, "note"), (5, "damage")):
        event = Damage(what="midstream", message="began before", connection=connection(), length=length)
        assert ("midstream", name) in LineRenderer(console()).lines(event)[0]


def test_an_event_without_time_has_a_dash():
    event = exchange(call("Vote", 1), Response())
    event.request_frame.seen_at_ns = event.response_frame.seen_at_ns = None
    assert one(event, 120).split()[1] == "-"
    assert one(event, 120).splitlines()[0].rstrip().endswith("-")


def test_control_characters_of_a_procedure_and_a_status_never_reach_the_screen():
    evil = exchange(
        call("a\x1b[2Jb", 1, Parameter.of(STRING, "\x1b]0;x\x07")), failure(1, -1, "\x1b[31mred\r")
    )
    text = one(evil, 160)
    assert not [character for character in text if character < " " and character != "\n"]
    assert "a\\x1b[2Jb" in text


def test_many_parameters_are_cut_with_their_number():
    many = call("Vote", 1, *(Parameter.of(BIGINT, n) for n in range(500)))
    assert ", ... 4" in one(exchange(many, Response()), 120)
    assert "Vote 0, 1, 2, 3, 4, +495 " in one(exchange(many, Response()), 80)


def test_sql_is_shown_as_sql_on_one_line():
    query = call("@AdHoc", 1, Parameter.of(STRING, "select *\n  from T"))
    assert "@AdHoc select * from T " in one(exchange(query, Response()), 80)


def test_wide_characters_keep_the_columns_aligned():
    renderer = LineRenderer(console(100))
    lines = [
        renderer.lines(exchange(call("P", 1, Parameter.of(STRING, text)), Response()))[0]
        for text in ("a", "字" * 20, "🐘" * 30)
    ]
    assert len({line_width(line) for line in lines}) == 1


def test_large_numbers_push_the_call_and_never_widen_the_line():
    event = exchange(
        call("Vote", -(2**63) + 9, Parameter.of(STRING, "x" * 99)), Response(), number=12_345_678
    )
    assert len(one(event).splitlines()[0]) <= 80


def test_a_login_shows_user_library_and_an_old_hash():
    request = LOGIN_REQUEST.replace(version=0, hash_scheme=None, user="")
    login = Login(
        connection=connection(),
        request=request,
        request_frame=frame(Direction.CLIENT, request),
    )
    text = one(login, 120)
    assert "anonymous by voltdbclient (Python), SHA-1" in text
    assert "no answer" in text
