//! A paper's statements as data, and the checks on that data.

use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What one paper states.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Which paper.
    pub source: Source,
    /// Its cells, in the order of legends.
    #[serde(rename = "cell")]
    pub cells: Vec<PaperCell>,
    /// Numbers.
    #[serde(default)]
    pub measured: Vec<Measured>,
    /// Orders of cells.
    #[serde(default)]
    pub ordering: Vec<Ordering>,
    /// Findings in words.
    #[serde(default)]
    pub observed: Vec<Finding>,
}

/// Where the statements are from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Short name, e.g. `shi2023`.
    pub key: String,
    /// Title of the paper.
    pub title: String,
    /// Authors' names.
    pub authors: String,
    /// Journal, volume, pages, year as far as known.
    #[serde(default)]
    pub journal: String,
    /// Digital object identifier.
    #[serde(default)]
    pub doi: Option<String>,
}

/// One cell of a paper.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperCell {
    /// Its name in expressions: letters, digits, `_`, not starting with a digit.
    pub name: String,
    /// Name of its file in `scenarios/`, without the ending.
    pub scenario: String,
    /// What legends call it.
    pub label: String,
}

/// How a number was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Parameters were fitted to it, by this model or by the sketch before it.
    Fitted,
    /// Nothing was fitted to it.
    Predicted,
}

impl Role {
    /// As written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fitted => "fitted",
            Self::Predicted => "predicted",
        }
    }
}

/// A number of a paper.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Name of its own in the paper's list.
    pub id: String,
    /// What was measured; numbers of one paper with the same words are one quantity.
    pub quantity: String,
    /// At which state, of which cell.
    pub at: String,
    /// The number; or else `range`.
    pub value: Option<f64>,
    /// The number is stated to lie between these.
    pub range: Option<[f64; 2]>,
    /// Unit of all.
    pub unit: String,
    /// Whether parameters were fitted to it.
    pub role: Role,
    /// Reads it from the simulated cells.
    pub simulated: String,
    /// Cell and cycle at which it is drawn among the discharge capacities: a capacity
    /// in mAh/g, or per cent of the simulated first discharge.
    pub drawn: Option<(String, u32)>,
    /// Likely cause where it is missed.
    pub cause: Option<String>,
}

/// An order of cells in some quantity.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordering {
    /// The quantity.
    pub what: String,
    /// Readings, the highest first; those of a group have no order among themselves.
    pub highest_first: Vec<Group>,
    /// Likely cause where it is missed.
    pub cause: Option<String>,
}

/// A place in an order.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Group {
    /// One reading.
    One(String),
    /// Readings that the paper does not order.
    Several(Vec<String>),
}

impl Group {
    /// Its readings.
    pub fn readings(&self) -> &[String] {
        match self {
            Self::One(reading) => std::slice::from_ref(reading),
            Self::Several(readings) => readings,
        }
    }
}

/// A finding in words.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What the paper saw, in our words.
    pub what: String,
    /// Is true where the simulated cells show the same.
    pub holds: Option<String>,
    /// Readings to show beside it.
    #[serde(default)]
    pub shown: Vec<String>,
    /// Why the model cannot speak of it, where there is no `holds`.
    pub outside: Option<String>,
    /// Likely cause where it is missed.
    pub cause: Option<String>,
}

/// Why a paper's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The file system refused.
    #[error("cannot read {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the form of a paper; the message shows line and place.
    #[error("{path} is not a paper's data:\n{source}")]
    Form {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Box<toml::de::Error>,
    },
    /// The entries contradict each other.
    #[error("{path}: {message}")]
    Content {
        /// Which.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

impl Paper {
    /// Reads a paper's file.
    ///
    /// # Errors
    /// [`PaperError`] where the file is missing, has unknown keys or contradicts itself.
    pub fn read(path: &Path) -> Result<Self, PaperError> {
        let text = std::fs::read_to_string(path).map_err(|source| PaperError::File {
            path: path.into(),
            source,
        })?;
        let paper: Self = toml::from_str(&text).map_err(|source| PaperError::Form {
            path: path.into(),
            source: Box::new(source),
        })?;
        paper.check().map_err(|message| PaperError::Content {
            path: path.into(),
            message,
        })?;
        Ok(paper)
    }

    /// Reads every `*.toml` of a folder, in the order of names.
    ///
    /// # Errors
    /// As [`Paper::read`].
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, PaperError> {
        let failed = |source| PaperError::File {
            path: folder.into(),
            source,
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|end| end == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn check(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for cell in &self.cells {
            let word = cell
                .name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_')
                && cell.name.starts_with(|c: char| c.is_ascii_alphabetic());
            if !word {
                let name = &cell.name;
                return Err(format!("`{name}` cannot name a cell in expressions"));
            }
            if !names.insert(cell.name.as_str()) {
                return Err(format!("two cells are named `{}`", cell.name));
            }
        }
        let mut ids = BTreeSet::new();
        for number in &self.measured {
            let id = &number.id;
            if !ids.insert(id.as_str()) {
                return Err(format!("two numbers have the id `{id}`"));
            }
            match (number.value, number.range) {
                (Some(_), None) => {}
                (None, Some([low, high])) if low < high => {}
                _ => return Err(format!("`{id}` needs a value or a range that rises")),
            }
            if let Some((cell, _)) = &number.drawn
                && !names.contains(cell.as_str())
            {
                return Err(format!("`{id}` is drawn for `{cell}`, which is no cell"));
            }
        }
        for finding in &self.observed {
            if finding.holds.is_some() == finding.outside.is_some() {
                return Err(format!(
                    "the finding \"{}\" needs either `holds` or `outside`",
                    finding.what
                ));
            }
        }
        Ok(())
    }
}
