"""The tree keeps its own rules: a test beside each module, one place for each number."""

import re
from pathlib import Path

import pytest

from tests.requirements import ROOT

PACKAGE = ROOT / "volttools"

TESTED_WITH = {
    "cli/ending.py": "cli/test_record.py",
    "cli/injecting.py": "cli/test_record.py",
    "cli/mock_view.py": "cli/test_mock.py",
    "cli/comparing.py": "cli/test_compare.py",
    "cli/replaying.py": "cli/test_replay.py",
    "client/aio_connection.py": "client/test_aio.py",
    "client/base_client.py": "client/test_blocking.py",
    "compare/answers.py": "compare/test_comparison.py",
    "compare/groups.py": "compare/test_comparison.py",
    "compare/kinds.py": "compare/test_comparison.py",
    "compare/settings.py": "compare/test_matching.py",
    "codec/arrow.py": "codec/test_columns.py",
    "codec/arrow_columns.py": "codec/test_columns.py",
    "codec/build_rows.py": "codec/test_rows.py",
    "codec/build_writer.py": "codec/test_build_compiler.py",
    "codec/interpreted.py": "codec/test_parse_compiler.py",
    "codec/parse_records.py": "codec/test_parse_compiler.py",
    "codec/short_texts.py": "codec/test_rows.py",
    "codec/parse_writer.py": "codec/test_parse_compiler.py",
    "filters/declared.py": "filters/test_fields.py",
    "filters/expressions.py": "filters/test_grammar.py",
    "filters/shapes.py": "filters/test_fields.py",
    "codec/row_writer.py": "codec/test_rows.py",
    "codec/raw_columns.py": "codec/test_columns.py",
    "formats/constructs.py": "formats/test_notation.py",
    "jsonlines/message_members.py": "jsonlines/test_lines.py",
    "mock/control/routes.py": "mock/control/test_openapi.py",
    "protocol/events.py": "protocol/test_pairing.py",
    "protocol/frames.py": "protocol/test_framing.py",
    "mock/engine.py": "mock/test_declared.py",
    "mock/schema/checks.py": "mock/schema/test_changes.py",
    "mock/schema/model.py": "mock/schema/test_changes.py",
    "mock/schema/reading.py": "mock/schema/test_grammar.py",
    "mock/schema/statements.py": "mock/schema/test_grammar.py",
    "mock/schema/tables.py": "mock/schema/test_changes.py",
    "mock/system/facts.py": "mock/system/test_system.py",
    "mock/system/statistics_columns.py": "mock/system/test_statistics.py",
    "mock/tested.py": "mock/test_server.py",
    "replay/changer.py": "replay/test_driver.py",
    "record/side.py": "record/test_relay.py",
    "redaction/logins.py": "redaction/test_redactor.py",
    "redaction/tables.py": "redaction/test_redactor.py",
    "shell/interrupts.py": "shell/test_session.py",
    "shell/outcomes.py": "shell/test_session.py",
    "version.py": "cli/test_cli.py",
}
"""Modules that are parts of another, and whose tests are its tests."""


def modules():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if not path.name.startswith("__")]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_module_has_its_test(path):
    name = path.relative_to(PACKAGE)
    expected = TESTED_WITH.get(str(name), str(name.with_name(f"test_{name.name}")))
    assert (ROOT / "tests" / expected).exists()


def test_the_null_of_a_type_stands_in_one_place():
    numbers = {
        r"-1\.7e308": "formats/types.py",
        r"\b360\.0\b": None,
        r"2\s*\*\*\s*127": "formats/primitives.py",
    }
    for pattern, home in numbers.items():
        found = {
            str(path.relative_to(PACKAGE))
            for path in modules()
            if any(re.search(pattern, line) for line in path.read_text().splitlines() if "#" not in line)
        }
        assert found <= ({home} if home else {"formats/types.py", "formats/geography.py"}), pattern


def test_nothing_outside_formats_and_codec_unpacks_bytes():
    for path in modules():
        if path.parent.name in ("formats", "codec"):
            continue
        text = path.read_text()
        assert "import struct" not in text, path
        assert "int.from_bytes" not in text, path


def test_recordings_in_the_project_have_a_provenance():
    listed = (ROOT / "captures" / "README.md").read_text()
    for path in Path(ROOT / "captures").iterdir():
        assert path.name == "README.md" or f"| {path.name} |" in listed
