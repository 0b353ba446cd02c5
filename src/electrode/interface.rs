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

/// A particle's interface as far as its logarithms: `asinh y = ln(y + sqrt(y2 + 1))`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kinetics {
    /// Surface stoichiometry.
    pub surface: f64,
    /// Open-circuit potential there, V.
    pub equilibrium: f64,
    /// Its slope, V.
    pub slope: f64,
    /// Charge-transfer resistance at no current, ohm m2.
    pub resistance: f64,
    /// Slope of the exchange current density, A/m2.
    pub exchange_slope: f64,
    /// Current over twice the exchange current, per patch.
    pub half: [f64; 2],
    /// sqrt(half2 + 1).
    pub root: [f64; 2],
    /// What the logarithm is taken of.
    pub argument: [f64; 2],
}

impl Patches {
    /// Current per active volume (A/m3) for patch current densities.
    #[inline(always)]
    pub fn volumetric(&self, currents: [f64; 2]) -> f64 {
        self.surface * (self.share[0] * currents[0] + self.share[1] * currents[1])
    }

    /// The interface at patch currents `currents` and the surface stoichiometry
    /// `offset - response q`.
    #[inline(always)]
    pub fn kinetics(
        &self,
        model: &Electrode,
        thermal: f64,
        currents: [f64; 2],
        offset: f64,
        response: f64,
    ) -> Kinetics {
        let surface = offset - response * self.volumetric(currents);
        let (equilibrium, slope) = model.oxide.open_circuit.evaluate(surface);
        let (exchange, exchange_slope) = model.oxide.exchange.evaluate(surface);
        let inverse = 1.0 / exchange;
        let resistance = thermal * inverse;
        let half = [0.5 * inverse * currents[0], 0.5 * inverse * currents[1]];
        let root = [
            (half[0] * half[0] + 1.0).sqrt(),
            (half[1] * half[1] + 1.0).sqrt(),
        ];
        Kinetics {
            surface,
            equilibrium,
            slope,
            resistance,
            exchange_slope,
            half,
            root,
            argument: [half[0].abs() + root[0], half[1].abs() + root[1]],
        }
    }

    /// Linearises at potential `potential` and patch currents `currents`, with the
    /// logarithms of the arguments of `kinetics`.
    #[inline(always)]
    pub fn linear(
        &self,
        kinetics: &Kinetics,
        logarithm: [f64; 2],
        thermal: f64,
        potential: f64,
        currents: [f64; 2],
        response: f64,
    ) -> Linearised {
        let Kinetics {
            surface: x,
            equilibrium,
            slope,
            resistance,
            exchange_slope,
            ..
        } = *kinetics;
        let mut conductance = [0.0; 2];
        let mut residual = [0.0; 2];
        let mut coupling = [0.0; 2];
        for patch in 0..2 {
            if self.share[patch] <= 0.0 {
                continue;
            }
            let (i, layer) = (currents[patch], self.resistance[patch]);
            let (half, root) = (kinetics.half[patch], kinetics.root[patch]);
            let over = 2.0 * thermal * logarithm[patch].copysign(half);
            // 1/root and 1/(layer + resistance/root) by one division.
            let sum = layer * root + resistance;
            let both = 1.0 / (root * sum);
            conductance[patch] = root * root * both;
            residual[patch] = equilibrium + i * layer + over - potential;
            coupling[patch] = slope - 2.0 * resistance * exchange_slope * half * (sum * both);
        }
        // Sum over the patches, the surface stoichiometry eliminated.
        let feedback = response * self.surface;
        let weight = [
            self.share[0] * conductance[0],
            self.share[1] * conductance[1],
        ];
        let joint = 1.0 / (1.0 - feedback * (weight[0] * coupling[0] + weight[1] * coupling[1]));
        let mean = [
            -(weight[0] * residual[0] + weight[1] * residual[1]) * joint,
            (weight[0] + weight[1]) * joint,
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
