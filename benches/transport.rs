//! One effective conductivity: 128^3 voxels, overlapping insulating spheres of
//! 8 voxels radius filling half the volume, flux error and residual below 1e-8.
//!
//! With `ENGOBE_IMAGE` set to a file it solves that once instead and prints the
//! conductivity: a cube of bytes, 0 where nothing conducts and 1 where the
//! conductivity is 1 (`porespy/compare.py` does so).

use criterion::{Criterion, Throughput, criterion_group};
use engobe::transport::{Axis, Medium, Sides, Tolerance, solve};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::error::Error;
use std::path::Path;

const EDGE: usize = 128;
const RADIUS: f64 = 8.0;

/// Conductivities: 0 inside the spheres, 1 between them; the block is not periodic.
fn structure() -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut values = vec![1.0f32; EDGE * EDGE * EDGE];
    let mut conducting = values.len();
    while 2 * conducting > values.len() {
        let centre: [f64; 3] = std::array::from_fn(|_| rng.random::<f64>() * EDGE as f64);
        let [i, j, k] = centre
            .map(|x| (x - RADIUS).max(0.0) as usize..((x + RADIUS).ceil() as usize).min(EDGE));
        for i in i {
            for j in j.clone() {
                for k in k.clone() {
                    let distance: f64 = [i, j, k]
                        .iter()
                        .zip(centre)
                        .map(|(&x, c)| (x as f64 + 0.5 - c).powi(2))
                        .sum();
                    let value = &mut values[(i * EDGE + j) * EDGE + k];
                    if distance < RADIUS * RADIUS && *value > 0.0 {
                        *value = 0.0;
                        conducting -= 1;
                    }
                }
            }
        }
    }
    values
}

fn cube(edge: usize, conductivity: &[f32]) -> Medium<'_> {
    Medium {
        shape: [edge; 3],
        spacing: [1e-6; 3],
        conductivity,
        boundaries: None,
        inclusions: None,
        open: None,
        sides: Sides::NoFlux,
    }
}

fn one_solve(criterion: &mut Criterion) {
    let conductivity = structure();
    let medium = cube(EDGE, &conductivity);
    let mut group = criterion.benchmark_group("transport");
    group.sample_size(10);
    group.throughput(Throughput::Elements(conductivity.len() as u64));
    for threads in [1, 2] {
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else {
            continue;
        };
        group.bench_function(format!("spheres 128, {threads} threads"), |bencher| {
            pool.install(|| {
                bencher.iter(|| {
                    let solution = solve(&medium, Axis::First, Tolerance::fine());
                    solution.map(|s| s.conductivity)
                });
            });
        });
    }
    group.finish();
}

/// Solves an image and prints its conductivity.
fn one_image(path: &Path) -> Result<(), Box<dyn Error>> {
    let conductivity: Vec<f32> = std::fs::read(path)?.into_iter().map(f32::from).collect();
    let edge = (conductivity.len() as f64).cbrt().round() as usize;
    let medium = cube(edge, &conductivity);
    let solution = solve(&medium, Axis::First, Tolerance::fine())?;
    println!("{}", solution.conductivity);
    Ok(())
}

criterion_group!(benches, one_solve);

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(path) = std::env::var_os("ENGOBE_IMAGE") {
        return one_image(Path::new(&path));
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
    Ok(())
}
