//! Files of `engobe microstructure`: slices as pictures, volumes for other programs.

use super::{FAILED, Failure};
use crate::microstructure::{
    Axis, Microstructure, VoxelField, slice_png, write_npy_particles, write_npy_phases,
    write_tiff_particles, write_tiff_phases, write_vtk,
};
use crate::report::structure::Cut;
use crate::results;
use crate::scenario::{PhaseName, Scenario};
use crate::transport::ionic_field;
use clap::ValueEnum;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Pixels per voxel in the slices.
const SCALE: usize = 6;

/// Which files to write.
#[derive(Debug, Clone, clap::Args)]
pub struct Export {
    /// Volumes to write, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', default_value = "vtk")]
    export: Vec<Format>,
    /// Add the ionic potential and current to the VTK file
    #[arg(long)]
    fields: bool,
    /// Number of slices to draw
    #[arg(long, default_value_t = 3)]
    slices: usize,
    /// Direction across which they are cut
    #[arg(long, value_enum, default_value = "width")]
    axis: Across,
}

/// A format of volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// structure.vti for ParaView: phases, particles, grains
    Vtk,
    /// phases.tif and particles.tif: stacks of slices through the thickness
    Tiff,
    /// phases.npy and particles.npy
    Npy,
    /// structure.h5: phases, particles and statistics as in results
    Hdf5,
}

/// A direction in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Across {
    /// Slices parallel to the current collector
    Thickness,
    /// Slices that show the thickness downwards
    Width,
    /// The same, turned by a right angle
    Depth,
}

impl Across {
    fn axis(self) -> Axis {
        match self {
            Self::Thickness => Axis::Thickness,
            Self::Width => Axis::Width,
            Self::Depth => Axis::Depth,
        }
    }
}

impl Export {
    /// Writes the files into a directory; returns the slices.
    pub fn write(
        &self,
        scenario: &Scenario,
        structure: &Microstructure,
        directory: &Path,
    ) -> Result<Vec<Cut>, Failure> {
        let cuts = self.draw(structure, directory)?;
        for format in &self.export {
            match format {
                Format::Vtk => self.vtk(scenario, structure, directory)?,
                Format::Tiff => {
                    file(directory, "phases.tif", |to| {
                        write_tiff_phases(structure, to)
                    })?;
                    file(directory, "particles.tif", |to| {
                        write_tiff_particles(structure, to)
                    })?;
                }
                Format::Npy => {
                    file(directory, "phases.npy", |to| {
                        write_npy_phases(structure, to)
                    })?;
                    file(directory, "particles.npy", |to| {
                        write_npy_particles(structure, to)
                    })?;
                }
                Format::Hdf5 => {
                    let path = directory.join("structure.h5");
                    results::write_structure(structure, &path)
                        .map_err(|e| Failure::Message(FAILED, super::with_causes(&e)))?;
                }
            }
        }
        self.describe_image(structure, directory)?;
        Ok(cuts)
    }

    /// `image.toml`: what a scenario must say to use the exported volume in place of
    /// a generated structure, as some of it cannot be seen in the voxels.
    fn describe_image(&self, structure: &Microstructure, directory: &Path) -> Result<(), Failure> {
        let source = self.export.iter().find_map(|format| match format {
            Format::Vtk => None,
            Format::Tiff => Some("file = \"phases.tif\""),
            Format::Npy => Some("file = \"phases.npy\""),
            Format::Hdf5 => Some("file = \"structure.h5\"\ndataset = \"microstructure/phases\""),
        });
        let Some(source) = source else {
            return Ok(());
        };
        // Digits beyond a millionth of a nanometre are round-off.
        let nanometres = |edge: f64| format!("\"{} nm\"", (1e15 * edge).round() / 1e6);
        let percent = (1e8 * structure.carbon_fill).round() / 1e6;
        // A label without voxels would be refused.
        let labels: Vec<String> = PhaseName::ALL
            .iter()
            .map(|&(phase, word)| (phase as u8, word))
            .filter(|(label, _)| structure.phases.contains(label))
            .map(|(label, word)| format!("\"{label}\" = \"{word}\""))
            .collect();
        let labels = labels.join(", ");
        let text = format!(
            "# This structure as an image: for a scenario in this directory.\n\
             [microstructure.image]\n{source}\nvoxel = [{}]\nperiodic = {}\n\
             carbon_fill = \"{percent} %\"\nlabels = {{ {labels} }}\n",
            structure.spacing.map(nanometres).join(", "),
            structure.periodic
        );
        file(directory, "image.toml", |to| to.write_all(text.as_bytes()))
    }

    /// Slices evenly spread along the axis, `slice-<index>.png`.
    fn draw(&self, structure: &Microstructure, directory: &Path) -> Result<Vec<Cut>, Failure> {
        let axis = self.axis.axis();
        let n = structure.shape[axis as usize];
        let slices = self.slices.min(n);
        let mut cuts = Vec::with_capacity(slices);
        for slice in 0..slices {
            let index = (2 * slice + 1) * n / (2 * slices);
            let mut png = Vec::new();
            file(directory, &format!("slice-{index}.png"), |to| {
                png = slice_png(structure, axis, index, SCALE).map_err(io::Error::other)?;
                to.write_all(&png)
            })?;
            let depth = index as f64 * structure.spacing[axis as usize];
            cuts.push(Cut { depth, png });
        }
        Ok(cuts)
    }

    fn vtk(
        &self,
        scenario: &Scenario,
        structure: &Microstructure,
        directory: &Path,
    ) -> Result<(), Failure> {
        let (electrolyte, contact) = (
            &scenario.cathode.electrolyte,
            scenario.cathode.contact_fraction,
        );
        let solved = self
            .fields
            .then(|| ionic_field(structure, electrolyte, contact));
        let solved = solved
            .transpose()
            .map_err(|e| Failure::Message(FAILED, e.to_string()))?;
        let fields = solved.as_ref().map_or_else(Vec::new, |field| {
            vec![
                VoxelField {
                    name: "ionic_potential",
                    values: &field.potential,
                },
                VoxelField {
                    name: "ionic_current",
                    values: &field.current,
                },
            ]
        });
        file(directory, "structure.vti", |to| {
            write_vtk(structure, &fields, to)
        })
    }
}

/// Writes one file, saying which where it fails.
fn file(
    directory: &Path,
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Failure> {
    let path = directory.join(name);
    let written = File::create(&path).and_then(|file| {
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        file.flush()
    });
    written.map_err(|e| Failure::Message(FAILED, format!("cannot write {}: {e}", path.display())))
}
