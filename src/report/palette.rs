//! Colours that colour-blind readers and grey printers can tell apart.

/// Red, green, blue, 0..255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// Qualitative colours of M. Okabe and K. Ito, Color Universal Design (2008);
/// their yellow is left out because it vanishes on white.
pub mod okabe_ito {
    use super::Colour;
    /// Black.
    pub const BLACK: Colour = Colour(0, 0, 0);
    /// Orange.
    pub const ORANGE: Colour = Colour(230, 159, 0);
    /// Sky blue.
    pub const SKY: Colour = Colour(86, 180, 233);
    /// Bluish green.
    pub const GREEN: Colour = Colour(0, 158, 115);
    /// Blue.
    pub const BLUE: Colour = Colour(0, 114, 178);
    /// Vermillion.
    pub const VERMILLION: Colour = Colour(213, 94, 0);
    /// Reddish purple.
    pub const PURPLE: Colour = Colour(204, 121, 167);
}

/// For what stands back: the rest of a whole.
pub const GREY: Colour = Colour(150, 150, 150);

/// The viridis colour map (S. van der Walt and N. Smith, 2015) at every eighth
/// of its length up to six eighths; what follows is too pale on white.
const VIRIDIS: [Colour; 7] = [
    Colour(68, 1, 84),
    Colour(71, 45, 123),
    Colour(59, 82, 139),
    Colour(44, 114, 142),
    Colour(33, 145, 140),
    Colour(40, 174, 128),
    Colour(94, 201, 98),
];

/// Colour of an ordered quantity, `share` from 0 (dark) to 1 (light).
pub fn sequential(share: f64) -> Colour {
    let last = VIRIDIS.len() - 1;
    let position = share.clamp(0.0, 1.0) * last as f64;
    let below = (position.floor() as usize).min(last - 1);
    let mix = position - below as f64;
    let (a, b) = (VIRIDIS[below], VIRIDIS[below + 1]);
    let blend = |a: u8, b: u8| (f64::from(a) + mix * (f64::from(b) - f64::from(a))).round() as u8;
    Colour(blend(a.0, b.0), blend(a.1, b.1), blend(a.2, b.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ordered_colours_grow_lighter() {
        let luminance =
            |c: Colour| 0.2126 * f64::from(c.0) + 0.7152 * f64::from(c.1) + 0.0722 * f64::from(c.2);
        let shades: Vec<f64> = (0..=20)
            .map(|i| luminance(sequential(f64::from(i) / 20.0)))
            .collect();
        assert!(shades.windows(2).all(|pair| pair[1] > pair[0]));
        assert_eq!(sequential(-1.0), VIRIDIS[0]);
        assert_eq!(sequential(2.0), VIRIDIS[6]);
    }
}
