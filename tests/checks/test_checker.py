"""The checker as a whole: it streams, it raises nothing, it leaves healthy traffic alone."""

from hypothesis import given
from hypothesis import strategies as st

from tests.checks.samples import SAMPLES, codes
from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, SERVER, Conversation, answer, call, extension
from tests.samples import events as sample_events
from tests.strategies import invocations, responses
from volttools.checks import Severity, Verdict, check
from volttools.codec import build
from volttools.formats.invocation import Invocation


def test_it_streams():
    def endless():
        while True:
            yield from SAMPLES["unanswered"]()

    assert next(check(endless())).code == "unanswered"


def test_connections_are_judged_apart():
    first, second = SAMPLES["unsubscribed-push"](), SAMPLES["unsubscribed-push"]()
    for event in second:
        event.connection.number = 2
    assert codes([*first, *second]) == ["unsubscribed-push"] * 2


def test_the_sample_conversation_shows_a_push_without_subscription_and_a_hole():
    verdict = Verdict()
    found = list(check(sample_events(), verdict))
    assert [f.code for f in found] == ["gap", "unsubscribed-push"]
    assert verdict.severities == {Severity.DAMAGE: 1, Severity.VIOLATION: 1}


def test_damage_of_the_file_is_damage_of_every_connection():
    pushes = SAMPLES["unsubscribed-push"]()
    assert codes([*pushes, *SAMPLES["file-cut"]()]) == ["file-cut"]


FRAMES = [
    LOGIN,
    ACCEPTED,
    call("Vote", 1, 42, "x"),
    call("@Subscribe", 2),
    call("Vote", 3, version=2, extensions=[extension(1, 5), extension(5, 4)]),
    build(Invocation(version=1, batch_timeout_flag=1, batch_timeout_ms=5, procedure="P")),
    answer(1),
    answer(2**63 - 2),
    answer(16, -3, "no"),
]


@st.composite
def mutated(draw):
    """A frame, with some of its bytes changed, cut off or added."""
    body = bytearray(draw(st.sampled_from(FRAMES) | (invocations() | responses()).map(build)))
    for _ in range(draw(st.integers(0, 3))):
        if body:
            body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    end = draw(st.integers(0, len(body)) | st.just(len(body)))
    return bytes(body[:end]) + draw(st.binary(max_size=3))


steps = st.tuples(st.sampled_from([CLIENT, SERVER]), mutated() | st.integers(1, 200))


@given(st.lists(steps, max_size=12), st.booleans(), st.sampled_from(["fin", "rst", "end of capture"]))
def test_no_traffic_makes_it_raise(script, at_start, ending):
    talk = Conversation(at_start=at_start, server_side=SERVER, is_given=True)
    if at_start:
        talk.logs_in()
    for side, what in script:
        if isinstance(what, int):
            talk.loses(side, what)
        else:
            talk.sends(side, what)
    verdict = Verdict()
    for finding in check(talk.ends(ending), verdict):
        assert finding.message
        assert str(finding.place)
    assert sum(verdict.codes.values()) == sum(verdict.severities.values())
    assert verdict.sentence
