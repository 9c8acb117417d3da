import pytest

from tests.screens import check_golden, console, written
from volttools.render.fields import print_fields


@pytest.mark.parametrize(("name", "width"), [("tables", 100), ("status", 80)])
def test_a_field_on_a_screen(name, width):
    screen = console(width)
    print_fields(screen, name)
    check_golden(f"fields-{name}-{width}.txt", written(screen))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_list_keeps_to_the_width(width):
    screen = console(width)
    print_fields(screen)
    lines = written(screen).splitlines()
    assert max(map(len, lines)) <= width
    assert any(line.startswith("  .request_priority ") for line in lines)
