//! A dataset of three axes in an HDF5 file, read slice by slice.

use super::elements::ALLOWED;
use super::error::ImportError;
use super::labels::{Labelled, Painter};
use ::hdf5::types::{IntSize, TypeDescriptor as Kind};
use ::hdf5::{Dataset, File, Group, H5Type};
use ndarray::s;
use std::path::Path;

pub(super) fn read(
    file: &Path,
    path: &str,
    mut painter: Painter<'_>,
) -> Result<Labelled, ImportError> {
    let malformed = |error: ::hdf5::Error| ImportError::Malformed {
        file: file.to_path_buf(),
        format: "an HDF5 file that can be read",
        reason: error.to_string(),
    };
    let opened = File::open(file).map_err(malformed)?;
    let Ok(dataset) = opened.dataset(path) else {
        let mut available = Vec::new();
        list(&opened, &mut available);
        available.sort();
        return Err(ImportError::Dataset {
            file: file.to_path_buf(),
            dataset: path.to_owned(),
            available,
        });
    };
    let [n1, n2, n3] = dataset.shape()[..] else {
        return Err(ImportError::Axes {
            file: file.to_path_buf(),
            found: dataset.shape(),
        });
    };
    let shape = [n1, n2, n3];
    super::count(file, shape)?;
    let kind = dataset
        .dtype()
        .and_then(|t| t.to_descriptor())
        .map_err(malformed)?;
    let slices = match kind {
        Kind::Unsigned(IntSize::U1) => paint::<u8>(&dataset, &mut painter),
        Kind::Unsigned(IntSize::U2) => paint::<u16>(&dataset, &mut painter),
        Kind::Unsigned(IntSize::U4) => paint::<u32>(&dataset, &mut painter),
        Kind::Unsigned(IntSize::U8) => paint::<u64>(&dataset, &mut painter),
        Kind::Integer(IntSize::U1) => paint::<i8>(&dataset, &mut painter),
        Kind::Integer(IntSize::U2) => paint::<i16>(&dataset, &mut painter),
        Kind::Integer(IntSize::U4) => paint::<i32>(&dataset, &mut painter),
        Kind::Integer(IntSize::U8) => paint::<i64>(&dataset, &mut painter),
        Kind::Boolean => paint::<bool>(&dataset, &mut painter),
        other => {
            return Err(ImportError::Element {
                file: file.to_path_buf(),
                found: format!("elements of the type {other}"),
                allowed: ALLOWED,
            });
        }
    };
    slices.map_err(malformed)?;
    painter.finish(file, shape, false)
}

fn paint<T: H5Type + Copy + Into<i128>>(
    dataset: &Dataset,
    painter: &mut Painter<'_>,
) -> ::hdf5::Result<()> {
    for slice in 0..dataset.shape()[0] {
        for &value in &dataset.read_slice_2d::<T, _>(s![slice, .., ..])? {
            painter.paint(value.into());
        }
    }
    Ok(())
}

/// Names of the datasets with three axes in a group and those within it.
fn list(group: &Group, names: &mut Vec<String>) {
    for dataset in group.datasets().unwrap_or_default() {
        if dataset.ndim() == 3 {
            names.push(dataset.name().trim_start_matches('/').to_owned());
        }
    }
    for inner in group.groups().unwrap_or_default() {
        list(&inner, names);
    }
}
