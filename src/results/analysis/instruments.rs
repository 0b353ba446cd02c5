//! Tables of what other instruments show: gas curves, photoelectrons, ToF-SIMS.

use super::super::ResultsError;
use super::super::table::Table;
use super::Rows;
use crate::analysis::{FilmReading, GasAnalysis, SPOTS, Source, SurfaceReading};
use crate::observables::{
    FragmentReading, Gas, GasReading, PeakReading, PhosphorusComponents, RelativeIntensities,
    SulfurComponents, relative_scatter,
};

/// umol/g in one mol/kg.
const MICROMOL_PER_GRAM: f64 = 1e3;
/// umol/(g h) in one mol/(kg s).
const PER_HOUR: f64 = 3600.0 * MICROMOL_PER_GRAM;

/// One row per gas that is seen.
#[rustfmt::skip]
pub(super) fn gas(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| s.gas.iter().flat_map(|gas| &gas.readings));
    let volts = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let real = |name, label, unit, value: fn(&GasReading) -> f64| rows.real(name, label, unit, move |r| value(r));
    Table::new(vec![
        rows.source(),
        rows.word("gas", "Gas", |r| r.gas.formula()),
        real("amount", "Amount", "umol g-1", |r| MICROMOL_PER_GRAM * r.amount),
        real("largest_rate", "Largest Rate", "umol g-1 h-1", |r| PER_HOUR * r.largest),
        real("largest_rate_time", "Time Of Largest Rate", "s", |r| r.largest_at),
        rows.real("largest_rate_voltage", "Voltage At Largest Rate", "V", |r| volts(r.largest_voltage)),
        real("onset_time", "Time Of Onset", "s", |r| r.onset),
        rows.real("onset_voltage", "Voltage At Onset", "V", |r| volts(r.onset_voltage)),
    ])
}

/// One row per sample, with the headings that `engobe analyse` reads.
pub(super) fn gas_curves(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| {
        let all = s.gas.iter();
        all.flat_map(|gas| (0..gas.record.time.len()).map(move |k| (gas, k)))
    });
    let rate = |name, label, gas: Gas| {
        rows.real(
            name,
            label,
            "umol g-1 h-1",
            move |&(analysis, k): &(&GasAnalysis, usize)| {
                let mut curves = analysis.record.curves.iter();
                let own = curves.find(|curve| curve.gas == gas);
                own.map_or(f64::NAN, |curve| PER_HOUR * curve.rate[k])
            },
        )
    };
    Table::new(vec![
        rows.source(),
        rows.real("test_time_second", "Test Time", "s", |(gas, k)| {
            gas.record.time[*k]
        }),
        rows.real("voltage_volt", "Voltage", "V", |(gas, k)| {
            gas.record.voltage.as_ref().map_or(f64::NAN, |v| v[*k])
        }),
        rate("oxygen_gas_rate", "Oxygen Gas Rate", Gas::Oxygen),
        rate(
            "sulfur_dioxide_gas_rate",
            "Sulfur Dioxide Gas Rate",
            Gas::SulfurDioxide,
        ),
        rate(
            "carbon_dioxide_gas_rate",
            "Carbon Dioxide Gas Rate",
            Gas::CarbonDioxide,
        ),
    ])
}

/// Components of S 2p and P 2p after every cycle of a run, as shares of their line.
#[rustfmt::skip]
pub(super) fn photoelectrons(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| &s.surface);
    let sulfur = |name, label, value: fn(&SulfurComponents) -> f64| {
        rows.real(name, label, "1", move |r| r.sulfur.as_ref().map_or(f64::NAN, value))
    };
    let phosphorus = |name, label, value: fn(&PhosphorusComponents) -> f64| {
        rows.real(name, label, "1", move |r| r.phosphorus.as_ref().map_or(f64::NAN, value))
    };
    Table::new(vec![
        rows.source(),
        rows.real("cycle_count", "Cycle Count", "1", |r| f64::from(r.cycle)),
        sulfur("s2p_sulfide", "S 2p Free Sulfide 160.2 eV", |s| s.sulfide),
        sulfur("s2p_thiophosphate", "S 2p PS4 161.7 eV", |s| s.thiophosphate),
        sulfur("s2p_bridging", "S 2p Bridging 163.0 eV", |s| s.bridging),
        sulfur("s2p_polysulfide", "S 2p Polysulfide 163.7 eV", |s| s.polysulfide),
        sulfur("s2p_oxygenated", "S 2p SOx 165 To 169.4 eV", |s| s.oxygenated),
        phosphorus("p2p_thiophosphate", "P 2p PS4 131.9 eV", |p| p.thiophosphate),
        phosphorus("p2p_bridging", "P 2p Bridging 133.0 eV", |p| p.bridging),
        phosphorus("p2p_oxygenated", "P 2p POx 134.1 To 134.5 eV", |p| p.oxygenated),
    ])
}

/// A region that was analysed, after one cycle of a run.
type Spot<'a> = (
    &'a Source,
    &'a SurfaceReading,
    &'static str,
    RelativeIntensities,
);

/// Intensities relative to the reference, one row per cycle and region.
#[rustfmt::skip]
pub(super) fn intensities(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows: Rows<'_, Spot<'_>> = Rows::new(sources, |source| {
        source.surface.iter().flat_map(move |reading| {
            let both = [("surface", reading.surface), ("depth profile", reading.depth_profile)];
            both.into_iter().filter_map(move |(region, seen)| Some((source, reading, region, seen?)))
        })
    });
    let fragment = |name, label, value: fn(&RelativeIntensities) -> Option<f64>| {
        rows.real(name, label, "1", move |r| value(&r.3).unwrap_or(f64::NAN))
    };
    let scatter = relative_scatter(SPOTS).unwrap_or(f64::NAN);
    Table::new(vec![
        rows.source(),
        rows.word("reference", "Reference", |r| r.0.reference.as_deref().unwrap_or_default()),
        rows.real("cycle_count", "Cycle Count", "1", |r| f64::from(r.1.cycle)),
        rows.word("region", "Region", |r| r.2),
        fragment("po2", "PO2- Relative", |i| i.phosphite),
        fragment("po3", "PO3- Relative", |i| i.phosphate),
        fragment("so2", "SO2- Relative", |i| i.sulfur_dioxide),
        fragment("so3", "SO3- Relative", |i| i.sulfur_trioxide),
        fragment("polysulfide", "Sx- Relative", |i| i.polysulfide),
        rows.real("relative_standard_error", "Relative Standard Error (12 Spots)", "1", |_| scatter),
    ])
}

/// Measured ToF-SIMS intensities, one row per fragment, region, cycle and sample.
#[rustfmt::skip]
pub(super) fn fragments(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows: Rows<'_, (&Source, &FragmentReading)> = Rows::new(sources, |source| {
        source.intensities.iter().map(move |read| (source, read))
    });
    let real = |name, label, value: fn(&FragmentReading) -> Option<f64>| {
        rows.real(name, label, "1", move |r| value(r.1).unwrap_or(f64::NAN))
    };
    Table::new(vec![
        rows.source(),
        rows.word("reference", "Reference Sample", |r| r.0.reference.as_deref().unwrap_or_default()),
        rows.word("sample", "Sample", |r| &r.1.sample),
        real("cycle_count", "Cycle Count", |r| r.cycle.map(f64::from)),
        rows.word("region", "Region", |r| r.1.region.map_or("", crate::observables::Region::name)),
        rows.word("fragment", "Fragment", |r| &r.1.fragment),
        real("spots", "Spots", |r| Some(r.spots as f64)),
        real("mean", "Mean Intensity", |r| Some(r.mean)),
        real("deviation", "Standard Deviation Between Spots", |r| r.deviation),
        real("relative", "Relative Intensity", |r| r.relative),
        real("relative_standard_error", "Standard Error Of Relative Intensity", |r| r.relative_error),
    ])
}

/// Measured components of S 2p and P 2p, one row per sample.
#[rustfmt::skip]
pub(super) fn components(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| &s.peaks);
    let sulfur = |name, label, value: fn(&SulfurComponents) -> f64| {
        rows.real(name, label, "1", move |r: &&PeakReading| r.sulfur.as_ref().map_or(f64::NAN, value))
    };
    let phosphorus = |name, label, value: fn(&PhosphorusComponents) -> f64| {
        rows.real(name, label, "1", move |r: &&PeakReading| r.phosphorus.as_ref().map_or(f64::NAN, value))
    };
    Table::new(vec![
        rows.source(),
        rows.word("sample", "Sample", |r| &r.sample),
        sulfur("s2p_sulfide", "S 2p Free Sulfide 160.2 eV", |s| s.sulfide),
        sulfur("s2p_thiophosphate", "S 2p PS4 161.7 eV", |s| s.thiophosphate),
        sulfur("s2p_bridging", "S 2p Bridging 163.0 eV", |s| s.bridging),
        sulfur("s2p_polysulfide", "S 2p Polysulfide 163.7 eV", |s| s.polysulfide),
        sulfur("s2p_oxygenated", "S 2p SOx 165 To 169.4 eV", |s| s.oxygenated),
        rows.real("s2p_other", "S 2p Other", "1", |r| r.sulfur.map_or(f64::NAN, |_| r.sulfur_other)),
        phosphorus("p2p_thiophosphate", "P 2p PS4 131.9 eV", |p| p.thiophosphate),
        phosphorus("p2p_bridging", "P 2p Bridging 133.0 eV", |p| p.bridging),
        phosphorus("p2p_oxygenated", "P 2p POx 134.1 To 134.5 eV", |p| p.oxygenated),
        rows.real("p2p_other", "P 2p Other", "1", |r| r.phosphorus.map_or(f64::NAN, |_| r.phosphorus_other)),
        rows.real("gamma", "Gamma (S + P)/(S + P + Ni)", "1", |r| r.gamma.unwrap_or(f64::NAN)),
    ])
}

/// Measured coatings, one row per sample.
#[rustfmt::skip]
pub(super) fn films(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| &s.films);
    let real = |name, label, unit, value: fn(&FilmReading) -> Option<f64>| {
        rows.real(name, label, unit, move |r: &&FilmReading| value(r).unwrap_or(f64::NAN))
    };
    Table::new(vec![
        rows.source(),
        rows.word("sample", "Sample", |r| &r.sample),
        real("coverage", "Coverage By Thicknesses", "1", |r| Some(r.coverage)),
        real("thickness", "Mean Thickness Where Covered", "nm", |r| r.thickness.map(|t| 1e9 * t)),
        real("variation", "Relative Deviation Of Thickness", "1", |r| r.variation),
        real("gamma_expected", "Gamma Expected", "1", |r| Some(r.gamma_expected)),
        real("gamma_measured", "Gamma Measured", "1", |r| r.gamma_measured),
        real("coverage_by_gamma", "Coverage By Gamma", "1", |r| r.coverage_by_gamma),
    ])
}
