#!/usr/bin/env python3
"""Opens the results of a run with h5py, xarray and pandas, and draws a figure of them.

    pip install h5py xarray h5netcdf pandas matplotlib
    engobe run scenarios/quick.toml
    python3 guide/examples/results.py runs/quick results.pdf
"""

import pathlib
import sys

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr

run = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "runs/quick")
figure_path = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "results.pdf")

# One line each: a numpy array, tables, named axes.
capacity = h5py.File(run / "results.h5")["cycles/discharge_capacity"][:]
cycles = pd.read_csv(run / "cycles.csv")
steps = pd.read_csv(run / "steps.csv")
spectra = xr.open_dataset(run / "results.h5", group="spectra", engine="h5netcdf")
series = xr.open_dataset(run / "results.h5", group="series", engine="h5netcdf").to_dataframe()
structure = xr.open_dataset(run / "results.h5", group="microstructure", engine="h5netcdf")

# They are the same numbers, whichever way they are read.
assert (capacity == cycles["Specific Discharge Capacity / mAh g-1"]).all()
assert len(steps) == series.step_count.nunique()
void = float((structure.phases == 0).mean())
assert abs(void - float(structure.fractions[0])) < 0.01

figure, axes = plt.subplots(2, 2, figsize=(7.2, 6.0), layout="constrained")
(voltage, fade), (nyquist, phases) = axes

# Okabe and Ito's colours, which are told apart with any colour vision.
first, last = cycles["Cycle Count / 1"].iloc[[0, -1]]
for cycle, colour in [(first, "#0072B2"), (last, "#D55E00")]:
    of_cycle = series[series.cycle_count == cycle]
    grams = of_cycle.cycle_charging_capacity_ah.max() / (
        cycles["Specific Charge Capacity / mAh g-1"][cycles["Cycle Count / 1"] == cycle].item()
    )
    for sign, column in [(1, "charging"), (-1, "discharging")]:
        part = of_cycle[np.sign(of_cycle.current_ampere) == sign]
        passed = part[f"cycle_{column}_capacity_ah"] / grams
        label = f"cycle {cycle}" if sign > 0 else None
        voltage.plot(passed, part.voltage_volt, color=colour, label=label)
voltage.set(xlabel="capacity / mAh g$^{-1}$", ylabel="voltage vs anode / V")
voltage.legend(frameon=False)

fade.plot(cycles["Cycle Count / 1"], capacity, "o-", color="#0072B2")
fade.set(xlabel="cycle", ylabel="discharge capacity / mAh g$^{-1}$")
fade.xaxis.get_major_locator().set_params(integer=True)

for cycle, colour in zip(spectra.cycle.values[[0, -1]], ["#0072B2", "#D55E00"]):
    one = spectra.sel(cycle=cycle)
    nyquist.plot(
        one.real_impedance_area, -one.imaginary_impedance_area, ".-", color=colour,
        label=f"cycle {cycle}",
    )  # fmt: skip
# Diffusion makes the low end long: what matters here is the arc.
top = float(spectra.real_impedance_area.where(spectra.frequency_hertz > 1e-2).max())
nyquist.set(
    xlabel=r"Re $Z$ / $\Omega$ cm$^2$", ylabel=r"$-$Im $Z$ / $\Omega$ cm$^2$",
    xlim=(0, 1.1 * top), ylim=(-0.05 * top, 0.6 * top), aspect="equal", adjustable="box",
)  # fmt: skip
nyquist.legend(frameon=False)

names = structure.phases.attrs["flag_meanings"].split()
colours = matplotlib.colors.ListedColormap(["#FFFFFF", "#56708A", "#E8D9A0", "#000000", "#CC79A7"])
middle = structure.phases.isel(y=structure.sizes["y"] // 2)
extent = 1e6 * np.array([0, float(structure.z[-1]), float(structure.depth[-1]), 0])
phases.imshow(middle, cmap=colours, vmin=-0.5, vmax=4.5, extent=extent, interpolation="nearest")
phases.set(xlabel="width / µm", ylabel="depth / µm")
handles = [
    matplotlib.patches.Patch(facecolor=colours(k), edgecolor="#888888", label=name.replace("_", " "))
    for k, name in enumerate(names)
]
figure.legend(handles=handles, loc="outside lower right", ncols=5, frameon=False, fontsize=8)
for axis, letter in zip(axes.flat, "abcd"):
    axis.set_title(letter, loc="left", fontweight="bold")
figure.savefig(figure_path, dpi=200)
print(f"{figure_path}: {len(cycles)} cycles, {spectra.sizes['cycle']} spectra, {void:.1%} voids")
