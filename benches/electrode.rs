//! One cycle with every mechanism, a fresh discharge at 1C and one spectrum, at the
//! size of the default grid and at 20 depths x 5 size classes x 20 shells; the
//! discharge also at 20 depths x 1 size class x 20 shells, the usual grid of a
//! Doyle-Fuller-Newman model.
//!
//! With `ENGOBE_CYCLES` set to a number it runs that many cycles at C/2 on the large
//! grid instead and prints the number of unknowns (`pybamm/compare.py` does so).

#[path = "../tests/common/mod.rs"]
mod common;

use common::{electrode, scenario};
use criterion::{BatchSize, Criterion, criterion_group};
use engobe::electrode::Field;
use engobe::impedance::linearise::{AlternatingCurrent, Linearised, frequencies};
use engobe::scenario::{self, Scenario};
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

/// From the rest after a charge at 0.1C to the cut-off.
fn discharge(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("discharge at 1C");
    let [default, large] = sizes();
    let (mut single, radii) = (large.1.clone(), &RADII[2..3]);
    single.numerics.size_classes = 1;
    for (name, scenario, radii) in [default, ("20x1x20", single, radii), large] {
        let model = electrode(&scenario, radii);
        let tolerance = scenario.numerics.tolerance;
        let mut cell = Cell::new(&model, model.initial_state(), tolerance);
        let steps = &scenario.protocol[0].steps;
        cell.run(&steps[0], &mut |_, _| {});
        cell.run(&steps[1], &mut |_, _| {});
        let fast = faster("0.1C", "1C").protocol[0].steps[2].clone();
        group.bench_function(name, |bencher| {
            let discharge = |copy: &mut Cell| copy.run(&fast, &mut |_, _| {});
            bencher.iter_batched_ref(|| cell.clone(), discharge, BatchSize::SmallInput);
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

/// The scenario of the cycles with another rate.
fn faster(from: &str, to: &str) -> Scenario {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/shi2023-1p.toml");
    let text = std::fs::read_to_string(path).expect("a shipped scenario");
    scenario::from_str(path, &text.replace(from, to))
        .expect("a scenario")
        .scenario
}

/// Runs `count` cycles at C/2; prints unknowns and capacities.
fn many_cycles(count: usize) {
    let mut scenario = faster("0.1C", "0.5C");
    (scenario.numerics.depths, scenario.numerics.shells) = (20, 20);
    let model = electrode(&scenario, &RADII);
    let fresh = model.initial_state();
    let mut cell = Cell::new(&model, fresh.clone(), scenario.numerics.tolerance);
    let mut gathered = Gathered::default();
    for _ in 0..count {
        let block = &scenario.protocol[0];
        run_cycle(&mut cell, &scenario, block, &fresh, &mut gathered);
    }
    let fields = [Field::Shells, Field::Potential, Field::CarbonPolysulfide];
    let unknowns = fields.map(|field| fresh[field].len()).iter().sum::<usize>()
        + fresh.slow().len()
        + 2 * model.particles();
    let discharge = |i: usize| gathered.cycles[i].discharge;
    println!("{unknowns} {} {}", discharge(0), discharge(count - 1));
}

criterion_group!(benches, cycle, discharge, spectrum);

fn main() {
    let count = std::env::var("ENGOBE_CYCLES");
    if let Some(count) = count.ok().and_then(|text| text.parse().ok()) {
        return many_cycles(std::cmp::max(count, 1));
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
