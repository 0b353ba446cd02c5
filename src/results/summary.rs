//! The numbers experimenters quote, from the record in SI: capacities per gram,
//! efficiencies, retention, amounts per active mass.

use super::ResultsError;
use super::table::{Column, Table};
use crate::degradation::Mechanism;
use crate::impedance::Linearity;
use crate::observables;
use crate::record::{Attribution, CycleRecord, Products, RunRecord, Spectrum, StepRecord};
use crate::scenario::Scenario;

/// C in one Ah; also J in one Wh.
const PER_HOUR: f64 = 3600.0;
/// nm in one m.
const NANOMETRES: f64 = 1e9;
/// µmol/g in one mol/kg.
const MICROMOL_PER_GRAM: f64 = 1e3;
/// cm2 in one m2; ohm cm2 in one ohm m2.
const SQUARE_CENTIMETRES: f64 = 1e4;

/// Capacity in mAh per gram of active material from a charge in C/m2 of cell area.
pub fn specific_capacity(charge: f64, scenario: &Scenario) -> f64 {
    // C/kg over 3600 is Ah/kg, which is mAh/g.
    charge / scenario.cathode.areal_loading / PER_HOUR
}

/// Amount in µmol per gram of active material from one in mol/m2 of cell area.
pub fn specific_amount(amount: f64, scenario: &Scenario) -> f64 {
    amount / scenario.cathode.areal_loading * MICROMOL_PER_GRAM
}

/// Area-specific resistance in ohm cm2 from one in ohm m2.
pub fn ohm_square_centimetres(resistance: f64) -> f64 {
    resistance * SQUARE_CENTIMETRES
}

/// Length in nm from one in m.
pub fn nanometres(length: f64) -> f64 {
    length * NANOMETRES
}

/// Discharge over charge, 0..1; NaN without charge.
pub fn coulombic_efficiency(cycle: &CycleRecord) -> f64 {
    observables::coulombic_efficiency(cycle).unwrap_or(f64::NAN)
}

/// Energy taken out over energy put in, 0..1; NaN without charge.
pub fn energy_efficiency(cycle: &CycleRecord) -> f64 {
    observables::energy_efficiency(cycle).unwrap_or(f64::NAN)
}

/// Discharge of `cycle` over that of the first cycle, 0..1; NaN if that gave none.
pub fn capacity_retention(cycle: &CycleRecord, record: &RunRecord) -> f64 {
    observables::capacity_retention(cycle, &record.cycles).unwrap_or(f64::NAN)
}

/// Mean voltage of the charge against the anode, V; NaN without charge.
pub fn mean_charge_voltage(cycle: &CycleRecord) -> f64 {
    ratio(cycle.energy_in, cycle.charge)
}

/// Mean voltage of the discharge against the anode, V; NaN without discharge.
pub fn mean_discharge_voltage(cycle: &CycleRecord) -> f64 {
    ratio(cycle.energy_out, cycle.discharge)
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

/// One row per cycle: capacities, efficiencies, voltages, state of the cathode,
/// errors of the balances.
///
/// # Errors
/// None in practice; see [`Table::new`].
pub fn cycles(record: &RunRecord) -> Result<Table, ResultsError> {
    let scenario = &record.scenario;
    let real = |name, label, unit, value: &dyn Fn(&CycleRecord) -> f64| {
        Column::real(name, label, unit, record.cycles.iter().map(value).collect())
    };
    let hours = scenario.cell.area / PER_HOUR;
    #[rustfmt::skip]
    let mut columns = vec![
        cycle_column(record),
        real("test_time_second", "Test Time", "s", &|c| c.time),
        real("charge_capacity", "Specific Charge Capacity", "mAh g-1", &|c| specific_capacity(c.charge, scenario)),
        real("discharge_capacity", "Specific Discharge Capacity", "mAh g-1", &|c| specific_capacity(c.discharge, scenario)),
        real("cycle_charging_capacity_ah", "Cycle Charging Capacity", "Ah", &|c| c.charge * hours),
        real("cycle_discharging_capacity_ah", "Cycle Discharging Capacity", "Ah", &|c| c.discharge * hours),
        real("cycle_charging_energy_wh", "Cycle Charging Energy", "Wh", &|c| c.energy_in * hours),
        real("cycle_discharging_energy_wh", "Cycle Discharging Energy", "Wh", &|c| c.energy_out * hours),
        real("coulombic_efficiency", "Coulombic Efficiency", "1", &coulombic_efficiency),
        real("energy_efficiency", "Energy Efficiency", "1", &energy_efficiency),
        real("capacity_retention", "Capacity Retention", "1", &|c| capacity_retention(c, record)),
        real("mean_charge_voltage", "Mean Charge Voltage", "V", &mean_charge_voltage),
        real("mean_discharge_voltage", "Mean Discharge Voltage", "V", &mean_discharge_voltage),
        real("relaxed_voltage_charged", "Relaxed Voltage After Charge", "V", &|c| c.relaxed_charged),
        real("relaxed_voltage_discharged", "Relaxed Voltage After Discharge", "V", &|c| c.relaxed_discharged),
        real("active_mass_apparent", "Apparent Active Mass Fraction", "1", &|c| c.active_mass_apparent),
        real("connected_fraction", "Connected Active Mass Fraction", "1", &|c| c.connected_fraction),
        real("contact_lost", "Contact Lost", "1", &|c| c.contact_lost),
        real("crack_damage", "Crack Damage", "1", &|c| c.crack_damage),
        real("coverage", "Coating Coverage", "1", &|c| c.coverage),
        real("stoichiometry", "Lithium Content At Cycle End", "1", &|c| c.stoichiometry),
        real("lithium_error", "Relative Error Of Lithium Balance", "1", &|c| c.lithium_error),
        real("charge_error", "Relative Error Of Charge Balance", "1", &|c| c.charge_error),
        Column::text("note", "Note", record.cycles.iter().map(|c| c.note.clone()).collect()),
    ];
    if scenario.numerics.cycle_blocks.is_some() {
        let skipped = record.cycles.iter().map(|c| c.skipped).collect();
        columns.insert(
            1,
            Column::count(
                "skipped_cycles",
                "Cycles Before That Were Not Simulated",
                skipped,
            ),
        );
    }
    Table::new(columns)
}

/// One row per cycle: cumulative degradation products by species and interface.
///
/// # Errors
/// None in practice; see [`Table::new`].
pub fn products(record: &RunRecord) -> Result<Table, ResultsError> {
    let layer = |name, label, value: fn(&Products) -> f64| {
        let values = record.cycles.iter();
        let values = values.map(|c| nanometres(value(&c.products))).collect();
        Column::real(name, label, "nm", values)
    };
    let amount = |name, label, value: fn(&Products) -> f64| {
        let values = record.cycles.iter();
        let values = values.map(|c| specific_amount(value(&c.products), &record.scenario));
        Column::real(name, label, "umol g-1", values.collect())
    };
    #[rustfmt::skip]
    let columns = vec![
        cycle_column(record),
        layer("polysulfide_thickness", "Polysulfide Layer On Active Material", |p| p.polysulfide_thickness),
        layer("oxygenated_thickness", "Phosphate And Sulfate Layer On Active Material", |p| p.oxygenated_thickness),
        layer("rock_salt_thickness", "Rock-Salt Layer", |p| p.rock_salt_thickness),
        amount("polysulfide_at_active", "Electrolyte Oxidised At Active Material", |p| p.polysulfide_at_active),
        amount("polysulfide_at_carbon", "Electrolyte Oxidised At Carbon", |p| p.polysulfide_at_carbon),
        amount("polysulfide_at_collector", "Electrolyte Oxidised At Current Collector", |p| p.polysulfide_at_collector),
        amount("phosphate", "Phosphate", |p| p.phosphate),
        amount("sulfate", "Sulfate And Sulfite", |p| p.sulfate),
        amount("oxygen_gas", "Oxygen Gas", |p| p.oxygen_gas),
        amount("sulfur_dioxide_gas", "Sulfur Dioxide Gas", |p| p.sulfur_dioxide_gas),
        amount("carbon_dioxide_gas", "Carbon Dioxide Gas", |p| p.carbon_dioxide_gas),
    ];
    Table::new(columns)
}

/// One row per step that was run: how long it took, what it passed and why it ended.
///
/// # Errors
/// None in practice; see [`Table::new`].
pub fn steps(record: &RunRecord) -> Result<Table, ResultsError> {
    let scenario = &record.scenario;
    let count = |name, label, value: &dyn Fn(&StepRecord) -> u32| {
        Column::count(name, label, record.steps.iter().map(value).collect())
    };
    let real = |name, label, unit, value: &dyn Fn(&StepRecord) -> f64| {
        Column::real(name, label, unit, record.steps.iter().map(value).collect())
    };
    let text = |name, label, value: &dyn Fn(&StepRecord) -> String| {
        Column::text(name, label, record.steps.iter().map(value).collect())
    };
    let area = scenario.cell.area;
    #[rustfmt::skip]
    let columns = vec![
        Column::count("step_count", "Step Count", (1..).take(record.steps.len()).collect()),
        count("cycle_count", "Cycle Count", &|s| s.cycle),
        count("step_in_cycle", "Step In Cycle", &|s| s.step),
        text("step", "Step", &|s| s.text.clone()),
        real("test_time_second", "Test Time At Start", "s", &|s| s.start),
        real("step_time_second", "Step Time", "s", &|s| s.duration),
        real("net_capacity", "Specific Charge Passed", "mAh g-1", &|s| specific_capacity(s.charge, scenario)),
        real("net_capacity_ah", "Charge Passed", "Ah", &|s| s.charge * area / PER_HOUR),
        real("net_energy_wh", "Energy Put In", "Wh", &|s| s.energy * area / PER_HOUR),
        real("end_voltage_volt", "Voltage At End", "V", &|s| s.end_voltage),
        real("end_current_ampere", "Current At End", "A", &|s| s.end_current * area),
        real("lowest_voltage_volt", "Lowest Voltage", "V", &|s| s.lowest_voltage),
        text("end_reason", "End Reason", &|s| s.end.clone()),
    ];
    Table::new(columns)
}

/// One row per spectrum: what the experimenter's analysis reads from it, beside
/// the model's own resistances.
///
/// # Errors
/// None in practice; see [`Table::new`].
pub fn analyses(record: &RunRecord) -> Result<Table, ResultsError> {
    let real = |name, label, unit, value: &dyn Fn(&Spectrum) -> f64| {
        Column::real(
            name,
            label,
            unit,
            record.spectra.iter().map(value).collect(),
        )
    };
    let area = |name, label, value: fn(&Spectrum) -> f64| {
        real(name, label, "ohm cm2", &|s| {
            ohm_square_centimetres(value(s))
        })
    };
    #[rustfmt::skip]
    let columns = vec![
        Column::count("cycle", "Cycle Count", record.spectra.iter().map(|s| s.cycle).collect()),
        real("voltage_volt", "Voltage", "V", &|s| s.voltage),
        real("current_ampere", "Current", "A", &|s| s.current * record.scenario.cell.area),
        area("ionic_resistance", "Fitted Ionic Resistance", |s| s.analysis.ionic_resistance),
        area("charge_transfer_resistance", "Fitted Charge-Transfer Resistance", |s| s.analysis.charge_transfer_resistance),
        area("cathode_resistance", "Fitted Cathode Resistance (Geometric Mean)", |s| s.analysis.cathode_resistance),
        real("diffusion_length", "Fitted Diffusion Length", "um", &|s| s.analysis.diffusion_length * 1e6),
        real("fit_residual", "Relative Residual Of Fit", "1", &|s| s.analysis.fit_residual),
        area("true_ionic_resistance", "Ionic Resistance Of Model", |s| s.analysis.true_ionic_resistance),
        area("true_electronic_resistance", "Electronic Resistance Of Model", |s| s.analysis.true_electronic_resistance),
        area("true_charge_transfer_resistance", "Charge-Transfer Resistance Of Model", |s| s.analysis.true_charge_transfer_resistance),
        area("true_dc_resistance", "Direct-Current Resistance Of Model", |s| s.analysis.true_dc_resistance),
    ];
    Table::new(columns)
}

/// mV in one V.
pub(crate) const MILLIVOLTS: f64 = 1e3;

/// How linear the answers to sines of finite amplitude were: one row per amplitude of every
/// spectrum for which amplitudes were stated.
///
/// # Errors
/// None in practice; see [`Table::new`].
pub fn linearity(record: &RunRecord) -> Result<Table, ResultsError> {
    let spectra = record.spectra.iter();
    let rows: Vec<(u32, Linearity)> = spectra
        .flat_map(|s| s.linearity.iter().map(|own| (s.cycle, *own)))
        .collect();
    let real = |name, label, unit, value: fn(&Linearity) -> f64| {
        Column::real(
            name,
            label,
            unit,
            rows.iter().map(|r| value(&r.1)).collect(),
        )
    };
    #[rustfmt::skip]
    let columns = vec![
        Column::count("cycle", "Cycle Count", rows.iter().map(|r| r.0).collect()),
        real("frequency_hertz", "Frequency", "Hz", |l| l.frequency),
        real("amplitude", "Amplitude", "mV", |l| MILLIVOLTS * l.amplitude),
        real("deviation", "Relative Deviation Of Impedance", "1", |l| l.deviation),
        real("second_harmonic", "Second Harmonic Over Fundamental", "1", |l| l.second),
        real("third_harmonic", "Third Harmonic Over Fundamental", "1", |l| l.third),
    ];
    Table::new(columns)
}

/// One row per accepted time step, with the names of the Battery Data Format.
///
/// The format counts steps over the whole test where the record counts them
/// within a cycle: `step_count` is the former, `step_id` the latter.
///
/// # Errors
/// [`ResultsError::Length`] when the columns of the record differ in length.
pub fn series(record: &RunRecord) -> Result<Table, ResultsError> {
    let series = &record.series;
    let area = record.scenario.cell.area;
    let scaled = |values: &[f64], factor: f64| values.iter().map(|v| v * factor).collect();
    let amount = |values: &[f64]| scaled(values, specific_amount(1.0, &record.scenario));
    let rate = |values: &[f64]| gas_rate(&series.time, values, &record.scenario);
    let detected = |values: &[f64]| gas_detected(&series.time, values, &record.scenario);
    #[rustfmt::skip]
    let columns = vec![
        Column::real("test_time_second", "Test Time", "s", series.time.clone()),
        Column::real("voltage_volt", "Voltage", "V", series.voltage.clone()),
        Column::real("current_ampere", "Current", "A", scaled(&series.current, area)),
        Column::count("cycle_count", "Cycle Count", series.cycle.clone()),
        Column::count("step_count", "Step Count", count_steps(&series.cycle, &series.step)),
        Column::count("step_id", "Step ID", series.step.clone()),
        Column::real("cycle_charging_capacity_ah", "Cycle Charging Capacity", "Ah", scaled(&series.cycle_charge, area / PER_HOUR)),
        Column::real("cycle_discharging_capacity_ah", "Cycle Discharging Capacity", "Ah", scaled(&series.cycle_discharge, area / PER_HOUR)),
        Column::real("oxygen_gas", "Oxygen Gas", "umol g-1", amount(&series.oxygen_gas)),
        Column::real("sulfur_dioxide_gas", "Sulfur Dioxide Gas", "umol g-1", amount(&series.sulfur_dioxide_gas)),
        Column::real("carbon_dioxide_gas", "Carbon Dioxide Gas", "umol g-1", amount(&series.carbon_dioxide_gas)),
        Column::real("oxygen_gas_rate", "Oxygen Gas Rate", "umol g-1 h-1", rate(&series.oxygen_gas)),
        Column::real("sulfur_dioxide_gas_rate", "Sulfur Dioxide Gas Rate", "umol g-1 h-1", rate(&series.sulfur_dioxide_gas)),
        Column::real("carbon_dioxide_gas_rate", "Carbon Dioxide Gas Rate", "umol g-1 h-1", rate(&series.carbon_dioxide_gas)),
        Column::real("oxygen_gas_detected", "Oxygen Gas Rate At Spectrometer", "umol g-1 h-1", detected(&series.oxygen_gas)),
        Column::real("sulfur_dioxide_gas_detected", "Sulfur Dioxide Gas Rate At Spectrometer", "umol g-1 h-1", detected(&series.sulfur_dioxide_gas)),
        Column::real("carbon_dioxide_gas_detected", "Carbon Dioxide Gas Rate At Spectrometer", "umol g-1 h-1", detected(&series.carbon_dioxide_gas)),
    ];
    Table::new(columns)
}

/// Mean rate over each time step in umol/(g h) of what has been released in mol/m2 of
/// cell by the end of each; NaN where no time passed.
pub fn gas_rate(time: &[f64], released: &[f64], scenario: &Scenario) -> Vec<f64> {
    let before = |values: &[f64], i: usize| if i > 0 { values[i - 1] } else { 0.0 };
    let steps = time.iter().zip(released).enumerate();
    let rate = steps.map(|(i, (t, n))| {
        let (length, rise) = (t - before(time, i), n - before(released, i));
        if length > 0.0 {
            specific_amount(rise, scenario) * PER_HOUR / length
        } else {
            f64::NAN
        }
    });
    rate.collect()
}

/// Rate in umol/(g h) at which gas arrives at a mass spectrometer behind the headspace of
/// the cell, at each time, of what has been released in mol/m2 of cell by then; NaN if
/// that is no record of time.
pub fn gas_detected(time: &[f64], released: &[f64], scenario: &Scenario) -> Vec<f64> {
    let per_hour = specific_amount(PER_HOUR, scenario);
    match observables::detected(time, released, &scenario.cell.headspace) {
        Ok(arriving) => arriving.iter().map(|rate| per_hour * rate).collect(),
        Err(_) => vec![f64::NAN; time.len()],
    }
}

/// One row per cycle at which lost capacity was shared out: capacities of the fresh and
/// of the aged cell, the loss, and what each mechanism has in it.
///
/// # Errors
/// None in practice; see [`Table::new`].
pub fn attributions(record: &RunRecord) -> Result<Table, ResultsError> {
    let real = |name, label, value: &dyn Fn(&Attribution) -> f64| {
        let values = record.attributions.iter();
        let values = values.map(|a| specific_capacity(value(a), &record.scenario));
        Column::real(name, label, "mAh g-1", values.collect())
    };
    let cycles = record.attributions.iter().map(|a| a.cycle).collect();
    let mut columns = vec![
        Column::count("cycle", "Cycle Count", cycles),
        real("fresh_capacity", "Capacity Of Fresh Cell", &|a| a.fresh),
        real("aged_capacity", "Capacity Of Aged Cell", &|a| a.aged),
        real("lost_capacity", "Capacity Lost", &|a| a.fresh - a.aged),
    ];
    columns.extend(
        Mechanism::ALL.map(|m| real(m.word(), m.lost_capacity(), &|a| a.shares[m as usize])),
    );
    Table::new(columns)
}

fn cycle_column(record: &RunRecord) -> Column {
    let cycles = record.cycles.iter().map(|c| c.cycle).collect();
    Column::count("cycle", "Cycle Count", cycles)
}

/// Steps begun so far, over the whole test.
fn count_steps(cycle: &[u32], step: &[u32]) -> Vec<u32> {
    let mut previous = None;
    let mut count = 0;
    let keys = cycle.iter().zip(step);
    keys.map(|key| {
        if previous != Some(key) {
            count += 1;
            previous = Some(key);
        }
        count
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_over_the_whole_test() {
        let cycle = [1, 1, 1, 2, 2, 3];
        let step = [1, 1, 2, 1, 2, 2];
        assert_eq!(count_steps(&cycle, &step), [1, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_ratio_to_nothing_is_not_measured() {
        assert!(ratio(1.0, 0.0).is_nan());
        assert!((ratio(1.0, 2.0) - 0.5).abs() < 1e-15);
    }
}
