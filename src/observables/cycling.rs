//! Observables: a cycling record as a cycler writes it, cut into stages and cycles.
//!
//! A sample holds the current that flowed since the sample before it, so the first
//! interval of a stage belongs to the stage.

use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Samples of a cycler, in order of time; columns of equal length.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cycling {
    /// s.
    pub time: Vec<f64>,
    /// V against the anode.
    pub voltage: Vec<f64>,
    /// A, positive on charge.
    pub current: Vec<f64>,
    /// From 1, never falling.
    pub cycle: Vec<u32>,
    /// Number that changes where a step of the protocol begins, where it was recorded.
    pub step: Option<Vec<u32>>,
    /// Charge of the present cycle passed while charging and while discharging, C,
    /// where the cycler counts it; else it is integrated from the current.
    pub counted: Option<[Vec<f64>; 2]>,
}

/// What a stage does to the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Current in the direction of charge.
    Charge,
    /// Current in the direction of discharge.
    Discharge,
    /// Constant voltage with a current that decays.
    Hold,
    /// No current.
    Rest,
}

/// Samples in a row during which the same is done to the cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What is done.
    pub activity: Activity,
    /// Cycle it belongs to.
    pub cycle: u32,
    /// Its samples.
    pub samples: RangeInclusive<usize>,
    /// When it began, s: the time of the sample before it.
    pub begins: f64,
    /// Charge passed, C, positive on charge.
    pub charge: f64,
    /// Energy put in, J, negative when taken out.
    pub energy: f64,
}

impl Stage {
    /// Duration, s.
    pub fn duration(&self, record: &Cycling) -> f64 {
        record.time[*self.samples.end()] - self.begins
    }

    /// Voltage at the end, V.
    pub fn final_voltage(&self, record: &Cycling) -> f64 {
        record.voltage[*self.samples.end()]
    }
}

/// Charge and energy of one cycle and the voltages to which it relaxed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CycleSums {
    /// Number of the cycle.
    pub cycle: u32,
    /// Charge passed while charging, C.
    pub charge: f64,
    /// Charge passed while discharging, C.
    pub discharge: f64,
    /// Energy put in, J.
    pub energy_in: f64,
    /// Energy taken out, J.
    pub energy_out: f64,
    /// Voltage at the end of the rest after charge, V; `None` without one.
    pub relaxed_charged: Option<f64>,
    /// Voltage at the end of the rest after discharge, V; `None` without one.
    pub relaxed_discharged: Option<f64>,
}

impl CycleSums {
    /// Discharge over charge; `None` without charge.
    pub fn coulombic_efficiency(&self) -> Option<f64> {
        (self.charge > 0.0).then(|| self.discharge / self.charge)
    }

    /// Energy out over energy in; `None` without charge.
    pub fn energy_efficiency(&self) -> Option<f64> {
        (self.energy_in > 0.0).then(|| self.energy_out / self.energy_in)
    }
}

/// Currents below this share of the largest count as none.
const RESTING: f64 = 1e-5;
/// A voltage that moves by less than this while the current falls is held, V.
const HELD: f64 = 1.5e-3;
/// Fall of the current by which a hold is told from a very flat charge.
const DECAY: f64 = 0.05;

/// Cuts a record into stages.
pub fn stages(record: &Cycling) -> Vec<Stage> {
    let largest = record.current.iter().map(|i| i.abs()).fold(0.0, f64::max);
    let direction = |k: usize| -> i8 {
        let current = record.current[k];
        if current.abs() <= RESTING * largest {
            0
        } else if current > 0.0 {
            1
        } else {
            -1
        }
    };
    let mut found = Vec::new();
    let count = record.time.len();
    let mut first = 0;
    while first < count {
        let together = |k: usize| {
            direction(k) == direction(first)
                && record.cycle[k] == record.cycle[first]
                && record.step.as_ref().is_none_or(|s| s[k] == s[first])
        };
        let mut last = first;
        while last + 1 < count && together(last + 1) {
            last += 1;
        }
        let activity = match direction(first) {
            0 => Activity::Rest,
            1 => Activity::Charge,
            _ => Activity::Discharge,
        };
        match hold(record, first, last) {
            Some(begins) if activity != Activity::Rest => {
                if begins > first {
                    found.push(stage(record, activity, first, begins - 1));
                }
                found.push(stage(record, Activity::Hold, begins, last));
            }
            _ => found.push(stage(record, activity, first, last)),
        }
        first = last + 1;
    }
    found
}

/// First sample from which on the voltage stands still while the current decays.
fn hold(record: &Cycling, first: usize, last: usize) -> Option<usize> {
    let end = record.voltage[last];
    let begins = (first..=last)
        .rev()
        .take_while(|&k| (record.voltage[k] - end).abs() <= HELD)
        .last()?;
    // A charge approaches its end at full current: the hold begins where that falls.
    // Where the protocol's steps are known, that current is the step's before it.
    let before = first.checked_sub(1).map_or(0.0, |k| record.current[k]);
    let full = if begins == first && before * record.current[first] > 0.0 {
        before.abs().max(record.current[first].abs())
    } else {
        record.current[begins].abs()
    };
    let begins = (begins..=last).find(|&k| record.current[k].abs() < (1.0 - 1e-3) * full)?;
    let fallen = record.current[last].abs() < (1.0 - DECAY) * full;
    (fallen && last > begins).then_some(begins)
}

fn stage(record: &Cycling, activity: Activity, first: usize, last: usize) -> Stage {
    let (mut charge, mut energy) = (0.0, 0.0);
    for k in first..=last {
        let passed = passed(record, first, k);
        let voltage = if k > first {
            0.5 * (record.voltage[k] + record.voltage[k - 1])
        } else {
            record.voltage[k]
        };
        charge += passed;
        energy += voltage * passed;
    }
    Stage {
        activity,
        cycle: record.cycle[first],
        samples: first..=last,
        begins: record.time[first.saturating_sub(1)],
        charge,
        energy,
    }
}

/// Charge that passed between sample `k` and the one before it, C; `first` is the
/// first sample of its stage.
fn passed(record: &Cycling, first: usize, k: usize) -> f64 {
    if let Some([charged, discharged]) = &record.counted {
        let before = |column: &[f64]| {
            let same = k > 0 && record.cycle[k - 1] == record.cycle[k];
            if same { column[k - 1] } else { 0.0 }
        };
        return charged[k] - before(charged) - (discharged[k] - before(discharged));
    }
    if k == 0 {
        return 0.0;
    }
    let length = record.time[k] - record.time[k - 1];
    let current = if k > first {
        0.5 * (record.current[k] + record.current[k - 1])
    } else {
        record.current[k]
    };
    length * current
}

/// Charge passed since the start of a stage at each of its samples, C, never negative
/// for a stage in one direction.
pub fn charge_along(record: &Cycling, stage: &Stage) -> Vec<f64> {
    let first = *stage.samples.start();
    let mut sum = 0.0;
    stage
        .samples
        .clone()
        .map(|k| {
            sum += passed(record, first, k);
            sum.abs()
        })
        .collect()
}

/// Sums of every cycle, in order.
pub fn cycle_sums(record: &Cycling, stages: &[Stage]) -> Vec<CycleSums> {
    let mut sums: Vec<CycleSums> = Vec::new();
    let mut charging = true;
    for stage in stages {
        if sums.last().is_none_or(|last| last.cycle != stage.cycle) {
            charging = true;
            sums.push(CycleSums {
                cycle: stage.cycle,
                charge: 0.0,
                discharge: 0.0,
                energy_in: 0.0,
                energy_out: 0.0,
                relaxed_charged: None,
                relaxed_discharged: None,
            });
        }
        let Some(cycle) = sums.last_mut() else {
            continue;
        };
        if stage.activity == Activity::Rest {
            let relaxed = Some(stage.final_voltage(record));
            if charging {
                cycle.relaxed_charged = relaxed;
            } else {
                cycle.relaxed_discharged = relaxed;
            }
        } else {
            charging = stage.charge >= 0.0;
        }
        if stage.charge > 0.0 {
            cycle.charge += stage.charge;
            cycle.energy_in += stage.energy;
        } else {
            cycle.discharge -= stage.charge;
            cycle.energy_out -= stage.energy;
        }
    }
    sums
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Adds samples every `step` s for `duration` s.
    pub fn add(
        record: &mut Cycling,
        (cycle, duration, step): (u32, f64, f64),
        current: impl Fn(f64) -> f64,
        voltage: impl Fn(f64) -> f64,
    ) {
        let start = record.time.last().copied().unwrap_or(0.0);
        let count = (duration / step).round() as usize;
        for k in 1..=count {
            let t = duration * k as f64 / count as f64;
            record.time.push(start + t);
            record.current.push(current(t));
            record.voltage.push(voltage(t));
            record.cycle.push(cycle);
        }
    }

    /// One cycle: charge at 1 mA for 1 h, hold with a decay of 600 s, rest, discharge, rest.
    pub fn cycle() -> Cycling {
        let mut record = Cycling::default();
        add(
            &mut record,
            (1, 3600.0, 10.0),
            |_| 1e-3,
            |t| 3.0 + t / 7200.0,
        );
        let decay = |t: f64| 1e-3 * (-t / 600.0_f64).exp();
        add(&mut record, (1, 3000.0, 10.0), decay, |_| 3.5);
        add(
            &mut record,
            (1, 7200.0, 60.0),
            |_| 0.0,
            |t| 3.45 + 0.05 * (-t / 900.0_f64).exp(),
        );
        add(
            &mut record,
            (1, 3960.0, 10.0),
            |_| -1e-3,
            |t| 3.4 - t / 7200.0,
        );
        add(
            &mut record,
            (1, 7200.0, 60.0),
            |_| 0.0,
            |t| 2.9 - 0.05 * (-t / 900.0_f64).exp(),
        );
        record
    }

    #[test]
    fn a_cycle_is_cut_into_its_stages() {
        let record = cycle();
        let stages = stages(&record);
        let activities: Vec<Activity> = stages.iter().map(|s| s.activity).collect();
        assert_eq!(
            activities,
            [
                Activity::Charge,
                Activity::Hold,
                Activity::Rest,
                Activity::Discharge,
                Activity::Rest
            ]
        );
        assert!((stages[0].charge - 3.6).abs() < 0.02);
        assert!((stages[3].charge + 3.96).abs() < 0.02);
        assert!((stages[2].duration(&record) - 7200.0).abs() < 1e-9);
    }

    #[test]
    fn a_hold_that_is_a_step_of_its_own_begins_with_the_step() {
        let mut record = cycle();
        let charged = record.current.iter().take_while(|i| **i >= 1e-3).count();
        let held = record.current.iter().take_while(|i| **i > 0.0).count();
        let step = |k: usize| 1 + u32::from(k >= charged) + u32::from(k >= held);
        record.step = Some((0..record.time.len()).map(step).collect());
        let stages = stages(&record);
        assert_eq!(stages[1].activity, Activity::Hold);
        assert_eq!(*stages[1].samples.start(), charged);
        assert!((stages[1].begins - 3600.0).abs() < 1e-9);
    }

    #[test]
    fn sums_are_those_of_the_integrals() {
        let record = cycle();
        let sums = cycle_sums(&record, &stages(&record));
        assert_eq!(sums.len(), 1);
        let held = 0.6 * (1.0 - (-5.0f64).exp());
        // The interval before the first sample is not in the record.
        assert!((sums[0].charge - 3.6 - held).abs() < 0.02);
        assert!((sums[0].discharge - 3.96).abs() < 1e-9);
        // Linear voltages: mean times charge.
        let energy = 3.6 * 3.25 + held * 3.5;
        assert!((sums[0].energy_in - energy).abs() < 0.06);
        assert!((sums[0].relaxed_charged.unwrap() - 3.45).abs() < 1e-4);
        assert!((sums[0].relaxed_discharged.unwrap() - 2.9).abs() < 1e-4);
    }

    #[test]
    fn a_cyclers_own_count_of_charge_is_preferred() {
        let mut record = cycle();
        let n = record.time.len();
        let up: Vec<f64> = (1..=n).map(|k| 2.0 * (k as f64 / 100.0).min(1.0)).collect();
        record.counted = Some([up, vec![0.0; n]]);
        let sums = cycle_sums(&record, &stages(&record));
        assert!((sums[0].charge - 2.0).abs() < 1e-12 && sums[0].discharge.abs() < 1e-12);
    }
}
