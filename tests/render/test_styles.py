from tests.screens import console
from volttools.render import styles


def test_every_style_can_be_parsed_and_every_sign_has_two_forms_of_one_width():
    for name in styles.STYLES:
        styles.style(name)
    for fine, plain in styles.SIGNS.values():
        assert plain.isascii()
        assert len(fine) <= len(plain)


def test_field_styles_come_round_again():
    assert styles.field_style(0) == styles.field_style(styles.FIELD_COLOURS)
    assert styles.field_style(0) != styles.field_style(1)


def test_signs_are_plain_where_the_output_is():
    assert styles.sign(console(), "to") == "→"
    assert styles.sign(console(utf8=False), "to") == "->"
