//! A row of cells and what flows out of it: the innermost loops.

use std::ops::{Add, Mul, Range, Sub};

/// Cells that are worked on at once.
const LANES: usize = 8;

/// A row of cells with its neighbours and the conductances to them.
pub(super) struct Row<'a, T> {
    pub(super) centre: &'a [T],
    /// The same row in the plane before, after; in the row before, after.
    pub(super) around: [&'a [T]; 4],
    pub(super) conductance: [&'a [f32]; 4],
    pub(super) inward: &'a [f32],
}

/// Current from one cell to those around it.
#[inline(always)]
fn leaving<T>(g: [f32; 6], here: T, around: [T; 6]) -> T
where
    T: Copy + From<f32> + Add<Output = T> + Sub<Output = T> + Mul<Output = T>,
{
    let flow = |face: usize| T::from(g[face]) * (here - around[face]);
    flow(0) + flow(1) + flow(2) + flow(3) + flow(4) + flow(5)
}

impl<'a, T> Row<'a, T>
where
    T: Copy + From<f32> + Add<Output = T> + Sub<Output = T> + Mul<Output = T>,
{
    /// Current leaving each cell of a stretch of the row. Differences are taken
    /// before they are weighted, so that strong links do not drown weak ones.
    #[inline(always)]
    pub(super) fn outflow(&self, stretch: Range<usize>, out: &mut [T]) {
        let n = self.centre.len();
        let Range { start, end } = stretch;
        let (from, to) = (start.max(1), end.min(n - 1));
        if from < to {
            self.outflow_inside(from, &mut out[from - start..to - start]);
        }
        // The ends last, when what they need is at hand.
        if start == 0 {
            out[0] = self.outflow_at(0, n - 1, 1 % n);
        }
        if end == n {
            out[end - start - 1] = self.outflow_at(n - 1, n.saturating_sub(2), 0);
        }
    }

    /// The same from cell `from` on, without the first and the last of the row.
    #[inline(always)]
    fn outflow_inside(&self, from: usize, out: &mut [T]) {
        let inner = out.len();
        // Slices of one length, so that the loop needs no checks and vectorises.
        // (Mapping over an array of rows would not be inlined.)
        let cut = |row: &'a [f32]| &row[from..][..inner];
        let [gw, ge, gs, gt] = &self.conductance;
        let (gw, ge, gs, gt) = (cut(gw), cut(ge), cut(gs), cut(gt));
        let (gl, gr) = (&self.inward[from - 1..][..inner], cut(self.inward));
        let cut = |row: &'a [T]| &row[from..][..inner];
        let [w, e, s, t] = &self.around;
        let (w, e, s, t) = (cut(w), cut(e), cut(s), cut(t));
        let (left, c) = (&self.centre[from - 1..][..inner], cut(self.centre));
        let right = &self.centre[from + 1..][..inner];
        // Whole blocks, the last of which may do a part of the one before again.
        let lanes = LANES.min(inner);
        let mut first = 0;
        loop {
            let block = first..first + lanes;
            let [gw, ge, gs, gt, gl, gr] = [gw, ge, gs, gt, gl, gr].map(|row| &row[block.clone()]);
            let [w, e, s, t] = [w, e, s, t].map(|row| &row[block.clone()]);
            let [left, c, right] = [left, c, right].map(|row| &row[block.clone()]);
            let out = &mut out[block];
            if lanes == LANES {
                for k in 0..LANES {
                    let g = [gw[k], ge[k], gs[k], gt[k], gl[k], gr[k]];
                    out[k] = leaving(g, c[k], [w[k], e[k], s[k], t[k], left[k], right[k]]);
                }
            } else {
                for k in 0..lanes {
                    let g = [gw[k], ge[k], gs[k], gt[k], gl[k], gr[k]];
                    out[k] = leaving(g, c[k], [w[k], e[k], s[k], t[k], left[k], right[k]]);
                }
            }
            if first + lanes == inner {
                return;
            }
            first = (first + lanes).min(inner - lanes);
        }
    }

    /// The same for one cell, given the cells before and after it.
    #[inline(always)]
    fn outflow_at(&self, k: usize, left: usize, right: usize) -> T {
        let here = self.centre[k];
        let [gw, ge, gs, gt] = &self.conductance;
        let [w, e, s, t] = &self.around;
        let (gl, gr) = (self.inward[left], self.inward[k]);
        let (left, right) = (self.centre[left], self.centre[right]);
        let g = [gw[k], ge[k], gs[k], gt[k], gl, gr];
        leaving(g, here, [w[k], e[k], s[k], t[k], left, right])
    }
}

impl Row<'_, f64> {
    /// Power dissipated by a stretch on the faces towards the next plane, row and cell.
    #[inline(always)]
    pub(super) fn dissipation(&self, stretch: Range<usize>) -> f64 {
        let c = self.centre;
        let [_, e, _, t] = self.around.map(|row| &row[stretch.clone()]);
        let [_, ge, _, gt] = self.conductance.map(|row| &row[stretch.clone()]);
        let last = c.len() - 1;
        let inner = stretch.start..stretch.end.min(last);
        let next = inner.start + 1..inner.end + 1;
        let mut sum = power(ge, &c[stretch.clone()], e) + power(gt, &c[stretch.clone()], t);
        sum += power(&self.inward[inner.clone()], &c[inner], &c[next]);
        if stretch.end > last {
            sum += power(&self.inward[last..], &c[last..], &c[..1]);
        }
        sum
    }

    /// Current from the plane before (or the low electrode) into the row, and
    /// the power it dissipates on the way.
    pub(super) fn entering(&self) -> (f64, f64) {
        self.conductance[0]
            .iter()
            .zip(self.around[0].iter().zip(self.centre))
            .fold((0.0, 0.0), |(current, power), (&g, (&there, &here))| {
                let flow = f64::from(g) * (there - here);
                (current + flow, power + flow * (there - here))
            })
    }

    /// Current from the row into the plane after (or the high electrode).
    pub(super) fn leaving(&self) -> f64 {
        self.conductance[1]
            .iter()
            .zip(self.around[1].iter().zip(self.centre))
            .map(|(&g, (&there, &here))| f64::from(g) * (here - there))
            .sum()
    }
}

/// Power dissipated between two rows: four running sums, so that it vectorises.
#[inline(always)]
fn power(conductance: &[f32], here: &[f64], there: &[f64]) -> f64 {
    let term = |g: f32, a: f64, b: f64| f64::from(g) * ((a - b) * (a - b));
    let n = conductance.len();
    let (g, g_rest) = conductance.as_chunks::<4>();
    let (a, a_rest) = here[..n].as_chunks::<4>();
    let (b, b_rest) = there[..n].as_chunks::<4>();
    let mut sums = [0.0; 4];
    for ((g, a), b) in g.iter().zip(a).zip(b) {
        for lane in 0..4 {
            sums[lane] += term(g[lane], a[lane], b[lane]);
        }
    }
    let ends = a_rest.iter().zip(b_rest);
    let rest: f64 = g_rest
        .iter()
        .zip(ends)
        .map(|(&g, (&a, &b))| term(g, a, b))
        .sum();
    sums.iter().sum::<f64>() + rest
}
