//! Results as Python objects: columns become arrays of numpy.

use engobe::microstructure::Microstructure;
use engobe::record::{RunRecord, Spectrum};
use engobe::results::summary;
use engobe::results::table::{Table, Values};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

/// ohm cm2 in one ohm m2.
const SQUARE_CENTIMETRES: f64 = 1e4;

/// Everything a run found.
pub fn results(py: Python<'_>, record: RunRecord) -> PyResult<Bound<'_, PyDict>> {
    let results = PyDict::new(py);
    for (name, table) in [
        ("cycles", summary::cycles(&record)),
        ("products", summary::products(&record)),
        ("steps", summary::steps(&record)),
        ("series", summary::series(&record)),
        ("attribution", summary::attributions(&record)),
    ] {
        let table = table.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        results.set_item(name, columns(py, &table)?)?;
    }
    let area = record.scenario.cell.area;
    let spectra: PyResult<Vec<_>> = record
        .spectra
        .iter()
        .map(|s| spectrum(py, s, area))
        .collect();
    results.set_item("spectra", PyList::new(py, spectra?)?)?;
    let transport = PyDict::new(py);
    let found = &record.transport;
    let (oxide, effective): (Vec<f64>, Vec<f64>) = found.electronic.iter().copied().unzip();
    transport.set_item("ionic_factor", found.ionic_factor)?;
    transport.set_item("ionic_tortuosity", found.ionic_tortuosity)?;
    transport.set_item("ionic_connected", found.ionic_connected)?;
    transport.set_item("electronic_connected", found.electronic_connected)?;
    transport.set_item(
        "active_material_conductivity",
        PyArray1::from_vec(py, oxide),
    )?;
    transport.set_item("electronic_conductivity", PyArray1::from_vec(py, effective))?;
    results.set_item("transport", transport)?;
    results.set_item("title", &record.scenario.title)?;
    results.set_item("key", &record.key)?;
    results.set_item("microstructure", microstructure(py, record.microstructure)?)?;
    Ok(results)
}

/// Name, unit, label and array of every column.
fn columns<'py>(py: Python<'py>, table: &Table) -> PyResult<Bound<'py, PyList>> {
    let columns: PyResult<Vec<_>> = table
        .columns()
        .iter()
        .map(|column| {
            let values = match &column.values {
                Values::Real(values) => PyArray1::from_slice(py, values).into_any(),
                Values::Count(values) => PyArray1::from_slice(py, values).into_any(),
                Values::Text(values) => PyList::new(py, values)?.into_any(),
            };
            (column.name, column.unit, column.label, values).into_pyobject(py)
        })
        .collect();
    PyList::new(py, columns?)
}

/// Cycle, voltage, current and columns of a spectrum.
fn spectrum<'py>(py: Python<'py>, spectrum: &Spectrum, area: f64) -> PyResult<Bound<'py, PyTuple>> {
    let specific = |z: &[numpy::Complex64]| {
        PyArray1::from_iter(py, z.iter().map(|z| z * SQUARE_CENTIMETRES)).into_any()
    };
    let frequency = PyArray1::from_slice(py, &spectrum.frequency).into_any();
    let columns = [
        ("frequency", "Hz", "Frequency", frequency),
        (
            "impedance",
            "ohm cm2",
            "Impedance",
            specific(&spectrum.impedance),
        ),
        (
            "cathode",
            "ohm cm2",
            "Cathode Impedance",
            specific(&spectrum.cathode),
        ),
    ];
    let columns = PyList::new(py, columns)?;
    (
        spectrum.cycle,
        spectrum.voltage,
        spectrum.current * area,
        columns,
    )
        .into_pyobject(py)
}

/// Voxels and what they are.
fn microstructure(py: Python<'_>, structure: Microstructure) -> PyResult<Bound<'_, PyDict>> {
    let found = PyDict::new(py);
    let names = [
        "void",
        "active material",
        "electrolyte",
        "carbon",
        "polymer",
    ];
    found.set_item("phase_names", names)?;
    found.set_item("spacing", structure.spacing)?;
    let phases = PyArray1::from_vec(py, structure.phases).reshape(structure.shape)?;
    found.set_item("phases", phases)?;
    Ok(found)
}
