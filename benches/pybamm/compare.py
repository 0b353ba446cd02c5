#!/usr/bin/env python3
"""Ageing cycles by PyBaMM and by engobe: unknowns, CPU time and the ratio.

    python3 benches/pybamm/compare.py [--cycles 20] [--points 20]

Makes a virtual environment under target/, installs PyBaMM from PyPI and lets its
Doyle-Fuller-Newman model cycle a cell at C/2 with growth of the SEI (also on
cracks), cracking of the particles and loss of active material driven by stress;
then engobe, for as many cycles at C/2, with every mechanism on. Both on one thread,
with their default tolerances, and with rests of two hours. They are not the same
cell (PyBaMM's has a graphite electrode, engobe's a lumped one), so that what is
compared is the cost of a cycle at no fewer unknowns.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from environment import ROOT, cpu_seconds, enter  # noqa: E402

PACKAGES = ["pybamm==26.10.1.1"]
WANTED_RATIO = 25.0
ROUNDS = 3


def by_pybamm(cycles, points):
    """Unknowns, CPU seconds of everything, of a cycle once the solver is set up, and
    the last over the first discharge."""
    import pybamm

    class Clock(pybamm.callbacks.Callback):
        """CPU time at the end of every cycle."""

        def __init__(self):
            self.ends = []

        def on_cycle_end(self, logs):
            self.ends.append(cpu_seconds(resource.RUSAGE_SELF))

    pybamm.set_logging_level("ERROR")
    begin = cpu_seconds(resource.RUSAGE_SELF)
    model = pybamm.lithium_ion.DFN(
        {
            "SEI": "solvent-diffusion limited",
            "SEI porosity change": "true",
            "SEI on cracks": "true",
            "particle mechanics": ("swelling and cracking", "swelling only"),
            "loss of active material": "stress-driven",
            "calculate discharge energy": "true",
        }
    )
    experiment = pybamm.Experiment(
        [
            (
                "Charge at C/2 until 4.2 V",
                "Rest for 2 hours",
                "Discharge at C/2 until 2.5 V",
                "Rest for 2 hours",
            )
        ]
        * cycles
    )
    simulation = pybamm.Simulation(
        model,
        experiment=experiment,
        parameter_values=pybamm.ParameterValues("OKane2022"),
        var_pts={name: points for name in ["x_n", "x_s", "x_p", "r_n", "r_p"]},
        solver=pybamm.IDAKLUSolver(options={"num_threads": 1}),
    )
    clock = Clock()
    solution = simulation.solve(initial_soc=0.2, callbacks=[clock])
    unknowns = solution.y.shape[0]
    per_cycle = (clock.ends[-1] - clock.ends[0]) / (len(clock.ends) - 1)
    discharges = [
        cycle.steps[2]["Discharge capacity [A.h]"].entries for cycle in solution.cycles
    ]
    ratio = (discharges[-1][-1] - discharges[-1][0]) / (discharges[0][-1] - discharges[0][0])
    if len(clock.ends) != cycles:
        sys.exit(f"PyBaMM stopped after {len(clock.ends)} cycles")
    return unknowns, clock.ends[-1] - begin, per_cycle, ratio


def engobe_binary():
    """Builds the bench and says where it is."""
    command = ["cargo", "bench", "--bench", "electrode", "--no-run", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    messages = (json.loads(line) for line in built.stdout.splitlines() if line.startswith("{"))
    # The command is built along with it.
    benches = (m for m in messages if m.get("executable") and "bench" in m["target"]["kind"])
    return next(m["executable"] for m in benches)


def run_engobe(binary, cycles):
    """What it prints, and its CPU seconds from start to end."""
    before = cpu_seconds(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "ENGOBE_CYCLES": str(cycles)}
    run = subprocess.run(
        [binary], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return run.stdout.split(), cpu_seconds(resource.RUSAGE_CHILDREN) - before


def by_engobe(binary, cycles):
    """As `by_pybamm`; a cycle's time is what the cycles after the first add."""
    _, first = run_engobe(binary, 1)
    (unknowns, start, end), whole = run_engobe(binary, cycles)
    return int(unknowns), whole, (whole - first) / (cycles - 1), float(end) / float(start)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cycles", type=int, default=20, help="cycles, at least 2")
    arguments.add_argument(
        "--points", type=int, default=20, help="PyBaMM's points in every domain (its default: 20)"
    )
    asked = arguments.parse_args()
    if asked.cycles < 2:
        arguments.error("a ratio per cycle needs at least 2 cycles")
    enter("pybamm-env", PACKAGES)

    binary = engobe_binary()
    theirs = by_pybamm(asked.cycles, asked.points)
    # The least of some rounds: the machine may do other things.
    ours = min((by_engobe(binary, asked.cycles) for _ in range(ROUNDS)), key=lambda run: run[2])
    print(f"{asked.cycles} cycles at C/2 with rests, one thread")
    print(f"{'':10}{'unknowns':>10}{'CPU s':>10}{'ms/cycle':>10}{'retention':>11}")
    for label, (unknowns, whole, cycle, retention) in [("PyBaMM", theirs), ("engobe", ours)]:
        print(f"{label:10}{unknowns:10}{whole:10.2f}{1e3 * cycle:10.1f}{retention:11.4f}")
    ratio = theirs[2] / ours[2]
    print(f"\nratio per cycle, set-up and compiling left out: {ratio:.0f}")
    print(f"ratio of everything: {theirs[1] / ours[1]:.0f}")
    if ours[0] < theirs[0]:
        print(f"engobe has fewer unknowns: per unknown {ratio * ours[0] / theirs[0]:.0f}")
    print(f"wanted: at least {WANTED_RATIO:.0f} per cycle: "
          f"{'met' if ratio >= WANTED_RATIO else 'MISSED'}")


if __name__ == "__main__":
    main()
