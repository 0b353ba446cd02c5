//! Newton's method of a stage, which eliminates all but one unknown per depth,
//! against ways that eliminate nothing.

#[path = "common/ageing.rs"]
mod ageing;
mod common;

use ageing::NO_AGEING;
use common::{electrode, scenario};
use engobe::electrode::frozen::SideBase;
use engobe::electrode::interface::Patches;
use engobe::electrode::particle::Diffusion;
use engobe::electrode::stage::{GAMMA, Stage};
use engobe::electrode::{Electrode, Field, Load, Solver, State};
use engobe::scenario::{Control, Step};
use engobe::simulation::march::Cell;
use faer::prelude::Solve;
use faer::sparse::{SparseColMat, SymbolicSparseColMat};

/// A coated cell without ageing, its particles of three sizes.
fn cell() -> Electrode {
    let mut scenario = scenario("shi2023-1p");
    scenario.mechanisms = NO_AGEING;
    electrode(&scenario, &[1.9e-6, 2.2e-6, 2.5e-6])
}

/// The zero of a rising function between two points that enclose it, by bisection to
/// the last bit.
fn zero(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    assert!(f(low) < 0.0 && f(high) > 0.0, "no zero in {low}..{high}");
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if f(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Current density of a patch at potential `e` and surface stoichiometry `x`.
fn patch_current(model: &Electrode, resistance: f64, e: f64, x: f64) -> f64 {
    let drop = e - model.oxide.open_circuit.value(x);
    let twice = 2.0 * model.oxide.exchange.value(x);
    let over = |i: f64| i * resistance + 2.0 * model.thermal_voltage() * (i / twice).asinh();
    if drop.abs() < 1e-300 {
        return 0.0;
    }
    // The current through the smaller of both resistances alone bounds it.
    let bound = twice * (drop.abs() / (2.0 * model.thermal_voltage())).sinh() * 1.01;
    zero(-bound, bound, |i| over(i) - drop)
}

/// Currents of both patches at potential `e`, the surface stoichiometry found by
/// bisection around `near`.
fn converged(
    model: &Electrode,
    patches: &Patches,
    e: f64,
    [offset, response]: [f64; 2],
    near: f64,
) -> [f64; 2] {
    let at = |x: f64| {
        [0, 1].map(|p| {
            if patches.share[p] > 0.0 {
                patch_current(model, patches.resistance[p], e, x)
            } else {
                0.0
            }
        })
    };
    let total = |i: [f64; 2]| patches.surface * (i[0] * patches.share[0] + i[1] * patches.share[1]);
    let x = zero(near - 1e-3, near + 1e-3, |x| {
        x - offset + response * total(at(x))
    });
    at(x)
}

#[test]
fn the_interface_linearised_has_the_slopes_of_its_solution() {
    let model = cell();
    let thermal = model.thermal_voltage();
    let count = model.particles();
    // Off the knots of the tables, where the second derivative jumps.
    for x in [0.2613, 0.6137, 0.9803] {
        let shells = vec![x; count * model.shells];
        let mut diffusion = Diffusion::new(&model);
        diffusion.linearise(&model, &shells, &vec![0.0; count], &vec![1.0; count]);
        diffusion.eliminate(&shells, 60.0);
        let response = diffusion.response[0];
        for share in [[1.0, 0.0], [0.0, 1.0], [0.3, 0.7]] {
            let patches = Patches {
                share,
                resistance: [4e-3, 4e-3 + model.coating.resistance],
                surface: model.surface[0],
            };
            for drop in [0.0, 0.03, -0.25, 0.25] {
                let case = format!("x {x}, shares {share:?}, drop {drop} V");
                let e = model.oxide.open_circuit.value(x) + drop;
                let currents = [0, 1].map(|p| {
                    if share[p] > 0.0 {
                        patch_current(&model, patches.resistance[p], e, x)
                    } else {
                        0.0
                    }
                });
                let offset = x + response * patches.volumetric(currents);
                let kinetics = patches.kinetics(&model, thermal, currents, offset, response);
                let logarithm = kinetics.argument.map(f64::ln);
                let linear = patches.linear(&kinetics, logarithm, thermal, e, currents, response);
                assert!((linear.surface - x).abs() < 1e-14, "{case}");
                // Differences of second and, by Richardson, fourth order.
                let central = |h: f64| {
                    let [up, down] =
                        [h, -h].map(|h| converged(&model, &patches, e + h, [offset, response], x));
                    [0, 1].map(|p| (up[p] - down[p]) / (2.0 * h))
                };
                let (wide, narrow) = (central(2e-5), central(1e-5));
                let slope = [0, 1].map(|p| (4.0 * narrow[p] - wide[p]) / 3.0);
                for p in 0..2 {
                    let [constant, found] = linear.current[p];
                    if share[p] > 0.0 {
                        // Already converged: less than a nanovolt is left to do.
                        assert!((constant / found).abs() < 1e-9, "{case}");
                        let error = (found / slope[p] - 1.0).abs();
                        assert!(error < 1e-5, "{case}, patch {p}: {error:e}");
                    } else {
                        assert!(constant == 0.0 && found == 0.0, "{case}");
                    }
                }
                let error = (linear.volumetric[1] / patches.volumetric(slope) - 1.0).abs();
                assert!(error < 1e-5, "{case}, per volume: {error:e}");
            }
        }
    }
}

/// Every equation of one implicit stage with nothing eliminated: shells and surface of
/// every particle, both patches, both potentials at every depth (phi_e = 0 where the
/// electrolyte meets the separator), and the current of the cell.
struct Whole<'a> {
    model: &'a Electrode,
    patches: Vec<Patches>,
    /// Outer faces of the shells.
    faces: Vec<Face>,
    base: &'a [f64],
    lithiation: f64,
    tau: f64,
    load: Load,
    /// Conductivities of the depths: electronic, ionic, S/m.
    conductivity: [Vec<f64>; 2],
    connected: Vec<f64>,
}

/// The linear system of one iteration: residuals, and their slopes as triplets.
struct System {
    residual: Vec<f64>,
    slopes: sprs::TriMat<f64>,
}

impl System {
    fn new(size: usize) -> Self {
        Self {
            residual: vec![0.0; size],
            slopes: sprs::TriMat::new((size, size)),
        }
    }

    /// Adds `slope` times unknown `column` to equation `row`.
    fn linear(&mut self, row: usize, column: usize, slope: f64, unknowns: &[f64]) {
        self.residual[row] += slope * unknowns[column];
        self.slopes.add_triplet(row, column, slope);
    }

    /// Solves for the change of the unknowns by sparse LU.
    fn solve(self) -> Vec<f64> {
        let size = self.residual.len();
        let matrix: sprs::CsMat<f64> = self.slopes.to_csc();
        let (columns, rows, values) = matrix.into_raw_storage();
        let symbolic = SymbolicSparseColMat::new_checked(size, size, columns, None, rows);
        let mut change = faer::Mat::from_fn(size, 1, |i, _| -self.residual[i]);
        SparseColMat::new(symbolic, values)
            .sp_lu()
            .expect("a regular matrix")
            .solve_in_place(&mut change);
        (0..size).map(|i| change[(i, 0)]).collect()
    }
}

impl<'a> Whole<'a> {
    /// The stage over `tau` (s) that starts from `base`, its diffusion linearised about
    /// `predicted`, its conductivities at `middle` (stoichiometries of the shells).
    fn new(
        model: &'a Electrode,
        state: &State,
        (base, lithiation): (&'a [f64], f64),
        predicted: &[f64],
        middle: &[f64],
        tau: f64,
        load: Load,
    ) -> Self {
        let coverage = &state[Field::Coverage];
        let electronic = (0..model.depths).map(|k| {
            let here = k * model.classes..(k + 1) * model.classes;
            let sum: f64 = here.map(|m| model.mean_stoichiometry(middle, m)).sum();
            let x = sum / model.classes as f64;
            model.electronic_conductivity(model.oxide.electronic_conductivity(x))
        });
        Self {
            patches: (0..model.particles())
                .map(|m| Patches {
                    share: [1.0 - coverage[m], coverage[m]],
                    resistance: [0.0, model.coating.resistance + model.coating.step],
                    surface: model.surface[model.class_of(m)],
                })
                .collect(),
            faces: linearised_faces(model, predicted),
            base,
            lithiation,
            tau,
            load,
            conductivity: [
                electronic.collect(),
                vec![model.ionic_conductivity; model.depths],
            ],
            connected: state[Field::Connected].to_vec(),
            model,
        }
    }

    fn shell(&self, m: usize, j: usize) -> usize {
        m * (self.model.shells + 3) + j
    }

    fn surface(&self, m: usize) -> usize {
        self.shell(m, self.model.shells)
    }

    fn patch(&self, m: usize, p: usize) -> usize {
        self.surface(m) + 1 + p
    }

    /// Electronic (0) or ionic (1) potential of a depth.
    fn potential(&self, phase: usize, k: usize) -> usize {
        self.shell(self.model.particles(), 0) + phase * self.model.depths + k
    }

    fn current(&self) -> usize {
        self.potential(2, 0)
    }

    /// Solves by Newton's method from the last solution in `state`.
    fn solve(&self, state: &State) -> Vec<f64> {
        let model = self.model;
        let mut unknowns = vec![0.0; self.current() + 1];
        for m in 0..model.particles() {
            for j in 0..model.shells {
                unknowns[self.shell(m, j)] = self.base[j * model.particles() + m];
            }
            unknowns[self.surface(m)] = unknowns[self.shell(m, model.shells - 1)];
            unknowns[self.patch(m, 0)] = state[Field::CurrentBare][m];
            unknowns[self.patch(m, 1)] = state[Field::CurrentCoated][m];
        }
        for k in 0..model.depths {
            unknowns[self.potential(0, k)] = state[Field::Potential][k];
        }
        unknowns[self.current()] = state.scalar(Field::Current);
        let mut settled = 0;
        for _ in 0..100 {
            let change = self.system(&unknowns).solve();
            let jump = (0..model.particles())
                .map(|m| change[self.surface(m)].abs())
                .fold(0.0, f64::max);
            let volts = &change[self.potential(0, 0)..self.current()];
            let largest = volts.iter().fold(jump, |a, v| a.max(v.abs()));
            let share = (0.03 / jump).min(1.0);
            for (unknown, change) in unknowns.iter_mut().zip(&change) {
                *unknown += share * change;
            }
            settled += usize::from(largest < 1e-10);
            if settled == 3 {
                return unknowns;
            }
        }
        panic!(
            "Newton's method on the whole system does not settle under {:?}",
            self.load
        );
    }

    fn system(&self, unknowns: &[f64]) -> System {
        let mut system = System::new(unknowns.len());
        for m in 0..self.model.particles() {
            self.particle(&mut system, unknowns, m);
            self.interface(&mut system, unknowns, m);
        }
        self.potentials(&mut system, unknowns);
        self.cell(&mut system, unknowns);
        system
    }

    /// Lithium in the shells, and the gradient below the surface.
    fn particle(&self, system: &mut System, unknowns: &[f64], m: usize) {
        let (model, count) = (self.model, self.model.particles());
        let shells = &model.geometry[model.class_of(m)];
        for j in 0..model.shells {
            let (row, i) = (self.shell(m, j), j * count + m);
            system.linear(row, row, shells.volume[j], unknowns);
            system.residual[row] -= shells.volume[j] * self.base[i];
            if j + 1 == model.shells {
                // To the surface.
                let g = self.tau * self.faces[i].inner;
                system.linear(row, row, g, unknowns);
                system.linear(row, row + 1, -g, unknowns);
                continue;
            }
            // To the next shell, what leaves here arriving there.
            let Face { flux, inner, outer } = self.faces[i];
            for (row, time) in [(row, self.tau), (row + 1, -self.tau)] {
                system.residual[row] -= time * flux;
                system.linear(row, self.shell(m, j), time * inner, unknowns);
                system.linear(row, self.shell(m, j + 1), -time * outer, unknowns);
            }
        }
        // What arrives at the surface leaves through the patches.
        let (row, last) = (self.surface(m), (model.shells - 1) * count + m);
        let sites = engobe::constants::FARADAY * model.oxide.sites;
        system.linear(row, row - 1, self.faces[last].inner, unknowns);
        system.linear(row, row, -self.faces[last].inner, unknowns);
        for p in 0..2 {
            let area = self.patches[m].surface * self.patches[m].share[p];
            system.linear(row, self.patch(m, p), -area / sites, unknowns);
        }
    }

    /// Butler and Volmer in series with the layers, on each patch.
    fn interface(&self, system: &mut System, unknowns: &[f64], m: usize) {
        let (model, k) = (self.model, self.model.depth_of(m));
        let twice_thermal = 2.0 * model.thermal_voltage();
        let x = unknowns[self.surface(m)];
        let (open, open_slope) = model.oxide.open_circuit.evaluate(x);
        let (exchange, exchange_slope) = model.oxide.exchange.evaluate(x);
        for p in 0..2 {
            let row = self.patch(m, p);
            let ratio = unknowns[row] / (2.0 * exchange);
            let per_ratio = twice_thermal / (1.0 + ratio * ratio).sqrt();
            system.linear(row, row, self.patches[m].resistance[p], unknowns);
            system.linear(row, self.potential(0, k), -1.0, unknowns);
            system.linear(row, self.potential(1, k), 1.0, unknowns);
            system.residual[row] += open + twice_thermal * ratio.asinh();
            let by_current = per_ratio / (2.0 * exchange);
            system.slopes.add_triplet(row, row, by_current);
            let by_surface = open_slope - per_ratio * ratio * exchange_slope / exchange;
            system.slopes.add_triplet(row, self.surface(m), by_surface);
        }
    }

    /// Ohm's law and charge in both phases.
    fn potentials(&self, system: &mut System, unknowns: &[f64]) {
        let (model, last) = (self.model, self.model.depths - 1);
        for (phase, sign) in [(0, 1.0), (1, -1.0)] {
            let resistance: Vec<f64> = self.conductivity[phase]
                .iter()
                .map(|s| model.width / s)
                .collect();
            for k in 0..last {
                let g = 2.0 / (resistance[k] + resistance[k + 1]);
                let (a, b) = (self.potential(phase, k), self.potential(phase, k + 1));
                for (here, there) in [(a, b), (b, a)] {
                    system.linear(here, here, g, unknowns);
                    system.linear(here, there, -g, unknowns);
                }
            }
            for m in 0..model.particles() {
                let row = self.potential(phase, model.depth_of(m));
                let volume = model.volume_of(m) * self.connected[m];
                for p in 0..2 {
                    let area = volume * self.patches[m].surface * self.patches[m].share[p];
                    system.linear(row, self.patch(m, p), sign * area, unknowns);
                }
            }
        }
        // Both ends by the even fall of the current in the volume there.
        let separator = self.potential(1, 0);
        let g = self.between(1, 0);
        let end = 3.0 * self.conductivity[1][0] / model.width + 0.5 * g;
        system.linear(separator, separator, end, unknowns);
        system.linear(separator, self.potential(1, 1), -0.5 * g, unknowns);
        system.linear(self.potential(0, last), self.current(), -1.0, unknowns);
    }

    /// Conductance of a phase between a depth and the next, S/m2.
    fn between(&self, phase: usize, k: usize) -> f64 {
        let s = &self.conductivity[phase];
        2.0 / (self.model.width * (1.0 / s[k] + 1.0 / s[k + 1]))
    }

    /// Voltage of the cell and its slope in the current at given potentials.
    fn voltage(&self, unknowns: &[f64]) -> [f64; 2] {
        let (model, last) = (self.model, self.model.depths - 1);
        let (anode, current) = (&model.anode, unknowns[self.current()]);
        let end = model.width / self.conductivity[0][last];
        let ohmic = end / 3.0 + model.separator_resistance + anode.ohmic;
        let [here, before] = [last, last - 1].map(|k| unknowns[self.potential(0, k)]);
        let arriving = self.between(0, last - 1) * (here - before);
        let twice = 2.0 * anode.exchange;
        let over = 2.0 * model.thermal_voltage() * (current / twice).asinh();
        let per_current = 2.0 * model.thermal_voltage() / twice.hypot(current);
        let filled = self.lithiation + self.tau * current / anode.capacity;
        let (open, slope) = anode.open_circuit.evaluate(filled);
        [
            here + end * arriving / 6.0 + current * ohmic + over - open,
            ohmic + per_current - slope * self.tau / anode.capacity,
        ]
    }

    /// What is imposed on the cell.
    fn cell(&self, system: &mut System, unknowns: &[f64]) {
        let row = self.current();
        match self.load {
            Load::Current(current) => {
                system.linear(row, row, 1.0, unknowns);
                system.residual[row] -= current;
            }
            Load::Voltage(target) => {
                let [voltage, slope] = self.voltage(unknowns);
                system.residual[row] = voltage - target;
                system.slopes.add_triplet(row, row, slope);
                let last = self.model.depths - 1;
                let end = self.model.width / self.conductivity[0][last];
                let share = self.between(0, last - 1) * end / 6.0;
                for (k, slope) in [(last, 1.0 + share), (last - 1, -share)] {
                    system.slopes.add_triplet(row, self.potential(0, k), slope);
                }
            }
            Load::Power(power) => {
                // I V = P
                let ([voltage, slope], current) = (self.voltage(unknowns), unknowns[row]);
                system.residual[row] = current * voltage - power;
                system
                    .slopes
                    .add_triplet(row, row, voltage + current * slope);
                let collector = self.potential(0, self.model.depths - 1);
                system.slopes.add_triplet(row, collector, current);
            }
            Load::Resistance(ratio) => {
                // V = R I
                let [voltage, slope] = self.voltage(unknowns);
                system.residual[row] = voltage - ratio * unknowns[row];
                system.slopes.add_triplet(row, row, slope - ratio);
                let collector = self.potential(0, self.model.depths - 1);
                system.slopes.add_triplet(row, collector, 1.0);
            }
        }
    }

    /// Shells in the order of the state.
    fn shells(&self, unknowns: &[f64]) -> Vec<f64> {
        let count = self.model.particles();
        (0..count * self.model.shells)
            .map(|i| unknowns[self.shell(i % count, i / count)])
            .collect()
    }

    /// The stage's potentials, currents, shells and voltage against `found`'s.
    fn compare(&self, unknowns: &[f64], found: &Found) {
        let model = self.model;
        for k in 0..model.depths {
            let drop = unknowns[self.potential(0, k)] - unknowns[self.potential(1, k)];
            let error = (found.potential[k] - drop).abs();
            assert!(error < 1e-9, "depth {k}: {error:e} V under {:?}", self.load);
        }
        for m in 0..model.particles() {
            for p in 0..2 {
                let expected = unknowns[self.patch(m, p)];
                let error = (found.currents[m][p] / expected - 1.0).abs();
                assert!(error < 1e-8, "particle {m}, patch {p}: {error:e}");
            }
        }
        for (a, b) in self.shells(unknowns).iter().zip(found.shells) {
            assert!((b / a - 1.0).abs() < 1e-8, "shells {a} {b}");
        }
        let error = (found.current / unknowns[self.current()] - 1.0).abs();
        assert!(error < 1e-8, "current {error:e}");
        let error = (found.voltage - self.voltage(unknowns)[0]).abs();
        assert!(error < 1e-9, "voltage {error:e}");
    }
}

/// The solver's answer for a stage.
struct Found<'a> {
    potential: &'a [f64],
    currents: Vec<[f64; 2]>,
    shells: &'a [f64],
    current: f64,
    voltage: f64,
}

/// What flows inwards through an outer face, 1/s: `flux + outer x_outer - inner x_inner`.
#[derive(Clone, Copy)]
struct Face {
    flux: f64,
    inner: f64,
    outer: f64,
}

/// The outer faces, linearised about the stoichiometries `at`: D integrated between
/// those of two shells by Simpson's rule, and D at either; below the surface, D halfway
/// there along the last gradient.
fn linearised_faces(model: &Electrode, at: &[f64]) -> Vec<Face> {
    const PANELS: usize = 256;
    let count = model.particles();
    // An extrapolated state may lie beyond 0..1, where D stays what it is at the end.
    let inside: Vec<f64> = at.iter().map(|x| x.clamp(0.0, 1.0)).collect();
    (0..at.len())
        .map(|i| {
            let (j, shells) = (i / count, &model.geometry[model.class_of(i % count)]);
            let shape = shells.area[j] / shells.distance[j];
            if j + 1 == model.shells {
                let gradient = (at[i] - at[i - count]) / shells.distance[j - 1];
                let halfway = at[i] + 0.5 * shells.distance[j] * gradient;
                let g = shape * model.oxide.diffusivity(halfway.clamp(0.0, 1.0));
                return Face {
                    flux: 0.0,
                    inner: g,
                    outer: g,
                };
            }
            let (from, to) = (inside[i], inside[i + count]);
            let x = |s: usize| from + (to - from) * s as f64 / PANELS as f64;
            let weight = |s: usize| match s {
                0 | PANELS => 1.0,
                s if s % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let sum: f64 = (0..=PANELS)
                .map(|s| weight(s) * model.oxide.diffusivity(x(s)))
                .sum();
            let integral = (to - from) * sum / (3 * PANELS) as f64;
            let [inner, outer] = [from, to].map(|x| shape * model.oxide.diffusivity(x));
            Face {
                flux: shape * integral + inner * from - outer * to,
                inner,
                outer,
            }
        })
        .collect()
}

/// `model` after `hours` of charge at 0.2C: gradients in the particles and the depth.
fn under_way(model: &Electrode, hours: f64) -> State {
    let mut cell = Cell::new(model, model.initial_state(), 1e-3);
    let charge = Step {
        duration: Some(hours * 3600.0),
        ..Step::new(Control::Current(0.2 * model.one_c), "charge")
    };
    cell.run(&charge, &mut |_, _| {});
    cell.state
}

/// Loads of every kind for a cell at `voltage` (V): charge and discharge, mild and hard.
fn loads(model: &Electrode, voltage: f64) -> [Load; 9] {
    let power = voltage * model.one_c;
    let resistance = voltage / model.one_c;
    [
        Load::Current(0.2 * model.one_c),
        Load::Current(2.0 * model.one_c),
        Load::Current(-0.2 * model.one_c),
        Load::Voltage(voltage + 0.05),
        Load::Voltage(voltage - 0.3),
        Load::Power(0.2 * power),
        Load::Power(-0.05 * power),
        Load::Resistance(resistance / 0.3),
        Load::Resistance(-resistance),
    ]
}

#[test]
fn a_stage_gives_what_the_whole_system_gives() {
    let model = cell();
    // In the kinetically hindered region, on the plateau, and in the H2-H3 region.
    for hours in [0.1, 1.5, 4.0] {
        let state = under_way(&model, hours);
        for load in loads(&model, state.scalar(Field::Voltage)) {
            let tau = 120.0;
            let base = &state[Field::Shells];
            let lithiation = state.scalar(Field::AnodeLithiation);
            let whole = Whole::new(&model, &state, (base, lithiation), base, base, tau, load);
            let unknowns = whole.solve(&state);

            let mut solver = Solver::new(&model);
            let mut frozen = solver.freeze(&model, &state).clone();
            let mut diffusion = Diffusion::new(&model);
            diffusion.linearise(&model, base, &frozen.lost, &frozen.slowing);
            diffusion.eliminate(base, tau);
            let side = SideBase {
                polysulfide: vec![0.0; model.particles()],
                carbonate: vec![0.0; model.particles()],
                sulfide: vec![0.0; model.particles()],
                carbon: vec![0.0; model.depths],
                collector: 0.0,
                lithiation,
            };
            let mut stage = Stage::new(&model);
            stage.start_from_state(&state);
            stage
                .solve(
                    &model,
                    &mut frozen,
                    &diffusion,
                    &side,
                    tau,
                    (load, 1e-8, true),
                )
                .expect("a stage that settles");
            let found = Found {
                potential: &stage.potential,
                currents: stage.currents.clone(),
                shells: &stage.shells,
                current: stage.current,
                voltage: stage.voltage,
            };
            whole.compare(&unknowns, &found);
            for (m, interface) in stage.interface.iter().enumerate() {
                let error = (interface.surface / unknowns[whole.surface(m)] - 1.0).abs();
                assert!(error < 1e-8, "surface of {m}: {error:e}");
            }
        }
    }
}

#[test]
fn two_steps_give_what_the_whole_system_gives() {
    let model = cell();
    let (start, length) = (under_way(&model, 1.5), 300.0);
    let tau = GAMMA * length;
    let ahead = |x: &[f64], slope: &[f64], time: f64| -> Vec<f64> {
        x.iter().zip(slope).map(|(x, s)| x + time * s).collect()
    };
    let rate = |to: &[f64], from: &[f64], time: f64| -> Vec<f64> {
        to.iter().zip(from).map(|(a, b)| (a - b) / time).collect()
    };
    for load in loads(&model, start.scalar(Field::Voltage)) {
        let mut solver = Solver::new(&model);
        let mut state = start.clone();
        // The first step knows no slope; the second extrapolates with that of the first.
        let mut slope = vec![0.0; state[Field::Shells].len()];
        for _ in 0..2 {
            let shells = state[Field::Shells].to_vec();
            let filled = state.scalar(Field::AnodeLithiation);
            let middle = ahead(&shells, &slope, 0.5 * length);
            let predicted = ahead(&shells, &slope, tau);
            let base = (&shells[..], filled);
            let whole = Whole::new(&model, &state, base, &predicted, &middle, tau, load);
            let first = whole.solve(&state);
            let change = rate(&whole.shells(&first), &shells, tau);
            let carried = ahead(&shells, &change, length - tau);
            let passed = (length - tau) * first[whole.current()] / model.anode.capacity;
            let base = (&carried[..], filled + passed);
            let predicted = ahead(&shells, &change, length);
            let last = Whole::new(&model, &state, base, &predicted, &middle, tau, load);
            let second = last.solve(&state);

            let result = solver
                .attempt(&model, &state, load, length, 1e-8)
                .expect("a step that settles");
            solver.accept(&model, &mut state);
            assert!((result.voltage[0] - whole.voltage(&first)[0]).abs() < 1e-9);
            assert!((result.current[0] / first[whole.current()] - 1.0).abs() < 1e-8);
            let (bare, coated) = (&state[Field::CurrentBare], &state[Field::CurrentCoated]);
            let found = Found {
                potential: &state[Field::Potential],
                currents: bare.iter().zip(coated).map(|(b, c)| [*b, *c]).collect(),
                shells: &state[Field::Shells],
                current: result.current[1],
                voltage: result.voltage[1],
            };
            last.compare(&second, &found);
            slope = rate(&last.shells(&second), &carried, tau);
        }
    }
}
