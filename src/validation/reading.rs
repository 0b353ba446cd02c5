//! What can be read from a simulated cell: the words of the expressions in
//! `validation/papers`. Cycles count from 1.

use crate::constants::FARADAY;
use crate::impedance::{EquivalentCircuit, fit_equivalent_circuit};
use crate::numerics::interpolate::MonotoneCubic;
use crate::observables::{CoatedSurface, Region, RelativeIntensities, Specimen};
use crate::record::{CycleRecord, Products, Spectrum, TimeSeries};
use crate::results::summary;
use crate::scenario::Scenario;
use crate::transport::EffectiveTransport;

/// What a validation keeps of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedCell {
    /// What was asked.
    pub scenario: Scenario,
    /// How its structure conducts.
    pub transport: EffectiveTransport,
    /// Time series.
    pub series: TimeSeries,
    /// One per cycle.
    pub cycles: Vec<CycleRecord>,
    /// One per spectrum.
    pub spectra: Vec<Spectrum>,
}

/// A reading: the cell and the numbers in brackets give a number or a reason why not.
pub type Read = fn(&SimulatedCell, &[f64]) -> Result<f64, String>;

/// Every reading: its word, its numbers with the unit of the answer, how it is read.
/// `intensity("PO2-", cycle, reference)`, of ToF-SIMS relative to another cell, is the only
/// one that takes more than numbers.
pub const READINGS: &[(&str, &str, Read)] = &[
    (
        "gamma",
        "() % of coating seen by XPS, of an annealed coating",
        |c, _| c.gamma(),
    ),
    ("charge", "(cycle) mAh/g", |c, a| {
        c.capacity(a, |r| r.charge)
    }),
    ("discharge", "(cycle) mAh/g", |c, a| {
        c.capacity(a, |r| r.discharge)
    }),
    ("areal_discharge", "(cycle) mAh/cm2", |c, a| {
        Ok(c.cycle(a)?.discharge / 3.6e4)
    }),
    ("retention", "(cycle) % of the first discharge", |c, a| {
        Ok(100.0 * c.cycle(a)?.discharge / c.cycle(&[1.0])?.discharge)
    }),
    ("coulombic_efficiency", "(cycle) %", |c, a| {
        Ok(100.0 * summary::coulombic_efficiency(c.cycle(a)?))
    }),
    ("energy_efficiency", "(cycle) %", |c, a| {
        Ok(100.0 * summary::energy_efficiency(c.cycle(a)?))
    }),
    (
        "state_of_charge",
        "(cycle) % of all lithium, passed in the charge",
        |c, a| {
            let all = c.scenario.cathode.active_material.theoretical_capacity();
            Ok(100.0 * c.cycle(a)?.charge / c.scenario.cathode.areal_loading / all)
        },
    ),
    (
        "active_mass",
        "(cycle) %, from relaxed potentials",
        |c, a| Ok(100.0 * c.cycle(a)?.active_mass_apparent),
    ),
    ("connected_mass", "(cycle) %, the model's", |c, a| {
        Ok(100.0 * c.cycle(a)?.connected_fraction)
    }),
    ("contact_lost", "(cycle) %, the model's", |c, a| {
        Ok(100.0 * c.cycle(a)?.contact_lost)
    }),
    ("cracks", "(cycle) %, the model's damage", |c, a| {
        Ok(100.0 * c.cycle(a)?.crack_damage)
    }),
    ("coverage", "(cycle) %", |c, a| {
        Ok(100.0 * c.cycle(a)?.coverage)
    }),
    (
        "volume_change",
        "(cycle) %, of the delithiated phase at the end of charge",
        |c, a| c.volume_change(a),
    ),
    (
        "cathode_resistance",
        "(cycle) ohm cm2, sqrt(R_ct (R_ion + R_ele)) of the fit",
        |c, a| Ok(1e4 * c.spectrum(a)?.analysis.cathode_resistance),
    ),
    (
        "cathode_dc_resistance",
        "(cycle) ohm of the cell, without diffusion",
        |c, a| Ok(c.spectrum(a)?.analysis.true_dc_resistance / c.scenario.cell.area),
    ),
    (
        "diffusion_length",
        "(cycle) um, as the paper reads it",
        |c, a| Ok(1e6 * c.spectrum(a)?.analysis.diffusion_length),
    ),
    (
        "bulk_resistance",
        "(cycle) ohm of the cell, R_bulk of ma2022's circuit",
        |c, a| Ok(c.circuit(a)?.bulk_resistance),
    ),
    (
        "grain_boundary_resistance",
        "(cycle) ohm of the cell, R_GB of ma2022's circuit",
        |c, a| Ok(c.circuit(a)?.grain_boundary.resistance),
    ),
    (
        "separator_resistance",
        "(cycle) ohm of the cell, R_bulk + R_GB of ma2022's circuit",
        |c, a| {
            let circuit = c.circuit(a)?;
            Ok(circuit.bulk_resistance + circuit.grain_boundary.resistance)
        },
    ),
    (
        "interface_resistance",
        "(cycle) ohm of the cell, R_CAM/SE of ma2022's circuit",
        |c, a| Ok(c.circuit(a)?.interface.resistance),
    ),
    (
        "ionic_conductivity",
        "() mS/cm of the fresh composite at 25 degC",
        |c, _| {
            let pellet = c.scenario.cathode.electrolyte.ionic_conductivity;
            Ok(10.0 * pellet * c.transport.ionic_factor)
        },
    ),
    (
        "charge_between",
        "(cycle, from V, to V) mAh/g passed on charge",
        |c, a| c.charge_between(a),
    ),
    (
        "charge_voltage",
        "(cycle, mAh/g) V once so much was charged",
        |c, a| c.voltage_at_charge(a),
    ),
    (
        "rest_voltage",
        "(cycle, hours) V so long into the last rest",
        |c, a| c.rest_voltage(a),
    ),
    (
        "polarisation",
        "(cycle) V, mean over the pulses of a titration on charge",
        |c, a| c.polarisation(a),
    ),
    ("polysulfide_at_active", "(cycle) umol/g", |c, a| {
        c.amount(a, |p| p.polysulfide_at_active)
    }),
    ("polysulfide_at_carbon", "(cycle) umol/g", |c, a| {
        c.amount(a, |p| p.polysulfide_at_carbon)
    }),
    ("polysulfide_at_collector", "(cycle) umol/g", |c, a| {
        c.amount(a, |p| p.polysulfide_at_collector)
    }),
    ("phosphate", "(cycle) umol/g", |c, a| {
        c.amount(a, |p| p.phosphate)
    }),
    ("sulfate", "(cycle) umol/g", |c, a| {
        c.amount(a, |p| p.sulfate)
    }),
    ("oxygen_gas", "(cycle) umol/g", |c, a| {
        c.amount(a, |p| p.oxygen_gas)
    }),
    ("sulfur_dioxide_gas", "(cycle) umol/g", |c, a| {
        c.amount(a, |p| p.sulfur_dioxide_gas)
    }),
    ("carbon_dioxide_gas", "(cycle) umol/g", |c, a| {
        c.amount(a, |p| p.carbon_dioxide_gas)
    }),
    ("rock_salt", "(cycle) nm", |c, a| {
        Ok(1e9 * c.cycle(a)?.products.rock_salt_thickness)
    }),
];

/// Readings that need a spectrum taken after their cycle; where one is missing here, a fit
/// to it says that no spectrum was taken.
pub(super) const SPECTRAL: [&str; 7] = [
    "cathode_resistance",
    "cathode_dc_resistance",
    "diffusion_length",
    "bulk_resistance",
    "grain_boundary_resistance",
    "separator_resistance",
    "interface_resistance",
];

impl SimulatedCell {
    /// The cycle that the first number names.
    fn cycle(&self, arguments: &[f64]) -> Result<&CycleRecord, String> {
        let [asked, ..] = arguments else {
            return Err("name a cycle".into());
        };
        // By number: cycles that were carried on have no record.
        let found = self
            .cycles
            .iter()
            .find(|c| c.cycle as usize == *asked as usize);
        found.ok_or_else(|| match self.cycles.last() {
            Some(last) if f64::from(last.cycle) > *asked && *asked >= 1.0 => {
                format!("cycle {asked} was carried on, not simulated")
            }
            last => {
                let count = last.map_or(0, |last| last.cycle);
                format!("there are {count} cycles, no cycle {asked}")
            }
        })
    }

    fn spectrum(&self, arguments: &[f64]) -> Result<&Spectrum, String> {
        let cycle = self.cycle(arguments)?.cycle;
        let found = self.spectra.iter().find(|s| s.cycle == cycle);
        found.ok_or_else(|| format!("no spectrum was taken after cycle {cycle}"))
    }

    /// The circuit of ma2022 fitted to the spectrum of the whole cell, resistances in ohm.
    fn circuit(&self, arguments: &[f64]) -> Result<EquivalentCircuit, String> {
        let spectrum = self.spectrum(arguments)?;
        let area = self.scenario.cell.area;
        let per_cell: Vec<_> = spectrum.impedance.iter().map(|z| z / area).collect();
        fit_equivalent_circuit(&spectrum.frequency, &per_cell)
            .map(|fit| fit.circuit)
            .map_err(|e| e.to_string())
    }

    fn capacity(
        &self,
        arguments: &[f64],
        charge: impl Fn(&CycleRecord) -> f64,
    ) -> Result<f64, String> {
        let charge = charge(self.cycle(arguments)?);
        Ok(summary::specific_capacity(charge, &self.scenario))
    }

    fn amount(&self, arguments: &[f64], of: impl Fn(&Products) -> f64) -> Result<f64, String> {
        let amount = of(&self.cycle(arguments)?.products);
        Ok(summary::specific_amount(amount, &self.scenario))
    }

    /// Volume change of the unit cell at the end of the charge whose discharge ended
    /// the cycle, per cent, as diffraction refines it: of the delithiated phase where two
    /// coexist.
    fn volume_change(&self, arguments: &[f64]) -> Result<f64, String> {
        let cycle = self.cycle(arguments)?;
        let cathode = &self.scenario.cathode;
        let active = cathode.areal_loading * cycle.connected_fraction;
        let sites = active / cathode.active_material.molar_mass;
        let charged = cycle.stoichiometry - cycle.discharge / (FARADAY * sites);
        let curve = MonotoneCubic::new(&cathode.active_material.volume_change);
        let curve = curve.map_err(|e| e.to_string())?;
        let phase = delithiated_phase(&cathode.active_material.diffusivity.two_phase, charged);
        Ok(100.0 * curve.value(phase))
    }

    /// The coating's share of a photoelectron spectrum before cycling, per cent.
    fn gamma(&self) -> Result<f64, String> {
        let annealed = self
            .scenario
            .coating
            .as_ref()
            .and_then(|c| c.annealed.as_ref());
        let annealed = annealed.ok_or("the coating does not come from a process")?;
        let oxide = &self.scenario.cathode.active_material;
        Ok(100.0 * CoatedSurface::of(annealed, oxide).gamma())
    }

    /// Rows of the series that belong to a cycle.
    fn rows(&self, arguments: &[f64]) -> Result<std::ops::Range<usize>, String> {
        let cycle = self.cycle(arguments)?.cycle;
        let start = self.series.cycle.partition_point(|c| *c < cycle);
        let end = self.series.cycle.partition_point(|c| *c <= cycle);
        if start == end {
            return Err(format!("the time series does not hold cycle {cycle}"));
        }
        Ok(start..end)
    }

    /// (charge in mAh/g, voltage) along the charging of a cycle, from its first row.
    fn charging(&self, arguments: &[f64]) -> Result<Vec<(f64, f64)>, String> {
        let rows = self.rows(arguments)?;
        let series = &self.series;
        let charging = rows.filter(|&i| series.current[i] > 0.0);
        let points = charging.map(|i| {
            let charge = summary::specific_capacity(series.cycle_charge[i], &self.scenario);
            (charge, series.voltage[i])
        });
        Ok(points.collect())
    }

    fn charge_between(&self, arguments: &[f64]) -> Result<f64, String> {
        let [_, low, high] = arguments else {
            return Err("charge_between needs a cycle and two voltages".into());
        };
        let points = self.charging(arguments)?;
        let flipped: Vec<_> = points.iter().map(|(q, v)| (*v, *q)).collect();
        // Below the first point nothing was charged, above the last all was.
        let at = |voltage: f64| {
            crossing(&flipped, voltage).unwrap_or_else(|| match flipped.first() {
                Some((first, _)) if voltage < *first => 0.0,
                _ => flipped.last().map_or(0.0, |p| p.1),
            })
        };
        Ok(at(*high) - at(*low))
    }

    fn voltage_at_charge(&self, arguments: &[f64]) -> Result<f64, String> {
        let [_, charge] = arguments else {
            return Err("charge_voltage needs a cycle and a charge".into());
        };
        crossing(&self.charging(arguments)?, *charge)
            .ok_or_else(|| format!("{charge} mAh/g were not passed"))
    }

    fn rest_voltage(&self, arguments: &[f64]) -> Result<f64, String> {
        let [_, hours] = arguments else {
            return Err("rest_voltage needs a cycle and a time in hours".into());
        };
        let rows = self.rows(arguments)?;
        let series = &self.series;
        let resting = |i: &usize| series.current[*i].abs() < 1e-9;
        let last = rows.clone().rfind(resting).ok_or("the cycle has no rest")?;
        let mut first = last;
        while first > rows.start && resting(&(first - 1)) {
            first -= 1;
        }
        let start = series.time[first.saturating_sub(1)];
        let points: Vec<_> = (first..=last)
            .map(|i| (series.time[i] - start, series.voltage[i]))
            .collect();
        crossing(&points, 3600.0 * hours).ok_or_else(|| format!("the rest is not {hours} h long"))
    }

    /// Mean over the charging pulses of a cycle of the voltage under current less that to
    /// which the rest after it led, V.
    fn polarisation(&self, arguments: &[f64]) -> Result<f64, String> {
        let rows = self.rows(arguments)?;
        let series = &self.series;
        let (mut sum, mut pulses, mut loaded) = (0.0, 0u32, None);
        for i in rows.clone() {
            let next_rests = i + 1 < rows.end && series.current[i + 1].abs() < 1e-9;
            if series.current[i] > 1e-9 {
                loaded = Some(series.voltage[i]);
            } else if series.current[i] < -1e-9 {
                loaded = None;
            } else if let (Some(under_current), false) = (loaded, next_rests) {
                sum += under_current - series.voltage[i];
                pulses += 1;
                loaded = None;
            }
        }
        if pulses == 0 {
            return Err("no charging pulse of this cycle is followed by a rest".into());
        }
        Ok(sum / f64::from(pulses))
    }

    /// Intensity of a fragment in ToF-SIMS (crater through the composite) after a cycle,
    /// relative to that of `reference` after the same.
    ///
    /// # Errors
    /// An unknown fragment, a cycle that was not simulated, or no signal in the reference.
    pub fn intensity(&self, fragment: &str, cycle: f64, reference: &Self) -> Result<f64, String> {
        let specimen = |cell: &Self| {
            Ok::<_, String>((
                cell.cycle(&[cycle])?.products,
                cell.scenario.cathode_thickness(),
            ))
        };
        let (own, other) = (specimen(self)?, specimen(reference)?);
        let specimen = |(products, thickness)| Specimen {
            products,
            thickness,
        };
        let seen = RelativeIntensities::between(
            specimen((&own.0, own.1)),
            specimen((&other.0, other.1)),
            Region::DepthProfile,
        );
        let intensity = match fragment {
            "PO2-" => seen.phosphite,
            "PO3-" => seen.phosphate,
            "SO2-" => seen.sulfur_dioxide,
            "SO3-" => seen.sulfur_trioxide,
            "Sx-" => seen.polysulfide,
            _ => {
                return Err(format!(
                    "`{fragment}` is none of PO2-, PO3-, SO2-, SO3-, Sx-"
                ));
            }
        };
        intensity.ok_or_else(|| format!("the reference shows no {fragment}"))
    }
}

/// Second value where the first passes `at` for the first time, by straight lines.
fn crossing(points: &[(f64, f64)], at: f64) -> Option<f64> {
    points.windows(2).find_map(|pair| {
        let [(a, first), (b, second)] = [pair[0], pair[1]];
        (a <= at && at <= b && b > a).then(|| first + (second - first) * (at - a) / (b - a))
    })
}

/// Lithium content of the phase with less lithium in an oxide of mean content `x`, where two
/// coexist: at the middle of the edge at which the factor on diffusion falls. Else `x`.
fn delithiated_phase(two_phase: &[(f64, f64)], x: f64) -> f64 {
    let lowest = two_phase.iter().map(|p| p.1).fold(1.0, f64::min);
    let middle = 0.5 * (1.0 + lowest);
    let mut phase = x;
    for pair in two_phase.windows(2) {
        let [(a, left), (b, right)] = [pair[0], pair[1]];
        let edge = a + (left - middle) / (left - right) * (b - a);
        if (left > middle) == (right > middle) || edge > x {
            continue;
        }
        phase = if left > middle { edge } else { x };
    }
    phase
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diffraction_sees_the_delithiated_phase_of_two() {
        let two_phase = [
            (0.0, 1.0),
            (0.1, 1.0),
            (0.2, 0.2),
            (0.4, 0.2),
            (0.5, 1.0),
            (1.0, 1.0),
        ];
        for (x, phase) in [
            (0.05, 0.05),
            (0.2, 0.15),
            (0.44, 0.15),
            (0.46, 0.46),
            (0.9, 0.9),
        ] {
            assert!(
                (delithiated_phase(&two_phase, x) - phase).abs() < 1e-12,
                "{x}"
            );
        }
        assert!((delithiated_phase(&[(0.0, 1.0), (1.0, 1.0)], 0.3) - 0.3).abs() < 1e-12);
    }

    #[test]
    fn crossings_are_found_on_straight_lines() {
        let points = [(0.0, 1.0), (2.0, 3.0), (4.0, 0.0)];
        assert_eq!(crossing(&points, 1.0), Some(2.0));
        assert_eq!(crossing(&points, 3.0), Some(1.5));
        assert_eq!(crossing(&points, 5.0), None);
    }
}
