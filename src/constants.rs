//! Physical constants (CODATA 2018, exact by the SI's definition).

/// Faraday constant, C/mol.
pub const FARADAY: f64 = 96_485.332_12;
/// Molar gas constant, J/(mol K).
pub const GAS_CONSTANT: f64 = 8.314_462_618;
/// Temperature at which material data are stated, K (25 degC).
pub const REFERENCE_TEMPERATURE: f64 = 298.15;
/// Vacuum permittivity, F/m.
pub const VACUUM_PERMITTIVITY: f64 = 8.854_187_812_8e-12;

/// Arrhenius factor exp(-Ea/R (1/T - 1/T_ref)) against [`REFERENCE_TEMPERATURE`].
///
/// `activation_energy` in J/mol, `temperature` in K; 1 at the reference.
pub fn arrhenius(activation_energy: f64, temperature: f64) -> f64 {
    (-activation_energy / GAS_CONSTANT * (1.0 / temperature - 1.0 / REFERENCE_TEMPERATURE)).exp()
}
