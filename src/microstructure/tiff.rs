//! Export as TIFF stacks: one page per voxel through the thickness.

use super::Microstructure;
use std::io::{self, Seek, Write};
use tiff::TiffResult;
use tiff::encoder::colortype::{ColorType, Gray8, Gray16, Gray32};
use tiff::encoder::{Compression, DeflateLevel, Rational, TiffEncoder, TiffKind, TiffValue};
use tiff::tags::{ResolutionUnit, Tag};

/// Sizes from which on offsets are written with 64 bits (BigTIFF), bytes; headers
/// need some room below the 4 GiB that 32 bits reach.
const BIG: usize = 3 << 30;

/// Writes the phases, 8 bits per voxel, by their numbers in [`super::Phase`].
///
/// Pages run through the thickness, from the separator; voxel sizes are written
/// as ImageJ does, in micrometres.
///
/// # Errors
/// Those of the writer; more rows or columns than 32 bits count.
pub fn write_tiff_phases(
    structure: &Microstructure,
    writer: &mut (impl Write + Seek),
) -> io::Result<()> {
    stack::<Gray8>(structure, &structure.phases, true, writer).map_err(io::Error::other)
}

/// Writes the particle number of every voxel, 0 outside: 16 bits while they
/// suffice, else 32 bits (without voxel sizes: ImageJ takes these for fractions).
///
/// # Errors
/// As [`write_tiff_phases`].
pub fn write_tiff_particles(
    structure: &Microstructure,
    writer: &mut (impl Write + Seek),
) -> io::Result<()> {
    let ids = &structure.particle_ids;
    let narrow: Option<Vec<u16>> = ids.iter().map(|&id| u16::try_from(id).ok()).collect();
    match narrow {
        Some(ids) => stack::<Gray16>(structure, &ids, true, writer),
        None => stack::<Gray32>(structure, ids, false, writer),
    }
    .map_err(io::Error::other)
}

fn stack<C: ColorType>(
    structure: &Microstructure,
    values: &[C::Inner],
    sized: bool,
    writer: &mut (impl Write + Seek),
) -> TiffResult<()>
where
    [C::Inner]: TiffValue,
{
    if size_of_val(values) > BIG {
        pages::<C, _, _>(structure, values, sized, TiffEncoder::new_big(writer)?)
    } else {
        pages::<C, _, _>(structure, values, sized, TiffEncoder::new(writer)?)
    }
}

fn pages<C: ColorType, W: Write + Seek, K: TiffKind>(
    structure: &Microstructure,
    values: &[C::Inner],
    sized: bool,
    encoder: TiffEncoder<W, K>,
) -> TiffResult<()>
where
    [C::Inner]: TiffValue,
{
    let [pages, rows, columns] = structure.shape;
    let [dx, dy, dz] = structure.spacing.map(|edge| edge * 1e6);
    // Label images have long runs. Python reads zlib by itself, LZW not.
    let mut encoder = encoder.with_compression(Compression::Deflate(DeflateLevel::Fast));
    for (number, page) in values.chunks(rows * columns).enumerate() {
        let mut image = encoder.new_image::<C>(u32::try_from(columns)?, u32::try_from(rows)?)?;
        if sized {
            image.resolution_unit(ResolutionUnit::None);
            image.x_resolution(per_unit(dz));
            image.y_resolution(per_unit(dy));
        }
        if sized && number == 0 {
            let text = format!(
                "ImageJ=1.54\nimages={pages}\nslices={pages}\nunit=micron\nspacing={dx}\nloop=false\n"
            );
            image
                .encoder()
                .write_tag(Tag::ImageDescription, text.as_str())?;
        }
        image.write_data(page)?;
    }
    Ok(())
}

/// Pixels per micrometre as the fraction that TIFF wants; `edge` in micrometres.
fn per_unit(edge: f64) -> Rational {
    Rational {
        n: 1_000_000,
        d: (edge * 1e6).round().clamp(1.0, f64::from(u32::MAX)) as u32,
    }
}
