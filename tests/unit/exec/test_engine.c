/* The replicate engine: the same bytes from every backend and number of threads. */
#include "../fault.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/exec.h"
#include "onus/sum.h"

typedef struct walk {
    size_t n_steps;
} walk;

/* A kernel of uneven cost that uses its scratch and draws of three shapes. */
static void walk_kernel(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const walk *job = shared;
    double *steps = scratch;
    onus_rng rng;
    onus_rng_init(&rng, 99, ONUS_STREAM_TEST, replicate, 0);
    const size_t n = job->n_steps / 2 + onus_rng_below(&rng, (uint32_t)job->n_steps / 2);
    for (size_t i = 0; i < n; i++) {
        steps[i] = onus_rng_normal(&rng) * 1e8 + onus_rng_uniform(&rng);
    }
    slot[0] = onus_sum_of(steps, n);
    slot[1] = (double)onus_rng_poisson(&rng, 3);
    slot[2] = (double)replicate;
}

enum { N_REPLICATES = 1000, WIDTH = 3, N_STEPS = 200 };

static onus_replicates walk_job(const walk *shared, onus_backend backend) {
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = walk_kernel;
    job.shared = shared;
    job.n_replicates = N_REPLICATES;
    job.width = WIDTH;
    job.scratch_size = N_STEPS * sizeof(double);
    job.backend = backend;
    job.team_pays_s = 0; /* however short, the job is shared out */
    return job;
}

static void bytes_are_equal_for_any_backend_and_number_of_threads(void **state) {
    (void)state;
    static double serial[N_REPLICATES * WIDTH];
    static double threaded[N_REPLICATES * WIDTH];
    const walk shared = {N_STEPS};
    onus_replicates job = walk_job(&shared, ONUS_BACKEND_SERIAL);
    assert_int_equal(onus_replicates_run(&job, NULL, serial, NULL), ONUS_OK);
    for (size_t r = 0; r < N_REPLICATES; r++) {
        assert_true(serial[r * WIDTH + 2] == (double)r);
    }
    job = walk_job(&shared, ONUS_BACKEND_OPENMP);
    const int n_threads[] = {1, 2, 7, 0};
    for (size_t i = 0; i < 4; i++) {
        const onus_context context = {.n_threads = n_threads[i]};
        memset(threaded, 0, sizeof threaded);
        assert_int_equal(onus_replicates_run(&job, &context, threaded, NULL), ONUS_OK);
        assert_memory_equal(serial, threaded, sizeof serial);
    }
}

static void bytes_are_equal_wherever_the_team_takes_over(void **state) {
    (void)state;
    static double serial[N_REPLICATES * WIDTH];
    static double threaded[N_REPLICATES * WIDTH];
    const walk shared = {N_STEPS};
    onus_replicates job = walk_job(&shared, ONUS_BACKEND_SERIAL);
    assert_int_equal(onus_replicates_run(&job, NULL, serial, NULL), ONUS_OK);
    job.backend = ONUS_BACKEND_OPENMP;
    const onus_context context = {.n_threads = 3};
    /* At the first look at the clock; perhaps half-way; never. */
    const double team_pays_s[] = {1e-9, 2e-3, 1e9};
    for (size_t i = 0; i < 3; i++) {
        job.team_pays_s = team_pays_s[i];
        memset(threaded, 0, sizeof threaded);
        assert_int_equal(onus_replicates_run(&job, &context, threaded, NULL), ONUS_OK);
        assert_memory_equal(serial, threaded, sizeof serial);
    }
}

static double term(const void *shared, size_t i) {
    const double *scale = shared;
    const double wave = (double)((uint32_t)i * UINT32_C(2654435761)) * *scale;
    return wave + (i % 1000 == 0 ? 1e15 : 0) - (i % 1000 == 1 ? 1e15 : 0);
}

static void sums_are_equal_for_any_number_of_threads(void **state) {
    (void)state;
    const double scale = 0.1;
    const size_t sizes[] = {0, 1, 17, 4095, 4096, 4097, 100000, 1200003};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        onus_sum plain = {0};
        for (size_t i = 0; i < sizes[s]; i++) {
            onus_sum_add(&plain, term(&scale, i));
        }
        onus_context context = {.n_threads = 1};
        const double one = onus_exec_sum(term, &scale, sizes[s], &context);
        assert_true(fabs(one - onus_sum_get(&plain)) <= 1e-9 * fabs(one) + 1e-12);
        const int n_threads[] = {2, 7, 0};
        for (size_t i = 0; i < 3; i++) {
            context.n_threads = n_threads[i];
            const double many = onus_exec_sum(term, &scale, sizes[s], &context);
            assert_memory_equal(&one, &many, sizeof one);
        }
    }
}

typedef struct watch {
    volatile sig_atomic_t stop;
    uint64_t stop_at;
    uint64_t last;
    uint64_t total;
    int n_calls;
    bool is_increasing;
} watch;

static void watch_progress(void *state, const char *stage, uint64_t done, uint64_t total) {
    watch *w = state;
    assert_string_equal(stage, "replicates");
    w->is_increasing = w->is_increasing && done > w->last;
    w->last = done;
    w->total = total;
    w->n_calls++;
    if (done >= w->stop_at) {
        w->stop = 1;
    }
}

static void progress_increases_and_ends_at_the_total(void **state) {
    (void)state;
    static double out[N_REPLICATES * WIDTH];
    const walk shared = {N_STEPS};
    for (int backend = ONUS_BACKEND_SERIAL; backend <= ONUS_BACKEND_RANKS; backend++) {
        watch w = {.is_increasing = true, .stop_at = UINT64_MAX};
        const onus_context context = {
            .progress = watch_progress, .progress_state = &w, .n_threads = 3};
        const onus_replicates job = walk_job(&shared, (onus_backend)backend);
        assert_int_equal(onus_replicates_run(&job, &context, out, NULL), ONUS_OK);
        assert_true(w.is_increasing);
        assert_int_equal(w.last, N_REPLICATES);
        assert_int_equal(w.total, N_REPLICATES);
        assert_in_range(w.n_calls, 50, 210);
    }
}

static void a_raised_flag_ends_the_run(void **state) {
    (void)state;
    static double out[N_REPLICATES * WIDTH];
    const walk shared = {N_STEPS};
    for (int backend = ONUS_BACKEND_SERIAL; backend <= ONUS_BACKEND_RANKS; backend++) {
        watch w = {.is_increasing = true, .stop_at = 100};
        const onus_context context = {
            .progress = watch_progress, .progress_state = &w, .stop = &w.stop, .n_threads = 2};
        const onus_replicates job = walk_job(&shared, (onus_backend)backend);
        onus_error err = ONUS_ERROR_INIT;
        assert_int_equal(onus_replicates_run(&job, &context, out, &err), ONUS_ERR_INTERRUPTED);
        assert_string_equal(err.text, "interrupted during replicates");
        assert_true(w.last < N_REPLICATES);
    }
}

static void a_worker_without_memory_ends_the_run(void **state) {
    (void)state;
    static double out[N_REPLICATES * WIDTH];
    const walk shared = {N_STEPS};
    const onus_context one = {.n_threads = 1};
    for (int backend = ONUS_BACKEND_SERIAL; backend <= ONUS_BACKEND_RANKS; backend++) {
        int n_rounds = 0;
        FAULT_EACH(fault) {
            const onus_replicates job = walk_job(&shared, (onus_backend)backend);
            onus_error err = ONUS_ERROR_INIT;
            const onus_status status = onus_replicates_run(&job, &one, out, &err);
            fault_expect(&fault, status);
            assert_int_equal(err.status, status);
            n_rounds++;
        }
        assert_int_equal(n_rounds, 2); /* one block of scratch, one clean round */
    }
    /* The calling thread begins alone; without scratch it does not get that far. */
    const onus_context two = {.n_threads = 2};
    FAULT_EACH(fault) {
        onus_replicates job = walk_job(&shared, ONUS_BACKEND_OPENMP);
        job.team_pays_s = 1e9;
        fault_expect(&fault, onus_replicates_run(&job, &two, out, NULL));
    }
    /* A sum has nobody to tell: it falls back on no workers, with the same bytes. */
    const double scale = 1;
    const double want = onus_exec_sum(term, &scale, 50000, &one);
    FAULT_EACH(fault) {
        const double got = onus_exec_sum(term, &scale, 50000, &one);
        assert_memory_equal(&got, &want, sizeof got);
    }
}

static void an_empty_job_is_done_at_once(void **state) {
    (void)state;
    const walk shared = {N_STEPS};
    for (int backend = ONUS_BACKEND_SERIAL; backend <= ONUS_BACKEND_RANKS; backend++) {
        onus_replicates job = walk_job(&shared, (onus_backend)backend);
        job.n_replicates = 0;
        assert_int_equal(onus_replicates_run(&job, NULL, NULL, NULL), ONUS_OK);
    }
}

static void a_job_that_makes_no_sense_is_a_bug(void **state) {
    (void)state;
    double out[1];
    const walk shared = {N_STEPS};
    onus_replicates job = walk_job(&shared, (onus_backend)57);
    assert_int_equal(onus_replicates_run(&job, NULL, out, NULL), ONUS_ERR_BUG);
    job = walk_job(&shared, ONUS_BACKEND_SERIAL);
    job.fn = NULL;
    assert_int_equal(onus_replicates_run(&job, NULL, out, NULL), ONUS_ERR_BUG);
    job = walk_job(&shared, ONUS_BACKEND_SERIAL);
    job.n_replicates = UINT64_MAX / 2;
    assert_int_equal(onus_replicates_run(&job, NULL, out, NULL), ONUS_ERR_BUG);
}

static void the_number_of_threads_is_at_least_one(void **state) {
    (void)state;
    assert_true(onus_exec_n_threads(NULL) >= 1);
    assert_true(onus_exec_n_threads(&(onus_context){.n_threads = 0}) >= 1);
    assert_true(onus_exec_n_threads(&(onus_context){.n_threads = -3}) >= 1);
    assert_int_equal(onus_exec_n_threads(&(onus_context){.n_threads = 7}), 7);
    assert_int_equal(onus_exec_n_threads(&(onus_context){.n_threads = 1 << 30}), 1024);
}

/* ---- blocks: results of no fixed size ---- */

enum { N_BLOCKS = 400 };

typedef struct piles {
    double *items[N_BLOCKS]; /* block k's own: a list as long as chance says */
    size_t n_items[N_BLOCKS];
    uint32_t most;    /* items in a block */
    size_t first_bad; /* from this block on every third fails; in turn for two reasons */
} piles;

static onus_status pile_block(void *shared, size_t block) {
    piles *p = shared;
    if (block >= p->first_bad && (block - p->first_bad) % 3 == 0) {
        return (block - p->first_bad) % 2 == 0 ? ONUS_ERR_DOMAIN : ONUS_ERR_DATA;
    }
    onus_rng rng;
    onus_rng_init(&rng, 7, ONUS_STREAM_TEST, block, 0);
    p->n_items[block] = 1 + onus_rng_below(&rng, p->most);
    p->items[block] = malloc(p->n_items[block] * sizeof(double));
    if (p->items[block] == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < p->n_items[block]; i++) {
        p->items[block][i] = onus_rng_normal(&rng);
    }
    return ONUS_OK;
}

static void piles_clear(piles *p) {
    for (size_t k = 0; k < N_BLOCKS; k++) {
        free(p->items[k]);
        p->items[k] = NULL;
        p->n_items[k] = 0;
    }
}

static void blocks_find_the_same_on_any_number_of_threads(void **state) {
    (void)state;
    /* some 80 ms of work: worth a team */
    static piles one = {.most = 20000, .first_bad = SIZE_MAX};
    static piles many = {.most = 20000, .first_bad = SIZE_MAX};
    const onus_context alone = {.n_threads = 1};
    const onus_context team = {.n_threads = 7};
    assert_int_equal(onus_exec_blocks(pile_block, &one, N_BLOCKS, "piles", &alone), ONUS_OK);
    assert_int_equal(onus_exec_blocks(pile_block, &many, N_BLOCKS, "piles", &team), ONUS_OK);
    assert_memory_equal(one.n_items, many.n_items, sizeof one.n_items);
    for (size_t k = 0; k < N_BLOCKS; k++) {
        assert_memory_equal(one.items[k], many.items[k], one.n_items[k] * sizeof(double));
    }
    piles_clear(&one);
    piles_clear(&many);
    assert_int_equal(onus_exec_blocks(pile_block, &one, 0, "piles", NULL), ONUS_OK);
}

static void of_failing_blocks_the_first_is_told(void **state) {
    (void)state;
    static piles p = {.most = 300, .first_bad = 100}; /* 100: domain, 103: data, 106: domain, ... */
    for (int n_threads = 1; n_threads <= 7; n_threads += 3) {
        const onus_context context = {.n_threads = n_threads};
        assert_int_equal(onus_exec_blocks(pile_block, &p, N_BLOCKS, "piles", &context),
                         ONUS_ERR_DOMAIN);
        piles_clear(&p);
    }
    const onus_context one = {.n_threads = 1};
    p.first_bad = SIZE_MAX;
    FAULT_EACH(fault) {
        fault_expect(&fault, onus_exec_blocks(pile_block, &p, N_BLOCKS, "piles", &one));
        piles_clear(&p);
    }
    volatile sig_atomic_t stop = 1;
    const onus_context stopped = {.stop = &stop};
    assert_int_equal(onus_exec_blocks(pile_block, &p, N_BLOCKS, "piles", &stopped),
                     ONUS_ERR_INTERRUPTED);
    piles_clear(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_equal_for_any_backend_and_number_of_threads),
        cmocka_unit_test(bytes_are_equal_wherever_the_team_takes_over),
        cmocka_unit_test(sums_are_equal_for_any_number_of_threads),
        cmocka_unit_test(progress_increases_and_ends_at_the_total),
        cmocka_unit_test(a_raised_flag_ends_the_run),
        cmocka_unit_test(a_worker_without_memory_ends_the_run),
        cmocka_unit_test(an_empty_job_is_done_at_once),
        cmocka_unit_test(a_job_that_makes_no_sense_is_a_bug),
        cmocka_unit_test(the_number_of_threads_is_at_least_one),
        cmocka_unit_test(blocks_find_the_same_on_any_number_of_threads),
        cmocka_unit_test(of_failing_blocks_the_first_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
