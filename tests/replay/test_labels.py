from volttools.replay.labels import labelled


def texts(*line):
    return "".join(text for text, _ in labelled(*line))


def test_what_has_no_label_stands_below_what_has_one():
    assert texts("sent", "3 calls") == "  sent        3 calls"
    assert texts("", "and more") == "              and more"
