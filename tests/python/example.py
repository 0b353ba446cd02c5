#!/usr/bin/env python3
"""Runs the guide's example on the results of a run.

    python3 tests/python/example.py runs/quick figure.pdf

Makes a virtual environment under target/ with what the example opens results with. Without a
network that is not possible: it says so and ends well.
"""

import pathlib
import runpy
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benches"))
from environment import ROOT, enter  # noqa: E402

PACKAGES = ["h5py", "xarray", "h5netcdf", "pandas", "matplotlib"]

if __name__ == "__main__":
    enter("example-env", PACKAGES, optional=True)
    figure = pathlib.Path(sys.argv[2])
    runpy.run_path(str(ROOT / "guide" / "examples" / "results.py"), run_name="__main__")
    assert figure.stat().st_size > 10_000, f"{figure} has {figure.stat().st_size} bytes"
