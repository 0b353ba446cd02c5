//! Where a command puts its files.

use super::{Failure, REFUSED, UNWRITTEN};
use std::path::{Path, PathBuf};

/// Arguments of a command that fills a directory.
#[derive(Debug, clap::Args)]
pub struct Destination {
    /// Directory for the files [default: under runs/, named after the input and the command]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Replace files of an earlier run
    #[arg(long)]
    force: bool,
}

impl Destination {
    /// The directory for what becomes of `input`: as asked, or `runs/<name><suffix>`.
    pub fn directory(&self, input: &Path, suffix: &str) -> PathBuf {
        output_directory(self.output.as_ref(), input, suffix)
    }

    /// The same, refused if it holds something that is not to be replaced.
    pub fn free(&self, input: &Path, suffix: &str) -> Result<PathBuf, Failure> {
        let directory = self.directory(input, suffix);
        let help = "choose another with --output or replace them with --force";
        refuse_existing(&directory, self.force, help)?;
        Ok(directory)
    }

    /// Refuses `directory` if it holds something that is not to be replaced.
    pub fn refuse_existing(&self, directory: &Path, help: &str) -> Result<(), Failure> {
        refuse_existing(directory, self.force, help)
    }
}

/// Directory for the results of `scenario`: as asked, or `runs/<name><suffix>`.
pub fn output_directory(asked: Option<&PathBuf>, scenario: &Path, suffix: &str) -> PathBuf {
    asked.cloned().unwrap_or_else(|| {
        let stem = scenario.file_stem().unwrap_or_default().to_string_lossy();
        Path::new("runs").join(format!("{stem}{suffix}"))
    })
}

/// Refuses a directory that holds something, unless `force`.
pub fn refuse_existing(directory: &Path, force: bool, help: &str) -> Result<(), Failure> {
    let occupied = directory.exists()
        && std::fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_some());
    if occupied && !force {
        let message = format!("{} already holds results; {help}", directory.display());
        return Err(Failure::Message(REFUSED, message));
    }
    Ok(())
}

pub fn create_directory(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(|e| {
        Failure::Message(
            UNWRITTEN,
            format!("cannot make {}: {e}", directory.display()),
        )
    })
}
