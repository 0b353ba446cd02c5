//! Segmented images in place of the generated structure: every format, every refusal.

use engobe::input::Severity;
use engobe::microstructure::{
    ImportError, Microstructure, MicrostructureError, Origin, differences, generate, import,
    write_npy_particles, write_npy_phases, write_tiff_particles, write_tiff_phases,
};
use engobe::results::write_structure;
use engobe::scenario::{self, Loaded};
use engobe::simulation::run::key;
use engobe::simulation::{Supervision, run};
use engobe::transport::effective_transport;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const QUICK: &str = include_str!("../scenarios/quick.toml");
const SETTINGS: &str = "box_edge = \"16 um\"\nresolution = 40\n";
const ALL: &str = r#""0" = "void", "1" = "active material", "2" = "electrolyte", "3" = "carbon", "4" = "polymer""#;
/// Void, active material and electrolyte.
const THREE: &str = r#""0" = "void", "1" = "active material", "2" = "electrolyte""#;

/// The quick scenario with an image and further keys of it, in `directory`.
fn text(image: &str) -> String {
    assert!(QUICK.contains(SETTINGS));
    QUICK.replace(SETTINGS, &format!("image = {{ {image} }}\n"))
}

fn load(directory: &Path, image: &str) -> Loaded {
    let path = directory.join("case.toml");
    fs::write(&path, text(image)).unwrap();
    scenario::load(&path).unwrap_or_else(|refused| panic!("{refused}"))
}

fn read(loaded: &Loaded) -> Result<Microstructure, MicrostructureError> {
    let source = loaded.scenario.image.as_ref().expect("an image");
    import(&loaded.scenario, source, &mut |_| ())
}

/// What is wrong with an image that the scenario accepts.
fn refusal(directory: &Path, image: &str) -> ImportError {
    match read(&load(directory, image)) {
        Err(MicrostructureError::Import(error)) => error,
        other => panic!("{:?}", other.map(|s| s.shape)),
    }
}

/// A file of `shape` voxels of one byte, with its sidecar, in the order of C.
fn raw(directory: &Path, shape: [usize; 3], voxels: &[u8]) {
    fs::write(directory.join("image.raw"), voxels).unwrap();
    let sidecar = format!("shape = {shape:?}\ntype = \"u8\"\norder = \"C\"\n");
    fs::write(directory.join("image.raw.toml"), sidecar).unwrap();
}

fn raw_image(labels: &str, more: &str) -> String {
    format!("file = \"image.raw\", voxel = \"400 nm\", labels = {{ {labels} }}{more}")
}

/// Electrolyte with a block of active material and a pore in every second plane.
fn blocks(shape: [usize; 3]) -> Vec<u8> {
    let mut voxels = Vec::new();
    for i in 0..shape[0] {
        for j in 0..shape[1] {
            for k in 0..shape[2] {
                let phase = match (j, k) {
                    (0 | 1, _) => 1,
                    (3, 2) if i % 2 == 0 => 0,
                    _ => 2,
                };
                voxels.push(phase);
            }
        }
    }
    voxels
}

fn write_tiff(path: &Path, structure: &Microstructure) {
    let mut bytes = Cursor::new(Vec::new());
    write_tiff_phases(structure, &mut bytes).unwrap();
    fs::write(path, bytes.into_inner()).unwrap();
}

/// A generated structure as an image would show it: no grains, nothing within a voxel.
fn generated() -> Microstructure {
    let loaded = scenario::from_str("quick.toml", QUICK).expect("shipped");
    let mut structure = generate(&loaded.scenario, &mut |_| ()).unwrap();
    structure
        .grain_ids
        .iter_mut()
        .for_each(|grain| *grain = (*grain).min(1));
    structure.gaps = None;
    structure.carbon_paths = None;
    structure.origin = Origin::Image;
    structure
}

#[test]
fn what_is_exported_comes_back_in_every_format_and_conducts_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let original = generated();
    write_tiff(&at("a.tif"), &original);
    let mut bytes = Vec::new();
    write_npy_phases(&original, &mut bytes).unwrap();
    fs::write(at("a.npy"), bytes).unwrap();
    write_structure(&original, &at("a.h5")).unwrap();
    // Raw voxels of two bytes, the highest first, the first axis fastest, after 16 bytes.
    let [n1, n2, n3] = original.shape;
    let mut bytes = vec![7; 16];
    for k in 0..n3 {
        for j in 0..n2 {
            for i in 0..n1 {
                let phase = original.phases[original.index([i, j, k])];
                bytes.extend(u16::from(phase).to_be_bytes());
            }
        }
    }
    fs::write(at("a.raw"), bytes).unwrap();
    let sidecar =
        "shape = [40, 40, 40]\ntype = \"u16\"\nbyte_order = \"big\"\norder = \"F\"\nheader = 16\n";
    fs::write(at("a.raw.toml"), sidecar).unwrap();

    let conduct = |structure: &Microstructure, loaded: &Loaded| {
        let cathode = &loaded.scenario.cathode;
        effective_transport(
            structure,
            &cathode.electrolyte,
            &cathode.active_material,
            cathode.carbon.as_ref(),
            cathode.contact_fraction,
            &mut |_| (),
        )
        .unwrap()
    };
    let mut answer = None;
    for name in ["a.tif", "a.npy", "a.raw", "a.h5"] {
        let dataset = if name == "a.h5" {
            ", dataset = \"microstructure/phases\""
        } else {
            ""
        };
        let fill = 100.0 * original.carbon_fill;
        let loaded = load(
            directory.path(),
            &format!(
                "file = \"{name}\", voxel = \"400 nm\", periodic = true, \
                 carbon_fill = \"{fill} %\", labels = {{ {ALL} }}{dataset}"
            ),
        );
        let back = read(&loaded).unwrap();
        assert_eq!(back.shape, original.shape, "{name}");
        assert!(
            back.spacing
                .iter()
                .all(|edge| (edge - 0.4e-6).abs() < 1e-18)
        );
        assert!(back.phases == original.phases, "{name}");
        assert!(back.grain_ids == original.grain_ids, "{name}");
        let expected = answer.get_or_insert_with(|| conduct(&original, &loaded));
        let found = conduct(&back, &loaded);
        approx::assert_relative_eq!(
            found.ionic_factor,
            expected.ionic_factor,
            max_relative = 1e-9
        );
        for (found, expected) in found.electronic.iter().zip(&expected.electronic) {
            approx::assert_relative_eq!(found.1, expected.1, max_relative = 1e-6);
        }
    }
}

#[test]
fn particles_that_touch_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let original = generated();
    write_tiff(&directory.path().join("a.tif"), &original);
    let image =
        format!("file = \"a.tif\", voxel = \"400 nm\", periodic = true, labels = {{ {ALL} }}");
    let found = read(&load(directory.path(), &image)).unwrap();
    let (count, expected) = (found.particles.len(), original.particles.len());
    assert!(
        count.abs_diff(expected) <= 1,
        "{count} particles of {expected}"
    );
    // Almost every voxel lies in the particle to which the generator gave it.
    let mut agree = std::collections::HashMap::new();
    for (a, b) in found.particle_ids.iter().zip(&original.particle_ids) {
        assert_eq!(*a > 0, *b > 0);
        *agree.entry((*a, *b)).or_insert(0_usize) += 1;
    }
    let mut best = std::collections::HashMap::new();
    for ((a, _), voxels) in agree.iter().filter(|((a, _), _)| *a > 0) {
        let most = best.entry(*a).or_insert(0_usize);
        *most = (*most).max(*voxels);
    }
    let active = found.particle_ids.iter().filter(|id| **id > 0).count();
    let share = best.values().sum::<usize>() as f64 / active as f64;
    assert!(share > 0.98, "{share} of the voxels are in their particle");
    let (classes, exact) = (
        &found.statistics.size_classes,
        &original.statistics.size_classes,
    );
    assert_eq!(classes.len(), exact.len());
    for (found, exact) in classes.iter().zip(exact) {
        approx::assert_relative_eq!(found.radius, exact.radius, max_relative = 0.02);
    }
    // Not cutting at all leaves what hangs together.
    let whole = read(&load(
        directory.path(),
        &image.replace("periodic", "split_depth = \"1 mm\", periodic"),
    ));
    assert!(whole.unwrap().particles.len() < count);
}

#[test]
fn statistics_come_from_the_image_and_contradictions_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let shape = [6, 8, 5];
    raw(directory.path(), shape, &blocks(shape));
    let structure = read(&load(directory.path(), &raw_image(THREE, ""))).unwrap();
    let s = &structure.statistics;
    assert!(!structure.periodic && structure.origin == Origin::Image);
    approx::assert_relative_eq!(s.fractions[1], 0.25, max_relative = 1e-12);
    approx::assert_relative_eq!(s.fractions[0], 3.0 / 240.0, max_relative = 1e-12);
    // One block with one face to the electrolyte; the sides are the image's end.
    assert_eq!(s.particles, 1);
    approx::assert_relative_eq!(s.surface_to_electrolyte, 1.0, max_relative = 1e-12);
    // The loading of oxide at its share sets the thickness.
    let thickness = 0.106 / 4780.0 / 0.25;
    approx::assert_relative_eq!(s.thickness, thickness, max_relative = 2e-3);
    let told = differences(s);
    assert!(
        told.iter()
            .any(|t| t.contains("25.0 %") && t.contains("active material")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|t| t.contains("voids") && t.contains("12.0 %")),
        "{told:?}"
    );
    assert!(!told.iter().any(|t| t.contains("polymer")), "{told:?}");
}

#[test]
fn any_axis_can_run_through_the_thickness() {
    let directory = tempfile::tempdir().unwrap();
    let shape = [3, 4, 5];
    let mut voxels = vec![2_u8; 60];
    // A row of active material along the second axis at (2, *, 4).
    for j in 0..4 {
        voxels[(2 * 4 + j) * 5 + 4] = 1;
    }
    raw(directory.path(), shape, &voxels);
    let labels = r#""1" = "active material", "2" = "electrolyte""#;
    let image = |axis: &str| {
        format!(
            "file = \"image.raw\", voxel = [\"100 nm\", \"200 nm\", \"300 nm\"], axis = \"{axis}\", \
             labels = {{ {labels} }}"
        )
    };
    for (axis, shape, spacing, along) in [
        ("first", [3, 4, 5], [1e-7, 2e-7, 3e-7], 1),
        ("second", [4, 3, 5], [2e-7, 1e-7, 3e-7], 0),
        ("third", [5, 3, 4], [3e-7, 1e-7, 2e-7], 2),
    ] {
        let structure = read(&load(directory.path(), &image(axis))).unwrap();
        assert_eq!(structure.shape, shape);
        for (found, expected) in structure.spacing.iter().zip(spacing) {
            approx::assert_relative_eq!(*found, expected, max_relative = 1e-12);
        }
        let row: Vec<_> = (0..60)
            .filter(|&v| structure.phases[v] == 1)
            .map(|v| structure.coordinates(v))
            .collect();
        assert_eq!(row.len(), 4);
        assert_eq!(
            row.iter().map(|ijk| ijk[along]).collect::<Vec<_>>(),
            [0, 1, 2, 3]
        );
    }
}

/// Slabs along the current conduct by their share, in flat and long voxels too.
#[test]
fn an_image_of_long_voxels_conducts_by_its_share() {
    let directory = tempfile::tempdir().unwrap();
    let shape = [6, 8, 5];
    let voxels: Vec<u8> = (0..240)
        .map(|v| if v / 5 % 8 < 3 { 1 } else { 2 })
        .collect();
    raw(directory.path(), shape, &voxels);
    let labels = r#""1" = "active material", "2" = "electrolyte""#;
    let image = raw_image(labels, "").replace("\"400 nm\"", "[\"700 nm\", \"100 nm\", \"300 nm\"]");
    let loaded = load(directory.path(), &image);
    let structure = read(&loaded).unwrap();
    let cathode = &loaded.scenario.cathode;
    let answer = effective_transport(
        &structure,
        &cathode.electrolyte,
        &cathode.active_material,
        None,
        cathode.contact_fraction,
        &mut |_| (),
    )
    .unwrap();
    let (share, _) = cathode.electrolyte.grain_boundaries();
    let inside = 1.0 / (1.0 - share + share / cathode.contact_fraction);
    approx::assert_relative_eq!(answer.ionic_factor, 0.625 * inside, max_relative = 1e-6);
    for (oxide, effective) in answer.electronic {
        approx::assert_relative_eq!(effective, 0.375 * oxide, max_relative = 1e-6);
    }
}

#[test]
fn a_changed_image_is_another_run_and_a_moved_one_is_not() {
    let shape = [6, 8, 5];
    let fingerprint = |voxels: &[u8]| {
        let directory = tempfile::tempdir().unwrap();
        raw(directory.path(), shape, voxels);
        key(&load(directory.path(), &raw_image(THREE, "")).scenario)
    };
    let mut voxels = blocks(shape);
    let first = fingerprint(&voxels);
    assert_eq!(first, fingerprint(&voxels), "the directory does not count");
    voxels[200] = 0;
    assert_ne!(first, fingerprint(&voxels));
    // A change between reading the scenario and the image is noticed.
    let directory = tempfile::tempdir().unwrap();
    raw(directory.path(), shape, &voxels);
    let loaded = load(directory.path(), &raw_image(THREE, ""));
    voxels[100] = 2 - voxels[100];
    raw(directory.path(), shape, &voxels);
    let refused = read(&loaded).unwrap_err();
    assert!(refused.to_string().contains("changed"), "{refused}");
}

#[test]
fn unknown_labels_and_empty_phases_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let shape = [6, 8, 5];
    let mut voxels = blocks(shape);
    voxels[(8 + 4) * 5 + 3] = 9;
    voxels[(5 * 8 + 4) * 5 + 3] = 9;
    raw(directory.path(), shape, &voxels);
    let error = refusal(directory.path(), &raw_image(THREE, ""));
    let ImportError::Labels { found, known, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(
        (found[0].label, found[0].voxels, found[0].first),
        (9, 2, [1, 4, 3])
    );
    assert_eq!(known, &[0, 1, 2]);
    assert!(
        error
            .to_string()
            .contains("9 (2 voxels, the first at [1, 4, 3])"),
        "{error}"
    );
    raw(directory.path(), shape, &blocks(shape));
    let labels = format!("{THREE}, \"5\" = \"carbon\"");
    let error = refusal(directory.path(), &raw_image(&labels, ""));
    assert!(
        matches!(
            error,
            ImportError::Empty {
                label: 5,
                phase: "carbon",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn files_of_wrong_length_or_form_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let shape = [6, 8, 5];
    raw(directory.path(), shape, &blocks(shape)[1..]);
    let error = refusal(directory.path(), &raw_image(THREE, ""));
    assert!(
        matches!(
            error,
            ImportError::Length {
                expected: 240,
                found: 239,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("cut short"), "{error}");
    raw(directory.path(), shape, &[2; 241]);
    let error = refusal(directory.path(), &raw_image(THREE, ""));
    assert!(error.to_string().contains("goes on after"), "{error}");
    for (sidecar, expected) in [
        ("shape = [6, 8]\ntype = \"u8\"\norder = \"C\"", "2 axes"),
        ("shape = [6, 8, 5]\ntype = \"f32\"\norder = \"C\"", "f32"),
        (
            "shape = [6, 8, 5]\ntype = \"u16\"\norder = \"C\"",
            "byte_order",
        ),
        ("shape = [6, 8, 5]\ntype = \"u8\"", "order"),
        (
            "shape = [6, 8, 5]\ntype = \"u8\"\norder = \"C\"\nskip = 3",
            "skip",
        ),
        (
            "shape = [0, 8, 5]\ntype = \"u8\"\norder = \"C\"",
            "between 1 and",
        ),
    ] {
        fs::write(at("image.raw.toml"), sidecar).unwrap();
        let error = refusal(directory.path(), &raw_image(THREE, "")).to_string();
        assert!(error.contains(expected), "{error}");
    }
    let image = |name: &str| format!("file = \"{name}\", voxel = \"1 um\", labels = {{ {THREE} }}");
    for (name, bytes, expected) in [
        ("a.npy", &b"no array"[..], "NumPy"),
        (
            "b.npy",
            b"\x93NUMPY\x01\x00\xff\x00{'descr'",
            "inside its header",
        ),
        (
            "c.npy",
            b"\x93NUMPY\x09\x00\x10\x00{'descr'",
            "version is 9",
        ),
        ("a.tif", b"no picture", "TIFF"),
        ("a.h5", b"no hierarchy", "HDF5"),
    ] {
        fs::write(at(name), bytes).unwrap();
        let dataset = if name == "a.h5" {
            ", dataset = \"x\""
        } else {
            ""
        };
        let error = refusal(directory.path(), &(image(name) + dataset)).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn arrays_of_numpy_are_refused_by_type_and_axes() {
    let directory = tempfile::tempdir().unwrap();
    let image = format!("file = \"a.npy\", voxel = \"1 um\", labels = {{ {THREE} }}");
    let write = |descr: &str, shape: &str, bytes: usize| {
        let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend((header.len() as u16).to_le_bytes());
        file.extend(header.bytes());
        file.extend(vec![0; bytes]);
        fs::write(directory.path().join("a.npy"), file).unwrap();
        refusal(directory.path(), &image)
    };
    let error = write("'<f4'", "(2, 2, 2)", 32);
    assert!(
        matches!(&error, ImportError::Element { found, .. } if found.contains("<f4")),
        "{error}"
    );
    let error = write("[('a', '<f4')]", "(2, 2, 2)", 32);
    assert!(matches!(error, ImportError::Element { .. }), "{error}");
    let error = write("'<u2'", "(2, 4)", 16);
    assert!(
        matches!(&error, ImportError::Axes { found, .. } if found == &[2, 4]),
        "{error}"
    );
    let error = write("'<u2'", "(2, 2, 2)", 15);
    assert!(
        matches!(
            error,
            ImportError::Length {
                expected: 16,
                found: 15,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn tiff_stacks_that_end_early_or_vary_are_refused() {
    use tiff::encoder::{TiffEncoder, colortype};
    type Stack<'a> = TiffEncoder<&'a mut Cursor<Vec<u8>>>;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.tif");
    let image = format!("file = \"a.tif\", voxel = \"1 um\", labels = {{ {THREE} }}");
    let mut structure = generated();
    structure.shape = [4, 100, 160];
    write_tiff(&path, &structure);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = refusal(directory.path(), &image);
    assert!(
        matches!(error, ImportError::Page { page: 2.., .. }),
        "{error}"
    );

    let stack = |draw: &dyn Fn(&mut Stack<'_>)| {
        let mut bytes = Cursor::new(Vec::new());
        draw(&mut TiffEncoder::new(&mut bytes).unwrap());
        fs::write(&path, bytes.into_inner()).unwrap();
        refusal(directory.path(), &image)
    };
    let error = stack(&|tiff| {
        tiff.write_image::<colortype::Gray8>(3, 2, &[1; 6]).unwrap();
        tiff.write_image::<colortype::Gray8>(2, 2, &[1; 4]).unwrap();
    });
    assert!(
        matches!(
            error,
            ImportError::PageSize {
                page: 2,
                found: [2, 2],
                expected: [2, 3],
                ..
            }
        ),
        "{error}"
    );
    let error = stack(&|tiff| tiff.write_image::<colortype::RGB8>(1, 1, &[1; 3]).unwrap());
    assert!(
        matches!(&error, ImportError::Element { found, .. } if found.contains("RGB")),
        "{error}"
    );
    let error = stack(&|tiff| {
        tiff.write_image::<colortype::Gray32Float>(1, 1, &[1.0])
            .unwrap()
    });
    assert!(error.to_string().contains("fraction"), "{error}");
}

#[test]
fn hdf5_says_which_datasets_there_are() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.h5");
    let file = hdf5::File::create(&path).unwrap();
    let group = file.create_group("scan").unwrap();
    let labels = ndarray::Array3::<i16>::from_elem((2, 3, 4), -1);
    group
        .new_dataset_builder()
        .with_data(&labels)
        .create("labels")
        .unwrap();
    let floats = ndarray::Array3::<f32>::zeros((2, 3, 4));
    group
        .new_dataset_builder()
        .with_data(&floats)
        .create("grey")
        .unwrap();
    let flat = ndarray::Array1::<u8>::zeros(5);
    group
        .new_dataset_builder()
        .with_data(&flat)
        .create("flat")
        .unwrap();
    file.close().unwrap();
    let image = |dataset: &str| {
        format!(
            "file = \"a.h5\", dataset = \"{dataset}\", voxel = \"1 um\", labels = {{ {THREE} }}"
        )
    };
    let error = refusal(directory.path(), &image("scan/phases"));
    let ImportError::Dataset { available, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(available, &["scan/grey", "scan/labels"]);
    let error = refusal(directory.path(), &image("scan/grey"));
    assert!(matches!(error, ImportError::Element { .. }), "{error}");
    let error = refusal(directory.path(), &image("scan/flat"));
    assert!(matches!(error, ImportError::Axes { .. }), "{error}");
    let error = refusal(directory.path(), &image("scan/labels"));
    assert!(
        matches!(&error, ImportError::Labels { found, .. } if found[0].label == -1),
        "{error}"
    );
}

#[test]
fn scenarios_with_impossible_images_are_refused_at_their_place() {
    let directory = tempfile::tempdir().unwrap();
    let shape = [6, 8, 5];
    raw(directory.path(), shape, &blocks(shape));
    fs::write(directory.path().join("a.h5"), "x").unwrap();
    fs::write(directory.path().join("b.raw"), "x").unwrap();
    let good = raw_image(THREE, "");
    for (image, place, expected) in [
        (
            good.replace("image.raw", "none.raw"),
            "\"none.raw\"",
            "relative to the scenario",
        ),
        (good.replace("image.raw", "b.raw"), "\"b.raw\"", "shape = "),
        (
            good.replace("image.raw", "image.png"),
            "\"image.png\"",
            ".tiff",
        ),
        (good.replace("image.raw", "a.h5"), "\"a.h5\"", "dataset"),
        (
            raw_image(THREE, ", dataset = \"x\""),
            "\"x\"",
            "leave `dataset` out",
        ),
        (
            good.replace("\"400 nm\"", "[\"1 um\", \"1 um\"]"),
            "[\"1 um\", \"1 um\"]",
            "three",
        ),
        (good.replace("400 nm", "-4 nm"), "\"-4 nm\"", "above 0"),
        (
            good.replace("electrolyte", "electrolite"),
            "\"electrolite\"",
            "did you mean \"electrolyte\"",
        ),
        (good.replace("\"1\" =", "one ="), "one", "whole number"),
        (good.replace("\"void\"", "7"), "7", "void"),
        (
            raw_image(r#""1" = "active material""#, ""),
            "{ \"1\"",
            "electrolyte",
        ),
        (good.replace("\"0\" =", "\"+1\" ="), "{ \"+1\"", "twice"),
        (
            raw_image(THREE, ", axis = \"fourth\""),
            "\"fourth\"",
            "third",
        ),
        (
            raw_image(THREE, ", carbon_fill = \"0 %\""),
            "\"0 %\"",
            "above 0",
        ),
        (
            raw_image(THREE, ", split_depth = \"0 nm\""),
            "\"0 nm\"",
            "above 0",
        ),
        (raw_image(THREE, ", colour = 3"), "colour", "unknown key"),
    ] {
        let path = directory.path().join("case.toml");
        let text = text(&image);
        fs::write(&path, &text).unwrap();
        let refused = scenario::load(&path).map(|_| ()).expect_err(&image);
        let told = refused.items.iter().find(|item| {
            let whole = format!("{} {}", item.message, item.help.as_deref().unwrap_or(""));
            let at = item.span.clone().and_then(|span| text.get(span.start..));
            whole.contains(expected) && at.is_some_and(|at| at.starts_with(place))
        });
        assert!(told.is_some(), "{image}\n{refused}");
    }
}

#[test]
fn settings_of_the_generator_beside_an_image_are_warned_of_and_all_is_restated() {
    let directory = tempfile::tempdir().unwrap();
    let shape = [6, 8, 5];
    raw(directory.path(), shape, &blocks(shape));
    let path = directory.path().join("case.toml");
    let text = text(&raw_image(THREE, ", split_depth = \"1 um\""))
        .replace("[microstructure]\n", "[microstructure]\nresolution = 30\n");
    fs::write(&path, text).unwrap();
    let loaded = scenario::load(&path).unwrap();
    let warned = loaded
        .warnings
        .iter()
        .filter(|w| w.severity == Severity::Warning);
    assert!(
        warned
            .into_iter()
            .any(|w| w.message.contains("`resolution` changes nothing"))
    );
    let resolved = loaded.scenario.resolved_toml();
    for line in ["split_depth = 1e-6  # m", "axis = 0  # 1", "sha256 = "] {
        assert!(resolved.contains(line), "{line} in\n{resolved}");
    }
    let back: scenario::Scenario = toml::from_str(&resolved).unwrap();
    assert_eq!(back, loaded.scenario);
    assert!(scenario::describe(&loaded).contains("image.raw"));
}

#[test]
fn a_whole_run_on_an_image() {
    let directory = tempfile::tempdir().unwrap();
    let original = generated();
    write_tiff(&directory.path().join("a.tif"), &original);
    let loaded = load(
        directory.path(),
        &format!(
            "file = \"a.tif\", voxel = \"400 nm\", carbon_fill = \"15 %\", labels = {{ {ALL} }}"
        ),
    );
    let interrupt = AtomicBool::new(false);
    let supervision = Supervision {
        checkpoint: None,
        resume: false,
        interrupt: &interrupt,
    };
    let record = run(&loaded, supervision, &mut |_| ()).unwrap();
    assert_eq!(record.cycles.len(), 3);
    let (first, last) = (&record.cycles[0], &record.cycles[2]);
    assert!(first.discharge > 0.0 && last.discharge > 0.5 * first.discharge);
    assert!(first.lithium_error < 1e-6 && last.charge_error < 1e-6);
    engobe::results::write(&record, directory.path()).unwrap();
    let file = hdf5::File::open(directory.path().join("results.h5")).unwrap();
    let phases = file
        .dataset("microstructure/phases")
        .unwrap()
        .read_raw::<u8>()
        .unwrap();
    assert_eq!(phases, original.phases);
}

#[test]
fn particle_numbers_are_exported_whole() {
    let mut structure = generated();
    for largest in [65_535, 70_000] {
        structure.particle_ids[5] = largest;
        let mut bytes = Cursor::new(Vec::new());
        write_tiff_particles(&structure, &mut bytes).unwrap();
        let mut tiff = tiff::decoder::Decoder::new(Cursor::new(bytes.into_inner())).unwrap();
        let mut found: Vec<u32> = Vec::new();
        loop {
            match tiff.read_image().unwrap() {
                tiff::decoder::DecodingResult::U16(page) => {
                    found.extend(page.into_iter().map(u32::from))
                }
                tiff::decoder::DecodingResult::U32(page) => found.extend(page),
                other => panic!("{other:?}"),
            }
            if !tiff.more_images() {
                break;
            }
            tiff.next_image().unwrap();
        }
        assert!(found == structure.particle_ids);
    }
    let mut bytes = Vec::new();
    write_npy_particles(&structure, &mut bytes).unwrap();
    assert_eq!(bytes.len() % 64, (4 * 64_000) % 64);
    let data = &bytes[bytes.len() - 4 * 64_000..];
    assert_eq!(&data[20..24], 70_000_u32.to_le_bytes());
}
