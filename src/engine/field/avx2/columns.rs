//! How AVX2 computes a column of a product.
//!
//! One factor's limbs stay in nine registers; the other factor is read from memory by the multiplications themselves.
//! Left to itself, the compiler computes many columns at once and moves a third of the values to the stack and back.
//! So a column is one block of assembly, and every function of products is compiled apart, from memory to memory.

/// Defines functions that use AVX2 and are never inlined.
///
/// `inline(never)` has no effect beside `target_feature`. So it stands at a function without the feature, into which the
/// one with it can't be inlined.
macro_rules! apart {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)? $body:block
    )*) => { $(
        $(#[$doc])*
        #[inline(never)]
        pub(super) fn $name(_: Token, $($arg: $type),*) $(-> $result)? {
            #[target_feature(enable = "avx2")]
            fn with_feature($($arg: $type),*) $(-> $result)? $body
            // SAFETY: the token was made where this feature was found
            unsafe { with_feature($($arg),*) }
        }
    )* };
}

/// A sum of products: for each the name and number of the limb of `$a`, which is in a register, and the other factor, which
/// is read from memory: the number of a limb of `$b`, or the name of one of several tables and the number in it.
macro_rules! sum {
    (@from {$($table:ident: $type:ty = $limbs:expr),+}, $a:expr;
        $first:ident $i:literal $from:ident $j:literal $(, $next:ident $k:literal $of:ident $l:literal)+) => {{
        $(let $table: &$type = $limbs;)+
        // a number beyond the table does not compile
        _ = (&$from[$j], $(&$of[$l]),+);
        let sum: V;
        // SAFETY: reads elements of the tables, which have them, and nothing else; the function has the feature
        unsafe {
            core::arch::asm!(
                concat!("vpmuludq {sum}, {", stringify!($first), "}, ymmword ptr [{", stringify!($from), "} + 32*", stringify!($j), "]"),
                $(
                    concat!("vpmuludq {term}, {", stringify!($next), "}, ymmword ptr [{", stringify!($of), "} + 32*", stringify!($l), "]"),
                    "vpaddq {sum}, {sum}, {term}",
                )+
                sum = out(ymm_reg) sum,
                term = out(ymm_reg) _,
                $($table = in(reg) $table.as_ptr(),)+
                $first = in(ymm_reg) $a[$i],
                $($next = in(ymm_reg) $a[$k],)+
                options(pure, readonly, nostack, preserves_flags)
            );
        }
        sum
    }};
    ($a:expr, $b:expr; $only:ident $i:literal $j:literal) => {
        mul32($a[$i], $b[$j])
    };
    ($a:expr, $b:expr; $($name:ident $i:literal $j:literal),+) => {
        sum!(@from {b: [Limb; 9] = $b}, $a; $($name $i b $j),+)
    };
}

pub(in crate::field) use {apart, sum};
