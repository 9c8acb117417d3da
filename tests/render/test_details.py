from tests.samples import (
    LOGIN_REQUEST,
    ORDERS,
    PASSWORD_HASH,
    call,
    connection,
    events,
    exchange,
    failure,
    frame,
)
from tests.screens import check_golden, console, drawn
from volttools.codec import build
from volttools.formats.exceptions import ServerException
from volttools.formats.login import KerberosServiceName, KerberosToken
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import STRING
from volttools.protocol.events import Direction, Login
from volttools.render.details import details
from volttools.render.frames import frame_views
from volttools.render.lines import LineRenderer


def shown(event, width=80, **settings):
    out = console(width)
    return drawn(details(event, out, **settings), out)


def test_an_exchange_shows_everything_it_holds():
    check_golden("details-80.txt", shown(events()[6]))


def test_a_failure_shows_its_status_string_in_its_own_lines():
    text = shown(exchange(call("A", 1), failure(1, -2, "VOLTDB ERROR: it\n    at A.run(A.java:3)\x1b[0m")))
    assert "    status        GRACEFUL_FAILURE  -2, 0 ms inside the cluster\n" in text
    assert "                  VOLTDB ERROR: it\n                      at A.run(A.java:3)\\x1b[0m\n" in text


def test_sql_keeps_its_lines():
    query = call("@AdHoc", 1, Parameter.of(STRING, "select *\n  from T"), Parameter.of(STRING, "x"))
    text = shown(exchange(query, Response()))
    assert "                  select *\n                    from T\n" in text
    assert '      2  STRING  "x"\n' in text


def test_what_is_not_there_or_cannot_be_read_says_so():
    assert "none in the capture" in shown(exchange(call("A", 1), None))
    broken = call("A", 1).replace(parameters=Opaque(b"\x00\x01\x63"))
    assert "can't be read: x'000163'" in shown(exchange(broken, None))
    assert shown(exchange(None, Response())).splitlines()[1].startswith("    response")


def test_of_a_partial_response_the_status_and_the_hole_are_told():
    found = exchange(call("A", 1), Response(tables=[ORDERS]))
    found.response_frame.missing = [(30, 40)]
    text = shown(found)
    assert "status        partial (SUCCESS)" in text
    assert f"10 of {found.response_frame.length} bytes missing, bytes 30 to 39" in text


def test_a_call_that_was_never_finished_says_which_one_is_glued_behind_it():
    broken = call("A", 1).replace(
        parameters=Opaque(b"\x00\x02\x05\x00\x00\x00\x01\x16" + build(call("@Ping", 2)))
    )
    text = shown(exchange(broken, Response()), 200)
    assert "malformed request: parameters" in text
    assert "a second call, @Ping, stands from byte 8 on" in text


def test_a_login_behind_a_half_written_call_keeps_its_hash_secret():
    broken = call("A", 1).replace(parameters=Opaque(b"\x00\x02\x05" + build(LOGIN_REQUEST)))
    found = exchange(broken, None)
    for text in (
        shown(found, 200),
        drawn(frame_views(found, console(200), with_hex=True), console(200)),
        drawn(LineRenderer(console(200)).lines(found), console(200)),
    ):
        for part in (PASSWORD_HASH[:4], PASSWORD_HASH[20:24]):
            assert part.hex() not in text
            assert part.hex(" ") not in text
    assert PASSWORD_HASH.hex()[:8] in shown(found, 400, keep_login_hashes=True)


def test_exceptions_hashes_and_trailing_bytes_are_shown():
    response = Response(
        status=-2,
        exception=ServerException(
            type=3, message="no", sql_state=b"23000", constraint_type=2, table_name="T"
        ),
        hashes=[1, -2],
        trailing=b"\x00\x01",
    )
    text = shown(exchange(call("A", 1), response), 120)
    assert "ConstraintFailureException: no (sql_state x'3233303030', constraint_type 2, table_name T)" in text
    assert "hashes        1, -2" in text
    assert "trailing      x'0001'" in text


def test_a_password_hash_is_hidden_unless_asked_for():
    login = events()[0]
    check_golden("details-login-80.txt", shown(login))
    assert PASSWORD_HASH.hex() not in shown(login, 200)
    assert PASSWORD_HASH.hex() in shown(login, 200, keep_login_hashes=True)


def test_the_kerberos_exchange_is_listed_without_its_tokens():
    messages = [KerberosServiceName(principal="voltdb/x"), KerberosToken(token=b"secret token")]
    login = Login(
        connection=connection(),
        request=LOGIN_REQUEST,
        kerberos=[(frame(Direction.SERVER, message), message) for message in messages],
    )
    text = shown(login)
    assert "service name from the server" in text
    assert "token from the server" in text
    assert "secret" not in text
