"""Simulation of coated composite cathodes of sulfide solid-state batteries.

    import engobe

    results = engobe.run("scenarios/quick.toml")
    results["cycles"]["discharge_capacity"]              # numpy array
    results["cycles"].units["discharge_capacity"]        # "mAh g-1"
    pandas.DataFrame(results["series"])
    first = results["spectra"][0]
    first["frequency"], first["impedance"]               # Hz; ohm cm2, complex

Names, units and meanings are those of `results.h5` (the guide, "How results are laid out").
"""

from ._engobe import RunError, ScenarioError, __version__, _run

__all__ = ["RunError", "ScenarioError", "Table", "run", "__version__"]


class Table(dict):
    """Columns by name, arrays of one length, with `units` and `labels` by the same names."""

    def __init__(self, columns):
        super().__init__((name, values) for name, _, _, values in columns)
        self.units = {name: unit for name, unit, _, _ in columns}
        self.labels = {name: label for name, _, label, _ in columns}


def run(scenario, *, tolerance=None, output=None, progress=None):
    """Runs a scenario and returns what the run found.

    scenario
        Path of a scenario file, or the text of one (recognised by its line breaks).
    tolerance
        Accuracy of capacities (relative) and voltages (V), in place of the scenario's; 1e-8
        to 0.1.
    output
        Directory into which `results.h5` and the CSV files are written too; none by default.
        Files of an earlier run are replaced.
    progress
        Called as `progress(stage, done, of)`: stage is "microstructure" or "transport" (then
        `of` is 1.0 and `done` the share) or "cycling" (cycles). What it raises ends the run.

    Returns a dict: tables (see `Table`) "cycles", "products", "steps", "series" and
    "attribution"; a list "spectra" of tables with "frequency" (Hz), "impedance" and "cathode"
    (ohm cm2, complex, the second without separator and anode), to each `cycle`, `voltage` (V)
    and `current` (A) as attributes; dicts "transport" (effective conductivities, S/m) and
    "microstructure" ("phases" over depth, y, z; "phase_names"; "spacing" in m); "title", "key"
    and "warnings", what the scenario is warned of.

    Other Python threads go on meanwhile. Ctrl-C raises KeyboardInterrupt at once; what is
    in work ends by itself with the cycle under way, and is thrown away.

    Raises ScenarioError (a ValueError) where the scenario is refused, with every complaint and
    its line; RunError (a RuntimeError) where it cannot be simulated; OSError where results
    cannot be written.
    """
    raw = _run(scenario, tolerance, output, progress)
    for name in ("cycles", "products", "steps", "series", "attribution"):
        raw[name] = Table(raw[name])
    raw["spectra"] = [_spectrum(*parts) for parts in raw["spectra"]]
    return raw


def _spectrum(cycle, voltage, current, columns):
    table = Table(columns)
    table.cycle, table.voltage, table.current = cycle, voltage, current
    return table
