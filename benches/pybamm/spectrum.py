#!/usr/bin/env python3
"""One impedance spectrum of 60 frequencies by PyBaMM and by engobe, and their ratio.

    python3 benches/pybamm/spectrum.py

Makes a virtual environment under target/, installs pybammeis from PyPI, and takes the
spectrum of its Doyle-Fuller-Newman model (fresh cell, default grid) on one thread; then
runs engobe's bench of the aged composite electrode at 20 depths x 5 size classes x 20
shells, also on one thread. Both times are the best of one run, without building the
models. pybammeis derives its Jacobian anew in every call of `solve`, several times the rest;
that is left out of the first time (the 60 factorisations and solutions as `solve` makes
them, given the matrices) and in the second. engobe's includes its linearisation.
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


def best_of(rounds, work):
    """Least processor time of some rounds of work, s."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def by_pybamm():
    """Best times of a spectrum (s): with the matrices given, and by `solve`; unknowns."""
    import numpy as np
    from scipy.sparse.linalg import splu
    import pybamm
    import pybammeis

    model = pybamm.lithium_ion.DFN(options={"surface form": "differential"})
    simulation = pybammeis.EISSimulation(model)
    frequencies = np.logspace(-4, 6, FREQUENCIES)
    expected = simulation.solve(frequencies)

    def given_matrices():
        found = []
        for frequency in frequencies:
            matrix = 2j * np.pi * frequency * simulation.M - simulation.J
            answer = splu(matrix).solve(simulation.b)
            found.append(-answer[-2][0] / answer[-1][0])
        return np.array(found) * simulation.z_scale

    if not np.allclose(given_matrices(), expected, rtol=1e-9):
        sys.exit("the factorisations timed here are not those of pybammeis' solve")
    matrices = best_of(ROUNDS, given_matrices)
    whole = best_of(2, lambda: simulation.solve(frequencies))
    return matrices, whole, simulation.M.shape[0], pybamm.__version__


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
    pybamm, whole, unknowns, version = by_pybamm()
    engobe = by_engobe()
    own = DEPTHS * CLASSES * SHELLS + DEPTHS
    print(
        f"PyBaMM {version}: {1e3 * pybamm:.1f} ms for {FREQUENCIES} frequencies, {unknowns} unknowns; "
        f"{1e3 * whole:.0f} ms with the Jacobian derived"
    )
    print(f"engobe: {1e3 * engobe:.2f} ms for {FREQUENCIES} frequencies, {own} unknowns")
    print(f"ratio {pybamm / engobe:.0f}, with the Jacobian derived {whole / engobe:.0f}")


if __name__ == "__main__":
    main()
