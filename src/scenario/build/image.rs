//! `[microstructure] image`: a file, the size of its voxels and what its labels mean.

use crate::input::{Bounds, Diagnostic, Dimension, Section, describe_value, nearest, quantity_of};
use crate::numerics::hash;
use crate::scenario::types::{ImageFormat, ImageSource, PhaseLabel, PhaseName};
use std::path::{Path, PathBuf};

/// Formats by the end of a file's name.
const FORMATS: [(&str, ImageFormat); 6] = [
    ("tif", ImageFormat::Tiff),
    ("tiff", ImageFormat::Tiff),
    ("npy", ImageFormat::Npy),
    ("raw", ImageFormat::Raw),
    ("h5", ImageFormat::Hdf5),
    ("hdf5", ImageFormat::Hdf5),
];

/// The image, if the scenario has one; `Some(None)` when it was refused. Relative
/// paths start from `directory`.
pub(super) fn image(root: &Section<'_>, directory: &Path) -> Option<Option<ImageSource>> {
    let structure = root.section("microstructure")?;
    structure.get("image")?;
    for key in ["box_edge", "resolution"] {
        if structure.get(key).is_some() {
            let message =
                format!("the structure is read from an image, so `{key}` changes nothing");
            root.sink()
                .push(Diagnostic::warning(structure.span_of(key), message).label("not used"));
        }
    }
    let section = structure.section("image");
    Some(section.and_then(|section| source(&section, directory)))
}

fn source(section: &Section<'_>, directory: &Path) -> Option<ImageSource> {
    let (format, labels, voxel) = (format(section), labels(section), voxel(section));
    let axis = section.choice("axis").map(|word| match word {
        "second" => 1,
        "third" => 2,
        _ => 0,
    });
    let (periodic, carbon_fill) = (section.switch("periodic"), section.quantity("carbon_fill"));
    let split_depth = section.quantity("split_depth");
    let refused = section.get("split_depth").is_some() && split_depth.is_none();
    let dataset = dataset(section, format);
    let mut source = ImageSource {
        file: directory.join(section.text("file")?),
        format: format?,
        dataset: dataset?,
        sha256: String::new(),
        voxel: voxel?,
        axis: axis?,
        labels: labels?,
        periodic: periodic?,
        carbon_fill: carbon_fill?,
        split_depth: if refused { return None } else { split_depth },
    };
    source.sha256 = fingerprint(section, &source.files())?;
    Some(source)
}

fn format(section: &Section<'_>) -> Option<ImageFormat> {
    let file = section.text("file")?;
    let ending = Path::new(file).extension().unwrap_or_default();
    let ending = ending.to_string_lossy().to_lowercase();
    let known = FORMATS.iter().find(|(known, _)| *known == ending);
    if let Some((_, format)) = known {
        return Some(*format);
    }
    let endings: Vec<String> = FORMATS
        .iter()
        .map(|(known, _)| format!(".{known}"))
        .collect();
    section.sink().refuse(
        Diagnostic::error(
            section.span_of("file"),
            format!("an image cannot be read from \"{file}\": its name tells no known format"),
        )
        .label("unknown format")
        .help(format!("names end in {}", endings.join(", "))),
    )
}

/// The dataset: needed in HDF5, meaningless elsewhere.
fn dataset(section: &Section<'_>, format: Option<ImageFormat>) -> Option<Option<String>> {
    let given = section.text("dataset");
    match (format?, given) {
        (ImageFormat::Hdf5, None) => section.sink().refuse(
            Diagnostic::error(section.span_of("file"), "an HDF5 file holds many arrays")
                .label("which one?")
                .help("add `dataset`, for example dataset = \"microstructure/phases\""),
        ),
        (ImageFormat::Tiff | ImageFormat::Npy | ImageFormat::Raw, Some(_)) => {
            section.sink().refuse(
                Diagnostic::error(section.span_of("dataset"), "only an HDF5 file has datasets")
                    .help("leave `dataset` out, or name a file that ends in .h5 or .hdf5"),
            )
        }
        (_, given) => Some(given.map(str::to_owned)),
    }
}

/// One edge for all axes, or one for each.
fn voxel(section: &Section<'_>) -> Option<[f64; 3]> {
    let value = section.get("voxel")?;
    let path = section.path_of("voxel");
    let kind = (Dimension::Length, Bounds::Positive);
    let Some(edges) = value.get_ref().as_array() else {
        let edge = quantity_of(value, &path, kind, "50 nm", section.sink())?;
        return Some([edge; 3]);
    };
    let read: Vec<Option<f64>> = edges
        .iter()
        .map(|edge| quantity_of(edge, &path, kind, "50 nm", section.sink()))
        .collect();
    match read[..] {
        [first, second, third] => Some([first?, second?, third?]),
        _ => section.sink().refuse(
            Diagnostic::error(
                value.span(),
                format!("`{path}` has {} edges, but a voxel has three", read.len()),
            )
            .help("one length for cubes, or [\"50 nm\", \"50 nm\", \"100 nm\"] in the order of the image's axes"),
        ),
    }
}

fn labels(section: &Section<'_>) -> Option<Vec<PhaseLabel>> {
    let table = section.section("labels")?;
    let sink = section.sink();
    let words = PhaseName::ALL.map(|(_, word)| word);
    let mut labels = Vec::new();
    let mut sound = true;
    for (name, span, value) in table.entries() {
        let label: Option<i64> = name.trim().parse().ok();
        if label.is_none() {
            let message = format!("a label of an image is a whole number, but here it is `{name}`");
            sink.push(
                Diagnostic::error(span, message).help("for example \"1\" = \"active material\""),
            );
        }
        let phase = value.get_ref().as_str().and_then(|word| {
            let found = PhaseName::ALL.iter().find(|(_, known)| *known == word);
            found.map(|(phase, _)| *phase)
        });
        if phase.is_none() {
            let found = describe_value(value.get_ref());
            let message = format!("label {name} is {found}, which is no phase");
            let near = value
                .get_ref()
                .as_str()
                .and_then(|word| nearest(word, words));
            let near = near.map_or_else(String::new, |near| format!("did you mean \"{near}\"? "));
            let help = format!("{near}phases: \"{}\"", words.join("\", \""));
            sink.push(
                Diagnostic::error(value.span(), message)
                    .label("no phase")
                    .help(help),
            );
        }
        match (label, phase) {
            (Some(label), Some(phase)) => labels.push(PhaseLabel { label, phase }),
            _ => sound = false,
        }
    }
    labels.sort_by_key(|known| known.label);
    for pair in labels
        .windows(2)
        .filter(|pair| pair[0].label == pair[1].label)
    {
        let message = format!("label {} is given twice", pair[0].label);
        sink.push(Diagnostic::error(table.span(), message));
        sound = false;
    }
    for (needed, word) in [PhaseName::ALL[1], PhaseName::ALL[2]] {
        if sound && !labels.iter().any(|known| known.phase == needed) {
            let message = format!("no label of the image is {word}");
            sink.push(
                Diagnostic::error(table.span(), message)
                    .help("a cathode needs active material and electrolyte"),
            );
            sound = false;
        }
    }
    sound.then_some(labels)
}

/// SHA-256 of the content, so that a changed image makes a different scenario.
fn fingerprint(section: &Section<'_>, files: &[PathBuf]) -> Option<String> {
    for file in files {
        if let Err(error) = std::fs::metadata(file).and_then(|_| std::fs::File::open(file)) {
            let help = if file.extension().is_some_and(|ending| ending == "toml") {
                "raw voxels need a description beside them: shape = [100, 100, 100], type = \"u8\", byte_order = \"little\", order = \"C\""
            } else {
                "the path is taken relative to the scenario"
            };
            let message = format!("cannot read {}: {error}", file.display());
            return section
                .sink()
                .refuse(Diagnostic::error(section.span_of("file"), message).help(help));
        }
    }
    match hash::files(files) {
        Ok(sha256) => Some(sha256),
        Err(error) => section.sink().refuse(Diagnostic::error(
            section.span_of("file"),
            format!("cannot read the image: {error}"),
        )),
    }
}
