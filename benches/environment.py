"""What the comparisons with other tools share: an environment of their own, and CPU time."""

import os
import pathlib
import resource
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
# Numerical libraries read these when they are loaded: one thread each.
THREADS = [
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
]


def enter(name, packages):
    """Runs the calling script again in the environment `target/<name>`, made at need."""
    folder = ROOT / "target" / name
    python = folder / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() == folder.resolve():
        return
    if not (folder / "complete").exists():
        print(f"installing {', '.join(packages)} into {folder} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        (folder / "complete").touch()
    environment = {
        **os.environ,
        **{thread: "1" for thread in THREADS},
        "PYBAMM_DISABLE_TELEMETRY": "true",
    }
    os.execve(python, [str(python), *sys.argv], environment)


def cpu_seconds(who):
    """User and system time of `resource.RUSAGE_SELF` or `RUSAGE_CHILDREN`."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime
