"""The source that asks handlers; what handlers can return is in test_server."""

from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.formats.types import BIGINT
from volttools.mock.calls import Call, ClientConnection
from volttools.mock.checking import ParameterCheck
from volttools.mock.handlers import HandlerSource
from volttools.mock.procedures import Procedures
from volttools.mock.sources import Chain

LEFT = object()
CONNECTION = ClientConnection(id=1, host_id=0, user="", peer=("127.0.0.1", 1), local=("127.0.0.1", 2))


def asked(handler, *, types=None, procedure="P", **given):
    procedures = Procedures()
    procedures.add("P", handler, types, None, False)
    call = Call(
        number=1, connection=CONNECTION, invocation=Invocation(procedure=procedure, **given), chain=Chain([])
    )
    chain = Chain([ParameterCheck(procedures), HandlerSource(procedures), Leaves()])
    return chain.answer(call), call


class Leaves:
    """The end of the chain."""

    def answer(self, call):
        return LEFT


def test_what_it_does_not_know_it_leaves_to_others():
    assert asked(1, procedure="Q")[0] is LEFT


def test_nothing_returned_is_success_without_tables():
    assert asked(lambda call: None)[0] == Response()


def test_what_is_raised_is_kept_and_answers():
    answer, call = asked(lambda call: 1 / 0)
    assert answer.status == -3
    assert isinstance(call.exception, ZeroDivisionError)


def test_another_count_and_what_can_t_be_read_never_reach_it():
    def never(call):
        raise AssertionError

    assert asked(never, types=[BIGINT])[0].status_string.endswith("EXPECTS 1 PARAMS, BUT RECEIVED 0")
    assert asked(never, parameters=Opaque(b"\x7f"))[0].status == -2
