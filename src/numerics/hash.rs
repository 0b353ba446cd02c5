//! Keys by content.

use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::Path;

/// SHA-256 of the parts as lower-case hex. Each part goes in with its length, so
/// that moving text from one part to the next changes the key.
pub fn key(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hexadecimal(hasher)
}

/// `content` behind its own hash, so that [`opened`] sees whether it came back whole.
pub fn sealed(content: &[u8]) -> Vec<u8> {
    let mut bytes = key(&[content]).into_bytes();
    bytes.extend(content);
    bytes
}

/// The content that was [`sealed`]; `None` if it is torn or altered.
pub fn opened(bytes: &[u8]) -> Option<&[u8]> {
    let (digest, content) = bytes.split_at_checked(64)?;
    (key(&[content]).as_bytes() == digest).then_some(content)
}

/// SHA-256 of the contents of files one after the other as lower-case hex; of a
/// single file what `sha256sum` says.
///
/// # Errors
/// A file that cannot be read.
pub fn files<P: AsRef<Path>>(paths: &[P]) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    for path in paths {
        let mut file = std::fs::File::open(path)?;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
        }
    }
    Ok(hexadecimal(hasher))
}

fn hexadecimal(hasher: Sha256) -> String {
    hasher
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separates_its_parts() {
        assert_ne!(key(&[b"ab", b"c"]), key(&[b"a", b"bc"]));
        assert_eq!(key(&[b"ab"]).len(), 64);
    }

    #[test]
    fn a_seal_tells_what_is_torn_or_altered() {
        let whole = sealed(b"content");
        assert_eq!(opened(&whole), Some(b"content".as_slice()));
        assert_eq!(opened(&whole[..whole.len() - 1]), None);
        assert_eq!(opened(&whole[..10]), None);
        for at in [0, whole.len() - 1] {
            let mut other = whole.clone();
            other[at] ^= 1;
            assert_eq!(opened(&other), None);
        }
    }

    #[test]
    fn the_hash_of_a_file_is_the_usual_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-4, the example of one block.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(files(&[&path]).unwrap(), known);
        assert!(files(&[directory.path().join("none")]).is_err());
    }
}
