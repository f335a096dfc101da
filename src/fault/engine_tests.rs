//! Tests of engines with faults.

use super::*;
use crate::fault::Fault;
use crate::search::fakes::ScriptedEngine;

const ID: WorkerId = WorkerId {
    worker: 1,
    generation: 0,
};

fn faults(spec: &str) -> Faults {
    match spec.parse().unwrap() {
        Fault::Worker(fault) => Faults::new(vec![fault], Onsets::default()),
        other => panic!("{other:?}"),
    }
}

fn engine(spec: &str) -> Faulty {
    let mut engine = ScriptedEngine::yielding(&[(0, 1, 0), (1, 1, 0)]);
    let public = crate::key::Start::fresh().unwrap().public();
    let start = Centre::decompress(&public).unwrap();
    (0..2).for_each(|lane| engine.set_start(lane, &start).unwrap());
    faults(spec).wrap(ID, Box::new(engine))
}

fn survivors(mut engine: Faulty) -> Vec<u64> {
    let mut words = Vec::new();
    engine
        .sweep(&Coarse::default(), &mut |survivor| words.push(survivor.low))
        .unwrap();
    words
}

#[test]
fn wrong_spoils_only_its_lane() {
    let words = survivors(engine("wrong:worker=1,lane=1"));
    assert_eq!((words[0] ^ words[1]).count_ones(), 1);
}

#[test]
fn a_fault_does_nothing_before_its_time_and_to_other_workers() {
    let words = survivors(engine("wrong:worker=1,lane=1,at=1h"));
    assert_eq!(words[0], words[1]);
    let words = survivors(engine("wrong:worker=2,lane=1"));
    assert_eq!(words[0], words[1]);
}

#[test]
fn a_device_that_worked_on_during_the_last_pause_is_paused_for_longer() {
    let ms = Duration::from_millis;
    assert_eq!(missing(ms(100), ms(100), 0.5), ms(100));
    assert_eq!(missing(ms(100), ms(0), 0.5), ms(200));
    assert_eq!(missing(ms(100), ms(300), 0.5), ms(0));
}

#[test]
fn each_fault_befalls_one_engine_and_its_replacement_is_well() {
    let faults = faults("panic:worker=1");
    assert!(
        faults
            .wrap(ID, Box::new(ScriptedEngine::default()))
            .active()
            .is_some()
    );
    assert!(
        faults
            .wrap(ID, Box::new(ScriptedEngine::default()))
            .active()
            .is_none()
    );
}

#[test]
fn a_hang_that_ends_sweeps_what_it_owes() {
    for how in ["spin", "block"] {
        let words = survivors(engine(&format!("hang:worker=1,how={how},for=20ms")));
        assert_eq!(words[0], words[1], "{how}");
    }
}

#[test]
#[should_panic(expected = "a fault on purpose")]
fn panic_panics() {
    survivors(engine("panic:worker=1"));
}
