from volttools.render.labelled import counts, flow, judged, named


def texts(lines):
    return ["".join(text for text, _ in line) for line in lines]


def test_a_flow_is_broken_where_the_width_ends_and_named_once():
    lines = flow("pushes", [("topology 12", "plain"), ("procedures 3", "plain"), ("other 1", "plain")], 45)
    assert texts(lines) == ["  pushes        topology 12, procedures 3,", "                other 1"]


def test_a_part_that_is_wider_than_the_screen_is_folded_and_a_name_is_not():
    lines = flow("damage", [("cut 1 (the file ends somewhere)", "plain"), ("x", "plain")], 40)
    assert texts(lines) == ["  damage        cut 1 (the file ends", "                somewhere), x"]
    assert texts(flow("capture", [("n" * 60, "plain")], 40)) == [f"  capture       {'n' * 60}"]


def test_no_comma_behind_a_colon_or_semicolon():
    assert texts(flow("a", [("5:", "plain"), ("x 1;", "plain"), ("y", "plain")], 80)) == [
        "  a             5: x 1; y"
    ]


def test_nothing_is_no_line():
    assert flow("pushes", [], 80) == []


def test_counts_begin_with_the_most_frequent_and_are_harmless():
    assert counts({"a\x1b": 1, "b": 2000}) == [("b 2,000", "plain"), ("a\\x1b 1", "plain")]


def test_the_good_one_comes_first_however_rare():
    assert judged({"bad": 9, "good": 1}, "good") == [("good 1", "summary.good"), ("bad 9", "summary.bad")]


def test_a_name_has_its_columns():
    assert texts([named("time", [("x", "plain")])]) == ["  time          x"]
