//! How NEON computes a column of a product: its 32 registers hold the limbs of both factors, which the compiler sees to.

/// Defines functions that are never inlined.
macro_rules! apart {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)? $body:block
    )*) => { $(
        $(#[$doc])*
        #[inline(never)]
        pub(super) fn $name(_: Token, $($arg: $type),*) $(-> $result)? $body
    )* };
}

/// A sum of products: for each the name (which assembly would need) and number of the limb of `$a`, and the other factor:
/// the number of a limb of `$b`, or the name of one of several tables and the number in it.
macro_rules! sum {
    (@from {$($table:ident: $type:ty = $limbs:expr),+}, $a:expr;
        $first:ident $i:literal $from:ident $j:literal $(, $next:ident $k:literal $of:ident $l:literal)+) => {{
        use crate::field::neon::words::mul32_add;
        $(let $table: &$type = $limbs;)+
        let sum = mul32($a[$i], $from[$j]);
        $(let sum = mul32_add(sum, $a[$k], $of[$l]);)+
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
