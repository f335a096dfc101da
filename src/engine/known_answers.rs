//! Known answers: a sweep whose every word was computed by other means, run before a backend is trusted.

use std::sync::Arc;

use super::backend::Backend;
use super::base_point::BasePoint;
use super::coarse::{
    Bitmap, Coarse, EARLY_SHORT, FurtherLook, HIGH_MASK, HIGH_TOLERANCE, IndexSet, LOW_MASK,
    WordRule,
};
use super::sweeper::{EngineError, Sweeper};
use super::table::Table;

/// The public key of a scalar s, from an independent model of the curve in plain integers.
pub const START: [u8; 32] = [
    0x78, 0xa1, 0xc5, 0x6c, 0x60, 0x5d, 0xff, 0x55, 0x85, 0x1f, 0x4c, 0xf7, 0xa3, 0xf7, 0x00, 0xb0,
    0x7d, 0x71, 0xfa, 0x84, 0x5b, 0xf0, 0x6a, 0xf2, 0x89, 0xb0, 0x59, 0x24, 0x4c, 0xb4, 0xe1, 0xbc,
];

/// A scalar and its public key.
pub type Key = ([u8; 32], [u8; 32]);

/// The first two keys of RFC 8032, section 7.1: the scalars are the lower halves of the SHA-512 of the seeds, clamped.
pub const KEYS: [Key; 2] = [
    (
        [
            0x30, 0x7c, 0x83, 0x86, 0x4f, 0x28, 0x33, 0xcb, 0x42, 0x7a, 0x2e, 0xf1, 0xc0, 0x0a,
            0x01, 0x3c, 0xfd, 0xff, 0x27, 0x68, 0xd9, 0x80, 0xc0, 0xa3, 0xa5, 0x20, 0xf0, 0x06,
            0x90, 0x4d, 0xe9, 0x4f,
        ],
        [
            0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64,
            0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68,
            0xf7, 0x07, 0x51, 0x1a,
        ],
    ),
    (
        [
            0x68, 0xbd, 0x9e, 0xd7, 0x58, 0x82, 0xd5, 0x28, 0x15, 0xa9, 0x75, 0x85, 0xca, 0xf4,
            0x79, 0x0a, 0x7f, 0x6c, 0x6b, 0x3b, 0x7f, 0x82, 0x1c, 0x5e, 0x25, 0x9a, 0x24, 0xb0,
            0x2e, 0x50, 0x2e, 0x51,
        ],
        [
            0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b,
            0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1,
            0x2a, 0xf4, 0x66, 0x0c,
        ],
    ),
];

/// Of one candidate.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// k of the candidate (s + 8k) B.
    pub offset: i64,
    /// The first eight bytes of y, little-endian.
    pub first: u64,
    /// The last eight bytes of y, little-endian.
    pub last: u64,
}

/// The answers for some offsets, from the same model.
const ANSWERS: [Answer; 10] = [
    answer(-2, 0x02ca_1f48_a788_a5dc, 0x32e1_1a86_f60f_777b),
    answer(-1, 0xc7bb_f851_ba0f_546d, 0x4163_0410_bb95_ed1a),
    answer(0, 0x55ff_5d60_6cc5_a178, 0x3ce1_b44c_2459_b089),
    answer(1, 0x2005_774e_1e3d_951b, 0x24dd_874b_6081_0c75),
    answer(2, 0x4f19_e132_39de_c8a4, 0x27f4_7686_8f52_a471),
    answer(3, 0x0469_e933_fd48_1721, 0x478a_f4cd_6215_d63f),
    answer(4, 0xf98c_c852_9ac6_f36a, 0x60fe_cbd1_b9d2_c957),
    answer(5, 0x74eb_30ba_3f51_f7ce, 0x58b4_6b2a_fbe1_0c3e),
    answer(6, 0x4253_2daa_96d6_9c77, 0x5896_d575_9b10_3902),
    answer(7, 0x7858_8f41_c4df_15f9, 0x3304_ec40_3aa8_42a3),
];

const fn answer(offset: i64, first: u64, last: u64) -> Answer {
    Answer {
        offset,
        first,
        last,
    }
}

/// Answers below, at and above the centre.
pub fn sample() -> impl Iterator<Item = &'static Answer> {
    ANSWERS.iter().step_by(3)
}

/// Multiplies the base point by known scalars. Then sweeps a small table with every lane at a known start, and compares each
/// candidate's words: all of them by both ends, then some by rules that look at one end, as searches for a beginning, an end or
/// many beginnings do.
///
/// # Errors
/// [`EngineError::Unsupported`], or [`EngineError::WrongAnswer`] with the first difference.
pub fn self_test(backend: Backend) -> Result<(), EngineError> {
    let everything = Coarse {
        low: WordRule::Masked { mask: 0, value: 0 },
        ..Coarse::default()
    };
    BasePoint::on(backend)?;
    expect(backend, [&everything; 2], &ANSWERS)?;
    for (first, second) in [(0, 8), (3, 6), (4, 9)] {
        let answers = [ANSWERS[first], ANSWERS[second]];
        let low = answers.map(|answer| Coarse {
            low: only(answer.first, LOW_MASK),
            ..Coarse::default()
        });
        let high = answers.map(|answer| Coarse {
            high: only(answer.last, HIGH_MASK),
            ..Coarse::default()
        });
        for [first, second] in [low, high] {
            expect(backend, [&first, &second], &answers)?;
        }
        if let Some(beginnings) = looked_up(&answers) {
            expect(backend, [&beginnings; 2], &answers)?;
        }
    }
    Ok(())
}

/// The rule that looks the beginnings of these answers up.
fn looked_up(answers: &[Answer]) -> Option<Coarse> {
    const BITS: u32 = 16;
    let (mut first, mut set) = (IndexSet::empty(BITS)?, IndexSet::empty(BITS)?);
    let shift = EARLY_SHORT.ilog2();
    for answer in answers {
        first.insert(answer.first as usize);
        for short in [0, EARLY_SHORT] {
            set.insert((answer.first.wrapping_sub(short) >> shift) as usize);
        }
    }
    let bitmap = Bitmap {
        first,
        further: Vec::new(),
        early: vec![FurtherLook { shift, set }],
    };
    Some(Coarse {
        low: WordRule::Bitmap(bitmap),
        ..Coarse::default()
    })
}

/// The rule that accepts this word.
fn only(word: u64, mask: u64) -> WordRule {
    WordRule::Masked {
        mask,
        value: word & mask,
    }
}

/// Two sweeps with these rules must give these answers in every lane, and nothing else.
fn expect(backend: Backend, rules: [&Coarse; 2], answers: &[Answer]) -> Result<(), EngineError> {
    let mut sweeper = Sweeper::new(backend, Arc::new(Table::new(2)))?;
    for lane in 0..sweeper.lanes() {
        sweeper.set_start(lane, &START)?;
    }
    let wrong = |what: String| EngineError::WrongAnswer { backend, what };
    let (mut right, mut first_wrong) = (0, None);
    for coarse in rules {
        sweeper.sweep(coarse, &mut |survivor| {
            if answers.iter().any(|answer| agrees(answer, &survivor)) {
                right += 1;
            } else {
                first_wrong.get_or_insert((survivor.lane, survivor.offset));
            }
        });
    }
    if let Some((lane, offset)) = first_wrong {
        return Err(wrong(format!(
            "lane {lane}, offset {offset} differs from the known answer"
        )));
    }
    let expected = answers.len() * sweeper.lanes();
    if right != expected {
        return Err(wrong(format!(
            "{right} of {expected} known answers came out"
        )));
    }
    Ok(())
}

/// Whether a survivor is this answer: the low word exactly, the high word within its tolerance.
#[must_use]
pub fn agrees(answer: &Answer, survivor: &super::Survivor) -> bool {
    let Answer {
        offset,
        first,
        last,
    } = *answer;
    let high = last >> 16 << 16;
    let short = high.wrapping_sub(survivor.high) & (i64::MAX as u64);
    offset == survivor.offset && first & LOW_MASK == survivor.low && short <= HIGH_TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_of_this_processor_gives_the_known_answers() {
        for backend in Backend::ALL {
            match self_test(backend) {
                Err(EngineError::Unsupported(_)) => {
                    eprintln!("skipped: this processor has no {backend}")
                }
                result => assert_eq!(result, Ok(())),
            }
        }
    }
}
