//! Electrolytes: sulfides that are pressed, liquids that fill what is left open.

use serde::{Deserialize, Serialize};

/// An electrolyte, taken as a single-ion conductor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Electrolyte {
    /// Name as written in scenarios, e.g. `LPSCl`.
    pub name: String,
    /// kg/m3.
    pub density: f64,
    /// Ionic conductivity of the cold-pressed pellet or the free liquid at 25 degC, S/m.
    pub ionic_conductivity: f64,
    /// Activation energy of the ionic conductivity, J/mol.
    pub activation_energy: f64,
    /// What depends on its being solid or liquid.
    #[serde(flatten)]
    pub state: ElectrolyteState,
}

/// A powder that is pressed, or a liquid that fills what is left open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ElectrolyteState {
    /// A sulfide.
    Solid {
        /// kg/mol of one formula unit.
        molar_mass: f64,
        /// Median grain diameter in a pressed composite, m.
        grain_diameter: f64,
        /// Indentation hardness, Pa: sets how far cold pressing densifies the powder.
        hardness: f64,
        /// Capacitance of the grain boundaries of a pellet in series, F/m2 of cell.
        grain_boundary_capacitance: f64,
        /// Share of the pellet's resistance that lies in grain boundaries, 0..1.
        grain_boundary_share: f64,
    },
    /// A solution of a lithium salt. That its anions move too is left out, so that
    /// gradients of the salt at high rates are.
    Liquid {
        /// Exchange current density of the oxide over that against a sulfide.
        charge_transfer_factor: f64,
    },
}

/// Relative density at which powder of an electrolyte stops rearranging and starts
/// to yield. An estimate: irregular grains of many sizes (random close packing of
/// equal spheres is 0.64). With the hardness of 550 MPa it gives 0.85 at 375 MPa and
/// 0.87 at 440 MPa, where pellets of Li6PS5Cl are said to reach 0.85 to 0.92.
const YIELDING_DENSITY: f64 = 0.70;

impl Electrolyte {
    /// Volume of solid per volume of a pellet cold-pressed at `pressure` (Pa).
    ///
    /// The law of R. W. Heckel, Trans. Metall. Soc. AIME 221, 671 (1961): the
    /// porosity falls by the same factor for every bit of pressure,
    /// `ln(1 / (1 - D)) = K P + A`, with `K = 1 / (3 yield strength)`. By Tabor's
    /// rule hardness is three times the yield strength, so `K = 1 / hardness`. Heckel
    /// plots are in use for argyrodites (S.-Y. Lee et al., J. Mater. Chem. A (2025), doi
    /// 10.1039/d4ta08604j); no set of densities was at hand to fit, both constants are
    /// estimates.
    ///
    /// A liquid leaves nothing open: 1.
    pub fn relative_density(&self, pressure: f64) -> f64 {
        match self.state {
            ElectrolyteState::Solid { hardness, .. } => {
                1.0 - (1.0 - YIELDING_DENSITY) * (-pressure / hardness).exp()
            }
            ElectrolyteState::Liquid { .. } => 1.0,
        }
    }

    /// Whether it is a liquid, which wets every surface and follows every movement.
    pub fn is_liquid(&self) -> bool {
        matches!(self.state, ElectrolyteState::Liquid { .. })
    }

    /// Volume of a mole of formula units, m3/mol; `None` for a liquid.
    pub fn molar_volume(&self) -> Option<f64> {
        match self.state {
            ElectrolyteState::Solid { molar_mass, .. } => Some(molar_mass / self.density),
            ElectrolyteState::Liquid { .. } => None,
        }
    }

    /// Median diameter of its grains, m; `None` for a liquid, which has none.
    pub fn grain_diameter(&self) -> Option<f64> {
        match self.state {
            ElectrolyteState::Solid { grain_diameter, .. } => Some(grain_diameter),
            ElectrolyteState::Liquid { .. } => None,
        }
    }

    /// Share of a pellet's resistance in grain boundaries, and their capacitance in
    /// series, F/m2 of cell; without boundaries both are 0.
    pub fn grain_boundaries(&self) -> (f64, f64) {
        match self.state {
            ElectrolyteState::Solid {
                grain_boundary_share,
                grain_boundary_capacitance,
                ..
            } => (grain_boundary_share, grain_boundary_capacitance),
            ElectrolyteState::Liquid { .. } => (0.0, 0.0),
        }
    }

    /// Exchange current density of the oxide in it over that against a sulfide.
    pub fn charge_transfer_factor(&self) -> f64 {
        match self.state {
            ElectrolyteState::Solid { .. } => 1.0,
            ElectrolyteState::Liquid {
                charge_transfer_factor,
            } => charge_transfer_factor,
        }
    }
}
