"""One family of errors, each with its place; texts are part of the interface."""

import pickle

import pytest

from volttools import errors

PLACE = {
    "file": "x.pcap",
    "connection": 3,
    "frame": 41,
    "path": "response.tables[0].rows[17].PRICE",
    "offset": 1204,
}


def test_the_text_names_the_place_from_the_outside_in():
    assert str(errors.DecodeError("length -7", **PLACE)) == (
        "x.pcap: connection 3, frame 41: response.tables[0].rows[17].PRICE: length -7 at byte 1,204"
    )
    assert str(errors.CaptureError("the file is empty", file="x")) == "x: the file is empty"
    assert str(errors.DecodeError("length -7")) == "length -7"


def test_an_outer_layer_adds_what_it_knows_and_changes_nothing():
    error = errors.DecodeError("length -7", offset=5).with_place(file="x.pcap", offset=99, frame=2)
    assert (error.file, error.frame, error.offset) == ("x.pcap", 2, 5)
    with pytest.raises(TypeError, match="no such part of a place: line"):
        error.with_place(line=3)


FAMILY = [
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.VoltToolsError)
]


@pytest.mark.parametrize("name", FAMILY)
def test_every_error_is_of_the_family_pickles_and_compares_by_its_fields(name):
    kind = getattr(errors, name)
    assert issubclass(kind, errors.VoltToolsError)
    error = kind("what happened", **PLACE)
    copy = pickle.loads(pickle.dumps(error))
    assert copy == error
    assert str(copy) == str(error)
    assert error != kind("what else happened", **PLACE)


def test_a_value_that_cannot_be_written_is_a_value_error():
    assert issubclass(errors.EncodeError, ValueError)


def test_errors_of_a_client_are_also_what_programs_catch_already():
    for kind in (errors.CannotConnect, errors.LoginRefused, errors.ConnectionLost):
        assert issubclass(kind, ConnectionError)
    assert issubclass(errors.CallTimeout, TimeoutError)


@pytest.mark.parametrize(
    "error",
    [
        errors.LoginRefused("no", status=-1, reason="wrong user or password"),
        errors.ConnectionLost("lost", may_have_run=True),
        errors.CallTimeout("late", may_have_run=False),
        errors.CallFailed(
            "failed",
            procedure="P",
            status=-2,
            status_string="s",
            app_status=5,
            app_status_string="a",
            tables=[1],
        ),
    ],
)
def test_what_else_an_error_knows_is_pickled_and_compared(error):
    copy = pickle.loads(pickle.dumps(error))
    assert vars(copy) == vars(error)
    assert copy == error
    assert copy != type(error)(error.message)
