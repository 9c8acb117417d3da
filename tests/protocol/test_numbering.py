from volttools.protocol.numbering import Numbers


def test_numbers_begin_at_1_and_go_on_behind_those_given_elsewhere():
    numbers = Numbers()
    assert [numbers.frame(), numbers.frame(), numbers.exchange()] == [1, 2, 1]
    numbers.go_on(10, 5)
    assert [numbers.frame(), numbers.exchange(), numbers.exchange()] == [10, 5, 6]
