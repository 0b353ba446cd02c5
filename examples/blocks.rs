#[path = "../tests/common/mod.rs"]
mod common;
use engobe::scenario::CycleBlocks;
use engobe::simulation::{blocks::*, cycling::*, march::Cell};
use std::time::Instant;
fn main() {
    let mut s = common::scenario(&std::env::args().nth(1).unwrap_or("shi2023-pristine".into()));
    let n: u32 = std::env::args().nth(2).map_or(100, |v| v.parse().unwrap());
    let tol: f64 = std::env::args().nth(3).map_or(1e-3, |v| v.parse().unwrap());
    s.numerics.tolerance = tol;
    let model = common::electrode(&s, &[2.0e-6, 2.2e-6, 2.4e-6]);
    let run = |blocks: Option<CycleBlocks>| {
        let mut sc = s.clone();
        sc.numerics.cycle_blocks = blocks;
        let t = Instant::now();
        let fresh = model.initial_state();
        let mut cell = Cell::new(&model, fresh.clone(), tol);
        let mut g = Gathered::default();
        let mut h = History::default();
        let block = sc.protocol[0].clone();
        let plan = Plan {
            scenario: &sc,
            block: &block,
            fresh: &fresh,
        };
        while g.done() < n {
            let most = n - g.done() - 1;
            next_cycle(&mut cell, &plan, &mut g, &mut h, most);
        }
        (g, t.elapsed().as_secs_f64())
    };
    let (full, t0) = run(None);
    println!(
        "full {:.3} s  retention {:.4} %",
        t0,
        100.0 * full.cycles[n as usize - 1].discharge / full.cycles[0].discharge
    );
    if n <= 100 {
        let sc = s.clone();
        let fresh = model.initial_state();
        let mut cell = Cell::new(&model, fresh.clone(), tol);
        let mut g = Gathered::default();
        let mut rows: Vec<[f64; 5]> = vec![];
        for _ in 0..n {
            run_cycle(&mut cell, &sc, &sc.protocol[0], &fresh, &mut g);
            rows.push(engobe::electrode::projection::read_outs(
                &model,
                &cell.state,
            ));
        }
        for k in [
            10usize, 20, 21, 22, 23, 24, 25, 26, 50, 51, 52, 53, 54, 55, 80, 81, 82, 83, 84,
        ] {
            if k < rows.len() {
                println!(
                    "{k} {:?}",
                    std::array::from_fn::<f64, 5, _>(|i| 1e6 * (rows[k][i] - rows[k - 1][i]))
                );
            }
        }
    }
    for tolerance in [0.02, 0.01, 0.005, 0.0025, 0.001, 0.0005] {
        let (g, t) = run(Some(CycleBlocks {
            tolerance,
            longest: 10000,
        }));
        let l = g.cycles.last().unwrap();
        let worst = |f: &dyn Fn(&engobe::record::CycleRecord) -> f64| {
            g.cycles
                .iter()
                .map(|c| (f(c) / f(&full.cycles[c.cycle as usize - 1]) - 1.0).abs())
                .fold(0.0, f64::max)
        };
        println!(
            "tol {tolerance}: {} cycles {:.3} s x{:.1} worst: discharge {:.2e} charge {:.2e} connected {:.2e} contact {:.2e} oxygenated {:.2e} rs {:.2e} poly {:.2e} co2 {:.2e} crack {:.2e} time {:.2e} stoich {:.1e} balance {:.1e} {:.1e}",
            g.cycles.len(),
            t,
            t0 / t,
            worst(&|c| c.discharge),
            worst(&|c| c.charge),
            worst(&|c| c.connected_fraction),
            worst(&|c| 1.0 - c.contact_lost),
            worst(&|c| c.products.oxygenated_thickness),
            worst(&|c| c.products.rock_salt_thickness),
            worst(&|c| c.products.polysulfide_thickness),
            worst(&|c| c.products.carbon_dioxide_gas),
            worst(&|c| c.crack_damage),
            worst(&|c| c.time),
            worst(&|c| c.stoichiometry),
            l.lithium_error,
            l.charge_error
        );
        println!(
            "   {:?}",
            g.cycles.iter().map(|c| c.cycle).collect::<Vec<_>>()
        );
    }
}
