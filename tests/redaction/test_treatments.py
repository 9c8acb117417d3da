import json
from collections import Counter
from decimal import Decimal

import pytest

from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    STRING,
    TIMESTAMP,
    TINYINT,
    VARBINARY,
)
from volttools.redaction.rules import Place, Rules
from volttools.redaction.system import Kind
from volttools.redaction.treatments import Treatments

KEY = b"a key for tests!"


def treatments(text="", counts=None):
    counts = Counter() if counts is None else counts
    return Treatments(Rules.from_text(text), KEY, lambda what: counts.update([what]))


def of(action, kind, value):
    found = treatments(f"[default]\naction = '{action}'").of_values("P", Place(0), kind.code)
    return value if found.change is None else found.change(value)


def test_actions_do_what_they_say():
    assert of("keep", STRING, "alice") == "alice"
    assert of("null", STRING, "alice") is None
    assert of("blank", STRING, "alice") == "xxxxx"
    assert of("replace", STRING, "alice") not in ("alice", None)
    assert of("replace", STRING, None) is None


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        (TINYINT, 1, 2),
        (BIGINT, 10**12, 10**12 + 1),
        (FLOAT, 1.5, 1.75),
        (DECIMAL, Decimal("1.500000000000"), Decimal("1.500000000001")),
        (TIMESTAMP, 0, 1),
        (STRING, "alice", "alicf"),
    ],
    ids=str,
)
def test_order_keeps_the_order(kind, low, high):
    assert low < of("order", kind, low) < of("order", kind, high) or kind is STRING
    assert of("order", kind, low) < of("order", kind, high)
    assert of("order", kind, None) is None


@pytest.mark.parametrize(("kind", "value"), [(VARBINARY, b"bytes"), (BOOLEAN, True), (DATE, 7)], ids=str)
def test_types_without_an_order_are_replaced(kind, value):
    assert kind is DATE or of("order", kind, value) == of("replace", kind, value)


def test_treatments_are_remembered():
    known = treatments()
    assert known.of_values("P", Place(0), BIGINT.code) is known.of_values("P", Place(0), BIGINT.code)


def test_names_users_addresses_and_texts_stay_where_the_default_says_so():
    kept = treatments(
        "[default]\nnames = false\nusers = false\naddresses = false\ntexts = false\nsql = false"
    )
    assert kept.name("VOTES") == "VOTES"
    assert kept.user("alice") == "alice"
    assert kept.address("10.1.2.3") == "10.1.2.3"
    assert kept.message("no alice") == "no alice"
    assert kept.application_text("alice") == "alice"
    assert kept.sql("select 'alice'") == "select 'alice'"


def test_what_is_changed_besides_values_is_counted():
    counts = Counter()
    changed = treatments("[default]\nnames = true", counts)
    for change in (changed.name, changed.column, changed.user, changed.address, changed.message, changed.sql):
        change("select 'alice'")
    assert counts == {"names": 2, "users": 1, "addresses": 1, "texts": 1, "statements": 1}


def by_kind(kind, value, code=STRING.code, text=""):
    found = treatments(text).of_kind(kind, "@Statistics", Place(0), code)
    return value if found.change is None else found.change(value)


def test_kinds_say_what_becomes_of_a_text():
    known = treatments()
    assert by_kind(Kind.KEPT, "0:0") == "0:0"
    assert by_kind(Kind.NAME, "VOTES") == "VOTES"
    assert by_kind(Kind.NAME, "VOTES", text="[default]\nnames = true") != "VOTES"
    assert by_kind(Kind.WORD, "topo") == "topo"
    assert by_kind(Kind.WORD, "alice") == known.pseudonyms.text("alice")
    assert by_kind(Kind.WORD, None) is None
    assert by_kind(Kind.ADDRESS, "10.1.2.3") == known.address("10.1.2.3")
    assert (
        by_kind(Kind.USER, "admin:administrator;bob:user;")
        == f"{known.user('admin')}:administrator;{known.user('bob')}:user;"
    )
    assert by_kind(Kind.USER, "NONE") == "NONE"
    assert by_kind(Kind.SECRET, b"jar", VARBINARY.code) == bytes(3)
    assert by_kind(Kind.NUMBER, 5, BIGINT.code) == 5
    assert by_kind(Kind.NUMBER, "5") == known.pseudonyms.text("5")
    assert by_kind(Kind.PLAN, "x = 'alice'") == known.statements.plan("x = 'alice'")
    assert by_kind(Kind.PLAN, "x = 'alice'", text="[default]\nsql = false") == "x = 'alice'"
    assert by_kind(Kind.NAME, None) is None


def test_json_keeps_its_keys_and_numbers():
    names = treatments("[default]\nnames = true")
    remark = '{"partitionParameter":0,"singlePartition":true,"partitionColumn":"ID","x":[1]}'
    found = json.loads(by_kind(Kind.JSON, remark, text="[default]\nnames = true"))
    assert found["partitionParameter"] == 0
    assert found["singlePartition"] is True
    assert found["partitionColumn"] == names.name("ID")
    assert found["x"] != [1]
    saved = json.loads(by_kind(Kind.JSON, '{"uripath":"file:///data/x","nonce":"alice","format":"csv"}'))
    assert saved["format"] == "csv"
    assert "alice" not in saved["nonce"]
    assert "data" not in saved["uripath"]
    assert by_kind(Kind.JSON, "PARTITION_COLUMN") == "PARTITION_COLUMN"
    assert by_kind(Kind.JSON, "/data/snapshots") == names.address("/data/snapshots")
    assert by_kind(Kind.JSON, "[1]") != ""
