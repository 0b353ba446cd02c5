//! Export as NumPy array files, with the axes of the structure.

use super::Microstructure;
use std::io::{self, Write};

/// Data of an array file start at a multiple of this many bytes.
const ALIGNMENT: usize = 64;

/// Writes the phases by their numbers in [`super::Phase`], as `uint8`.
///
/// # Errors
/// Those of the writer.
pub fn write_npy_phases(structure: &Microstructure, writer: &mut impl Write) -> io::Result<()> {
    header(structure, "|u1", writer)?;
    writer.write_all(&structure.phases)
}

/// Writes the particle number of every voxel, 0 outside, as `uint32`.
///
/// # Errors
/// Those of the writer.
pub fn write_npy_particles(structure: &Microstructure, writer: &mut impl Write) -> io::Result<()> {
    header(structure, "<u4", writer)?;
    let row = structure.shape[2].max(1);
    let mut bytes = Vec::with_capacity(4 * row);
    for ids in structure.particle_ids.chunks(row) {
        bytes.clear();
        bytes.extend(ids.iter().flat_map(|id| id.to_le_bytes()));
        writer.write_all(&bytes)?;
    }
    Ok(())
}

/// Version 1.0 (NEP 1): magic, version, length of the header, the header padded
/// with spaces and ended by a line break.
fn header(structure: &Microstructure, kind: &str, writer: &mut impl Write) -> io::Result<()> {
    const LEAD: usize = 10;
    let [n1, n2, n3] = structure.shape;
    let mut text =
        format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({n1}, {n2}, {n3}), }}");
    let length = (LEAD + text.len() + 1).next_multiple_of(ALIGNMENT) - LEAD;
    text.push_str(&" ".repeat(length - text.len() - 1));
    text.push('\n');
    writer.write_all(b"\x93NUMPY\x01\x00")?;
    // Three numbers never fill the 65535 bytes of this version.
    writer.write_all(&(length as u16).to_le_bytes())?;
    writer.write_all(text.as_bytes())
}
