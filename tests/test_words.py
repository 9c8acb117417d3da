from volttools.words import counted, nearest


def test_a_number_has_its_noun_in_the_right_form():
    assert [counted(number, "call") for number in (0, 1, 2, 1200)] == [
        "0 calls",
        "1 call",
        "2 calls",
        "1,200 calls",
    ]
    assert counted(1, "reply", "replies") == "1 reply"
    assert counted(0, "reply", "replies") == "0 replies"


def test_the_nearest_word_is_found_whatever_its_case():
    assert nearest("sucess", ["SUCCESS", "USER_ABORT"]) == "SUCCESS"
    assert nearest("zzz", ["SUCCESS", "USER_ABORT"]) is None
    assert nearest("anything", []) is None
