//! What the machinery of a sweep costs beside simulating: planning (building and checking),
//! working (journal, chunks of 500 runs) and merging, with a simulation that answers at once.
//! Divide by the number of runs: it is to stay below 1 ms.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use engobe::scenario::{Loaded, Template};
use engobe::sweep::{Job, Measured, Options, Outcome, Plan, Worker, make, merge};
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const RUNS: u64 = 1000;

/// Numbers as of a run of ten cycles.
fn answer(_: &Loaded, job: &Job<'_>) -> Outcome {
    let columns = &job.columns;
    let table = |columns: usize| vec![vec![1.5; 10]; columns];
    Outcome::Done(Measured {
        scalars: vec![0.5; columns.scalars.len()],
        series: columns.series.iter().map(|(_, c)| table(c.len())).collect(),
        note: String::new(),
    })
}

fn work(plan: &Plan, job: &Job<'_>) {
    let worker = Worker {
        plan,
        job,
        simulate: &|loaded, _| answer(loaded, job),
        interrupt: &AtomicBool::new(false),
        observe: &|_| (),
    };
    let chunks: Vec<u64> = (0..plan.manifest.chunks()).collect();
    worker.work(&chunks).expect("worked");
}

fn machinery(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a directory");
    let quick = include_str!("../scenarios/sweep-coating.toml");
    let base = quick.split("[sweep]").next().expect("the cell");
    let half = RUNS / 10;
    let text = format!(
        "{base}[sweep]\n\"cell.temperature\" = {{ from = \"10 degC\", to = \"60 degC\", steps = {half} }}\n\"cathode.active_mass_loading\" = {{ from = \"5 mg/cm2\", to = \"20 mg/cm2\", steps = 10 }}\n"
    );
    let scenario = directory.path().join("sweep.toml");
    std::fs::write(&scenario, &text).expect("written");
    let options = Options {
        chunk_size: Some(RUNS / 2),
        again: false,
    };
    let plan = |root: &Path| {
        make(&scenario, root, options, &|_| ())
            .expect("planned")
            .plan
    };
    let mut group = criterion.benchmark_group("sweep of 1000 runs");
    group.sample_size(10).throughput(Throughput::Elements(RUNS));
    let mut count = 0;
    let mut fresh = || {
        count += 1;
        directory.path().join(format!("sweep-{count}"))
    };
    group.bench_function("plan", |b| b.iter(|| black_box(plan(&fresh()))));
    let first = plan(&fresh());
    let template = Template::new(&first.name, &first.text).expect("TOML");
    let job = Job::new(&template).expect("a sweep");
    // The one structure that all share is made here, once.
    work(&first, &job);
    group.bench_function("work and merge", |b| {
        b.iter_with_setup(
            || {
                let plan = plan(&fresh());
                let parts = plan.layout.parts();
                std::fs::create_dir_all(&parts).expect("made");
                for part in std::fs::read_dir(first.layout.parts())
                    .expect("a folder")
                    .flatten()
                {
                    std::fs::copy(part.path(), parts.join(part.file_name())).expect("copied");
                }
                plan
            },
            |plan| {
                work(&plan, &job);
                black_box(merge(&plan, &job, &|_| ()).expect("merged"))
            },
        );
    });
    group.finish();
}

criterion_group!(benches, machinery);
criterion_main!(benches);
