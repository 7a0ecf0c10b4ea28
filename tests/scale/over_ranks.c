/* The replicate engine over a real MPI: `mpirun -n 3 over_ranks onus-openmpi.so`.
 *
 * Every rank runs jobs of many shapes and compares each byte with its own serial run; a rank that
 * differs says so and ends with 1. Counts are sent in pieces of five doubles as well as in one, for
 * what is sent in pieces for its length does not fit into a test. With --bench it prints what an
 * exchange costs instead, with --work N how long N replicates take (bench/ranks calls it). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "onus/exec.h"
#include "onus/ranks.h"
#include "onus/scalar.h"

typedef struct shape {
    size_t width;
} shape;

static void draw(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    (void)scratch;
    const shape *s = shared;
    onus_rng rng;
    onus_rng_init(&rng, 11, ONUS_STREAM_TEST, replicate, 0);
    for (size_t k = 0; k < s->width; k++) {
        slot[k] = onus_rng_normal(&rng);
    }
}

static onus_replicates draw_job(const shape *s, uint64_t n) {
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = draw;
    job.shared = s;
    job.n_replicates = n;
    job.width = s->width;
    return job;
}

/* 0 if the ranks' bytes are those of this process alone. */
static int compare(const onus_context *context, const shape *s, uint64_t n) {
    onus_replicates job = draw_job(s, n);
    const size_t size = (n * s->width + 1) * sizeof(double);
    double *over = calloc(1, size);
    double *alone = calloc(1, size);
    onus_error err = ONUS_ERROR_INIT;
    int bad =
        over == NULL || alone == NULL || onus_replicates_run(&job, context, over, &err) != ONUS_OK;
    job.backend = ONUS_BACKEND_SERIAL;
    bad = bad || onus_replicates_run(&job, NULL, alone, &err) != ONUS_OK ||
          memcmp(over, alone, size) != 0;
    if (bad) {
        fprintf(stderr, "rank %d: %llu replicates of %zu differ: %s\n",
                onus_ranks_rank(context->ranks), (unsigned long long)n, s->width, err.text);
    }
    free(over);
    free(alone);
    return bad;
}

static int compare_all(const onus_ranks_link *link, size_t piece) {
    static const uint64_t sizes[] = {0, 1, 2, 5, 100, 1001};
    static const size_t widths[] = {1, 3, 64};
    onus_ranks_link cut = *link;
    cut.piece = piece;
    onus_context context = {.n_threads = 1};
    if (onus_ranks_new(&cut, &context.ranks, NULL) != ONUS_OK) {
        return 1;
    }
    int n_bad = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t k = 0; k < sizeof widths / sizeof widths[0]; k++) {
            const shape s = {widths[k]};
            n_bad += compare(&context, &s, sizes[i]);
        }
    }
    const onus_ranks_word word = {"test", "x"};
    n_bad +=
        onus_ranks_agree(context.ranks, &context, &word, 1, ONUS_ERR_DATA, "", NULL) != ONUS_OK;
    /* leaving is once in a process: the object is left to the system */
    return n_bad;
}

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void idle(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    (void)shared;
    (void)scratch;
    slot[0] = (double)replicate;
}

/* Time of one meeting and exchange, by the bytes that are joined. */
static int bench(const onus_ranks_link *link) {
    onus_context context = {.n_threads = 1};
    if (onus_ranks_new(link, &context.ranks, NULL) != ONUS_OK) {
        return 1;
    }
    for (size_t n_bytes = 1024; n_bytes <= (size_t)64 << 20; n_bytes *= 4) {
        const size_t width = n_bytes / sizeof(double) / (size_t)link->n_ranks;
        double *out = calloc((size_t)link->n_ranks * width, sizeof *out);
        onus_replicates job = ONUS_REPLICATES_INIT;
        job.fn = idle;
        job.n_replicates = (uint64_t)link->n_ranks;
        job.width = width;
        const int n_rounds = n_bytes <= (1 << 20) ? 200 : 10;
        int n_bad = out == NULL;
        double began_s = 0;
        for (int i = -5; i < n_rounds && n_bad == 0; i++) {
            if (i == 0) {
                began_s = now_s();
            }
            n_bad += onus_replicates_run(&job, &context, out, NULL) != ONUS_OK;
        }
        const double each_s = (now_s() - began_s) / n_rounds;
        free(out);
        if (n_bad != 0) {
            return 1;
        }
        if (link->rank == 0) {
            printf("%d %zu %.9f\n", link->n_ranks, (size_t)link->n_ranks * width * sizeof(double),
                   each_s);
        }
    }
    return 0;
}

enum { WORK_DRAWS = 10000 };

/* About half a millisecond. */
static void work(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    (void)shared;
    (void)scratch;
    onus_rng rng;
    onus_rng_init(&rng, 13, ONUS_STREAM_TEST, replicate, 0);
    slot[0] = 0;
    for (int i = 0; i < WORK_DRAWS; i++) {
        slot[0] += onus_rng_normal(&rng);
    }
}

static int bench_work(const onus_ranks_link *link, uint64_t n) {
    onus_context context = {.n_threads = 1};
    double *out = calloc(n + 1, sizeof *out);
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = work;
    job.n_replicates = n;
    job.width = 1;
    if (out == NULL || onus_ranks_new(link, &context.ranks, NULL) != ONUS_OK) {
        return 1;
    }
    const onus_ranks_word word = {"start", ""};
    int bad =
        onus_ranks_agree(context.ranks, &context, &word, 1, ONUS_ERR_BUG, "", NULL) != ONUS_OK;
    const double began_s = now_s();
    bad += onus_replicates_run(&job, &context, out, NULL) != ONUS_OK;
    if (link->rank == 0 && bad == 0) {
        printf("%.6f\n", now_s() - began_s);
    }
    free(out);
    return bad;
}

int main(int argc, char **argv) {
    const bool is_bench = argc == 3 && strcmp(argv[2], "--bench") == 0;
    const onus_ranks_module *module = NULL;
    onus_ranks_link link;
    onus_error err = ONUS_ERROR_INIT;
    if (argc < 2 || onus_ranks_load(argv[1], true, &module, &err) != ONUS_OK ||
        module->start(&link, &err) != ONUS_OK) {
        fprintf(stderr, "over_ranks: %s\n", argc < 2 ? "usage: over_ranks MODULE" : err.text);
        return 2;
    }
    int64_t n_work = 0;
    if (argc == 4 && strcmp(argv[2], "--work") == 0 &&
        onus_parse_int64(argv[3], strlen(argv[3]), &n_work) && n_work > 0) {
        const int failed = bench_work(&link, (uint64_t)n_work);
        link.leave(link.state);
        return failed;
    }
    const int bad =
        is_bench ? bench(&link) : compare_all(&link, link.piece) + compare_all(&link, 5);
    if (link.rank == 0 && !is_bench && bad == 0) {
        printf("%d ranks\n", link.n_ranks);
    }
    link.leave(link.state);
    return bad != 0;
}
