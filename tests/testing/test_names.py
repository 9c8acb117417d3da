import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.testing.names import cassette_of_test, file_name, named_cassette

ROOT = Path("/project")
FILE = ROOT / "tests" / "api" / "test_votes.py"


@given(st.text(max_size=400))
def test_a_file_name_is_one_that_all_systems_take(test):
    name = file_name(test)
    assert re.fullmatch(r"[A-Za-z0-9_.\[\]-]{0,130}", name)
    assert not name.startswith(".")


@given(st.lists(st.text(alphabet="ab/\\: ", min_size=1), min_size=2, max_size=2, unique=True))
def test_two_tests_have_two_names(tests):
    assert file_name(tests[0]) != file_name(tests[1])


def test_the_cassette_of_a_test_stands_beside_its_file():
    assert cassette_of_test(FILE, "TestA::test_x[NY]", root=ROOT) == (
        ROOT / "tests/api/cassettes/test_votes/TestA.test_x[NY].cassette"
    )


def test_in_a_directory_for_all_modules_of_one_name_stay_apart():
    found = cassette_of_test(FILE, "test_x", root=ROOT, cassette_dir=ROOT / "tapes")
    assert found == ROOT / "tapes/tests/api/test_votes/test_x.cassette"
    found = cassette_of_test(Path("/else/test_y.py"), "test_x", root=ROOT, cassette_dir=ROOT / "tapes")
    assert found == ROOT / "tapes/test_y/test_x.cassette"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("votes", "tests/api/cassettes/votes.cassette"),
        ("v1.2", "tests/api/cassettes/v1.2.cassette"),
        ("sub/votes.cassette", "tests/api/cassettes/sub/votes.cassette"),
        ("votes.pcapng", "tests/api/cassettes/votes.pcapng"),
        ("/elsewhere/votes", "/elsewhere/votes.cassette"),
    ],
)
def test_a_named_cassette(name, expected):
    assert named_cassette(name, beside=FILE) == ROOT / expected
