"""Counts of what was answered, and the rate of the last seconds."""

from volttools.formats.response import Response
from volttools.mock.figures import WINDOW_S, Figures
from volttools.protocol.events import Connection, Exchange


def exchange(procedure="P", status=1, text=None):
    response = Response(status=status, status_string=text)
    return Exchange(connection=Connection(number=1), procedure=procedure, status=status, _response=response)


def test_calls_are_counted_by_procedure_and_outcome():
    figures = Figures()
    for each in (exchange("A"), exchange("B"), exchange("A", -1, "no")):
        figures.take(each, 100.0)
    assert (figures.calls, figures.errors, dict(figures.procedures)) == (3, 1, {"A": 2, "B": 1})
    assert figures.said == ["A: no"]


def test_the_rate_is_that_of_the_last_seconds():
    figures = Figures()
    for moment in range(100, 120):
        for _ in range(10):
            figures.take(exchange(), moment + 0.5)
    assert 10 <= figures.calls_per_s(119.5) <= 12
    assert figures.calls_per_s(119.5 + 2 * WINDOW_S) == 0
    assert len(figures._by_second) <= WINDOW_S + 2


def test_the_last_things_said_come_first():
    figures = Figures()
    for number in range(9):
        figures.say(str(number))
    figures.take(Exchange(connection=Connection(number=1), procedure="Lost"), 1.0)
    assert figures.said == ["Lost: no answer", "8", "7", "6", "5"]
