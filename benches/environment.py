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


def install(name, packages):
    """Installs packages into the environment `target/<name>`; whether that went well."""
    python = ROOT / "target" / name / "bin" / "python"
    command = [python, "-m", "pip", "install", "--quiet", *packages]
    return subprocess.run(command).returncode == 0


def enter(name, packages, optional=False):
    """Runs the calling script again in the environment `target/<name>`, made at need.

    Where packages cannot be installed, an `optional` script says so and ends well.
    """
    folder = ROOT / "target" / name
    python = folder / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() == folder.resolve():
        return
    if not (folder / "complete").exists():
        print(f"installing {', '.join(packages)} into {folder} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        if not install(name, packages):
            print(f"not done: {sys.argv[0]} needs these packages, which cannot be installed here")
            sys.exit(0 if optional else 1)
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
