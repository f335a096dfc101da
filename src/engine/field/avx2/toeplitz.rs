//! How AVX2 multiplies a Toeplitz matrix and a prepared constant: one block of assembly, which keeps every sum in a register.

use super::{Limb, V};

/// `{v}` is a number of the constant in every lane, and `$product` that times an element of the matrix.
macro_rules! times {
    ($product:literal, $constant:expr, $element:expr) => {
        concat!(
            "vpbroadcastd {v}, [{constant} + 4*",
            $constant,
            "]\n",
            "vpmuldq ",
            $product,
            ", {v}, [{matrix} + 32*",
            $element,
            "]\n",
        )
    };
}

/// The same, added to a sum.
macro_rules! add_times {
    ($sum:literal, $constant:expr, $element:expr) => {
        concat!(
            times!("{u}", $constant, $element),
            "vpaddq ",
            $sum,
            ", ",
            $sum,
            ", {u}\n"
        )
    };
}

/// The number at hand times other elements of the matrix, added to a sum each.
macro_rules! and_times {
    ($($sum:literal $element:literal),+) => {
        concat!($(
            "vpmuldq {u}, {v}, [{matrix} + 32*", $element, "]\n",
            "vpaddq ", $sum, ", ", $sum, ", {u}\n",
        )+)
    };
}

/// A number of block `$n`, six of which each block has.
macro_rules! of_block {
    ($number:literal, $n:literal) => {
        concat!("(", $number, " + 6*", $n, ")")
    };
}

/// `$of` becomes `$from` less `$less`.
macro_rules! difference {
    ($of:literal, $from:literal, $less:literal) => {
        concat!("vpsubq ", $of, ", ", $from, ", ", $less, "\n")
    };
}

/// A block times a difference of limbs: six products, number `$n` of these blocks.
macro_rules! block {
    ($x:literal, $y:literal, $z:literal, $n:literal) => {
        concat!(
            times!($x, of_block!(12, $n), of_block!(26, $n)),
            times!("{u}", of_block!(13, $n), of_block!(27, $n)),
            times!($y, of_block!(14, $n), of_block!(28, $n)),
            difference!($z, "{u}", $y),
            difference!($y, $y, $x),
            difference!($x, $x, "{u}"),
            add_times!($x, of_block!(11, $n), of_block!(25, $n)),
            add_times!($y, of_block!(10, $n), of_block!(24, $n)),
            add_times!($z, of_block!(9, $n), of_block!(23, $n)),
        )
    };
}

/// The nine limbs of a product before their carries.
#[target_feature(enable = "avx2")]
#[inline]
pub(in crate::field) fn toeplitz(matrix: &[Limb; 41], constant: &[i32; 27]) -> [V; 9] {
    let (r0, r1, r2, r3, r4, r5, r6, r7, r8);
    // SAFETY: reads elements of both tables, which have them, and nothing else; the function has the feature
    unsafe {
        core::arch::asm!(
            // a is P3, b is P4, c is P5
            block!("{a0}", "{a1}", "{a2}", 0),
            block!("{b0}", "{b1}", "{b2}", 1),
            block!("{c0}", "{c1}", "{c2}", 2),
            // limbs 1 and 2, then 6 to 8 in b, then 3 to 5 in c
            difference!("{r1}", "{a1}", "{b1}"),
            difference!("{r2}", "{a2}", "{b2}"),
            difference!("{b0}", "{b0}", "{c0}"),
            difference!("{b1}", "{b1}", "{c1}"),
            difference!("{b2}", "{b2}", "{c2}"),
            difference!("{c0}", "{c0}", "{a0}"),
            difference!("{c1}", "{c1}", "{a1}"),
            difference!("{c2}", "{c2}", "{a2}"),
            // row 0 beside P2, P0 and P1
            times!("{r0}", 0, 0),
            and_times!("{b0}" 20, "{b1}" 21, "{b2}" 22),
            add_times!("{r0}", 1, 1),
            and_times!("{b0}" 19, "{b1}" 20, "{b2}" 21),
            add_times!("{r0}", 2, 2),
            and_times!("{b0}" 18, "{b1}" 19, "{b2}" 20),
            add_times!("{r0}", 6, 6),
            and_times!("{r1}" 11, "{r2}" 12),
            add_times!("{r0}", 7, 7),
            and_times!("{r1}" 10, "{r2}" 11),
            add_times!("{r0}", 8, 8),
            and_times!("{r1}" 9, "{r2}" 10),
            add_times!("{r0}", 3, 3),
            and_times!("{c0}" 15, "{c1}" 16, "{c2}" 17),
            add_times!("{r0}", 4, 4),
            and_times!("{c0}" 14, "{c1}" 15, "{c2}" 16),
            add_times!("{r0}", 5, 5),
            and_times!("{c0}" 13, "{c1}" 14, "{c2}" 15),
            v = out(ymm_reg) _,
            u = out(ymm_reg) _,
            a0 = out(ymm_reg) _,
            a1 = out(ymm_reg) _,
            a2 = out(ymm_reg) _,
            r0 = out(ymm_reg) r0,
            r1 = out(ymm_reg) r1,
            r2 = out(ymm_reg) r2,
            c0 = out(ymm_reg) r3,
            c1 = out(ymm_reg) r4,
            c2 = out(ymm_reg) r5,
            b0 = out(ymm_reg) r6,
            b1 = out(ymm_reg) r7,
            b2 = out(ymm_reg) r8,
            matrix = in(reg) matrix.as_ptr(),
            constant = in(reg) constant.as_ptr(),
            options(pure, readonly, nostack, preserves_flags)
        );
    }
    [r0, r1, r2, r3, r4, r5, r6, r7, r8]
}
