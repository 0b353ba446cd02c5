//! Whole numbers of a binary file: their width, sign and byte order.

use super::error::ImportError;
use super::labels::Painter;
use std::fmt;
use std::io::Read;
use std::path::Path;

/// Types of voxels that can be read, in words.
pub(super) const ALLOWED: &str =
    "whole numbers of 8, 16, 32 or 64 bits (u8 to u64, i8 to i64) or bool";
/// Bytes read at a time; a multiple of every width.
const CHUNK: usize = 1 << 16;

/// How a voxel is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element {
    /// Bytes: 1, 2, 4 or 8.
    pub width: usize,
    pub signed: bool,
    pub big_endian: bool,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = if self.signed { 'i' } else { 'u' };
        write!(f, "{letter}{}", 8 * self.width)
    }
}

impl Element {
    fn value(self, bytes: &[u8]) -> i128 {
        let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        let value = if self.big_endian {
            bytes.iter().fold(0, join)
        } else {
            bytes.iter().rev().fold(0, join)
        };
        if self.signed {
            // The sign bit goes to the top of 64 bits and comes back down.
            let shift = 64 - 8 * self.width as u32;
            i128::from((value << shift).cast_signed() >> shift)
        } else {
            i128::from(value)
        }
    }

    /// Reads the voxels of an image: `length` bytes that are left in `file`.
    pub fn read(
        self,
        file: &Path,
        reader: &mut impl Read,
        length: u64,
        shape: [usize; 3],
        painter: &mut Painter<'_>,
    ) -> Result<(), ImportError> {
        let voxels = super::count(file, shape)?;
        let expected = voxels as u64 * self.width as u64;
        let wrong_length = |found| ImportError::Length {
            file: file.to_path_buf(),
            shape,
            element: self.to_string(),
            expected,
            found,
        };
        if length != expected {
            return Err(wrong_length(length));
        }
        let mut buffer = vec![0; CHUNK];
        let mut left = voxels * self.width;
        while left > 0 {
            let part = &mut buffer[..left.min(CHUNK)];
            reader
                .read_exact(part)
                .map_err(|e| ImportError::unreadable(file, &e))?;
            for voxel in part.chunks_exact(self.width) {
                painter.paint(self.value(voxel));
            }
            left -= part.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_numbers_of_every_kind() {
        let element = |width, signed, big_endian| Element {
            width,
            signed,
            big_endian,
        };
        assert_eq!(element(1, false, false).value(&[200]), 200);
        assert_eq!(element(1, true, false).value(&[200]), -56);
        assert_eq!(element(2, false, true).value(&[1, 2]), 258);
        assert_eq!(element(2, false, false).value(&[1, 2]), 513);
        assert_eq!(element(4, true, false).value(&(-7_i32).to_le_bytes()), -7);
        assert_eq!(
            element(8, true, true).value(&i64::MIN.to_be_bytes()),
            i128::from(i64::MIN)
        );
        assert_eq!(
            element(8, false, false).value(&[255; 8]),
            i128::from(u64::MAX)
        );
    }
}
