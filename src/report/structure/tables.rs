//! Tables of a structure: interfaces, lengths, paths, realisations.

use super::StructureRecord;
use crate::microstructure::measure::{Distribution, Domain, Measures, PHASES};
use crate::report::tables::{number, percent, table};
use crate::scenario::Scenario;
use crate::transport::EffectiveTransport;

/// Phases in the order of [`Phase`](crate::microstructure::Phase).
const PHASE: [&str; PHASES] = [
    "Void",
    "Active material",
    "Electrolyte",
    "Carbon",
    "Polymer",
];

/// Spread over the mean below which it is only round-off.
const ROUND_OFF: f64 = 1e-12;

/// Conductivities through the thickness.
pub(super) fn conduction(scenario: &Scenario, transport: &EffectiveTransport) -> String {
    let pellet = 10.0 * scenario.cathode.electrolyte.ionic_conductivity;
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let milli = |value: f64| format!("{} mS cm⁻¹", number(value, 3));
    let mut rows = vec![row(
        "Ionic conductivity at 25 °C",
        milli(pellet * transport.ionic_factor),
    )];
    for (word, pair) in [
        ("least", transport.electronic.first()),
        ("greatest", transport.electronic.last()),
    ] {
        let Some((oxide, effective)) = pair else {
            continue;
        };
        let oxide = number(10.0 * oxide, 2);
        rows.push(row(
            &format!("Electronic, oxide at its {word} ({oxide} mS cm⁻¹)"),
            milli(10.0 * effective),
        ));
    }
    table("numbers", &["Conduction through the thickness", ""], &rows)
        + &crate::report::tables::transport(transport)
}

/// Areas between phases, and lengths of every phase.
pub(super) fn interfaces(measures: &Measures) -> String {
    let per_micrometre = |value: f64| number(1e-6 * value, 3);
    let mut rows = Vec::new();
    for a in 0..PHASES {
        for b in a + 1..PHASES {
            let area = measures.interfaces.specific(a, b);
            if area > 0.0 {
                let name = format!("{} | {}", PHASE[a], PHASE[b].to_lowercase());
                rows.push(vec![name, per_micrometre(area)]);
            }
        }
    }
    let contact = per_micrometre(measures.specific_particle_contact);
    rows.push(vec!["Between particles (both sides)".into(), contact]);
    let areas = table("numbers", &["Interface", "Area per volume (µm⁻¹)"], &rows);
    let rows: Vec<Vec<String>> = (0..PHASES)
        .filter(|&phase| measures.chords[phase][0].mean() > 0.0)
        .map(|phase| {
            let mut row = vec![PHASE[phase].to_owned()];
            let means = measures.chords[phase]
                .iter()
                .map(|c| number(1e6 * c.mean(), 3));
            row.extend(means);
            row.push(number(1e6 * measures.correlation_length(phase), 3));
            row
        })
        .collect();
    let headings = [
        "Length (µm)",
        "Chord, thickness",
        "width",
        "depth",
        "Correlation",
    ];
    format!(
        "<div class=\"gallery\">\n<div>\n{areas}</div>\n<div>\n{}{}</div>\n</div>\n",
        table("numbers", &headings, &rows),
        contact_fraction(measures)
    )
}

/// How the contact of the particles with the electrolyte is spread.
fn contact_fraction(measures: &Measures) -> String {
    if measures.facing.is_empty() {
        return String::new();
    }
    let over = Distribution::new(measures.facing.iter().map(|s| s.electrolyte));
    let share = |value: f64| percent(value, 3);
    let row = vec![
        "Facing electrolyte".to_owned(),
        share(over.mean),
        share(over.deviation),
        share(over.tenth),
        share(over.median),
        share(over.ninetieth),
    ];
    let headings = [
        "Over particles",
        "Mean",
        "Deviation",
        "10 %",
        "50 %",
        "90 %",
    ];
    table("numbers", &headings, &[row])
}

/// What percolates, and how long the shortest paths are.
pub(super) fn paths(measures: &Measures) -> String {
    let words = PHASE
        .into_iter()
        .chain(["Electrolyte with carbon", "Active material with carbon"]);
    let rows: Vec<Vec<String>> = words
        .zip(Domain::ALL)
        .filter_map(|(word, domain)| {
            let along = [0, 1, 2].map(|axis| measures.connected(domain, axis));
            let [Some(x), Some(y), Some(z)] = along else {
                return None;
            };
            let mut row = vec![word.to_owned()];
            row.extend([x, y, z].map(|c| percent(c.percolating, 3)));
            row.extend([x.from_low, x.from_high].map(|share| percent(share, 3)));
            row.extend([x, y, z].map(|c| number(c.geodesic_tortuosity, 4)));
            Some(row)
        })
        .collect();
    let headings = [
        "",
        "Percolates, thickness",
        "width",
        "depth",
        "From separator",
        "From collector",
        "Shortest path, thickness",
        "width",
        "depth",
    ];
    table("numbers", &headings, &rows)
        + "<p class=\"small\">Shares of a phase's voxels connected to both ends, to the separator's side, to the collector's side; mean length of the shortest paths from end to end over the straight distance. Voxels are neighbours across faces.</p>\n"
}

/// A unit as a page writes it; nothing for pure numbers.
fn unit(plain: &str) -> String {
    match plain {
        "1" => String::new(),
        _ => plain.replace("um", "µm").replace("-1", "⁻¹"),
    }
}

/// Mean, spread and confidence of every number, box by box, and what failed.
pub(super) fn realisations(record: &StructureRecord) -> String {
    let mut text = String::new();
    for (size, summaries) in record.spread {
        let rows: Vec<Vec<String>> = summaries
            .iter()
            // What no realisation has, a phase that is not there, needs no row.
            .filter(|s| s.count > 0 && (s.mean != 0.0 || s.deviation > 0.0))
            .map(|s| {
                let spread = |value: f64| {
                    let exact = value < ROUND_OFF * s.mean.abs();
                    number(if exact { 0.0 } else { value }, 2)
                };
                vec![
                    s.name.replace('_', " "),
                    number(s.mean, 4),
                    spread(s.deviation),
                    spread(s.confidence),
                    s.count.to_string(),
                    unit(s.unit),
                ]
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        let headings = [
            &format!("Box of {} µm", number(1e6 * size.edge, 3)),
            "Mean",
            "Deviation",
            "± (95 %)",
            "Realisations",
            "Unit",
        ];
        text += &table("numbers", &headings, &rows);
    }
    let failed = record.realisations.iter().filter(|r| !r.note.is_empty());
    let rows: Vec<Vec<String>> = failed
        .map(|r| {
            vec![
                number(1e6 * r.size.edge, 3),
                r.seed.to_string(),
                r.note.clone(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        text += &table("numbers", &["Box (µm)", "Seed", "What went wrong"], &rows);
    }
    text
}
