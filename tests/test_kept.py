"""What is kept because it may come again."""

from volttools.kept import Kept


def test_a_full_one_starts_anew() -> None:
    kept = Kept[str, int](2)
    assert [kept.keep(key, value) for key, value in (("a", 1), ("b", 2), ("c", 3))] == [1, 2, 3]
    assert kept == {"c": 3}


def test_a_key_that_is_there_gets_another_value_without_loss_of_the_others() -> None:
    kept = Kept[str, int](2)
    for key, value in (("a", 1), ("b", 2), ("b", 3)):
        kept.keep(key, value)
    assert kept == {"a": 1, "b": 3}
