#[path = "../tests/common/mod.rs"]
mod common;
use engobe::simulation::{cycling::*, march::Cell};
use std::time::Instant;
fn main() {
    let mut s = common::scenario("shi2023-1p");
    for (d, sh, radii) in [
        (20, 20, vec![1.8e-6, 2.0e-6, 2.2e-6, 2.4e-6, 2.6e-6]),
        (6, 14, vec![2.0e-6, 2.2e-6, 2.4e-6]),
    ] {
        s.numerics.depths = d;
        s.numerics.shells = sh;
        let model = common::electrode(&s, &radii);
        let fresh = model.initial_state();
        let mut cell = Cell::new(&model, fresh.clone(), 1e-3);
        run_cycle(
            &mut cell,
            &s,
            &s.protocol[0],
            &fresh,
            &mut Gathered::default(),
        );
        let start = cell.state.clone();
        let (mut n, mut it) = (0, 0);
        for step in &s.protocol[0].steps {
            let (mut a, mut b) = (0, 0);
            cell.run(step, &mut |_, sm| {
                a += 1;
                b += sm.result.iterations;
            });
            print!("{a} steps {:.2} its; ", b as f64 / a as f64);
            n += a;
            it += b;
        }
        let mut best = f64::INFINITY;
        for _ in 0..40 {
            let mut c = Cell::new(&model, start.clone(), 1e-3);
            let t = Instant::now();
            run_cycle(&mut c, &s, &s.protocol[0], &fresh, &mut Gathered::default());
            best = best.min(t.elapsed().as_secs_f64());
        }
        println!(
            "{d}x{}x{sh}: {n} steps, {:.2} iterations/step, best cycle {:.2} ms",
            radii.len(),
            it as f64 / n as f64,
            1e3 * best
        );
        // 1C discharge
        let steps = &s.protocol[0].steps;
        let mut c = Cell::new(&model, fresh.clone(), 1e-3);
        c.run(&steps[0], &mut |_, _| {});
        c.run(&steps[1], &mut |_, _| {});
        let mut fast = steps[2].clone();
        if let engobe::scenario::Control::Current(i) = fast.control {
            fast.control = engobe::scenario::Control::Current(10.0 * i);
        }
        let (mut best, mut k) = (f64::INFINITY, 0);
        for _ in 0..100 {
            let mut cc = c.clone();
            let t = Instant::now();
            k = 0;
            cc.run(&fast, &mut |_, _| k += 1);
            best = best.min(t.elapsed().as_secs_f64());
        }
        println!("   1C discharge {k} steps {:.2} ms", 1e3 * best);
    }
}
