#!/usr/bin/env python3
"""`engobe export --bpx` read by the `bpx` package and discharged by PyBaMM, beside engobe.

    python3 tests/python/bpx_in_pybamm.py [target/release/engobe]

Makes a virtual environment under target/ with `bpx` and PyBaMM from PyPI (without a network
that is not possible: it says so and ends well). Cells that do not age are charged at C/10 and
held at the upper voltage, then discharged, by engobe at C/10 and 1C; PyBaMM's
Doyle-Fuller-Newman model discharges the exported cell from its state of charge of 1. Fails
where capacities differ by more than a cell's bound:

  bare      one size of bare particles, which BPX can hold but for means over the lithium content
  coated    the shipped cell with coating, sizes and all
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benches"))
from environment import ROOT, enter  # noqa: E402

PACKAGES = ["pybamm[bpx]==26.10.1.1", "bpx==1.1.1"]
BASE = ROOT / "scenarios" / "quick.toml"
# Largest deviation of the capacity at C/10 and 1C, %, and of the voltage at half of the
# discharge, mV. Seen: 0.003 and 0.05 %, 0.6 mV; 0.03 and 0.1 %, 2.8 mV.
BOUNDS = {"bare": ([0.1, 0.2], 2.0), "coated": ([0.2, 0.5], 5.0)}
RATES = [0.1, 1.0]
UPPER, LOWER = 3.7, 2.0


def scenario(kind, rate):
    """The quick scenario with one charge and one discharge, and without ageing."""
    text = BASE.read_text()
    text = text[: text.index("[[protocol]]")]
    if kind == "bare":
        text = re.sub(r"\[coating\].*?(?=\[cell\])", "", text, flags=re.DOTALL)
        text = re.sub(r"particle_diameter = .*", 'particle_diameter = "4.4 um"', text)
    steps = [
        f"Charge at 0.1C until {UPPER} V",
        f"Hold at {UPPER} V until C/1000",
        f"Discharge at {rate}C until {LOWER} V",
    ]
    off = "oxidation oxygen contact_reaction gas contact_loss cracking disconnection"
    off = (off + " conduction_loss coating_wear").split()
    return "\n".join(
        [
            text,
            "[[protocol]]\nrepeat = 1",
            f"steps = {json.dumps(steps)}",
            "[attribution]\ncycles = []",
            "[mechanisms]",
            *[f"{name} = false" for name in off],
            '[microstructure]\nbox_edge = "16 um"\nresolution = 40',
            # Grids fine enough that their error does not count here.
            "[numerics]\ndepths = 12\nsize_classes = 6\nshells = 40",
        ]
    )


def by_engobe(engobe, folder, kind, rate):
    """Charge given by the discharge, Ah, and its curve: Ah, V."""
    import pandas

    path = folder / f"{kind}-{rate}.toml"
    path.write_text(scenario(kind, rate))
    run = folder / f"{kind}-{rate}"
    subprocess.run([engobe, "run", "--quiet", path, "-o", run], check=True)
    subprocess.run([engobe, "export", "--quiet", run, "--series"], check=True)
    series = pandas.read_csv(run / "series.bdf.csv")
    last = series[series["Current / A"] < 0]
    given = last["Cycle Discharging Capacity / Ah"].to_numpy()
    return given[-1], (given, last["Voltage / V"].to_numpy())


def by_pybamm(file, rate):
    """The same of the exported cell."""
    import pybamm

    parameters = pybamm.ParameterValues.create_from_bpx(str(file))
    model = pybamm.lithium_ion.DFN()
    points = {"x_n": 5, "x_s": 5, "x_p": 30, "r_n": 5, "r_p": 150}
    experiment = pybamm.Experiment([f"Discharge at {rate}C until {LOWER} V"])
    simulation = pybamm.Simulation(
        model, parameter_values=parameters, experiment=experiment, var_pts=points
    )
    solution = simulation.solve(initial_soc=1.0)
    given = solution["Discharge capacity [A.h]"].entries
    return given[-1], (given, solution["Voltage [V]"].entries)


def main():
    enter("bpx-env", PACKAGES, optional=True)
    import bpx
    import numpy
    import pybamm

    pybamm.set_logging_level("ERROR")
    engobe = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/engobe")
    engobe = engobe.resolve()
    bad = []
    print(f"bpx {bpx.__version__}, PyBaMM {pybamm.__version__}")
    print("cell    rate  engobe / mAh  PyBaMM / mAh  deviation / %  at half / mV")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for kind, (bounds, millivolts) in BOUNDS.items():
            curves = [by_engobe(engobe, folder, kind, rate) for rate in RATES]
            made = [engobe, "export", "--quiet", "--bpx", folder / f"{kind}-0.1.toml", "-o", folder]
            subprocess.run(made, check=True)
            file = folder / f"{kind}-0.1-bpx.json"
            with warnings.catch_warnings():
                # What bpx only warns of is refused here.
                warnings.simplefilter("error")
                read = bpx.parse_bpx_file(str(file))
            cathode = read.parameterisation.positive_electrode
            for rate, bound, (own, own_curve) in zip(RATES, bounds, curves):
                other, curve = by_pybamm(file, rate)
                percent = 100 * (other / own - 1)
                half = [numpy.interp(0.5 * own, *c) for c in (own_curve, curve)]
                apart = 1e3 * (half[1] - half[0])
                print(
                    f"{kind:<7} {rate:4}  {1e3 * own:12.4f}  {1e3 * other:12.4f}  "
                    f"{percent:13.3f}  {apart:12.2f}"
                )
                if abs(percent) > bound:
                    said = f"capacity off by {percent:.3f} %, {bound} allowed"
                    bad.append(f"{kind} at {rate}C: {said}")
                if abs(apart) > millivolts:
                    bad.append(f"{kind} at {rate}C: {apart:.1f} mV off, {millivolts} allowed")
            if not 1e-7 < cathode.particle_radius < 1e-5:
                bad.append(f"{kind}: a radius of {cathode.particle_radius} m")
    for line in bad:
        print("failed:", line)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
