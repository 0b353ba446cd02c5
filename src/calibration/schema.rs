//! Every key of a fit's file, with unit, default and meaning.

use crate::input::{Bounds, Dimension as D, Kind, Names, Presence, Schema, key};
use Bounds::{Between, Share};
use Kind::{Choice, Forms, Integer, Quantity, Table, Tables, Text, Texts};
use Presence::{Default, Optional, Required};

/// The whole file. Paths count from its folder.
#[rustfmt::skip]
pub static FIT: Schema = Schema::new("the fit", "parameters, the numbers they are fitted to, and how", &[
    key("title", Text, Default("untitled"), "Our cells of March", "free text for the report"),
    key("parameter", Tables(&PARAMETER), Required, "[[parameter]]", "what is fitted"),
    key("most_parameters", Integer(1, 500), Default("25"), "30", "more are refused"),
    key("materials", Text, Optional, "../src/materials/data", "folder with the shipped materials' files, to fit and change those; without it a material is changed in the scenarios"),
    key("papers", Text, Optional, "papers", "folder of papers' data"),
    key("scenarios", Text, Optional, "../scenarios", "folder of the scenarios that the papers name"),
    key("fitted_to", Table(&FITTED_TO), Optional, "{ ... }", "ids of the papers' numbers that are fitted to, by paper"),
    key("cell", Tables(&CELL), Optional, "[[cell]]", "your own cells"),
    key("measured", Tables(&MEASURED), Optional, "[[measured]]", "numbers measured on them"),
    key("capacities", Tables(&CAPACITIES), Optional, "[[capacities]]", "files with discharge capacities, or cycling records, of them"),
    key("spectrum", Tables(&SPECTRUM), Optional, "[[spectrum]]", "files with impedance spectra of them"),
    key("uncertainty", Table(&UNCERTAINTY), Optional, "{ default = \"5 %\" }", "of the numbers, relative to what the error of a number is relative to"),
    key("search", Table(&SEARCH), Optional, "{ samples = 40 }", "the global search"),
    key("refine", Table(&REFINE), Optional, "{ iterations = 10 }", "the descent from its best points"),
    key("profile", Table(&PROFILE), Optional, "{ worst = 3 }", "which parameters are followed away from the optimum"),
    key("cycle_blocks", Table(&BLOCKS), Optional, "{ tolerance = \"0.5 %\" }", "carries like cycles on while fitting, in place of the scenarios' own"),
]);

#[rustfmt::skip]
static PARAMETER: Schema = Schema::new("[[parameter]]", "a value of a material or of scenarios", &[
    key("material", Text, Optional, "NCM83", "the material, or `laws`; one value for all cells"),
    key("kind", Text, Optional, "coating", "of the material, where several have its name"),
    key("scenarios", Texts, Optional, "[\"shi2023-1p\"]", "in place of a material: names in the folder of scenarios, or of your own cells"),
    key("key", Text, Required, "oxygen.rate", "the value, as in the material's or the scenario's file"),
    key("from", Forms("as the value itself"), Required, "1e-11 mol/(m2 s)", "lowest value"),
    key("to", Forms("as the value itself"), Required, "1e-8 mol/(m2 s)", "highest value"),
    key("start", Forms("as the value itself"), Optional, "1e-10 mol/(m2 s)", "first value tried, and centre of the prior; the middle when left out"),
    key("scale", Choice(&["logarithmic", "linear"]), Default("logarithmic"), "linear", "in which the bounds are far or near"),
    key("reason", Text, Required, "rates of oxygen loss between ...", "where the bounds come from"),
]);

#[rustfmt::skip]
static FITTED_TO: Schema = Schema {
    name: "[fitted_to]",
    about: "ids of the papers' numbers that are fitted to",
    keys: &[],
    names: Some(Names {
        what: "papers by key",
        kind: Forms("an array of ids"),
    }),
};

#[rustfmt::skip]
static CELL: Schema = Schema::new("[[cell]]", "a cell of your own", &[
    key("name", Text, Required, "mine", "in expressions: letters, digits and `_`"),
    key("scenario", Text, Required, "mine.toml", "its scenario's file"),
]);

#[rustfmt::skip]
static MEASURED: Schema = Schema::new("[[measured]]", "a number measured on your own cells", &[
    key("id", Text, Required, "retention-50", "a name of its own"),
    key("value", Forms("a bare number in the unit of the reading"), Required, "81.5", "what was measured"),
    key("unit", Text, Required, "%", "for the report"),
    key("simulated", Text, Required, "mine.retention(50)", "reads the same from the simulated cells"),
    key("uncertainty", Quantity(D::Fraction, Share), Optional, "3 %", "relative; the default when left out"),
]);

#[rustfmt::skip]
static CAPACITIES: Schema = Schema::new("[[capacities]]", "discharge capacities of a cell over its cycles", &[
    key("cell", Text, Required, "mine", "whose they are"),
    key("file", Text, Required, "mine.csv", "comma-separated: cycle and discharge capacity, or time, voltage and current"),
    key("cycles", Forms("an array of whole numbers"), Optional, "[1, 10, 50]", "only these; all when left out"),
    key("uncertainty", Quantity(D::Fraction, Share), Optional, "3 %", "relative; the default when left out"),
]);

#[rustfmt::skip]
static SPECTRUM: Schema = Schema::new("[[spectrum]]", "an impedance spectrum of a cell", &[
    key("cell", Text, Required, "mine", "whose it is"),
    key("file", Text, Required, "mine-eis.csv", "comma-separated: frequency and impedance"),
    key("after_cycle", Integer(1, 1_000_000), Optional, "1", "which of the file's spectra, and the cycle after which the scenario takes it; that of the file's only spectrum when left out"),
    key("highest", Quantity(D::Frequency, Bounds::Positive), Optional, "100 kHz", "faster points are left out"),
    key("lowest", Quantity(D::Frequency, Bounds::Positive), Optional, "1 mHz", "slower points are left out"),
    key("uncertainty", Quantity(D::Fraction, Share), Optional, "3 %", "of a point, relative to its modulus; the default when left out"),
]);

#[rustfmt::skip]
static UNCERTAINTY: Schema = Schema {
    name: "[uncertainty]",
    about: "relative uncertainty of the numbers",
    keys: &[
        key("default", Quantity(D::Fraction, Share), Default("5 %"), "5 %", "of every number without one of its own"),
    ],
    names: Some(Names {
        what: "quantities of the papers",
        kind: Quantity(D::Fraction, Share),
    }),
};

#[rustfmt::skip]
static SEARCH: Schema = Schema::new("[search]", "the global search", &[
    key("seed", Integer(0, i64::MAX), Default("1"), "1", "of the sampled points"),
    key("samples", Integer(0, 100_000), Default("32"), "32", "points per round"),
    key("rounds", Integer(1, 50), Default("3"), "3", "each in a box half as wide around the best point so far"),
]);

#[rustfmt::skip]
static REFINE: Schema = Schema::new("[refine]", "the descent", &[
    key("starts", Integer(1, 100), Default("1"), "2", "points from which it starts, the best of the search"),
    key("iterations", Integer(1, 1000), Default("12"), "12", "gradients taken from each start, at most"),
    key("step", Quantity(D::Fraction, Between(1e-5, 0.2)), Default("2 %"), "2 %", "of the range between the bounds, for the differences that give a gradient: well above the noise of a simulation"),
    key("loss", Choice(&["soft-l1", "squares"]), Default("soft-l1"), "squares", "soft-l1 counts far-off numbers in proportion to their distance, not to its square"),
    key("prior", Quantity(D::Fraction, Between(1e-3, 10.0)), Optional, "50 %", "of the range: distance from the start that weighs as much as a number off by its uncertainty; none when left out"),
]);

#[rustfmt::skip]
static PROFILE: Schema = Schema::new("[profile]", "how the loss rises when one parameter is held elsewhere", &[
    key("worst", Integer(0, 100), Default("3"), "3", "so many of the least determined parameters"),
    key("keys", Texts, Optional, "[\"oxygen.rate\"]", "and these, by their keys"),
    key("points", Integer(2, 50), Default("6"), "6", "values at which a parameter is held"),
]);

#[rustfmt::skip]
static BLOCKS: Schema = Schema::new("[cycle_blocks]", "cycles carried on", &[
    key("tolerance", Quantity(D::Fraction, Between(1e-4, 0.05)), Default("0.5 %"), "0.5 %", "of what ageing changes"),
    key("longest", Integer(1, 1000), Default("25"), "25", "cycles at a time, at most"),
]);
