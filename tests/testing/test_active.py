from volttools.testing import active


def test_the_environment_says_the_record_mode():
    assert active.of_environment({"VOLTTOOLS_RECORD_MODE": "once"}).record_mode == "once"
    assert active.of_environment({"VOLTTOOLS_RECORD_MODE": ""}).record_mode is None


def test_the_settings_pushed_last_hold():
    before = active.settings()
    active.push_settings(active.Settings(server="db1"))
    active.push_settings(active.Settings(server="db2"))
    assert active.settings().server == "db2"
    active.pop_settings()
    assert active.settings().server == "db1"
    active.pop_settings()
    assert active.settings() == before


def test_servers_are_noted_in_the_innermost_list():
    outer, inner = [], []
    with active.noting(outer):
        with active.noting(inner):
            assert active.noted() is inner
        assert active.noted() is outer
