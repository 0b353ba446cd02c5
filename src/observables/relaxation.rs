//! Observables: how a cell relaxes when the load is taken off, and how the current
//! decays when the voltage is held.

use super::cycling::{Activity, Cycling, Stage};
use serde::{Deserialize, Serialize};

/// How far the voltage has come back some time after the current was cut.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Overpotential {
    /// Cycle.
    pub cycle: u32,
    /// Whether the load before the rest was a charge (or a hold after one).
    pub after_charge: bool,
    /// Voltage under load less voltage after the wait, V; positive after charge.
    pub value: f64,
}

/// Overpotentials of all rests that last at least `wait` s: voltage at the end of the
/// load less the voltage `wait` s later, interpolated between samples.
pub fn overpotentials(record: &Cycling, stages: &[Stage], wait: f64) -> Vec<Overpotential> {
    let pairs = stages
        .windows(2)
        .filter(|pair| pair[0].activity != Activity::Rest && pair[1].activity == Activity::Rest);
    pairs
        .filter_map(|pair| {
            let relaxed = at(record, &pair[1], pair[1].begins + wait)?;
            Some(Overpotential {
                cycle: pair[0].cycle,
                after_charge: pair[0].charge >= 0.0,
                value: pair[0].final_voltage(record) - relaxed,
            })
        })
        .collect()
}

/// Voltage at a time within a stage, V; `None` beyond its end.
fn at(record: &Cycling, stage: &Stage, time: f64) -> Option<f64> {
    // Round-off must not turn a rest of exactly the wait into one that is too short.
    let end = record.time[*stage.samples.end()];
    if time > end * (1.0 + 1e-9) {
        return None;
    }
    let after = stage.samples.clone().find(|&k| record.time[k] >= time);
    let Some(after) = after else {
        return Some(stage.final_voltage(record));
    };
    if after == *stage.samples.start() {
        return Some(record.voltage[after]);
    }
    let (t0, t1) = (record.time[after - 1], record.time[after]);
    let share = if t1 > t0 {
        (time - t0) / (t1 - t0)
    } else {
        1.0
    };
    Some(record.voltage[after - 1] * (1.0 - share) + record.voltage[after] * share)
}

/// How long a hold took until its current had fallen to a share of that before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DecayTime {
    /// Cycle.
    pub cycle: u32,
    /// Voltage held, V.
    pub voltage: f64,
    /// Share of the current before the hold.
    pub share: f64,
    /// s since the start of the hold; `None` if the hold ended before.
    pub time: Option<f64>,
}

/// Times after which the current of every hold that follows a charge or discharge has
/// fallen to `share` of the current before it, interpolated in the logarithm of the
/// current.
pub fn decay_times(record: &Cycling, stages: &[Stage], share: f64) -> Vec<DecayTime> {
    let pairs = stages.windows(2).filter(|pair| {
        pair[1].activity == Activity::Hold
            && matches!(pair[0].activity, Activity::Charge | Activity::Discharge)
    });
    pairs
        .map(|pair| {
            let before = record.current[*pair[0].samples.end()].abs();
            DecayTime {
                cycle: pair[1].cycle,
                voltage: pair[1].final_voltage(record),
                share,
                time: reached(record, &pair[1], before, share),
            }
        })
        .collect()
}

fn reached(record: &Cycling, hold: &Stage, before: f64, share: f64) -> Option<f64> {
    let wanted = share * before;
    // A hold that is ended by its current stops within the cycler's resolution of it.
    let close = wanted * (1.0 + 2e-3);
    let mut previous = (hold.begins, before);
    for k in hold.samples.clone() {
        let (time, current) = (record.time[k], record.current[k].abs());
        if current <= wanted && current < previous.1 {
            let part = (previous.1 / wanted).ln() / (previous.1 / current.max(1e-300)).ln();
            return Some(previous.0 + part.clamp(0.0, 1.0) * (time - previous.0) - hold.begins);
        }
        if k == *hold.samples.end() && current <= close {
            return Some(time - hold.begins);
        }
        previous = (time, current);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::cycling::{stages, tests::cycle};
    use super::*;

    #[test]
    fn overpotentials_are_read_after_the_wait() {
        let record = cycle();
        let stages = stages(&record);
        let read = overpotentials(&record, &stages, 3600.0);
        assert_eq!(read.len(), 2);
        // From 3.5 V under load to 3.45 + 0.05 exp(-4) V.
        let expected = 0.05 - 0.05 * (-4.0f64).exp();
        assert!(read[0].after_charge && (read[0].value - expected).abs() < 1e-5);
        assert!(!read[1].after_charge && read[1].value < 0.0);
        assert_eq!(overpotentials(&record, &stages, 7200.0).len(), 2);
        assert!(overpotentials(&record, &stages, 7300.0).is_empty());
    }

    #[test]
    fn an_exponential_decay_takes_its_logarithm() {
        let record = cycle();
        let stages = stages(&record);
        let read = decay_times(&record, &stages, 0.1);
        assert_eq!(read.len(), 1);
        let time = read[0].time.unwrap();
        assert!((time / (600.0 * 10f64.ln()) - 1.0).abs() < 1e-6, "{time}");
        assert_eq!(decay_times(&record, &stages, 1e-3)[0].time, None);
    }
}
