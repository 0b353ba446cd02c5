//! What hangs together along every axis, and how tortuous the way is.

use super::geodesic::Passage;
use super::labels::{Domain, Labels, Turned};
use crate::numerics::connection::{HIGH, LOW, SPANNING, connection};
use rayon::prelude::*;

/// How a domain is connected along one axis. Voxels are neighbours across faces;
/// in a periodic block the sides wrap around, the two ends do not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Connectivity {
    /// What is connected.
    pub domain: Domain,
    /// Along which axis.
    pub axis: usize,
    /// Share of its voxels connected to both ends: it percolates where this is not 0.
    pub percolating: f64,
    /// Share of its voxels connected to the low end (the separator's side).
    pub from_low: f64,
    /// Share of its voxels connected to the high end (the collector's side).
    pub from_high: f64,
    /// Mean shortest path through it from the low end to its voxels at the high
    /// end, over the straight distance; not a number where it does not percolate.
    pub geodesic_tortuosity: f64,
}

/// Measures `domains` along every axis, in their order, axis by axis.
pub fn connectivity(labels: &Labels, domains: &[Domain]) -> Vec<Connectivity> {
    let axes = [0, 1, 2].map(|axis| (axis, labels.turned(axis)));
    let blocks: Vec<(usize, Turned, Vec<u8>)> = axes
        .into_iter()
        .map(|(axis, turned)| (axis, turned, turn(labels, &turned)))
        .collect();
    let questions: Vec<_> = domains
        .iter()
        .flat_map(|&domain| blocks.iter().map(move |block| (domain, block)))
        .collect();
    questions
        .into_par_iter()
        .map(|(domain, (axis, turned, phases))| {
            along(domain, *axis, turned, phases, labels.periodic)
        })
        .collect()
}

/// The phases in the order of the turned block.
fn turn(labels: &Labels, turned: &Turned) -> Vec<u8> {
    let [n1, n2, n3] = turned.shape;
    let [s1, s2, s3] = turned.strides;
    let mut phases = Vec::with_capacity(labels.phases.len());
    for row in (0..n1).flat_map(|i| (0..n2).map(move |j| i * s1 + j * s2)) {
        phases.extend((0..n3).map(|k| labels.phases[row + k * s3]));
    }
    phases
}

fn along(domain: Domain, axis: usize, turned: &Turned, phases: &[u8], wraps: bool) -> Connectivity {
    let reached = connection(turned.shape, wraps, |cell| domain.holds(phases[cell]));
    let voxels = phases.iter().filter(|&&p| domain.holds(p)).count();
    let share = |bits: u8| {
        let count = reached.iter().filter(|&&r| r & bits == bits).count();
        count as f64 / voxels.max(1) as f64
    };
    let percolating = share(SPANNING);
    let geodesic_tortuosity = if percolating > 0.0 {
        let open: Vec<bool> = reached.iter().map(|&r| r == SPANNING).collect();
        let passage = Passage {
            shape: turned.shape,
            spacing: turned.spacing,
            wraps,
            open: &open,
        };
        passage.tortuosity()
    } else {
        f64::NAN
    };
    Connectivity {
        domain,
        axis,
        percolating,
        from_low: share(LOW),
        from_high: share(HIGH),
        geodesic_tortuosity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::Phase;
    use approx::assert_relative_eq;

    #[test]
    fn layers_percolate_along_but_not_across() {
        // Layers of void and electrolyte across the thickness, 4 x 3 x 5 voxels.
        let phases: Vec<u8> = (0..60)
            .map(|i| {
                if i / 15 % 2 == 0 {
                    Phase::Electrolyte
                } else {
                    Phase::Void
                }
            } as u8)
            .collect();
        let labels = Labels::new([4, 3, 5], [1.0; 3], true, &phases).unwrap();
        let found = connectivity(&labels, &[Domain::phase(Phase::Electrolyte), Domain::IONS]);
        assert_eq!(found.len(), 6);
        let across = found[0];
        assert_eq!((across.percolating, across.axis), (0.0, 0));
        // Half of it is the layer at the low end, none touches the high end.
        assert_relative_eq!(across.from_low, 0.5);
        assert_relative_eq!(across.from_high, 0.0);
        assert!(across.geodesic_tortuosity.is_nan());
        for along in &found[1..3] {
            assert_relative_eq!(along.percolating, 1.0);
            assert_relative_eq!(along.geodesic_tortuosity, 1.0, max_relative = 1e-12);
        }
        assert_relative_eq!(found[4].percolating, found[1].percolating);
    }
}
