//! The kernel's arithmetic against big integers, on extreme and pseudorandom values.

use num_bigint::BigUint;

use crate::cl::Queue;
use crate::objects::Argument;
use crate::tests::device;

fn big(value: u32) -> BigUint {
    BigUint::from(value)
}

fn prime() -> BigUint {
    (big(1) << 255_u32) - big(19)
}

fn limbs(value: &BigUint) -> [u32; 8] {
    let mut limbs = [0; 8];
    for (limb, digit) in limbs.iter_mut().zip(value.to_u32_digits()) {
        *limb = digit;
    }
    limbs
}

/// Values below 2^256: those at which something is carried or reduced, and others.
fn values() -> Vec<BigUint> {
    let top = big(1) << 256_u32;
    let mut values: Vec<_> = (0..3).chain([18, 19, 20, 37, 38, 39]).map(big).collect();
    for edge in [prime(), prime() * big(2), big(1) << 255_u32, top.clone()] {
        for off in [1, 2, 19, 20, 37, 38, 39, 76, 77] {
            values.extend([&edge - big(off), (&edge + big(off)) % &top]);
        }
        values.push(edge % &top);
    }
    // limbs that are full or empty
    for pattern in 1..255_u32 {
        let limb = |k: u32| BigUint::from(if pattern >> k & 1 == 1 { u32::MAX } else { 0 });
        values.push((0..8).map(|k| limb(k) << (32 * k)).sum());
    }
    values.extend(random());
    values
}

/// Pseudorandom values below 2^256.
fn random() -> Vec<BigUint> {
    let mut state = 1_u64;
    let mut limb = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    };
    let mut value = || BigUint::from_slice(&std::array::from_fn::<_, 8, _>(|_| limb()));
    (0..400).map(|_| value()).collect()
}

/// Pairs of values: each with itself, a neighbour and one from afar.
fn pairs() -> Vec<(BigUint, BigUint)> {
    let values = values();
    let n = values.len();
    let pair = |i: usize, off: usize| (values[i].clone(), values[(i * off + off) % n].clone());
    let mut pairs: Vec<_> = values.iter().map(|v| (v.clone(), v.clone())).collect();
    for off in [1, 7, 31, 101] {
        pairs.extend((0..n).map(|i| pair(i, off)));
    }
    pairs
}

/// The results of an operation on all pairs, a whole number of groups of odd size.
fn apply(op: u32, pairs: &[(BigUint, BigUint)]) -> Option<Vec<BigUint>> {
    let (_turn, device) = device()?;
    let queue = Queue::new(device.id).unwrap();
    let ptx = if device.ptx {
        c"-cl-std=CL1.2 -DKEYGEN_PTX"
    } else {
        c"-cl-std=CL1.2"
    };
    let source = concat!(include_str!("field.cl"), include_str!("field_tests.cl"));
    let mut kernel = queue.kernel(source, ptx, c"apply").unwrap();
    let flat = |of: fn(&(BigUint, BigUint)) -> &BigUint| -> Vec<u32> {
        pairs.iter().flat_map(|pair| limbs(of(pair))).collect()
    };
    let (a, b) = (flat(|pair| &pair.0), flat(|pair| &pair.1));
    let (a, b) = (queue.buffer_of(&a).unwrap(), queue.buffer_of(&b).unwrap());
    let result = queue.buffer(8 * pairs.len()).unwrap();
    let arguments = [
        a.argument(),
        b.argument(),
        result.argument(),
        Argument::Number(op),
    ];
    // SAFETY: these are the arguments of `apply`, with eight words a work-item.
    #[allow(unsafe_code)]
    unsafe {
        queue
            .launch(&mut kernel, &arguments, pairs.len(), 1)
            .unwrap();
    }
    let later = queue.read_later(&result, 8 * pairs.len()).unwrap();
    queue.flush().unwrap();
    let words = loop {
        if let Some(words) = later.get().unwrap() {
            break words.to_vec();
        }
        std::thread::yield_now();
    };
    Some(
        words
            .as_chunks::<8>()
            .0
            .iter()
            .map(|limbs| BigUint::from_slice(limbs))
            .collect(),
    )
}

#[test]
fn products_sums_and_differences_are_right_modulo_p_and_inverses_are_inverses() {
    let (pairs, p) = (pairs(), prime());
    let expected: [fn(&BigUint, &BigUint, &BigUint) -> BigUint; 6] = [
        |a, b, p| a * b % p,
        |a, b, p| (a + b) % p,
        |a, b, p| (a + p * big(3) - b) % p,
        |a, _, p| a % p,
        |a, _, p| a % p,
        |a, _, p| a.modpow(&(p - big(2)), p),
    ];
    for (op, expected) in (0..).zip(expected) {
        let Some(results) = apply(op, &pairs) else {
            return;
        };
        for ((a, b), result) in pairs.iter().zip(results) {
            assert_eq!(
                &result % &p,
                expected(a, b, &p),
                "operation {op}: {a:x} and {b:x}"
            );
            let most = match op {
                3 => p.clone(),
                4 => (big(1) << 255_u32) + big(19),
                _ => big(1) << 256_u32,
            };
            assert!(result < most, "operation {op}: {a:x} gives {result:x}");
        }
    }
}

#[test]
fn a_limb_alone_is_too_small_by_no_more_than_its_bound() {
    let (pairs, p) = (pairs(), prime());
    for (op, shift, bits, short) in [
        (6, 0, 32, 38 * 8 + 19 * 78),
        (7, 224, 31, 10),
        (9, 224, 31, 10),
    ] {
        let Some(results) = apply(op, &pairs) else {
            return;
        };
        let modulus = 1_u64 << bits;
        for ((a, b), result) in pairs.iter().zip(results) {
            let limb =
                |value: BigUint| u64::from(value.to_u32_digits().first().copied().unwrap_or(0));
            let exact = limb((a * b % &p) >> shift) % modulus;
            let lag = (exact + modulus - limb(result) % modulus) % modulus;
            assert!(lag <= short, "operation {op}: {a:x} and {b:x} lag {lag}");
        }
    }
}

#[test]
fn the_lowest_limb_with_the_highest_is_exact_but_at_edges() {
    let p = prime();
    let lags = |pairs: &[(BigUint, BigUint)]| -> Option<Vec<i32>> {
        let low = |value: BigUint| value.to_u32_digits().first().copied().unwrap_or(0);
        let lag = |((a, b), result): (&(BigUint, BigUint), BigUint)| {
            low(a * b % &p).wrapping_sub(low(result)) as i32
        };
        Some(pairs.iter().zip(apply(8, pairs)?).map(lag).collect())
    };
    let random = random();
    let pairs: Vec<_> = random
        .iter()
        .cloned()
        .zip(random.iter().rev().cloned())
        .collect();
    let Some(usual) = lags(&pairs) else { return };
    assert!(usual.iter().all(|lag| *lag == 0));
    let edges = lags(&self::pairs()).unwrap_or_default();
    assert!(
        edges.iter().all(|lag| [-19, 0, 19, 38, 57].contains(lag)),
        "{edges:?}"
    );
}
