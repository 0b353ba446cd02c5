//! The grid as the spheres cut it: shares of its faces, and which cells are cut.

use super::super::medium::{Sides, Sphere, Turned};
use super::cover::{SLIVER, cover, cover_entry};

/// What lies in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// No sphere.
    Matrix,
    /// A part of the sphere of this index.
    Cut(u32),
    /// Parts of several spheres.
    Crowded,
    /// Nothing but sphere.
    Inside,
}

/// Marks of [`Cuts::touched`]; other values are the index of a sphere plus 1.
const UNTOUCHED: u32 = 0;
const CROWDED: u32 = u32::MAX;
const INSIDE: u32 = u32::MAX - 1;

/// Faces and cells as the spheres cut them, in the turned axes.
pub(super) struct Cuts {
    pub(super) turned: Turned,
    pub(super) sides: Sides,
    pub(super) spheres: Vec<Sphere>,
    /// Share of the face after each cell that lies in spheres, across each axis.
    pub(super) share: [Vec<f32>; 3],
    /// The same for the faces at the low electrode.
    pub(super) entry: Vec<f32>,
    touched: Vec<u32>,
}

impl Cuts {
    /// Cuts the grid.
    pub(super) fn new(turned: Turned, sides: Sides, spheres: &[Sphere]) -> Self {
        let [n1, n2, n3] = turned.shape;
        let (cells, plane) = (n1 * n2 * n3, n2 * n3);
        let mut cuts = Self {
            turned,
            sides,
            spheres: spheres.iter().map(|s| turned.sphere(s)).collect(),
            share: [0, 1, 2].map(|_| vec![0.0; cells]),
            entry: vec![0.0; plane],
            touched: vec![UNTOUCHED; cells],
        };
        let overlaps = overlaps(&cuts.spheres);
        for (index, others) in overlaps.iter().enumerate() {
            cuts.add(index, others);
        }
        for share in cuts.share.iter_mut().chain([&mut cuts.entry]) {
            for value in share.iter_mut() {
                if f64::from(*value) > 1.0 - SLIVER {
                    *value = 1.0;
                }
            }
        }
        for cell in 0..cells {
            if cuts.touched[cell] != UNTOUCHED && cuts.is_inside(cell) {
                cuts.touched[cell] = INSIDE;
            }
        }
        cuts
    }

    fn add(&mut self, index: usize, others: &[Sphere]) {
        let mark = index as u32 + 1;
        let (turned, sides, touched) = (self.turned, self.sides, &mut self.touched);
        let sphere = self.spheres[index];
        let mut touch = |cell: usize| {
            touched[cell] = match touched[cell] {
                UNTOUCHED => mark,
                before if before == mark => mark,
                _ => CROWDED,
            };
        };
        for (axis, shares) in self.share.iter_mut().enumerate() {
            cover(&turned, (&sphere, others), axis, |cell, share| {
                shares[cell] += share as f32;
                touch(cell);
                if let Some(next) = after(&turned, sides, cell, axis) {
                    touch(next);
                }
            });
        }
        cover_entry(&turned, (&sphere, others), |cell, share| {
            self.entry[cell] += share as f32;
            touch(cell);
        });
    }

    /// Whether all six faces of a cell lie in spheres.
    fn is_inside(&self, cell: usize) -> bool {
        let [_, n2, n3] = self.turned.shape;
        let (plane, j, k) = (n2 * n3, cell / n3 % n2, cell % n3);
        let before = [
            if cell >= plane {
                self.share[0][cell - plane]
            } else {
                self.entry[cell]
            },
            self.share[1][if j > 0 { cell - n3 } else { cell + plane - n3 }],
            self.share[2][if k > 0 { cell - 1 } else { cell + n3 - 1 }],
        ];
        // A side that does not wrap has no face to look at.
        let wraps = self.sides == Sides::Periodic;
        let open_before = before[0] < 1.0
            || (j > 0 || wraps) && before[1] < 1.0
            || (k > 0 || wraps) && before[2] < 1.0;
        !open_before && self.share.iter().all(|share| share[cell] >= 1.0)
    }

    pub(super) fn content(&self, cell: usize) -> Content {
        match self.touched[cell] {
            UNTOUCHED => Content::Matrix,
            CROWDED => Content::Crowded,
            INSIDE => Content::Inside,
            mark => Content::Cut(mark - 1),
        }
    }

    /// Distance of a cut cell's centre to the surface, m, positive outside.
    pub(super) fn distance(&self, cell: usize) -> Option<f64> {
        let Content::Cut(sphere) = self.content(cell) else {
            return None;
        };
        let (sphere, c) = (&self.spheres[sphere as usize], self.centre(cell));
        let square: f64 = (0..3).map(|a| (c[a] - sphere.centre[a]).powi(2)).sum();
        Some(square.sqrt() - sphere.radius)
    }

    /// Centre of a cell, m.
    pub(super) fn centre(&self, cell: usize) -> [f64; 3] {
        let [_, n2, n3] = self.turned.shape;
        let at = [cell / (n2 * n3), cell / n3 % n2, cell % n3];
        [0, 1, 2].map(|a| (at[a] as f64 + 0.5) * self.turned.spacing[a])
    }
}

/// Of each sphere those that overlap it; of equal ones in one place, none.
fn overlaps(spheres: &[Sphere]) -> Vec<Vec<Sphere>> {
    let mut found = vec![Vec::new(); spheres.len()];
    let mut order: Vec<usize> = (0..spheres.len()).collect();
    order.sort_by(|&a, &b| spheres[a].centre[0].total_cmp(&spheres[b].centre[0]));
    let largest = spheres.iter().fold(0.0f64, |m, s| m.max(s.radius));
    for (rank, &a) in order.iter().enumerate() {
        for &b in &order[rank + 1..] {
            let d = [0, 1, 2].map(|x| spheres[b].centre[x] - spheres[a].centre[x]);
            if d[0] > spheres[a].radius + largest {
                break;
            }
            let square: f64 = d.iter().map(|d| d * d).sum();
            if square > 0.0 && square < (spheres[a].radius + spheres[b].radius).powi(2) {
                found[a].push(spheres[b]);
                found[b].push(spheres[a]);
            }
        }
    }
    found
}

/// The cell after another across an axis of the turned grid; `None` at an
/// electrode or a side that does not wrap.
pub(super) fn after(turned: &Turned, sides: Sides, cell: usize, axis: usize) -> Option<usize> {
    let [n1, n2, n3] = turned.shape;
    let plane = n2 * n3;
    let wraps = sides == Sides::Periodic;
    match axis {
        0 => (cell / plane + 1 < n1).then_some(cell + plane),
        1 if cell / n3 % n2 + 1 < n2 => Some(cell + n3),
        1 => (wraps && n2 > 1).then(|| cell + n3 - plane),
        _ if cell % n3 + 1 < n3 => Some(cell + 1),
        _ => (wraps && n3 > 1).then(|| cell + 1 - n3),
    }
}
