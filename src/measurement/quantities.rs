//! Measurement room: the quantities that columns may hold, with their headings and units.

use crate::input::Dimension;

/// A quantity that a column may hold.
#[derive(Debug)]
pub(super) struct Quantity {
    /// Preferred label of the Battery Data Format with unit, as an example.
    pub heading: &'static str,
    /// Other names, in small letters: the machine-readable one first, then what
    /// instruments write.
    pub names: &'static [&'static str],
    pub units: Units,
}

/// In which units a quantity comes.
#[derive(Debug)]
pub(super) enum Units {
    Of(Dimension),
    /// Ampere hours and coulombs, which a scenario has no use for.
    Charge,
    /// Amount of gas per active material and time.
    GasRate,
    /// Binding energies, which only come in electronvolts.
    Electronvolt,
    /// Numbers that only count in relation to one another, in any unit.
    None,
}

macro_rules! quantity {
    ($heading:literal, $units:expr, [$($name:literal),* $(,)?]) => {
        Quantity { heading: $heading, names: &[$($name),*], units: $units }
    };
}

pub(super) const FREQUENCY: Quantity = quantity!(
    "Frequency / Hz",
    Units::Of(Dimension::Frequency),
    ["frequency_hertz", "frequency", "freq", "f"]
);
pub(super) const REAL: Quantity = quantity!(
    "Real Impedance / ohm",
    Units::Of(Dimension::Resistance),
    [
        "real_impedance_ohm",
        "real impedance",
        "re(z)",
        "z'",
        "zre",
        "zreal",
        "z_re"
    ]
);
pub(super) const IMAGINARY: Quantity = quantity!(
    "Imaginary Impedance / ohm",
    Units::Of(Dimension::Resistance),
    [
        "imaginary_impedance_ohm",
        "imaginary impedance",
        "im(z)",
        "z''",
        "zim",
        "zimag",
        "z_im"
    ]
);
pub(super) const CATHODE_REAL: Quantity = quantity!(
    "Cathode Real Impedance / ohm",
    Units::Of(Dimension::Resistance),
    ["cathode_real_impedance_ohm", "cathode real impedance"]
);
pub(super) const CATHODE_IMAGINARY: Quantity = quantity!(
    "Cathode Imaginary Impedance / ohm",
    Units::Of(Dimension::Resistance),
    [
        "cathode_imaginary_impedance_ohm",
        "cathode imaginary impedance"
    ]
);
pub(super) const TIME: Quantity = quantity!(
    "Test Time / s",
    Units::Of(Dimension::Time),
    ["test_time_second", "test time", "time"]
);
pub(super) const VOLTAGE: Quantity = quantity!(
    "Voltage / V",
    Units::Of(Dimension::Voltage),
    ["voltage_volt", "voltage", "ecell", "ewe", "u", "e"]
);
pub(super) const CURRENT: Quantity = quantity!(
    "Current / A",
    Units::Of(Dimension::Current),
    ["current_ampere", "current", "i", "<i>"]
);
pub(super) const CYCLE: Quantity = quantity!(
    "Cycle Count / 1",
    Units::None,
    ["cycle_count", "cycle count", "cycle", "cycle number"]
);
pub(super) const STEP: Quantity = quantity!(
    "Step Count / 1",
    Units::None,
    ["step_count", "step count", "step_id", "step id", "ns"]
);
pub(super) const CHARGED: Quantity = quantity!(
    "Cycle Charging Capacity / Ah",
    Units::Charge,
    ["cycle_charging_capacity_ah", "cycle charging capacity"]
);
pub(super) const DISCHARGED: Quantity = quantity!(
    "Cycle Discharging Capacity / Ah",
    Units::Charge,
    [
        "cycle_discharging_capacity_ah",
        "cycle discharging capacity"
    ]
);

pub(super) const SPECIFIC_DISCHARGED: Quantity = quantity!(
    "Discharge Capacity (mAh/g)",
    Units::Of(Dimension::SpecificCharge),
    [
        "discharge capacity",
        "specific discharge capacity",
        "discharging capacity",
        "specific discharging capacity"
    ]
);

pub(super) const OXYGEN: Quantity = quantity!(
    "Oxygen Gas Rate / umol g-1 h-1",
    Units::GasRate,
    ["oxygen_gas_rate", "oxygen gas rate", "oxygen", "o2"]
);
pub(super) const SULFUR_DIOXIDE: Quantity = quantity!(
    "Sulfur Dioxide Gas Rate / umol g-1 h-1",
    Units::GasRate,
    [
        "sulfur_dioxide_gas_rate",
        "sulfur dioxide gas rate",
        "sulfur dioxide",
        "so2"
    ]
);
pub(super) const CARBON_DIOXIDE: Quantity = quantity!(
    "Carbon Dioxide Gas Rate / umol g-1 h-1",
    Units::GasRate,
    [
        "carbon_dioxide_gas_rate",
        "carbon dioxide gas rate",
        "carbon dioxide",
        "co2"
    ]
);

pub(super) const SAMPLE: Quantity =
    quantity!("Sample", Units::None, ["sample", "sample name", "specimen"]);
pub(super) const FRAGMENT: Quantity = quantity!(
    "Fragment",
    Units::None,
    ["fragment", "secondary ion", "ion", "mass fragment"]
);
pub(super) const SPOT: Quantity = quantity!(
    "Spot",
    Units::None,
    ["spot", "replicate", "replicate count", "measurement"]
);
pub(super) const REGION: Quantity = quantity!("Region", Units::None, ["region", "mode"]);
pub(super) const INTENSITY: Quantity = quantity!(
    "Intensity / 1",
    Units::None,
    [
        "intensity",
        "normalised intensity",
        "normalized intensity",
        "counts"
    ]
);
pub(super) const ALL_IONS: Quantity = quantity!(
    "Total Ion Intensity / 1",
    Units::None,
    [
        "total ion intensity",
        "total ion counts",
        "total ion count",
        "total counts",
        "tic"
    ]
);
pub(super) const LINE: Quantity = quantity!(
    "Line",
    Units::None,
    ["line", "core level", "photoelectron line", "transition"]
);
pub(super) const COMPONENT: Quantity = quantity!(
    "Component",
    Units::None,
    ["component", "species", "assignment"]
);
pub(super) const ENERGY: Quantity = quantity!(
    "Binding Energy / eV",
    Units::Electronvolt,
    ["binding energy", "be", "position", "peak position"]
);
pub(super) const PEAK_AREA: Quantity = quantity!(
    "Peak Area / 1",
    Units::None,
    ["peak area", "area", "raw area"]
);
pub(super) const SENSITIVITY: Quantity = quantity!(
    "Relative Sensitivity Factor / 1",
    Units::None,
    [
        "relative sensitivity factor",
        "sensitivity factor",
        "rsf",
        "r.s.f."
    ]
);
pub(super) const THICKNESS: Quantity = quantity!(
    "Coating Thickness / nm",
    Units::Of(Dimension::Length),
    [
        "coating thickness",
        "film thickness",
        "layer thickness",
        "thickness"
    ]
);
pub(super) const SHARE: Quantity = quantity!(
    "Share / 1",
    Units::None,
    ["share", "weight", "relative frequency", "number"]
);

/// Units of a gas rate with mol/(kg s) in each. A solidus would be taken for that before
/// the unit.
pub(super) const GAS_RATES: [(&str, f64); 6] = [
    ("umol g-1 h-1", 1e-3 / 3600.0),
    ("umol g-1 min-1", 1e-3 / 60.0),
    ("umol g-1 s-1", 1e-3),
    ("nmol g-1 s-1", 1e-6),
    ("nmol g-1 min-1", 1e-6 / 60.0),
    ("mol kg-1 s-1", 1.0),
];
