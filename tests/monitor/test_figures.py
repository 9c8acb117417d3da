import dataclasses
import json
import re

from tests.monitor.made import figures
from tests.requirements import ROOT
from volttools.monitor import figures as module


def test_json_has_all_of_it():
    found = json.loads(json.dumps(figures(missing={"TABLE": "no"}).as_json()))
    assert found["procedures"][0]["name"] == "Vote"
    assert found["nodes"][2]["p99_ns"] is None
    assert found["missing"] == {"TABLE": "no"}


def test_the_page_has_every_member():
    page = (ROOT / "docs" / "top.md").read_text().partition("## For programs")[2]
    told = set(re.findall(r"`(\w+)`", page))
    for name in ("Figures", "NodeFigures", "ProcedureFigures", "ClientFigures", "TableFigures"):
        members = {field.name for field in dataclasses.fields(getattr(module, name))}
        assert members <= told, name
