//! Tables of a structure for spreadsheets: its numbers, its distributions, its
//! realisations. The same conventions as for the tables of a run.

use super::csv::{number, push_row, quoted};
use crate::microstructure::measure::{AXIS_NAMES, Measures, PHASE_NAMES};
use crate::simulation::realisations::{BoxSize, Number, Realisation, Summary};

/// Micrometres in a metre.
const MICROMETRES: f64 = 1e6;

/// Rows of fields below headings.
fn rows(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = String::new();
    push_row(&mut text, headings.iter().map(|h| quoted(h)));
    for row in rows {
        push_row(&mut text, row.iter().map(|field| quoted(field)));
    }
    text
}

/// `statistics.csv`: name, value and unit of every number.
pub fn statistics(numbers: &[Number]) -> String {
    let fields = |n: &Number| vec![n.name.clone(), number(n.value), n.unit.to_owned()];
    rows(&["name", "value", "unit"], numbers.iter().map(fields))
}

/// `chords.csv`: probability density of the chord lengths of every phase and axis.
pub fn chords(measures: &Measures) -> String {
    let all = PHASE_NAMES
        .iter()
        .zip(&measures.chords)
        .flat_map(|(phase, axes)| {
            let axes = AXIS_NAMES.iter().zip(axes);
            axes.flat_map(move |(axis, chords)| {
                let points = chords.density().into_iter();
                points.map(move |(length, density)| {
                    curve_row(phase, axis, length, density / MICROMETRES)
                })
            })
        });
    rows(&["phase", "axis", "length / um", "density / um-1"], all)
}

/// `two-point-correlation.csv`: `S2` of every phase and axis.
pub fn correlations(measures: &Measures) -> String {
    let all = PHASE_NAMES
        .iter()
        .zip(&measures.correlations)
        .flat_map(|(phase, axes)| {
            let axes = AXIS_NAMES.iter().zip(axes);
            axes.flat_map(move |(axis, found)| {
                let points = found.probability.iter().enumerate();
                points.map(move |(n, &s2)| curve_row(phase, axis, n as f64 * found.spacing, s2))
            })
        });
    rows(&["phase", "axis", "distance / um", "S2 / 1"], all)
}

fn curve_row(phase: &str, axis: &str, length: f64, value: f64) -> Vec<String> {
    vec![
        phase.to_owned(),
        axis.to_owned(),
        number(MICROMETRES * length),
        number(value),
    ]
}

/// `particles.csv`: touching neighbours and what the surface faces, particle by
/// particle, in the order of the structure's particles.
pub fn particles(measures: &Measures) -> String {
    let headings = [
        "particle",
        "touching neighbours / 1",
        "facing electrolyte / 1",
        "facing void / 1",
        "facing carbon / 1",
        "facing polymer / 1",
        "facing particles / 1",
    ];
    let all = measures
        .coordination
        .iter()
        .zip(&measures.facing)
        .enumerate();
    let all = all.map(|(index, (touching, s))| {
        let shares = [s.electrolyte, s.void, s.carbon, s.polymer, s.particle];
        let counts = [(index + 1).to_string(), touching.to_string()];
        counts.into_iter().chain(shares.map(number)).collect()
    });
    rows(&headings, all)
}

/// `realisations.csv`: a row per realisation with all its numbers and its note.
pub fn realisations(realisations: &[Realisation]) -> String {
    let complete = realisations.iter().max_by_key(|r| r.numbers.len());
    let columns = complete.map_or(&[][..], |r| r.numbers.as_slice());
    let heading = |n: &Number| format!("{} / {}", n.name, n.unit);
    let headings: Vec<String> = ["box edge / um", "voxels per edge / 1", "seed"]
        .map(str::to_owned)
        .into_iter()
        .chain(columns.iter().map(heading))
        .chain(["note".to_owned()])
        .collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let all = realisations.iter().map(|r| {
        let mut fields = size(r.size);
        fields.push(r.seed.to_string());
        fields.extend(columns.iter().map(|n| number(r.value(&n.name))));
        fields.push(r.note.clone());
        fields
    });
    rows(&headings, all)
}

/// `spread.csv`: mean, standard deviation and 95 % confidence of every number in
/// every box.
pub fn spread(boxes: &[(BoxSize, Vec<Summary>)]) -> String {
    let headings = [
        "box edge / um",
        "voxels per edge / 1",
        "name",
        "unit",
        "realisations",
        "mean",
        "standard deviation",
        "95 % confidence, half width",
    ];
    let all = boxes.iter().flat_map(|(of, summaries)| {
        summaries.iter().map(|s| {
            let mut fields = size(*of);
            fields.extend([s.name.clone(), s.unit.to_owned(), s.count.to_string()]);
            fields.extend([s.mean, s.deviation, s.confidence].map(number));
            fields
        })
    });
    rows(&headings, all)
}

fn size(of: BoxSize) -> Vec<String> {
    vec![number(MICROMETRES * of.edge), of.resolution.to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(numbers: Vec<Number>, note: &str) -> Realisation {
        Realisation {
            seed: 7,
            size: BoxSize {
                edge: 15e-6,
                resolution: 50,
            },
            numbers,
            note: note.into(),
        }
    }

    #[test]
    fn a_failed_realisation_is_a_row_with_its_reason() {
        let made = vec![Number {
            name: "a".into(),
            unit: "um",
            value: 0.5,
        }];
        let text = realisations(&[row(Vec::new(), "too small, by far"), row(made, "")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "box edge / um,voxels per edge / 1,seed,a / um,note"
        );
        assert_eq!(lines[1], "15,50,7,,\"too small, by far\"");
        assert_eq!(lines[2], "15,50,7,0.5,");
    }
}
