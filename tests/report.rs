//! The report of a run: complete, self-contained, well-formed.

mod sample;

use engobe::record::RunRecord;
use engobe::report::{self, Comparison, Slice};
use std::path::Path;

/// Colours in the order of the phases, for the sample's picture.
const COLOURS: [[u8; 3]; 5] = [
    [255, 255, 255],
    [90, 110, 130],
    [240, 214, 150],
    [20, 20, 20],
    [190, 120, 170],
];

/// The middle of the sample as a picture.
fn picture(record: &RunRecord) -> Vec<u8> {
    let n = record.microstructure.shape[2];
    let start = n / 3 * n * n;
    let phases = &record.microstructure.phases[start..start + n * n];
    let pixels: Vec<u8> = phases
        .iter()
        .flat_map(|p| COLOURS[usize::from(*p)])
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, n as u32, n as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&pixels)
        .unwrap();
    bytes
}

fn write(record: &RunRecord, directory: &Path) -> (report::Written, String) {
    let png = picture(record);
    let slice = Slice {
        png: &png,
        colours: COLOURS,
        coated: false,
    };
    let compare = |name: &str, paper, simulated, unit: &str| Comparison {
        name: name.into(),
        paper,
        simulated,
        unit: unit.into(),
    };
    let comparisons = [
        compare("Capacity retention, cycle 100", 70.0, 70.2, "%"),
        compare("Cathode resistance, cycle 1", 18.3, 20.1, "Ω cm²"),
        compare("Diffusion length, cycle 100", 4.3, 2.2, "µm"),
        compare("Active mass, cycle 1", 94.0, f64::NAN, "%"),
    ];
    let written = report::write(record, slice, Some(&comparisons), directory).unwrap();
    let page = std::fs::read_to_string(&written.page).unwrap();
    (written, page)
}

/// Whether every element that opens also closes, in order, and attributes are
/// quoted: enough of a parser for what this crate writes.
fn well_formed(xml: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        if rest[..start].contains('>') {
            return Err(format!("stray > before {}", &rest[start..]));
        }
        let end = rest[start..].find('>').ok_or("unclosed tag")? + start;
        let tag = &rest[start + 1..end];
        if tag.matches('"').count() % 2 == 1 {
            return Err(format!("unquoted attribute in <{tag}>"));
        }
        if let Some(name) = tag.strip_prefix('/') {
            let opened = open
                .pop()
                .ok_or_else(|| format!("nothing to close with </{name}>"))?;
            if opened != name {
                return Err(format!("<{opened}> closed by </{name}>"));
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap_or(""));
        }
        rest = &rest[end + 1..];
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("{open:?} not closed"))
    }
}

#[test]
fn the_page_is_complete_and_needs_no_network() {
    let record = sample::record();
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("specimen");
    let (written, page) = write(&record, &directory);
    for name in [
        "voltage",
        "capacity",
        "active-mass",
        "nyquist",
        "nyquist-zoom",
        "bode",
        "cathode-resistance",
        "partial-resistances",
        "voltages",
        "lithium",
        "diffusion-length",
        "layers",
        "oxygenated",
        "polysulfides",
        "gas",
        "gas-rates",
        "attribution",
        "cathode",
        "electronic",
        "slice",
    ] {
        assert!(
            page.contains(&format!("<figure id=\"{name}\">")),
            "{name} is missing"
        );
    }
    assert_eq!(written.figures.len(), 19);
    for figure in &written.figures {
        let svg = std::fs::read_to_string(figure).unwrap();
        assert!(page.contains(&svg), "{figure:?} is not on the page");
    }
    let links = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for reference in ["http://", "https://", "url(", "<script", "<link", "@import"] {
        assert!(!links.contains(reference), "{reference}");
    }
    assert!(page.contains("data:image/png;base64,iVBORw0KGgo"));
    assert!(
        page.contains("polymer &lt;coating&gt; &amp; carbon"),
        "the title is escaped"
    );
}

#[test]
fn every_figure_is_a_well_formed_document() {
    let directory = tempfile::tempdir().unwrap();
    let (written, _) = write(&sample::record(), directory.path());
    for figure in written.figures {
        let svg = std::fs::read_to_string(&figure).unwrap();
        assert!(
            svg.starts_with("<svg ") && svg.contains("xmlns="),
            "{figure:?}"
        );
        well_formed(&svg).unwrap_or_else(|reason| panic!("{figure:?}: {reason}"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{figure:?}");
    }
    assert!(well_formed("<a><b></a></b>").is_err() && well_formed("<a b=\"></a>").is_err());
}

#[test]
fn what_was_not_measured_shows_a_dash_and_no_figure() {
    let directory = tempfile::tempdir().unwrap();
    let mut record = sample::record();
    for cycle in &mut record.cycles {
        cycle.active_mass_apparent = f64::NAN;
        cycle.connected_fraction = f64::NAN;
    }
    record.spectra.clear();
    let (written, page) = write(&record, directory.path());
    assert!(!page.contains("id=\"active-mass\"") && !page.contains("id=\"nyquist\""));
    assert!(!page.contains("NaN"));
    assert!(page.contains("<td>Active mass, apparent</td><td>–</td><td>–</td>"));
    assert_eq!(written.figures.len(), 12);
}

#[test]
fn a_run_without_cycles_still_has_a_page() {
    let directory = tempfile::tempdir().unwrap();
    let mut record = sample::record();
    record.cycles.clear();
    record.spectra.clear();
    record.series = Default::default();
    let page = write(&record, directory.path()).1;
    assert!(page.contains("No cycle was completed"));
}

#[test]
fn the_same_run_gives_the_same_page() {
    let directory = tempfile::tempdir().unwrap();
    let first = write(&sample::record(), &directory.path().join("a")).1;
    let second = write(&sample::record(), &directory.path().join("b")).1;
    assert!(first == second);
}
