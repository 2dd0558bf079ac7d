//! Every seed, and every input that was found once, through its target: what was mended stays so without the engine.

use fuzz::{TARGETS, Target};
use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

#[test]
fn every_seed_and_every_input_that_was_found_once_keeps_its_promises() {
    let mut broken = Vec::new();
    for target in &TARGETS {
        let made = (target.seeds)().into_iter().enumerate().map(|(number, seed)| (format!("seed {number}"), seed));
        for (name, input) in made.chain(target.kept().unwrap()) {
            if catch_unwind(AssertUnwindSafe(|| (target.run)(&input))).is_err() {
                broken.push(format!("{}: {name}", target.name));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn nothing_and_noise_are_inputs_as_well() {
    for target in &TARGETS {
        for noise in [&[][..], &[0], &[255; 300], b"\n\n\n", "\u{1f600}".as_bytes()] {
            (target.run)(noise);
        }
    }
}

#[test]
fn a_target_has_one_name_and_something_to_begin_with() {
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), TARGETS.len());
    for target in &TARGETS {
        assert!((target.seeds)().len() >= 5, "{}", target.name);
        assert!(Target::named(target.name).is_some());
        // Small: they stand in the repository for ever.
        assert!(target.kept().unwrap().iter().all(|(_, seed)| seed.len() <= 4096), "{}", target.name);
    }
}
