//! Chord lengths: how long straight lines along the axes stay in one phase.

use super::labels::{Labels, PHASES};

/// Chords of one phase along one axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chords {
    /// Number of chords by their length in voxels (the first entry is length 0).
    pub counts: Vec<u64>,
    /// Edge of a voxel along the axis, m.
    pub spacing: f64,
}

impl Chords {
    /// Mean length, m; not a number where there are no chords.
    pub fn mean(&self) -> f64 {
        let chords: u64 = self.counts.iter().sum();
        let voxels: u64 = (0..).zip(&self.counts).map(|(n, count)| n * count).sum();
        self.spacing * voxels as f64 / chords as f64
    }

    /// Probability density of the length, 1/m, at lengths (m) of one voxel up to
    /// the longest chord.
    pub fn density(&self) -> Vec<(f64, f64)> {
        let chords = self.counts.iter().sum::<u64>() as f64;
        let entries = self.counts.iter().enumerate().skip(1);
        entries
            .map(|(n, &count)| {
                (
                    n as f64 * self.spacing,
                    count as f64 / (chords * self.spacing),
                )
            })
            .collect()
    }
}

/// Measures the chords of every phase along every axis: `[phase][axis]`.
///
/// In a periodic block a chord may go on across the border; a line that never
/// leaves its phase counts as one chord of the length of the block. In an open
/// block, chords that touch the border are cut off there and do not count,
/// unless they span it.
pub fn chords(labels: &Labels) -> [[Chords; 3]; PHASES] {
    let mut found: [[Chords; 3]; PHASES] = Default::default();
    for axis in 0..3 {
        let turned = labels.turned(axis);
        let [n, n2, n3] = turned.shape;
        let mut counts = vec![vec![0; n + 1]; PHASES];
        let mut line = vec![0; n];
        for start in (0..n2 * n3).map(|cell| turned.source(cell)) {
            for (i, phase) in line.iter_mut().enumerate() {
                *phase = labels.phases[start + i * turned.strides[0]];
            }
            count(&line, labels.periodic, &mut counts);
        }
        for (phase, mut counts) in counts.into_iter().enumerate() {
            counts.truncate(1 + counts.iter().rposition(|&c| c > 0).unwrap_or(0));
            let spacing = turned.spacing[0];
            found[phase][axis] = Chords { counts, spacing };
        }
    }
    found
}

/// Counts the chords of one line.
fn count(line: &[u8], periodic: bool, counts: &mut [Vec<u64>]) {
    let n = line.len();
    let changes = |i: &usize| line[*i] != line[(*i + n - 1) % n];
    let Some(first) = (0..n).find(changes) else {
        counts[usize::from(line[0])][n] += 1;
        return;
    };
    let mut run = 0;
    // From the first change once around; open lines leave out the run at the border.
    for step in 0..n {
        let i = (first + step) % n;
        run += 1;
        let ends = line[i] != line[(i + 1) % n] || (!periodic && i + 1 == n);
        if ends {
            let begin = (i + 1 + n - run) % n;
            if periodic || (begin != 0 && i + 1 != n) {
                counts[usize::from(line[i])][run] += 1;
            }
            run = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn counted(line: &[u8], periodic: bool) -> Vec<Vec<u64>> {
        let mut counts = vec![vec![0; line.len() + 1]; PHASES];
        count(line, periodic, &mut counts);
        counts
    }

    #[test]
    fn lines_wrap_only_when_periodic() {
        let line = [1, 1, 0, 0, 0, 2, 1];
        let around = counted(&line, true);
        assert_eq!((around[1][3], around[0][3], around[2][1]), (1, 1, 1));
        let open = counted(&line, false);
        assert_eq!((open[0][3], open[2][1]), (1, 1));
        assert_eq!(open[1].iter().sum::<u64>(), 0, "cut off at the border");
        assert_eq!(counted(&[2; 5], false)[2][5], 1);
        // Same phase at both ends of an open line: two cut-off chords, none whole.
        let open = counted(&[1, 2, 1, 2, 1], false);
        assert_eq!((open[1][1], open[2][1]), (1, 2));
    }

    #[test]
    fn the_chords_of_a_sphere_are_four_thirds_of_its_radius() {
        let (n, radius) = (60, 25.0);
        let phases: Vec<u8> = (0..n * n * n)
            .map(|index| {
                let at = [index / (n * n), index / n % n, index % n];
                let square: f64 = at.iter().map(|&i| (i as f64 + 0.5 - 30.0).powi(2)).sum();
                u8::from(square < radius * radius)
            })
            .collect();
        let labels = Labels::new([n; 3], [0.5, 1.0, 2.0], true, &phases).unwrap();
        let chords = chords(&labels);
        for axis in 0..3 {
            let expected = 4.0 / 3.0 * radius * labels.spacing[axis];
            assert_relative_eq!(chords[1][axis].mean(), expected, max_relative = 0.01);
            let area: f64 = chords[1][axis].density().iter().map(|(_, p)| p).sum();
            assert_relative_eq!(area * labels.spacing[axis], 1.0, max_relative = 1e-12);
        }
        assert!(chords[4][0].mean().is_nan());
    }
}
