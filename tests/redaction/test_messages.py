import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.redaction.messages import Messages
from volttools.redaction.pseudonyms import Pseudonyms
from volttools.redaction.statements import Statements

PSEUDONYMS = Pseudonyms(b"a key for tests!")
T, NAME = PSEUDONYMS.text, PSEUDONYMS.names.name


def messages(rename=lambda name: name):
    return Messages(PSEUDONYMS, Statements(PSEUDONYMS, rename), rename, T)


def redacted(text):
    return messages().redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "SUCCESS",
        "Procedure NoSuch was not found",
        "Procedure @NoSuch was not found",
        "Failed to plan, no SQL statement provided.",
        'SQL error while compiling query: Error in "SELECT * FROM NOWHERE" - object not found: NOWHERE',
        "VOLTDB ERROR: CONSTRAINT VIOLATION Attempted violation of constraint\nConstraint Type UNIQUE, Table CatalogId STOCK\nRelevant Tuples:\n",
        "Server is paused and is available in read-only mode - please try again later.",
        "Server is shutting down.",
        'Requested info "TOPIC" is not yet available or not supported in the current configuration.',
        "    at org.voltdb.sysprocs.AdHoc_RW_SP.run(AdHoc_RW_SP.java:46)",
        "Transaction dropped due to change in mastership. It is possible the transaction was committed",
    ],
)
def test_what_is_all_the_servers_stays(text):
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "VOLTDB ERROR: USER ABORT given up on value 4217\n    at lab.Fail.run(Fail.java:13)",
            f"VOLTDB ERROR: USER ABORT {T('given')} {T('up')} {T('on')} {T('value')} {T('4217')}\n    at lab.Fail.run(Fail.java:13)",
        ),
        (
            "Relevant Tuples:\nID  V \n--- ---\n 10 alice\n NULL 2024-01-02 03:04:05.678900",
            f"Relevant Tuples:\n{T('ID')}  {T('V')} \n--- ---\n {T('10')} {T('alice')}\n NULL {T('2024-01-02 03:04:05.678900')}",
        ),
        ("The size 8 of the value 'TOO LONG'", f"The size {T('8')} of the value '{T('TOO LONG')}'"),
        (
            "Unable to convert string not a number to int value",
            f"Unable to convert string {T('not a number')} to int value",
        ),
        ("Value (select) has an invalid format", f"Value ({T('select')}) has an invalid format"),
        (
            "Parameter value user, partition column ID type 5",
            f"Parameter value {T('user')}, partition column {T('ID')} type {T('5')}",
        ),
        ("selector, instead was TOPO", "selector, instead was TOPO"),
        ("selector, instead was ALICE", f"selector, instead was {T('ALICE')}"),
        ("User alice does not have admin permission", f"User {T('alice')} does not have admin permission"),
        (
            "Error in \"select 'alice'\" - object not found",
            f"Error in \"select '{T('alice')}'\" - object not found",
        ),
        ('Error in "alice" - unexpected', f'Error in "{T("alice")}" - unexpected'),
        ("alice 😀", f"{T('alice')} ?"),
    ],
)
def test_what_is_quoted_becomes_its_pseudonym(text, expected):
    assert redacted(text) == expected


def test_names_are_renamed_where_that_is_asked():
    found = messages(NAME).redacted("Procedure Votes was not found\n at lab.Votes.run(Votes.java:7)")
    assert found == (
        f"Procedure {NAME('Votes')} was not found\n at {NAME('lab.Votes.run')}({NAME('Votes')}.java:7)"
    )


@given(st.text())
def test_any_text_can_be_redacted(text):
    redacted(text)
    redacted(f"USER ABORT {text}")


@pytest.mark.parametrize(
    "text",
    ["java.a" * 30_000, '"' * 99_999, "Value (" * 2_000, "at a." * 30_000, "' " * 50_000, "1-" * 50_000],
)
def test_long_texts_take_no_long_time(text):
    redacted(text)
