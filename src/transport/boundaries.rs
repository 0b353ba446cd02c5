//! How resistive a grain boundary must be for a dense pellet to come out right.
//!
//! A pellet's conductivity includes its grain boundaries. Taking a share `s` of
//! its resistance out of the grains, and putting an areal resistance `R` on
//! the faces between grains instead, must leave a dense polycrystal as it was.
//! A straight line through a Poisson-Voronoi tessellation meets a boundary every
//! 0.554 grain diameters, so uniform current would ask for
//! `R = 0.554 d s / sigma`. But current spreads: it leans towards the boundaries
//! it crosses and uses every face of their voxel staircase, the more so the more
//! resistive they are. What one boundary then costs, over what it costs uniform
//! current, was measured on voxels (see [`crowding`]).

/// Mean chord of a Poisson-Voronoi tessellation over the diameter of a sphere
/// of the mean grain volume: 0.687 / 1.241 (area 2.910 per volume at one grain per
/// unit volume: J. L. Meijering, Philips Res. Rep. 8 (1953) 270).
const CHORD: f64 = 0.554;

/// What highly resistive boundaries cost over what they cost uniform current.
const COST_RESISTIVE: f64 = 0.41;
/// What barely resistive boundaries cost beyond that.
const COST_EXTRA: f64 = 0.47;
/// Resistance of a boundary over that of a voxel of grain at which half of it is gone.
const HALFWAY: f64 = 1.6;

/// Cost of a boundary over its cost to uniform current, at its resistance over
/// that of one voxel of grain.
///
/// Measured on 17 sets of Voronoi polycrystals with grains of 4.7 to 19 voxels
/// and shares of 0.1 to 0.6: 0.81 at 0.3, 0.70 at 1.1, 0.61 at 2.2, 0.56 at 3.6,
/// 0.49 at 7.8, 0.45 at 15.6, one curve to within 2 %. (Below 1 even at small
/// resistance, because a voxel hides a second boundary crossed inside it.)
#[cfg(test)]
fn crowding(relative: f64) -> f64 {
    COST_RESISTIVE + COST_EXTRA / (1.0 + relative / HALFWAY)
}

/// Areal resistance of the boundaries between grains of `diameter` (m) on voxels
/// of edge `voxel` (m), times the pellet's conductivity: m. `share` of the
/// pellet's resistance lies in them, the grains conduct `1/(1 - share)` of the pellet.
/// In the composite only the share `contact` of a boundary is welded (1 as in the
/// pellet), the rest a gap thinner than a voxel: current crowds through what is left.
pub(super) fn boundary_resistance(share: f64, contact: f64, diameter: f64, voxel: f64) -> f64 {
    let grain = (1.0 - share) * voxel;
    let wanted = share / contact * CHORD * diameter / grain;
    // Solves relative * crowding(relative) = wanted.
    let linear = (COST_RESISTIVE + COST_EXTRA) * HALFWAY - wanted;
    let root = (linear * linear + 4.0 * COST_RESISTIVE * HALFWAY * wanted).sqrt();
    grain * (root - linear) / (2.0 * COST_RESISTIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resistance_solves_the_measured_relation() {
        for (share, diameter) in [(0.0, 5.0), (0.05, 3.0), (0.3, 8.0), (0.9, 20.0)] {
            let resistance = boundary_resistance(share, 1.0, diameter, 1.0);
            let relative = resistance / (1.0 - share);
            let total = (1.0 - share) * (1.0 + relative * crowding(relative) / (CHORD * diameter));
            assert!((total - 1.0).abs() < 1e-12, "{share} {diameter}: {total}");
        }
    }
}
