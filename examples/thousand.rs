#[path = "../tests/common/mod.rs"]
mod common;
use engobe::simulation::{cycling::*, march::Cell};
use std::time::Instant;
fn rss() -> String {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .filter(|l| l.starts_with("VmRSS"))
        .collect()
}
fn main() {
    let mut s = common::scenario("shi2023-1p");
    s.numerics.depths = 20;
    s.numerics.shells = 20;
    let model = common::electrode(&s, &[1.8e-6, 2.0e-6, 2.2e-6, 2.4e-6, 2.6e-6]);
    let fresh = model.initial_state();
    let mut cell = Cell::new(&model, fresh.clone(), 1e-3);
    let mut g = Gathered::default();
    let t = Instant::now();
    for k in 0..1000 {
        run_cycle(&mut cell, &s, &s.protocol[0], &fresh, &mut g);
        if k == 9 || k == 99 || k == 999 {
            println!(
                "{} cycles {:.1} s {} series {}",
                k + 1,
                t.elapsed().as_secs_f64(),
                rss(),
                g.series.time.len()
            );
        }
    }
}
