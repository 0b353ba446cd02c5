//! The groups `microstructure` and `transport`.

use super::super::netcdf::{self, Dimension, Meta};
use super::super::table::Column;
use crate::microstructure::{Microstructure, Phase};
use crate::transport::EffectiveTransport;
use ::hdf5::{Dataset, Group, Result};
use ndarray::{ArrayView1, ArrayView3};

/// The phases by their number in `microstructure/phases`.
const PHASES: [(Phase, &str); 5] = [
    (Phase::Void, "void"),
    (Phase::ActiveMaterial, "active_material"),
    (Phase::Electrolyte, "electrolyte"),
    (Phase::Carbon, "carbon"),
    (Phase::Polymer, "polymer"),
];

/// Voxels, particles and statistics.
pub(super) fn microstructure(group: &Group, structure: &Microstructure) -> Result<()> {
    let axis = |axis: usize, name, label| {
        let unit = "m";
        let centre = |i| (i as f64 + 0.5) * structure.spacing[axis];
        let centres: Vec<f64> = (0..structure.shape[axis]).map(centre).collect();
        netcdf::dimension(group, &centres, Meta { name, label, unit })
    };
    let axes = [
        axis(0, "depth", "Voxel centre through the thickness")?,
        axis(1, "y", "Voxel centre in the plane")?,
        axis(2, "z", "Voxel centre in the plane")?,
    ];
    let axes: Vec<&Dimension> = axes.iter().collect();
    let meta = |name, label| Meta {
        name,
        label,
        unit: "1",
    };
    let phases = voxels(&structure.phases, structure.shape)?;
    let phases = netcdf::variable(group, phases, &axes, meta("phases", "Phase"))?;
    describe_phases(&phases)?;
    let ids = voxels(&structure.particle_ids, structure.shape)?;
    let label = "Particle number from 1, 0 outside";
    netcdf::variable(group, ids, &axes, meta("particle_ids", label))?;
    if let Some(grains) = &structure.primary_grains {
        let label = "Primary grain from 1, 0 outside particles";
        let ids = voxels(&grains.ids, structure.shape)?;
        netcdf::variable(group, ids, &axes, meta("primary_grain_ids", label))?;
        let label = "Area of primary grain boundaries over volume of active material";
        let meta = Meta {
            name: "primary_grain_boundary_area",
            label,
            unit: "m-1",
        };
        netcdf::scalar(group, &grains.boundary_area, meta)?;
    }
    write_particles(group, structure)?;
    write_statistics(group, structure)
}

fn voxels<T>(values: &[T], shape: [usize; 3]) -> Result<ArrayView3<'_, T>> {
    ArrayView3::from_shape(shape, values).map_err(|error| error.to_string().into())
}

/// The meaning of the phase numbers, in the manner of the CF conventions.
fn describe_phases(phases: &Dataset) -> Result<()> {
    let numbers = PHASES.map(|(phase, _)| phase as u8);
    let builder = phases.new_attr_builder();
    builder
        .with_data(ArrayView1::from(&numbers[..]))
        .create("flag_values")?;
    let names = PHASES.map(|(_, name)| name).join(" ");
    netcdf::text_attribute(phases, "flag_meanings", &names)
}

fn write_particles(group: &Group, structure: &Microstructure) -> Result<()> {
    let numbers: Vec<u32> = (1..).take(structure.particles.len()).collect();
    let name = "particle";
    let label = "Particle number";
    let over = netcdf::dimension(
        group,
        &numbers,
        Meta {
            name,
            label,
            unit: "1",
        },
    )?;
    let real = |name, label, values| {
        netcdf::column(group, &Column::real(name, label, "m", values), &over).map(drop)
    };
    let centre = |axis: usize| structure.particles.iter().map(|p| p.centre[axis]).collect();
    let radii = structure.particles.iter().map(|p| p.radius).collect();
    real(
        "particle_depth",
        "Particle Centre Through The Thickness",
        centre(0),
    )?;
    real("particle_y", "Particle Centre In The Plane", centre(1))?;
    real("particle_z", "Particle Centre In The Plane", centre(2))?;
    real("particle_radius", "Particle Radius", radii)?;
    let Some(shells) = &structure.shells else {
        return Ok(());
    };
    let shells = shells.particles();
    let thickness = shells.iter().map(|s| s.thickness).collect();
    let label = "Coating Thickness Where Covered";
    real("particle_coating_thickness", label, thickness)?;
    let coverage = shells.iter().map(|s| s.coverage).collect();
    let name = "particle_coating_coverage";
    let column = Column::real(name, "Share Of The Particle Coated", "1", coverage);
    netcdf::column(group, &column, &over).map(drop)
}

fn write_statistics(group: &Group, structure: &Microstructure) -> Result<()> {
    let statistics = &structure.statistics;
    let real =
        |name, label, unit, value: f64| netcdf::scalar(group, &value, Meta { name, label, unit });
    let [depth, y, z] = structure.spacing;
    real("voxel", "Edge of a voxel through the thickness", "m", depth)?;
    real("voxel_y", "Edge of a voxel in the plane", "m", y)?;
    real("voxel_z", "Edge of a voxel in the plane", "m", z)?;
    real(
        "thickness",
        "Thickness of the cathode",
        "m",
        statistics.thickness,
    )?;
    real(
        "carbon_fill",
        "Share of a carbon voxel that is carbon",
        "1",
        structure.carbon_fill,
    )?;
    real(
        "largest_overlap",
        "Largest overlap of particles over radius",
        "1",
        statistics.largest_overlap,
    )?;
    real(
        "surface_to_electrolyte",
        "Active surface facing electrolyte",
        "1",
        statistics.surface_to_electrolyte,
    )?;
    real(
        "surface_to_void",
        "Active surface facing voids",
        "1",
        statistics.surface_to_void,
    )?;
    real(
        "surface_to_carbon",
        "Active surface facing carbon",
        "1",
        statistics.surface_to_carbon,
    )?;
    real(
        "surface_to_polymer",
        "Active surface facing polymer",
        "1",
        statistics.surface_to_polymer,
    )?;
    real(
        "surface_to_particles",
        "Active surface facing other particles",
        "1",
        statistics.surface_to_particles,
    )?;
    real(
        "film_fraction",
        "Volume of the coating film",
        "1",
        statistics.film_fraction,
    )?;
    real(
        "coordination",
        "Mean number of touching neighbours",
        "1",
        statistics.coordination,
    )?;
    real(
        "voids_at_surfaces",
        "Share of the voids at particles",
        "1",
        statistics.voids_at_surfaces,
    )?;
    real(
        "fibres_in_plane",
        "Order of fibres in the plane, 1 - 3 <n2>",
        "1",
        statistics.fibres_in_plane,
    )?;

    let numbers = PHASES.map(|(phase, _)| phase as u8);
    let meta = Meta {
        name: "phase",
        label: "Phase number",
        unit: "1",
    };
    let phase = netcdf::dimension(group, &numbers, meta)?;
    let by_phase = |name, label, values: [f64; 5]| {
        let column = Column::real(name, label, "1", values.to_vec());
        netcdf::column(group, &column, &phase).map(drop)
    };
    by_phase(
        "target_fractions",
        "Volume Fraction Asked For",
        statistics.target_fractions,
    )?;
    by_phase("fractions", "Volume Fraction Reached", statistics.fractions)?;

    let classes = &statistics.size_classes;
    let numbers: Vec<u32> = (1..).take(classes.len()).collect();
    let meta = Meta {
        name: "size_class",
        label: "Size class",
        unit: "1",
    };
    let class = netcdf::dimension(group, &numbers, meta)?;
    let by_class = |column: Column| netcdf::column(group, &column, &class).map(drop);
    let radii = classes.iter().map(|c| c.radius).collect();
    by_class(Column::real(
        "class_radius",
        "Radius Of Size Class",
        "m",
        radii,
    ))?;
    let shares = classes.iter().map(|c| c.volume_share).collect();
    by_class(Column::real(
        "class_volume_share",
        "Volume Share Of Size Class",
        "1",
        shares,
    ))
}

/// Effective transport.
pub(super) fn transport(group: &Group, transport: &EffectiveTransport) -> Result<()> {
    let real = |name, label, value: f64| {
        let unit = "1";
        netcdf::scalar(group, &value, Meta { name, label, unit })
    };
    real(
        "ionic_factor",
        "Effective over pellet ionic conductivity",
        transport.ionic_factor,
    )?;
    real(
        "ionic_tortuosity",
        "Tortuosity factor of the electrolyte",
        transport.ionic_tortuosity,
    )?;
    real(
        "ionic_connected",
        "Electrolyte connected to the separator",
        transport.ionic_connected,
    )?;
    real(
        "electronic_connected",
        "Active material and carbon connected to the collector",
        transport.electronic_connected,
    )?;
    let (given, effective): (Vec<f64>, Vec<f64>) = transport.electronic.iter().copied().unzip();
    let name = "active_material_conductivity";
    let label = "Electronic conductivity of the active material";
    let over = netcdf::dimension(
        group,
        &given,
        Meta {
            name,
            label,
            unit: "S m-1",
        },
    )?;
    let name = "electronic_conductivity";
    let label = "Effective Electronic Conductivity";
    let column = Column::real(name, label, "S m-1", effective);
    netcdf::column(group, &column, &over).map(drop)
}
