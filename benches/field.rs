//! Field multiplication on every backend that this processor has: a chain of dependent products, as in a sweep.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use meshcore_keygen::engine::field::portable::Portable;
use meshcore_keygen::engine::field::{FieldElement, Simd};

/// Products in one iteration.
const PRODUCTS: u64 = 1_000;

/// Two chains side by side, as a sweep has them: one alone would measure latency.
fn multiply<S: Simd>(simd: S) -> [S::Fe; 2] {
    simd.vectorize(
        #[inline(always)]
        || {
            let start = simd.splat(&S::limbs(&black_box(FieldElement::ONE)));
            let factor = simd.add(&start, &start);
            let mut chains = [start, factor];
            for _ in 0..PRODUCTS / 2 {
                chains[0] = simd.mul(&chains[0], &factor);
                chains[1] = simd.mul(&chains[1], &factor);
            }
            chains
        },
    )
}

fn bench<S: Simd>(criterion: &mut Criterion, name: &str, simd: Option<S>) {
    let Some(simd) = simd else { return };
    let mut group = criterion.benchmark_group("field multiplication");
    group.throughput(Throughput::Elements(PRODUCTS * S::LANES as u64));
    group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
        bencher.iter(|| black_box(multiply(simd)));
    });
    group.finish();
}

fn all(criterion: &mut Criterion) {
    #[cfg(target_arch = "x86_64")]
    {
        use meshcore_keygen::engine::field::avx2::Avx2;
        use meshcore_keygen::engine::field::ifma::{AvxIfma, Ifma};
        bench(criterion, "avx512ifma", Ifma::detect());
        bench(criterion, "avxifma", AvxIfma::detect());
        bench(criterion, "avx2", Avx2::detect());
    }
    #[cfg(target_arch = "aarch64")]
    bench(
        criterion,
        "neon",
        meshcore_keygen::engine::field::neon::Neon::detect(),
    );
    bench(criterion, "portable", Some(Portable));
}

criterion_group!(benches, all);
criterion_main!(benches);
