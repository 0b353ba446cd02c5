//! A scenario as the rest of the house reads it: checked, complete and in SI.

use super::distribution::SizeDistribution;
pub use super::image::*;
use super::procedure::Block;
use crate::annealing::Annealed;
use crate::materials::{
    ActiveMaterial, Anode, Binder, Carbon, CoatingMaterial, DegradationLaws, Electrolyte,
};
use serde::{Deserialize, Serialize};

/// Everything one run needs. Built only by [`super::load`], which refuses what
/// cannot be simulated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Free text for plots and files.
    pub title: String,
    /// Seed of every random choice.
    pub seed: u64,
    /// Recipe and make of the composite cathode.
    pub cathode: Cathode,
    /// What is on the active material's surface; `None` when bare.
    pub coating: Option<Coating>,
    /// The cell around the cathode.
    pub cell: Cell,
    /// What is done to it, in order.
    pub protocol: Vec<Block>,
    /// Size and fineness of the generated structure.
    pub microstructure: MicrostructureSettings,
    /// A segmented image that takes the place of the generated structure.
    pub image: Option<ImageSource>,
    /// Grids and tolerance of the electrode model.
    pub numerics: Numerics,
    /// Which degradation mechanisms act.
    pub mechanisms: Mechanisms,
    /// Cycles of the whole protocol, from 1, after which lost capacity is shared out among
    /// the mechanisms; rising.
    pub attribution: Vec<usize>,
    /// The degradation constants, after overrides.
    pub laws: DegradationLaws,
}

impl Scenario {
    /// Capacity of the cathode by its own 1C, C/m2: one hour at that current.
    pub fn areal_capacity(&self) -> f64 {
        self.cell.one_c * self.cathode.areal_loading * 3600.0
    }

    /// Thickness of the cathode from recipe, loading and porosity, m.
    pub fn cathode_thickness(&self) -> f64 {
        let cathode = &self.cathode;
        let solids = cathode.solid_volume(self.coating.as_ref());
        cathode.areal_loading / cathode.mass_fractions.active_material * solids
            / (1.0 - cathode.porosity)
    }
}

/// The composite cathode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cathode {
    /// The oxide.
    pub active_material: ActiveMaterial,
    /// Single crystals or secondary particles.
    pub particle_kind: ParticleKind,
    /// Diameters of the oxide particles.
    pub particle_diameter: SizeDistribution,
    /// Specific surface (BET) of the uncoated powder, m2/kg.
    pub specific_surface: f64,
    /// The electrolyte in the composite.
    pub electrolyte: Electrolyte,
    /// Conductive additive.
    pub carbon: Option<Carbon>,
    /// Polymer binder.
    pub binder: Option<Binder>,
    /// Mass fractions, adding up to 1 together with the coating.
    pub mass_fractions: MassFractions,
    /// Mass of (uncoated) active material per cell area, kg/m2.
    pub areal_loading: f64,
    /// Void volume fraction, 0..1.
    pub porosity: f64,
    /// Pressure of the pressing, Pa, where the porosity was estimated from it; `None`
    /// where the porosity was stated.
    pub pressing_pressure: Option<f64>,
    /// How far touching oxide particles are pressed into each other: their overlap
    /// over the smaller radius, 0..0.1. 0 lets them touch at points.
    pub contact_flattening: f64,
    /// Share of the oxide's volume bound in agglomerates, 0..1. 0 spreads it evenly.
    pub heterogeneity: f64,
    /// Share of facing surfaces that truly touch, 0..1: oxide to electrolyte (charge
    /// transfer) and electrolyte grain to grain (conduction). Set by pressing.
    pub contact_fraction: f64,
    /// Share of the active mass connected to electrolyte and carbon at the start, 0..1; what a
    /// coating takes of it comes on top.
    pub connected_fraction: f64,
    /// How its parts lie among each other.
    pub arrangement: Arrangement,
}

/// How the parts of a composite lie among each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Arrangement {
    /// Share of carbon black that clings to oxide surfaces, 0..1: 0 dispersed between
    /// the grains of the electrolyte, 1 all at surfaces.
    pub carbon_at_surfaces: f64,
    /// How far fibres lie in the plane of the electrode, 0..1: `1 - 3 <n^2>` of their
    /// directions' component `n` through the thickness. The nematic order tensor is
    /// this times diag(-1/3, 1/6, 1/6); 0 is isotropic, 1 flat.
    pub fibres_in_plane: f64,
    /// Share of the voids outside particles that lies at oxide surfaces, 0..1, the rest
    /// between grains of the electrolyte; `None` where the strengths of the welds decide.
    pub voids_at_surfaces: Option<f64>,
    /// Diameter of the primary grains in a secondary particle, m; `None` for single crystals.
    pub primary_grain: Option<f64>,
    /// Share of the voids that lies between the primary grains of secondary particles,
    /// 0..1, of all voids; 0 for single crystals.
    pub voids_in_particles: f64,
}

impl Default for Arrangement {
    /// Single crystals; most of the black at surfaces (an estimate, after micrographs of
    /// ground composites), fibres isotropic.
    fn default() -> Self {
        Self {
            carbon_at_surfaces: 0.7,
            fibres_in_plane: 0.0,
            voids_at_surfaces: None,
            primary_grain: None,
            voids_in_particles: 0.0,
        }
    }
}

/// Volume fraction at which hard particles carry the press themselves, so that no
/// pressure squeezes the pores between them: random loose packing, which spheres take
/// without being shaken (G. D. Scott, Nature 188, 908, 1960).
const SKELETON: f64 = 0.60;

impl Cathode {
    /// Volume of the solids, m3 per kg of composite. Coating substance takes volume by
    /// the density of the outermost layer.
    pub fn solid_volume(&self, coating: Option<&Coating>) -> f64 {
        let parts = &self.mass_fractions;
        let coating = coating.and_then(|coating| coating.layers.first());
        let volume = |fraction: f64, density: Option<f64>| density.map_or(0.0, |d| fraction / d);
        parts.active_material / self.active_material.density
            + parts.electrolyte / self.electrolyte.density
            + volume(
                parts.carbon,
                self.carbon.as_ref().map(|carbon| carbon.density),
            )
            + volume(
                parts.binder,
                self.binder.as_ref().map(|binder| binder.density),
            )
            + volume(parts.coating, coating.map(|layer| layer.material.density))
    }

    /// Porosity after cold pressing at `pressure` (Pa), an estimate.
    ///
    /// Only the sulfide yields: its share is as dense as a pellet of it pressed alone,
    /// [`Electrolyte::relative_density`], and holds all pores; the hard oxide
    /// neither densifies nor (this is the assumption) shields the sulfide from the
    /// pressure. Carbon, binder and coating fill their own volume. Where so little
    /// sulfide is left that the oxide jams, pores stay between its particles.
    pub fn pressed_porosity(&self, coating: Option<&Coating>, pressure: f64) -> f64 {
        let parts = &self.mass_fractions;
        let solids = self.solid_volume(coating);
        let density = self.electrolyte.relative_density(pressure);
        let pores = parts.electrolyte / self.electrolyte.density * (1.0 / density - 1.0);
        let yielding = pores / (solids + pores);
        let active = parts.active_material / self.active_material.density;
        let jammed = 1.0 - SKELETON * solids / active;
        yielding.max(jammed)
    }
}

/// Mass fractions of the composite's solids, 0..1, adding up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MassFractions {
    /// Oxide without coating.
    pub active_material: f64,
    /// Solid electrolyte.
    pub electrolyte: f64,
    /// Carbon.
    pub carbon: f64,
    /// Binder.
    pub binder: f64,
    /// Coating substance: its stated mass, else that of the film; 0 when bare.
    pub coating: f64,
}

/// Make of the oxide particles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParticleKind {
    /// One crystal per particle.
    SingleCrystal,
    /// Secondary particles of many grains.
    Polycrystal,
}

/// How a coating sits on the particles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoatingMorphology {
    /// An even film.
    Conformal,
    /// Patches with bare surface between.
    Islands,
    /// A layer of touching nanoparticles.
    Particulate,
    /// Two even films, one on the other.
    Bilayer,
    /// An even film, and lumps in the pores.
    Aggregates,
}

impl CoatingMorphology {
    /// Relative standard deviation of the thickness where a scenario states none
    /// (estimates: spray-dried films, nanoparticle layers, islands).
    pub fn usual_variation(self) -> f64 {
        match self {
            Self::Conformal | Self::Bilayer | Self::Aggregates => 0.2,
            Self::Particulate => 0.5,
            Self::Islands => 0.8,
        }
    }

    /// Lateral size of its patches where a scenario states none, m: nanoparticles of 3 to
    /// 5 nm (ma2022); for islands and for patches of one thickness in a film an estimate.
    pub fn usual_patch(self) -> f64 {
        match self {
            Self::Conformal | Self::Bilayer | Self::Aggregates => 500e-9,
            Self::Particulate => 4e-9,
            Self::Islands => 200e-9,
        }
    }

    /// As written in a scenario.
    pub fn word(self) -> &'static str {
        match self {
            Self::Conformal => "conformal",
            Self::Islands => "islands",
            Self::Particulate => "particulate",
            Self::Bilayer => "bilayer",
            Self::Aggregates => "aggregates",
        }
    }
}

/// A coating: layers from the electrolyte inwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coating {
    /// Outermost first; at least one.
    pub layers: Vec<CoatingLayer>,
    /// Share of the surface covered, 0..1.
    pub coverage: f64,
    /// How it sits.
    pub morphology: CoatingMorphology,
    /// Relative standard deviation of the thickness over the surface (lognormal).
    pub thickness_variation: f64,
    /// Diameter of islands, of nanoparticles, or of patches of one thickness, m.
    pub patch_diameter: f64,
    /// Diameter of lumps of coating substance (and of binder) outside the film, m.
    pub aggregate_diameter: f64,
    /// Mass of coating (all layers) per mass of active material; `None` when
    /// not stated, then the film's own mass.
    pub mass_ratio: Option<f64>,
    /// Coating substance outside the film (pores, aggregates), mass per mass
    /// of active material: stated mass less the film's; 0 when nothing is left over.
    pub excess_ratio: f64,
    /// Where it was made by annealing: how, and what came of it.
    pub annealed: Option<Annealed>,
}

impl Coating {
    /// Mass of coating, as stated or else of the film, per mass of oxide whose
    /// specific surface is `specific_surface`, m2/kg.
    pub fn mass_per_oxide(&self, specific_surface: f64) -> f64 {
        self.mass_ratio
            .unwrap_or_else(|| self.film_ratio(specific_surface))
    }

    /// Mass of the film (all layers) per mass of active material whose specific
    /// surface is `specific_surface`, m2/kg.
    pub fn film_ratio(&self, specific_surface: f64) -> f64 {
        let areal: f64 = self
            .layers
            .iter()
            .map(|layer| layer.thickness * layer.material.density)
            .sum();
        self.coverage * areal * specific_surface
    }

    /// Thickness of all layers together, mean where covered, m.
    pub fn thickness(&self) -> f64 {
        self.layers.iter().map(|layer| layer.thickness).sum()
    }

    /// Density of the film, its layers weighted by thickness, kg/m3.
    pub fn density(&self) -> f64 {
        let areal: f64 = self
            .layers
            .iter()
            .map(|layer| layer.thickness * layer.material.density)
            .sum();
        areal / self.thickness()
    }
}

/// One layer of a coating.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoatingLayer {
    /// Its substance.
    pub material: CoatingMaterial,
    /// Mean thickness where covered, m.
    pub thickness: f64,
}

/// The cell around the cathode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The counter electrode.
    pub anode: Anode,
    /// The electrolyte of the separator.
    pub separator: Electrolyte,
    /// Thickness of the dense separator, m.
    pub separator_thickness: f64,
    /// Its resistance where it is stated, ohm m2; else that of a dense pellet.
    pub separator_resistance: Option<f64>,
    /// Cell area, m2.
    pub area: f64,
    /// K.
    pub temperature: f64,
    /// Current of 1C per mass of active material, A/kg.
    pub one_c: f64,
    /// Stack pressure while cycling, Pa.
    pub stack_pressure: f64,
    /// What lies between the cell and a mass spectrometer.
    pub headspace: Headspace,
}

/// The way of gas from the reaction to a mass spectrometer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Headspace {
    /// Gas over the cell and in the line, m3.
    pub volume: f64,
    /// Flow of the carrier gas at the temperature of the cell and 1 bar, m3/s.
    pub flow: f64,
    /// Mean time that gas takes to leave the pellet, s.
    pub pellet_delay: f64,
}

impl Headspace {
    /// Mean time that gas stays in the headspace, s.
    pub fn flushing(&self) -> f64 {
        self.volume / self.flow
    }
}

/// Size and fineness of the generated structure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MicrostructureSettings {
    /// Edge of the cubic, periodic box, m.
    pub box_edge: f64,
    /// Voxels per edge.
    pub resolution: usize,
}

/// Grids and tolerance of the electrode model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Numerics {
    /// Finite volumes through the thickness.
    pub depths: usize,
    /// Particle size classes at every depth.
    pub size_classes: usize,
    /// Shells of every particle.
    pub shells: usize,
    /// Relative accuracy of what a user reads: 1e-3 is 0.1 % of capacity and 1 mV.
    pub tolerance: f64,
    /// Whether cycles are left out; `None`: every cycle is simulated.
    pub cycle_blocks: Option<CycleBlocks>,
}

/// Blocks of cycles of which one is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CycleBlocks {
    /// Relative error of what ageing changes (connected mass, interface, diffusion,
    /// ionic resistance) that leaving out cycles may cause over the whole run.
    pub tolerance: f64,
    /// Most cycles in a row that are not simulated.
    pub longest: u32,
}

/// Switches of the degradation mechanisms (all on by default).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mechanisms {
    /// Electrochemical oxidation of the electrolyte.
    pub oxidation: bool,
    /// Oxygen-driven reaction with rock salt, phosphate, sulfate.
    pub oxygen: bool,
    /// Reaction by contact alone.
    pub contact_reaction: bool,
    /// Gas from surface carbonate (O2 and SO2 belong to `oxygen`).
    pub gas: bool,
    /// Contact lost to breathing and reaction.
    pub contact_loss: bool,
    /// Cracking.
    pub cracking: bool,
    /// Loss of connected mass.
    pub disconnection: bool,
    /// Loss of ionic paths.
    pub conduction_loss: bool,
    /// Wear of the coating.
    pub coating_wear: bool,
}
