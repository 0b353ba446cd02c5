//! One HDF5 file with everything a run found.
//!
//! | group | what is in it |
//! |---|---|
//! | `scenario` | the scenario `text` as written and `resolved` with every parameter in SI |
//! | `microstructure` | voxels (`phases`, `particle_ids`), particles, measured statistics |
//! | `transport` | effective conductivities and connectivity |
//! | `series` | time series, one entry per accepted time step |
//! | `cycles` | capacities, efficiencies, state of the cathode, one entry per cycle |
//! | `products` | degradation products by species and interface, one entry per cycle |
//! | `spectra` | impedance over cycle and frequency, and what the fits read from it |
//!
//! Every dataset has `units` and `long_name`, and named dimensions:
//! `xarray.open_dataset("results.h5", group="cycles", engine="h5netcdf")`.
//! A name in HDF5 cannot hold `/`, so quantities that the Battery Data Format 1.2
//! defines are named by its machine-readable names (`voltage_volt`) and carry its
//! preferred label (`Voltage / V`) as `long_name`.
//!
//! The file holds no time of writing: one run gives the same bytes every time.

use super::netcdf::{self, Dimension, Meta};
use super::table::{Column, Table, Values};
use super::{ResultsError, summary, temporary_name};
use crate::microstructure::{Microstructure, Phase};
use crate::simulation::{RunRecord, Spectrum};
use crate::transport::EffectiveTransport;
use ::hdf5::types::{TypeDescriptor, VarLenUnicode};
use ::hdf5::{Dataset, File, Group, Result};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayView3};
use std::path::Path;

/// Version of the layout: raised when a name or a meaning changes.
pub const LAYOUT_VERSION: u32 = 1;

/// The phases by their number in `microstructure/phases`.
const PHASES: [(Phase, &str); 5] = [
    (Phase::Void, "void"),
    (Phase::ActiveMaterial, "active_material"),
    (Phase::Electrolyte, "electrolyte"),
    (Phase::Carbon, "carbon"),
    (Phase::Polymer, "polymer"),
];

/// Writes `record` to `path`: under a temporary name first, which is closed,
/// opened again and read through before it takes the place of `path`.
///
/// # Errors
/// [`ResultsError`] when the record contradicts itself, when the library or the
/// file system refuses, or when the file does not read back. `path` is then as
/// it was.
pub fn write(record: &RunRecord, path: &Path) -> std::result::Result<(), ResultsError> {
    let resolved = toml::to_string_pretty(&record.scenario)?;
    let tables = Tables::collect(record)?;
    let temporary = temporary_name(path);
    let attempt = (|| {
        let written = create(record, &resolved, &tables, &temporary);
        let written = written.map_err(|source| hdf5_error(path, source))?;
        verify(&temporary, &written)?;
        std::fs::File::open(&temporary)
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&temporary, path))
            .map_err(|source| ResultsError::File {
                path: path.to_path_buf(),
                source,
            })
    })();
    if attempt.is_err() {
        // The first error is the one worth telling.
        let _ = std::fs::remove_file(&temporary);
    }
    attempt
}

fn hdf5_error(path: &Path, source: ::hdf5::Error) -> ResultsError {
    ResultsError::Hdf5 {
        path: path.to_path_buf(),
        source,
    }
}

/// The tables of the file, checked before anything is written.
struct Tables {
    series: Table,
    cycles: Table,
    products: Table,
    analyses: Table,
}

impl Tables {
    fn collect(record: &RunRecord) -> std::result::Result<Self, ResultsError> {
        let voxels = record.microstructure.resolution.pow(3);
        let voxel_arrays = [
            ("phases", record.microstructure.phases.len()),
            ("particle_ids", record.microstructure.particle_ids.len()),
        ];
        let spectra = record.spectra.iter();
        let spectra = spectra.map(|s| ("impedance", s.impedance.len(), s.frequency.len()));
        let voxel_arrays = voxel_arrays
            .iter()
            .map(|(name, found)| (*name, *found, voxels));
        match voxel_arrays
            .chain(spectra)
            .find(|(_, found, due)| found != due)
        {
            Some((column, found, expected)) => Err(ResultsError::Length {
                column: column.to_owned(),
                found,
                expected,
            }),
            None => Ok(Tables {
                series: summary::series(record)?,
                cycles: summary::cycles(record)?,
                products: summary::products(record)?,
                analyses: summary::analyses(record)?,
            }),
        }
    }
}

/// Writes the whole file and closes it; gives the names of its datasets.
fn create(record: &RunRecord, resolved: &str, tables: &Tables, path: &Path) -> Result<Vec<String>> {
    let file = File::with_options()
        .with_create_plist(|list| list.obj_track_times(false))
        .create(path)?;
    netcdf::text_attribute(&file, "title", &record.scenario.title)?;
    netcdf::text_attribute(&file, "program", env!("CARGO_PKG_NAME"))?;
    netcdf::text_attribute(&file, "program_version", env!("CARGO_PKG_VERSION"))?;
    netcdf::text_attribute(&file, "key", &record.key)?;
    netcdf::number_attribute(&file, "layout_version", &LAYOUT_VERSION)?;
    netcdf::number_attribute(&file, "finished", &u8::from(record.finished))?;
    write_scenario(&netcdf::group(&file, "scenario")?, record, resolved)?;
    write_microstructure(
        &netcdf::group(&file, "microstructure")?,
        &record.microstructure,
    )?;
    write_transport(&netcdf::group(&file, "transport")?, &record.transport)?;
    write_series(&netcdf::group(&file, "series")?, &tables.series)?;
    write_table(&netcdf::group(&file, "cycles")?, &tables.cycles)?;
    write_table(&netcdf::group(&file, "products")?, &tables.products)?;
    write_spectra(&netcdf::group(&file, "spectra")?, record, &tables.analyses)?;
    let names = datasets(&file)?.iter().map(|d| d.name()).collect();
    file.close()?;
    Ok(names)
}

fn write_scenario(group: &Group, record: &RunRecord, resolved: &str) -> Result<()> {
    netcdf::text_attribute(group, "key", &record.key)?;
    netcdf::number_attribute(group, "seed", &record.scenario.seed)?;
    let text = |name, label, text: &str| {
        let unit = "";
        netcdf::scalar(group, &netcdf::unicode(text)?, Meta { name, label, unit })
    };
    text("text", "Scenario as written", &record.scenario_text)?;
    text("resolved", "Scenario with every parameter, in SI", resolved)
}

fn write_microstructure(group: &Group, structure: &Microstructure) -> Result<()> {
    let n = structure.resolution;
    let centres: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) * structure.voxel).collect();
    let axis = |name, label| {
        let unit = "m";
        netcdf::dimension(group, &centres, Meta { name, label, unit })
    };
    let axes = [
        axis("depth", "Voxel centre through the thickness")?,
        axis("y", "Voxel centre in the plane")?,
        axis("z", "Voxel centre in the plane")?,
    ];
    let axes: Vec<&Dimension> = axes.iter().collect();
    let meta = |name, label| Meta {
        name,
        label,
        unit: "1",
    };
    let phases = voxels(&structure.phases, n)?;
    let phases = netcdf::variable(group, phases, &axes, meta("phases", "Phase"))?;
    describe_phases(&phases)?;
    let ids = voxels(&structure.particle_ids, n)?;
    let label = "Particle number from 1, 0 outside";
    netcdf::variable(group, ids, &axes, meta("particle_ids", label))?;
    write_particles(group, structure)?;
    write_statistics(group, structure)
}

fn voxels<T>(values: &[T], n: usize) -> Result<ArrayView3<'_, T>> {
    ArrayView3::from_shape((n, n, n), values).map_err(|error| error.to_string().into())
}

/// The meaning of the phase numbers, in the manner of the CF conventions.
fn describe_phases(phases: &Dataset) -> Result<()> {
    let numbers = PHASES.map(|(phase, _)| phase as u8);
    let builder = phases.new_attr_builder();
    builder
        .with_data(ArrayView1::from(&numbers[..]))
        .create("flag_values")?;
    let names = PHASES.map(|(_, name)| name).join(" ");
    netcdf::text_attribute(phases, "flag_meanings", &names)
}

fn write_particles(group: &Group, structure: &Microstructure) -> Result<()> {
    let numbers: Vec<u32> = (1..).take(structure.particles.len()).collect();
    let name = "particle";
    let label = "Particle number";
    let over = netcdf::dimension(
        group,
        &numbers,
        Meta {
            name,
            label,
            unit: "1",
        },
    )?;
    let real = |name, label, values| {
        netcdf::column(group, &Column::real(name, label, "m", values), &over).map(drop)
    };
    let centre = |axis: usize| structure.particles.iter().map(|p| p.centre[axis]).collect();
    let radii = structure.particles.iter().map(|p| p.radius).collect();
    real(
        "particle_depth",
        "Particle Centre Through The Thickness",
        centre(0),
    )?;
    real("particle_y", "Particle Centre In The Plane", centre(1))?;
    real("particle_z", "Particle Centre In The Plane", centre(2))?;
    real("particle_radius", "Particle Radius", radii)
}

fn write_statistics(group: &Group, structure: &Microstructure) -> Result<()> {
    let statistics = &structure.statistics;
    let real =
        |name, label, unit, value: f64| netcdf::scalar(group, &value, Meta { name, label, unit });
    real("voxel", "Edge of a voxel", "m", structure.voxel)?;
    real(
        "thickness",
        "Thickness of the cathode",
        "m",
        statistics.thickness,
    )?;
    real(
        "carbon_fill",
        "Share of a carbon voxel that is carbon",
        "1",
        structure.carbon_fill,
    )?;
    real(
        "largest_overlap",
        "Largest overlap of particles over radius",
        "1",
        statistics.largest_overlap,
    )?;
    real(
        "surface_to_electrolyte",
        "Active surface facing electrolyte",
        "1",
        statistics.surface_to_electrolyte,
    )?;
    real(
        "surface_to_void",
        "Active surface facing voids",
        "1",
        statistics.surface_to_void,
    )?;
    real(
        "surface_to_carbon",
        "Active surface facing carbon",
        "1",
        statistics.surface_to_carbon,
    )?;
    real(
        "surface_to_polymer",
        "Active surface facing polymer",
        "1",
        statistics.surface_to_polymer,
    )?;
    real(
        "coordination",
        "Mean number of touching neighbours",
        "1",
        statistics.coordination,
    )?;

    let numbers = PHASES.map(|(phase, _)| phase as u8);
    let meta = Meta {
        name: "phase",
        label: "Phase number",
        unit: "1",
    };
    let phase = netcdf::dimension(group, &numbers, meta)?;
    let by_phase = |name, label, values: [f64; 5]| {
        let column = Column::real(name, label, "1", values.to_vec());
        netcdf::column(group, &column, &phase).map(drop)
    };
    by_phase(
        "target_fractions",
        "Volume Fraction Asked For",
        statistics.target_fractions,
    )?;
    by_phase("fractions", "Volume Fraction Reached", statistics.fractions)?;

    let classes = &statistics.size_classes;
    let numbers: Vec<u32> = (1..).take(classes.len()).collect();
    let meta = Meta {
        name: "size_class",
        label: "Size class",
        unit: "1",
    };
    let class = netcdf::dimension(group, &numbers, meta)?;
    let by_class = |column: Column| netcdf::column(group, &column, &class).map(drop);
    let radii = classes.iter().map(|c| c.radius).collect();
    by_class(Column::real(
        "class_radius",
        "Radius Of Size Class",
        "m",
        radii,
    ))?;
    let shares = classes.iter().map(|c| c.volume_share).collect();
    by_class(Column::real(
        "class_volume_share",
        "Volume Share Of Size Class",
        "1",
        shares,
    ))
}

fn write_transport(group: &Group, transport: &EffectiveTransport) -> Result<()> {
    let real = |name, label, value: f64| {
        let unit = "1";
        netcdf::scalar(group, &value, Meta { name, label, unit })
    };
    real(
        "ionic_factor",
        "Effective over pellet ionic conductivity",
        transport.ionic_factor,
    )?;
    real(
        "ionic_tortuosity",
        "Tortuosity factor of the electrolyte",
        transport.ionic_tortuosity,
    )?;
    real(
        "ionic_connected",
        "Electrolyte connected to the separator",
        transport.ionic_connected,
    )?;
    real(
        "electronic_connected",
        "Active material and carbon connected to the collector",
        transport.electronic_connected,
    )?;
    let (given, effective): (Vec<f64>, Vec<f64>) = transport.electronic.iter().copied().unzip();
    let name = "active_material_conductivity";
    let label = "Electronic conductivity of the active material";
    let over = netcdf::dimension(
        group,
        &given,
        Meta {
            name,
            label,
            unit: "S m-1",
        },
    )?;
    let name = "electronic_conductivity";
    let label = "Effective Electronic Conductivity";
    let column = Column::real(name, label, "S m-1", effective);
    netcdf::column(group, &column, &over).map(drop)
}

/// The series over a plain record number: times repeat where a step ends.
fn write_series(group: &Group, table: &Table) -> Result<()> {
    let numbers: Vec<u32> = (1..).take(table.rows()).collect();
    let name = "record";
    let label = "Number of the time step";
    let over = netcdf::dimension(
        group,
        &numbers,
        Meta {
            name,
            label,
            unit: "1",
        },
    )?;
    write_columns(group, table.columns(), &over)
}

/// A table over its first column, which is a count.
fn write_table(group: &Group, table: &Table) -> Result<()> {
    let Some((first, others)) = table.columns().split_first() else {
        return Ok(());
    };
    let Values::Count(numbers) = &first.values else {
        return Err(format!("column {} is no count", first.name).into());
    };
    let label = &first.heading();
    let (name, unit) = (first.name, first.unit);
    let over = netcdf::dimension(group, numbers, Meta { name, label, unit })?;
    write_columns(group, others, &over)
}

fn write_columns(group: &Group, columns: &[Column], over: &Dimension) -> Result<()> {
    for column in columns {
        netcdf::column(group, column, over)?;
    }
    Ok(())
}

/// Spectra over cycle and frequency; NaN where a spectrum lacks a frequency
/// that another has.
fn write_spectra(group: &Group, record: &RunRecord, analyses: &Table) -> Result<()> {
    let cycles: Vec<u32> = record.spectra.iter().map(|s| s.cycle).collect();
    let meta = Meta {
        name: "cycle",
        label: "Cycle Count / 1",
        unit: "1",
    };
    let cycle = netcdf::dimension(group, &cycles, meta)?;
    write_columns(group, &analyses.columns()[1..], &cycle)?;

    let frequencies = all_frequencies(&record.spectra);
    let meta = Meta {
        name: "frequency_hertz",
        label: "Frequency / Hz",
        unit: "Hz",
    };
    let frequency = netcdf::dimension(group, &frequencies, meta)?;
    let [real, imaginary] = grids(&record.spectra, &frequencies);
    let grid = |values: &Array2<f64>, factor: f64, name, label, unit| {
        let values = values * factor;
        let view: ArrayView2<f64> = values.view();
        let meta = Meta { name, label, unit };
        netcdf::variable(group, view, &[&cycle, &frequency], meta).map(drop)
    };
    let per_cell = 1.0 / record.scenario.cell.area;
    let specific = summary::ohm_square_centimetres(1.0);
    grid(
        &real,
        per_cell,
        "real_impedance_ohm",
        "Real Impedance / ohm",
        "ohm",
    )?;
    grid(
        &imaginary,
        per_cell,
        "imaginary_impedance_ohm",
        "Imaginary Impedance / ohm",
        "ohm",
    )?;
    grid(
        &real,
        specific,
        "real_impedance_area",
        "Real Impedance / ohm cm2",
        "ohm cm2",
    )?;
    grid(
        &imaginary,
        specific,
        "imaginary_impedance_area",
        "Imaginary Impedance / ohm cm2",
        "ohm cm2",
    )
}

/// Every frequency that occurs, falling.
fn all_frequencies(spectra: &[Spectrum]) -> Vec<f64> {
    let frequencies = spectra.iter().flat_map(|s| &s.frequency).copied();
    let mut frequencies: Vec<f64> = frequencies.collect();
    frequencies.sort_by(|a, b| b.total_cmp(a));
    frequencies.dedup_by_key(|f| f.to_bits());
    frequencies
}

/// Real and imaginary parts in ohm m2 over spectrum and frequency.
fn grids(spectra: &[Spectrum], frequencies: &[f64]) -> [Array2<f64>; 2] {
    let empty = Array2::from_elem((spectra.len(), frequencies.len()), f64::NAN);
    let mut grids = [empty.clone(), empty];
    for (row, spectrum) in spectra.iter().enumerate() {
        for (frequency, impedance) in spectrum.frequency.iter().zip(&spectrum.impedance) {
            let found = frequencies.binary_search_by(|f| frequency.total_cmp(f));
            if let Ok(column) = found {
                grids[0][[row, column]] = impedance.re;
                grids[1][[row, column]] = impedance.im;
            }
        }
    }
    grids
}

/// All datasets, in the order of their names.
fn datasets(group: &Group) -> Result<Vec<Dataset>> {
    let mut found = group.datasets()?;
    for inner in group.groups()? {
        found.extend(datasets(&inner)?);
    }
    Ok(found)
}

/// Opens the file again and reads every dataset through, so that checksums speak.
fn verify(path: &Path, written: &[String]) -> std::result::Result<(), ResultsError> {
    let file = File::open(path).map_err(|source| hdf5_error(path, source))?;
    for name in written {
        file.dataset(name)
            .and_then(|dataset| read_through(&dataset))
            .map_err(|error| ResultsError::Unreadable {
                path: path.to_path_buf(),
                dataset: name.clone(),
                reason: error.to_string(),
            })?;
    }
    file.close().map_err(|source| hdf5_error(path, source))
}

fn read_through(dataset: &Dataset) -> Result<()> {
    match dataset.dtype()?.to_descriptor()? {
        TypeDescriptor::VarLenUnicode => dataset.read_dyn::<VarLenUnicode>().map(drop),
        TypeDescriptor::Unsigned(_) => dataset.read_dyn::<u64>().map(drop),
        _ => dataset.read_dyn::<f64>().map(drop),
    }
}
