//! Export for ParaView and other readers of VTK's XML image data (`.vti`).

use super::{Microstructure, grid::Grid};
use std::io::{self, Write};

/// Writes phases, particle and grain labels as cell data.
///
/// The first axis of the structure (through the thickness) is x; lengths are in
/// micrometres, since viewers handle 1e-7 badly. Phase numbers are those of
/// [`super::Phase`], and 0 labels mean "none".
///
/// # Errors
/// Those of the writer.
pub fn write_vtk(structure: &Microstructure, writer: &mut impl Write) -> io::Result<()> {
    let n = structure.resolution;
    let spacing = structure.voxel * 1e6;
    let cells = structure.phases.len();
    // Every appended array starts with its length in bytes as a UInt64.
    let particles_at = 8 + cells;
    let grains_at = particles_at + 8 + 4 * cells;
    write!(
        writer,
        r#"<?xml version="1.0"?>
<VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
<ImageData WholeExtent="0 {n} 0 {n} 0 {n}" Origin="0 0 0" Spacing="{spacing} {spacing} {spacing}">
<Piece Extent="0 {n} 0 {n} 0 {n}">
<CellData Scalars="phase">
<DataArray type="UInt8" Name="phase" format="appended" offset="0"/>
<DataArray type="UInt32" Name="particle" format="appended" offset="{particles_at}"/>
<DataArray type="UInt32" Name="grain" format="appended" offset="{grains_at}"/>
</CellData>
</Piece>
</ImageData>
<AppendedData encoding="raw">
_"#
    )?;
    write_array(structure, &structure.phases, |phase| [phase], writer)?;
    write_array(structure, &structure.particle_ids, u32::to_le_bytes, writer)?;
    write_array(structure, &structure.grain_ids, u32::to_le_bytes, writer)?;
    writer.write_all(b"\n</AppendedData>\n</VTKFile>\n")
}

/// Writes one array with x running fastest, as VTK wants it.
fn write_array<T: Copy, const BYTES: usize>(
    structure: &Microstructure,
    values: &[T],
    bytes: impl Fn(T) -> [u8; BYTES],
    writer: &mut impl Write,
) -> io::Result<()> {
    let grid = Grid {
        resolution: structure.resolution,
        voxel: structure.voxel,
    };
    writer.write_all(&((values.len() * BYTES) as u64).to_le_bytes())?;
    let mut row = Vec::with_capacity(BYTES * grid.resolution);
    for k in 0..grid.resolution {
        for j in 0..grid.resolution {
            row.clear();
            for i in 0..grid.resolution {
                row.extend_from_slice(&bytes(values[grid.index([i, j, k])]));
            }
            writer.write_all(&row)?;
        }
    }
    Ok(())
}
