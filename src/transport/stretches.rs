//! Where a lattice carries current: its rows cut into stretches, so that the
//! passes of a solve leave out what insulates.

use rayon::prelude::*;
use std::ops::Range;

/// Stretches begin at multiples of this many cells, as many as are worked on at once.
const STEP: usize = 8;

/// Rows that are cut in one go.
const ROWS: usize = 512;

/// The stretches of all rows of a lattice.
#[derive(Default)]
pub(super) struct Stretches {
    /// First stretch of each row, and their number.
    row: Vec<u32>,
    /// Begin and end within the row.
    ends: Vec<[u32; 2]>,
}

impl Stretches {
    /// Cuts rows of `length` cells; cells that carry current have a mark above 0.
    pub(super) fn new(marks: &[f32], length: usize) -> Self {
        let parts: Vec<Self> = marks
            .par_chunks(ROWS * length)
            .map(|rows| {
                let mut part = Self::default();
                rows.chunks(length).for_each(|row| part.cut(row));
                part
            })
            .collect();
        let mut stretches = Self {
            row: vec![0],
            ends: Vec::with_capacity(parts.iter().map(|part| part.ends.len()).sum()),
        };
        for part in parts {
            let before = stretches.ends.len() as u32;
            stretches
                .row
                .extend(part.row.iter().map(|end| before + end));
            stretches.ends.extend(part.ends);
        }
        stretches
    }

    /// Goes on with a row.
    fn cut(&mut self, row: &[f32]) {
        let first = self.ends.len();
        let mut at = 0u32;
        for step in row.chunks(STEP) {
            let end = at + step.len() as u32;
            if step.iter().any(|&mark| mark > 0.0) {
                match self.ends[first..].last_mut() {
                    Some([_, last]) if *last == at => *last = end,
                    _ => self.ends.push([at, end]),
                }
            }
            at = end;
        }
        self.row.push(self.ends.len() as u32);
    }

    /// The stretches of a row.
    #[inline(always)]
    pub(super) fn of(&self, row: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        self.ends[self.row[row] as usize..self.row[row + 1] as usize]
            .iter()
            .map(|&[begin, end]| begin as usize..end as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_hold_every_mark_and_leave_out_long_gaps() {
        let mut marks = vec![0.0f32; 3 * 37];
        for at in [0, 9, 36, 37 + 20, 37 + 23, 37 + 24] {
            marks[at] = 1.0;
        }
        let stretches = Stretches::new(&marks, 37);
        let of = |row| stretches.of(row).collect::<Vec<_>>();
        assert_eq!(of(0), [0..16, 32..37]);
        assert_eq!(of(1), vec![16..32; 1]);
        assert!(of(2).is_empty());
    }
}
