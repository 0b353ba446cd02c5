"""Reference curves of a half cell, computed with PyBaMM.

    python -m venv venv && venv/bin/pip install pybamm==26.10.1.1
    venv/bin/python generate.py

writes half_cell.csv next to this file (about a minute) and prints how far each
curve is converged. The cell is a lithium-metal half cell of PyBaMM's
Doyle-Fuller-Newman model, reduced to what a single-ion solid electrolyte is:
transference number 1, so that its concentration stays flat, and constant
conductivities. tests/pybamm.rs puts the same cell together in engobe; the numbers
below and there must be changed together.

Effective conductivities are given directly (Bruggeman exponents of zero). Every
curve starts from a uniform lithium content and ends at its cut-off voltage.
"""

import csv
from pathlib import Path

import numpy as np
import pybamm

# Geometry: m, m, m, share of the volume.
THICKNESS, SEPARATOR, RADIUS, ACTIVE = 70e-6, 30e-6, 3e-6, 0.5
# Lithium sites (mol/m3) and diffusivity (m2/s) of the oxide.
SITES, DIFFUSIVITY = 50e3, 3e-15
# Effective conductivities, S/m.
IONIC, ELECTRONIC = 0.03, 0.1
# Charge-transfer resistance of the oxide at its smallest, ohm m2 of interface;
# exchange current density of the lithium metal, A/m2 of cell; temperature, K.
RESISTANCE, LITHIUM_EXCHANGE, TEMPERATURE = 0.02, 100.0, 298.15
# 1C, A/m2 of cell.
ONE_C = 30.0
RATES = (0.1, 1.0, 2.0)
# Direction: lithium content at the start, cut-off voltage, sign of PyBaMM's
# current (positive on discharge).
DIRECTIONS = {"charge": (0.93, 4.35, -1.0), "discharge": (0.25, 3.0, 1.0)}

# Finite volumes (through the electrode, along the radius) and tolerance (absolute
# and relative) of the run that is written, and of two that check it: the
# differences are printed, see README.md.
WRITTEN = (120, 320, 1e-8)
CHECKS = {"half the grid": (60, 160, 1e-8), "tolerance 1e-6": (120, 320, 1e-6)}

# Shares of the whole duration at which a curve is written: dense at the start,
# where the voltage moves with the square root of time.
SHARES = np.concatenate([[0.0005, 0.001, 0.002, 0.004], np.arange(1, 151) / 150])


def open_circuit(x):
    """Potential of the oxide, V vs Li+/Li."""
    return (
        4.4
        - 0.7 * x
        - 0.08 * pybamm.tanh((x - 0.32) / 0.06)
        - 0.5 * pybamm.exp((x - 0.97) / 0.02)
    )


def exchange(c_e, c_s, c_max, temperature):
    """Exchange current density of the oxide, A/m2: RT/(F R_ct(x))."""
    x = c_s / c_max
    rise = 1 + 3 * pybamm.exp(-(1 - x) / 0.05) + pybamm.exp(-(x - 0.15) / 0.05)
    thermal = pybamm.constants.R * temperature / pybamm.constants.F
    return thermal / RESISTANCE / rise


def parameters(direction, rate):
    """The cell under a constant current of `rate` times 1C."""
    start, cutoff, sign = DIRECTIONS[direction]
    return pybamm.ParameterValues(
        {
            "Current function [A]": sign * rate * ONE_C,
            "Nominal cell capacity [A.h]": ONE_C,
            "Electrode width [m]": 1.0,
            "Electrode height [m]": 1.0,
            "Number of electrodes connected in parallel to make a cell": 1.0,
            "Number of cells connected in series to make a battery": 1.0,
            "Contact resistance [Ohm]": 0.0,
            "Reference temperature [K]": TEMPERATURE,
            "Ambient temperature [K]": TEMPERATURE,
            "Initial temperature [K]": TEMPERATURE,
            # Cut-offs on the side that is not meant lie out of reach.
            "Lower voltage cut-off [V]": cutoff if direction == "discharge" else 1.0,
            "Upper voltage cut-off [V]": cutoff if direction == "charge" else 6.0,
            "Open-circuit voltage at 0% SOC [V]": 3.0,
            "Open-circuit voltage at 100% SOC [V]": 4.35,
            # Electrolyte: one mobile ion, any concentration.
            "Initial concentration in electrolyte [mol.m-3]": 1000.0,
            "Electrolyte conductivity [S.m-1]": IONIC,
            "Electrolyte diffusivity [m2.s-1]": 1e-10,
            "Cation transference number": 1.0,
            "Thermodynamic factor": 1.0,
            "Separator thickness [m]": SEPARATOR,
            "Separator porosity": 1.0,
            "Separator Bruggeman coefficient (electrolyte)": 0.0,
            # Counter electrode.
            "Negative electrode thickness [m]": 100e-6,
            "Negative electrode conductivity [S.m-1]": 1e7,
            "Exchange-current density for lithium metal electrode [A.m-2]": LITHIUM_EXCHANGE,
            "Lithium metal partial molar volume [m3.mol-1]": 1.3e-5,
            "Typical plated lithium concentration [mol.m-3]": 76900.0,
            # Cathode.
            "Positive electrode thickness [m]": THICKNESS,
            "Positive electrode conductivity [S.m-1]": ELECTRONIC,
            "Positive electrode Bruggeman coefficient (electrode)": 0.0,
            "Positive electrode Bruggeman coefficient (electrolyte)": 0.0,
            "Positive electrode porosity": 1.0 - ACTIVE,
            "Positive electrode active material volume fraction": ACTIVE,
            "Positive particle radius [m]": RADIUS,
            "Positive particle diffusivity [m2.s-1]": DIFFUSIVITY,
            "Maximum concentration in positive electrode [mol.m-3]": SITES,
            "Initial concentration in positive electrode [mol.m-3]": start * SITES,
            "Positive electrode OCP [V]": open_circuit,
            "Positive electrode OCP entropic change [V.K-1]": 0.0,
            "Positive electrode exchange-current density [A.m-2]": exchange,
        }
    )


def solve(direction, rate, numerics):
    """The solution of one curve, up to its cut-off."""
    depths, shells, tolerance = numerics
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.DFN({"working electrode": "positive"}),
        parameter_values=parameters(direction, rate),
        solver=pybamm.IDAKLUSolver(rtol=tolerance, atol=tolerance),
        var_pts={"x_n": 3, "x_s": 20, "x_p": depths, "r_n": 3, "r_p": shells},
    )
    solution = simulation.solve([0, 1.2 * 3600 / rate])
    assert solution.termination.startswith("event"), solution.termination
    return solution


def compare(name, solution, reference):
    """Prints how far `solution` is from `reference`."""
    duration = reference.t[-1]
    times = SHARES[SHARES * duration <= solution.t[-1]] * duration
    difference = solution["Voltage [V]"](times) - reference["Voltage [V]"](times)
    rms = 1e3 * np.sqrt(np.mean(difference**2))
    print(f"    {name}: {rms:.4f} mV rms, duration {solution.t[-1] / duration - 1:+.1e}")


def main():
    path = Path(__file__).with_name("half_cell.csv")
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["rate / C", "direction", "time / s", "voltage / V"])
        for direction in DIRECTIONS:
            for rate in RATES:
                solution = solve(direction, rate, WRITTEN)
                times = SHARES * solution.t[-1]
                voltages = solution["Voltage [V]"](times)
                for time, voltage in zip(times, voltages):
                    writer.writerow([rate, direction, f"{time:.6f}", f"{voltage:.8f}"])
                c_e = solution["Electrolyte concentration [mol.m-3]"].entries
                print(
                    f"{rate}C {direction}: {solution.t[-1]:.3f} s, {voltages[0]:.4f} to "
                    f"{voltages[-1]:.6f} V, electrolyte flat within {np.ptp(c_e):.0e} mol/m3"
                )
                for name, numerics in CHECKS.items():
                    compare(name, solve(direction, rate, numerics), solution)


if __name__ == "__main__":
    main()
