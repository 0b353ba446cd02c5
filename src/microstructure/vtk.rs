//! Export for ParaView and other readers of VTK's XML image data (`.vti`).

use super::Microstructure;
use std::io::{self, Write};

/// A number per voxel to be written beside the labels.
#[derive(Debug, Clone, Copy)]
pub struct VoxelField<'a> {
    /// Its name in the file, without spaces or quotes.
    pub name: &'a str,
    /// One value per voxel.
    pub values: &'a [f32],
}

/// Writes phases, particle and grain labels and `fields` as cell data.
///
/// The first axis of the structure (through the thickness) is x; lengths are in
/// micrometres, since viewers handle 1e-7 badly. Phase numbers are those of
/// [`super::Phase`], and 0 labels mean "none"; `primary_grain` is there where particles
/// are polycrystals.
///
/// # Errors
/// Those of the writer; an array that has not one value per voxel.
pub fn write_vtk(
    structure: &Microstructure,
    fields: &[VoxelField],
    writer: &mut impl Write,
) -> io::Result<()> {
    let [n1, n2, n3] = structure.shape;
    let [dx, dy, dz] = structure.spacing.map(|edge| edge * 1e6);
    let cells = structure.phases.len();
    // Every appended array starts with its length in bytes as a UInt64.
    let particles_at = 8 + cells;
    let grains_at = particles_at + 8 + 4 * cells;
    let wide = 8 + 4 * cells;
    let primary = structure.primary_grains.as_ref();
    let primary_at = grains_at + wide;
    let primary_array = primary.map_or_else(String::new, |_| {
        format!(
            "<DataArray type=\"UInt32\" Name=\"primary_grain\" format=\"appended\" offset=\"{primary_at}\"/>\n"
        )
    });
    let before_fields = grains_at + wide * usize::from(primary.is_some());
    let arrays = fields.iter().enumerate().map(|(number, field)| {
        let (name, at) = (field.name, before_fields + (number + 1) * wide);
        format!(
            "<DataArray type=\"Float32\" Name=\"{name}\" format=\"appended\" offset=\"{at}\"/>\n"
        )
    });
    let arrays: String = arrays.collect();
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
{primary_array}{arrays}</CellData>
</Piece>
</ImageData>
<AppendedData encoding="raw">
_"#
    )?;
    write_array(structure, &structure.phases, |phase| [phase], writer)?;
    write_array(structure, &structure.particle_ids, u32::to_le_bytes, writer)?;
    write_array(structure, &structure.grain_ids, u32::to_le_bytes, writer)?;
    if let Some(grains) = primary {
        write_array(structure, &grains.ids, u32::to_le_bytes, writer)?;
    }
    for field in fields {
        write_array(structure, field.values, f32::to_le_bytes, writer)?;
    }
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
    if values.len() != structure.voxels() {
        let (found, due) = (values.len(), structure.voxels());
        let message = format!("an array has {found} values for {due} voxels");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
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
        let mut blueprint = small();
        blueprint.arrangement.primary_grain = Some(0.8e-6);
        let structure = blueprint.build(&mut |_| ()).unwrap();
        let mut bytes = Vec::new();
        let values: Vec<f32> = (0..structure.voxels()).map(|v| v as f32).collect();
        let field = VoxelField {
            name: "field",
            values: &values,
        };
        write_vtk(&structure, &[field], &mut bytes).unwrap();
        let marker = b"<AppendedData encoding=\"raw\">\n_";
        let data = bytes
            .windows(marker.len())
            .position(|w| w == marker)
            .unwrap()
            + marker.len();
        let header = std::str::from_utf8(&bytes[..data]).unwrap();
        let n = structure.shape[0];
        let names = [
            ("phase", 1),
            ("particle", 4),
            ("grain", 4),
            ("primary_grain", 4),
            ("field", 4),
        ];
        for (name, width) in names {
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
                "field" => (index as f32).to_bits(),
                "primary_grain" => structure.primary_grains.as_ref().unwrap().ids[index],
                _ => structure.grain_ids[index],
            };
            assert_eq!(u32::from_le_bytes(value), expected);
        }
        assert!(bytes.ends_with(b"\n</AppendedData>\n</VTKFile>\n"));
    }

    #[test]
    fn a_field_of_another_length_is_refused() {
        let structure = small().build(&mut |_| ()).unwrap();
        let field = VoxelField {
            name: "short",
            values: &[1.0],
        };
        let refused = write_vtk(&structure, &[field], &mut Vec::new()).unwrap_err();
        assert!(refused.to_string().contains("1 values for 64000 voxels"));
    }
}
