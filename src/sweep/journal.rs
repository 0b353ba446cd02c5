//! Finished runs of a chunk at work, one after the other, so that a worker that is killed
//! loses only the runs it was at. Every entry has its own checksum: what was half written
//! when the power failed is left out.

use super::error::SweepError;
use super::layout::{Layout, token};
use super::row::Row;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes before an entry: its length and the start of its hash.
const HEADER: usize = 16;

/// The journal of one worker on one chunk.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// Made with the first entry.
    file: Mutex<Option<File>>,
}

impl Journal {
    /// A journal for a chunk in `folder`.
    pub fn new(folder: &Path, chunk: u64) -> Self {
        let name = format!("{}-{}", Layout::stem(chunk), token());
        Self {
            path: folder.join(name),
            file: Mutex::new(None),
        }
    }

    /// Adds a run, whole.
    ///
    /// # Errors
    /// The file system; a full disk.
    pub fn append(&self, row: &Row) -> Result<(), SweepError> {
        // Numbers and texts always have a binary form.
        let content = postcard::to_stdvec(row).unwrap_or_default();
        let mut entry = Vec::with_capacity(HEADER + content.len());
        entry.extend((content.len() as u64).to_le_bytes());
        entry.extend(checksum(&content));
        entry.extend(content);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.is_none() {
            let made = OpenOptions::new()
                .create_new(true)
                .append(true)
                .open(&self.path);
            *file = Some(SweepError::at(&self.path, made)?);
        }
        match file.as_mut() {
            Some(file) => SweepError::at(&self.path, file.write_all(&entry)),
            None => Ok(()),
        }
    }
}

fn checksum(content: &[u8]) -> [u8; 8] {
    let digest = Sha256::digest(content);
    std::array::from_fn(|i| digest[i])
}

/// The journals of a chunk.
fn of_chunk(folder: &Path, chunk: u64) -> Vec<PathBuf> {
    let prefix = format!("{}-", Layout::stem(chunk));
    let mut found = files(folder);
    found.retain(|path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(&prefix)
    });
    found
}

/// All journals in a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// What the journals of a chunk hold, by key.
pub fn rows(folder: &Path, chunk: u64) -> HashMap<[u8; 32], Row> {
    let journals = of_chunk(folder, chunk);
    let rows = journals.iter().flat_map(|path| read(path));
    rows.map(|row| (row.key, row)).collect()
}

/// Whole entries of a journal; what follows a damaged one is not looked at.
pub fn read(path: &Path) -> Vec<Row> {
    let bytes = std::fs::read(path).unwrap_or_default();
    let (mut rest, mut rows) = (bytes.as_slice(), Vec::new());
    while let Some((header, behind)) = rest.split_at_checked(HEADER) {
        let length = u64::from_le_bytes(std::array::from_fn(|i| header[i]));
        let content = usize::try_from(length)
            .ok()
            .and_then(|n| behind.split_at_checked(n));
        let Some((content, behind)) = content else {
            break;
        };
        let row = postcard::from_bytes(content);
        match row {
            Ok(row) if checksum(content) == header[8..] => rows.push(row),
            _ => break,
        }
        rest = behind;
    }
    rows
}

/// Takes the journals of a finished chunk away.
pub fn clear(folder: &Path, chunk: u64) {
    for path in of_chunk(folder, chunk) {
        // One that stays is only a waste of space.
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::outcome::Outcome;

    fn row(i: u8) -> Row {
        Row {
            key: [i; 32],
            seed: u64::from(i),
            outcome: Outcome::Failed(format!("reason {i}")),
        }
    }

    #[test]
    fn a_torn_or_flipped_end_is_left_out() {
        let directory = tempfile::tempdir().expect("a directory");
        let journal = Journal::new(directory.path(), 3);
        for i in 0..5 {
            journal.append(&row(i)).expect("appended");
        }
        let path = of_chunk(directory.path(), 3).pop().expect("one journal");
        let whole = std::fs::read(&path).expect("readable");
        assert_eq!(read(&path).len(), 5);
        let length = whole.len();
        for cut in [1, 10, 40] {
            std::fs::write(&path, &whole[..length - cut]).expect("written");
            assert_eq!(read(&path), (0..4).map(row).collect::<Vec<_>>());
        }
        for place in [length - 3, length - 60] {
            let mut flipped = whole.clone();
            flipped[place] ^= 4;
            std::fs::write(&path, &flipped).expect("written");
            assert!(read(&path).len() < 5, "byte {place}");
        }
        assert!(rows(directory.path(), 4).is_empty());
        clear(directory.path(), 3);
        assert!(files(directory.path()).is_empty());
    }
}
