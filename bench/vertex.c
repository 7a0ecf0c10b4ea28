/* The vertex bootstrap on one thread: people who were all compared with one another, a few errors.
 *
 *   onus_bench_vertex PEOPLE SIGHTINGS REPLICATES [plain]
 *
 * prints {"cpu_s": median of 5, "peak_mb": ..., "comparisons": ..., "errors": ..., "terms": ...,
 * "sd":
 * ...}. SIGHTINGS each, at as many cameras, compared across cameras; one pair in a thousand errs.
 * `plain` keeps every pair, as a table that is no full design would. The plan is made anew in every
 * timed run. bench/vertex runs numpy on the same design beside it. */
#include "bench.h"
#include "onus/alloc.h"
#include "onus/stats_dyadic.h"

enum { TIMES = 5 };

static onus_dyads table_of(int32_t n_people, uint64_t each) {
    const size_t n_pairs = (size_t)n_people * ((size_t)n_people - 1) / 2;
    onus_dyads out = {.n_people = (size_t)n_people,
                      .pairs = bench_room(n_pairs, sizeof *out.pairs)};
    onus_rng rng;
    onus_rng_init(&rng, 1, ONUS_STREAM_TEST, 0, 0);
    for (int32_t i = 0; i < n_people; i++) {
        for (int32_t j = i + 1; j < n_people; j++) {
            const uint64_t n = each * each - each; /* not at one camera */
            uint64_t k = 0;
            for (uint64_t c = 0; c < n; c++) {
                k += onus_rng_below(&rng, 1000) == 0;
            }
            out.pairs[out.n_pairs++] = (onus_dyad){i, j, n, k};
            out.n_comparisons += n;
            out.n_errors += k;
        }
    }
    return out;
}

/* s_i s_j of all, less those at each camera. */
static onus_dyad_factor *factors_of(size_t n_people, uint32_t each, size_t *n) {
    *n = 1 + each;
    onus_dyad_factor *out = bench_room(*n, sizeof *out);
    for (size_t k = 0; k < *n; k++) {
        uint32_t *s = bench_room(n_people, sizeof *s);
        for (size_t i = 0; i < n_people; i++) {
            s[i] = k == 0 ? each : 1;
        }
        out[k] = (onus_dyad_factor){.scale = k == 0 ? 1 : -1, .u = s, .v = s};
    }
    return out;
}

int main(int argc, char **argv) {
    bench_must(argc >= 4, "onus_bench_vertex PEOPLE SIGHTINGS REPLICATES [plain]");
    const int32_t n_people = (int32_t)atoi(argv[1]);
    const uint32_t each = (uint32_t)atoi(argv[2]);
    const size_t n_replicates = (size_t)atoi(argv[3]);
    bench_must(n_people > 1 && each > 1 && n_replicates > 1, "sizes above 1");
    const onus_dyads dyads = table_of(n_people, each);
    onus_vertex_rate rate = {.dyads = &dyads};
    if (argc == 4) {
        rate.factors = factors_of((size_t)n_people, each, &rate.n_factors);
    }
    double *drawn = bench_room(n_replicates, sizeof *drawn);
    double cpu_s[TIMES];
    size_t n_terms = 0;
    const onus_context context = {.n_threads = 1};
    for (size_t t = 0; t < TIMES; t++) {
        onus_vertex_plan *plan = NULL;
        const double start = bench_cpu_s();
        bench_ok(onus_vertex_plan_new(&rate, 1, &plan));
        bench_ok(onus_vertex_bootstrap(plan, ONUS_VERTEX_MULTINOMIAL, 7, n_replicates, &context,
                                       drawn, NULL));
        cpu_s[t] = bench_cpu_s() - start;
        n_terms = onus_vertex_plan_n_terms(plan);
        onus_vertex_plan_free(plan);
    }
    double mean = 0.0;
    double squares = 0.0;
    for (size_t r = 0; r < n_replicates; r++) {
        mean += drawn[r] / (double)n_replicates;
    }
    for (size_t r = 0; r < n_replicates; r++) {
        squares += (drawn[r] - mean) * (drawn[r] - mean);
    }
    printf("{\"cpu_s\": %.6f, \"peak_mb\": %.1f, \"comparisons\": %llu, \"errors\": %llu, "
           "\"terms\": %zu, \"sd\": %.6g}\n",
           bench_median(cpu_s, TIMES), bench_peak_mb(), (unsigned long long)dyads.n_comparisons,
           (unsigned long long)dyads.n_errors, n_terms,
           sqrt(squares / ((double)n_replicates - 1.0)));
    return 0;
}
