//! Diffusion in a particle, in time and space: against the series for a constant
//! flux, and against a made-up solution for a steep diffusivity.

mod common;

use common::{electrode, scenario};
use engobe::electrode::Electrode;
use engobe::electrode::particle::Diffusion;
use engobe::electrode::stage::GAMMA;

const RADIUS: f64 = 2e-6;

/// One particle of NCM83 with `shells` shells; `steep` keeps the shipped D(x), else
/// D is constant.
fn one_particle(shells: usize, steep: bool) -> Electrode {
    let mut scenario = scenario("shi2023-pristine");
    (scenario.numerics.shells, scenario.numerics.depths) = (shells, 1);
    let law = &mut scenario.cathode.active_material.diffusivity;
    if steep {
        (law.upper_edge, law.upper_width, law.dip_depth) = (0.88, 0.025, 3.4);
    } else {
        (law.upper_edge, law.lower_edge, law.dip_depth, law.floor) = (9.0, -9.0, 0.0, 0.0);
    }
    electrode(&scenario, &[RADIUS])
}

/// Stoichiometries of the shells and at the surface after `duration` (s) in `steps`
/// two-stage steps, the diffusivity taken at the extrapolated state as the solver
/// does; `flux(t)` is the current per volume, `source(t)` feeds every shell (1/s).
fn march(
    model: &Electrode,
    start: Vec<f64>,
    duration: f64,
    steps: usize,
    flux: impl Fn(f64) -> f64,
    source: impl Fn(f64) -> Vec<f64>,
) -> (Vec<f64>, f64) {
    let mut diffusion = Diffusion::new(model);
    let length = duration / steps as f64;
    let tau = GAMMA * length;
    let mut x = start;
    let mut slope = vec![0.0; x.len()];
    let mut surface = f64::NAN;
    let mut stage = |base: &[f64], predicted: &[f64], time: f64| {
        diffusion.linearise(model, predicted, &[0.0], &[1.0]);
        let fed: Vec<f64> = base
            .iter()
            .zip(source(time))
            .map(|(b, s)| b + tau * s)
            .collect();
        diffusion.eliminate(&fed, tau);
        let q = flux(time);
        let mut end = vec![0.0; base.len()];
        diffusion.substitute(&[q], &mut end);
        surface = diffusion.offset[0] - diffusion.response[0] * q;
        end
    };
    let ahead = |x: &[f64], slope: &[f64], time: f64| -> Vec<f64> {
        x.iter().zip(slope).map(|(x, s)| x + time * s).collect()
    };
    for step in 0..steps {
        let time = step as f64 * length;
        let middle = stage(&x, &ahead(&x, &slope, tau), time + tau);
        let rate: Vec<f64> = middle.iter().zip(&x).map(|(m, x)| (m - x) / tau).collect();
        let base = ahead(&x, &rate, length - tau);
        let end = stage(&base, &ahead(&x, &rate, length), time + length);
        slope = end.iter().zip(&base).map(|(e, b)| (e - b) / tau).collect();
        x = end;
    }
    (x, surface)
}

/// Smallest order between neighbouring errors, each from twice as fine a grid.
fn order(errors: &[f64]) -> f64 {
    errors
        .windows(2)
        .map(|pair| (pair[0] / pair[1]).log2())
        .fold(f64::INFINITY, f64::min)
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}

/// Fall of the surface stoichiometry after `fourier` = Dt/R2 under a constant flux
/// that lowers the mean by 3 Dt/R2: `3 t + 1/5 - 2 sum exp(-b2 t)/b2` over the roots of
/// b = tan b (Crank, The Mathematics of Diffusion, section 6.3).
fn surface_fall(fourier: f64) -> f64 {
    let series: f64 = (1..200)
        .map(|n| {
            // The n-th root lies just below (n + 1/2) pi.
            let top = (f64::from(n) + 0.5) * std::f64::consts::PI;
            let root = (0..100).fold(top, |b, _| top - (1.0 / b).atan());
            assert!((root.tan() / root - 1.0).abs() < 1e-9);
            (-root * root * fourier).exp() / (root * root)
        })
        .sum();
    3.0 * fourier + 0.2 - 2.0 * series
}

#[test]
fn a_constant_flux_follows_the_series_at_second_order_in_space() {
    for fourier in [0.01, 0.1, 0.4] {
        let errors = [16, 32, 64].map(|shells| {
            let model = one_particle(shells, false);
            let diffusivity = model.oxide.diffusivity(0.6);
            let per_charge = Diffusion::new(&model).per_charge();
            // Fall of the mean 3 Dt/R2 times this.
            let scale = 0.05;
            let q = 3.0 * scale * diffusivity / (RADIUS * RADIUS) / per_charge;
            let duration = fourier * RADIUS * RADIUS / diffusivity;
            let (x, surface) = march(
                &model,
                vec![0.6; shells],
                duration,
                1000,
                |_| q,
                |_| vec![0.0; shells],
            );
            let mean = model.mean_stoichiometry(&x, 0);
            assert!((mean - (0.6 - 3.0 * scale * fourier)).abs() < 1e-13);
            let exact = scale * surface_fall(fourier);
            ((0.6 - surface) / exact - 1.0).abs()
        });
        assert!(order(&errors) > 1.9, "Dt/R2 {fourier}: {errors:?}");
        assert!(errors[2] < 1e-3, "Dt/R2 {fourier}: {errors:?}");
    }
}

#[test]
fn a_constant_flux_switched_on_is_of_second_order_in_time() {
    let model = one_particle(14, false);
    let diffusivity = model.oxide.diffusivity(0.6);
    let q = 0.15 * diffusivity / (RADIUS * RADIUS) / Diffusion::new(&model).per_charge();
    let duration = 0.1 * RADIUS * RADIUS / diffusivity;
    let run = |steps: usize| {
        march(
            &model,
            vec![0.6; 14],
            duration,
            steps,
            |_| q,
            |_| vec![0.0; 14],
        )
    };
    let exact = run(4096);
    let errors = [16, 32, 64].map(|steps| {
        let (x, surface) = run(steps);
        largest_difference(&x, &exact.0).max((surface - exact.1).abs())
    });
    assert!(order(&errors) > 1.9, "{errors:?}");
    assert!(errors[2] < 1e-6, "{errors:?}");
}

/// x = 0.90 + 0.05 cos(wt) - 0.10 p2 - 0.05 p4 with p = r/R: across the upper edge of
/// D(x), where it falls by an order of magnitude, with the sources that make it a solution.
struct MadeUp {
    model: Electrode,
    omega: f64,
}

impl MadeUp {
    fn new(shells: usize) -> Self {
        Self {
            model: one_particle(shells, true),
            omega: std::f64::consts::TAU / 2e4,
        }
    }

    fn at(&self, p: f64, time: f64) -> f64 {
        0.90 + 0.05 * (self.omega * time).cos() - 0.10 * p.powi(2) - 0.05 * p.powi(4)
    }

    /// Relative distance of the outer face of shell `j` from the centre.
    fn face(&self, j: usize) -> f64 {
        1.0 - self.model.geometry[0].depth[j] / RADIUS
    }

    /// Means over the shells.
    fn means(&self, time: f64) -> Vec<f64> {
        let mut inner = 0.0;
        (0..self.model.shells)
            .map(|j| {
                let outer = self.face(j);
                let moment = |n: i32| outer.powi(n) - f64::powi(inner, n);
                let volume = moment(3);
                let squares = 0.6 * moment(5) / volume;
                let fourths = 3.0 / 7.0 * moment(7) / volume;
                inner = outer;
                self.at(0.0, time) - 0.10 * squares - 0.05 * fourths
            })
            .collect()
    }

    /// Area times D dx/dr at relative radius `p`, over the particle's volume, 1/s.
    fn inflow(&self, p: f64, time: f64) -> f64 {
        let gradient = (-0.20 * p - 0.20 * p.powi(3)) / RADIUS;
        3.0 * p * p / RADIUS * self.model.oxide.diffusivity(self.at(p, time)) * gradient
    }

    fn flux(&self, time: f64) -> f64 {
        -self.inflow(1.0, time) / Diffusion::new(&self.model).per_charge()
    }

    fn source(&self, time: f64) -> Vec<f64> {
        let change = -0.05 * self.omega * (self.omega * time).sin();
        let mut inner = 0.0;
        (0..self.model.shells)
            .map(|j| {
                let outer = self.inflow(self.face(j), time);
                let net = outer - inner;
                inner = outer;
                change - net / self.model.geometry[0].volume[j]
            })
            .collect()
    }

    fn march(&self, duration: f64, steps: usize) -> (Vec<f64>, f64) {
        march(
            &self.model,
            self.means(0.0),
            duration,
            steps,
            |t| self.flux(t),
            |t| self.source(t),
        )
    }
}

#[test]
fn a_steep_diffusivity_is_of_second_order_in_space() {
    let duration = 7e3;
    let errors = [16, 32, 64, 128].map(|shells| {
        let made_up = MadeUp::new(shells);
        let diffusivity = |p: f64| made_up.model.oxide.diffusivity(made_up.at(p, 0.0));
        assert!(diffusivity(1.0) > 10.0 * diffusivity(0.0));
        let (x, surface) = made_up.march(duration, 2000);
        let inside = largest_difference(&x, &made_up.means(duration));
        inside.max((surface - made_up.at(1.0, duration)).abs())
    });
    assert!(order(&errors) > 1.9, "{errors:?}");
    assert!(errors[3] < 1e-5, "{errors:?}");
}

#[test]
fn a_steep_diffusivity_is_of_second_order_in_time() {
    let made_up = MadeUp::new(14);
    let exact = made_up.march(7e3, 8192);
    let errors = [64, 128, 256].map(|steps| {
        let (x, surface) = made_up.march(7e3, steps);
        largest_difference(&x, &exact.0).max((surface - exact.1).abs())
    });
    assert!(order(&errors) > 1.9, "{errors:?}");
    assert!(errors[2] < 1e-6, "{errors:?}");
}
