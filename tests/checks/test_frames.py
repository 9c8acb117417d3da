from tests.checks.samples import SAMPLES, codes, findings


def test_holes_in_a_message_name_its_exchange():
    found = next(f for f in findings(SAMPLES["partial-message"]()) if f.code == "partial-message")
    assert found.message == "86 of the response's 112 bytes are missing from the capture (from byte 26)"
    assert (found.place.exchange, found.place.frame) == (1, 4)


def test_a_frame_that_was_cut_is_told_once():
    assert codes(SAMPLES["cut-frame"]()) == ["cut-frame"]
    assert codes(SAMPLES["closed-in-frame"]()) == ["closed-in-frame"]


def test_a_frame_of_more_than_50_mib_is_told_though_it_never_ended():
    found = findings(SAMPLES["frame-too-long"]())
    assert [f.code for f in found] == ["closed-in-frame", "frame-too-long"]
    assert found[1].message == (
        "a frame of 52,428,801 bytes; the server takes 52,428,800 at most, and closes the connection"
        " without an answer"
    )


def test_a_frame_behind_a_hole_is_worth_a_note():
    found = findings(SAMPLES["after-gap"]())[-1]
    assert found.message == "what stands before it is missing or can't be read; it was found by its shape"
