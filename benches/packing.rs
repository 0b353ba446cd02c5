//! How long packing and the whole generator take, on one thread.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use engobe::materials::CarbonShape;
use engobe::microstructure::{Blueprint, Packing, Recipe, pack, sample_radii};
use engobe::scenario::{MicrostructureSettings, SizeDistribution};

/// 4000 particles with a coefficient of variation of 0.25.
fn packing(criterion: &mut Criterion) {
    let sizes = SizeDistribution::Lognormal {
        median: 4e-6,
        log_deviation: 0.2462,
    };
    let radii = sample_radii(&sizes, 4000);
    let mut group = criterion.benchmark_group("pack 4000");
    group.sample_size(10);
    for fraction in [0.45, 0.55, 0.60] {
        group.bench_function(format!("{fraction:.2}"), |bencher| {
            let mut seed = 0;
            bencher.iter_batched(
                || {
                    seed += 1;
                    seed
                },
                |seed| {
                    pack(&radii, &Packing::even(fraction, 60e-6, seed), &mut |_| ())
                        .expect("packs to 0.60")
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// The default box: 30 um, 100 voxels per edge, 70:30 wt% with fibres.
fn generator(criterion: &mut Criterion) {
    let blueprint = Blueprint {
        recipe: Recipe {
            fractions: [0.12, 0.412, 0.454, 0.014, 0.0],
            film_fraction: 0.0,
            thickness: 54e-6,
        },
        particle_diameter: SizeDistribution::Lognormal {
            median: 4e-6,
            log_deviation: 0.142,
        },
        contact_flattening: 0.0,
        heterogeneity: 0.0,
        carbon: Some(CarbonShape::Fibre {
            diameter: 150e-9,
            length: 10e-6,
            diameter_spread: 0.0,
            length_spread: 0.0,
        }),
        grain_diameter: 3e-6,
        arrangement: Default::default(),
        film: None,
        settings: MicrostructureSettings {
            box_edge: 30e-6,
            resolution: 100,
        },
        size_classes: 5,
        seed: 1,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("one thread");
    let mut group = criterion.benchmark_group("generate");
    group.sample_size(10);
    group.bench_function("100^3", |bencher| {
        bencher.iter(|| pool.install(|| blueprint.build(&mut |_| ()).expect("packs to 0.41")));
    });
    group.finish();
}

criterion_group!(benches, packing, generator);
criterion_main!(benches);
