#!/usr/bin/env python3
"""One effective conductivity by PoreSpy and by engobe: CPU time and answers.

    python3 benches/porespy/compare.py [--edge 128] [--seed 1]

Makes a virtual environment under target/, installs PoreSpy with OpenPNM and
PyAMG from PyPI, draws overlapping insulating spheres of 8 voxels radius until
half of a cube is full, and lets both solve the same image on one thread.
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

PACKAGES = ["porespy==3.2.0", "openpnm", "pyamg"]
RADIUS = 8.0
WANTED_RATIO = 15.0
ROUNDS = 3


def overlapping_spheres(edge, seed):
    """True where the matrix conducts."""
    import numpy as np

    rng = np.random.default_rng(seed)
    conducts = np.ones((edge,) * 3, dtype=bool)
    centres = np.arange(edge) + 0.5
    while 2 * np.count_nonzero(conducts) > conducts.size:
        x, y, z = (np.square(centres - c) for c in rng.random(3) * edge)
        conducts &= x[:, None, None] + y[None, :, None] + z[None, None, :] >= RADIUS**2
    return conducts


def by_porespy(image, flux_error):
    """Relative conductivity and CPU seconds."""
    import porespy

    before = cpu_seconds(resource.RUSAGE_SELF)
    found = porespy.simulations.tortuosity_fd(image, axis=0, ftol=flux_error)
    return 1.0 / found.formation_factor, cpu_seconds(resource.RUSAGE_SELF) - before


def engobe_binary():
    """Builds the bench and says where it is."""
    command = ["cargo", "bench", "--bench", "transport", "--no-run", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    messages = (json.loads(line) for line in built.stdout.splitlines() if line.startswith("{"))
    # The command is built along with it.
    benches = (m for m in messages if m.get("executable") and "bench" in m["target"]["kind"])
    return next(m["executable"] for m in benches)


def by_engobe(binary, path):
    """Relative conductivity and CPU seconds, reading the image included."""
    before = cpu_seconds(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "ENGOBE_IMAGE": str(path)}
    run = subprocess.run(
        [binary], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return float(run.stdout.split()[-1]), cpu_seconds(resource.RUSAGE_CHILDREN) - before


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--edge", type=int, default=128, help="voxels along an edge")
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    enter("porespy-env", PACKAGES)

    image = overlapping_spheres(asked.edge, asked.seed)
    path = ROOT / "target" / f"spheres-{asked.edge}-{asked.seed}.raw"
    image.astype("uint8").tofile(path)
    # A small image first, so that loading and compiling are not counted.
    by_porespy(overlapping_spheres(24, asked.seed), 1e-3)
    binary = engobe_binary()
    # In turns, so that what else the machine does meets all alike; the least of
    # each counts.
    solvers = {
        "engobe, flux error 1e-8": lambda: by_engobe(binary, path),
        "PoreSpy, its default of 1e-3": lambda: by_porespy(image, 1e-3),
        "PoreSpy, 1e-8": lambda: by_porespy(image, 1e-8),
    }
    best = {}
    for _ in range(ROUNDS):
        for label, solve in solvers.items():
            run = solve()
            best[label] = min(best.get(label, run), run, key=lambda run: run[1])
    print(f"{asked.edge}^3 voxels, {image.mean():.4f} of them conduct; one thread, {ROUNDS} rounds")
    print(f"{'':34}{'CPU s':>8}{'ratio':>8}  conductivity")
    ours, ours_cpu = best["engobe, flux error 1e-8"]
    for label, (found, cpu) in best.items():
        print(f"{label:34}{cpu:8.2f}{cpu / ours_cpu:8.1f}  {found:.7f}")
    theirs, theirs_cpu = best["PoreSpy, 1e-8"]
    ratio = theirs_cpu / ours_cpu

    # PoreSpy holds the first and the last layer of voxels at the potentials of
    # the electrodes, engobe the outer faces: half a voxel more at either end.
    edge = asked.edge
    ends = 0.5 / image[0].mean() + 0.5 / image[-1].mean()
    print(
        f"\nResistance of a unit of area, in voxels of conductor:"
        f"\n  engobe, face to face                    {edge / ours:.4f}"
        f"\n  PoreSpy, centre to centre               {(edge - 1) / theirs:.4f}"
        f"\n  difference                              {edge / ours - (edge - 1) / theirs:.4f}"
        f"\n  two half layers of the share that conducts there, at least {ends:.4f}"
    )
    verdict = "met" if ratio >= WANTED_RATIO else "MISSED"
    print(f"\nwanted, at the same flux error: a ratio of at least {WANTED_RATIO:.0f}: {verdict}")


if __name__ == "__main__":
    main()
