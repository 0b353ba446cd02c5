//! The series of many runs as HDF5: a group for each kind of table, in it the rows of all
//! runs one after the other over the dimension `run`, whose coordinate repeats the run's
//! number. `xarray.open_dataset("series.h5", group="cycles").sel(run=17)` is one run.

use super::error::SweepError;
use super::job::Job;
use super::outcome::{Columns, Outcome};
use super::row::Row;
use crate::results::netcdf::{self, Dimension, Meta};
use crate::results::table::{Column, Values};
use ::hdf5::{Dataset, File, FileBuilder, Result};
use std::path::{Path, PathBuf};

/// Version of the layout: raised when a name or a meaning changes.
const LAYOUT_VERSION: u32 = 1;
/// Rows written at once: a whole chunk of the file, so that the file does not depend on how
/// runs were dealt out.
const BLOCK: usize = 16_384;

/// Writes series run by run.
pub struct SeriesWriter {
    path: PathBuf,
    file: File,
    tables: Vec<Growing>,
}

/// A table that grows.
struct Growing {
    run: (Dataset, Vec<u32>),
    columns: Vec<(Dataset, bool, Vec<f64>)>,
}

impl SeriesWriter {
    /// Begins the file at `path`.
    ///
    /// # Errors
    /// The HDF5 library or the file system.
    pub fn new(path: &Path, job: &Job<'_>) -> std::result::Result<Self, SweepError> {
        let made = create(path, &job.columns);
        let (file, tables) = made.map_err(|error| refused(path, error))?;
        let path = path.into();
        Ok(Self { path, file, tables })
    }

    /// Adds the series of a run; runs come in their order.
    ///
    /// # Errors
    /// The HDF5 library or the file system.
    pub fn push(&mut self, run: u64, row: &Row) -> std::result::Result<(), SweepError> {
        let Outcome::Done(measured) = &row.outcome else {
            return Ok(());
        };
        for (table, columns) in self.tables.iter_mut().zip(&measured.series) {
            let pushed = table.push(run as u32, columns);
            pushed.map_err(|error| refused(&self.path, error))?;
        }
        Ok(())
    }

    /// Ends the file and reads all of it again, so that checksums speak.
    ///
    /// # Errors
    /// The HDF5 library or the file system.
    pub fn finish(mut self) -> std::result::Result<(), SweepError> {
        let flushed = self.tables.iter_mut().try_for_each(|table| table.flush(0));
        drop(self.tables);
        let closed = flushed.and_then(|()| self.file.close());
        closed.map_err(|error| refused(&self.path, error))?;
        let synced = std::fs::File::open(&self.path).and_then(|file| file.sync_all());
        SweepError::at(&self.path, synced)?;
        verify(&self.path).map_err(|error| SweepError::damaged(&self.path, error))
    }
}

fn refused(path: &Path, error: ::hdf5::Error) -> SweepError {
    SweepError::Results(crate::results::ResultsError::Hdf5 {
        path: path.into(),
        source: error,
    })
}

/// Files without the library's locks: the file systems of clusters often have none, and a file
/// is nobody else's until its record is there.
fn options() -> FileBuilder {
    let mut options = File::with_options();
    options.with_access_plist(|list| list.file_locking(false));
    options
}

fn create(path: &Path, columns: &Columns) -> Result<(File, Vec<Growing>)> {
    let file = options()
        .with_create_plist(|list| list.obj_track_times(false))
        .create(path)?;
    netcdf::text_attribute(&file, "program", env!("CARGO_PKG_NAME"))?;
    netcdf::text_attribute(&file, "program_version", env!("CARGO_PKG_VERSION"))?;
    netcdf::number_attribute(&file, "layout_version", &LAYOUT_VERSION)?;
    let tables = columns.series.iter().map(|(kind, columns)| {
        let group = netcdf::group(&file, kind.word())?;
        let meta = Meta {
            name: "run",
            label: "Number of the run",
            unit: "1",
        };
        let run = netcdf::growing::<u32>(&group, meta, None)?;
        let over = Dimension::of(&run);
        let column = |column: &Column| {
            let meta = Meta {
                name: column.name,
                label: &column.heading(),
                unit: column.unit,
            };
            let count = matches!(column.values, Values::Count(_));
            let dataset = if count {
                netcdf::growing::<u32>(&group, meta, Some(&over))?
            } else {
                netcdf::growing::<f64>(&group, meta, Some(&over))?
            };
            Ok((dataset, count, Vec::new()))
        };
        Ok(Growing {
            columns: columns.iter().map(column).collect::<Result<_>>()?,
            run: (run, Vec::new()),
        })
    });
    let tables = tables.collect::<Result<_>>()?;
    Ok((file, tables))
}

impl Growing {
    fn push(&mut self, run: u32, columns: &[Vec<f64>]) -> Result<()> {
        let rows = columns.first().map_or(0, Vec::len);
        self.run.1.extend(std::iter::repeat_n(run, rows));
        for ((.., waiting), values) in self.columns.iter_mut().zip(columns) {
            waiting.extend(values);
        }
        self.flush(BLOCK)
    }

    /// Writes while at least `least` rows wait (all that wait for 0).
    fn flush(&mut self, least: usize) -> Result<()> {
        while self.run.1.len() >= least.max(1) {
            let rows = self.run.1.len().min(BLOCK);
            append(&self.run.0, &self.run.1[..rows])?;
            self.run.1.drain(..rows);
            for (dataset, count, waiting) in &mut self.columns {
                if *count {
                    let whole: Vec<u32> = waiting[..rows].iter().map(|v| *v as u32).collect();
                    append(dataset, &whole)?;
                } else {
                    append(dataset, &waiting[..rows])?;
                }
                waiting.drain(..rows);
            }
        }
        Ok(())
    }
}

fn append<T: ::hdf5::H5Type>(dataset: &Dataset, values: &[T]) -> Result<()> {
    let from = dataset.size();
    dataset.resize((from + values.len(),))?;
    dataset.write_slice(values, from..from + values.len())
}

/// Reads every dataset of a file.
fn verify(path: &Path) -> Result<()> {
    let file = options().open(path)?;
    for group in file.groups()? {
        for dataset in group.datasets()? {
            dataset.read_1d::<f64>()?;
        }
    }
    file.close()
}

/// Adds to rows, which are in the order of their runs from `first`, the series of a file.
///
/// # Errors
/// A file that cannot be read or has other columns.
pub fn read_into(
    rows: &mut [Row],
    first: u64,
    path: &Path,
    columns: &Columns,
) -> std::result::Result<(), SweepError> {
    fill(rows, first, path, columns).map_err(|error| SweepError::damaged(path, error))
}

fn fill(rows: &mut [Row], first: u64, path: &Path, columns: &Columns) -> Result<()> {
    let file = options().open(path)?;
    for (kind, of_kind) in &columns.series {
        let group = file.group(kind.word())?;
        let runs = group.dataset("run")?.read_1d::<u32>()?;
        let read = |column: &Column| group.dataset(column.name)?.read_1d::<f64>();
        let all = of_kind.iter().map(read).collect::<Result<Vec<_>>>()?;
        if all.iter().any(|column| column.len() != runs.len()) {
            return Err(format!("columns of {} differ in length", kind.word()).into());
        }
        let mut at = 0;
        for (i, row) in rows.iter_mut().enumerate() {
            let Outcome::Done(measured) = &mut row.outcome else {
                continue;
            };
            let from = at;
            while at < runs.len() && u64::from(runs[at]) == first + i as u64 {
                at += 1;
            }
            let part = |column: &ndarray::Array1<f64>| column.slice(ndarray::s![from..at]).to_vec();
            measured.series.push(all.iter().map(part).collect());
        }
        if at != runs.len() {
            return Err(format!("{} holds runs that it should not", kind.word()).into());
        }
    }
    file.close()
}
