//! The compiled filter with 1, 1,000 and 100,000 patterns: what a sweep costs with it, on the backend of a search.

mod common;

use std::hint::black_box;

use common::sweeper;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use meshcore_keygen::engine::Backend;
use meshcore_keygen::testing::pattern::{Filter, PatternError, Request, Wanted};
use meshcore_keygen::testing::spot_check_bits;

/// Odd and without pattern: spreads consecutive numbers over all beginnings.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// So many prefixes of 8 to 12 digits, none of them reserved.
fn prefixes(count: u64) -> Vec<String> {
    let digits = |n: u64| 8 + (n % 5) as usize;
    let prefix = |n: u64| format!("A{:016X}", n.wrapping_mul(SPREAD))[..digits(n)].to_owned();
    (1..=count).map(prefix).collect()
}

fn filter_of(patterns: u64, backend: Backend) -> Result<Filter, PatternError> {
    let request = Request {
        prefixes: prefixes(patterns),
        ..Request::default()
    };
    let (wanted, _) = Wanted::new(request)?;
    Ok(Filter::compile(&wanted, None, spot_check_bits(backend)))
}

fn filter(criterion: &mut Criterion) {
    let backend = Backend::detect();
    let mut group = criterion.benchmark_group("filter");
    for patterns in [1, 1_000, 100_000] {
        let (Some(mut sweeper), Ok(filter)) = (sweeper(backend), filter_of(patterns, backend))
        else {
            continue;
        };
        group.throughput(Throughput::Elements(sweeper.candidates_per_sweep()));
        group.bench_function(BenchmarkId::from_parameter(patterns), |bencher| {
            bencher.iter(|| {
                sweeper.sweep(filter.coarse(), &mut |survivor| {
                    _ = black_box(filter.plausible(survivor.low, survivor.high));
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, filter);
criterion_main!(benches);
