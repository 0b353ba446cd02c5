#[path = "../tests/common/mod.rs"]
mod common;
use engobe::simulation::{cycling::*, march::Cell};
use std::time::Instant;
fn main() {
    let n: usize = std::env::args().nth(1).map_or(1000, |v| v.parse().unwrap());
    for name in ["shi2023-pristine", "shi2023-1p"] {
        let s = common::scenario(name);
        let model = common::electrode(&s, &[2.0e-6, 2.2e-6, 2.4e-6]);
        let run = |tol: f64| {
            let fresh = model.initial_state();
            let mut cell = Cell::new(&model, fresh.clone(), tol);
            let mut g = Gathered::default();
            let t = Instant::now();
            for _ in 0..n {
                run_cycle(&mut cell, &s, &s.protocol[0], &fresh, &mut g);
            }
            println!(
                "{name} tol {tol} steps/cycle {:.1} {:.2} s, retention {:.4} {:.4}, balance {:.1e} {:.1e}",
                g.series.time.len() as f64 / n as f64,
                t.elapsed().as_secs_f64(),
                g.cycles[n.min(100) - 1].discharge / g.cycles[0].discharge,
                g.cycles[n - 1].discharge / g.cycles[0].discharge,
                g.lithium_error,
                g.charge_error
            );
            g
        };
        let r = run(3e-5);
        for tol in [1e-3] {
            let g = run(tol);
            let e: Vec<f64> = (0..n)
                .map(|k| g.cycles[k].discharge / r.cycles[k].discharge - 1.0)
                .collect();
            let c: Vec<f64> = (0..n)
                .map(|k| g.cycles[k].charge / r.cycles[k].charge - 1.0)
                .collect();
            let f = |v: &[f64]| v.iter().fold(0.0f64, |a, b| a.max(b.abs()));
            println!(
                "   worst discharge: first 3 {:.2e} first 100 {:.2e} all {:.2e}; charge {:.2e} {:.2e} {:.2e}",
                f(&e[..3.min(n)]),
                f(&e[..100.min(n)]),
                f(&e),
                f(&c[..3.min(n)]),
                f(&c[..100.min(n)]),
                f(&c)
            );
        }
    }
}
