//! Tables of measured surface analyses: ToF-SIMS intensities, components of photoelectron
//! spectra, coatings.

use super::super::tables::{NOTHING, number, percent, table};
use crate::analysis::Source;
use crate::observables::Region;

fn share(value: Option<f64>) -> String {
    value.map_or(NOTHING.to_owned(), |v| percent(v, 3))
}

fn figure(value: Option<f64>) -> String {
    value.map_or(NOTHING.to_owned(), |v| number(v, 3))
}

/// All tables; empty where nothing was measured.
pub(super) fn tables(sources: &[Source]) -> String {
    fragments(sources) + &components(sources) + &films(sources)
}

fn titled(title: &str, headings: &[&str], rows: &[Vec<String>]) -> String {
    match rows {
        [] => String::new(),
        rows => format!("<h3>{title}</h3>\n{}", table("wide", headings, rows)),
    }
}

fn fragments(sources: &[Source]) -> String {
    let all = sources
        .iter()
        .flat_map(|source| source.intensities.iter().map(move |read| (source, read)));
    let rows: Vec<Vec<String>> = all
        .map(|(source, read)| {
            let relative = match (read.relative, read.relative_error) {
                (Some(ratio), Some(error)) => {
                    format!("{} ± {}", number(ratio, 3), number(error, 2))
                }
                (ratio, _) => figure(ratio),
            };
            vec![
                source.name.clone(),
                read.sample.clone(),
                read.cycle.map_or(NOTHING.to_owned(), |c| c.to_string()),
                read.region.map_or(NOTHING, Region::name).to_owned(),
                read.fragment.clone(),
                read.spots.to_string(),
                number(read.mean, 3),
                figure(read.deviation),
                source.reference.as_deref().unwrap_or(NOTHING).to_owned(),
                relative,
            ]
        })
        .collect();
    let headings = [
        "File",
        "Sample",
        "Cycle",
        "Region",
        "Fragment",
        "Spots",
        "Mean intensity",
        "Deviation between spots",
        "Reference",
        "Relative ± standard error",
    ];
    titled("ToF-SIMS, measured", &headings, &rows)
}

fn components(sources: &[Source]) -> String {
    let all = sources
        .iter()
        .flat_map(|source| source.peaks.iter().map(move |read| (source, read)));
    let rows: Vec<Vec<String>> = all
        .map(|(source, read)| {
            let (s, p) = (read.sulfur, read.phosphorus);
            vec![
                source.name.clone(),
                read.sample.clone(),
                share(s.map(|s| s.sulfide)),
                share(s.map(|s| s.thiophosphate)),
                share(s.map(|s| s.bridging)),
                share(s.map(|s| s.polysulfide)),
                share(s.map(|s| s.oxygenated)),
                share(s.map(|_| read.sulfur_other)),
                share(p.map(|p| p.thiophosphate)),
                share(p.map(|p| p.bridging)),
                share(p.map(|p| p.oxygenated)),
                share(p.map(|_| read.phosphorus_other)),
                share(read.gamma),
            ]
        })
        .collect();
    let headings = [
        "File",
        "Sample",
        "S 2p sulfide",
        "PS₄",
        "bridging",
        "polysulfide",
        "SOₓ",
        "other",
        "P 2p PS₄",
        "bridging",
        "POₓ",
        "other",
        "γ = (S + P)/(S + P + Ni)",
    ];
    titled("XPS, measured", &headings, &rows)
}

fn films(sources: &[Source]) -> String {
    let all = sources
        .iter()
        .flat_map(|source| source.films.iter().map(move |read| (source, read)));
    let rows: Vec<Vec<String>> = all
        .map(|(source, read)| {
            vec![
                source.name.clone(),
                read.sample.clone(),
                percent(read.coverage, 3),
                figure(read.thickness.map(|t| 1e9 * t)),
                share(read.variation),
                percent(read.gamma_expected, 3),
                share(read.gamma_measured),
                share(read.coverage_by_gamma),
            ]
        })
        .collect();
    let headings = [
        "File",
        "Sample",
        "Coverage by thicknesses",
        "Mean where covered (nm)",
        "Deviation",
        "γ expected of them",
        "γ measured",
        "Coverage by γ",
    ];
    titled("Coatings, measured", &headings, &rows)
}
