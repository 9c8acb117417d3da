from tests.compare.traffic import exchanges, said
from volttools.compare.calls import call_of
from volttools.compare.requests import Requests
from volttools.compare.rules import Judge, Rules


def test_what_was_asked_before_is_known_whatever_its_handle_and_answer():
    requests = Requests()
    one, same, other = (
        call_of(exchange, requests)
        for exchange in exchanges([said("Vote", 1), said("Vote", 1), said("Vote")])
    )
    assert one.key == same.key != other.key


def test_parameters_that_do_not_count_make_no_other_call():
    judge = Judge(Rules.from_text('[[rule]]\nprocedure = "Pay"\nkind = "parameters"\nparameter = 0'))
    requests = Requests(judge.ignores_parameter)
    one, same, other, another = (
        call_of(exchange, requests).key
        for exchange in exchanges(
            [said("Pay", 1, 5), said("Pay", 2, 5), said("Pay", 1, 6), said("Get", 1, 5)]
        )
    )
    assert one == same
    assert len({one, other, another}) == 3


def test_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(Requests, "MOST", 2)
    requests = Requests()
    keys = [call_of(exchange, requests).key for exchange in exchanges([said("Vote", n) for n in range(9)])]
    again = [call_of(exchange, requests).key for exchange in exchanges([said("Vote", n) for n in range(9)])]
    assert keys == again
    assert len(set(keys)) == 9
    assert len(requests._known) <= 2
