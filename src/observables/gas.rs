//! Observables: what is read from the gas curves of a mass spectrometer (DEMS).
//!
//! Of every gas: how much came in all (the area under the curve), when most of it came,
//! and at which voltage it set in. Curves are taken as they are: a baseline has to be
//! taken off before, and delays by pellet and headspace ([`super::headspace`]) remain, so
//! that an onset is read later, and on a charge higher, than the gas was released.

use serde::{Deserialize, Serialize};

/// A gas that is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gas {
    /// O2.
    Oxygen,
    /// SO2.
    SulfurDioxide,
    /// CO2.
    CarbonDioxide,
}

impl Gas {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::Oxygen, Self::SulfurDioxide, Self::CarbonDioxide];

    /// Formula.
    pub fn formula(self) -> &'static str {
        match self {
            Self::Oxygen => "O2",
            Self::SulfurDioxide => "SO2",
            Self::CarbonDioxide => "CO2",
        }
    }
}

/// Rate of one gas over the times of its record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GasCurve {
    /// Which.
    pub gas: Gas,
    /// mol/(kg s) per active material.
    pub rate: Vec<f64>,
}

/// What a mass spectrometer records beside a cycler; columns of equal length.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GasRecord {
    /// s, never falling.
    pub time: Vec<f64>,
    /// Voltage against the anode, V, where it was recorded.
    pub voltage: Option<Vec<f64>>,
    /// The gases.
    pub curves: Vec<GasCurve>,
}

/// What is read from the curve of one gas.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GasReading {
    /// Which.
    pub gas: Gas,
    /// Amount per active material, mol/kg.
    pub amount: f64,
    /// Largest rate, mol/(kg s).
    pub largest: f64,
    /// When that was, s.
    pub largest_at: f64,
    /// Voltage then, V.
    pub largest_voltage: Option<f64>,
    /// When the rate first reached [`ONSET_SHARE`] of the largest, s.
    pub onset: f64,
    /// Voltage then, V.
    pub onset_voltage: Option<f64>,
}

/// Share of the largest rate at which a gas counts as having set in.
pub const ONSET_SHARE: f64 = 0.05;

/// Reads every gas of which anything is seen.
pub fn gas_evolution(record: &GasRecord) -> Vec<GasReading> {
    let read = |curve: &GasCurve| read_curve(record, curve);
    record.curves.iter().filter_map(read).collect()
}

fn read_curve(record: &GasRecord, curve: &GasCurve) -> Option<GasReading> {
    let (time, rate) = (&record.time, &curve.rate);
    let top = (0..rate.len()).max_by(|a, b| rate[*a].total_cmp(&rate[*b]))?;
    let largest = rate[top];
    if !(largest > 0.0 && largest.is_finite()) {
        return None;
    }
    let area = (1..rate.len()).map(|k| 0.5 * (rate[k] + rate[k - 1]) * (time[k] - time[k - 1]));
    let threshold = ONSET_SHARE * largest;
    // The top lies above the threshold, so there is a first sample that does.
    let first = rate.iter().position(|r| *r >= threshold)?;
    let share = match first.checked_sub(1) {
        Some(before) => (threshold - rate[before]) / (rate[first] - rate[before]),
        None => 1.0,
    };
    let between = |values: &[f64]| {
        let before = values[first.saturating_sub(1)];
        before + share * (values[first] - before)
    };
    Some(GasReading {
        gas: curve.gas,
        amount: area.sum(),
        largest,
        largest_at: time[top],
        largest_voltage: record.voltage.as_ref().map(|v| v[top]),
        onset: between(time),
        onset_voltage: record.voltage.as_ref().map(|v| between(v)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// A triangle that rises from 100 s to 300 s and is gone at 500 s, during a sweep.
    fn record(height: f64) -> GasRecord {
        let time: Vec<f64> = (0..=60).map(|k| 10.0 * f64::from(k)).collect();
        let rate = time
            .iter()
            .map(|t| height * (1.0 - (t - 300.0).abs() / 200.0).max(0.0));
        GasRecord {
            voltage: Some(time.iter().map(|t| 3.0 + 1e-3 * t).collect()),
            curves: vec![GasCurve {
                gas: Gas::Oxygen,
                rate: rate.collect(),
            }],
            time,
        }
    }

    #[test]
    fn a_triangle_gives_its_area_its_top_and_its_foot() {
        let read = gas_evolution(&record(2e-6));
        assert_eq!(read.len(), 1);
        let read = read[0];
        assert_relative_eq!(read.amount, 2e-6 * 200.0, max_relative = 1e-12);
        assert_relative_eq!(read.largest, 2e-6, max_relative = 1e-12);
        assert_relative_eq!(read.largest_at, 300.0);
        assert_relative_eq!(read.largest_voltage.unwrap(), 3.3, max_relative = 1e-12);
        // A twentieth of the way up: 10 s after the foot.
        assert_relative_eq!(read.onset, 110.0, max_relative = 1e-12);
        assert_relative_eq!(read.onset_voltage.unwrap(), 3.11, max_relative = 1e-12);
    }

    #[test]
    fn a_gas_that_is_not_seen_is_not_read() {
        assert!(gas_evolution(&record(0.0)).is_empty());
        assert!(gas_evolution(&GasRecord::default()).is_empty());
    }
}
