//! A plan: what is to be run, checked and written down before anything runs.

use super::error::SweepError;
use super::estimate::Estimate;
use super::job::{Job, Key};
use super::layout::{Layout, replace};
use crate::input::Diagnostics;
use crate::numerics::hash;
use crate::scenario::Template;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Version of the files of a sweep.
const FORMAT: u32 = 1;
/// Bytes per run in the file of keys: its own and its structure's.
const ENTRY: u64 = 64;

/// What `plan.json` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the layout.
    format: u32,
    /// Version of the model.
    pub program_version: String,
    /// The scenario's file.
    pub scenario: PathBuf,
    /// Its title.
    pub title: String,
    /// Number of runs.
    pub runs: u64,
    /// Distinct structures among them.
    pub structures: u64,
    /// Runs per chunk; the last may be smaller.
    pub chunk_size: u64,
    /// Hash of all keys: tells one plan from another.
    pub key: String,
    /// What it will take.
    pub estimate: Estimate,
}

/// A planned sweep.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its files.
    pub layout: Layout,
    /// What is run.
    pub manifest: Manifest,
    /// Name of the scenario, from which the files that it names are found.
    pub name: String,
    /// The scenario as planned.
    pub text: String,
}

/// How a plan is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Runs per chunk; chosen by time and size when `None`.
    pub chunk_size: Option<u64>,
    /// Replace an earlier plan; its results are taken over where the runs are the same.
    pub again: bool,
}

/// A plan with what was worth a remark.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Warnings about its scenarios.
    pub warnings: Diagnostics,
}

impl Manifest {
    /// What will be done, in words: runs, structures, chunks, time and disk.
    pub fn summary(&self) -> String {
        let structures = match self.structures {
            1 => "one structure".to_owned(),
            many => format!("{many} structures"),
        };
        let chunks = match self.chunks() {
            1 => "one chunk".to_owned(),
            many => format!("{many} chunks of {}", self.chunk_size),
        };
        format!(
            "{}\n  {} runs on {structures}, in {chunks}\n  {}",
            self.title, self.runs, self.estimate
        )
    }

    /// Number of chunks.
    pub fn chunks(&self) -> u64 {
        self.runs.div_ceil(self.chunk_size)
    }

    /// Runs of a chunk.
    pub fn runs_of(&self, chunk: u64) -> Range<u64> {
        let from = chunk * self.chunk_size;
        from..(from + self.chunk_size).min(self.runs)
    }
}

/// The text of a scenario file.
///
/// # Errors
/// A file that cannot be read.
pub fn scenario_text(path: &Path) -> Result<String, SweepError> {
    SweepError::at(path, std::fs::read_to_string(path))
}

/// Checks every run of a scenario's sweep without writing anything, and says what it takes.
///
/// # Errors
/// Every complaint about the sweep or any of its runs.
pub fn estimate(
    name: &str,
    text: &str,
    chunk_size: Option<u64>,
    observe: &dyn Fn(u64),
) -> Result<(Manifest, Diagnostics), SweepError> {
    let template = Template::new(name, text)?;
    let job = Job::new(&template)?;
    let mut keys = Keys::default();
    let checked = job.check(&mut |key, part| keys.add(key, part, None), observe)?;
    let manifest = keys.manifest(&job, Path::new(name), chunk_size)?;
    Ok((manifest, checked.warnings))
}

/// Plans the sweep of the scenario at `source` in the directory `root`.
///
/// # Errors
/// Every complaint about the sweep or any of its runs; a directory that holds another plan;
/// the file system.
pub fn make(
    source: &Path,
    root: &Path,
    options: Options,
    observe: &dyn Fn(u64),
) -> Result<Planned, SweepError> {
    let layout = Layout::new(root);
    let text = scenario_text(source)?;
    if layout.plan().exists() && !options.again {
        let earlier = Plan::open(root)?;
        earlier.refuse_edited(&text, source)?;
        let message = format!("{} is planned already", root.display());
        return Err(SweepError::Contradiction(format!(
            "{message}; run it, or plan it again with --again"
        )));
    }
    SweepError::at(root, std::fs::create_dir_all(root))?;
    let source = SweepError::at(source, source.canonicalize())?;
    let name = source.display().to_string();
    let template = Template::new(&name, &text)?;
    let job = Job::new(&template)?;
    let draft = layout.keys().with_extension("draft");
    let mut keys = Keys::default();
    let mut file = BufWriter::new(SweepError::at(&draft, File::create(&draft))?);
    let checked = job.check(
        &mut |key, part| {
            let entry = [*key, *part].concat();
            keys.add(
                key,
                part,
                Some(SweepError::at(&draft, file.write_all(&entry))),
            )
        },
        observe,
    );
    let checked = match checked {
        Ok(checked) => checked,
        Err(error) => {
            let _ = std::fs::remove_file(&draft);
            return Err(error);
        }
    };
    let manifest = keys.manifest(&job, &source, options.chunk_size)?;
    let file = SweepError::at(&draft, file.into_inner().map_err(|e| e.into_error()))?;
    SweepError::at(&draft, file.sync_all())?;
    if layout.plan().exists() {
        set_aside(&layout)?;
    }
    SweepError::at(&draft, std::fs::rename(&draft, layout.keys()))?;
    let put = |path: &Path, bytes: &[u8]| SweepError::at(path, replace(path, bytes));
    put(&layout.scenario(), text.as_bytes())?;
    for folder in [layout.chunks(), layout.journal()] {
        SweepError::at(&folder, std::fs::create_dir_all(&folder))?;
    }
    // Numbers and texts always have a JSON form. Last: with it the plan counts.
    let json = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
    put(&layout.plan(), json.as_bytes())?;
    drop(job);
    let plan = Plan {
        layout,
        manifest,
        name: name.clone(),
        text: text.clone(),
    };
    Ok(Planned {
        plan,
        warnings: checked.warnings,
    })
}

/// Moves the results of a plan aside, from where they are taken over by key.
fn set_aside(layout: &Layout) -> Result<(), SweepError> {
    let stored = layout.earlier().join(super::layout::token());
    SweepError::at(&stored, std::fs::create_dir_all(&stored))?;
    for (from, name) in [(layout.chunks(), "chunks"), (layout.journal(), "journal")] {
        if from.exists() {
            SweepError::at(&from, std::fs::rename(&from, stored.join(name)))?;
        }
    }
    for leftover in [layout.summary(), layout.series(), layout.submission()] {
        if leftover.exists() {
            SweepError::at(&leftover, std::fs::remove_file(&leftover))?;
        }
    }
    SweepError::at(&layout.plan(), std::fs::remove_file(layout.plan()))
}

/// What is gathered over the keys of all runs.
#[derive(Default)]
struct Keys {
    hasher: Vec<u8>,
    runs: u64,
    structures: HashSet<u64>,
}

impl Keys {
    fn add(
        &mut self,
        key: &Key,
        part: &Key,
        written: Option<Result<(), SweepError>>,
    ) -> Result<(), SweepError> {
        // A chain of hashes: the key of the plan in constant memory.
        self.hasher = super::job::bytes(&hash::key(&[&self.hasher, key])).to_vec();
        self.runs += 1;
        let word: [u8; 8] = std::array::from_fn(|i| part[i]);
        self.structures.insert(u64::from_le_bytes(word));
        written.unwrap_or(Ok(()))
    }

    fn manifest(
        self,
        job: &Job<'_>,
        source: &Path,
        chunk_size: Option<u64>,
    ) -> Result<Manifest, SweepError> {
        let structures = self.structures.len() as u64;
        let first = job.build(0)?;
        let estimate = Estimate::new(
            &first.loaded.scenario,
            job.design().series(),
            self.runs,
            structures,
        );
        let chunk_size = chunk_size.unwrap_or_else(|| estimate.chunk_size(self.runs));
        Ok(Manifest {
            format: FORMAT,
            program_version: env!("CARGO_PKG_VERSION").into(),
            scenario: source.into(),
            title: first.loaded.scenario.title.clone(),
            runs: self.runs,
            structures,
            chunk_size: chunk_size.clamp(1, self.runs.max(1)),
            key: super::job::hexadecimal(&self.hasher),
            estimate,
        })
    }
}

impl Plan {
    /// Opens the sweep in a directory.
    ///
    /// # Errors
    /// A directory without a plan, a damaged one, or one of another version of the model.
    pub fn open(root: &Path) -> Result<Self, SweepError> {
        let layout = Layout::new(root);
        let path = layout.plan();
        if !path.exists() {
            let message = format!("{} holds no planned sweep", root.display());
            let help = "plan one with `engobe sweep plan SCENARIO`";
            return Err(SweepError::Contradiction(format!("{message}; {help}")));
        }
        let json = SweepError::at(&path, std::fs::read_to_string(&path))?;
        let manifest: Manifest =
            serde_json::from_str(&json).map_err(|e| SweepError::damaged(&path, e))?;
        let here = env!("CARGO_PKG_VERSION");
        if manifest.format != FORMAT || manifest.program_version != here {
            return Err(SweepError::Contradiction(format!(
                "{} was planned by version {} and this is {here}; plan it again with --again",
                root.display(),
                manifest.program_version
            )));
        }
        let entries = SweepError::at(&layout.keys(), std::fs::metadata(layout.keys()))?.len();
        if entries != manifest.runs * ENTRY || manifest.chunk_size == 0 {
            let reason = "it does not hold the keys of all runs; plan again with --again";
            return Err(SweepError::damaged(&layout.keys(), reason));
        }
        let text = scenario_text(&layout.scenario())?;
        Ok(Self {
            name: manifest.scenario.display().to_string(),
            layout,
            manifest,
            text,
        })
    }

    /// Refuses to go on if the scenario file has been edited since, with the difference.
    /// A file that is no longer there does not matter.
    ///
    /// # Errors
    /// The difference.
    pub fn refuse_if_edited(&self) -> Result<(), SweepError> {
        let source = &self.manifest.scenario;
        match std::fs::read_to_string(source) {
            Ok(text) => self.refuse_edited(&text, source),
            Err(_) => Ok(()),
        }
    }

    /// As [`Self::refuse_if_edited`] for a text.
    ///
    /// # Errors
    /// The difference.
    pub fn refuse_edited(&self, text: &str, source: &Path) -> Result<(), SweepError> {
        if text == self.text {
            return Ok(());
        }
        Err(SweepError::Contradiction(format!(
            "{} is not the scenario that {} was planned from:\n{}plan again with `engobe sweep plan {} --output {} --again` (what is done and unchanged is kept), or undo the edit",
            source.display(),
            self.layout.root.display(),
            difference(&self.text, text),
            source.display(),
            self.layout.root.display(),
        )))
    }

    /// Keys of the runs of a range, each with that of its structure.
    ///
    /// # Errors
    /// The file system.
    pub fn keys(&self, runs: Range<u64>) -> Result<Vec<(Key, Key)>, SweepError> {
        let path = self.layout.keys();
        let mut bytes = vec![0; ((runs.end - runs.start) * ENTRY) as usize];
        let read = File::open(&path).and_then(|mut file| {
            file.seek(SeekFrom::Start(runs.start * ENTRY))?;
            file.read_exact(&mut bytes)
        });
        SweepError::at(&path, read)?;
        let entry = |entry: &[u8]| {
            let half = |from: usize| std::array::from_fn(|i| entry[from + i]);
            (half(0), half(32))
        };
        Ok(bytes.chunks_exact(ENTRY as usize).map(entry).collect())
    }
}

/// Lines of a difference that are shown.
const SHOWN: usize = 12;

/// The lines in which two texts differ, `-` planned and `+` now, with their numbers.
pub fn difference(planned: &str, now: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (planned.lines().collect(), now.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let shorter = old.len().min(new.len()) - head;
    let ends = old.iter().rev().zip(new.iter().rev());
    let tail = ends.take_while(|(a, b)| a == b).count().min(shorter);
    let mut text = String::new();
    for (sign, lines) in [('-', &old), ('+', &new)] {
        let changed = &lines[head..lines.len() - tail];
        for (i, line) in changed.iter().take(SHOWN).enumerate() {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "  {sign} {:>4} | {line}", head + i + 1);
        }
        if changed.len() > SHOWN {
            let _ = writeln!(
                text,
                "  {sign}      | ... {} more lines",
                changed.len() - SHOWN
            );
        }
    }
    if text.is_empty() {
        text = "  (line ends or the end of the file)\n".into();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_difference_shows_the_lines_that_changed() {
        let (old, new) = ("a\nb\nc\nd\n", "a\nB\nc\nd\n");
        assert_eq!(difference(old, new), "  -    2 | b\n  +    2 | B\n");
        assert_eq!(difference("a\n", "a\nb\n"), "  +    2 | b\n");
        assert_eq!(difference("a\na\n", "a\n"), "  -    2 | a\n");
        assert!(difference("a\n", "a\r\n").contains("line ends"));
    }
}
