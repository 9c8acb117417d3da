import pytest

from volttools.compare import Kind, Place
from volttools.compare.kinds import NEVER_DIFFERENT
from volttools.rehearse.findings import group_text


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in NEVER_DIFFERENT | {Kind.SLOWER}])
def test_each_kind_of_difference_has_words_without_a_and_b(kind):
    text = group_text(Place("Get", kind, columns=("ONE", "OTHER"), detail=("this", "that")))
    assert not set(text.split()) & {"A", "B"}
    assert "{" not in text


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("Get", Kind.STATUS, detail=("SUCCESS", "USER_ABORT")), "is answered with USER_ABORT instead of SUCCESS"),
        (Place("Get", Kind.VALUE, table=0, columns=("A", "A")), "has another value in column A"),
        (Place("Get", Kind.VALUE, table=1, columns=("A", "A")), "has another value in column A of table 2"),
        (Place("Get", Kind.VALUE, columns=("A", "A"), detail=("NULL", "a value")), "has a value instead of NULL in column A"),
        (Place("Get", Kind.COLUMN_NAME, columns=("A", "")), "renames column A to (unnamed)"),
        (Place("Get", Kind.NO_ANSWER, detail=("answered", "none")), "is answered no more"),
        (Place("Get", Kind.NO_ANSWER, detail=("none", "answered")), "is answered, and was not"),
    ],
)  # fmt: skip
def test_what_differs_is_said_as_what_the_procedure_does(place, text):
    assert group_text(place) == text
