//! A row of cells and what flows out of it: the innermost loops.

use std::ops::{Add, Mul, Sub};

/// A row of cells with its neighbours and the conductances to them.
pub(super) struct Row<'a, T> {
    pub(super) centre: &'a [T],
    /// The same row in the plane before, after; in the row before, after.
    pub(super) around: [&'a [T]; 4],
    pub(super) conductance: [&'a [f32]; 4],
    pub(super) inward: &'a [f32],
}

impl<'a, T> Row<'a, T>
where
    T: Copy + From<f32> + Add<Output = T> + Sub<Output = T> + Mul<Output = T>,
{
    /// Current leaving each cell of the row. Differences are taken before they
    /// are weighted, so that strong links do not drown weak ones.
    #[inline]
    pub(super) fn outflow(&self, out: &mut [T]) {
        let n = out.len();
        if n > 2 {
            self.outflow_inside(&mut out[1..n - 1]);
        }
        // The ends last, when what they need is at hand.
        self.outflow_at(out, 0, n - 1, 1 % n);
        self.outflow_at(out, n - 1, n.saturating_sub(2), 0);
    }

    /// The same for all cells but the first and the last.
    #[inline]
    fn outflow_inside(&self, out: &mut [T]) {
        let inner = out.len();
        // Slices of one length, so that the loop needs no checks and vectorises.
        // (Mapping over an array of rows would not be inlined.)
        let cut = |row: &'a [f32]| &row[1..][..inner];
        let [gw, ge, gs, gt] = &self.conductance;
        let (gw, ge, gs, gt) = (cut(gw), cut(ge), cut(gs), cut(gt));
        let (gl, gr) = (&self.inward[..inner], cut(self.inward));
        let cut = |row: &'a [T]| &row[1..][..inner];
        let [w, e, s, t] = &self.around;
        let (w, e, s, t) = (cut(w), cut(e), cut(s), cut(t));
        let (left, c) = (&self.centre[..inner], cut(self.centre));
        let right = &self.centre[2..][..inner];
        for k in 0..inner {
            let here = c[k];
            out[k] = T::from(gw[k]) * (here - w[k])
                + T::from(ge[k]) * (here - e[k])
                + T::from(gs[k]) * (here - s[k])
                + T::from(gt[k]) * (here - t[k])
                + T::from(gl[k]) * (here - left[k])
                + T::from(gr[k]) * (here - right[k]);
        }
    }

    /// The same for one cell, given the cells before and after it.
    #[inline]
    fn outflow_at(&self, out: &mut [T], k: usize, left: usize, right: usize) {
        let here = self.centre[k];
        let [gw, ge, gs, gt] = &self.conductance;
        let [w, e, s, t] = &self.around;
        out[k] = T::from(gw[k]) * (here - w[k])
            + T::from(ge[k]) * (here - e[k])
            + T::from(gs[k]) * (here - s[k])
            + T::from(gt[k]) * (here - t[k])
            + T::from(self.inward[left]) * (here - self.centre[left])
            + T::from(self.inward[k]) * (here - self.centre[right]);
    }
}

impl Row<'_, f64> {
    /// Power dissipated on the faces towards the next plane, row and cell.
    pub(super) fn dissipation(&self) -> f64 {
        let c = self.centre;
        let [_, e, _, t] = self.around;
        let [_, ge, _, gt] = self.conductance;
        let (last, first) = (&c[c.len() - 1..], &c[..1]);
        let (inner, around) = self.inward.split_at(c.len() - 1);
        power(ge, c, e) + power(gt, c, t) + power(inner, c, &c[1..]) + power(around, last, first)
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
