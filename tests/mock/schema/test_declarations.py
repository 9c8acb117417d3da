"""The schema that there is now."""

import pytest

from volttools.mock.schema.declarations import Declarations
from volttools.mock.schema.errors import DdlError


def test_default_procedures_are_found_in_any_case_and_the_users_in_their_own():
    declarations = Declarations()
    assert declarations.change("create table t (a integer); create procedure Count as select count(*) from t")
    assert declarations.find("t.INSERT").name == "T.insert"
    assert declarations.find("Count") is not None
    assert declarations.find("COUNT") is None
    assert declarations.is_in_other_case("COUNT")
    assert not declarations.is_in_other_case("Count")
    assert not declarations.is_in_other_case("Other")


def test_whether_procedures_are_others_is_told():
    declarations = Declarations()
    assert declarations.change("create table t (a integer)")
    assert not declarations.change("create index i on t (a)")


def test_what_is_wrong_changes_nothing():
    declarations = Declarations()
    with pytest.raises(DdlError):
        declarations.change("create table t (a integer); drop table u")
    assert declarations.schema.tables == {}
