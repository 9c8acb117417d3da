import json

from tests.compare.traffic import exchanges, said
from volttools.compare import compare, learned_rules
from volttools.compare.lines import comparison_lines, noise_line
from volttools.formats.table import Table
from volttools.formats.types import DECIMAL, STRING
from volttools.jsonlines.lines import line_text


def found():
    table = [("NAME", STRING), ("PRICE", DECIMAL)]
    a = [said("Get", 1, tables=[Table.of(table, [("a", None)])]), said("Old", 1)]
    b = [said("Get", 1, tables=[Table.of(table, [(None, None), ("b", None)])])]
    return compare(exchanges(a), exchanges(b))


def test_there_is_a_line_for_each_group_and_procedure_and_the_summary_last():
    lines = [json.loads(line_text(line)) for line in comparison_lines(found(), ["a.pcap", "b.pcap"])]
    assert [line["kind"] for line in lines] == ["group", "group", "group", "latency", "summary"]
    assert [line.get("difference") for line in lines[:3]] == ["missing", "rows-extra", "value"]
    extra, value = lines[1], lines[2]
    assert extra["examples"][0]["a"] is None
    assert extra["examples"][0]["b"] == ["b", None]
    assert (value["columns"], value["detail"]) == (["NAME", "NAME"], ["a value", "NULL"])
    assert (value["examples"][0]["a"], value["examples"][0]["b"]) == ("a", None)
    assert value["examples"][0]["params"] == [["BIGINT", 1]]
    summary = lines[-1]
    assert (summary["same"], summary["pairs"], summary["only_a"]) == (False, 1, 1)
    assert summary["a"] == {
        "calls": 2,
        "unknown": 0,
        "connections": 1,
        "pushes": {},
        "damage": {},
        "builds": [],
        "skipped": {},
    }


def test_a_learned_rule_is_a_line():
    rule, groups = next(iter(learned_rules(found()).items()))
    line = json.loads(line_text(noise_line(rule, groups)))
    assert (line["kind"], line["procedure"], line["evidence"]) == ("noise", "Get", "differed in 1 of 1 pair")
