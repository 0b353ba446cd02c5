//! Analysis room: everything that is read from a cycling record.

use super::{Known, Outcome};
use crate::observables::{
    Activity, CycleSums, Cycling, DecayTime, DifferentialCapacity, DifferentialSettings,
    Overpotential, Pulse, RelaxedCycle, Stage, active_mass, charge_along, cycle_sums, decay_times,
    differential_capacity, overpotentials, stages, titration,
};
use serde::Serialize;

/// Rest after which an overpotential is read, s.
pub const OVERPOTENTIAL_WAIT: f64 = 3600.0;
/// Shares of the current before a hold at which its decay is timed; shi2023 end their
/// holds at the last.
pub const DECAY_SHARES: [f64; 2] = [0.1, 0.01];
/// Most cycles of which the differential capacity is shown.
const SHOWN_CYCLES: usize = 8;

/// What is read from one cycle.
#[derive(Debug, Clone, Serialize)]
pub struct CycleReading {
    /// Charge, energy, relaxed voltages; per cell.
    pub sums: CycleSums,
    /// Active mass over all active mass, by relaxed voltages.
    pub active_share: Outcome<f64>,
    /// Overpotential of the charge after an hour of rest, V.
    pub overpotential_charged: Option<f64>,
    /// Overpotential of the discharge after an hour of rest, V; negative.
    pub overpotential_discharged: Option<f64>,
}

/// Differential capacity of one half cycle.
#[derive(Debug, Clone, Serialize)]
pub struct DifferentialCurve {
    /// Cycle.
    pub cycle: u32,
    /// Whether it is of the charge.
    pub charging: bool,
    /// The curve, C/V per cell.
    pub curve: DifferentialCapacity,
}

/// What is read from a cycling record.
#[derive(Debug, Clone, Serialize)]
pub struct CyclingReading {
    /// Every cycle, in order.
    pub cycles: Vec<CycleReading>,
    /// Differential capacity of chosen cycles: the first, the last and some between.
    pub differential: Vec<DifferentialCurve>,
    /// Times that the current of holds took to decay.
    pub decay: Vec<DecayTime>,
    /// Pulses of titrations.
    pub titration: Vec<Pulse>,
}

/// Reads a cycling record.
pub fn read_cycling(record: &Cycling, known: &Known) -> CyclingReading {
    let stages = stages(record);
    let sums = cycle_sums(record, &stages);
    let waits = overpotentials(record, &stages, OVERPOTENTIAL_WAIT);
    let length = known.cathode.as_ref().and_then(|c| c.particle_length);
    let titration = titration(record, &stages, length);
    let pulsed = |cycle: u32| titration.iter().any(|pulse| pulse.cycle == cycle);
    let shown: Vec<u32> = chosen(&sums).into_iter().filter(|c| !pulsed(*c)).collect();
    let cycles = sums.iter().map(|sums| {
        // The last rest after a charge, and after a discharge, is that of the cycle.
        let last = |after_charge: bool| {
            let own = |w: &&Overpotential| w.cycle == sums.cycle && w.after_charge == after_charge;
            waits.iter().rev().find(own).map(|w| w.value)
        };
        CycleReading {
            sums: *sums,
            active_share: active_share(sums, known),
            overpotential_charged: last(true),
            overpotential_discharged: last(false),
        }
    });
    CyclingReading {
        cycles: cycles.collect(),
        differential: shown
            .iter()
            .flat_map(|&cycle| curves(record, &stages, cycle))
            .collect(),
        decay: DECAY_SHARES
            .iter()
            .flat_map(|&share| decay_times(record, &stages, share))
            .collect(),
        titration,
    }
}

fn active_share(sums: &CycleSums, known: &Known) -> Outcome<f64> {
    let Some(cathode) = &known.cathode else {
        return Outcome::missing("the active material is not known");
    };
    let (Some(charged), Some(discharged)) = (sums.relaxed_charged, sums.relaxed_discharged) else {
        return Outcome::missing("the cycle has no rest after charge and after discharge");
    };
    let cycle = RelaxedCycle {
        charged_voltage: charged,
        discharged_voltage: discharged,
        anode_potential: cathode.anode_potential,
        charge: sums.discharge / known.area,
    };
    active_mass(&cycle, &cathode.open_circuit, cathode.theoretical_capacity)
        .map(|read| read.mass / cathode.areal_loading)
        .into()
}

/// Cycles to show: the first, the last and some evenly between.
fn chosen(sums: &[CycleSums]) -> Vec<u32> {
    let count = sums.len();
    let shown = count.min(SHOWN_CYCLES);
    (0..shown)
        .map(|k| sums[k * (count - 1) / (shown - 1).max(1)].cycle)
        .collect()
}

/// Differential capacity of the longest charge and the longest discharge of a cycle;
/// nothing where one is too short or too flat for it.
fn curves(record: &Cycling, stages: &[Stage], cycle: u32) -> Vec<DifferentialCurve> {
    [(Activity::Charge, true), (Activity::Discharge, false)]
        .into_iter()
        .filter_map(|(activity, charging)| {
            let own = stages
                .iter()
                .filter(|s| s.cycle == cycle && s.activity == activity);
            let stage = own.max_by(|a, b| a.charge.abs().total_cmp(&b.charge.abs()))?;
            let voltage = &record.voltage[stage.samples.clone()];
            let charge = charge_along(record, stage);
            let settings = DifferentialSettings::default();
            let curve = differential_capacity(voltage, &charge, &settings).ok()?;
            Some(DifferentialCurve {
                cycle,
                charging,
                curve,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_cycle_are_always_shown() {
        let sums = |n: u32| -> Vec<CycleSums> {
            (1..=n)
                .map(|cycle| CycleSums {
                    cycle,
                    charge: 1.0,
                    discharge: 1.0,
                    energy_in: 1.0,
                    energy_out: 1.0,
                    relaxed_charged: None,
                    relaxed_discharged: None,
                })
                .collect()
        };
        assert_eq!(chosen(&sums(0)), Vec::<u32>::new());
        assert_eq!(chosen(&sums(1)), [1]);
        assert_eq!(chosen(&sums(3)), [1, 2, 3]);
        let many = chosen(&sums(100));
        assert!(many.len() == 8 && many[0] == 1 && many[7] == 100);
    }
}
