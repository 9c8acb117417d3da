"""Key stores of Java: the layout."""

import pytest

from tests.client.made import STORES
from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.jks import (
    KEY_PROTECTOR,
    MAGIC,
    PRIVATE_KEY,
    TRUSTED_CERTIFICATE,
    DerElement,
    JksStore,
)


@pytest.mark.parametrize(
    ("name", "tag", "alias"),
    [
        ("trust.jks", TRUSTED_CERTIFICATE, "ca"),
        ("client.jks", PRIVATE_KEY, "client"),
    ],
)
def test_a_store_of_keytool_reads_and_builds(name, tag, alias):
    data = (STORES / name).read_bytes()
    store = parse(JksStore, data)
    (entry,) = store.entries
    assert (store.magic, store.version, entry.tag, entry.name) == (MAGIC, 2, tag, alias)
    assert build(store) == data


def test_a_store_that_was_cut_is_refused_at_every_length():
    data = (STORES / "client.jks").read_bytes()
    for length in range(len(data)):
        with pytest.raises(DecodeError):
            parse(JksStore, data[:length])


def test_a_count_beyond_the_file_allocates_nothing():
    with pytest.raises(DecodeError, match="entries"):
        parse(JksStore, MAGIC + bytes.fromhex("00000002 ffffffff") + bytes(100))


def test_a_key_is_not_printed():
    store = parse(JksStore, (STORES / "client.jks").read_bytes())
    assert KEY_PROTECTOR in store.entries[0].key
    assert repr(store.entries[0].key) not in repr(store)
    assert "key=" not in repr(store)


@pytest.mark.parametrize(
    ("data", "content", "behind"),
    [
        ("0403aabbccdd", "aabbcc", "dd"),
        ("048103aabbccdd", "aabbcc", "dd"),
        ("04820003aabbccdd", "aabbcc", "dd"),
        ("0400", "", ""),
        ("0409aabb", "aabb", ""),
    ],
)
def test_lengths_of_der_are_short_or_long(data, content, behind):
    element = parse(DerElement, bytes.fromhex(data))
    assert (element.tag, element.content.hex(), element.behind.hex()) == (4, content, behind)
    assert build(element).hex() == data
