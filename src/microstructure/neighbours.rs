//! Which spheres of a periodic unit cube are near each other.

/// Radii within a level of cells differ by at most this factor. Measured with 4000
/// spheres at 0.60: where ln(radius) deviates by 0.5, packing takes 26 s with all of
/// them in one level and 2.1 s so; at 0.25 it makes no difference.
const LEVEL: f64 = 3.0;

/// Shortest periodic vector from `a` to `b` in a unit cube, for points that are
/// at most one cube apart.
#[inline]
pub(super) fn minimal(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|k| {
        let d = b[k] - a[k];
        if d > 0.5 {
            d - 1.0
        } else if d < -0.5 {
            d + 1.0
        } else {
            d
        }
    })
}

/// For every sphere its near neighbours of higher index.
pub(super) struct Neighbours {
    starts: Vec<usize>,
    others: Vec<u32>,
}

impl Neighbours {
    /// All pairs with a gap below `reach`; centres must lie in the unit cube.
    pub fn find(centres: &[[f64; 3]], radii: &[f64], reach: f64) -> Self {
        let levels = levels(centres, radii, reach);
        let mut starts = vec![0];
        let mut others = Vec::new();
        for i in 0..radii.len() {
            for level in &levels {
                level.near(centres[i], radii[i] + level.largest + reach, |j| {
                    let sum = radii[i] + radii[j as usize] + reach;
                    let d = minimal(centres[i], centres[j as usize]);
                    if j as usize > i && d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < sum * sum {
                        others.push(j);
                    }
                });
            }
            starts.push(others.len());
        }
        Self { starts, others }
    }

    /// Neighbours of sphere `i` with a higher index.
    pub fn of(&self, i: usize) -> &[u32] {
        &self.others[self.starts[i]..self.starts[i + 1]]
    }
}

/// Sorts spheres of similar size together, so that a few large ones do not make the
/// cells of the many small ones large.
fn levels(centres: &[[f64; 3]], radii: &[f64], reach: f64) -> Vec<CellList> {
    let mut left: Vec<u32> = (0..radii.len() as u32).collect();
    let mut levels = Vec::new();
    while !left.is_empty() {
        let largest = left.iter().map(|&i| radii[i as usize]).fold(0.0, f64::max);
        let (level, smaller) = left
            .into_iter()
            .partition(|&i| radii[i as usize] >= largest / LEVEL || largest <= 0.0);
        levels.push(CellList::new(centres, level, largest, reach));
        left = smaller;
    }
    levels
}

/// Spheres sorted into cubic cells, for finding neighbours.
struct CellList {
    /// Largest radius among them.
    largest: f64,
    per_edge: usize,
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl CellList {
    /// Cells wider than two of these spheres and `reach`, but no more of them than
    /// there are spheres.
    fn new(centres: &[[f64; 3]], spheres: Vec<u32>, largest: f64, reach: f64) -> Self {
        let edge = 2.0 * largest + reach;
        let most = (spheres.len() as f64).cbrt().ceil();
        let per_edge = (1.0 / edge).floor().clamp(1.0, most.max(1.0)) as usize;
        let cell = |sphere: u32| {
            let [i, j, k] = Self::coordinates(per_edge, centres[sphere as usize]);
            (i * per_edge + j) * per_edge + k
        };
        let mut starts = vec![0_u32; per_edge.pow(3) + 1];
        for &sphere in &spheres {
            starts[cell(sphere) + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0; spheres.len()];
        for &sphere in &spheres {
            let slot = &mut next[cell(sphere)];
            members[*slot as usize] = sphere;
            *slot += 1;
        }
        Self {
            largest,
            per_edge,
            starts,
            members,
        }
    }

    fn coordinates(per_edge: usize, centre: [f64; 3]) -> [usize; 3] {
        centre.map(|x| ((x * per_edge as f64) as usize).min(per_edge - 1))
    }

    /// Calls `visit` for every sphere in the cells up to `distance` from `centre`.
    fn near(&self, centre: [f64; 3], distance: f64, mut visit: impl FnMut(u32)) {
        let [is, js, ks] = centre.map(|x| self.span(x, distance));
        let n = self.per_edge as i64;
        let wrap = |i: i64| i.rem_euclid(n) as usize;
        for i in is {
            for j in js.clone() {
                let row = (wrap(i) * self.per_edge + wrap(j)) * self.per_edge;
                for k in ks.clone() {
                    let cell = row + wrap(k);
                    let (start, end) = (self.starts[cell] as usize, self.starts[cell + 1] as usize);
                    self.members[start..end].iter().for_each(|&j| visit(j));
                }
            }
        }
    }

    /// Cells (unwrapped) between `x - distance` and `x + distance`, none of them twice.
    fn span(&self, x: f64, distance: f64) -> std::ops::Range<i64> {
        let n = self.per_edge as f64;
        let (first, last) = ((x - distance) * n, (x + distance) * n);
        let (first, last) = (first.floor() as i64, last.floor() as i64);
        first..(last + 1).min(first + self.per_edge as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_those_of_a_search_over_all_pairs() {
        // A low-discrepancy set of points with radii of three sizes, on two levels.
        let centres: Vec<[f64; 3]> = (0..200)
            .map(|i| [0.754_877, 0.569_84, 0.362_1].map(|step| (step * f64::from(i)).fract()))
            .collect();
        let radii: Vec<f64> = (0..200_usize).map(|i| [0.06, 0.03, 0.004][i % 3]).collect();
        for reach in [0.01, 0.2, 0.35] {
            let found = Neighbours::find(&centres, &radii, reach);
            for i in 0..200 {
                let mut listed = found.of(i).to_vec();
                listed.sort_unstable();
                let expected: Vec<u32> = (i as u32 + 1..200)
                    .filter(|&j| {
                        let d = minimal(centres[i], centres[j as usize]);
                        let sum = radii[i] + radii[j as usize] + reach;
                        d.iter().map(|x| x * x).sum::<f64>() < sum * sum
                    })
                    .collect();
                assert_eq!(listed, expected);
            }
        }
    }
}
