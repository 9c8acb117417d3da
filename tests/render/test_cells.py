from tests.screens import console, drawn, written
from volttools.render.cells import LineWriter, cut, fit, left, line_width, right, width_of, wrap


def test_widths_are_counted_in_cells():
    assert width_of("abc") == 3
    assert width_of("字a🐘") == 5
    assert right("字", 4) == "  字"
    assert left("字", 4) == "字  "
    assert left("too long", 3) == "too long"


def test_a_line_is_cut_with_an_ellipsis_and_filled_up():
    line = [("abc", "plain"), ("def", "muted")]
    assert fit(line, 8, "…") == [*line, ("  ", "plain")]
    assert fit(line, 6, "…") == line
    assert cut(line, 5, "…") == [("abc", "plain"), ("d", "muted"), ("…", "muted")]
    assert line_width(cut([("字字字", "plain")], 4, "…")) == 4  # half a character is a blank
    assert cut(line, None) == line


def test_text_is_wrapped_at_blanks_and_the_last_line_takes_the_rest():
    assert wrap("one two three", 8, 3) == ["one two", "three"]
    assert wrap("one two three", 8, 1) == ["one two three"]
    assert wrap("abcdefghij", 4, 9) == ["abcd", "efgh", "ij"]
    assert wrap("字字字字", 5, 9) == ["字字", "字字"]
    assert wrap("", 5, 9) == [""]
    assert wrap("one two three", None, 3) == ["one two three"]


def test_a_number_and_its_unit_stay_in_one_line():
    assert wrap("half within 6.26 ms or so", 16, 9) == ["half within", "6.26 ms or so"]
    assert wrap("it took 1 s", 9, 9) == ["it took", "1 s"]
    assert wrap("all of 1 server", 9, 9) == ["all of 1", "server"]
    assert wrap("1 s", 2, 9) == ["1", "s"]


def test_the_first_line_is_printed_at_once_and_flush_prints_the_rest():
    screen = console()
    writer = LineWriter(screen)
    writer.write([("one", "plain")])
    assert written(screen) == "one\n"
    writer.write([("two", "plain")])
    writer.flush()
    assert written(screen) == "one\ntwo\n"


def test_lines_are_not_cut_at_the_consoles_width():
    assert drawn([[("x" * 50, "plain")]], console(40)) == "x" * 50 + "\n"
