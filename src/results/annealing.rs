//! The table of an annealing survey for spreadsheets.

use super::ResultsError;
use super::csv;
use super::table::{Column, Table};
use crate::annealing::Annealed;

/// Name of the table in a results directory.
pub const ANNEALING_NAME: &str = "annealing.csv";

/// One row per treatment as CSV text; `gamma` is the coating's share of the
/// photoelectrons, one for each.
///
/// # Errors
/// [`ResultsError::Length`] when there are more or fewer `gamma` than treatments.
pub fn annealing(row: &[Annealed], gamma: &[f64]) -> Result<String, ResultsError> {
    let each = |of: &dyn Fn(&Annealed) -> f64| row.iter().map(of).collect::<Vec<_>>();
    let volume = |phase: usize| each(&|a| a.outcome.composition.volume_fractions()[phase]);
    let mole = |phase: usize| each(&|a| a.outcome.composition.mole_fractions()[phase]);
    #[rustfmt::skip]
    let columns = vec![
        Column::real("temperature_degree_celsius", "Temperature", "degC", each(&|a| a.treatment.temperature - 273.15)),
        Column::real("hold_hour", "Hold", "h", each(&|a| a.treatment.hold / 3600.0)),
        Column::real("oxygen_pressure_bar", "Oxygen Pressure", "bar", each(&|a| 1e-5 * a.treatment.oxygen_pressure)),
        Column::real("coverage", "Coverage", "1", each(&|a| a.outcome.film.coverage)),
        Column::real("xps_gamma", "XPS Gamma", "1", gamma.to_vec()),
        Column::real("thickness_nanometre", "Thickness", "nm", each(&|a| 1e9 * a.outcome.film.thickness)),
        Column::real("thickness_variation", "Thickness Variation", "1", each(&|a| a.outcome.film.variation)),
        Column::real("oxidised_share", "Oxidised Share", "1", each(&|a| a.outcome.progress.oxidised)),
        Column::real("decomposed_share", "Decomposed Share", "1", each(&|a| a.outcome.progress.decomposed)),
        Column::real("evaporated_share", "Evaporated Share", "1", each(&|a| a.outcome.progress.evaporated)),
        Column::real("sulfide_volume_fraction", "Sulfide Volume Fraction", "1", volume(0)),
        Column::real("intermediate_volume_fraction", "Intermediate Volume Fraction", "1", volume(1)),
        Column::real("phosphate_volume_fraction", "Phosphate Volume Fraction", "1", volume(2)),
        Column::real("sulfate_volume_fraction", "Sulfate Volume Fraction", "1", volume(3)),
        Column::real("sulfide_mole_fraction", "Sulfide Mole Fraction", "1", mole(0)),
        Column::real("intermediate_mole_fraction", "Intermediate Mole Fraction", "1", mole(1)),
        Column::real("phosphate_mole_fraction", "Phosphate Mole Fraction", "1", mole(2)),
        Column::real("sulfate_mole_fraction", "Sulfate Mole Fraction", "1", mole(3)),
        Column::real("coating_mass_ratio", "Coating Mass per Oxide", "1", each(&Annealed::mass)),
        Column::real("lump_mass_ratio", "Lump Mass per Oxide", "1", each(&Annealed::lumps)),
        Column::real("density", "Density", "g cm-3", each(&|a| 1e-3 * a.material().density)),
        Column::real("ionic_conductivity", "Ionic Conductivity", "S cm-1", each(&|a| 0.01 * a.material().ionic_conductivity)),
        Column::real("oxidisable_charge", "Oxidisable Charge", "mAh g-1", each(&|a| a.outcome.oxidisable_charge / 3600.0)),
        Column::real("oxygen_uptake", "O2 Uptake", "mmol g-1", each(&|a| a.outcome.exchange.oxygen)),
        Column::real("residual_lithium_taken", "Residual Lithium Taken", "mmol g-1", each(&|a| a.outcome.exchange.residual_lithium)),
        Column::real("oxide_lithium_taken", "Oxide Lithium Taken", "1", each(&Annealed::oxide_lithium_taken)),
        Column::real("sulfur_dioxide", "SO2 Given Off", "mmol g-1", each(&|a| a.outcome.exchange.sulfur_dioxide)),
    ];
    Ok(csv::render(&Table::new(columns)?))
}
