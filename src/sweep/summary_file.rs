//! The summary as Parquet: one row per run with its parameters, numbers, status and key.
//!
//! Numbers that were not measured are null. Units and labels of all columns stand in the
//! file's metadata under `columns`, as JSON.

use super::design::Value;
use super::error::SweepError;
use super::job::{Job, hexadecimal};
use super::outcome::Outcome;
use super::row::Row;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a row group. Chunks do not show in the merged file.
const GROUP: usize = 16_384;

/// Columns before the parameters.
pub(super) const BEFORE: [&str; 4] = ["run", "key", "seed", "replicate"];
/// Columns between parameters and numbers.
pub(super) const BETWEEN: [&str; 3] = ["status", "reason", "note"];
/// Status of a run that ended well, and of one that did not.
pub(super) const STATUS: [&str; 2] = ["done", "failed"];

/// Writes a summary row by row.
pub struct SummaryWriter<'j, 'a> {
    job: &'j Job<'a>,
    path: PathBuf,
    writer: SerializedFileWriter<File>,
    waiting: Vec<(u64, Row)>,
}

impl<'j, 'a> SummaryWriter<'j, 'a> {
    /// Begins the file at `path`.
    ///
    /// # Errors
    /// The file system.
    pub fn new(path: &Path, job: &'j Job<'a>) -> std::result::Result<Self, SweepError> {
        let file = SweepError::at(path, File::create(path))?;
        let made = schema(job).and_then(|schema| {
            let metadata = KeyValue::new("columns".into(), columns(job));
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .set_created_by(format!("engobe {}", env!("CARGO_PKG_VERSION")))
                .set_key_value_metadata(Some(vec![metadata]))
                .build();
            SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))
        });
        Ok(Self {
            job,
            path: path.into(),
            writer: refused(path, made)?,
            waiting: Vec::new(),
        })
    }

    /// Adds a run; runs come in their order.
    ///
    /// # Errors
    /// The file system.
    pub fn push(&mut self, run: u64, row: Row) -> std::result::Result<(), SweepError> {
        self.waiting.push((run, row));
        if self.waiting.len() == GROUP {
            self.flush()?;
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The file system.
    pub fn finish(mut self) -> std::result::Result<(), SweepError> {
        self.flush()?;
        let closed = self.writer.close();
        refused(&self.path, closed)?;
        let synced = File::open(&self.path).and_then(|file| file.sync_all());
        SweepError::at(&self.path, synced)
    }

    fn flush(&mut self) -> std::result::Result<(), SweepError> {
        let rows = std::mem::take(&mut self.waiting);
        if rows.is_empty() {
            return Ok(());
        }
        let written = group(&mut self.writer, self.job, &rows);
        refused(&self.path, written)
    }
}

fn refused<T>(path: &Path, outcome: Result<T>) -> std::result::Result<T, SweepError> {
    outcome.map_err(|error| {
        SweepError::at::<()>(path, Err(std::io::Error::other(error.to_string())))
            .err()
            .unwrap_or_else(|| SweepError::damaged(path, error))
    })
}

fn schema(job: &Job<'_>) -> Result<Type> {
    let text = |name: &str, repetition| {
        let builder = Type::primitive_type_builder(name, Physical::BYTE_ARRAY);
        let builder = builder.with_logical_type(Some(LogicalType::String));
        builder.with_repetition(repetition).build().map(Arc::new)
    };
    let number = |name: &str, physical, repetition| {
        let builder = Type::primitive_type_builder(name, physical);
        builder.with_repetition(repetition).build().map(Arc::new)
    };
    let (always, maybe) = (Repetition::REQUIRED, Repetition::OPTIONAL);
    let mut fields = vec![
        number(BEFORE[0], Physical::INT64, always)?,
        text(BEFORE[1], always)?,
        number(BEFORE[2], Physical::INT64, always)?,
        number(BEFORE[3], Physical::INT64, always)?,
    ];
    for parameter in job.design().parameters() {
        let name = parameter.column();
        fields.push(match parameter.unit {
            Some(_) => number(&name, Physical::DOUBLE, always)?,
            None => text(&name, always)?,
        });
    }
    fields.push(text(BETWEEN[0], always)?);
    fields.push(text(BETWEEN[1], maybe)?);
    fields.push(text(BETWEEN[2], maybe)?);
    for scalar in &job.columns.scalars {
        fields.push(number(&scalar.name, Physical::DOUBLE, maybe)?);
    }
    Type::group_type_builder("run").with_fields(fields).build()
}

/// Names, labels and units of the columns as JSON.
fn columns(job: &Job<'_>) -> String {
    let entry = |name: &str, label: &str, unit: &str| serde_json::json!({ "name": name, "label": label, "unit": unit });
    let parameters = job.design().parameters();
    let mut all: Vec<_> = parameters
        .map(|p| entry(&p.column(), &p.heading(), p.unit.as_deref().unwrap_or("")))
        .collect();
    let scalars = job.columns.scalars.iter();
    all.extend(scalars.map(|s| entry(&s.name, &s.label, s.unit)));
    serde_json::Value::Array(all).to_string()
}

/// Writes rows as one group, column by column.
fn group(
    writer: &mut SerializedFileWriter<File>,
    job: &Job<'_>,
    rows: &[(u64, Row)],
) -> Result<()> {
    let design = job.design();
    let points: Vec<_> = rows.iter().map(|(run, _)| design.point(*run)).collect();
    let values: Vec<Vec<Value>> = points.iter().map(|point| point.values()).collect();
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut group = writer.next_row_group()?;
    let mut put = |column: Column| -> Result<()> {
        let Some(mut next) = group.next_column()? else {
            return Err(ParquetError::General(
                "more columns than the schema has".into(),
            ));
        };
        column.write(next.untyped())?;
        next.close()
    };
    put(Column::Whole(rows.iter().map(|r| whole(r.0)).collect()))?;
    put(Column::Text(
        rows.iter().map(|r| hexadecimal(&r.1.key)).collect(),
    ))?;
    put(Column::Whole(
        rows.iter().map(|r| whole(r.1.seed)).collect(),
    ))?;
    put(Column::Whole(
        points.iter().map(|p| whole(p.replicate)).collect(),
    ))?;
    for (i, parameter) in design.parameters().enumerate() {
        let column = values.iter().map(|row| row[i].clone());
        put(match parameter.unit {
            Some(_) => Column::Number(column.map(|v| v.number()).collect()),
            None => Column::Text(column.map(Value::words).collect()),
        })?;
    }
    let outcomes = || rows.iter().map(|r| &r.1.outcome);
    let failed = |o: &Outcome| usize::from(matches!(o, Outcome::Failed(_)));
    put(Column::Text(
        outcomes().map(|o| STATUS[failed(o)].into()).collect(),
    ))?;
    let words = |text: &String| (!text.is_empty()).then(|| text.clone());
    put(Column::MaybeText(
        outcomes()
            .map(|o| match o {
                Outcome::Failed(reason) => Some(reason.clone()),
                Outcome::Done(_) => None,
            })
            .collect(),
    ))?;
    put(Column::MaybeText(
        outcomes()
            .map(|o| match o {
                Outcome::Done(measured) => words(&measured.note),
                Outcome::Failed(_) => None,
            })
            .collect(),
    ))?;
    for i in 0..job.columns.scalars.len() {
        put(Column::MaybeNumber(
            outcomes()
                .map(|o| match o {
                    Outcome::Done(measured) => measured.scalars.get(i).copied().unwrap_or(f64::NAN),
                    Outcome::Failed(_) => f64::NAN,
                })
                .collect(),
        ))?;
    }
    group.close()?;
    Ok(())
}

enum Column {
    Whole(Vec<i64>),
    Number(Vec<f64>),
    MaybeNumber(Vec<f64>),
    Text(Vec<String>),
    MaybeText(Vec<Option<String>>),
}

impl Column {
    fn write(self, writer: &mut ColumnWriter<'_>) -> Result<usize> {
        let bytes = |text: String| ByteArray::from(text.into_bytes());
        match (self, writer) {
            (Self::Whole(values), ColumnWriter::Int64ColumnWriter(to)) => {
                to.write_batch(&values, None, None)
            }
            (Self::Number(values), ColumnWriter::DoubleColumnWriter(to)) => {
                to.write_batch(&values, None, None)
            }
            (Self::MaybeNumber(values), ColumnWriter::DoubleColumnWriter(to)) => {
                let levels: Vec<i16> = values.iter().map(|v| i16::from(!v.is_nan())).collect();
                let there: Vec<f64> = values.into_iter().filter(|v| !v.is_nan()).collect();
                to.write_batch(&there, Some(&levels), None)
            }
            (Self::Text(values), ColumnWriter::ByteArrayColumnWriter(to)) => {
                let values: Vec<_> = values.into_iter().map(bytes).collect();
                to.write_batch(&values, None, None)
            }
            (Self::MaybeText(values), ColumnWriter::ByteArrayColumnWriter(to)) => {
                let levels: Vec<i16> = values.iter().map(|v| i16::from(v.is_some())).collect();
                let there: Vec<_> = values.into_iter().flatten().map(bytes).collect();
                to.write_batch(&there, Some(&levels), None)
            }
            _ => Err(ParquetError::General(
                "a column of another type than the schema says".into(),
            )),
        }
    }
}
