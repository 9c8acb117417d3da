import json

from benchmarks import results
from benchmarks.figure import Side, Unit
from tests.benchmarks.made_up import figure


def test_results_are_read_as_they_were_written(tmp_path):
    path = str(tmp_path / "results.json")
    written = [
        figure(
            "a", 2.5, spread=0.5, peer_name="peer", peer=Side(1.0, 2.0), limit_name="memcpy", limit_share=0.1
        ),
        figure("b", 34, Unit.MEGABYTES, note="20 MB", server_share=0.2),
    ]
    results.save(path, written, is_full=True)
    assert list(results.load(path).figures.values()) == written


def test_a_file_has_cpu_time_and_time_on_the_clock_floors_goals_and_the_peers_versions(tmp_path):
    path = tmp_path / "results.json"
    results.save(str(path), [figure("scan: responses", 36)], is_full=False)
    found = json.loads(path.read_text())
    assert found["mode"] == "quick"
    assert found["machine"]["peers"]["voltdbclient"].startswith("16.1")
    (row,) = found["rows"]
    assert row["ours"] == {"cpu_s": 1e-3, "wall_s": 2e-3}
    assert (row["floor"], row["goal"]) == (35, 50)
    assert (row["is_below_floor"], row["is_below_goal"]) == (False, True)
