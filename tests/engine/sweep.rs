//! A sweep yields exactly the public keys of s + 8k for every k it claims, each once.

use std::collections::HashMap;
use std::sync::Arc;

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use meshcore_keygen::engine::coarse::{Coarse, HIGH_TOLERANCE, LOW_MASK, WordRule};
use meshcore_keygen::engine::table::Table;
use meshcore_keygen::engine::{Backend, Sweeper};
use sha2::{Digest, Sha512};

/// A clamped scalar that depends on a number only.
fn start(seed: u64) -> [u8; 32] {
    let digest = Sha512::digest(seed.to_le_bytes());
    let mut scalar = [0; 32];
    scalar.copy_from_slice(&digest[..32]);
    curve25519_dalek::scalar::clamp_integer(scalar)
}

fn scalar(bytes: &[u8; 32]) -> Scalar {
    Scalar::from_bytes_mod_order(*bytes)
}

fn eight_times(k: i64) -> Scalar {
    let magnitude = Scalar::from(8 * k.unsigned_abs());
    if k < 0 { -magnitude } else { magnitude }
}

/// Accepts every candidate.
fn everything() -> Coarse {
    Coarse {
        low: WordRule::Masked { mask: 0, value: 0 },
        ..Coarse::default()
    }
}

/// The words that a public key has, exactly.
fn words(public: &[u8; 32]) -> (u64, u64) {
    let mut low = [0; 8];
    low[..6].copy_from_slice(&public[..6]);
    let mut high = [0; 8];
    high[2..].copy_from_slice(&public[26..]);
    (
        u64::from_le_bytes(low),
        u64::from_le_bytes(high) & (i64::MAX as u64),
    )
}

fn check_sweeps(backend: Backend, points: usize, sweeps: usize) {
    let mut sweeper = Sweeper::new(backend, Arc::new(Table::new(points))).unwrap();
    for lane in 0..sweeper.lanes() {
        let public = EdwardsPoint::mul_base(&scalar(&start(lane as u64))).compress();
        sweeper.set_start(lane, public.as_bytes()).unwrap();
    }
    let mut seen = HashMap::new();
    for _ in 0..sweeps {
        sweeper.sweep(&everything(), &mut |survivor| {
            let words = (survivor.low, survivor.high);
            assert!(
                seen.insert((survivor.lane, survivor.offset), words)
                    .is_none(),
                "twice"
            );
        });
    }
    let span = points as i64 * 2 + 1;
    let offsets = -(points as i64)..-(points as i64) + span * sweeps as i64;
    assert_eq!(
        seen.len() as u64,
        sweeper.candidates_per_sweep() * sweeps as u64
    );
    for lane in 0..sweeper.lanes() {
        let first = scalar(&start(lane as u64)) + eight_times(offsets.start);
        let mut point = EdwardsPoint::mul_base(&first);
        let step = EdwardsPoint::mul_base(&Scalar::from(8_u64));
        for k in offsets.clone() {
            let (low, high) = words(point.compress().as_bytes());
            let (got_low, got_high) = seen[&(lane, k)];
            assert_eq!(
                low & LOW_MASK,
                got_low,
                "{backend}, lane {lane}, offset {k}"
            );
            let short = high.wrapping_sub(got_high) & (i64::MAX as u64);
            assert!(
                short <= HIGH_TOLERANCE,
                "{backend}, lane {lane}, offset {k}: {short:x}"
            );
            point += step;
        }
    }
}

fn on_every_backend(test: impl Fn(Backend)) {
    for backend in Backend::ALL {
        if backend.is_supported() {
            test(backend);
        } else {
            eprintln!("skipped: this processor has no {backend}");
        }
    }
}

#[test]
fn every_claimed_candidate_comes_once_with_tables_of_all_sizes() {
    on_every_backend(|backend| {
        for points in [1, 2, 3, 7, 16, 17, 64, 255] {
            check_sweeps(backend, points, 3);
        }
    });
}

#[test]
fn many_sweeps_keep_step_with_the_scalars() {
    on_every_backend(|backend| check_sweeps(backend, 5, 200));
}

#[test]
fn the_full_table_yields_its_candidates() {
    on_every_backend(|backend| check_sweeps(backend, 2048, 1));
}
