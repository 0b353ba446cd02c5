//! The interface: charge transfer through layers in series, patches in parallel.
//!
//! On each patch (bare, coated) of a particle,
//!
//! ```text
//! E = U(x_s) + i R + (2RT/F) asinh(i/(2 i0(x_s)))        x_s = a - b q,  q = S sum(w i)
//! ```
//! with i the current density of true interface, R the layers' area-specific
//! resistance, w the patch's share of the contact surface S. Newton's method works
//! on the currents themselves: both patches are eliminated in closed form against
//! the one unknown of the depth, dE.

use super::model::Electrode;

/// What a particle's interface is made of during one time step.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patches {
    /// Shares of the contact surface: bare, coated. Adding up to 1.
    pub share: [f64; 2],
    /// Area-specific resistance of the layers, ohm m2.
    pub resistance: [f64; 2],
    /// Contact surface per active volume, 1/m.
    pub surface: f64,
}

/// A particle's interface linearised at the present iterate:
/// `di = current[0] + current[1] dE` and so on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Linearised {
    /// Change of each patch's current density: constant and per dE.
    pub current: [[f64; 2]; 2],
    /// Change of the current per active volume: constant and per dE.
    pub volumetric: [f64; 2],
    /// Surface stoichiometry at the iterate.
    pub surface: f64,
    /// Open-circuit potential there, V.
    pub equilibrium: f64,
    /// Its slope, V.
    pub slope: f64,
}

impl Patches {
    /// Current per active volume (A/m3) for patch current densities.
    #[inline]
    pub fn volumetric(&self, currents: [f64; 2]) -> f64 {
        self.surface * (self.share[0] * currents[0] + self.share[1] * currents[1])
    }

    /// Linearises at potential `potential` and patch currents `currents`, with the
    /// surface stoichiometry `offset - response q`.
    #[inline]
    pub fn linearise(
        &self,
        model: &Electrode,
        thermal: f64,
        potential: f64,
        currents: [f64; 2],
        offset: f64,
        response: f64,
    ) -> Linearised {
        let x = offset - response * self.volumetric(currents);
        let (equilibrium, slope) = model.oxide.open_circuit.evaluate(x);
        let (exchange, exchange_slope) = model.oxide.exchange.evaluate(x);
        let mut conductance = [0.0; 2];
        let mut residual = [0.0; 2];
        let mut coupling = [0.0; 2];
        for patch in 0..2 {
            if self.share[patch] <= 0.0 {
                continue;
            }
            let i = currents[patch];
            let half = i / (2.0 * exchange);
            let root = (half * half + 1.0).sqrt();
            let over = 2.0 * thermal * (half.abs() + root).ln().copysign(half);
            conductance[patch] = 1.0 / (self.resistance[patch] + thermal / (exchange * root));
            residual[patch] = equilibrium + i * self.resistance[patch] + over - potential;
            coupling[patch] = slope - 2.0 * thermal * half / root * exchange_slope / exchange;
        }
        // Sum over the patches, the surface stoichiometry eliminated.
        let feedback = response * self.surface;
        let weighted = |f: &dyn Fn(usize) -> f64| -> f64 {
            (0..2).map(|p| self.share[p] * conductance[p] * f(p)).sum()
        };
        let denominator = 1.0 - feedback * weighted(&|p| coupling[p]);
        let mean = [
            -weighted(&|p| residual[p]) / denominator,
            weighted(&|_| 1.0) / denominator,
        ];
        let mut linear = Linearised {
            volumetric: [self.surface * mean[0], self.surface * mean[1]],
            surface: x,
            equilibrium,
            slope,
            ..Linearised::default()
        };
        for patch in 0..2 {
            let g = conductance[patch];
            let back = feedback * coupling[patch];
            linear.current[patch] = [
                g * (back * mean[0] - residual[patch]),
                g * (1.0 + back * mean[1]),
            ];
        }
        linear
    }
}
