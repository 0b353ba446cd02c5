#!/usr/bin/env python3
"""What engobe writes, opened with the tools it is written for.

    python3 tests/python/open_with_others.py [--taufactor] [target/release/engobe]

Makes a virtual environment under target/ with the tools from PyPI, simulates
`scenarios/quick.toml`, and asserts numbers:

  impedance.py   the spectra: Lin-KK residuals, the resistance of the arc by a circuit fit
  bdf            the time series: the Battery Data Format, charge against cycles.csv
  pyvista, VTK   the structure as ParaView sees it: size, spacing, phases, fields
  PoreSpy        the structure as an array: phase fractions, tortuosity factor
  tifffile       the structure as a stack of slices (ImageJ, Avizo, Dragonfly)
  h5py, xarray   the structure in HDF5
  TauFactor      tortuosity factor of the stack; with --taufactor only, as PyTorch is 3 GB

A tool that cannot be installed (no network) is named, and does not make this fail.
"""

import argparse
import contextlib
import csv
import io
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benches"))
from environment import ROOT, enter, install  # noqa: E402

PACKAGES = [
    "impedance==1.7.1",
    "batterydf==0.1.0",
    "pyvista==0.49.1",
    "porespy==3.2.0",
    "openpnm",
    "pyamg",
    "tifffile",
    "h5py",
    "h5netcdf",
    "xarray",
    "pandas",
    "matplotlib",
]
SCENARIO = ROOT / "scenarios" / "quick.toml"


def files(engobe, folder):
    """Runs engobe; directories of the run and of the structure."""
    run, structure = folder / "run", folder / "structure"
    # Without carbon and coating substance in the pores, whose voxels conduct in part, so that
    # the image alone says where ions go; finer voxels, which are all that other tools see.
    text = SCENARIO.read_text()
    for old, new in [
        (', VGCF = "1 wt% extra"', ""),
        ('mass = "1 wt%"\n', ""),
        ("resolution = 40", "resolution = 80"),
    ]:
        assert old in text, old
        text = text.replace(old, new)
    bare = folder / "without-carbon.toml"
    bare.write_text(text)
    for command in [
        ["run", "--quiet", SCENARIO, "-o", run],
        ["export", "--quiet", run, "--spectra", "--series"],
        ["microstructure", "--quiet", bare, "-o", structure, "--fields"]
        + ["--export", "vtk,tiff,npy,hdf5"],
    ]:
        subprocess.run([engobe, *command], check=True)
    return run, structure


def statistics(structure):
    with open(structure / "statistics.csv", newline="") as file:
        return {row["name"]: float(row["value"] or "nan") for row in csv.DictReader(file)}


def with_impedance(run, _):
    import numpy as np
    import xarray as xr
    from impedance.models.circuits import CustomCircuit
    from impedance.preprocessing import readCSV
    from impedance.validation import linKK

    # impedance.py 1.7 writes its circuits with numbers as numpy before 2.0 showed them.
    np.set_printoptions(legacy="1.25")
    told = []
    own = xr.open_dataset(run / "results.h5", group="spectra", engine="h5netcdf")
    for cycle in own.cycle.values:
        frequency, z = readCSV(run / f"spectrum-{cycle}.csv")
        ours = own.sel(cycle=cycle)
        assert np.array_equal(frequency, own.frequency_hertz.values)
        assert np.array_equal(z.real, ours.real_impedance_ohm.values)
        assert np.array_equal(z.imag, ours.imaginary_impedance_ohm.values)
        with contextlib.redirect_stdout(io.StringIO()):
            # Fewer elements than frequencies, or anything could be fitted.
            found = linKK(frequency, z, c=0.5, max_M=len(frequency) - 10, add_cap=True)
        _, _, _, real, imaginary = found
        residual = max(abs(real).max(), abs(imaginary).max())
        assert residual < 0.01, f"Lin-KK residual {residual}"
        # Where diffusion does not yet count.
        arc = frequency > 3.0
        guess = [z[arc].real.min(), np.ptp(z[arc].real), 1e-4, 0.8]
        circuit = CustomCircuit("R0-p(R1,CPE1)", initial_guess=guess)
        circuit.fit(frequency[arc], z[arc])
        series, transfer = circuit.parameters_[:2]
        # The foot of the arc, read from our file.
        valley = (frequency > 1e-2) & (frequency < 1e3) & (z.real > series + 0.5 * transfer)
        foot = z.real[valley][np.argmax(z.imag[valley])]
        assert abs((series + transfer) / foot - 1) < 0.05, (series, transfer, foot)
        told.append(
            f"cycle {cycle}: {series:.1f} + {transfer:.1f} ohm, foot of the arc at {foot:.1f}, "
            f"Lin-KK within {residual:.1%}"
        )
    return "; ".join(told)


def with_bdf(run, _):
    import bdf
    import numpy as np
    import pandas as pd

    path = run / "series.bdf.csv"
    frame = bdf.read(str(path), validate=True)
    assert {"Test Time / s", "Voltage / V", "Current / A", "Cycle Count / 1"} <= set(frame.columns)
    plain = pd.read_csv(path)
    assert len(frame) == len(plain) > 100
    cycles = pd.read_csv(run / "cycles.csv").set_index("Cycle Count / 1")
    for cycle, part in frame.groupby("Cycle Count / 1"):
        # A sample ends the time step whose current it holds.
        length = np.diff(part["Test Time / s"], prepend=part["Test Time / s"].iloc[0])
        given = -(part["Current / A"].clip(upper=0) * length).sum() / 3600
        told = cycles["Cycle Discharging Capacity / Ah"][cycle]
        assert abs(given / told - 1) < 0.01, (cycle, given, told)
    return f"{len(frame)} samples, charge within 1 % of cycles.csv"


def with_pyvista(_, structure):
    import numpy as np
    import pyvista

    mesh = pyvista.read(structure / "structure.vti")
    phases = np.load(structure / "phases.npy")
    cells = tuple(n - 1 for n in mesh.dimensions)
    assert cells == phases.shape, (cells, phases.shape)
    # VTK counts its first axis fastest.
    seen = mesh.cell_data["phase"].reshape(cells[::-1]).T
    assert np.array_equal(seen, phases)
    assert np.allclose(mesh.spacing, 16.0 / 80), mesh.spacing
    assert {"particle", "grain", "ionic_potential", "ionic_current"} <= set(mesh.array_names)
    potential = mesh.cell_data["ionic_potential"]
    assert np.nanmin(potential) >= -1e-6 and np.nanmax(potential) <= 1 + 1e-6
    return f"{cells} cells of {mesh.spacing[0]:.2f} um, {len(mesh.array_names)} arrays"


# Our conductivity over that of the voxels alone: engobe also has resistances between grains
# and surfaces of spheres between voxels. Seen: 0.86 (PoreSpy), 0.88 (TauFactor).
RANGE = (0.75, 1.05)


def beside_ours(image, tortuosity, told):
    """A tool's tortuosity factor of the electrolyte beside ours."""
    ours = told["ionic_tortuosity_factor"]
    ratio = told["ionic_factor"] / (image.mean() / tortuosity)
    assert RANGE[0] < ratio < RANGE[1], (tortuosity, ours, ratio)
    return f"tortuosity factor {tortuosity:.2f}, ours {ours:.2f}; conductivities as {ratio:.3f}"


def with_porespy(_, structure):
    import numpy as np
    import porespy

    told = statistics(structure)
    phases = np.load(structure / "phases.npy")
    for phase, name in enumerate(["void", "active_material", "electrolyte"]):
        porosity = porespy.metrics.porosity(phases == phase)
        assert abs(porosity - told[f"fraction_{name}"]) < 1e-3, (name, porosity)
    found = porespy.simulations.tortuosity_fd(phases == 2, axis=0)
    return beside_ours(phases == 2, found.tortuosity, told)


def with_tifffile(_, structure):
    import numpy as np
    import tifffile

    phases = np.load(structure / "phases.npy")
    stack = tifffile.imread(structure / "phases.tif")
    assert stack.dtype == np.uint8 and np.array_equal(stack, phases)
    particles = tifffile.imread(structure / "particles.tif")
    assert np.array_equal(particles, np.load(structure / "particles.npy"))
    assert particles.max() == statistics(structure)["particles"]
    return f"{len(stack)} slices, {particles.max()} particles"


def with_xarray(_, structure):
    import h5py
    import numpy as np
    import xarray as xr

    phases = np.load(structure / "phases.npy")
    path = structure / "structure.h5"
    with h5py.File(path) as file:
        assert np.array_equal(file["microstructure/phases"][:], phases)
    data = xr.open_dataset(path, group="microstructure", engine="h5netcdf")
    assert data.phases.dims == ("depth", "y", "z")
    fractions = [float((data.phases == k).mean()) for k in range(5)]
    assert abs(fractions[0] - statistics(structure)["fraction_void"]) < 1e-6
    return "fractions " + ", ".join(f"{f:.3f}" for f in fractions)


def with_taufactor(_, structure):
    import taufactor
    import tifffile

    image = tifffile.imread(structure / "phases.tif") == 2
    solver = taufactor.Solver(image.astype("uint8"), device="cpu")
    solver.solve(verbose=False)
    return beside_ours(image, solver.tau.item(), statistics(structure))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--taufactor", action="store_true", help="install PyTorch too, 3 GB")
    parser.add_argument("engobe", nargs="?", default=str(ROOT / "target/release/engobe"))
    asked = parser.parse_args()
    enter("others-env", PACKAGES, optional=True)
    tools = {
        "impedance.py": with_impedance,
        "bdf": with_bdf,
        "pyvista, VTK": with_pyvista,
        "PoreSpy": with_porespy,
        "tifffile": with_tifffile,
        "h5py, xarray": with_xarray,
    }
    if asked.taufactor:
        if install("others-env", ["taufactor"]):
            tools["TauFactor"] = with_taufactor
        else:
            print("TauFactor cannot be installed here: not tried")
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        made = files(pathlib.Path(asked.engobe).resolve(), pathlib.Path(folder))
        for name, check in tools.items():
            try:
                print(f"{name}: {check(*made)}", flush=True)
            except AssertionError as wrong:
                failed.append(name)
                print(f"{name}: FAILED, {wrong!r}", flush=True)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
