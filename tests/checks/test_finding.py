from tests.samples import call as invocation
from tests.samples import connection, exchange, frame
from volttools.checks.finding import SEVERITY_DOCS, Place, Severity
from volttools.protocol.events import Damage, Direction


def test_a_place_says_what_is_known_of_it():
    assert str(Place()) == ""
    place = Place(connection=1, exchange=1_234, frame=5, direction=Direction.CLIENT, offset=54, path="x.y")
    assert str(place) == "connection 1, exchange 1,234, frame 5, from the client, byte 54, x.y"
    assert str(Place(file="x.pcap", offset=24_100)) == "byte 24,100 of the file"


def test_the_place_of_an_exchange_is_that_of_its_frame():
    event = exchange(invocation("Vote", 1), None, number=7)
    assert Place.of(event) == Place(connection=1, exchange=7, frame=14, direction=Direction.CLIENT, offset=0)


def test_damage_knows_its_own_place():
    cut = frame(Direction.SERVER, invocation("Vote", 1), number=9)
    damage = Damage(
        what="gap", message="", connection=connection(), offset=5, direction=Direction.CLIENT, frame=cut
    )
    assert Place.of(damage) == Place(connection=1, frame=9, direction=Direction.CLIENT, offset=5)


def test_every_severity_is_explained():
    assert list(SEVERITY_DOCS) == list(Severity)
