//! The global search: points that fill the box between the bounds evenly along every
//! parameter (a Latin hypercube), then boxes half as wide around the best point so far.

use super::evaluate::Evaluator;
use super::loss::loss;
use super::plan::{Plan, Settings};
use super::{CalibrationError, Seen};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Every point of the search with its loss, the best first.
pub(super) fn search(
    plan: &Plan,
    evaluator: &Evaluator<'_>,
    history: &mut Vec<Seen>,
) -> Result<Vec<(f64, Vec<f64>)>, CalibrationError> {
    let parameters = &plan.parameters;
    let start: Vec<f64> = parameters.iter().map(|p| p.share(p.start)).collect();
    let mut found: Vec<(f64, Vec<f64>)> = Vec::new();
    for round in 0..plan.settings.rounds {
        let width = 0.5_f64.powi(round as i32);
        let mut points = match found.first() {
            Some((_, best)) => hypercube(&plan.settings, round, best, width),
            None => hypercube(&plan.settings, 0, &vec![0.5; start.len()], 1.0),
        };
        if round == 0 {
            points.insert(0, start.clone());
        }
        let values = evaluator.values(&points)?;
        for (point, values) in points.into_iter().zip(&values) {
            let loss = loss(plan, values, &point);
            evaluator.best(loss);
            history.push(Seen {
                stage: "search",
                loss,
            });
            found.push((loss, point));
        }
        // Stable: of equals the earlier stays first.
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    Ok(found)
}

/// Points in a box of this width around a centre, moved where it would leave [0, 1]: along
/// every coordinate one point in each of as many equal stretches as there are points.
fn hypercube(settings: &Settings, round: usize, centre: &[f64], width: f64) -> Vec<Vec<f64>> {
    let count = settings.samples;
    let mut points = vec![vec![0.0; centre.len()]; count];
    for (axis, middle) in centre.iter().enumerate() {
        let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
        random.set_stream(((round as u64) << 32) | axis as u64);
        let low = (middle - 0.5 * width).clamp(0.0, 1.0 - width);
        let mut stretches: Vec<usize> = (0..count).collect();
        stretches.shuffle(&mut random);
        for (point, stretch) in points.iter_mut().zip(stretches) {
            let within: f64 = random.random();
            point[axis] = low + width * (stretch as f64 + within) / count as f64;
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(seed: u64, samples: usize) -> Settings {
        Settings {
            seed,
            samples,
            rounds: 1,
            starts: 1,
            iterations: 1,
            step: 0.02,
            robust: true,
            prior: None,
            worst: 0,
            profiled: vec![],
            points: 2,
            cycle_blocks: None,
            file: "".into(),
        }
    }

    #[test]
    fn every_stretch_of_every_axis_has_one_point() {
        let points = hypercube(&settings(3, 16), 1, &[0.5, 0.05, 1.0], 0.25);
        for (axis, low) in [(0, 0.375), (1, 0.0), (2, 0.75)] {
            let mut stretches: Vec<usize> = points
                .iter()
                .map(|p| ((p[axis] - low) / 0.25 * 16.0) as usize)
                .collect();
            stretches.sort_unstable();
            assert_eq!(stretches, (0..16).collect::<Vec<_>>(), "axis {axis}");
        }
    }

    #[test]
    fn the_seed_decides() {
        let of = |seed, round| hypercube(&settings(seed, 8), round, &[0.5; 2], 1.0);
        assert_eq!(of(1, 0), of(1, 0));
        assert_ne!(of(1, 0), of(2, 0));
        assert_ne!(of(1, 0), of(1, 1));
    }
}
