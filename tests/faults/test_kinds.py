import pytest

from volttools.faults.draws import Draw
from volttools.faults.injector import empty_push
from volttools.faults.kinds import Kind, Place, Subject, body_of
from volttools.formats.response import Response
from volttools.protocol.frame_buffer import framed


class Odd(Kind):
    """Does something odd.

    More than a line.
    """

    name = "odd"
    place = Place.RESPONSE
    sees = "nothing"


def test_a_kind_documents_itself_and_chooses_what_it_was_given():
    odd = Odd()
    assert (odd.doc, repr(odd), odd.lets_in) == ("Does something odd.", "odd", True)
    assert odd.choose({"a": 1}, Draw(1), 1, ()) == {"a": 1}
    with pytest.raises(NotImplementedError):
        odd.apply((), {}, Subject(Response, empty_push))


def test_the_message_of_a_frame():
    assert body_of(framed(b"message")) == b"message"
