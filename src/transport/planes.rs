//! Planes of a lattice that are needed only while their neighbours are worked
//! on: made when their turn comes and never stored as a whole.

use std::ops::Range;

/// Planes that are walked through in one go; even. Two more are made each time.
pub(super) const TOGETHER: usize = 8;

/// The plane of a field with the ones before and after it, `low` and `high`
/// being the electrodes'.
#[inline(always)]
pub(super) fn around<'a, T>(field: &'a [T], i: usize, [low, high]: [&'a [T]; 2]) -> [&'a [T]; 3] {
    let plane = low.len();
    let at = |i: usize| &field[i * plane..(i + 1) * plane];
    let after = if (i + 2) * plane <= field.len() {
        at(i + 1)
    } else {
        high
    };
    [if i > 0 { at(i - 1) } else { low }, at(i), after]
}

/// Three planes that move through a field.
pub(super) struct Ring {
    before: Vec<f32>,
    here: Vec<f32>,
    after: Vec<f32>,
}

impl Ring {
    /// Planes of so many cells.
    pub(super) fn new(plane: usize) -> Self {
        let [before, here, after] = [(); 3].map(|()| vec![0.0; plane]);
        Self {
            before,
            here,
            after,
        }
    }

    /// Visits `planes`, each with those around it as `make` fills them; before the
    /// first and after the last of all `count` planes the field is 0.
    #[inline(always)]
    pub(super) fn walk(
        &mut self,
        planes: Range<usize>,
        count: usize,
        make: impl Fn(usize, &mut [f32]),
        mut visit: impl FnMut(usize, [&[f32]; 3]),
    ) {
        // In one place, so that it becomes part of the loop. The first plane to be
        // visited needs two more.
        for next in (planes.start + 1).saturating_sub(2)..=planes.end {
            std::mem::swap(&mut self.before, &mut self.here);
            std::mem::swap(&mut self.here, &mut self.after);
            if next < count {
                make(next, &mut self.after);
            } else {
                self.after.fill(0.0);
            }
            if next > planes.start {
                if next == 1 {
                    self.before.fill(0.0);
                }
                visit(next - 1, [&self.before, &self.here, &self.after]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_in_pieces_sees_what_the_field_holds() {
        let field: Vec<f32> = (0..5 * 3).map(|i| i as f32).collect();
        let nothing = [0.0; 3];
        let mut ring = Ring::new(3);
        for planes in [0..2, 2..5] {
            let make = |i: usize, out: &mut [f32]| out.copy_from_slice(&field[3 * i..3 * i + 3]);
            let mut visited = Vec::new();
            ring.walk(planes.clone(), 5, make, |i, found| {
                assert_eq!(found, around(&field, i, [&nothing, &nothing]));
                visited.push(i);
            });
            assert!(visited.into_iter().eq(planes));
        }
    }
}
