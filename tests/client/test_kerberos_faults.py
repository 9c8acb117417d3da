"""Errors of GSSAPI in words."""

from dataclasses import dataclass

import pytest

from volttools.client.kerberos_faults import FAULTS, MAJOR_FAULTS, TABLE, explained


@dataclass
class Error:
    maj_code: int
    min_code: int

    def gen_message(self):
        return "Major (1): words of the library"


@pytest.mark.parametrize("unsigned", [0, 2**32])
def test_minor_codes_have_their_sentence_with_and_without_sign(unsigned):
    error = Error(13 << 16, TABLE + 37 + unsigned)
    assert explained(error) == (
        "the clocks of client, server and KDC differ by more than 5 minutes: synchronize them (NTP)"
    )


def test_principals_are_named_where_that_helps():
    assert explained(Error(13 << 16, TABLE + 195), principal="alice@X") == (
        "there is no Kerberos ticket of alice@X: run kinit"
    )
    assert explained(Error(13 << 16, TABLE + 195)) == (
        "there is no Kerberos ticket of the default principal: run kinit"
    )
    assert explained(Error(13 << 16, TABLE + 7), service="volt/{db}@X") == (
        "the KDC doesn't know the server's principal volt/{db}@X: the server is configured with another realm or "
        "name than the KDC has"
    )


def test_major_codes_speak_where_minor_ones_say_nothing():
    assert explained(Error(11 << 16 | 2, 100001)) == (
        "the Kerberos ticket of the default principal has expired: run kinit"
    )


def test_what_has_no_sentence_keeps_the_library_s_words():
    assert explained(Error(13 << 16, 5)) == "Kerberos failed: Major (1): words of the library"


def test_every_sentence_can_be_said():
    for number in FAULTS:
        assert "{" not in explained(Error(0, TABLE + number))
    for number in MAJOR_FAULTS:
        assert "{" not in explained(Error(number << 16, 0))
