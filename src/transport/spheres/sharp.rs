//! The cut network: a lattice, and what cut faces conduct beyond it.

use super::super::TransportError;
use super::super::medium::{Inclusions, Medium, Turned};
use super::super::operator::{Cells, Lattice, relative_boundaries};
use super::cuts::{Content, Cuts, after};
use super::ghost::Ghosts;
use crate::numerics::connection::{HIGH, LOW, SPANNING};

/// A link of the lattice keeps at least this share of the resistance it would
/// have in its phase alone: the continued value of the other phase can lie so
/// that less than nothing would be left.
const LEAST_RESISTANCE: f64 = 0.3;

/// Conductivities on the two sides of the spheres' surface, over the best.
pub(super) struct Side {
    matrix: Vec<f32>,
    best_matrix: f64,
    pub(super) sphere: f64,
    /// Of the surface, over that of 1 m of the best conductor, m.
    pub(super) resistance: f64,
}

impl Side {
    fn new(inclusions: &Inclusions, matrix: Vec<f32>, best: f32) -> Self {
        Self {
            best_matrix: f64::from(matrix.iter().fold(0.0f32, |m, &s| m.max(s))),
            matrix,
            sphere: inclusions.conductivity / f64::from(best),
            resistance: inclusions.resistance * f64::from(best),
        }
    }

    /// Conductivity of the matrix in a cell.
    pub(super) fn matrix(&self, cell: usize) -> f64 {
        f64::from(self.matrix[cell])
    }

    /// Whether the unknown of a cell is the sphere's.
    pub(super) fn is_sphere(&self, cuts: &Cuts, cell: usize) -> bool {
        match cuts.content(cell) {
            Content::Matrix => false,
            Content::Inside => true,
            Content::Cut(_) | Content::Crowded => {
                self.sphere > 0.0 && (self.matrix[cell] <= 0.0 || self.sphere >= self.best_matrix)
            }
        }
    }

    /// Resistance from a cell's own value to that of the other phase, over that
    /// of 1 m of the best conductor, m: negative where the other's is continued
    /// to behind the surface.
    fn step(&self, cuts: &Cuts, cell: usize) -> f64 {
        let Some(out) = cuts.distance(cell) else {
            return self.resistance;
        };
        let [own, other, beyond] = if self.is_sphere(cuts, cell) {
            [self.sphere, self.matrix(cell), out]
        } else {
            [self.matrix(cell), self.sphere, -out]
        };
        if own > 0.0 && other > 0.0 {
            self.resistance + beyond * (1.0 / other - 1.0 / own)
        } else {
            self.resistance
        }
    }
}

/// Where a part of a cut face takes its potentials from.
#[derive(Clone, Copy)]
pub(super) enum Value {
    /// The unknown of the cell.
    Own,
    /// A ghost, by index.
    Ghost(u32),
}

/// The end of a part behind the face.
#[derive(Clone, Copy)]
pub(super) enum End {
    Cell(u32, Value),
    /// The low (true) or high electrode.
    Electrode(bool),
}

/// What one phase conducts through one cut face, against the lattice's link.
pub(super) struct Part {
    pub(super) from: u32,
    pub(super) value: Value,
    pub(super) to: End,
    /// Conductance between the phase's values.
    pub(super) sharp: f64,
    /// Conductance between the unknowns that the lattice has in its place.
    pub(super) blunt: f64,
}

/// The network of a medium with spheres.
pub(in super::super) struct Sharp {
    pub(in super::super) lattice: Lattice,
    pub(super) ghosts: Ghosts,
    pub(super) parts: Vec<Part>,
}

impl Sharp {
    /// A lattice without spheres.
    pub(in super::super) fn plain(lattice: Lattice) -> Self {
        Self {
            lattice,
            ghosts: Ghosts::none(),
            parts: Vec::new(),
        }
    }

    /// Whether the lattice is all there is.
    pub(in super::super) fn is_plain(&self) -> bool {
        self.parts.is_empty()
    }

    /// Builds the network, leaving out what is not connected to both
    /// electrodes; `None` when nothing is.
    pub(in super::super) fn new(
        medium: &Medium,
        turned: Turned,
    ) -> Result<Option<Self>, TransportError> {
        medium.check()?;
        let inclusions = medium.inclusions.unwrap_or(Inclusions {
            spheres: &[],
            conductivity: 0.0,
            resistance: 0.0,
        });
        let matrix_best = medium.best();
        let best = matrix_best.max(inclusions.conductivity as f32);
        if best <= 0.0 {
            return Ok(None);
        }
        let matrix = turned.normalised(medium.conductivity, best);
        let cells = Cells {
            turned,
            conductivity: matrix.clone(),
            boundaries: relative_boundaries(medium, best),
            open: medium.open,
        };
        let mut builder = Builder {
            lattice: Lattice::assemble(cells, medium.sides, best),
            cuts: Cuts::new(turned, medium.sides, inclusions.spheres),
            side: Side::new(&inclusions, matrix, best),
            candidates: Vec::new(),
        };
        builder.cut();
        Ok(builder.finish())
    }
}

/// A part before it is known whether its ghosts exist.
struct Candidate {
    from: usize,
    to: Option<usize>,
    low: bool,
    matrix: bool,
    sharp: f64,
    blunt: f64,
}

struct Builder {
    cuts: Cuts,
    side: Side,
    lattice: Lattice,
    candidates: Vec<Candidate>,
}

impl Builder {
    /// Cuts every face of the lattice.
    fn cut(&mut self) {
        for cell in 0..self.lattice.cells() {
            for axis in 0..3 {
                let next = after(&self.cuts.turned, self.cuts.sides, cell, axis);
                let share = f64::from(self.cuts.share[axis][cell]);
                if next.is_none() && axis > 0 {
                    continue;
                }
                let whole = match axis {
                    0 => self.lattice.forward[cell],
                    1 => self.lattice.sideways[cell],
                    _ => self.lattice.inward[cell],
                };
                let Some(cut) = self.face(cell, next, (axis, false), share, f64::from(whole))
                else {
                    continue;
                };
                match axis {
                    0 => self.lattice.forward[cell] = cut,
                    1 => self.lattice.sideways[cell] = cut,
                    _ => self.lattice.inward[cell] = cut,
                }
            }
        }
        for cell in 0..self.lattice.plane() {
            let share = f64::from(self.cuts.entry[cell]);
            let whole = f64::from(self.lattice.entry[cell]);
            if let Some(cut) = self.face(cell, None, (0, true), share, whole) {
                self.lattice.entry[cell] = cut;
            }
        }
    }

    /// Conductance of a face of which `share` lies in spheres and the matrix
    /// would conduct `whole` through all of it; `None` where no sphere is near.
    fn face(
        &mut self,
        from: usize,
        to: Option<usize>,
        (axis, low): (usize, bool),
        share: f64,
        whole: f64,
    ) -> Option<f32> {
        let is_matrix = |cell| self.cuts.content(cell) == Content::Matrix;
        if is_matrix(from) && to.is_none_or(is_matrix) {
            return None;
        }
        let h = self.cuts.turned.spacing;
        let weight = (h[0] / h[axis]).powi(2);
        let halves = if to.is_some() { 1.0 } else { 2.0 };
        let mut sum = 0.0;
        for (matrix, full, area) in [
            (true, whole, 1.0 - share),
            (false, halves * weight * self.side.sphere, share),
        ] {
            if full <= 0.0 || area <= 0.0 {
                continue;
            }
            let foreign = |cell: &usize| self.side.is_sphere(&self.cuts, *cell) == matrix;
            let ends = [Some(from), to];
            let mut steps = 0.0;
            let mut ghosts = 0;
            for cell in ends.iter().flatten().filter(|cell| foreign(cell)) {
                steps += self.side.step(&self.cuts, *cell) / (h[axis] * weight);
                ghosts += 1;
            }
            if ghosts == 2 {
                // Both values are continued: their difference is much as that of the own ones.
                steps = 2.0 * self.side.resistance / (h[axis] * weight);
            }
            let resistance = (1.0 / full + steps).max(LEAST_RESISTANCE / full);
            let blunt = area / resistance;
            sum += blunt;
            if ghosts > 0 {
                self.candidates.push(Candidate {
                    from,
                    to,
                    low,
                    matrix,
                    sharp: area * full,
                    blunt,
                });
            }
        }
        Some(sum as f32)
    }

    fn finish(mut self) -> Option<Sharp> {
        let conducting = self.close();
        let carrying = (0..self.lattice.cells())
            .filter(|&cell| self.lattice.carries(cell))
            .count();
        if carrying == 0 {
            return None;
        }
        self.lattice.spanning_share = carrying as f64 / conducting as f64;
        let ghosts = Ghosts::new(&self.cuts, &self.side, &self.lattice, &self.wanted());
        let parts = self.parts(&ghosts);
        Some(Sharp {
            lattice: self.lattice,
            ghosts,
            parts,
        })
    }

    /// Takes out what is not connected to both electrodes; returns how many
    /// cells conduct at all.
    fn close(&mut self) -> usize {
        let lattice = &mut self.lattice;
        lattice.settle();
        let (cells, plane) = (lattice.cells(), lattice.plane());
        let conducting = (0..cells).filter(|&cell| lattice.carries(cell)).count();
        let mut reached = vec![0u8; cells];
        let last = cells - plane;
        flood(
            lattice,
            &mut reached,
            LOW,
            (0..plane).filter(|&c| lattice.entry[c] > 0.0),
        );
        flood(
            lattice,
            &mut reached,
            HIGH,
            (last..cells).filter(|&c| lattice.forward[c] > 0.0),
        );
        for (cell, &reached) in reached.iter().enumerate() {
            if reached != SPANNING {
                lattice.forward[cell] = 0.0;
                lattice.sideways[cell] = 0.0;
                lattice.inward[cell] = 0.0;
                if cell < plane {
                    lattice.entry[cell] = 0.0;
                }
            }
        }
        lattice.settle();
        conducting
    }

    /// Cells whose other phase is needed, rising.
    fn wanted(&self) -> Vec<u32> {
        let mut cells: Vec<u32> = self
            .candidates
            .iter()
            .flat_map(|c| {
                [Some(c.from), c.to]
                    .into_iter()
                    .flatten()
                    .map(move |cell| (c, cell))
            })
            .filter(|(c, cell)| {
                self.lattice.carries(*cell) && self.side.is_sphere(&self.cuts, *cell) == c.matrix
            })
            .map(|(_, cell)| cell as u32)
            .collect();
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    /// The candidates all of whose ghosts exist.
    fn parts(&self, ghosts: &Ghosts) -> Vec<Part> {
        let value = |candidate: &Candidate, cell: usize| {
            if self.side.is_sphere(&self.cuts, cell) != candidate.matrix {
                return Some(Value::Own);
            }
            let found = ghosts.cell.binary_search(&(cell as u32)).ok()?;
            Some(Value::Ghost(found as u32))
        };
        self.candidates
            .iter()
            .filter(|c| self.lattice.carries(c.from))
            .filter_map(|c| {
                Some(Part {
                    from: c.from as u32,
                    value: value(c, c.from)?,
                    to: match c.to {
                        Some(cell) => End::Cell(cell as u32, value(c, cell)?),
                        None => End::Electrode(c.low),
                    },
                    sharp: c.sharp,
                    blunt: c.blunt,
                })
            })
            .collect()
    }
}

/// Marks all cells linked to the `starts` with a bit.
fn flood(lattice: &Lattice, reached: &mut [u8], bit: u8, starts: impl Iterator<Item = usize>) {
    let mut front: Vec<u32> = Vec::new();
    for cell in starts {
        reached[cell] |= bit;
        front.push(cell as u32);
    }
    while let Some(cell) = front.pop() {
        lattice.links(cell as usize, |there, _| {
            if reached[there] & bit == 0 {
                reached[there] |= bit;
                front.push(there as u32);
            }
        });
    }
}
