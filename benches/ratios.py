#!/usr/bin/env python3
"""Every comparison with another tool, and their ratios in one table.

    python3 benches/ratios.py

Runs the scripts of this folder one after the other (each prints its own details and
installs what it needs), and puts the ratios that they print together at the end.
A script that fails is a row that says so, and makes this one fail.
"""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Script, what a line of its output has to look like, and what the number in it is.
RATIOS = [
    (
        "pybamm/compare.py",
        r"ratio per cycle, .*: *([\d.]+)$",
        "PyBaMM, an ageing cycle, set-up left out",
    ),
    ("pybamm/compare.py", r"ratio of everything: *([\d.]+)$", "PyBaMM, ageing cycles, all told"),
    ("pybamm/spectrum.py", r"^ratio ([\d.]+),", "pybammeis, a spectrum of 60 frequencies"),
    (
        "pybamm/spectrum.py",
        r"with the Jacobian derived ([\d.]+)$",
        "pybammeis, with its Jacobian derived",
    ),
    (
        "porespy/compare.py",
        r"PoreSpy, 1e-8 +[\d.]+ +([\d.]+) ",
        "PoreSpy, a conductivity at the same flux error",
    ),
    (
        "porespy/compare.py",
        r"PoreSpy, its default of 1e-3 +[\d.]+ +([\d.]+) ",
        "PoreSpy at its default flux error",
    ),
]


def run(script):
    """What the script prints, shown as it comes; nothing if it fails."""
    print(f"\n== {script}", flush=True)
    command = [sys.executable, str(HERE / script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return "".join(lines) if process.returncode == 0 else None


def find(pattern, text):
    """The number where the pattern matches; nothing if it does not."""
    found = text is not None and re.search(pattern, text, re.MULTILINE)
    return found and found.group(1)


def main():
    printed = {script: run(script) for script in dict.fromkeys(row[0] for row in RATIOS)}
    rows = [(label, find(pattern, printed[script])) for script, pattern, label in RATIOS]
    width = max(len(label) for label, _ in rows)
    print(f"\n{'processor time of the other tool over that of engobe':{width}}  ratio")
    for label, ratio in rows:
        print(f"{label:{width}}  {ratio or 'failed'}")
    if not all(ratio for _, ratio in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
