"""Reading, adding and writing; what is read again is what was recorded, byte by byte."""

import dataclasses

import pytest

from tests.cassettes.made import bodies, interaction
from tests.requirements import ROOT
from volttools.cassettes import Cassette, check, load
from volttools.codec import build
from volttools.errors import CaptureError, UsageError
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginRequest
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter, ParametersAndMore
from volttools.formats.types import STRING
from volttools.protocol.frame_buffer import framed

PARAMETERS = ParametersAndMore(parameters=[Parameter.of(STRING, "broken off")])

CAPTURES = [
    path
    for path in sorted((ROOT / "captures").iterdir())
    if path.suffix in (".pcap", ".pcapng", ".dump") and path.stem != "tls"
]


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_a_capture_as_a_cassette_holds_the_same_calls_and_answers(path, tmp_path):
    recorded = load(path)
    recorded.save(tmp_path / "x.cassette")
    again = load(tmp_path / "x.cassette")
    assert len(again) == len(recorded) > 0
    assert bodies(again) == bodies(recorded)
    assert [each for each in check(tmp_path / "x.cassette") if each.is_error] == []


def test_no_hash_is_written(tmp_path):
    """Not even that of a log-in that stands glued behind a call that broke off."""
    hashed = bytes.fromhex("5e" * 32)
    login = LoginRequest(version=1, hash_scheme=1, user="op", password_hash=hashed)
    glued = Opaque(build(PARAMETERS)[:-3] + framed(build(login)))
    cassette = Cassette()
    cassette.add(dataclasses.replace(interaction(), invocation=Invocation(procedure="P", parameters=glued)))
    text = cassette.save(tmp_path / "x.cassette").read_text()
    assert "frame_hex" in text
    assert login.service.encode().hex() in text
    assert "5e5e" not in text


def test_a_hook_may_change_or_drop_what_is_recorded():
    def only_votes(found):
        return found if found.procedure == "Vote" else None

    def quiet(found):
        return dataclasses.replace(found, response=found.response.replace(status_string="hidden"))

    cassette = Cassette(before_record=[only_votes, quiet])
    assert cassette.add(interaction(procedure="Select")) is None
    assert not cassette.is_changed
    kept = cassette.add(interaction(procedure="Vote"))
    assert kept.response.status_string == "hidden"
    assert list(cassette) == [kept]
    with pytest.raises(UsageError, match="a before_record hook gave bool"):
        Cassette(before_record=lambda found: True).add(interaction())


def test_what_is_there_no_more_is_not_written_and_nothing_else_is_removed(tmp_path):
    path = tmp_path / "x.cassette"
    cassette = Cassette(path)
    cassette.add(interaction(rows=5_000))
    cassette.save()
    (side,) = (tmp_path / "x.cassette.d").iterdir()
    assert side.name.startswith("Select-")
    assert len(path.read_text()) < 1_000
    assert bodies(load(path)) == bodies(cassette)
    (tmp_path / "x.cassette.d" / "notes.txt").write_text("mine")
    cassette.clear()
    cassette.add(interaction())
    cassette.save()
    assert [each.name for each in (tmp_path / "x.cassette.d").iterdir()] == ["notes.txt"]
    assert [each.name for each in tmp_path.iterdir()] == ["x.cassette", "x.cassette.d"] or len(
        list(tmp_path.iterdir())
    ) == 2


def test_the_same_result_gives_the_same_side_file(tmp_path):
    for name in ("a", "b"):
        cassette = Cassette()
        cassette.add(interaction(rows=5_000))
        cassette.save(tmp_path / name)
    names = [[each.name for each in (tmp_path / f"{name}.d").iterdir()] for name in ("a", "b")]
    assert names[0] == names[1]


def test_calls_stand_in_the_order_in_which_they_were_made(tmp_path):
    cassette = Cassette()
    for number, time_ns in ((1, 30), (2, 10), (3, 20)):
        cassette.add(interaction(number, time_ns=time_ns, latency_ns=5))
    cassette.save(tmp_path / "x")
    assert [each.params for each in load(tmp_path / "x")] == [(2,), (3,), (1,)]


def test_what_was_added_is_counted_beside_what_was_read(tmp_path):
    cassette = Cassette(tmp_path / "x.cassette")
    cassette.add(interaction(1))
    assert cassette.added == 1
    again = load(cassette.save())
    assert again.added == 0
    again.add(interaction(2))
    assert (again.added, len(again)) == (1, 2)
    again.clear()
    assert again.added == 0


def test_a_file_that_is_not_there_is_a_new_cassette(tmp_path):
    cassette = load(tmp_path / "new" / "x.cassette")
    assert (cassette.is_new, len(cassette)) == (True, 0)
    cassette.save()
    assert not load(tmp_path / "new" / "x.cassette").is_new
    with pytest.raises(CaptureError):
        load(tmp_path / "none", must_exist=True)


def test_a_damaged_text_is_refused_with_its_line(tmp_path):
    path = tmp_path / "x.cassette"
    load(ROOT / "captures" / "demo.pcap").save(path)
    path.write_text(path.read_text().replace('"Fail"', "Fail", 1))
    with pytest.raises(CaptureError, match=r"line \d+ can't be read: no JSON"):
        load(path)


def test_a_capture_is_never_written_over(tmp_path):
    copy = tmp_path / "demo.pcap"
    copy.write_bytes((ROOT / "captures" / "demo.pcap").read_bytes())
    with pytest.raises(UsageError, match="is a capture of another format"):
        load(copy).save()
    with pytest.raises(UsageError, match="has no path"):
        Cassette().save()


def test_what_can_t_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CaptureError, match="the cassette can't be written"):
        Cassette().save(tmp_path / "file" / "x.cassette")
