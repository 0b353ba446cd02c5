//! NumPy's array file: a header that is a Python dictionary, then the voxels.
//!
//! Format: NEP 1 (<https://numpy.org/neps/nep-0001-npy-format.html>): the magic
//! `\x93NUMPY`, two bytes of version, the length of the header (2 bytes little
//! endian in version 1, 4 later), the header, the data.

use super::elements::{ALLOWED, Element};
use super::error::ImportError;
use super::labels::{Labelled, Painter};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

const FORMAT: &str = "a NumPy array file";
const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header that is believed; those of arrays of three axes have some 100 bytes.
const LONGEST_HEADER: usize = 1 << 16;

pub(super) fn read(file: &Path, mut painter: Painter<'_>) -> Result<Labelled, ImportError> {
    let unreadable = |e: std::io::Error| ImportError::unreadable(file, &e);
    let opened = File::open(file).map_err(unreadable)?;
    let length = opened.metadata().map_err(unreadable)?.len();
    let mut reader = BufReader::new(opened);
    let (text, header_length) = header(file, &mut reader)?;
    let header =
        Header::parse(&text).ok_or_else(|| malformed(file, format!("its header is {text:?}")))?;
    let element = element(&header.descr).ok_or_else(|| ImportError::Element {
        file: file.to_path_buf(),
        found: format!("elements of the type '{}'", header.descr),
        allowed: ALLOWED,
    })?;
    let [n1, n2, n3] = header.shape[..] else {
        return Err(ImportError::Axes {
            file: file.to_path_buf(),
            found: header.shape,
        });
    };
    let shape = [n1, n2, n3];
    let left = length.saturating_sub(header_length);
    element.read(file, &mut reader, left, shape, &mut painter)?;
    painter.finish(file, shape, header.fortran_order)
}

fn malformed(file: &Path, reason: String) -> ImportError {
    ImportError::Malformed {
        file: file.to_path_buf(),
        format: FORMAT,
        reason,
    }
}

/// The header's text, and the bytes before the voxels.
fn header(file: &Path, reader: &mut impl Read) -> Result<(String, u64), ImportError> {
    let short = |_| malformed(file, "it ends inside its header".into());
    let mut start = [0; 8];
    reader.read_exact(&mut start).map_err(short)?;
    if !start.starts_with(MAGIC) {
        return Err(malformed(file, "it does not start as one".into()));
    }
    let (length, lead) = match start[6] {
        1 => {
            let mut bytes = [0; 2];
            reader.read_exact(&mut bytes).map_err(short)?;
            (usize::from(u16::from_le_bytes(bytes)), 10)
        }
        2 | 3 => {
            let mut bytes = [0; 4];
            reader.read_exact(&mut bytes).map_err(short)?;
            (u32::from_le_bytes(bytes) as usize, 12)
        }
        version => {
            return Err(malformed(
                file,
                format!("its version is {version}, known are 1 to 3"),
            ));
        }
    };
    if length > LONGEST_HEADER {
        return Err(malformed(
            file,
            format!("its header would have {length} bytes"),
        ));
    }
    let mut text = vec![0; length];
    reader.read_exact(&mut text).map_err(short)?;
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    Ok((text, lead + length as u64))
}

/// What the header says.
#[derive(Debug, PartialEq)]
struct Header {
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    /// Reads `{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3, 4), }`.
    fn parse(text: &str) -> Option<Self> {
        let value = |key: &str| {
            let (_, rest) = text.split_once(&format!("'{key}'"))?;
            Some(rest.trim_start().strip_prefix(':')?.trim_start())
        };
        let descr = value("descr")?;
        // Structured arrays have a list here; it is handed on to be refused by name.
        let descr = match descr.strip_prefix('\'') {
            Some(rest) => rest.split_once('\'')?.0.to_owned(),
            None => descr.split_once(']')?.0.to_owned() + "]",
        };
        let order = value("fortran_order")?;
        let fortran_order = order.starts_with("True");
        if !fortran_order && !order.starts_with("False") {
            return None;
        }
        let (axes, _) = value("shape")?.strip_prefix('(')?.split_once(')')?;
        let axes = axes
            .split(',')
            .map(str::trim)
            .filter(|axis| !axis.is_empty());
        let shape = axes.map(|axis| axis.parse().ok()).collect::<Option<_>>()?;
        Some(Self {
            descr,
            fortran_order,
            shape,
        })
    }
}

/// `<u2` and the like; byte order does not matter to single bytes (`|u1`, `|b1`).
fn element(descr: &str) -> Option<Element> {
    let mut letters = descr.chars();
    let (order, kind) = (letters.next()?, letters.next()?);
    let width: usize = letters.as_str().parse().ok()?;
    let known = match (kind, width) {
        ('u' | 'i', 1 | 2 | 4 | 8) | ('b', 1) => width == 1 || order != '|',
        _ => false,
    };
    (known && "<>|=".contains(order)).then_some(Element {
        width,
        signed: kind == 'i',
        big_endian: order == '>' || (order == '=' && cfg!(target_endian = "big")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_as_numpy_writes_them() {
        let text = "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3, 4), }";
        let header = Header::parse(text).unwrap();
        assert_eq!(header.shape, [2, 3, 4]);
        assert!(!header.fortran_order);
        assert_eq!(element(&header.descr).unwrap().to_string(), "i64");
        let flat = Header::parse("{'descr': '|b1', 'fortran_order': True, 'shape': (7,), }");
        assert_eq!(flat.unwrap().shape, [7]);
        assert_eq!(
            Header::parse("{'descr': '<i8', 'shape': (2, 3, 4), }"),
            None
        );
        assert_eq!(
            Header::parse("{'descr': '<i8', 'fortran_order': No, 'shape': (2,)}"),
            None
        );
        assert_eq!(
            Header::parse("{'descr': '<i8', 'fortran_order': True, 'shape': (2, x)}"),
            None
        );
    }

    #[test]
    fn only_whole_numbers_are_labels() {
        for descr in ["<f4", "<c8", "|S3", "|O", "<u3", "|u2", "<", ""] {
            assert_eq!(element(descr), None, "{descr}");
        }
        assert!(element(">u2").unwrap().big_endian);
    }
}
