//! What a rendering must show, counted in its pixels.

use super::plane::Rgb;
use super::*;
use crate::microstructure::{Origin, generate};

fn quick() -> (Scenario, Microstructure) {
    let scenario = crate::scenario::load("scenarios/quick.toml")
        .expect("a shipped scenario")
        .scenario;
    let structure = generate(&scenario, &mut |_| ()).expect("it can be built");
    (scenario, structure)
}

fn is_near(colour: Rgb, phase: [u8; 3]) -> bool {
    let off = |i: usize| (colour[i] - f64::from(phase[i])).abs();
    (0..3).all(|i| off(i) < 25.0)
}

/// Share of the plane whose colour is near that of a phase.
fn share(plane: &Plane, film: Film, colour: [u8; 3]) -> f64 {
    const POINTS: usize = 400;
    let [down, across] = plane.edges();
    let at = |i: usize| (i as f64 + 0.5) / POINTS as f64;
    let points = (0..POINTS * POINTS).map(|i| [at(i / POINTS) * down, at(i % POINTS) * across]);
    let found = points.filter(|p| is_near(plane.colour(*p, film), colour));
    found.count() as f64 / (POINTS * POINTS) as f64
}

#[test]
fn a_cut_shows_as_much_of_each_phase_as_there_is() {
    let (_, structure) = quick();
    let n = structure.shape[1];
    let mut sums = [[0.0; 2]; 2];
    // Single layers scatter: over some of them the shares must agree.
    for index in (0..n).step_by(5) {
        let plane = Plane::new(&structure, Axis::Width, index);
        let held = |phase: Phase| {
            let layer = (0..structure.voxels()).filter(|&i| structure.coordinates(i)[1] == index);
            let of = layer.filter(|&i| structure.phases[i] == phase as u8);
            of.count() as f64 / (structure.voxels() / n) as f64
        };
        for (sum, phase, fill) in [
            (0, Phase::Void, 1.0),
            (1, Phase::Carbon, structure.carbon_fill),
        ] {
            sums[sum][0] += share(&plane, Film::True, PHASE_COLOURS[phase as usize]);
            sums[sum][1] += held(phase) * fill;
        }
        // Particles are exact circles.
        let edges = plane.edges();
        let rough = share(
            &plane,
            Film::True,
            PHASE_COLOURS[Phase::ActiveMaterial as usize],
        );
        let layer = (0..structure.voxels()).filter(|&i| structure.coordinates(i)[1] == index);
        let voxels = layer.filter(|&i| structure.particle_ids[i] > 0).count();
        let counted = voxels as f64 * structure.spacing[0].powi(2) / (edges[0] * edges[1]);
        assert!((rough - counted).abs() < 0.02, "{rough} {counted}");
    }
    let [void, carbon] = sums;
    assert!((void[0] / void[1] - 1.0).abs() < 0.2, "voids {void:?}");
    assert!(
        (carbon[0] / carbon[1] - 1.0).abs() < 0.5,
        "carbon {carbon:?}"
    );
}

/// The area of the film in the piece across the surface is its width times the thickness.
#[test]
fn the_film_beside_the_cut_is_true_to_scale() {
    let (_, structure) = quick();
    let plane = Plane::new(&structure, Axis::Width, structure.shape[1] / 2);
    let place = Place::choose(&plane, &structure, 0.5).expect("a particle is cut");
    let size = [600, 300];
    let picture = place.across(&plane, size);
    let green = picture.pixels.chunks(3).filter(|p| {
        let colour = [p[0], p[1], p[2]].map(f64::from);
        is_near(colour, COATING_COLOUR)
    });
    let pixel = place.width / size[0] as f64;
    let drawn = green.count() as f64 * pixel / size[0] as f64;
    let shells = structure.shells.as_ref().expect("it is coated");
    let mean = shells.particles()[place.number].thickness;
    // Locally it is thicker or thinner, and some of the piece is bare.
    assert!(
        drawn > 0.4 * mean && drawn < 1.4 * mean,
        "{drawn:e} {mean:e}"
    );
}

#[test]
fn the_same_structure_gives_the_same_picture_on_any_number_of_threads() {
    let (scenario, structure) = quick();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let render = || render(&structure, &scenario).unwrap();
        pool.build().unwrap().install(render)
    };
    let one = on(1);
    assert!(one == on(3));
    for part in [
        "(a) Cut",
        "(b) Surface",
        "(c) Thickness",
        "2 µm",
        " nm</text>",
    ] {
        assert!(one.svg.contains(part), "{part}");
    }
    assert!(one.caption.contains("(c)"), "{}", one.caption);
}

#[test]
fn what_is_bare_or_an_image_is_rendered_with_what_is_known() {
    let (scenario, mut structure) = quick();
    structure.shells = None;
    let bare = render(&structure, &scenario).unwrap();
    assert!(bare.svg.contains("(b) Surface of a particle<") && !bare.svg.contains("(c) "));
    structure.origin = Origin::Image;
    structure.fibres.clear();
    structure.particles.clear();
    let image = render(&structure, &scenario).unwrap();
    assert!(!image.svg.contains("(b) "));
    let mut flat = Microstructure::of_phases([4, 3, 8], [2e-7, 1e-7, 1e-7], false, vec![2; 96]);
    assert!(render(&flat, &scenario).is_ok());
    flat.shape = [0; 3];
    assert!(render(&flat, &scenario).is_err());
}
