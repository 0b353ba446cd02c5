//! Global sensitivity of a finished sweep: how much of the variance of a result each
//! parameter explains alone (first-order index) and with all that it does together with
//! others (total index), I. M. Sobol', Math. Comput. Simul. 55, 271 (2001).
//!
//! | sweep | first order | total | interval |
//! |---|---|---|---|
//! | sample, saltelli | A. Saltelli et al., Comput. Phys. Commun. 181, 259 (2010), eq. (b) of table 2 | M. J. W. Jansen, eq. (f) | bootstrap over points |
//! | other samples | between layers of the parameter, E. Plischke et al., Eur. J. Oper. Res. 226, 536 (2013), without the bias of few points | none | bootstrap over points |
//! | every combination | means over the other parameters | the rest of what the others explain | bootstrap over replicates |
//!
//! Replicates of a point are averaged first.

use super::design::Design;
use super::sampling::Method;
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Resamplings of a bootstrap.
const RESAMPLINGS: u64 = 1000;
/// Ends of the interval: 95 % lie between.
const ENDS: (f64, f64) = (0.025, 0.975);
/// Fewest points that indices are found from.
const FEWEST_POINTS: usize = 16;
/// Most layers into which a parameter is cut.
const MOST_LAYERS: usize = 20;

/// An index with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Index {
    /// Best value.
    pub value: f64,
    /// Ends of the interval; `None` where nothing was drawn.
    pub interval: Option<(f64, f64)>,
}

/// Both indices of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sensitivity {
    /// Alone.
    pub first: Index,
    /// With all interactions; `None` where the sweep does not tell.
    pub total: Option<Index>,
}

/// First and total index of each parameter, not yet with intervals.
type Found = Vec<(f64, Option<f64>)>;

/// Indices of every parameter for a result: one number per run, NaN where the run failed.
///
/// # Errors
/// Why this sweep does not tell, in words.
pub fn sensitivities(design: &Design<'_>, result: &[f64]) -> Result<Vec<Sensitivity>, String> {
    let replicates = design.replicates() as usize;
    let points: Vec<f64> = result.chunks(replicates).map(mean_of_finite).collect();
    let (low, high) = points
        .iter()
        .filter(|y| y.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |ends, y| {
            (ends.0.min(*y), ends.1.max(*y))
        });
    if high - low <= 1e-12 * high.abs().max(low.abs()) || low > high {
        return Err("it does not vary".into());
    }
    if let Some(grid) = design.grid() {
        return factorial(&grid, result, replicates);
    }
    let Some(sample) = design.sample().filter(|s| s.runs() == points.len() as u64) else {
        return Err("parameters are both sampled and combined, or zipped".into());
    };
    let dimensions = sample.points().dimensions;
    if sample.points().method == Method::Saltelli {
        return saltelli(&points, dimensions);
    }
    let shares: Vec<Vec<f64>> = (0..points.len() as u64)
        .map(|run| sample.points().coordinates(run))
        .collect();
    layers(&points, &shares, dimensions)
}

fn mean_of_finite(values: &[f64]) -> f64 {
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    mean(&finite)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sum of squares around the mean.
fn squares(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|v| (v - mean).powi(2)).sum()
}

/// `estimate` on all points, and its spread over draws of as many.
fn bootstrapped(count: usize, estimate: &(dyn Fn(&[usize]) -> Found + Sync)) -> Vec<Sensitivity> {
    let best = estimate(&(0..count).collect::<Vec<_>>());
    let resampled = |i: u64| {
        let mut draw = ChaCha8Rng::seed_from_u64(1);
        draw.set_stream(i);
        let drawn: Vec<usize> = (0..count).map(|_| draw.random_range(0..count)).collect();
        estimate(&drawn)
    };
    let spread: Vec<Found> = (0..RESAMPLINGS).into_par_iter().map(resampled).collect();
    with_intervals(&best, &spread)
}

fn with_intervals(best: &Found, spread: &[Found]) -> Vec<Sensitivity> {
    let index = |value: f64, drawn: Vec<f64>| Index {
        value,
        interval: interval(drawn),
    };
    let of = |(i, (first, total)): (usize, &(f64, Option<f64>))| Sensitivity {
        first: index(*first, spread.iter().map(|s| s[i].0).collect()),
        total: total.map(|total| index(total, spread.iter().filter_map(|s| s[i].1).collect())),
    };
    best.iter().enumerate().map(of).collect()
}

fn interval(mut drawn: Vec<f64>) -> Option<(f64, f64)> {
    drawn.retain(|v| v.is_finite());
    drawn.sort_by(f64::total_cmp);
    let last = drawn.len().checked_sub(1)?;
    let at = |share: f64| drawn[(share * last as f64).round() as usize];
    Some((at(ENDS.0), at(ENDS.1)))
}

/// A run of Saltelli's design that failed takes its whole point out.
fn saltelli(points: &[f64], dimensions: usize) -> Result<Vec<Sensitivity>, String> {
    let blocks = points.chunks_exact(dimensions + 2);
    let whole: Vec<&[f64]> = blocks.filter(|b| b.iter().all(|y| y.is_finite())).collect();
    enough(whole.len())?;
    let estimate = |drawn: &[usize]| {
        let both: Vec<f64> = drawn
            .iter()
            .flat_map(|i| [whole[*i][0], whole[*i][1]])
            .collect();
        let variance = squares(&both) / both.len() as f64;
        let centre = mean(&both);
        let one = |d: usize| {
            let (mut first, mut total) = (0.0, 0.0);
            for i in drawn {
                let (a, b, mixed) = (whole[*i][0], whole[*i][1], whole[*i][2 + d]);
                // Centred: the same in the mean, with less noise.
                first += (b - centre) * (mixed - a);
                total += 0.5 * (a - mixed).powi(2);
            }
            let scale = variance * drawn.len() as f64;
            (first / scale, Some(total / scale))
        };
        (0..dimensions).map(one).collect()
    };
    Ok(bootstrapped(whole.len(), &estimate))
}

fn enough(points: usize) -> Result<(), String> {
    if points >= FEWEST_POINTS {
        return Ok(());
    }
    Err(format!(
        "{points} points are too few; {FEWEST_POINTS} are needed"
    ))
}

/// First-order indices of any sample: what the means of layers of a parameter explain.
fn layers(
    points: &[f64],
    shares: &[Vec<f64>],
    dimensions: usize,
) -> Result<Vec<Sensitivity>, String> {
    let good: Vec<usize> = (0..points.len())
        .filter(|i| points[*i].is_finite())
        .collect();
    enough(good.len())?;
    let count = ((good.len() as f64).sqrt() as usize / 2).clamp(2, MOST_LAYERS);
    let estimate = |drawn: &[usize]| {
        let all: Vec<f64> = drawn.iter().map(|i| points[good[*i]]).collect();
        let total = squares(&all) / (all.len() - 1) as f64;
        let one = |d: usize| {
            let mut layers = vec![Vec::new(); count];
            for i in drawn {
                let layer = (shares[good[*i]][d] * count as f64) as usize;
                layers[layer.min(count - 1)].push(points[good[*i]]);
            }
            layers.retain(|layer| !layer.is_empty());
            let within: f64 = layers.iter().map(|layer| squares(layer)).sum();
            let free = all.len().saturating_sub(layers.len()).max(1);
            (1.0 - within / free as f64 / total, None)
        };
        (0..dimensions).map(one).collect()
    };
    Ok(bootstrapped(good.len(), &estimate))
}

/// Indices of a full grid; those of equally likely values.
fn factorial(
    grid: &[usize],
    result: &[f64],
    replicates: usize,
) -> Result<Vec<Sensitivity>, String> {
    let cells: Vec<Vec<f64>> = result
        .chunks(replicates)
        .map(|cell| cell.iter().copied().filter(|y| y.is_finite()).collect())
        .collect();
    let empty = cells.iter().filter(|cell| cell.is_empty()).count();
    if empty > 0 {
        return Err(format!(
            "{empty} of {} combinations have no result",
            cells.len()
        ));
    }
    let best = of_grid(
        grid,
        &cells.iter().map(|cell| mean(cell)).collect::<Vec<_>>(),
    );
    if replicates == 1 {
        return Ok(with_intervals(&best, &[]));
    }
    let resampled = |i: u64| {
        let mut draw = ChaCha8Rng::seed_from_u64(1);
        draw.set_stream(i);
        let mut one = |cell: &Vec<f64>| {
            let drawn = (0..cell.len()).map(|_| cell[draw.random_range(0..cell.len())]);
            drawn.sum::<f64>() / cell.len() as f64
        };
        of_grid(grid, &cells.iter().map(&mut one).collect::<Vec<_>>())
    };
    let spread: Vec<Found> = (0..RESAMPLINGS).into_par_iter().map(resampled).collect();
    Ok(with_intervals(&best, &spread))
}

fn of_grid(grid: &[usize], values: &[f64]) -> Found {
    let variance = squares(values) / values.len() as f64;
    let one = |d: usize| {
        let inner: usize = grid[d + 1..].iter().product();
        let (levels, rest) = (grid[d], values.len() / grid[d]);
        let (mut of_level, mut of_rest) = (vec![0.0; levels], vec![0.0; rest]);
        for (i, y) in values.iter().enumerate() {
            let (outer, level) = (i / (inner * levels), i / inner % levels);
            of_level[level] += y / rest as f64;
            of_rest[outer * inner + i % inner] += y / levels as f64;
        }
        let share = |means: &[f64]| squares(means) / means.len() as f64 / variance;
        (share(&of_level), Some(1.0 - share(&of_rest)))
    };
    (0..grid.len()).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::sampling::Points;
    use approx::assert_abs_diff_eq;
    use std::f64::consts::PI;

    /// Ishigami's function with a = 7, b = 0.1, whose indices are known in closed form.
    fn ishigami(u: &[f64]) -> f64 {
        let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
        x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
    }

    const FIRST: [f64; 3] = [0.313_905, 0.442_411, 0.0];
    const TOTAL: [f64; 3] = [0.557_589, 0.442_411, 0.243_684];

    fn runs(method: Method, count: u64) -> (Vec<f64>, Vec<Vec<f64>>) {
        let points = Points {
            method,
            count,
            dimensions: 3,
            seed: 1,
        };
        let shares: Vec<_> = (0..method.runs(count, 3))
            .map(|run| points.coordinates(run))
            .collect();
        (shares.iter().map(|u| ishigami(u)).collect(), shares)
    }

    #[test]
    fn saltelli_finds_the_indices_of_ishigami() {
        let (values, _) = runs(Method::Saltelli, 2048);
        let found = saltelli(&values, 3).expect("enough points");
        for d in 0..3 {
            let total = found[d].total.expect("there");
            assert_abs_diff_eq!(found[d].first.value, FIRST[d], epsilon = 0.03);
            assert_abs_diff_eq!(total.value, TOTAL[d], epsilon = 0.03);
            let (low, high) = total.interval.expect("drawn");
            assert!(low < TOTAL[d] && TOTAL[d] < high, "{low} {high}");
            assert!(high - low < 0.15);
        }
    }

    #[test]
    fn a_failed_run_takes_its_point_out_and_no_more() {
        let (mut values, _) = runs(Method::Saltelli, 256);
        values[7] = f64::NAN;
        let found = saltelli(&values, 3).expect("enough points");
        let without = saltelli(&[&values[..5], &values[10..]].concat(), 3).expect("enough");
        assert_eq!(found, without);
        assert!(saltelli(&values[..50], 3).is_err_and(|m| m.contains("too few")));
    }

    #[test]
    fn layers_of_any_sample_find_the_first_order() {
        for method in [Method::Sobol, Method::LatinHypercube, Method::Random] {
            let (values, shares) = runs(method, 4096);
            let found = layers(&values, &shares, 3).expect("enough points");
            for d in 0..3 {
                assert_abs_diff_eq!(found[d].first.value, FIRST[d], epsilon = 0.04);
                assert_eq!(found[d].total, None);
            }
        }
    }

    /// y = x1 + 2 x2 + x1 x2 on {-1, 1} squared: variances 1, 4 and 1.
    #[test]
    fn a_grid_is_exact() {
        let value = |x: f64, y: f64| x + 2.0 * y + x * y;
        let values = [
            value(-1.0, -1.0),
            value(-1.0, 1.0),
            value(1.0, -1.0),
            value(1.0, 1.0),
        ];
        let found = factorial(&[2, 2], &values, 1).expect("complete");
        let numbers = |s: &Sensitivity| (s.first.value, s.total.map_or(f64::NAN, |t| t.value));
        let (x, y) = (numbers(&found[0]), numbers(&found[1]));
        for (found, due) in [(x.0, 1.0), (x.1, 2.0), (y.0, 4.0), (y.1, 5.0)] {
            assert_abs_diff_eq!(found, due / 6.0, epsilon = 1e-12);
        }
        assert_eq!(found[0].first.interval, None);
        let holed = [1.0, f64::NAN, 2.0, 3.0];
        assert!(factorial(&[2, 2], &holed, 1).is_err_and(|m| m.contains("1 of 4")));
    }
}
