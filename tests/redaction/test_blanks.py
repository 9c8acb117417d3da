import pytest

from tests.formats.type_samples import TYPE_SAMPLES
from volttools.codec.codec import builder, parser
from volttools.redaction.blanks import blank

SAMPLES = [sample for sample in TYPE_SAMPLES if sample.type.name != "VOLTTABLE"]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_blank_is_a_value_of_the_same_type_and_null_stays_null(sample):
    found = blank(sample.value)
    assert (found is None) == (sample.value is None)
    assert parser(sample.type.format)(builder(sample.type.format)(found)) == found
    if isinstance(sample.value, (str, bytes)):
        assert len(found) == len(sample.value)


def test_what_no_type_has_is_refused():
    with pytest.raises(TypeError):
        blank([1])
