//! A whole sweep on every backend that this processor has, with a filter that lets nearly nothing through.

mod common;

use std::hint::black_box;

use common::sweeper;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use meshcore_keygen::engine::Backend;
use meshcore_keygen::engine::coarse::{Coarse, LOW_MASK, WordRule};

fn sweep(criterion: &mut Criterion) {
    let coarse = Coarse {
        low: WordRule::Masked {
            mask: LOW_MASK >> 8,
            value: 0x34_12ee_ffc0,
        },
        ..Coarse::default()
    };
    let mut group = criterion.benchmark_group("sweep");
    for backend in Backend::ALL {
        let Some(mut sweeper) = sweeper(backend) else {
            continue;
        };
        group.throughput(Throughput::Elements(sweeper.candidates_per_sweep()));
        group.bench_function(BenchmarkId::from_parameter(backend), |bencher| {
            bencher.iter(|| sweeper.sweep(&coarse, &mut |survivor| _ = black_box(survivor)));
        });
    }
    group.finish();
}

criterion_group!(benches, sweep);
criterion_main!(benches);
