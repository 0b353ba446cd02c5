//! The times of a protocol step on which time steps have to land.

use super::course::Course;

/// Attempts at time steps in which a march has to get on by [`LEAST_WAY`]: steps that
/// shrink towards an event need some tens.
const MOST_ATTEMPTS: usize = 2000;
/// s.
const LEAST_WAY: f64 = 0.01;

/// Time within a protocol step, and the times on which time steps have to land.
pub(super) struct Clock {
    /// s since the start.
    pub time: f64,
    /// s.
    pub duration: f64,
    period: Option<f64>,
    /// Samples recorded.
    samples: f64,
    /// Time from which a march has to get on, s, and the attempts since.
    since: f64,
    attempts: usize,
}

impl Clock {
    pub fn new(period: Option<f64>, duration: f64) -> Self {
        Self {
            time: 0.0,
            duration,
            period,
            samples: 0.0,
            since: f64::NEG_INFINITY,
            attempts: 0,
        }
    }

    /// Counts an attempt at a time step; true if the attempts have come to nothing.
    pub fn stalls(&mut self) -> bool {
        if self.time >= self.since + LEAST_WAY {
            self.since = self.time;
            self.attempts = 0;
        }
        self.attempts += 1;
        self.attempts > MOST_ATTEMPTS
    }

    pub fn next_sample(&self) -> f64 {
        self.period
            .map_or(f64::INFINITY, |period| (self.samples + 1.0) * period)
    }

    /// A time step at most as long as `wished` (s), and the time on which it lands if
    /// it was cut to.
    pub fn length(&self, wished: f64, course: &Course) -> (f64, Option<f64>) {
        let corner = course.next_corner(self.time).0;
        let target = self.duration.min(self.next_sample()).min(corner);
        let left = target - self.time;
        if wished >= left {
            (left, Some(target))
        } else if target < self.duration && wished > 0.5 * left {
            // Two halves rather than a long step and a sliver.
            (0.5 * left, None)
        } else {
            (wished, None)
        }
    }

    /// Whether the time on which a step lands is one to record.
    pub fn records(&self, landing: Option<f64>) -> bool {
        self.period.is_none()
            || landing.is_some_and(|time| time >= self.next_sample() || time >= self.duration)
    }

    /// Goes on by a time step; true where the load jumps.
    pub fn advance(&mut self, length: f64, landing: Option<f64>, course: &Course) -> bool {
        let (corner, jump) = course.next_corner(self.time);
        self.time = landing.unwrap_or(self.time + length);
        if landing.is_some() {
            // However close the times of a table are to each other.
            self.since = f64::NEG_INFINITY;
        }
        if self.time >= self.next_sample() {
            self.samples += 1.0;
        }
        jump && self.time >= corner && self.time < self.duration
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::electrode::Load;

    /// Attempts that `clock` allows when each second one gets on by `length` (s).
    fn attempts(length: f64, period: Option<f64>) -> usize {
        let course = Course::Steady(Load::Current(1.0));
        let mut clock = Clock::new(period, 3600.0);
        for attempt in 0..10 * MOST_ATTEMPTS {
            if clock.stalls() {
                return attempt;
            }
            if attempt % 2 == 1 {
                let (length, landing) = clock.length(length, &course);
                clock.advance(length, landing, &course);
            }
        }
        10 * MOST_ATTEMPTS
    }

    #[test]
    fn attempts_that_come_to_nothing_stall_and_short_samples_do_not() {
        assert_eq!(attempts(0.0, None), MOST_ATTEMPTS);
        // Below what the time resolves.
        assert!(attempts(1e-17, None) <= MOST_ATTEMPTS);
        assert_eq!(attempts(1e-4, None), 10 * MOST_ATTEMPTS);
        assert_eq!(attempts(1.0, Some(1e-9)), 10 * MOST_ATTEMPTS);
    }
}
