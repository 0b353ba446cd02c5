//! Every key of a scenario, with unit, default and meaning: the one place that
//! reading, checking, documentation and editor help share.

use super::types::PhaseName;
use crate::input::{Bounds, Dimension as D, Key, Kind, Names, Presence, Schema, key};
use crate::materials::{LAWS, MATERIAL_FORMS};
use Bounds::{BelowOne, Between, Fraction, NotNegative, Positive, Share};
use Kind::{
    Amount, Choice, Either, Forms, Integer, List, Name, Number, Quantity, Switch, Table, Tables,
    Text, Texts, Values,
};
use Presence::{Default, Optional, Required};

/// The whole file.
#[rustfmt::skip]
pub static SCENARIO: Schema = Schema::new("the scenario", "one run", &[
    key("title", Text, Default("untitled"), "NCM83, uncoated", "free text for plots and files"),
    key("seed", Integer(0, i64::MAX), Default("1"), "1", "seed of every random choice"),
    key("cathode", Table(&CATHODE), Required, "{ ... }", "the composite cathode"),
    key("coating", Table(&COATING), Optional, "{ ... }", "what covers the active material; leave out when bare"),
    key("cell", Table(&CELL), Required, "{ ... }", "the cell around the cathode"),
    key("protocol", Tables(&BLOCK), Required, "[[protocol]]", "what is done to the cell, in order"),
    key("microstructure", Table(&MICROSTRUCTURE), Optional, "{ ... }", "size and fineness of the structure"),
    key("numerics", Table(&NUMERICS), Optional, "{ ... }", "grids and tolerance of the electrode model"),
    key("mechanisms", Table(&MECHANISMS), Optional, "{ ... }", "which degradation mechanisms act"),
    key("attribution", Table(&ATTRIBUTION), Optional, "{ cycles = [1, 10, 100] }", "when lost capacity is shared out among the mechanisms"),
    key("materials", Table(&MATERIALS), Optional, "{ LPSCl = { ionic_conductivity = \"2 mS/cm\" } }", "changed or added materials; `engobe materials` lists those there are"),
    key("laws", Values(&LAWS), Optional, "{ oxygen = { onset = \"4.2 V\" } }", "changed degradation constants; `engobe materials laws` lists them"),
    key("sweep", Forms("a table of paths and values"), Optional, "{ \"coating.thickness\" = [\"1 nm\", \"2 nm\"] }", "values to be swept over by `engobe sweep`; a single run leaves them alone"),
]);

#[rustfmt::skip]
static CATHODE: Schema = Schema::new("[cathode]", "recipe and make", &[
    key("active_material", Name(&["active-material"]), Required, "NCM83", "name of the oxide"),
    key("particle_kind", Choice(&["single-crystal", "polycrystal"]), Required, "single-crystal", "make of the oxide particles"),
    key("particle_diameter", Either(&[Quantity(D::Length, Positive), Table(&PARTICLE_DIAMETER)]), Required, "{ d50 = \"4 um\", d90 = \"4.8 um\" }", "of the oxide particles: one diameter, or a table of quantiles, of mean and deviation, or of diameters and shares"),
    key("specific_surface", Quantity(D::SpecificSurface, Positive), Optional, "0.6 m2/g", "BET of the uncoated powder; that of smooth spheres when left out"),
    key("composition", Table(&COMPOSITION), Required, "{ active_material = \"70 wt%\", LPSCl = \"30 wt%\", VGCF = \"1 wt% extra\" }", "the solids by wt%, by vol%, or in mass per area"),
    key("active_mass_loading", Quantity(D::ArealLoading, Positive), Optional, "10.6 mg/cm2", "oxide without its coating, per cell area; follows from a composition in mass per area"),
    key("porosity", Quantity(D::VolumeFraction, BelowOne), Default("12 %"), "12 %", "volume of voids; in place of pressing_pressure"),
    key("pressing_pressure", Quantity(D::Pressure, Between(5e7, 1e9)), Optional, "375 MPa", "of the cold pressing, to estimate the porosity from"),
    key("pore_filling", Name(&["liquid-electrolyte"]), Optional, "LP57", "a liquid electrolyte that fills the porosity, in place of a sulfide in the composition; it touches all of the surface"),
    key("contact_flattening", Quantity(D::Fraction, Between(0.0, 0.1)), Default("0 %"), "2 %", "overlap of touching oxide particles pressed together, over the smaller radius"),
    key("heterogeneity", Quantity(D::Fraction, Fraction), Default("0 %"), "30 %", "share of the oxide bound in agglomerates about three median diameters wide; 0 is evenly mixed"),
    key("contact_fraction", Quantity(D::Fraction, Share), Default("50 %"), "50 %", "share of facing surfaces (oxide to electrolyte, grain to grain) that truly touch"),
    key("connected_fraction", Quantity(D::Fraction, Share), Default("95 %"), "95 %", "active mass connected in the fresh cell"),
    key("primary_grain_diameter", Quantity(D::Length, Positive), Optional, "500 nm", "of the grains in polycrystals, as balls of their volume; 500 nm (an estimate) when left out"),
    key("voids_in_particles", Quantity(D::Fraction, BelowOne), Default("0 %"), "10 %", "share of the porosity that lies between the grains of polycrystals; they are the larger for it"),
    key("carbon_at_surfaces", Quantity(D::Fraction, Fraction), Default("70 %"), "70 %", "share of carbon black that clings to oxide surfaces, from 0 % (dispersed) to 100 %"),
    key("fibres_in_plane", Quantity(D::Fraction, Fraction), Default("0 %"), "40 %", "fibres pressed flat: 1 - 3 times the mean square of their direction's part through the thickness; 0 % isotropic, 100 % flat"),
    key("voids_at_surfaces", Quantity(D::Fraction, Fraction), Optional, "30 %", "share of the other voids at oxide surfaces, the rest between electrolyte grains; the strengths of the welds decide when left out"),
]);

/// Forms of a distribution of diameters; a form's keys stand together.
#[rustfmt::skip]
pub static PARTICLE_DIAMETER: Schema = Schema::new("particle_diameter", "a distribution of diameters", &[
    key("d10", Quantity(D::Length, Positive), Optional, "2.5 um", "a tenth of the volume lies below; without it a lognormal of d50 and d90"),
    key("d50", Quantity(D::Length, Positive), Optional, "4 um", "median by volume"),
    key("d90", Quantity(D::Length, Positive), Optional, "4.8 um", "nine tenths of the volume lie below"),
    key("mean", Quantity(D::Length, Positive), Optional, "4 um", "by volume where lognormal, by number where normal"),
    key("deviation", Quantity(D::Length, NotNegative), Optional, "1 um", "standard deviation, by volume or number as the mean"),
    key("variation", Quantity(D::Fraction, Between(0.0, 2.0)), Optional, "25 %", "deviation over mean, in place of the deviation"),
    key("shape", Choice(&["lognormal", "normal"]), Default("lognormal"), "normal", "of mean and deviation; a normal one is cut off at 0"),
    key("diameters", List(&Quantity(D::Length, Positive)), Optional, "[\"2 um\", \"4 um\", \"8 um\"]", "edges of a table by volume, rising"),
    key("cumulative", List(&Quantity(D::VolumeFraction, Fraction)), Optional, "[\"0 %\", \"50 %\", \"100 %\"]", "share of the volume below each diameter, as many as diameters"),
    key("shares", List(&Quantity(D::VolumeFraction, Fraction)), Optional, "[\"50 %\", \"50 %\"]", "volume between neighbouring diameters (one fewer than diameters), in place of cumulative"),
]);

/// What a part of the composite can be stated in; a bare `%` is by mass.
pub(super) const AMOUNTS: [D; 3] = [D::MassFraction, D::VolumeFraction, D::ArealLoading];
const PART: Kind = Amount(&AMOUNTS, "extra");

/// Parts of the composite; names other than `active_material` are materials.
#[rustfmt::skip]
pub static COMPOSITION: Schema = Schema {
    name: "[cathode] composition",
    about: "parts in one kind of unit: by mass or by volume of the solids, adding up to 100 % (a part written as \"1 wt% extra\" comes on top), or in mass per area",
    keys: &[
        key("active_material", PART, Required, "70 wt%", "powder as weighed, coating included"),
    ],
    names: Some(Names {
        what: "electrolyte, carbon and binder by name",
        kind: PART,
    }),
};

#[rustfmt::skip]
static COATING: Schema = Schema::new("[coating]", "material, and two or three of thickness, coverage and mass; or a process that gives them", &[
    key("process", Table(&PROCESS), Optional, "{ precursor = \"Li3PS4\", mass = \"1 wt%\", temperature = \"400 degC\" }", "annealing of a precursor on the oxide, in place of every other key here but aggregate_diameter"),
    key("material", Name(&["coating"]), Optional, "LiNbO3", "the coating's (or outer layer's) substance"),
    key("thickness", Quantity(D::Length, Positive), Optional, "5 nm", "mean where covered; follows from mass and coverage when left out"),
    key("coverage", Quantity(D::Fraction, Fraction), Optional, "95 %", "share of the surface covered; follows from mass and thickness when left out"),
    key("morphology", Choice(&["conformal", "islands", "particulate", "bilayer", "aggregates"]), Default("conformal"), "conformal", "how it sits; sets how even the thickness is unless stated"),
    key("thickness_variation", Quantity(D::Fraction, Between(0.0, 2.0)), Optional, "20 %", "relative standard deviation of the thickness; 20 % conformal, 50 % particulate, 80 % islands when left out"),
    key("patch_diameter", Quantity(D::Length, Positive), Optional, "200 nm", "of islands, of nanoparticles, or of patches of one thickness in a film; 200 nm, 4 nm and 500 nm when left out"),
    key("packing", Quantity(D::Fraction, Share), Optional, "60 %", "solid share of a layer of nanoparticles, for a material whose density is that of the solid (that of ZrO2 and HfO2 is a layer's already)"),
    key("mass", Quantity(D::MassFraction, Share), Optional, "1 wt%", "all coating per mass of active material; the film's own mass when left out"),
    key("aggregate_share", Quantity(D::Fraction, BelowOne), Optional, "60 %", "share of the mass in lumps outside the film; none, or what a stated mass leaves over, when left out"),
    key("aggregate_diameter", Quantity(D::Length, Positive), Default("100 nm"), "100 nm", "of those lumps, and of binder"),
    key("inner", Table(&LAYER), Optional, "{ material = \"Li2CO3\", thickness = \"8 nm\" }", "a second layer beneath"),
]);

#[rustfmt::skip]
static LAYER: Schema = Schema::new("[coating.inner]", "material and thickness", &[
    key("material", Name(&["coating"]), Required, "Li2CO3", "its substance"),
    key("thickness", Quantity(D::Length, Positive), Required, "8 nm", "mean where covered"),
]);

#[rustfmt::skip]
static PROCESS: Schema = Schema::new("[coating.process]", "annealing of a precursor on the oxide", &[
    key("precursor", Name(&["coating-process"]), Required, "Li3PS4", "the sulfide ground onto the oxide"),
    key("mass", Quantity(D::MassFraction, Between(1e-4, 0.2)), Required, "1 wt%", "precursor per mass of active material"),
    key("temperature", Quantity(D::Temperature, Between(288.15, 1073.15)), Required, "400 degC", "of the hold; the constants describe 25 to 700 degC"),
    key("hold", Quantity(D::Time, Between(0.0, 30.0 * 86400.0)), Default("1 h"), "1 h", "time at that temperature"),
    key("heating_rate", Quantity(D::HeatingRate, Between(0.1 / 60.0, 100.0 / 60.0)), Default("2 K/min"), "2 K/min", "from 25 degC"),
    key("oxygen_pressure", Quantity(D::Pressure, Between(0.0, 1e6)), Default("0.21 bar"), "0.21 bar", "partial pressure of oxygen; 0.21 bar is air"),
    key("residual_lithium", Quantity(D::MolesPerMass, NotNegative), Optional, "0.14 mmol/g", "in LiOH and Li2CO3 on the oxide; that of the process's data (an estimate) when left out"),
]);

#[rustfmt::skip]
static CELL: Schema = Schema::new("[cell]", "anode, separator, area, temperature and current of 1C", &[
    key("anode", Name(&["anode"]), Required, "In/InLi", "name of the counter electrode"),
    key("capacity_ratio", Number(Positive), Optional, "1.74", "anode capacity over that of the cathode (one_C for an hour)"),
    key("separator", Table(&SEPARATOR), Required, "{ material = \"LPSCl\", mass = \"80 mg\" }", "the electrolyte between"),
    key("area", Quantity(D::Area, Positive), Required, "0.785 cm2", "cell area"),
    key("temperature", Quantity(D::Temperature, Between(233.15, 373.15)), Required, "25 degC", "of the cell"),
    key("one_C", Quantity(D::SpecificCurrent, Positive), Required, "200 mA/g", "current of 1C per active material"),
    key("stack_pressure", Quantity(D::Pressure, Positive), Default("50 MPa"), "50 MPa", "while cycling"),
    key("headspace", Table(&HEADSPACE), Optional, "{ volume = \"5 mL\", flow = \"2.5 mL/min\" }", "between the cell and a mass spectrometer: the delay with which gas is seen"),
]);

#[rustfmt::skip]
static HEADSPACE: Schema = Schema::new("headspace", "the way of gas to a mass spectrometer (estimates when left out)", &[
    key("volume", Quantity(D::Volume, Positive), Default("5 mL"), "5 mL", "gas over the cell and in the line, well mixed"),
    key("flow", Quantity(D::VolumeFlow, Positive), Default("2.5 mL/min"), "2.5 mL/min", "of the carrier gas that flushes it, at the temperature of the cell and 1 bar"),
    key("pellet_delay", Quantity(D::Time, Positive), Default("7 min"), "7 min", "mean time that gas takes to leave the pellet"),
]);

#[rustfmt::skip]
static SEPARATOR: Schema = Schema::new("separator", "material, and mass or thickness", &[
    key("material", Name(&["solid-electrolyte", "liquid-electrolyte"]), Required, "LPSCl", "name of the electrolyte"),
    key("mass", Quantity(D::Mass, Positive), Optional, "80 mg", "its mass; thickness follows as if it had no pores"),
    key("thickness", Quantity(D::Length, Positive), Optional, "400 um", "in place of the mass"),
    key("resistance", Quantity(D::ArealResistance, Positive), Optional, "25 ohm cm2", "at the cell's temperature, where the cell's spectra show it (bulk and grain boundaries); left out, that of a dense pellet"),
]);

#[rustfmt::skip]
static BLOCK: Schema = Schema::new("[[protocol]]", "steps of one cycle, or blocks", &[
    key("repeat", Integer(1, 1_000_000), Default("1"), "100", "number of passes; a pass through steps is one cycle"),
    key("steps", List(&Either(&[Text, Table(&STEP)])), Optional, "[\"Charge at 0.1C until 3.7 V\", \"Discharge at 0.1C until 2.0 V\"]", "what is done in one cycle: sentences, or tables with `gitt` or `table`"),
    key("blocks", Tables(&BLOCK), Optional, "[{ repeat = 2, steps = [...] }, { steps = [...] }]", "in place of steps: blocks to be done one after the other in every pass"),
    key("rates", Texts, Optional, "[\"0.1C\", \"0.5C\", \"1C\"]", "currents to run the steps at, one after the other; the steps name them as {rate}"),
    key("cycles_per_rate", Integer(1, 1_000_000), Default("1"), "5", "cycles at each of the rates"),
    key("stop", Either(&[Text, Texts]), Optional, "80% capacity", "ends the block early (of several conditions one is enough), looked at after every cycle: a share of the first discharge capacity, a capacity, a voltage or a time"),
    key("impedance", Table(&IMPEDANCE), Optional, "{ cycles = [1, 100], at = \"3.15 V\", from = \"1 MHz\", to = \"100 uHz\" }", "spectra to take"),
]);

#[rustfmt::skip]
pub(super) static STEP: Schema = Schema::new("the step", "a train of pulses, or a current over time", &[
    key("gitt", Text, Optional, "Charge at 0.1C for 20 minutes", "sentence of one pulse; pulses and rests go on until `until` is met"),
    key("rest", Quantity(D::Time, Positive), Optional, "2 hours", "after every pulse"),
    key("table", Text, Optional, "profile.csv", "comma-separated time and current with a heading, for example `time / s, current / mA`; relative to the scenario; positive charges"),
    key("until", Text, Optional, "3.7 V", "what ends the step, as in a sentence; a table may run on to its end"),
    key("period", Quantity(D::Time, Positive), Optional, "10 s", "between recorded samples; every time step is recorded when left out"),
]);

#[rustfmt::skip]
static IMPEDANCE: Schema = Schema::new("impedance", "spectra taken on copies of the cell", &[
    key("cycles", List(&CYCLE), Required, "[1, 10, 100]", "after which cycles of the block, from 1"),
    key("at", Text, Required, "3.15 V", "voltage to bring the cell to and hold at, as in a sentence; or \"open circuit\": an hour after the end of the cycle, without a charge"),
    key("on", Choice(&["charge", "discharge"]), Default("charge"), "discharge", "whether that voltage is reached by charging the cell as the cycle left it, or by a full charge (to the highest voltage of the block's steps) and a discharge"),
    key("from", Quantity(D::Frequency, Positive), Required, "1 MHz", "highest frequency"),
    key("to", Quantity(D::Frequency, Positive), Required, "100 uHz", "lowest frequency"),
    key("per_decade", Integer(1, 1000), Default("10"), "10", "frequencies per decade"),
    key("amplitude", Either(&[Text, Texts]), Optional, "[\"10 mV to 10 mHz\", \"5 mV to 1 mHz\", \"3 mV to 100 uHz\"]", "amplitude of the sine (zero to crest), one for all frequencies or each down to a frequency; at the lowest frequency of each a sine of that size is simulated in time and tells how far the cell is from linear. The spectrum itself is that of an infinitesimal sine"),
    key("charge", Text, Default("0.1C"), "0.1C", "current of that charge, and discharge, as in a sentence"),
    key("hold_until", Quantity(D::Fraction, Between(1e-6, 1.0)), Default("1 %"), "1 %", "share of that current at which the hold ends; 100 %: no hold, the spectrum is taken under the current"),
    key("rest", Quantity(D::Time, Between(1.0, 30.0 * 86400.0)), Optional, "2 hours", "in place of the hold: time without current before the spectrum; at open circuit 1 hour when left out"),
]);

#[rustfmt::skip]
static MICROSTRUCTURE: Schema = Schema::new("[microstructure]", "box and resolution", &[
    key("box_edge", Quantity(D::Length, Positive), Default("30 um"), "30 um", "edge of the periodic box"),
    key("resolution", Integer(8, 1024), Default("100"), "100", "voxels per edge"),
    key("image", Table(&IMAGE), Optional, "{ file = \"segmented.tif\", voxel = \"50 nm\", labels = { \"0\" = \"void\", \"1\" = \"active material\", \"2\" = \"electrolyte\" } }", "a segmented image in place of the generated structure"),
]);

#[rustfmt::skip]
static IMAGE: Schema = Schema::new("image", "a segmented image in place of the generated structure", &[
    key("file", Text, Required, "segmented.tif", "TIFF stack (.tif, .tiff), NumPy array (.npy), raw voxels (.raw, described in .raw.toml) or HDF5 (.h5, .hdf5); relative to the scenario"),
    key("voxel", Either(&[EDGE, List(&EDGE)]), Required, "\"50 nm\"", "edge of a voxel, or three in the order of the image's axes (a TIFF's: page, row, column)"),
    key("labels", Table(&LABELS), Required, "{ \"0\" = \"void\", \"1\" = \"active material\", \"2\" = \"electrolyte\" }", "what each number in the image means"),
    key("axis", Choice(&["first", "second", "third"]), Default("first"), "first", "which axis of the image runs through the thickness, from the separator to the current collector"),
    key("dataset", Text, Optional, "microstructure/phases", "path of the array inside an HDF5 file"),
    key("periodic", Switch, Default("false"), "true", "whether opposite faces fit together; else nothing passes the sides"),
    key("carbon_fill", Quantity(D::Fraction, Share), Default("100 %"), "40 %", "share of a carbon voxel that is carbon, for fibres thinner than a voxel; the rest is electrolyte"),
    key("split_depth", Quantity(D::Length, Positive), Optional, "200 nm", "touching particles are cut where the distance to their surface dips by this; one voxel edge when left out, more to cut less"),
]);

const EDGE: Kind = Quantity(D::Length, Positive);
/// A cycle's number.
const CYCLE: Kind = Integer(1, i64::MAX);

const PHASES: [&str; PhaseName::ALL.len()] = {
    let mut words = [""; PhaseName::ALL.len()];
    let mut i = 0;
    while i < words.len() {
        words[i] = PhaseName::ALL[i].1;
        i += 1;
    }
    words
};

/// Labels of an image by their number.
static LABELS: Schema = Schema {
    name: "labels",
    about: "phases by label: void, active material, electrolyte, carbon, polymer",
    keys: &[],
    names: Some(Names {
        what: "labels",
        kind: Choice(&PHASES),
    }),
};

#[rustfmt::skip]
static NUMERICS: Schema = Schema::new("[numerics]", "grids and tolerance", &[
    key("depths", Integer(1, 1000), Default("6"), "6", "volumes through the thickness"),
    key("size_classes", Integer(1, 100), Default("3"), "3", "particle sizes at every depth"),
    key("shells", Integer(3, 1000), Default("14"), "14", "shells of every particle"),
    key("tolerance", Number(Between(1e-8, 0.1)), Default("1e-3"), "1e-3", "1e-3 is 0.1 % of capacity and 1 mV"),
    key("cycle_blocks", Table(&CYCLE_BLOCKS), Optional, "{ tolerance = \"0.5 %\" }", "simulate only some of many like cycles; all when left out"),
]);

#[rustfmt::skip]
static CYCLE_BLOCKS: Schema = Schema::new("cycle_blocks", "cycles that are carried on from others in place of being simulated", &[
    key("tolerance", Quantity(D::Fraction, Between(1e-5, 0.1)), Default("0.5 %"), "0.5 %", "error that this may cause over the run in what ageing changes (active mass, resistances)"),
    key("longest", Integer(1, 10_000), Default("25"), "25", "most cycles in a row that are not simulated"),
]);

const fn switch(name: &'static str, about: &'static str) -> Key {
    key(name, Switch, Default("true"), "false", about)
}

#[rustfmt::skip]
static MECHANISMS: Schema = Schema::new("[mechanisms]", "switches", &[
    switch("oxidation", "electrochemical oxidation of the electrolyte"),
    switch("oxygen", "lattice oxygen attacking the electrolyte"),
    switch("contact_reaction", "reaction by mere contact"),
    switch("gas", "gas from surface carbonate"),
    switch("contact_loss", "contact lost to breathing and reaction"),
    switch("cracking", "cracking of particles"),
    switch("disconnection", "loss of connected mass"),
    switch("conduction_loss", "loss of ionic paths"),
    switch("coating_wear", "wear of the coating"),
]);

#[rustfmt::skip]
static ATTRIBUTION: Schema = Schema::new("[attribution]", "lost capacity by mechanism", &[
    key("cycles", List(&CYCLE), Optional, "[1, 10, 100]", "after which cycles of the whole protocol, from 1; about six per decade and the last when left out, none when empty"),
]);

static MATERIALS: Schema = Schema {
    name: "[materials]",
    about: "a table per material",
    keys: &[],
    names: Some(Names {
        what: "materials",
        kind: Either(&MATERIAL_FORMS),
    }),
};
