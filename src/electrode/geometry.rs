//! Shells of a spherical particle, thinner towards the surface.
//!
//! The particle stays a sphere of its own radius for life: slower or constricted
//! diffusion changes the conductance between shells, never their volumes, so that
//! a diffusion length that grows moves no lithium.

/// Grading exponent of the shells; 1 is uniform. Measured with 14 shells. On
/// shi2023-pristine, one size, against 80 shells: discharge capacities of cycles 1 and 30
/// off by 0.010 % and 0.045 % at 0.1C, 0.045 % and 0.011 % at 1C (with 2.4: 0.009 %,
/// 0.037 %, 0.045 %, 0.080 %). On the half cell of `validation/pybamm` at 2C 0.35 mV (with
/// 1.3, 2.0, 2.4, 3.0: 0.56, 0.35, 0.21, 0.18 mV). The choice hardly matters from 1.6 on.
const GRADING: f64 = 1.6;

/// Shells of one particle size; volumes and areas per particle volume.
#[derive(Debug, Clone)]
pub struct Shells {
    /// Radius, m.
    pub radius: f64,
    /// Volume of each shell over the particle's volume, from the centre out.
    pub volume: Vec<f64>,
    /// Outer face area of each shell over the particle's volume, 1/m.
    pub area: Vec<f64>,
    /// Distance from the centre of each shell to that of the next, m; for the
    /// last, to the surface.
    pub distance: Vec<f64>,
    /// Depth of each outer face below the surface, m.
    pub depth: Vec<f64>,
}

impl Shells {
    /// `count` shells of a sphere of `radius` (m).
    pub fn sphere(radius: f64, count: usize) -> Self {
        let face = |j: usize| 1.0 - (1.0 - j as f64 / count as f64).powf(GRADING);
        // Mean of r2 over a shell. A particle under a steady flux has the profile
        // x = a + b r2: distances between shells are those at which differences of
        // shell means give its gradient, and its surface value, exactly.
        let square = |j: usize| {
            let (inner, outer) = (face(j), face(j + 1));
            0.6 * (outer.powi(5) - inner.powi(5)) / (outer.powi(3) - inner.powi(3))
        };
        let distance = |j: usize| {
            let to = if j + 1 < count { square(j + 1) } else { 1.0 };
            radius * (to - square(j)) / (2.0 * face(j + 1))
        };
        Self {
            radius,
            volume: (0..count)
                .map(|j| face(j + 1).powi(3) - face(j).powi(3))
                .collect(),
            area: (0..count)
                .map(|j| 3.0 * face(j + 1).powi(2) / radius)
                .collect(),
            distance: (0..count).map(distance).collect(),
            depth: (0..count).map(|j| radius * (1.0 - face(j + 1))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_fill_the_sphere() {
        let shells = Shells::sphere(2e-6, 14);
        assert!((shells.volume.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        assert!((shells.area[13] - 1.5e6).abs() < 1e-6);
        assert!(shells.depth[13].abs() < 1e-20);
        assert!(shells.distance.iter().all(|d| *d > 0.0));
        assert!(shells.distance[13] < shells.distance[2]);
    }
}
