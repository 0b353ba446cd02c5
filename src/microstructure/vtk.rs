//! Export for ParaView and other readers of VTK's XML image data (`.vti`).

use super::Microstructure;
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
    let [n1, n2, n3] = structure.shape;
    let [dx, dy, dz] = structure.spacing.map(|edge| edge * 1e6);
    let cells = structure.phases.len();
    // Every appended array starts with its length in bytes as a UInt64.
    let particles_at = 8 + cells;
    let grains_at = particles_at + 8 + 4 * cells;
    write!(
        writer,
        r#"<?xml version="1.0"?>
<VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
<ImageData WholeExtent="0 {n1} 0 {n2} 0 {n3}" Origin="0 0 0" Spacing="{dx} {dy} {dz}">
<Piece Extent="0 {n1} 0 {n2} 0 {n3}">
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
    let [n1, n2, n3] = structure.shape;
    writer.write_all(&((values.len() * BYTES) as u64).to_le_bytes())?;
    let mut row = Vec::with_capacity(BYTES * n1);
    for k in 0..n3 {
        for j in 0..n2 {
            row.clear();
            for i in 0..n1 {
                row.extend_from_slice(&bytes(values[structure.index([i, j, k])]));
            }
            writer.write_all(&row)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::generator::tests::small;

    #[test]
    fn arrays_start_where_the_header_says_and_x_runs_fastest() {
        let structure = small().build(&mut |_| ()).unwrap();
        let mut bytes = Vec::new();
        write_vtk(&structure, &mut bytes).unwrap();
        let marker = b"<AppendedData encoding=\"raw\">\n_";
        let data = bytes
            .windows(marker.len())
            .position(|w| w == marker)
            .unwrap()
            + marker.len();
        let header = std::str::from_utf8(&bytes[..data]).unwrap();
        let n = structure.shape[0];
        for (name, width) in [("phase", 1), ("particle", 4), ("grain", 4)] {
            let line = header
                .lines()
                .find(|l| l.contains(&format!("Name=\"{name}\"")))
                .unwrap();
            let offset = line
                .split("offset=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            let start = data + offset.parse::<usize>().unwrap();
            let length = u64::from_le_bytes(bytes[start..start + 8].try_into().unwrap());
            assert_eq!(length as usize, width * n.pow(3));
            // The cell at x = 7, y = 2, z = 3.
            let at = start + 8 + width * (7 + n * (2 + n * 3));
            let mut value = [0; 4];
            value[..width].copy_from_slice(&bytes[at..at + width]);
            let index = structure.index([7, 2, 3]);
            let expected = match name {
                "phase" => u32::from(structure.phases[index]),
                "particle" => structure.particle_ids[index],
                _ => structure.grain_ids[index],
            };
            assert_eq!(u32::from_le_bytes(value), expected);
        }
        assert!(bytes.ends_with(b"\n</AppendedData>\n</VTKFile>\n"));
    }
}
