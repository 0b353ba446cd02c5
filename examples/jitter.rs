#[path = "../tests/common/mod.rs"]
mod common;
use engobe::simulation::{cycling::*, march::Cell};
fn main() {
    let s = common::scenario("shi2023-pristine");
    let model = common::electrode(&s, &[2.0e-6, 2.2e-6, 2.4e-6]);
    let fresh = model.initial_state();
    let mut cell = Cell::new(&model, fresh.clone(), 1e-3);
    let mut g = Gathered::default();
    let mut states = vec![];
    for k in 0..700 {
        if (330..700).contains(&k) {
            states.push((k, cell.state.clone()));
        }
        run_cycle(&mut cell, &s, &s.protocol[0], &fresh, &mut g);
    }
    let d: Vec<f64> = g.cycles.iter().map(|c| c.discharge).collect();
    let mut worst: Vec<(f64, usize)> = (330..698)
        .map(|k| (((d[k + 1] - 2.0 * d[k] + d[k - 1]) / d[k]).abs(), k))
        .collect();
    worst.sort_by(|a, b| b.partial_cmp(a).unwrap());
    println!("{:?}", &worst[..8]);
    let k = worst[0].1;
    for j in k - 3..k + 4 {
        let st = &states.iter().find(|x| x.0 == j).unwrap().1;
        print!("cycle {j}: ");
        for tol in [1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6] {
            let mut c = Cell::new(&model, st.clone(), tol);
            let mut gg = Gathered::default();
            run_cycle(&mut c, &s, &s.protocol[0], &fresh, &mut gg);
            print!(" {:.3} {:.3}", gg.cycles[0].discharge, gg.cycles[0].charge);
        }
        println!();
    }
    for j in [k - 2, k, k + 2] {
        for tol in [1e-3, 1e-5] {
            let st = &states.iter().find(|x| x.0 == j).unwrap().1;
            let mut c = Cell::new(&model, st.clone(), tol);
            let mut gg = Gathered::default();
            run_cycle(&mut c, &s, &s.protocol[0], &fresh, &mut gg);
            let n = gg.series.time.len();
            println!("cycle {j} tol {tol}");
            let t0 = gg.series.time[0];
            let every = if tol < 1e-4 { 12 } else { 1 };
            for i in 0..n {
                if gg.series.step[i] == 3
                    && (i % every == 0 || gg.series.step[(i + 1).min(n - 1)] == 4)
                {
                    println!(
                        "  {} t {:.1} V {:.5} q {:.2}",
                        gg.series.step[i],
                        gg.series.time[i] - t0,
                        gg.series.voltage[i],
                        gg.series.cycle_discharge[i]
                    );
                }
            }
        }
    }
}
