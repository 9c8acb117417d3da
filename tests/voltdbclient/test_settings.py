"""The arguments of a connection, in both orders."""

import pytest

from volttools.voltdbclient.settings import Settings


def test_the_readmes_order_and_the_official_order_by_position_and_by_name():
    expected = ("h", 1, "u", "p")
    for settings in (
        Settings.given("h", 1, "u", "p", "d"),
        Settings.given("h", 1, "u", password="p", dump_file="d"),
        Settings.given("h", 1, False, "u", "p", False, "d"),
        Settings.given(host="h", port=1, username="u", password="p", dump_file_path="d"),
        Settings.given("h", 1, username="u", password="p", dump_file="d"),
    ):
        assert (settings.host, settings.port, settings.username, settings.password) == expected
        assert "d" in (settings.dump_file, settings.dump_file_path)
        assert not settings.usessl
    by_position = Settings.given("h", 1, True, "u", "p", True, "d", 2, 3, 4, "s", False)
    assert by_position.procedure_timeout == 3
    assert (by_position.ssl_config_file, by_position.default_cacerts) == ("s", False)
    assert (Settings.given("h", 1, "", "").username, Settings.given().port) == ("", 21212)
    with pytest.raises(TypeError, match="unexpected keyword argument 'usrname'"):
        Settings.given("h", usrname="u")


def test_no_password_is_printed():
    assert "secret" not in repr(Settings.given("h", 1, "u", "secret"))
