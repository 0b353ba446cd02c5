//! What hangs together: connection of marked cells of a grid to its two ends.
//!
//! Rows of the grid are cut into runs of conducting cells and the runs joined
//! by union-find, which touches every cell twice and every run a few times.

use rayon::prelude::*;

/// Bit of a cell connected to the low electrode.
pub const LOW: u8 = 1;
/// Bit of a cell connected to the high electrode.
pub const HIGH: u8 = 2;
/// Both: the cell carries current.
pub const SPANNING: u8 = LOW | HIGH;

/// A run of conducting cells in one row.
struct Run {
    begin: u32,
    end: u32,
}

/// Runs of all rows with a forest over them.
struct Forest {
    runs: Vec<Run>,
    parent: Vec<u32>,
    reach: Vec<u8>,
    row_first: Vec<usize>,
}

impl Forest {
    fn root(&mut self, mut run: u32) -> u32 {
        while self.parent[run as usize] != run {
            let above = self.parent[self.parent[run as usize] as usize];
            self.parent[run as usize] = above;
            run = above;
        }
        run
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        let (kept, merged) = (a.min(b), a.max(b));
        self.parent[merged as usize] = kept;
        self.reach[kept as usize] |= self.reach[merged as usize];
    }

    /// Joins the runs of two neighbouring rows that share a face.
    fn join_rows(&mut self, a: usize, b: usize) {
        let (mut x, end_x) = (self.row_first[a], self.row_first[a + 1]);
        let (mut y, end_y) = (self.row_first[b], self.row_first[b + 1]);
        while x < end_x && y < end_y {
            let (run_x, run_y) = (&self.runs[x], &self.runs[y]);
            let overlap = run_x.begin < run_y.end && run_y.begin < run_x.end;
            let x_ends_first = run_x.end <= run_y.end;
            if overlap {
                self.join(x as u32, y as u32);
            }
            if x_ends_first {
                x += 1;
            } else {
                y += 1;
            }
        }
    }
}

/// Which electrodes each cell is connected to ([`LOW`] and [`HIGH`] as bits; 0
/// where `conducts` is false) on a grid whose first axis runs from the low to
/// the high electrode. Cells are neighbours across faces; the sides wrap around
/// if `wraps`, the ends never.
pub fn connection(
    shape: [usize; 3],
    wraps: bool,
    conducts: impl Fn(usize) -> bool + Sync,
) -> Vec<u8> {
    let [n1, n2, n3] = shape;
    let mut forest = runs(shape, conducts);
    for i in 0..n1 {
        for j in 0..n2 {
            let row = i * n2 + j;
            if i > 0 {
                forest.join_rows(row - n2, row);
            }
            if j > 0 {
                forest.join_rows(row - 1, row);
            }
            if wraps {
                if j + 1 == n2 && n2 > 2 {
                    forest.join_rows(i * n2, row);
                }
                join_ends(&mut forest, row, n3);
            }
        }
    }
    let mut reached = vec![0u8; n1 * n2 * n3];
    let bits: Vec<u8> = (0..forest.runs.len() as u32)
        .map(|run| {
            let root = forest.root(run);
            forest.reach[root as usize]
        })
        .collect();
    let rows = reached.par_chunks_mut((n2 * n3).max(1)).enumerate();
    rows.for_each(|(i, plane)| {
        for (j, row) in plane.chunks_mut(n3).enumerate() {
            let runs = forest.row_first[i * n2 + j]..forest.row_first[i * n2 + j + 1];
            for (run, &bits) in forest.runs[runs.clone()].iter().zip(&bits[runs]) {
                row[run.begin as usize..run.end as usize].fill(bits);
            }
        }
    });
    reached
}

/// Joins the first and the last run of a row that wraps around.
fn join_ends(forest: &mut Forest, row: usize, n3: usize) {
    let (first, end) = (forest.row_first[row], forest.row_first[row + 1]);
    if end > first + 1 && forest.runs[first].begin == 0 && forest.runs[end - 1].end as usize == n3 {
        forest.join(first as u32, (end - 1) as u32);
    }
}

fn runs([n1, n2, n3]: [usize; 3], conducts: impl Fn(usize) -> bool + Sync) -> Forest {
    // The runs of each plane, and how many of them each row has.
    let planes: Vec<(Vec<Run>, Vec<usize>)> = (0..n1)
        .into_par_iter()
        .map(|i| {
            let (mut runs, mut counts) = (Vec::new(), Vec::with_capacity(n2));
            for row in i * n2..(i + 1) * n2 {
                let before = runs.len();
                add_runs(n3, |k| conducts(row * n3 + k), &mut runs);
                counts.push(runs.len() - before);
            }
            (runs, counts)
        })
        .collect();
    let count = planes.iter().map(|(runs, _)| runs.len()).sum();
    let mut forest = Forest {
        runs: Vec::with_capacity(count),
        parent: (0..count as u32).collect(),
        reach: Vec::with_capacity(count),
        row_first: Vec::with_capacity(n1 * n2 + 1),
    };
    forest.row_first.push(0);
    for (i, (runs, counts)) in planes.into_iter().enumerate() {
        let touched = if i == 0 { LOW } else { 0 } | if i + 1 == n1 { HIGH } else { 0 };
        let mut end = forest.runs.len();
        for count in counts {
            end += count;
            forest.row_first.push(end);
        }
        forest.runs.extend(runs);
        forest.reach.resize(end, touched);
    }
    forest
}

/// Adds the runs of a row of `length` cells.
fn add_runs(length: usize, conducts: impl Fn(usize) -> bool, runs: &mut Vec<Run>) {
    let mut begin = None;
    for k in 0..=length {
        let inside = k < length && conducts(k);
        match (inside, begin) {
            (true, None) => begin = Some(k),
            (false, Some(first)) => {
                runs.push(Run {
                    begin: first as u32,
                    end: k as u32,
                });
                begin = None;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells of a 4 x 3 x 5 grid given as (i, j, k).
    fn solve(cells: &[(usize, usize, usize)], wraps: bool) -> Vec<u8> {
        let wanted: Vec<usize> = cells.iter().map(|&(i, j, k)| (i * 3 + j) * 5 + k).collect();
        let reached = connection([4, 3, 5], wraps, |c| wanted.contains(&c));
        wanted.iter().map(|&c| reached[c]).collect()
    }

    #[test]
    fn a_staircase_spans_and_a_broken_one_does_not() {
        let path = [
            (0, 0, 0),
            (1, 0, 0),
            (1, 1, 0),
            (1, 1, 1),
            (2, 1, 1),
            (3, 1, 1),
        ];
        assert_eq!(solve(&path, false), [SPANNING; 6]);
        let broken = [(0, 0, 0), (1, 0, 0), (1, 1, 1), (2, 1, 1), (3, 1, 1)];
        assert_eq!(
            solve(&broken, false),
            [LOW, LOW, HIGH, HIGH, HIGH],
            "cells that meet only at an edge are not connected"
        );
    }

    #[test]
    fn sides_wrap_only_when_periodic() {
        for (a, b) in [((1, 2, 2), (1, 0, 2)), ((1, 1, 4), (1, 1, 0))] {
            let path = [(0, a.1, a.2), a, b, (2, b.1, b.2), (3, b.1, b.2)];
            assert_eq!(solve(&path, true), [SPANNING; 5]);
            assert_eq!(solve(&path, false), [LOW, LOW, HIGH, HIGH, HIGH]);
        }
    }

    #[test]
    fn a_dead_end_belongs_to_its_electrode_and_an_island_to_none() {
        let cells = [(0, 0, 0), (1, 0, 0), (2, 2, 3)];
        assert_eq!(solve(&cells, false), [LOW, LOW, 0]);
    }
}
