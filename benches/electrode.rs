//! One cycle with every mechanism, and one spectrum, at the size of the default
//! grid and at 20 depths x 5 size classes x 20 shells.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{electrode, scenario};
use criterion::{Criterion, criterion_group, criterion_main};
use engobe::impedance::linearise::{AlternatingCurrent, Linearised, frequencies};
use engobe::scenario::Scenario;
use engobe::simulation::cycling::{Gathered, run_cycle};
use engobe::simulation::march::Cell;

const RADII: [f64; 5] = [1.8e-6, 2.0e-6, 2.2e-6, 2.4e-6, 2.6e-6];

fn sizes() -> [(&'static str, Scenario, &'static [f64]); 2] {
    let default = scenario("shi2023-1p");
    let mut large = default.clone();
    large.numerics.depths = 20;
    large.numerics.shells = 20;
    [
        ("default", default, &RADII[1..4]),
        ("20x5x20", large, &RADII[..]),
    ]
}

fn cycle(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cycle");
    group.sample_size(10);
    for (name, scenario, radii) in sizes() {
        let model = electrode(&scenario, radii);
        let fresh = model.initial_state();
        let mut cell = Cell::new(&model, fresh.clone(), scenario.numerics.tolerance);
        let block = &scenario.protocol[0];
        // The first cycle forms the interphase; the second is an ordinary one.
        run_cycle(
            &mut cell,
            &scenario,
            block,
            &fresh,
            &mut Gathered::default(),
        );
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut copy = cell.clone();
                run_cycle(
                    &mut copy,
                    &scenario,
                    block,
                    &fresh,
                    &mut Gathered::default(),
                );
                copy.voltage()
            });
        });
    }
    group.finish();
}

fn spectrum(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spectrum of 60 frequencies");
    for (name, scenario, radii) in sizes() {
        let model = electrode(&scenario, radii);
        let ac = AlternatingCurrent::new(&scenario);
        let state = model.initial_state();
        let list: Vec<f64> = frequencies(1e6, 1e-4, 6)[..60].to_vec();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let linear = Linearised::new(&model, &ac, &state);
                list.iter()
                    .map(|f| linear.impedance(*f))
                    .sum::<num_complex::Complex64>()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, cycle, spectrum);
criterion_main!(benches);
