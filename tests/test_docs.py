"""The documents say what the program does: outputs, references, examples and links are checked."""

import re
import subprocess
import sys

import pytest

import volttools
from tests.client.server import Server, echo, table
from tests.requirements import ROOT
from volttools.formats.response import Response
from volttools.formats.types import BIGINT, STRING

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)\)")


RUN_AS_TESTS = ("pytest.md",)
"""Pages whose blocks tests/test_pytest_plugin.py runs."""


def python_blocks():
    for page in PAGES:
        if page.name in RUN_AS_TESTS:
            continue
        for index, block in enumerate(PYTHON.findall(page.read_text())):
            yield pytest.param(block, id=f"{page.name}-{index}")


@pytest.mark.timeout(600)  # it runs all commands that documents show
def test_generated_documents_are_fresh():
    """`make docs` writes them."""
    command = [sys.executable, "-m", "docs.generate", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("block", list(python_blocks()))
def test_python_blocks_run(block, monkeypatch):
    """Those that connect find a server, by the environment."""
    monkeypatch.chdir(ROOT)
    with Server(people) as server:
        monkeypatch.setenv("VOLTTOOLS_HOST", server.address)
        exec(compile(block, "document", "exec"), {"__name__": "document"})


def people(invocation):
    if invocation.procedure == "Results":
        return Response(tables=[table((1, "Ann"), columns=(("ID", BIGINT), ("NAME", STRING)))])
    return echo(invocation)


def test_the_library_page_has_all_names():
    table = (ROOT / "docs" / "library.md").read_text().partition("## All names")[2]
    assert set(re.findall(r"`(\w+)`", table)) == set(volttools.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_examples_run_as_their_docstring_says(path):
    command = re.search(r"^ *python (examples/.+)$", path.read_text(), re.MULTILINE)[1]
    done = subprocess.run([sys.executable, *command.split()], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout
