//! Job arrays: which element of which array a worker is, and the scripts that start them.
//!
//! An element takes a line of a list of chunks, so that what is missing after a failure is
//! again an array from 0 on, and more chunks than an array may have become more chunks per
//! element.

use super::error::SweepError;
use super::layout::{host, publish_first, replace, token};
use super::plan::Plan;
use super::status::ranges;
use minijinja::{Environment, context};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where job arrays put the number of an element.
pub const INDEX_VARIABLES: [&str; 5] = [
    "SLURM_ARRAY_TASK_ID",
    "PBS_ARRAY_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "JOB_COMPLETION_INDEX",
    "HQ_TASK_ID",
];

/// The element of a job array that this process is, by the environment.
///
/// # Errors
/// No such variable, or one that is no number, in words.
pub fn element(variable: impl Fn(&str) -> Option<String>) -> Result<u64, String> {
    for name in INDEX_VARIABLES {
        if let Some(text) = variable(name) {
            return text
                .parse()
                .map_err(|_| format!("{name} is `{text}`, which is no number"));
        }
    }
    let all = INDEX_VARIABLES.join(", ");
    Err(format!(
        "which element of the array is this? none of {all} is set; say it with --index"
    ))
}

/// The chunks on line `index` (from 0) of a list.
///
/// # Errors
/// The file system; a line that is not there or no list of chunks.
pub fn listed(path: &Path, index: u64) -> Result<Vec<u64>, SweepError> {
    let text = SweepError::at(path, std::fs::read_to_string(path))?;
    let line = usize::try_from(index)
        .ok()
        .and_then(|i| text.lines().nth(i));
    let count = text.lines().count();
    let line = line.ok_or_else(|| {
        SweepError::damaged(
            path,
            format!("it has {count} lines, none for element {index}"),
        )
    })?;
    let chunk = |word: &str| {
        word.parse()
            .map_err(|_| SweepError::damaged(path, format!("`{word}` is no chunk")))
    };
    line.split_whitespace().map(chunk).collect()
}

/// A system that runs job arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Slurm.
    Slurm,
    /// OpenPBS or PBS Professional (script only, untested).
    Pbs,
    /// HyperQueue (script only, untested).
    Hyperqueue,
}

/// What is asked of a job array.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where it runs.
    pub engine: Engine,
    /// Cores per element.
    pub cpus: u32,
    /// Most elements that an array may have.
    pub most_elements: usize,
    /// Most elements at the same time.
    pub at_once: Option<u32>,
    /// Lines for the engine, as `--partition=cpu`.
    pub options: Vec<String>,
    /// The program.
    pub program: PathBuf,
}

/// The scripts of a job array.
#[derive(Debug, Clone, PartialEq)]
pub struct Scripts {
    /// Where the list of chunks goes.
    pub list: PathBuf,
    /// A line of chunks for each element.
    pub lines: Vec<Vec<u64>>,
    /// Where the script of the array goes.
    pub array: PathBuf,
    /// It.
    pub array_text: String,
    /// Where the script of the merging goes, and it; none where the array's does it.
    pub merge: Option<(PathBuf, String)>,
}

impl Scripts {
    /// The scripts for these chunks of a plan, whose directory must be absolute.
    ///
    /// # Errors
    /// A template that cannot be rendered.
    pub fn new(plan: &Plan, chunks: &[u64], request: &Request) -> Result<Self, SweepError> {
        let folder = plan.layout.lists();
        let stem = token();
        let per_element = chunks.len().div_ceil(request.most_elements.max(1)).max(1);
        let lines: Vec<Vec<u64>> = chunks.chunks(per_element).map(<[u64]>::to_vec).collect();
        let list = folder.join(format!("{stem}.txt"));
        let root = &plan.layout.root;
        let name = root.file_name().unwrap_or_default().to_string_lossy();
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        };
        let name: String = format!("engobe-{name}").chars().map(plain).collect();
        let values = context! {
            name => name,
            last => lines.len().saturating_sub(1),
            at_once => request.at_once,
            logs => plan.layout.logs().display().to_string(),
            cpus => request.cpus,
            options => request.options.clone(),
            program => quoted(&request.program),
            program_plain => request.program.display().to_string(),
            directory => quoted(root),
            directory_plain => root.display().to_string(),
            list => quoted(&list),
        };
        let render = |template: &str| {
            let text = Environment::new().render_str(template, &values);
            text.map_err(|error| {
                SweepError::Contradiction(format!("the script cannot be made: {error}"))
            })
        };
        let (array, merge) = match request.engine {
            Engine::Slurm => (
                render(include_str!("templates/slurm-array.sh"))?,
                Some(render(include_str!("templates/slurm-merge.sh"))?),
            ),
            Engine::Pbs => (render(include_str!("templates/pbs.sh"))?, None),
            Engine::Hyperqueue => (render(include_str!("templates/hyperqueue.sh"))?, None),
        };
        Ok(Self {
            array: folder.join(format!("{stem}.sh")),
            array_text: array,
            merge: merge.map(|text| (folder.join(format!("{stem}-merge.sh")), text)),
            list,
            lines,
        })
    }

    /// The list as a text.
    pub fn list_text(&self) -> String {
        let line = |chunks: &Vec<u64>| {
            let words: Vec<String> = chunks.iter().map(u64::to_string).collect();
            words.join(" ") + "\n"
        };
        self.lines.iter().map(line).collect()
    }

    /// Puts list and scripts where they belong.
    ///
    /// # Errors
    /// The file system.
    pub fn write(&self, plan: &Plan) -> Result<(), SweepError> {
        for folder in [plan.layout.lists(), plan.layout.logs()] {
            SweepError::at(&folder, std::fs::create_dir_all(&folder))?;
        }
        let put = |path: &Path, text: &str| SweepError::at(path, replace(path, text.as_bytes()));
        put(&self.list, &self.list_text())?;
        put(&self.array, &self.array_text)?;
        match &self.merge {
            Some((path, text)) => put(path, text),
            None => Ok(()),
        }
    }
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

/// A sweep that was handed to an engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// To which.
    pub engine: Engine,
    /// Number of the array there; none while it is being handed over.
    pub job: Option<String>,
    /// Number of the merging.
    pub merge_job: Option<String>,
    /// By whom and where.
    pub by: String,
    /// Its chunks, in words.
    pub chunks: String,
}

impl Submission {
    /// Claims a sweep for one submission. Of several at once one succeeds.
    ///
    /// # Errors
    /// [`SweepError::Contradiction`] naming the one that is there; the file system.
    pub fn claim(plan: &Plan, engine: Engine, chunks: &[u64]) -> Result<Self, SweepError> {
        let user = std::env::var("USER").unwrap_or_else(|_| "somebody".into());
        let submission = Self {
            engine,
            job: None,
            merge_job: None,
            by: format!("{user} on {}", host()),
            chunks: ranges(chunks, 8),
        };
        let path = plan.layout.submission();
        let made = publish_first(&path, submission.text().as_bytes());
        if SweepError::at(&path, made)? {
            return Ok(submission);
        }
        let there = Self::of(plan).map_or_else(|| "elsewhere".into(), |s| s.describe());
        Err(SweepError::Contradiction(format!(
            "the sweep is submitted already: {there}; see `engobe sweep status {0}`, and go on after it with `engobe sweep resume {0}`",
            plan.layout.root.display()
        )))
    }

    /// The submission of a sweep, if there is one.
    pub fn of(plan: &Plan) -> Option<Self> {
        let text = std::fs::read_to_string(plan.layout.submission()).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Writes down what is known now.
    ///
    /// # Errors
    /// The file system.
    pub fn keep(&self, plan: &Plan) -> Result<(), SweepError> {
        let path = plan.layout.submission();
        SweepError::at(&path, replace(&path, self.text().as_bytes()))
    }

    /// Gives the sweep free again. Of several at once one succeeds; whether it was this.
    ///
    /// # Errors
    /// The file system.
    pub fn release(plan: &Plan) -> Result<bool, SweepError> {
        let path = plan.layout.submission();
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => SweepError::at(&path, Err(error)),
        }
    }

    fn text(&self) -> String {
        // Texts always have a JSON form.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// In words.
    pub fn describe(&self) -> String {
        let job = self
            .job
            .as_deref()
            .map_or("being submitted".into(), |job| format!("job {job}"));
        format!(
            "{:?} {job}, by {}, chunks {}",
            self.engine, self.by, self.chunks
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_array_tells_its_element() {
        for name in INDEX_VARIABLES {
            let only = |asked: &str| (asked == name).then(|| "7".to_owned());
            assert_eq!(element(only), Ok(7));
        }
        assert!(element(|_| None).is_err_and(|m| m.contains("--index")));
        assert!(
            element(|_| Some("x".into())).is_err_and(|m| m.contains("SLURM_ARRAY_TASK_ID is `x`"))
        );
    }

    #[test]
    fn a_list_says_which_chunks_an_element_has() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("list");
        std::fs::write(&path, "3 4\n9\n").expect("written");
        assert_eq!(listed(&path, 0).expect("there"), [3, 4]);
        assert_eq!(listed(&path, 1).expect("there"), [9]);
        let beyond = listed(&path, 2).expect_err("not there").to_string();
        assert!(beyond.contains("2 lines"), "{beyond}");
        std::fs::write(&path, "3 x\n").expect("written");
        assert!(listed(&path, 0).is_err());
    }

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        assert_eq!(quoted(Path::new("a b's")), "'a b'\\''s'");
    }
}
