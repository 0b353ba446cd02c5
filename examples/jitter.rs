#[path = "../tests/common/mod.rs"]
mod common;
use engobe::simulation::{cycling::*, march::Cell};
fn main() {
    let s = common::scenario("shi2023-pristine");
    let model = common::electrode(&s, &[2.0e-6, 2.2e-6, 2.4e-6]);
    for tol in [1e-3, 1e-4] {
        let fresh = model.initial_state();
        let mut cell = Cell::new(&model, fresh.clone(), tol);
        let mut g = Gathered::default();
        for _ in 0..1000 { run_cycle(&mut cell, &s, &s.protocol[0], &fresh, &mut g); }
        let d: Vec<f64> = g.cycles.iter().map(|c| c.discharge).collect();
        println!("tol {tol} series {}", g.series.time.len());
        for k in (10..1000).step_by(66) { println!("{k} {:.3} second difference {:.2e} of {:.2e} per cycle", d[k], (d[k + 1] - 2.0 * d[k] + d[k - 1]) / d[k], (d[k+1]-d[k-1])/d[k]/2.0); }
        println!("900.. {:?}", &d[900..915]);
    }
}
