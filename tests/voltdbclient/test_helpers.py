"""What stands beside the classes of the official client."""

import voltdbclient as official

from volttools import voltdbclient as ours
from volttools.voltdbclient import helpers


def test_functions_beside_the_classes_give_what_the_official_ones_give(tmp_path, capsys):
    for number in (0, 1, -1, 127, -128, 2**31 - 1, -(2**63), 2**70 + 5):
        for function in ("int16toBytes", "int32toBytes", "int64toBytes"):
            assert getattr(ours, function)(number) == getattr(official, function)(number)
    for number in (None, 0.0, float("nan"), float("inf")):
        assert ours.isNaN(number) == official.isNaN(number)
    file = tmp_path / "ssl.properties"
    file.write_text("# stores\ntrustStore=~/trust.jks\ntrustStorePassword : a b\nkeystore x.jks\n")
    for lower in (False, True):
        assert ours.read_properties_file(str(file), lower) == official.read_properties_file(str(file), lower)
    found = ours.read_properties_file(file, True)
    assert ours.resolve_paths(dict(found)) == official.resolve_paths(dict(found))
    ours.error("text")
    assert capsys.readouterr().out == "text\n"


def test_errors_are_logged_where_a_script_wants_that(caplog, monkeypatch):
    monkeypatch.setattr(helpers, "logger", None)
    ours.use_logging()
    ours.error("text")
    assert caplog.messages == ["text"]
