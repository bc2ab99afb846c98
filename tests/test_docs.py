"""Every page's code runs: Python blocks in one namespace per page, `$ equilibrist …` lines as commands."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from equilibrist.cli import group
from gametheory.commands.terminal import run

ROOT = Path(__file__).parent.parent
PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))) if page.exists()]
BLOCK = re.compile(r"^```(\w+)( slow)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page, language, slow):
    text = page.read_text(encoding="utf-8")
    return [body for kind, mark, body in BLOCK.findall(text) if kind == language and bool(mark) == slow]


def run_page(page, folder, monkeypatch, slow):
    if (ROOT / "examples").exists():
        shutil.copytree(ROOT / "examples", folder / "examples")
    monkeypatch.chdir(folder)
    namespace = {"__name__": "__page__"}
    for body in blocks(page, "python", slow):
        exec(compile(body, str(page), "exec"), namespace)
    for body in blocks(page, "console", slow):
        for line in body.splitlines():
            if line.startswith("$ equilibrist "):
                assert run(group, shlex.split(line.removeprefix("$ equilibrist "))) == 0, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_on_the_page_runs(page, tmp_path, monkeypatch):
    run_page(page, tmp_path, monkeypatch, slow=False)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_training_on_the_page_runs(page, tmp_path, monkeypatch):
    run_page(page, tmp_path, monkeypatch, slow=True)
