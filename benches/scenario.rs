//! A whole small scenario: structure, transport, three cycles, two spectra.

use criterion::{Criterion, criterion_group, criterion_main};
use engobe::scenario;
use engobe::simulation::{Supervision, run};
use std::sync::atomic::AtomicBool;

fn quick(criterion: &mut Criterion) {
    let loaded = scenario::load("scenarios/quick.toml").expect("a shipped scenario");
    let interrupt = AtomicBool::new(false);
    let supervision = Supervision {
        checkpoint: None,
        resume: false,
        interrupt: &interrupt,
    };
    let mut group = criterion.benchmark_group("scenario");
    group.sample_size(10);
    group.bench_function("quick", |bencher| {
        bencher.iter(|| {
            run(&loaded, supervision, &mut |_| {})
                .expect("a run")
                .cycles
                .len()
        });
    });
    group.finish();
}

criterion_group!(benches, quick);
criterion_main!(benches);
