//! The times of a protocol step on which time steps have to land.

use super::course::Course;

/// Time within a protocol step, and the times on which time steps have to land.
pub(super) struct Clock {
    /// s since the start.
    pub time: f64,
    /// s.
    pub duration: f64,
    period: Option<f64>,
    /// Samples recorded.
    samples: f64,
}

impl Clock {
    pub fn new(period: Option<f64>, duration: f64) -> Self {
        Self {
            time: 0.0,
            duration,
            period,
            samples: 0.0,
        }
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
        if self.time >= self.next_sample() {
            self.samples += 1.0;
        }
        jump && self.time >= corner && self.time < self.duration
    }
}
