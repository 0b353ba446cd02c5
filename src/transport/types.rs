//! What the voxel solver hands on.

/// Effective transport of a structure through the thickness.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct EffectiveTransport {
    /// Effective over pellet ionic conductivity of the electrolyte.
    pub ionic_factor: f64,
    /// Tortuosity factor of the electrolyte: volume fraction / `ionic_factor`.
    pub ionic_tortuosity: f64,
    /// Share of the electrolyte connected to the separator.
    pub ionic_connected: f64,
    /// Effective electronic conductivity, S/m, at given conductivities of the
    /// active material, S/m: pairs rising in the first.
    pub electronic: Vec<(f64, f64)>,
    /// Share of active material and carbon connected to the collector.
    pub electronic_connected: f64,
}
