"""What a server told of itself, for people."""

from volttools.client.node import NodeInfo, Partition
from volttools.render.node import change_lines, node_lines


def texts(info, width=80):
    return ["".join(text for text, _ in line).rstrip() for line in node_lines(info.as_json(), width)]


def test_what_was_not_told_has_no_line_of_its_own_but_a_reason():
    info = NodeInfo("a:1", "11.4.0_x", 0, missing=["@Statistics: not\nallowed"])
    assert texts(info) == [
        "a:1",
        "    version       11.4.0  11.4.0_x",
        "    not told      @Statistics: not\\nallowed",
    ]


def test_hosts_partitions_and_procedures_fit_the_screen():
    info = NodeInfo(
        "a:1",
        "11.4.0_x",
        0,
        hosts={0: {"HOSTNAME": "a\x1b", "UPTIME": "3 days"}, 1: {}},
        partitions=[Partition(0, ["0:0", "1:0"], "1:0")],
        procedures=[f"Procedure{number}" for number in range(20)],
    )
    found = texts(info)
    assert found[2:6] == [
        "    cluster       2 hosts, state not told",
        "      host 0  a\\x1b  ?:?  ?  up 3 days",
        "      host 1  ?      ?:?  ?  uptime not told",
        "    partitions    1",
    ]
    assert found[6] == "      partition 0  led by 1:0  sites 0:0, 1:0"
    assert all(len(line) <= 80 for line in found)


def test_changes_stand_a_line_each_and_are_harmless():
    lines = ["".join(text for text, _ in line) for line in change_lines(["host 1 is gone: \x1b[2J"])]
    assert lines == ["changed: host 1 is gone: \\x1b[2J"]
