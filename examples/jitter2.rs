#[path = "../tests/common/mod.rs"]
mod common;
use engobe::electrode::Field;
use engobe::simulation::{cycling::*, march::Cell};
fn main() {
    let s = common::scenario("shi2023-pristine");
    let model = common::electrode(&s, &[2.0e-6, 2.2e-6, 2.4e-6]);
    let fresh = model.initial_state();
    let mut cell = Cell::new(&model, fresh.clone(), 1e-3);
    let mut g = Gathered::default();
    for _ in 0..351 {
        run_cycle(&mut cell, &s, &s.protocol[0], &fresh, &mut g);
    }
    let start = cell.state.clone();
    let steps = &s.protocol[0].steps;
    let charged = start;
    let curve = |tol: f64, show: bool| -> Vec<(f64, f64, f64, f64)> {
        let mut c = Cell::new(&model, charged.clone(), tol);
        let mut q = 0.0;
        let mut out = vec![];
        c.run(&steps[0], &mut |st, sm| {
            q += sm.charge;
            let n = model.particles();
            let last = (model.shells - 1) * n;
            out.push((q, st.scalar(Field::Voltage), st[Field::Shells][last], sm.length));
            if show { println!("   q {q:.1} V {:.4} other {:?} x_surf {:.4} .. x_mid {:.4} x_in {:.4} len {:.1} it {} err {:.2e}", st.scalar(Field::Voltage), &st[Field::Shells][last + n - 3..last + n], st[Field::Shells][last], st[Field::Shells][last - 5 * n], st[Field::Shells][0], sm.length, sm.result.iterations, sm.result.error); }
        });
        out
    };
    let reference = curve(1e-7, false);
    let at = |c: &Vec<(f64, f64, f64, f64)>, q: f64| {
        let i = c
            .iter()
            .position(|p| p.0 >= q)
            .unwrap_or(c.len() - 1)
            .max(1);
        let (a, b) = (c[i - 1], c[i]);
        let w = (q - a.0) / (b.0 - a.0);
        (a.1 + w * (b.1 - a.1), a.2 + w * (b.2 - a.2))
    };
    for tol in [1e-3, 3e-4, 1e-4, 1e-5] {
        let c = curve(tol, tol == 1e-3);
        println!(
            "tol {tol}: steps {} end {:.2} ref {:.2}",
            c.len(),
            c.last().unwrap().0,
            reference.last().unwrap().0
        );
        if tol == 1e-3 {
            for p in &c {
                let r = at(&reference, p.0);
                println!(
                    "q {:.1} len {:.1} V {:.4} dV {:.2} mV dx {:.5}",
                    p.0,
                    p.3,
                    p.1,
                    1e3 * (p.1 - r.0),
                    p.2 - r.1
                );
            }
        }
    }
}
