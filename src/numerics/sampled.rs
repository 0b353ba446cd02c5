//! A smooth function sampled once on a uniform grid: evaluation without search
//! and without transcendental functions, for the inner loops.

/// Cubic Hermite interpolant on a uniform grid; linear beyond its ends.
#[derive(Debug, Clone)]
pub struct Sampled {
    from: f64,
    inverse_width: f64,
    /// Index of the last interval.
    last: f64,
    /// Per interval: coefficients of 1, t, t2, t3 with t in 0..1.
    coefficients: Vec<[f64; 4]>,
}

impl Sampled {
    /// Samples `function`, which returns value and derivative, on `intervals`
    /// intervals over `from..to`. The error is `f'''' h^4 / 384`.
    pub fn new(from: f64, to: f64, intervals: usize, function: impl Fn(f64) -> (f64, f64)) -> Self {
        let width = (to - from) / intervals as f64;
        let nodes: Vec<(f64, f64)> = (0..=intervals)
            .map(|i| function(from + width * i as f64))
            .collect();
        let coefficients = nodes
            .windows(2)
            .map(|pair| {
                let ((a, da), (b, db)) = (pair[0], pair[1]);
                let (sa, sb, rise) = (da * width, db * width, b - a);
                [a, sa, 3.0 * rise - 2.0 * sa - sb, sa + sb - 2.0 * rise]
            })
            .collect();
        Self {
            from,
            inverse_width: 1.0 / width,
            last: (intervals - 1) as f64,
            coefficients,
        }
    }

    /// Value and derivative.
    #[inline]
    pub fn evaluate(&self, at: f64) -> (f64, f64) {
        let (interval, t) = self.place(at);
        let [a, b, c, d] = *interval;
        let inside = t.clamp(0.0, 1.0);
        let slope = b + inside * (2.0 * c + 3.0 * inside * d);
        let value = a + inside * (b + inside * (c + inside * d)) + slope * (t - inside);
        (value, slope * self.inverse_width)
    }

    /// Value alone.
    #[inline]
    pub fn value(&self, at: f64) -> f64 {
        self.evaluate(at).0
    }

    /// Values and derivatives at many places inside the grid (outside it, those of the
    /// nearest cubics). All slices have the same length.
    #[inline(always)]
    pub fn evaluate_inside(&self, at: &[f64], values: &mut [f64], slopes: &mut [f64]) {
        // In two loops: the first knows no table, so that the compiler takes places in
        // pairs.
        const CHUNK: usize = 32;
        let (mut place, mut index) = ([0.0; CHUNK], [0u32; CHUNK]);
        let both = values.chunks_mut(CHUNK).zip(slopes.chunks_mut(CHUNK));
        for (at, (values, slopes)) in at.chunks(CHUNK).zip(both) {
            for ((place, index), at) in place.iter_mut().zip(&mut index).zip(at) {
                (*index, *place) = self.split(*at);
            }
            let places = index.iter().zip(&place);
            for ((value, slope), (index, t)) in values.iter_mut().zip(slopes).zip(places) {
                let [a, b, c, d] = self.coefficients[*index as usize];
                let cubic = t * d;
                let curved = c + cubic;
                *value = a + t * (b + t * curved);
                *slope = (b + t * (2.0 * curved + cubic)) * self.inverse_width;
            }
        }
    }

    /// The interval in which `at` lies, or the nearest one, and the place in it.
    #[inline]
    fn place(&self, at: f64) -> (&[f64; 4], f64) {
        let (index, t) = self.split(at);
        (&self.coefficients[index as usize], t)
    }

    /// Index of the interval in which `at` lies, or of the nearest one, and the place in it.
    #[inline]
    fn split(&self, at: f64) -> (u32, f64) {
        let position = (at - self.from) * self.inverse_width;
        // Added to this, a number is rounded to the nearest integer, which is then found in
        // its lowest bits: a third of the time of a conversion.
        const ROUND: f64 = (1u64 << 52) as f64;
        let rounded = (position - 0.5 + ROUND) - ROUND;
        let index = rounded.max(0.0).min(self.last);
        ((index + ROUND).to_bits() as u32, position - index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_fourth_order_and_extends_linearly() {
        let f = |x: f64| (x.sin(), x.cos());
        let error = |n: usize| {
            let table = Sampled::new(0.0, 3.0, n, f);
            (0..997)
                .map(|i| 3.0 * f64::from(i) / 997.0)
                .map(|x| (table.value(x) - x.sin()).abs())
                .fold(0.0, f64::max)
        };
        let order = (error(20) / error(40)).log2();
        assert!((order - 4.0).abs() < 0.2, "order {order}");
        let table = Sampled::new(0.0, 3.0, 30, f);
        assert!((table.value(-0.5) + 0.5).abs() < 1e-12);
        assert!((table.value(3.0) - 3f64.sin()).abs() < 1e-15);
        assert!(table.value(0.0).abs() < 1e-15 && table.value(f64::NAN).is_nan());
        let inside: Vec<f64> = (0..100).map(|i| 0.03 * f64::from(i)).collect();
        let (mut values, mut slopes) = (vec![0.0; 100], vec![0.0; 100]);
        table.evaluate_inside(&inside, &mut values, &mut slopes);
        for (at, found) in inside.iter().zip(values.iter().zip(&slopes)) {
            let (value, slope) = table.evaluate(*at);
            assert!((found.0 - value).abs() < 1e-14 && (found.1 - slope).abs() < 1e-14);
        }
        let (value, slope) = table.evaluate(4.0);
        assert!((slope - 3f64.cos()).abs() < 1e-12);
        assert!((value - (3f64.sin() + 3f64.cos())).abs() < 1e-12);
    }
}
