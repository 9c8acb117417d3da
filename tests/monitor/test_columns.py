import pytest

from tests.monitor.made import figures
from volttools.monitor.columns import DEFAULT_SORT, VIEWS
from volttools.monitor.view import HELP, Choices


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
class TestEachView:
    def test_keys_are_letters_of_the_titles_and_mean_nothing_else(self, view):
        keys = [column.key for column in view.columns]
        assert len(set(keys)) == len(keys)
        for column in view.columns:
            assert column.key in column.title
            assert column.is_text or column.width > len(column.title)
        before = Choices(view=view.name)
        for key in keys:
            choices = Choices(view=view.name)
            choices.press(key)
            assert choices.sort[view.name] in {column.name for column in view.columns}
            choices.sort, choices.is_reversed = before.sort, False
            assert choices == before

    def test_each_column_but_the_first_is_given_up_some_time(self, view):
        assert sorted(view.order) == sorted(column.name for column in view.columns[1:])
        assert view.shown(500) == list(view.columns)
        assert view.shown(10) == [view.columns[0]]
        shown = [len(view.shown(width)) for width in range(10, 200)]
        assert shown == sorted(shown)

    def test_it_shows_what_there_is(self, view):
        row = getattr(figures(), view.rows)[0]
        for column in view.columns:
            assert column.show(column.value(row))
            assert len(column.show(column.value(row))) <= column.width or column.is_text
        assert view.column(DEFAULT_SORT[view.name]) is not None


def test_no_view_has_another_name_than_its_key_in_the_table():
    assert [view.name for view in VIEWS.values()] == list(VIEWS)
    assert len(HELP) == 8
