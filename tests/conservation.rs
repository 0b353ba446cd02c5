//! What must be conserved over the life of a cell: lithium, charge and every element that
//! the reactions turn over, all mechanisms acting.

mod common;
#[path = "common/cycles.rs"]
mod cycles;

use common::{electrode, scenario};
use cycles::cycled;
use engobe::constants::FARADAY;
use engobe::degradation::elements::{Fates, escaping_share};
use engobe::electrode::{Electrode, Field, State};
use engobe::scenario::Scenario;
use engobe::simulation::blocks::History;
use engobe::simulation::checkpoint::Checkpoint;
use engobe::simulation::cycling::{Gathered, extents, run_cycle};
use engobe::simulation::march::Cell;

/// What a balance may miss, relative.
const EXACT: f64 = 1e-10;

/// Holds every element of `state` against the fresh cell.
fn assert_elements(scenario: &Scenario, model: &Electrode, state: &State) {
    let fates = Fates::new(&scenario.laws, escaping_share(scenario.coating.as_ref()));
    let extents = extents(scenario, state);
    let species = fates.species(&extents);
    let taken = fates.taken(&extents, &species);
    assert!(taken.mismatch(&species.elements()) < EXACT);
    // Lithium: what the species gave is what the electrodes have gained.
    let given = model.side_lithium(state);
    assert!((species.lithium / given - 1.0).abs() < EXACT);
    // Carbon: what is not gas is still on the particles, connected or not.
    let carbonate = model.carbonate_left(&model.initial_state());
    let left = model.carbonate_left(state) + species.carbon_dioxide;
    assert!((left / carbonate - 1.0).abs() < EXACT, "{left} {carbonate}");
}

#[test]
fn every_element_is_kept_over_two_hundred_aged_cycles() {
    for name in ["shi2023-pristine", "shi2023-1p"] {
        let scenario = scenario(name);
        let model = electrode(&scenario, &[1.9e-6, 2.2e-6, 2.5e-6]);
        let fresh = model.initial_state();
        let mut cell = Cell::new(&model, fresh.clone(), scenario.numerics.tolerance);
        let mut gathered = Gathered::default();
        for cycle in 1..=200 {
            let block = &scenario.protocol[0];
            run_cycle(&mut cell, &scenario, block, &fresh, &mut gathered);
            assert_elements(&scenario, &model, &cell.state);
            if cycle == 100 {
                cell = resumed(&cell, &gathered, scenario.numerics.tolerance);
            }
        }
        assert!(gathered.lithium_error < EXACT, "{}", gathered.lithium_error);
        assert!(gathered.charge_error < EXACT, "{}", gathered.charge_error);
        // The accounts that the balances rest on are not empty.
        for field in [
            Field::SideActive,
            Field::SideCarbon,
            Field::SideCollector,
            Field::SideCarbonate,
            Field::LatticeOxygen,
            Field::ContactOxygen,
            Field::IsolatedLithium,
            Field::IsolatedCarbonate,
        ] {
            assert!(cell.state.scalar(field) > 0.0, "{field:?} in {name}");
        }
        let (first, last) = (&gathered.cycles[0], &gathered.cycles[199]);
        assert!(last.discharge < 0.9 * first.discharge);
        assert!(last.energy_out < last.energy_in);
    }
}

/// The cell as it comes back from a checkpoint on disk.
fn resumed<'a>(cell: &Cell<'a>, gathered: &Gathered, tolerance: f64) -> Cell<'a> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("checkpoint");
    Checkpoint {
        key: "a key".into(),
        state: cell.state.as_slice().to_vec(),
        gathered: gathered.clone(),
        history: History::default(),
        attributions: vec![],
        spectra: Vec::new(),
    }
    .save(&path)
    .expect("a checkpoint");
    let loaded = Checkpoint::load(&path, "a key").expect("the checkpoint");
    let mut state = cell.model.initial_state();
    assert!(state.restore(&loaded.state));
    Cell::new(cell.model, state, tolerance)
}

/// Oxygen leaves the whole surface, whether or not it touches the electrolyte.
#[test]
fn rock_salt_holds_the_oxygen_where_contact_is_lost_too() {
    let mut scenario = scenario("shi2023-1p");
    scenario.mechanisms.disconnection = false;
    let model = electrode(&scenario, &[1.9e-6, 2.5e-6]);
    let (state, _) = cycled(&scenario, &model, 20);
    let salt: f64 = (0..model.particles())
        .map(|m| {
            let surface = model.surface[model.class_of(m)];
            let area = model.volume_of(m) * state[Field::Connected][m] * surface;
            let coverage = state[Field::Coverage][m];
            let [bare, coated] =
                [Field::RockSaltBare, Field::RockSaltCoated].map(|field| state[field][m]);
            area * ((1.0 - coverage) * bare + coverage * coated)
        })
        .sum();
    let oxygen = salt / scenario.laws.oxygen.rock_salt_molar_volume;
    let account = state.scalar(Field::LatticeOxygen);
    assert!((oxygen / account - 1.0).abs() < EXACT, "{oxygen} {account}");
    assert!(state[Field::ContactExponent][0] > 0.05, "contact is lost");
}

/// Where the surface stays what it is (no contact and no mass lost), the layers hold what
/// the accounts say has reacted, while the coating wears off above them.
#[test]
fn layers_hold_what_the_accounts_say() {
    let mut scenario = scenario("shi2023-1p");
    scenario.mechanisms.contact_loss = false;
    scenario.mechanisms.disconnection = false;
    scenario.laws.wear.rate *= 500.0;
    let model = electrode(&scenario, &[1.9e-6, 2.5e-6]);
    let (state, _) = cycled(&scenario, &model, 20);
    // Volume of a layer per cell area, m: on bare surface, and on coated.
    let volume = |bare: Field, coated: Option<Field>| -> f64 {
        (0..model.particles())
            .map(|m| {
                let area = model.volume_of(m)
                    * state[Field::Connected][m]
                    * model.surface[model.class_of(m)];
                let coverage = state[Field::Coverage][m];
                let under = coated.map_or(0.0, |field| state[field][m]);
                area * ((1.0 - coverage) * state[bare][m] + coverage * under)
            })
            .sum()
    };
    let laws = &scenario.laws;
    let salt = volume(Field::RockSaltBare, Some(Field::RockSaltCoated));
    let oxygen = salt / laws.oxygen.rock_salt_molar_volume;
    let account = state.scalar(Field::LatticeOxygen);
    assert!((oxygen / account - 1.0).abs() < EXACT, "{oxygen} {account}");

    let products = volume(Field::OxygenatedBare, Some(Field::OxygenatedCoated));
    let booked = model.product_volume[0] * account
        + model.product_volume[1] * state.scalar(Field::ContactOxygen);
    assert!(
        (products / booked - 1.0).abs() < EXACT,
        "{products} {booked}"
    );

    let molar = scenario.cathode.electrolyte.molar_volume();
    let per_charge = molar.expect("a sulfide") / (laws.oxidation.electrons * FARADAY);
    let polysulfide = volume(Field::Polysulfide, None);
    let booked = per_charge * state.scalar(Field::SideActive);
    assert!((polysulfide / booked - 1.0).abs() < EXACT);

    let carbon: f64 = state[Field::CarbonPolysulfide].iter().sum();
    let booked = per_charge * state.scalar(Field::SideCarbon);
    assert!((model.carbon_surface * carbon / booked - 1.0).abs() < EXACT);
    // The coating has worn, or nothing was tested.
    let coverage = state[Field::Coverage][0];
    assert!(
        coverage < 0.95 * model.initial_state()[Field::Coverage][0],
        "{coverage}"
    );
}
