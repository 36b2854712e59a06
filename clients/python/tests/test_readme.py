"""Every example of README.md, and of docs/python.md in Hebb's repository, run as it stands there."""

import contextlib
import io
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT.parents[1] / "docs" / "python.md"]


@dataclass
class Example:
    at: str
    code: str
    output: str | None
    """What the page says that it prints; `…` stands for anything."""


def examples(page: Path) -> list[Example]:
    found = []
    blocks = re.compile(r"^```python\n(.+?)^```\n(?:\n^```text\n(.+?)^```\n)?", re.M | re.S)
    text = page.read_text(encoding="utf-8")
    for block in blocks.finditer(text):
        line = text[: block.start()].count("\n") + 1
        found.append(Example(f"{page.name}:{line}", block[1], block[2]))
    return found


EXAMPLES = [example for page in PAGES if page.exists() for example in examples(page)]


@pytest.fixture
def folder(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With the files that the examples name."""
    (tmp_path / "photos").mkdir()
    for name in ("daisy", "sunflower", "tulips"):
        shutil.copy(samples / f"{name}.jpg", tmp_path / "photos")
    shutil.copy(samples / "sunflower.jpg", tmp_path / "photo.jpg")
    (tmp_path / "notes.txt").write_text("no image at all")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.at for example in EXAMPLES])
def test_an_example_does_what_it_says(example: Example, folder: Path, url: str) -> None:
    code = re.sub(r"http://localhost:8787|https://hebb\.example\.com", url.rstrip("/"), example.code)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, example.at, "exec"), {"__name__": "__main__"})
    if example.output is None:
        return
    pattern = re.escape(example.output).replace("…", ".*")
    pattern = re.sub(r"\d+(\\\.\d+)?", r"[\\d.]+", pattern)
    assert re.fullmatch(pattern, printed.getvalue()), printed.getvalue()


def test_there_are_examples() -> None:
    assert any(example.at.startswith("README.md:") for example in EXAMPLES)
