//! The report of a run: complete, self-contained, well-formed.

mod sample;

use engobe::record::RunRecord;
use engobe::report::{self, Comparison};
use std::path::Path;

fn write(record: &RunRecord, directory: &Path) -> (report::Written, String) {
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
    let written = report::write(record, Some(&comparisons), directory).unwrap();
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

/// A page or drawing without what is packed in base 64, which holds any three letters.
fn unpacked(text: &str) -> String {
    let mut rest = text.split(";base64,");
    let mut plain = rest.next().unwrap_or_default().to_owned();
    for part in rest {
        plain += &part[part.find('"').unwrap()..];
    }
    match plain.find("id=\"plotly\">") {
        Some(start) => {
            let end = plain[start..].find('<').unwrap() + start;
            plain[..start].to_owned() + &plain[end..]
        }
        None => plain,
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
        "microstructure",
    ] {
        assert!(
            page.contains(&format!("<figure id=\"{name}\">")),
            "{name} is missing"
        );
    }
    assert_eq!(written.figures.len(), 20);
    for figure in &written.figures {
        let svg = std::fs::read_to_string(figure).unwrap();
        assert!(page.contains(&svg), "{figure:?} is not on the page");
    }
    for (picture, figure) in written.pictures.iter().zip(&written.figures) {
        assert_eq!(picture.file_stem(), figure.file_stem());
        let bytes = std::fs::read(picture).unwrap();
        assert_eq!(bytes[..8], *b"\x89PNG\r\n\x1a\n", "{picture:?}");
    }
    assert_eq!(written.pictures.len(), written.figures.len());
    let mut links = unpacked(&page);
    for name in ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"] {
        links = links.replace(name, "");
    }
    for reference in [
        "http://",
        "https://",
        "url(",
        "<script src",
        "<link",
        "@import",
    ] {
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
        let svg = unpacked(&std::fs::read_to_string(&figure).unwrap());
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
    assert!(!unpacked(&page).contains("NaN"));
    assert!(page.contains("<td>Active mass, apparent</td><td>–</td><td>–</td>"));
    assert_eq!(written.figures.len(), 13);
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

/// What plotly.js is given is data that a browser can read, for each figure that is drawn.
#[test]
fn every_figure_carries_its_data() {
    let directory = tempfile::tempdir().unwrap();
    let (written, page) = write(&sample::record(), directory.path());
    let specs: Vec<serde_json::Value> = page
        .split("<script type=\"application/json\" class=\"spec\">")
        .skip(1)
        .map(|rest| serde_json::from_str(&rest[..rest.find("</script>").unwrap()]).unwrap())
        .collect();
    // The rendering is a picture.
    assert_eq!(specs.len(), written.figures.len() - 1);
    for spec in &specs {
        for trace in spec["data"].as_array().unwrap() {
            let length = |of: &str| trace[of].as_array().unwrap().len();
            assert!(length("x") > 0 && length("x") == length("y"), "{trace}");
            let hints = trace["customdata"].as_array();
            assert!(
                hints.is_none_or(|hints| hints.len() == length("x")),
                "{trace}"
            );
        }
    }
    // plotly.js is inside, once, and the page stays one that can be mailed; the scattered
    // voxels of the sample make its rendering larger than one of a real structure.
    assert_eq!(page.matches("id=\"plotly\"").count(), 1);
    assert!(page.len() < 1_900_000, "{} bytes", page.len());
}
