//! The numbers of the page: what was simulated, what came out, what it is worth.

use super::html::escape;
use super::ticks::superscript;
use crate::microstructure::MicrostructureStatistics;
use crate::record::{CycleRecord, RunRecord, SpectrumAnalysis};
use crate::results::summary;
use crate::scenario::{Block, Scenario};
use crate::transport::EffectiveTransport;

/// What stands where nothing was measured.
pub(super) const NOTHING: &str = "–";

/// A number with `digits` significant digits; an en dash when there is none.
pub(super) fn number(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = value.abs().log10().floor() as i32;
    let text = if (-3..5).contains(&exponent) {
        let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
        format!("{value:.decimals$}")
    } else {
        let mantissa = value / 10f64.powi(exponent);
        let decimals = digits.saturating_sub(1);
        format!("{mantissa:.decimals$}·10{}", superscript(exponent))
    };
    text.replace('-', "\u{2212}")
}

/// A share as a percentage.
pub(super) fn percent(share: f64, digits: usize) -> String {
    match number(100.0 * share, digits).as_str() {
        NOTHING => NOTHING.to_owned(),
        text => format!("{text} %"),
    }
}

/// A table with headings; cells are escaped here. The first column reads left,
/// the others right.
pub(super) fn table(class: &str, headings: &[&str], rows: &[Vec<String>]) -> String {
    let row = |cells: &mut dyn Iterator<Item = String>, tag: &str| {
        let cells = cells.map(|cell| format!("<{tag}>{}</{tag}>", escape(&cell)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let head = row(&mut headings.iter().map(|h| (*h).to_owned()), "th");
    let body: String = rows
        .iter()
        .map(|r| row(&mut r.iter().cloned(), "td"))
        .collect();
    format!("<table class=\"{class}\">\n<thead>{head}</thead>\n<tbody>\n{body}</tbody>\n</table>\n")
}

/// What was simulated, in a few lines.
pub(super) fn facts(scenario: &Scenario) -> String {
    let cathode = &scenario.cathode;
    let diameter = cathode.particle_diameter.median() * 1e6;
    let carbon = cathode
        .carbon
        .as_ref()
        .map_or_else(|| "no carbon".to_owned(), |c| c.name.clone());
    let cell = &scenario.cell;
    let lines = [
        (
            "Active material",
            format!(
                "{}, {} µm (median by volume)",
                cathode.active_material.name,
                number(diameter, 2)
            ),
        ),
        ("Coating", coating(scenario)),
        (
            "Composite",
            format!(
                "{} with {} and {carbon}; {} porosity",
                cathode.active_material.name,
                cathode.electrolyte.name,
                percent(cathode.porosity, 2)
            ),
        ),
        (
            "Loading",
            format!(
                "{} mg cm⁻² active material",
                number(cathode.areal_loading * 100.0, 3)
            ),
        ),
        (
            "Cell",
            format!(
                "{} | {} µm {} | cathode, {} cm²",
                cell.anode.name,
                number(cell.separator_thickness * 1e6, 3),
                cell.separator.name,
                number(cell.area * 1e4, 3)
            ),
        ),
        (
            "Conditions",
            format!(
                "{} °C, {} MPa, 1C = {} mA g⁻¹",
                number(cell.temperature - 273.15, 3),
                number(cell.stack_pressure * 1e-6, 3),
                number(cell.one_c, 3)
            ),
        ),
        ("Protocol", protocol(scenario)),
    ];
    let lines = lines.map(|(name, text)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(&text)));
    format!("<dl class=\"facts\">\n{}</dl>\n", lines.concat())
}

fn coating(scenario: &Scenario) -> String {
    let Some(coating) = &scenario.coating else {
        return "none".to_owned();
    };
    let layers = coating.layers.iter();
    let layers = layers.map(|l| format!("{} nm {}", number(l.thickness * 1e9, 2), l.material.name));
    let layers = layers.collect::<Vec<_>>().join(" on ");
    format!("{layers}, covering {}", percent(coating.coverage, 2))
}

fn protocol(scenario: &Scenario) -> String {
    let blocks = scenario.protocol.iter().map(Block::outline);
    blocks.collect::<Vec<_>>().join(", then ")
}

/// First and last cycle side by side.
pub(super) fn overview(record: &RunRecord) -> String {
    let (Some(first), Some(last)) = (record.cycles.first(), record.cycles.last()) else {
        return "<p>No cycle was completed.</p>\n".to_owned();
    };
    let capacity = |charge| summary::specific_capacity(charge, &record.scenario);
    let row = |name: &str, unit: &str, digits, value: &dyn Fn(&CycleRecord) -> f64| {
        let (a, b) = (value(first), value(last));
        vec![
            name.to_owned(),
            number(a, digits),
            number(b, digits),
            change(a, b, unit),
            unit.to_owned(),
        ]
    };
    let mut rows = vec![
        row("Charge capacity", "mAh g⁻¹", 4, &|c| capacity(c.charge)),
        row("Discharge capacity", "mAh g⁻¹", 4, &|c| {
            capacity(c.discharge)
        }),
        row("Capacity retention", "%", 3, &|c| {
            100.0 * summary::capacity_retention(c, record)
        }),
        row("Coulombic efficiency", "%", 4, &|c| {
            100.0 * summary::coulombic_efficiency(c)
        }),
        row("Energy efficiency", "%", 4, &|c| {
            100.0 * summary::energy_efficiency(c)
        }),
        row(
            "Mean discharge voltage",
            "V",
            4,
            &summary::mean_discharge_voltage,
        ),
        row("Active mass, apparent", "%", 3, &|c| {
            100.0 * c.active_mass_apparent
        }),
        row("Active mass, connected", "%", 3, &|c| {
            100.0 * c.connected_fraction
        }),
    ];
    rows.extend(resistance_rows(record));
    let last_cycle = format!("Cycle {}", last.cycle);
    let first_cycle = format!("Cycle {}", first.cycle);
    table(
        "numbers",
        &["Quantity", &first_cycle, &last_cycle, "Change", "Unit"],
        &rows,
    )
}

/// Resistances and diffusion length of the first and the last spectrum.
fn resistance_rows(record: &RunRecord) -> Vec<Vec<String>> {
    let (Some(first), Some(last)) = (record.spectra.first(), record.spectra.last()) else {
        return Vec::new();
    };
    let row = |name: &str, unit: &str, value: &dyn Fn(&SpectrumAnalysis) -> f64| {
        let (a, b) = (value(&first.analysis), value(&last.analysis));
        let spectra = if record.cycles.last().is_some_and(|c| c.cycle == last.cycle) {
            String::new()
        } else {
            format!(" (spectra of cycles {} and {})", first.cycle, last.cycle)
        };
        vec![
            format!("{name}{spectra}"),
            number(a, 3),
            number(b, 3),
            change(a, b, unit),
            unit.to_owned(),
        ]
    };
    let area = summary::ohm_square_centimetres;
    vec![
        row("Cathode resistance, fitted", "Ω cm²", &|a| {
            area(a.cathode_resistance)
        }),
        row("Cathode resistance, d.c. in the model", "Ω cm²", &|a| {
            area(a.true_dc_resistance)
        }),
        row("Diffusion length, fitted", "µm", &|a| {
            1e6 * a.diffusion_length
        }),
    ]
}

/// How the second value differs from the first: relative, or in percentage
/// points where both are percentages.
fn change(first: f64, last: f64, unit: &str) -> String {
    let (difference, word) = if unit == "%" {
        (last - first, "points")
    } else {
        (100.0 * (last / first - 1.0), "%")
    };
    if !difference.is_finite() {
        return NOTHING.to_owned();
    }
    let number = match format!("{difference:+.1}").as_str() {
        "+0.0" | "-0.0" => "0.0".to_owned(),
        number => number.replace('-', "\u{2212}"),
    };
    format!("{number} {word}")
}

/// What the structure should be and is.
pub(super) fn structure(statistics: &MicrostructureStatistics) -> String {
    let names = [
        "Voids",
        "Active material",
        "Electrolyte",
        "Carbon",
        "Polymer",
    ];
    let fractions = statistics
        .target_fractions
        .iter()
        .zip(&statistics.fractions);
    let rows: Vec<Vec<String>> = names
        .iter()
        .zip(fractions)
        .map(|(name, (target, reached))| {
            vec![
                (*name).to_owned(),
                percent(*target, 3),
                percent(*reached, 3),
            ]
        })
        .collect();
    let fractions = table("numbers", &["Volume fraction", "Target", "Reached"], &rows);
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let others = [
        row(
            "Thickness of the cathode",
            format!("{} µm", number(statistics.thickness * 1e6, 3)),
        ),
        row("Particles in the box", statistics.particles.to_string()),
        row(
            "Touching neighbours, mean",
            number(statistics.coordination, 2),
        ),
        row(
            "Active surface facing electrolyte",
            percent(statistics.surface_to_electrolyte, 3),
        ),
        row(
            "Active surface facing voids",
            percent(statistics.surface_to_void, 3),
        ),
        row(
            "Active surface facing carbon",
            percent(statistics.surface_to_carbon, 3),
        ),
        row(
            "Active surface facing polymer",
            percent(statistics.surface_to_polymer, 3),
        ),
        row(
            "Largest overlap of particles",
            percent(statistics.largest_overlap, 2),
        ),
    ];
    fractions + &table("numbers", &["Structure", ""], &others)
}

/// How well it conducts.
pub(super) fn transport(transport: &EffectiveTransport) -> String {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let rows = [
        row(
            "Effective over pellet ionic conductivity",
            number(transport.ionic_factor, 3),
        ),
        row(
            "Tortuosity factor of the electrolyte",
            number(transport.ionic_tortuosity, 3),
        ),
        row(
            "Electrolyte connected to the separator",
            percent(transport.ionic_connected, 3),
        ),
        row(
            "Active material and carbon connected to the collector",
            percent(transport.electronic_connected, 3),
        ),
    ];
    table("numbers", &["Transport", ""], &rows)
}

/// How well lithium and charge balance, and what the run has to say for itself.
pub(super) fn checks(record: &RunRecord) -> String {
    let worst =
        |value: fn(&CycleRecord) -> f64| record.cycles.iter().map(value).fold(f64::NAN, f64::max);
    let residual = record.spectra.iter().map(|s| s.analysis.fit_residual);
    let row = |name: &str, value: f64| vec![name.to_owned(), number(value, 2)];
    let rows = [
        row(
            "Largest error of the lithium balance, relative to all lithium",
            worst(|c| c.lithium_error),
        ),
        row(
            "Largest error of the charge balance, relative to the charge passed",
            worst(|c| c.charge_error),
        ),
        row(
            "Largest relative residual of the fits to spectra",
            residual.fold(f64::NAN, f64::max),
        ),
    ];
    let notes = record.cycles.iter().filter(|c| !c.note.is_empty());
    let notes = notes.map(|c| format!("<li>Cycle {}: {}</li>\n", c.cycle, escape(&c.note)));
    let notes: String = notes.collect();
    let list = if notes.is_empty() {
        notes
    } else {
        format!("<ul>\n{notes}</ul>\n")
    };
    table("numbers", &["Check", ""], &rows) + &list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_honest() {
        assert_eq!(number(199.96, 4), "200.0");
        assert_eq!(number(f64::NAN, 3), "–");
        assert_eq!(number(f64::INFINITY, 3), "–");
        assert_eq!(number(-0.01234, 3), "−0.0123");
        assert_eq!(number(3.14e-14, 2), "3.1·10⁻¹⁴");
        assert_eq!(percent(f64::NAN, 3), "–");
        assert_eq!(change(200.0, 140.0, "V"), "−30.0 %");
        assert_eq!(change(86.0, 99.5, "%"), "+13.5 points");
        assert_eq!(change(0.0, 1.0, "V"), "–");
        assert_eq!(change(3.227, 3.2269, "V"), "0.0 %");
    }
}
