"""The chain of sources: order, and what the rest of it says."""

import pytest

from volttools.formats.invocation import Invocation
from volttools.mock.calls import Call, ClientConnection
from volttools.mock.sources import Chain

CONNECTION = ClientConnection(id=1, host_id=0, user="", peer=("127.0.0.1", 1), local=("127.0.0.1", 2))


class Says:
    def __init__(self, what):
        self.answer = what if callable(what) else lambda call: what


def call(chain):
    return Call(number=1, connection=CONNECTION, invocation=Invocation(procedure="P"), chain=chain)


def test_the_first_that_knows_answers():
    chain = Chain([Says(None), Says(2), Says(3)])
    assert chain.answer(call(chain)) == 2


def test_the_default_is_what_those_behind_say_however_deep():
    def wrapped(call):
        return [*call.default(), call.asked]

    chain = Chain([Says(None), Says(wrapped), Says(None), Says(wrapped), Says([7])])
    asked = call(chain)
    assert chain.answer(asked) == [7, 3, 1]
    assert asked.default() == [7, 3], "also later, as from a handler that waits"


def test_a_chain_without_an_end_says_so():
    chain = Chain([Says(None)])
    with pytest.raises(LookupError, match="no source knows the call of P"):
        chain.answer(call(chain))
