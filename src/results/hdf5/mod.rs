//! One HDF5 file with everything a run found.
//!
//! | group | what is in it |
//! |---|---|
//! | `scenario` | the scenario `text` as written and `resolved` with every parameter in SI |
//! | `microstructure` | voxels (`phases`, `particle_ids`), particles, measured statistics |
//! | `transport` | effective conductivities and connectivity |
//! | `series` | time series, one entry per accepted time step or sample |
//! | `steps` | duration, charge, end and its reason, one entry per step that was run |
//! | `cycles` | capacities, efficiencies, state of the cathode, one entry per cycle |
//! | `products` | degradation products by species and interface, one entry per cycle |
//! | `spectra` | impedance over cycle and frequency, and what the fits read from it |
//! | `linearity` | answers to sines of finite amplitude, where amplitudes are stated |
//! | `attribution` | capacity lost to each mechanism at chosen cycles; the shares add up |
//!
//! Every dataset has `units` and `long_name`, and named dimensions:
//! `xarray.open_dataset("results.h5", group="cycles", engine="h5netcdf")`.
//! A name in HDF5 cannot hold `/`, so quantities that the Battery Data Format 1.2
//! defines are named by its machine-readable names (`voltage_volt`) and carry its
//! preferred label (`Voltage / V`) as `long_name`.
//!
//! A plain netCDF library finds the values but not the dimensions: it wants the
//! mark of a dimension scale padded in a way that the bindings used here cannot.
//!
//! The file holds no time of writing: one run gives the same bytes every time.

mod spectra;
mod structure;

use super::netcdf::{self, Dimension, Meta};
use super::table::{Column, Table, Values};
use super::{ResultsError, summary, temporary_name};
use crate::microstructure::Microstructure;
use crate::record::RunRecord;
use ::hdf5::types::{TypeDescriptor, VarLenUnicode};
use ::hdf5::{Dataset, File, Group, Result};
use std::path::Path;

/// Version of the layout: raised when a name or a meaning changes.
pub const LAYOUT_VERSION: u32 = 2;
/// The group that only runs with stated amplitudes have.
pub(super) const LINEARITY_GROUP: &str = "linearity";

/// Writes `record` to `path`: under a temporary name first, which is closed,
/// opened again and read through before it takes the place of `path`.
///
/// # Errors
/// [`ResultsError`] when the record contradicts itself, when the library or the
/// file system refuses, or when the file does not read back. `path` is then as
/// it was.
pub fn write(record: &RunRecord, path: &Path) -> std::result::Result<(), ResultsError> {
    let resolved = record.scenario.resolved_toml();
    let tables = Tables::collect(record)?;
    complete(path, |temporary| {
        create(record, &resolved, &tables, temporary)
    })
}

/// Writes a structure alone to `path`, as [`write()`] does: the group
/// `microstructure` of the same layout.
///
/// # Errors
/// As [`write()`].
pub fn write_structure(
    structure: &Microstructure,
    path: &Path,
) -> std::result::Result<(), ResultsError> {
    check_voxels(structure)?;
    complete(path, |temporary| {
        let file = empty(temporary)?;
        structure::microstructure(&netcdf::group(&file, "microstructure")?, structure)?;
        finish(file)
    })
}

/// Lets `create` write a file under a temporary name and give the names of its
/// datasets; puts it in the place of `path` when it reads back.
fn complete(
    path: &Path,
    create: impl FnOnce(&Path) -> Result<Vec<String>>,
) -> std::result::Result<(), ResultsError> {
    let temporary = temporary_name(path);
    let attempt = (|| {
        let written = create(&temporary);
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
    steps: Table,
    cycles: Table,
    products: Table,
    analyses: Table,
    attributions: Table,
    linearity: Table,
}

impl Tables {
    fn collect(record: &RunRecord) -> std::result::Result<Self, ResultsError> {
        check_voxels(&record.microstructure)?;
        let spectra = record.spectra.iter();
        let lengths = spectra.flat_map(|s| {
            let due = s.frequency.len();
            [
                ("impedance", s.impedance.len(), due),
                ("cathode", s.cathode.len(), due),
            ]
        });
        check_lengths(lengths)?;
        Ok(Tables {
            series: summary::series(record)?,
            steps: summary::steps(record)?,
            cycles: summary::cycles(record)?,
            products: summary::products(record)?,
            analyses: summary::analyses(record)?,
            attributions: summary::attributions(record)?,
            linearity: summary::linearity(record)?,
        })
    }
}

fn check_voxels(structure: &Microstructure) -> std::result::Result<(), ResultsError> {
    let voxels = structure.voxels();
    check_lengths([
        ("phases", structure.phases.len(), voxels),
        ("particle_ids", structure.particle_ids.len(), voxels),
    ])
}

/// Refuses the first array whose length is not what is due: name, found, due.
fn check_lengths(
    arrays: impl IntoIterator<Item = (&'static str, usize, usize)>,
) -> std::result::Result<(), ResultsError> {
    match arrays.into_iter().find(|(_, found, due)| found != due) {
        Some((column, found, expected)) => Err(ResultsError::Length {
            column: column.to_owned(),
            found,
            expected,
        }),
        None => Ok(()),
    }
}

/// A new file that says who writes it.
fn empty(path: &Path) -> Result<File> {
    let file = File::with_options()
        .with_create_plist(|list| list.obj_track_times(false))
        .create(path)?;
    netcdf::text_attribute(&file, "program", env!("CARGO_PKG_NAME"))?;
    netcdf::text_attribute(&file, "program_version", env!("CARGO_PKG_VERSION"))?;
    netcdf::number_attribute(&file, "layout_version", &LAYOUT_VERSION)?;
    Ok(file)
}

/// Closes a file; gives the names of its datasets.
fn finish(file: File) -> Result<Vec<String>> {
    let names = datasets(&file)?.iter().map(|d| d.name()).collect();
    file.close()?;
    Ok(names)
}

/// Writes the whole file and closes it; gives the names of its datasets.
fn create(record: &RunRecord, resolved: &str, tables: &Tables, path: &Path) -> Result<Vec<String>> {
    let file = empty(path)?;
    netcdf::text_attribute(&file, "title", &record.scenario.title)?;
    netcdf::text_attribute(&file, "key", &record.key)?;
    write_scenario(&netcdf::group(&file, "scenario")?, record, resolved)?;
    structure::microstructure(
        &netcdf::group(&file, "microstructure")?,
        &record.microstructure,
    )?;
    structure::transport(&netcdf::group(&file, "transport")?, &record.transport)?;
    write_series(&netcdf::group(&file, "series")?, &tables.series)?;
    write_table(&netcdf::group(&file, "steps")?, &tables.steps)?;
    write_table(&netcdf::group(&file, "cycles")?, &tables.cycles)?;
    write_table(&netcdf::group(&file, "products")?, &tables.products)?;
    spectra::write(&netcdf::group(&file, "spectra")?, record, &tables.analyses)?;
    write_table(&netcdf::group(&file, "attribution")?, &tables.attributions)?;
    if tables.linearity.rows() > 0 {
        write_table(&netcdf::group(&file, LINEARITY_GROUP)?, &tables.linearity)?;
    }
    finish(file)
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
