//! Where the files of a sweep lie, and how a file gets its name: whole or not at all.
//!
//! ```text
//! plan.json        what is run, and by which version of the model
//! scenario.toml    the scenario as planned
//! keys             64 bytes per run: its key and that of its structure
//! parts/           structures with their transport, by key
//! journal/         finished runs of chunks at work
//! chunks/          results: N-*.h5, N-*.parquet, and N.json once both are there
//! quarantine/      damaged results with the reason
//! earlier/         results of earlier plans, taken over by key
//! lists/, logs/    of job arrays
//! summary.parquet, series.h5, sweep.html, figures/     merged
//! ```

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The directory of a sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The directory.
    pub root: PathBuf,
}

#[allow(missing_docs)] // the table above says what each is
impl Layout {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub fn plan(&self) -> PathBuf {
        self.root.join("plan.json")
    }

    pub fn scenario(&self) -> PathBuf {
        self.root.join("scenario.toml")
    }

    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    pub fn parts(&self) -> PathBuf {
        self.root.join("parts")
    }

    pub fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }

    pub fn chunks(&self) -> PathBuf {
        self.root.join("chunks")
    }

    pub fn quarantine(&self) -> PathBuf {
        self.root.join("quarantine")
    }

    pub fn earlier(&self) -> PathBuf {
        self.root.join("earlier")
    }

    pub fn lists(&self) -> PathBuf {
        self.root.join("lists")
    }

    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    pub fn submission(&self) -> PathBuf {
        self.root.join("submission.json")
    }

    pub fn summary(&self) -> PathBuf {
        self.root.join("summary.parquet")
    }

    pub fn series(&self) -> PathBuf {
        self.root.join("series.h5")
    }

    /// Stem of the files of a chunk.
    pub fn stem(chunk: u64) -> String {
        format!("{chunk:06}")
    }

    /// The record that makes a chunk's files count.
    pub fn commit(&self, chunk: u64) -> PathBuf {
        self.chunks().join(format!("{}.json", Self::stem(chunk)))
    }
}

/// A word that no other process on any machine uses: of machine, process, and count.
pub fn token() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanoseconds = since.map_or(0, |d| d.subsec_nanos());
    format!("{}-{}-{count}-{nanoseconds}", host(), std::process::id())
}

/// Name of this machine.
pub fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = name.or_else(|| std::env::var("HOSTNAME").ok());
    let name = name.unwrap_or_default();
    let plain = |c: &char| c.is_ascii_alphanumeric();
    let name: String = name.trim().chars().filter(plain).collect();
    if name.is_empty() { "host".into() } else { name }
}

/// A name beside `path` that is only this call's.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", token()));
    path.with_file_name(name)
}

/// Writes, flushes to the disk, reads back and compares, then hands the temporary file on.
fn written(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let temporary = beside(path);
    let attempt = File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| match std::fs::read(&temporary)? == bytes {
            true => Ok(()),
            false => Err(io::Error::other("what was written does not read back")),
        });
    match attempt {
        Ok(()) => Ok(temporary),
        Err(error) => {
            // The first error is the one worth telling.
            let _ = std::fs::remove_file(&temporary);
            Err(error)
        }
    }
}

/// Makes `path` hold `bytes`: the old content or the new, never a part.
///
/// # Errors
/// What the file system says.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = written(path, bytes)?;
    let attempt = std::fs::rename(&temporary, path);
    if attempt.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    attempt.and_then(|()| sync_folder(path))
}

/// Makes `path` hold `bytes` unless it is there already; whether it was made. Of several at
/// once exactly one succeeds.
///
/// # Errors
/// What the file system says.
pub fn publish_first(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let temporary = written(path, bytes)?;
    let linked = std::fs::hard_link(&temporary, path);
    let _ = std::fs::remove_file(&temporary);
    match linked {
        Ok(()) => sync_folder(path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the name of a file last through a loss of power.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn of_many_at_once_one_is_first_and_its_content_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("000001.json");
        let publish = |i: &u8| publish_first(&path, &[*i; 5000]).expect("published");
        let candidates: Vec<u8> = (0..32).collect();
        let won: Vec<bool> = candidates.par_iter().map(publish).collect();
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        let winner = won.iter().position(|won| *won).expect("one");
        assert_eq!(
            std::fs::read(&path).expect("readable"),
            vec![winner as u8; 5000]
        );
        let left = std::fs::read_dir(directory.path())
            .expect("a directory")
            .count();
        assert_eq!(left, 1, "no temporary file stays");
    }

    #[test]
    fn a_token_is_never_given_twice() {
        let tokens: Vec<String> = (0..1000).into_par_iter().map(|_| token()).collect();
        let distinct: std::collections::HashSet<_> = tokens.iter().collect();
        assert_eq!(distinct.len(), 1000);
    }
}
