//! Monotone cubic interpolation of tables, with its own derivative.
//!
//! Newton's method needs functions whose derivative is continuous: a
//! piecewise-linear table makes it cycle between two sides of a kink. The slopes
//! are those of Fritsch and Butland (SIAM J. Sci. Stat. Comput. 5, 300, 1984): the
//! interpolant is C1 and monotone wherever the data are.

/// What is wrong with a table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TableError {
    /// Fewer than two points.
    #[error("a table needs at least two points, found {0}")]
    TooShort(usize),
    /// Abscissae that do not rise, or a value that is not a finite number.
    #[error(
        "point {index} of the table (x = {x}) does not lie to the right of the one before, or is not finite"
    )]
    NotRising {
        /// Index of the offending point, from 0.
        index: usize,
        /// Its abscissa.
        x: f64,
    },
}

/// A C1 monotone piecewise-cubic interpolant; linear beyond its ends.
#[derive(Debug, Clone)]
pub struct MonotoneCubic {
    x: Vec<f64>,
    /// Per interval: value, slope, quadratic and cubic coefficient in (x - x_i).
    coefficients: Vec<[f64; 4]>,
    /// Interval in which each cell of a uniform grid over the table starts: makes
    /// look-up independent of the table's length.
    start: Vec<u32>,
    cells_per_unit: f64,
    last_value: f64,
    last_slope: f64,
}

impl MonotoneCubic {
    /// Builds the interpolant from points with rising abscissae.
    ///
    /// # Errors
    /// [`TableError`] for fewer than two points or abscissae that do not rise.
    pub fn new(points: &[(f64, f64)]) -> Result<Self, TableError> {
        check(points)?;
        let n = points.len();
        let x: Vec<f64> = points.iter().map(|p| p.0).collect();
        let slopes = slopes(points);
        let coefficients: Vec<[f64; 4]> = (0..n - 1)
            .map(|i| {
                let h = x[i + 1] - x[i];
                let secant = (points[i + 1].1 - points[i].1) / h;
                let c = (3.0 * secant - 2.0 * slopes[i] - slopes[i + 1]) / h;
                let d = (slopes[i] + slopes[i + 1] - 2.0 * secant) / (h * h);
                [points[i].1, slopes[i], c, d]
            })
            .collect();
        let cells = 8 * n;
        let span = x[n - 1] - x[0];
        let start = (0..=cells)
            .map(|c| {
                let at = x[0] + span * c as f64 / cells as f64;
                x.partition_point(|&v| v <= at).clamp(1, n - 1) as u32 - 1
            })
            .collect();
        Ok(Self {
            cells_per_unit: cells as f64 / span,
            start,
            last_value: points[n - 1].1,
            last_slope: slopes[n - 1],
            x,
            coefficients,
        })
    }

    /// Value and derivative at `at`.
    #[inline(always)]
    pub fn evaluate(&self, at: f64) -> (f64, f64) {
        let n = self.x.len();
        let offset = at - self.x[0];
        if offset < 0.0 || offset.is_nan() {
            let [value, slope, ..] = self.coefficients[0];
            return (value + slope * offset, slope);
        }
        if at >= self.x[n - 1] {
            let beyond = at - self.x[n - 1];
            return (self.last_value + self.last_slope * beyond, self.last_slope);
        }
        let mut i = self.start[(offset * self.cells_per_unit) as usize] as usize;
        while at >= self.x[i + 1] {
            i += 1;
        }
        while at < self.x[i] {
            i -= 1;
        }
        let t = at - self.x[i];
        let [a, b, c, d] = self.coefficients[i];
        (
            a + t * (b + t * (c + t * d)),
            b + t * (2.0 * c + 3.0 * t * d),
        )
    }

    /// Value at `at`.
    #[inline]
    pub fn value(&self, at: f64) -> f64 {
        self.evaluate(at).0
    }

    /// Derivative at `at`.
    #[inline]
    pub fn derivative(&self, at: f64) -> f64 {
        self.evaluate(at).1
    }

    /// Smallest and largest abscissa of the table.
    pub fn domain(&self) -> (f64, f64) {
        (self.x[0], self.x[self.x.len() - 1])
    }

    /// The abscissa at which a monotone table takes `value`, by bisection to the
    /// last bit; the nearer end of the table if `value` lies beyond it.
    pub fn inverse(&self, value: f64) -> f64 {
        let (mut low, mut high) = self.domain();
        let falling = self.value(low) > self.value(high);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if (self.value(middle) < value) == falling {
                high = middle;
            } else {
                low = middle;
            }
        }
        0.5 * (low + high)
    }
}

fn check(points: &[(f64, f64)]) -> Result<(), TableError> {
    if points.len() < 2 {
        return Err(TableError::TooShort(points.len()));
    }
    for (index, &(x, y)) in points.iter().enumerate() {
        let rising = index == 0 || x > points[index - 1].0;
        if !(rising && x.is_finite() && y.is_finite()) {
            return Err(TableError::NotRising { index, x });
        }
    }
    Ok(())
}

/// Slopes at the points: the weighted harmonic mean of the neighbouring secants
/// inside, a one-sided parabola kept monotone at the ends.
fn slopes(points: &[(f64, f64)]) -> Vec<f64> {
    let n = points.len();
    let width: Vec<f64> = points.windows(2).map(|w| w[1].0 - w[0].0).collect();
    let secant: Vec<f64> = points
        .windows(2)
        .zip(&width)
        .map(|(w, h)| (w[1].1 - w[0].1) / h)
        .collect();
    let mut slopes = vec![secant[0]; n];
    if n > 2 {
        for i in 1..n - 1 {
            let (left, right) = (secant[i - 1], secant[i]);
            slopes[i] = if left * right <= 0.0 {
                0.0
            } else {
                let a = 2.0 * width[i] + width[i - 1];
                let b = width[i] + 2.0 * width[i - 1];
                (a + b) / (a / left + b / right)
            };
        }
        slopes[0] = end_slope(width[0], width[1], secant[0], secant[1]);
        slopes[n - 1] = end_slope(width[n - 2], width[n - 3], secant[n - 2], secant[n - 3]);
    }
    slopes
}

fn end_slope(near: f64, far: f64, near_secant: f64, far_secant: f64) -> f64 {
    let slope = ((2.0 * near + far) * near_secant - near * far_secant) / (near + far);
    if slope * near_secant <= 0.0 {
        0.0
    } else if near_secant * far_secant <= 0.0 && slope.abs() > 3.0 * near_secant.abs() {
        3.0 * near_secant
    } else {
        slope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn passes_through_its_points_and_extends_linearly() {
        let table = MonotoneCubic::new(&[(0.0, 4.0), (0.5, 3.5), (1.0, 3.4)]).unwrap();
        for (x, y) in [(0.0, 4.0), (0.5, 3.5), (1.0, 3.4)] {
            assert!((table.value(x) - y).abs() < 1e-15);
        }
        let (value, slope) = table.evaluate(1.5);
        assert!((value - (3.4 + 0.5 * slope)).abs() < 1e-14);
        assert!(table.value(-1.0) > 4.0);
    }

    #[test]
    fn converges_at_third_order_or_better_on_a_smooth_function() {
        let error = |n: usize| {
            let points: Vec<(f64, f64)> = (0..=n)
                .map(|i| (i as f64 / n as f64, (i as f64 / n as f64).exp()))
                .collect();
            let table = MonotoneCubic::new(&points).unwrap();
            (0..1000)
                .map(|i| (f64::from(i) + 0.5) / 1000.0)
                .map(|x| (table.value(x) - x.exp()).abs())
                .fold(0.0, f64::max)
        };
        // The harmonic mean is second order in the slope: third in the value.
        let order = (error(20) / error(40)).log2();
        assert!(order > 2.7, "order {order}");
    }

    #[test]
    fn refuses_bad_tables() {
        assert_eq!(
            MonotoneCubic::new(&[(0.0, 1.0)]).unwrap_err(),
            TableError::TooShort(1)
        );
        assert!(MonotoneCubic::new(&[(0.0, 1.0), (0.0, 2.0)]).is_err());
        assert!(MonotoneCubic::new(&[(0.0, 1.0), (1.0, f64::NAN)]).is_err());
    }

    proptest! {
        #[test]
        fn is_monotone_and_inverts_where_the_data_fall(
            steps in proptest::collection::vec((0.01f64..1.0, 0.001f64..1.0), 2..20),
            share in 0.0f64..1.0,
        ) {
            let (mut x, mut y) = (0.0, 5.0);
            let mut points = vec![(x, y)];
            for (dx, dy) in steps {
                x += dx;
                y -= dy;
                points.push((x, y));
            }
            let table = MonotoneCubic::new(&points).unwrap();
            let at = share * x;
            let (value, slope) = table.evaluate(at);
            prop_assert!(slope <= 1e-12);
            prop_assert!(value <= 5.0 + 1e-12 && value >= y - 1e-12);
            prop_assert!((table.value(table.inverse(value)) - value).abs() < 1e-9);
            let h = 1e-6;
            let numeric = (table.value(at + h) - table.value(at - h)) / (2.0 * h);
            prop_assert!((numeric - slope).abs() < 1e-3 * (1.0 + slope.abs()));
        }
    }
}
