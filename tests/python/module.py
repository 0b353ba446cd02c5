"""Tests of the module as installed: `pip install ./python`, then `python tests/python/module.py`."""

import os
import pathlib
import signal
import tempfile
import threading
import time

import numpy as np

import engobe

QUICK = pathlib.Path(__file__).resolve().parents[2] / "scenarios" / "quick.toml"


def raised(kind, *arguments, **named):
    try:
        engobe.run(*arguments, **named)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def results_are_arrays():
    told = []
    with tempfile.TemporaryDirectory() as folder:
        results = engobe.run(QUICK, output=folder, progress=lambda *event: told.append(event))
        csv = np.genfromtxt(
            pathlib.Path(folder) / "cycles.csv", delimiter=",", skip_header=1, usecols=range(4)
        )
    cycles = results["cycles"]
    assert cycles["cycle"].tolist() == [1, 2, 3]
    capacity = cycles["discharge_capacity"]
    assert capacity.dtype == float and 150 < capacity[0] < 250
    assert cycles.units["discharge_capacity"] == "mAh g-1"
    assert capacity.tolist() == csv[:, 3].tolist()
    series = results["series"]
    lengths = {len(column) for column in series.values()}
    assert len(lengths) == 1 and np.all(np.diff(series["test_time_second"]) >= 0)
    first, last = results["spectra"]
    assert (first.cycle, last.cycle) == (1, 3) and abs(first.voltage - 3.15) < 1e-6
    assert np.all(np.diff(first["frequency"]) < 0) and first["impedance"].dtype == complex
    # Ageing raises the resistance.
    assert last["impedance"].real.max() > first["impedance"].real.max()
    phases = results["microstructure"]["phases"]
    assert phases.shape == (40, 40, 40)
    assert abs(np.mean(phases == 0) - 0.12) < 0.01
    assert 0.05 < results["transport"]["ionic_factor"] < 0.2
    assert {stage for stage, _, _ in told} == {"microstructure", "transport", "cycling"}
    assert told[-1] == ("cycling", 3, 3)
    again = engobe.run(QUICK.read_text())
    assert again["key"] == results["key"]
    assert again["cycles"]["discharge_capacity"].tolist() == capacity.tolist()


def what_is_wrong_is_told():
    text = QUICK.read_text().replace("active_mass_loading", "active_mas_loading")
    text = text.replace('thickness = "3 nm"', 'thickness = "3 kg"')
    error = raised(engobe.ScenarioError, text)
    message = str(error)
    assert isinstance(error, ValueError) and "\x1b" not in message
    for part in ["active_mas_loading", "active_mass_loading", "3 kg", "scenario:"]:
        assert part in message, message
    assert "nowhere.toml" in str(raised(engobe.ScenarioError, "nowhere.toml"))
    assert "tolerance" in str(raised(ValueError, QUICK, tolerance=1.0))
    # What only packing it shows.
    dense = QUICK.read_text().replace('"70 wt%", LPSCl = "30 wt%"', '"99 wt%", LPSCl = "1 wt%"')
    assert "cannot be packed" in " ".join(str(raised(engobe.ScenarioError, dense)).split())
    raised(ZeroDivisionError, QUICK, progress=lambda *event: 1 / 0)


def other_threads_go_on():
    counts, done = [0], threading.Event()

    def count():
        while not done.is_set():
            counts[0] += 1
            time.sleep(0.001)

    other = threading.Thread(target=count)
    other.start()
    begin = time.perf_counter()
    engobe.run(QUICK)
    seconds = time.perf_counter() - begin
    done.set()
    other.join()
    assert counts[0] > 20 * seconds, (counts, seconds)


def control_c_stops_it():
    long = QUICK.read_text().replace("repeat = 3", "repeat = 100000")
    begin = []

    def press(stage, done, of):
        if stage == "cycling" and not begin:
            begin.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)

    raised(KeyboardInterrupt, long, progress=press)
    assert time.perf_counter() - begin[0] < 1.0
    # And afterwards all is as before.
    assert len(engobe.run(QUICK)["cycles"]["cycle"]) == 3


if __name__ == "__main__":
    for test in [
        results_are_arrays,
        what_is_wrong_is_told,
        other_threads_go_on,
        control_c_stops_it,
    ]:
        test()
        print("ok", test.__name__, flush=True)
