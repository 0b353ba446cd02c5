//! A function of stoichiometry as few points, straight between them.

use serde_json::{Value, json};

/// Distance from empty and from full of the outermost points.
const NEAREST: f64 = 1e-5;
/// Intervals from which points are chosen.
const INTERVALS: usize = 2000;
/// Factor between distances from an end.
const FACTOR: f64 = 1.1;

/// Points (x, value), x rising.
pub type Table = Vec<(f64, f64)>;

/// `value` over 0..1 with so few points that straight lines between them are within
/// `allowed` (of the value itself) everywhere on a grid that is fine towards both ends.
pub fn sampled(value: impl Fn(f64) -> f64, allowed: impl Fn(f64) -> f64) -> Table {
    let points: Table = grid().into_iter().map(|x| (x, value(x))).collect();
    let mut kept = vec![false; points.len()];
    let last = points.len() - 1;
    (kept[0], kept[last]) = (true, true);
    let mut spans = vec![(0, last)];
    while let Some((from, to)) = spans.pop() {
        let (a, b) = (points[from], points[to]);
        let slope = (b.1 - a.1) / (b.0 - a.0);
        let excess = |i: &usize| {
            let (x, y) = points[*i];
            (a.1 + slope * (x - a.0) - y).abs() / allowed(y)
        };
        let worst = (from + 1..to).max_by(|i, j| excess(i).total_cmp(&excess(j)));
        if let Some(worst) = worst.filter(|i| excess(i) > 1.0) {
            kept[worst] = true;
            spans.extend([(from, worst), (worst, to)]);
        }
    }
    let chosen = points.into_iter().zip(kept);
    chosen
        .filter_map(|(point, kept)| kept.then_some(point))
        .collect()
}

/// Even over 0..1, and towards both ends by the same factor from point to point, as the
/// potential goes with the logarithm there.
fn grid() -> Vec<f64> {
    let step = 1.0 / INTERVALS as f64;
    let even_from = step / (FACTOR - 1.0);
    let mut ends: Vec<f64> = std::iter::successors(Some(NEAREST), |d| Some(FACTOR * d))
        .take_while(|d| *d < even_from)
        .collect();
    let inner = (1..INTERVALS).map(|i| step * i as f64);
    let inner = inner.filter(|x| *x > even_from && 1.0 - x > even_from);
    let other: Vec<f64> = ends.iter().rev().map(|d| 1.0 - d).collect();
    ends.extend(inner);
    ends.extend(other);
    ends
}

/// The table as BPX has it.
pub fn document(table: &Table) -> Value {
    let (x, y): (Vec<f64>, Vec<f64>) = table.iter().copied().unzip();
    json!({ "x": x, "y": y })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_points_keep_to_what_is_allowed() {
        let curve = |x: f64| 4.0 - x + 0.0257 * ((1.0 - x) / x).ln();
        let table = sampled(curve, |_| 1e-4);
        assert!((10..300).contains(&table.len()), "{} points", table.len());
        assert!((table[0].0 - NEAREST).abs() < 1e-20);
        for pair in table.windows(2) {
            assert!(pair[0].0 < pair[1].0);
            for part in 1..20 {
                let share = f64::from(part) / 20.0;
                let x = pair[0].0 + share * (pair[1].0 - pair[0].0);
                let straight = pair[0].1 + share * (pair[1].1 - pair[0].1);
                // Between points of the grid a curve may stray a little further.
                assert!((straight - curve(x)).abs() < 1.5e-4, "at {x}");
            }
        }
    }

    #[test]
    fn a_straight_line_has_two_points() {
        assert_eq!(sampled(|x| 1.0 + x, |_| 1e-9).len(), 2);
    }
}
