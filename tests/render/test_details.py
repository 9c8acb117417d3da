from tests.samples import LOGIN_REQUEST, PASSWORD_HASH, call, connection, events, exchange, failure, frame
from tests.screens import check_golden, console, drawn
from volttools.formats.exceptions import ServerException
from volttools.formats.login import KerberosServiceName, KerberosToken
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import STRING
from volttools.protocol.events import Direction, Login
from volttools.render.details import details


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
    assert shown(exchange(None, Response())).startswith("    response")


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
