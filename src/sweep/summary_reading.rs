//! The summary read back: rows for merging, columns for the page, and a text of all of it.

use super::error::SweepError;
use super::outcome::Outcome;
use super::row::Row;
use super::summary_file::{BEFORE, BETWEEN, STATUS};
use crate::results::csv::{number, quoted};
use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::fs::File;
use std::path::Path;

/// Rows of a summary without their series.
///
/// # Errors
/// A file that is not such a summary.
pub fn read(path: &Path, scalars: &[String]) -> std::result::Result<Vec<Row>, SweepError> {
    let rows = File::open(path)
        .map_err(|e| ParquetError::General(e.to_string()))
        .and_then(SerializedFileReader::new)
        .and_then(|reader| {
            let mut rows = Vec::new();
            for i in 0..reader.num_row_groups() {
                rows.extend(read_group(&*reader.get_row_group(i)?, scalars)?);
            }
            Ok(rows)
        });
    rows.map_err(|error| SweepError::damaged(path, error))
}

fn read_group(group: &dyn RowGroupReader, scalars: &[String]) -> Result<Vec<Row>> {
    let keys = texts(group, BEFORE[1])?;
    let seeds = wholes(group, BEFORE[2])?;
    let (status, reasons) = (texts(group, BETWEEN[0])?, texts(group, BETWEEN[1])?);
    let notes = texts(group, BETWEEN[2])?;
    let numbers = scalars.iter().map(|name| numbers(group, name));
    let numbers: Vec<Vec<f64>> = numbers.collect::<Result<_>>()?;
    let row = |i: usize| Row {
        key: super::job::bytes(&keys[i]),
        seed: seeds[i] as u64,
        outcome: if status[i] == STATUS[1] {
            Outcome::Failed(reasons[i].clone())
        } else {
            Outcome::Done(super::outcome::Measured {
                scalars: numbers.iter().map(|column| column[i]).collect(),
                series: Vec::new(),
                note: notes[i].clone(),
            })
        },
    };
    Ok((0..keys.len()).map(row).collect())
}

/// Reader of a column, its number of rows and whether values can be missing.
fn column(group: &dyn RowGroupReader, name: &str) -> Result<(ColumnReader, usize, bool)> {
    let schema = group.metadata().schema_descr();
    let mut columns = schema.columns().iter();
    let at = columns.position(|c| c.name() == name);
    let at = at.ok_or_else(|| ParquetError::General(format!("there is no column {name}")))?;
    let optional = schema.column(at).max_def_level() > 0;
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    Ok((group.get_column_reader(at)?, rows, optional))
}

/// Puts values where their levels say that there is one.
fn spread<T: Clone>(values: Vec<T>, levels: &[i16], missing: T) -> Vec<T> {
    let mut values = values.into_iter();
    let mut next = |level: &i16| {
        let present = if *level > 0 { values.next() } else { None };
        present.unwrap_or_else(|| missing.clone())
    };
    levels.iter().map(&mut next).collect()
}

macro_rules! read_column {
    ($group:expr, $name:expr, $reader:path, $missing:expr, $convert:expr) => {{
        let (reader, rows, optional) = column($group, $name)?;
        let $reader(mut reader) = reader else {
            return Err(ParquetError::General(format!(
                "column {} is of another type",
                $name
            )));
        };
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let defined = optional.then_some(&mut levels);
        reader.read_records(rows, defined, None, &mut values)?;
        let values: Vec<_> = values.into_iter().map($convert).collect();
        let values = if optional {
            spread(values, &levels, $missing)
        } else {
            values
        };
        if values.len() != rows {
            return Err(ParquetError::General(format!(
                "column {} ends early",
                $name
            )));
        }
        Ok(values)
    }};
}

/// A column of numbers; NaN where there is none.
fn numbers(group: &dyn RowGroupReader, name: &str) -> Result<Vec<f64>> {
    read_column!(
        group,
        name,
        ColumnReader::DoubleColumnReader,
        f64::NAN,
        |v| v
    )
}

fn wholes(group: &dyn RowGroupReader, name: &str) -> Result<Vec<i64>> {
    read_column!(group, name, ColumnReader::Int64ColumnReader, 0, |v| v)
}

fn texts(group: &dyn RowGroupReader, name: &str) -> Result<Vec<String>> {
    let text = |bytes: ByteArray| String::from_utf8_lossy(bytes.data()).into_owned();
    read_column!(
        group,
        name,
        ColumnReader::ByteArrayColumnReader,
        String::new(),
        text
    )
}

/// Columns of numbers of a summary by name; NaN where there is none.
///
/// # Errors
/// A file that is not such a summary.
pub fn columns_of(path: &Path, names: &[String]) -> std::result::Result<Vec<Vec<f64>>, SweepError> {
    let mut columns = vec![Vec::new(); names.len()];
    let read = File::open(path)
        .map_err(|e| ParquetError::General(e.to_string()))
        .and_then(SerializedFileReader::new)
        .and_then(|reader| {
            for i in 0..reader.num_row_groups() {
                let group = reader.get_row_group(i)?;
                for (column, name) in columns.iter_mut().zip(names) {
                    column.extend(numbers(&*group, name)?);
                }
            }
            Ok(())
        });
    read.map_err(|error| SweepError::damaged(path, error))?;
    Ok(columns)
}

/// A column of words of a summary; empty where there is none.
///
/// # Errors
/// A file that is not such a summary.
pub fn words_of(path: &Path, name: &str) -> std::result::Result<Vec<String>, SweepError> {
    let read = File::open(path)
        .map_err(|e| ParquetError::General(e.to_string()))
        .and_then(SerializedFileReader::new)
        .and_then(|reader| {
            let groups = 0..reader.num_row_groups();
            let words = groups.map(|i| texts(&*reader.get_row_group(i)?, name));
            Ok(words.collect::<Result<Vec<_>>>()?.concat())
        });
    read.map_err(|error| SweepError::damaged(path, error))
}

/// The whole summary as comma-separated text, empty where there is no value.
///
/// # Errors
/// A file that is not such a summary.
pub fn csv(path: &Path) -> std::result::Result<String, SweepError> {
    let text = File::open(path)
        .map_err(|e| ParquetError::General(e.to_string()))
        .and_then(SerializedFileReader::new)
        .and_then(|reader| {
            let schema = reader.metadata().file_metadata().schema_descr_ptr();
            let names: Vec<&str> = schema.columns().iter().map(|c| c.name()).collect();
            let mut text = names
                .iter()
                .map(|n| quoted(n))
                .collect::<Vec<_>>()
                .join(",")
                + "\n";
            for i in 0..reader.num_row_groups() {
                let group = reader.get_row_group(i)?;
                let columns = names.iter().map(|name| fields(&*group, name));
                let columns = columns.collect::<Result<Vec<_>>>()?;
                for row in 0..columns.first().map_or(0, Vec::len) {
                    let fields: Vec<&str> = columns.iter().map(|c| c[row].as_str()).collect();
                    text += &(fields.join(",") + "\n");
                }
            }
            Ok(text)
        });
    text.map_err(|error| SweepError::damaged(path, error))
}

/// A column as fields of a text.
fn fields(group: &dyn RowGroupReader, name: &str) -> Result<Vec<String>> {
    match column(group, name)?.0 {
        ColumnReader::DoubleColumnReader(_) => {
            Ok(numbers(group, name)?.into_iter().map(number).collect())
        }
        ColumnReader::Int64ColumnReader(_) => {
            Ok(wholes(group, name)?.iter().map(i64::to_string).collect())
        }
        _ => Ok(texts(group, name)?
            .iter()
            .map(|text| quoted(text))
            .collect()),
    }
}
