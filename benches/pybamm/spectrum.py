#!/usr/bin/env python3
"""One impedance spectrum of 60 frequencies by PyBaMM and by engobe, and their ratio.

    python3 benches/pybamm/spectrum.py

Makes a virtual environment under target/, installs pybammeis from PyPI, and takes the
spectrum of its Doyle-Fuller-Newman model (fresh cell, default grid) on one thread; then
runs engobe's bench of the aged composite electrode at 20 depths x 5 size classes x 20
shells, also on one thread. Both times are the best of one run, without building the
models, and both include the linearisation.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from environment import ROOT, enter  # noqa: E402

PACKAGES = ["pybammeis"]
FREQUENCIES = 60
ROUNDS = 10
BENCH = "spectrum of 60 frequencies"
# Grid of engobe's bench.
DEPTHS, CLASSES, SHELLS = 20, 5, 20


def by_pybamm():
    """Best time of a spectrum (s) and number of unknowns."""
    import numpy as np
    import pybamm
    import pybammeis

    model = pybamm.lithium_ion.DFN(options={"surface form": "differential"})
    simulation = pybammeis.EISSimulation(model)
    frequencies = np.logspace(-4, 6, FREQUENCIES)
    simulation.solve(frequencies)
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        simulation.solve(frequencies)
        best = min(best, time.perf_counter() - start)
    unknowns = simulation.M.shape[0]
    return best, unknowns, pybamm.__version__


def by_engobe():
    """Best time of a spectrum (s): least time per iteration over the bench's samples."""
    command = ["cargo", "bench", "--bench", "electrode", "--", f"{BENCH}/20x5x20"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = target / "criterion" / BENCH / "20x5x20" / "new" / "sample.json"
    sample = json.loads(path.read_text())
    return min(t / n for t, n in zip(sample["times"], sample["iters"])) * 1e-9


def main():
    enter("pybammeis-env", PACKAGES)
    pybamm, unknowns, version = by_pybamm()
    engobe = by_engobe()
    own = DEPTHS * CLASSES * SHELLS + DEPTHS
    print(f"PyBaMM {version}: {1e3 * pybamm:.1f} ms for {FREQUENCIES} frequencies, {unknowns} unknowns")
    print(f"engobe: {1e3 * engobe:.2f} ms for {FREQUENCIES} frequencies, {own} unknowns")
    print(f"ratio {pybamm / engobe:.0f}")


if __name__ == "__main__":
    main()
