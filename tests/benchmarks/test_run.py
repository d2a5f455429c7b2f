"""The benchmarks run and write what other programs read; what they measure is not looked at."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.figure import Figure, Sense
from benchmarks.group import GROUPS

ROOT = Path(__file__).resolve().parents[2]
KEYS = ["name", "value", "unit", "target", "met"]


@pytest.mark.parametrize(
    ("value", "sense", "met"),
    [(4, "≤", True), (5, "≤", True), (6, "≤", False), (4, "≥", False), (6, "≥", True), (5, "=", True), (4, "=", False)],
)
def test_a_figure_knows_whether_its_target_is_met(value: float, sense: Sense, met: bool) -> None:
    assert Figure("speed", value, "ms", 5, sense).to_json() == dict(
        zip(KEYS, ("speed", value, "ms", 5, met), strict=True)
    )


def test_a_figure_without_a_target_is_neither_met_nor_missed() -> None:
    assert Figure("speed", 4, "ms").to_json() == {
        "name": "speed", "value": 4, "unit": "ms", "target": None, "met": None,
    }  # fmt: skip


def test_one_group_prints_a_table_and_writes_the_json_list(tmp_path: Path) -> None:
    done, figures = run(tmp_path, "people")
    assert [list(figure) for figure in figures] == [KEYS]
    assert figures[0]["unit"] == "/s" and figures[0]["target"] == 150
    assert figures[0]["name"] in done.stdout


def test_an_unknown_group_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(command(tmp_path, "nothing"), capture_output=True, text=True)
    assert done.returncode == 2 and "nothing" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(GROUPS) - {"people"}))
def test_every_group_measures(tmp_path: Path, name: str) -> None:
    _, figures = run(tmp_path, name)
    assert figures
    for figure in figures:
        assert list(figure) == KEYS
        assert isinstance(figure["value"], int | float)
        assert (figure["target"] is None) == (figure["met"] is None)


def run(folder: Path, name: str) -> tuple[subprocess.CompletedProcess[str], list[dict[str, object]]]:
    """A quick run of one group -> what it printed, and its JSON."""
    done = subprocess.run(command(folder, name), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done, json.loads((folder / "figures.json").read_text())


def command(folder: Path, name: str) -> list[str]:
    script = str(ROOT / "benchmarks" / "run.py")
    return [sys.executable, script, "--quick", "--only", name, "--json", str(folder / "figures.json")]
