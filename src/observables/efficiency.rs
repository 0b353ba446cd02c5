//! Observables: efficiencies and retention, from the record of cycles.

use crate::record::CycleRecord;

/// Charge taken out over charge put in; `None` if none was put in.
pub fn coulombic_efficiency(cycle: &CycleRecord) -> Option<f64> {
    ratio(cycle.discharge, cycle.charge)
}

/// Energy taken out over energy put in; `None` if none was put in.
pub fn energy_efficiency(cycle: &CycleRecord) -> Option<f64> {
    ratio(cycle.energy_out, cycle.energy_in)
}

/// Coulombic efficiency of the first cycle; `None` without a charge.
pub fn initial_coulombic_efficiency(cycles: &[CycleRecord]) -> Option<f64> {
    cycles.first().and_then(coulombic_efficiency)
}

/// Discharge capacity of `cycle` over that of the first of `cycles`; `None` if that
/// delivered nothing.
pub fn capacity_retention(cycle: &CycleRecord, cycles: &[CycleRecord]) -> Option<f64> {
    ratio(cycle.discharge, cycles.first()?.discharge)
}

/// The first cycle whose capacity has fallen below `retention` (0..1) of the
/// first one's and does not recover in the cycles recorded, for instance 0.8 for the
/// usual end of life; `None` if there is none.
pub fn end_of_life(cycles: &[CycleRecord], retention: f64) -> Option<u32> {
    let alive = cycles.iter().rposition(|cycle| {
        capacity_retention(cycle, cycles).is_some_and(|share| share >= retention)
    })?;
    cycles.get(alive + 1).map(|cycle| cycle.cycle)
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0 && part.is_finite()).then(|| part / whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Products;

    fn cycles(discharges: &[f64]) -> Vec<CycleRecord> {
        (1..)
            .zip(discharges)
            .map(|(cycle, &discharge)| CycleRecord {
                cycle,
                skipped: 0,
                time: f64::from(cycle) * 7.2e4,
                charge: 1.0e4,
                discharge,
                energy_in: 4e4,
                energy_out: 3.6 * discharge,
                relaxed_charged: f64::NAN,
                relaxed_discharged: f64::NAN,
                active_mass_apparent: f64::NAN,
                connected_fraction: 1.0,
                contact_lost: 0.0,
                crack_damage: 0.0,
                coverage: 0.0,
                stoichiometry: 0.9,
                products: Products::default(),
                lithium_error: 0.0,
                charge_error: 0.0,
                note: String::new(),
            })
            .collect()
    }

    #[test]
    fn ratios_are_as_defined() {
        let run = cycles(&[9e3, 8e3, 6e3]);
        assert!((initial_coulombic_efficiency(&run).unwrap() - 0.9).abs() < 1e-15);
        assert!((energy_efficiency(&run[1]).unwrap() - 0.72).abs() < 1e-15);
        assert!((capacity_retention(&run[2], &run).unwrap() - 2.0 / 3.0).abs() < 1e-15);
        let idle = CycleRecord {
            charge: 0.0,
            ..run[0].clone()
        };
        assert_eq!(coulombic_efficiency(&idle), None);
    }

    #[test]
    fn end_of_life_is_the_last_fall() {
        let run = cycles(&[9e3, 7e3, 8e3, 7e3, 6e3]);
        assert_eq!(end_of_life(&run, 0.8), Some(4));
        assert_eq!(end_of_life(&run, 0.5), None);
        assert_eq!(end_of_life(&[], 0.8), None);
        let dead = cycles(&[0.0, 1.0]);
        assert_eq!(capacity_retention(&dead[1], &dead), None);
    }
}
