"""Every figure the README quotes: ``benchmarks/run.py [--json FILE] [--only NAME ...] [--device NAME] [--quick]``.

Leave the machine alone meanwhile. Window figures are taken offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script sees only its own folder

from benchmarks.figure import Figure  # noqa: E402
from benchmarks.group import GROUPS  # noqa: E402

GROUP_LIMIT_S = 900.0
BUSY = 0.3  # processes running beside this one, above which figures are noise
_MARKS = {True: "[green]met", False: "[red]not met", None: ""}


def main() -> int:
    """Measure, show, and write the JSON list; 1 when a group broke, whatever the figures."""
    parser = argparse.ArgumentParser(description="Measure how fast everything is.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--only", nargs="+", choices=GROUPS, metavar="NAME", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--device", default="cpu", help="where the group render computes: cpu, cuda, cuda:N or mps")
    parser.add_argument("--quick", action="store_true", help="see that it works; the figures mean little")
    options = parser.parse_args()
    console, errors = Console(), Console(stderr=True)
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > BUSY:
        errors.print(f"The machine is busy (load {os.getloadavg()[0]:.1f}), so the figures will be noise.")
    figures: list[Figure] = []
    broken = []
    for name in options.only or GROUPS:
        with errors.status(f"Measuring {name}"):
            try:
                found, notes = measure(name, options.quick, options.device)
            except RuntimeError as error:
                broken.append(name)
                errors.print(f"{name} failed: {error}", markup=False, style="red")
                continue
        figures += found
        errors.print(notes, markup=False, end="")
    console.print(table(figures))
    if options.json is not None:
        options.json.write_text(json.dumps([figure.to_json() for figure in figures], indent=2) + "\n")
    return 1 if broken else 0


def measure(name: str, quick: bool, device: str = "cpu") -> tuple[list[Figure], str]:
    """The figures of one group, and what it had to say, from a process with a home of its own.

    Raises:
        RuntimeError: it failed, with what it wrote to stderr, or took too long.
    """
    with tempfile.TemporaryDirectory(prefix="latent-debugger-bench-", ignore_cleanup_errors=True) as folder:
        out = Path(folder, "figures.json")
        command = [sys.executable, "-m", "benchmarks.group", name, str(out), *(["--quick"] if quick else [])]
        env = {**os.environ, "LATENT_DEBUGGER_HOME": str(Path(folder, "home"))}
        env.setdefault("QT_QPA_PLATFORM", "offscreen")
        env.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        env["BENCHMARK_DEVICE"] = device
        try:
            done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=GROUP_LIMIT_S)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"it was not done after {GROUP_LIMIT_S:.0f} s") from None
        if done.returncode or not out.exists():
            raise RuntimeError(f"exit status {done.returncode}\n{done.stderr.strip()[-2000:]}")
        return [Figure(**fields) for fields in json.loads(out.read_text())], done.stdout


def table(figures: list[Figure]) -> Table:
    """The figures for the eye, a rule between groups."""
    found = Table("", "value", "unit", "target", "", box=None, pad_edge=False)
    found.columns[1].justify = found.columns[3].justify = "right"
    group = None
    for figure in figures:
        first, _, _ = figure.name.partition(":")
        if group is not None and first != group:
            found.add_row()
        group = first
        target = "" if figure.target is None else f"{figure.sense} {figure.target:g}"
        found.add_row(figure.name, _text(figure.value), figure.unit, target, _MARKS[figure.met])
    return found


def _text(value: float) -> str:
    """Three digits, and counts as they are."""
    return str(value) if isinstance(value, int) else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
