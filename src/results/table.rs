//! A table as both files write it: named columns of one length, each with unit.

use super::ResultsError;

/// The entries of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Measured or computed numbers; NaN where nothing was measured.
    Real(Vec<f64>),
    /// Counts.
    Count(Vec<u32>),
    /// Remarks.
    Text(Vec<String>),
}

impl Values {
    /// Number of entries.
    pub fn len(&self) -> usize {
        match self {
            Values::Real(values) => values.len(),
            Values::Count(values) => values.len(),
            Values::Text(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name for programs: lower case with underscores. Where the Battery Data
    /// Format 1.2 knows the quantity, its machine-readable name.
    pub name: &'static str,
    /// Name for people, without unit. Where the Battery Data Format 1.2 knows
    /// the quantity, its preferred label.
    pub label: &'static str,
    /// Unit in products of powers such as `mAh g-1`; `1` for pure numbers,
    /// empty for text.
    pub unit: &'static str,
    /// The entries.
    pub values: Values,
}

impl Column {
    /// A column of numbers.
    pub fn real(
        name: &'static str,
        label: &'static str,
        unit: &'static str,
        values: Vec<f64>,
    ) -> Self {
        let values = Values::Real(values);
        Column {
            name,
            label,
            unit,
            values,
        }
    }

    /// A column of counts.
    pub fn count(name: &'static str, label: &'static str, values: Vec<u32>) -> Self {
        Column {
            name,
            label,
            unit: "1",
            values: Values::Count(values),
        }
    }

    /// A column of remarks.
    pub fn text(name: &'static str, label: &'static str, values: Vec<String>) -> Self {
        Column {
            name,
            label,
            unit: "",
            values: Values::Text(values),
        }
    }

    /// Label and unit as one heading: `Voltage / V`.
    pub fn heading(&self) -> String {
        if self.unit.is_empty() {
            self.label.to_owned()
        } else {
            format!("{} / {}", self.label, self.unit)
        }
    }
}

/// Columns of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
}

impl Table {
    /// Puts columns side by side.
    ///
    /// # Errors
    /// [`ResultsError::Length`] when a column is longer or shorter than the first.
    pub fn new(columns: Vec<Column>) -> Result<Self, ResultsError> {
        let expected = columns.first().map_or(0, |first| first.values.len());
        match columns.iter().find(|c| c.values.len() != expected) {
            None => Ok(Table { columns }),
            Some(wrong) => Err(ResultsError::Length {
                column: wrong.name.to_owned(),
                found: wrong.values.len(),
                expected,
            }),
        }
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |first| first.values.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unequal_columns_are_refused() {
        let long = Column::real("a", "A", "1", vec![1.0, 2.0]);
        let short = Column::count("b", "B", vec![1]);
        let error = Table::new(vec![long, short]).unwrap_err().to_string();
        assert!(error.contains('b') && error.contains("1 entries where 2"));
    }

    #[test]
    fn headings_follow_the_quantity_calculus() {
        assert_eq!(
            Column::real("v", "Voltage", "V", vec![]).heading(),
            "Voltage / V"
        );
        assert_eq!(Column::text("n", "Note", vec![]).heading(), "Note");
    }
}
