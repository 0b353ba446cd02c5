//! The journal: every simulation's readings, written down as soon as they are known. A fit
//! that was stopped goes the same way again and finds them there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A number, or why there is none.
pub(super) type Value = Result<f64, String>;

/// An append-only file of lines `key values...`, numbers by their bits.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    known: BTreeMap<String, Vec<Value>>,
}

/// Ends every line; a line without it was cut off.
const END: &str = " .";

impl Journal {
    /// Opens the journal of a fit, or begins one.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(path: &Path) -> Result<Self, (PathBuf, std::io::Error)> {
        let failed = |error| (path.to_owned(), error);
        let mut file = File::options()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(failed)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let text = String::from_utf8_lossy(&bytes);
        let known = text.lines().filter_map(entry).collect();
        if !text.is_empty() && !text.ends_with('\n') {
            // A line was cut off: the next one begins anew.
            file.seek(SeekFrom::End(0)).map_err(failed)?;
            file.write_all(b"\n").map_err(failed)?;
        }
        Ok(Self { file, known })
    }

    /// What is known under a key.
    pub fn get(&self, key: &str) -> Option<&Vec<Value>> {
        self.known.get(key)
    }

    /// Writes values down.
    ///
    /// # Errors
    /// What the file system says.
    pub fn put(&mut self, key: &str, values: Vec<Value>) -> std::io::Result<()> {
        let mut line = key.to_owned();
        for value in &values {
            let _ = match value {
                Ok(number) => write!(line, " {:016x}", number.to_bits()),
                Err(reason) => write!(line, " !{}", hexadecimal(reason)),
            };
        }
        line += END;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.known.insert(key.to_owned(), values);
        Ok(())
    }
}

fn hexadecimal(text: &str) -> String {
    text.bytes().fold(String::new(), |mut line, byte| {
        let _ = write!(line, "{byte:02x}");
        line
    })
}

fn entry(line: &str) -> Option<(String, Vec<Value>)> {
    let mut words = line.strip_suffix(END)?.split(' ');
    let key = words.next().filter(|key| key.len() == 64)?;
    let values = words.map(|word| match word.strip_prefix('!') {
        Some(reason) => {
            let bytes: Option<Vec<u8>> = (0..reason.len() / 2)
                .map(|i| u8::from_str_radix(reason.get(2 * i..2 * i + 2)?, 16).ok())
                .collect();
            Some(Err(String::from_utf8_lossy(&bytes?).into_owned()))
        }
        None => u64::from_str_radix(word, 16)
            .ok()
            .map(|b| Ok(f64::from_bits(b))),
    });
    let values: Option<Vec<Value>> = values.collect();
    Some((key.to_owned(), values?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_survives_being_cut_off() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("journal");
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        let values = vec![Ok(0.1 + 0.2), Err("no cycle 5; ä".to_owned()), Ok(-0.0)];
        let mut journal = Journal::open(&path).expect("new");
        journal.put(&a, values.clone()).expect("written");
        journal.put(&b, vec![Ok(1.0)]).expect("written");
        drop(journal);
        let whole = std::fs::read(&path).expect("there");
        // Cut at every place of the second line.
        let first = whole.iter().position(|b| *b == b'\n').expect("a line") + 1;
        for end in first..whole.len() {
            std::fs::write(&path, &whole[..end]).expect("cut");
            let mut journal = Journal::open(&path).expect("readable");
            assert_eq!(journal.get(&a), Some(&values));
            // Without its line feed alone, the line is whole.
            assert_eq!(journal.get(&b).is_some(), end + 1 == whole.len());
            journal.put(&b, vec![Ok(2.0)]).expect("written");
            drop(journal);
            let journal = Journal::open(&path).expect("readable");
            assert_eq!(journal.get(&b), Some(&vec![Ok(2.0)]), "cut at {end}");
        }
    }
}
