//! What a protocol step imposes over its time.

use crate::constants::FARADAY;
use crate::electrode::stage::GAMMA;
use crate::electrode::{Electrode, Load};
use crate::scenario::{Control, Profile, Step};

/// Largest change of the mean stoichiometry in one time step of a discharge, so that
/// curves are smooth.
const LARGEST_STOICHIOMETRY_STEP: f64 = 0.03;
/// And of all others, so that the onset of the oxygen reaction is resolved.
const LARGEST_EMPTYING_STEP: f64 = 0.02;
/// Largest change of the voltage in one time step of a sweep, V: a peak is some tens
/// of millivolts wide.
const LARGEST_VOLTAGE_STEP: f64 = 5e-3;

/// The load of a step over its time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Course<'a> {
    /// The same throughout.
    Steady(Load),
    /// A voltage that changes at a constant rate.
    Sweep {
        /// At the start, V.
        from: f64,
        /// V/s.
        rate: f64,
        /// At the end, V.
        to: f64,
    },
    /// A current given by a table.
    Profile(&'a Profile),
}

impl<'a> Course<'a> {
    /// The course of `step`, begun at `voltage` (V), and its longest duration (s).
    pub fn of(step: &'a Step, voltage: f64) -> (Self, Option<f64>) {
        let steady = |load| (Self::Steady(load), step.duration);
        match &step.control {
            Control::Current(current) => steady(Load::Current(*current)),
            Control::Voltage(voltage) => steady(Load::Voltage(*voltage)),
            Control::Power(power) => steady(Load::Power(*power)),
            Control::Resistance(ratio) => steady(Load::Resistance(*ratio)),
            Control::Rest => steady(Load::Current(0.0)),
            Control::Profile(profile) => (Self::Profile(profile), step.duration),
            Control::Sweep { rate, from, to } => {
                let from = from.unwrap_or(voltage);
                let time = (to - from).abs() / rate;
                let course = Self::Sweep {
                    from,
                    rate: rate.copysign(to - from),
                    to: *to,
                };
                (
                    course,
                    Some(step.duration.map_or(time, |most| most.min(time))),
                )
            }
        }
    }

    /// The loads of the two stages of a time step of `length` (s) begun at `time` (s).
    pub fn loads(&self, time: f64, length: f64) -> [Load; 2] {
        match self {
            Self::Steady(load) => (*load).into(),
            Self::Sweep { from, rate, to } => [GAMMA * length, length].map(|ahead| {
                let voltage = from + rate * (time + ahead);
                // The last step may miss the end by rounding.
                Load::Voltage(if *rate > 0.0 {
                    voltage.min(*to)
                } else {
                    voltage.max(*to)
                })
            }),
            Self::Profile(profile) => {
                let segment = segment(profile, time);
                [GAMMA * length, length].map(|ahead| Load::Current(segment.current(time + ahead)))
            }
        }
    }

    /// Longest time step at a cell voltage (V), s.
    pub fn longest(&self, model: &Electrode, time: f64, voltage: f64) -> f64 {
        let currents = match self {
            Self::Steady(Load::Current(current)) => [*current; 2],
            Self::Steady(Load::Voltage(_)) => [0.0; 2],
            Self::Steady(Load::Power(power)) => [power / voltage; 2],
            Self::Steady(Load::Resistance(ratio)) => [voltage / ratio; 2],
            Self::Sweep { rate, .. } => return LARGEST_VOLTAGE_STEP / rate.abs(),
            Self::Profile(profile) => segment(profile, time).ends.map(|[_, current]| current),
        };
        let most = if currents.iter().any(|current| *current > 0.0) {
            LARGEST_EMPTYING_STEP
        } else {
            LARGEST_STOICHIOMETRY_STEP
        };
        let largest = currents[0].abs().max(currents[1].abs());
        let per_second = largest / (FARADAY * model.sites());
        if per_second > 0.0 {
            most / per_second
        } else {
            f64::INFINITY
        }
    }

    /// The next time (s) after `time` at which a time step has to end, and whether the
    /// load jumps there.
    pub fn next_corner(&self, time: f64) -> (f64, bool) {
        match self {
            Self::Profile(profile) => {
                let end = segment(profile, time).ends[1][0];
                let at = profile.time.partition_point(|t| *t <= end)
                    - profile.time.partition_point(|t| *t < end);
                (end, at > 1)
            }
            _ => (f64::INFINITY, false),
        }
    }
}

/// A straight piece of a profile: time (s) and current (A/m2) at both ends.
struct Segment {
    ends: [[f64; 2]; 2],
}

impl Segment {
    fn current(&self, time: f64) -> f64 {
        let [[start, from], [end, to]] = self.ends;
        from + (to - from) * (time - start) / (end - start)
    }
}

/// The piece of `profile` that begins at or before `time` and ends after it; the last
/// one beyond the end.
fn segment(profile: &Profile, time: f64) -> Segment {
    let after = profile.time.partition_point(|t| *t <= time);
    // The table lasts some time, so that a last piece of some length exists.
    let last = profile.time.len() - 1;
    let mut right = after.clamp(1, last);
    while right > 1 && profile.time[right - 1] >= profile.time[right] {
        right -= 1;
    }
    Segment {
        ends: [right - 1, right].map(|i| [profile.time[i], profile.current[i]]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_straight_between_its_points_and_jumps_where_a_time_repeats() {
        let profile = Profile {
            time: vec![0.0, 10.0, 10.0, 30.0],
            current: vec![1.0, 3.0, -2.0, -2.0],
        };
        let course = Course::Profile(&profile);
        let end = |time: f64, length: f64| course.loads(time, length)[1];
        assert_eq!(end(0.0, 5.0), Load::Current(2.0));
        assert_eq!(end(5.0, 5.0), Load::Current(3.0));
        assert_eq!(end(10.0, 5.0), Load::Current(-2.0));
        assert_eq!(course.next_corner(2.0), (10.0, true));
        assert_eq!(course.next_corner(10.0), (30.0, false));
        let first = course.loads(0.0, 10.0)[0];
        assert_eq!(first, Load::Current(1.0 + 2.0 * GAMMA));
    }

    #[test]
    fn a_sweep_begins_where_the_cell_is_and_goes_the_right_way() {
        let control = Control::Sweep {
            rate: 1e-3,
            from: None,
            to: 2.5,
        };
        let step = Step::new(control, "down");
        let (course, duration) = Course::of(&step, 3.0);
        let duration = duration.expect("a sweep ends");
        assert!((duration - 500.0).abs() < 1e-9);
        let [middle, end] = course.loads(0.0, 100.0);
        assert_eq!(middle, Load::Voltage(3.0 - 1e-3 * (GAMMA * 100.0)));
        assert_eq!(end, Load::Voltage(2.9));
        assert_eq!(course.loads(400.0, duration - 400.0)[1], Load::Voltage(2.5));
    }
}
