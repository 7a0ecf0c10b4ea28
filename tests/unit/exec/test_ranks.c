/* The backend over ranks and what holds ranks together, without MPI: ranks are threads here.
 * Threads must not fail a cmocka assertion, so each rank notes what it saw and the test looks at
 * the notes. */
#include "thread_link.h"

#include "onus/exec.h"

enum { WIDTH = 3, N_MAX = 1000 };

/* What one rank saw. */
typedef struct notes {
    onus_status status;
    onus_status after; /* of a second run or of failing */
    bool speaks;
    uint64_t n_meetings;
    onus_error err;
    double out[N_MAX * WIDTH];
} notes;

typedef struct trial {
    uint64_t n;
    double steps;
    bool nests;
    int odd_rank; /* the one that does something else; -1: none */
    volatile sig_atomic_t stop;
    notes of[THREAD_RANKS_MAX];
} trial;

static trial the; /* large: not on a stack */

static void draw(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    (void)shared;
    double *kept = scratch;
    onus_rng rng;
    onus_rng_init(&rng, 7, ONUS_STREAM_TEST, replicate, 0);
    kept[0] = onus_rng_normal(&rng);
    slot[0] = kept[0];
    slot[1] = onus_rng_uniform(&rng);
    slot[2] = (double)replicate;
}

typedef struct nest {
    const onus_context *context;
} nest;

static onus_replicates draw_job(uint64_t n, double steps) {
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.fn = draw;
    job.n_replicates = n;
    job.width = WIDTH;
    job.scratch_size = sizeof(double);
    job.steps = steps;
    return job;
}

/* A kernel that itself runs replicates, over the context that has the ranks. */
static void draw_nested(const void *shared, uint64_t replicate, void *scratch, double *slot) {
    const nest *n = shared;
    double inner[2 * WIDTH];
    const onus_replicates job = draw_job(2, 0);
    if (onus_replicates_run(&job, n->context, inner, NULL) != ONUS_OK) {
        slot[0] = -1;
        return;
    }
    draw(NULL, replicate, scratch, slot);
    slot[1] += inner[WIDTH + 2]; /* 1 */
}

static void plain(uint64_t n, double *out) {
    onus_replicates job = draw_job(n, 0);
    job.backend = ONUS_BACKEND_SERIAL;
    assert_int_equal(onus_replicates_run(&job, NULL, out, NULL), ONUS_OK);
}

static void begin(uint64_t n, double steps, int odd_rank) {
    memset(&the, 0, sizeof the);
    the.n = n;
    the.steps = steps;
    the.odd_rank = odd_rank;
}

static void run_job(thread_rank *self, void *unused) {
    (void)unused;
    notes *seen = &the.of[self->rank];
    const onus_context context = {.ranks = self->ranks, .n_threads = 2};
    const nest shared = {&context};
    onus_replicates job = draw_job(the.n, the.steps);
    if (the.nests) {
        job.fn = draw_nested;
        job.shared = &shared;
    }
    seen->status = onus_replicates_run(&job, &context, seen->out, &seen->err);
    uint64_t n_bytes = 0;
    onus_ranks_tally(self->ranks, &seen->n_meetings, &n_bytes);
}

static void every_rank_has_the_bytes_of_one_process(void **state) {
    (void)state;
    static double want[N_MAX * WIDTH];
    static const uint64_t sizes[] = {0, 1, 2, 10, 997};
    static const int n_ranks[] = {1, 2, 3, 7};
    thread_world world;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        plain(sizes[s], want);
        for (size_t i = 0; i < sizeof n_ranks / sizeof n_ranks[0]; i++) {
            begin(sizes[s], 0, -1);
            thread_ranks_run(&world, n_ranks[i], run_job, NULL);
            for (int r = 0; r < n_ranks[i]; r++) {
                assert_int_equal(the.of[r].status, ONUS_OK);
                assert_memory_equal(the.of[r].out, want, sizes[s] * WIDTH * sizeof *want);
                assert_int_equal(the.of[r].n_meetings, n_ranks[i] > 1 ? 1 : 0);
            }
            assert_int_equal(world.n_left, n_ranks[i]);
        }
    }
}

static void a_short_job_is_not_worth_a_meeting(void **state) {
    (void)state;
    static double want[N_MAX * WIDTH];
    thread_world world;
    plain(100, want);
    const double steps[] = {1, 1e6};
    for (size_t i = 0; i < 2; i++) {
        begin(100, steps[i], -1);
        thread_ranks_run(&world, 3, run_job, NULL);
        for (int r = 0; r < 3; r++) {
            assert_int_equal(the.of[r].n_meetings, i);
            assert_memory_equal(the.of[r].out, want, 100 * WIDTH * sizeof *want);
        }
    }
}

static void replicates_within_a_replicate_stay_on_their_rank(void **state) {
    (void)state;
    static double want[N_MAX * WIDTH];
    thread_world world;
    plain(50, want);
    for (double steps = 0; steps < 2; steps++) { /* shared out, and computed by each for itself */
        begin(50, steps, -1);
        the.nests = true;
        thread_ranks_run(&world, 3, run_job, NULL);
        for (int r = 0; r < 3; r++) {
            assert_int_equal(the.of[r].status, ONUS_OK);
            assert_int_equal(the.of[r].n_meetings, steps > 0 ? 0 : 1);
            for (size_t k = 0; k < 50; k++) {
                assert_true(the.of[r].out[k * WIDTH] == want[k * WIDTH]);
                assert_true(the.of[r].out[k * WIDTH + 1] == want[k * WIDTH + 1] + 1);
            }
        }
    }
}

/* The odd rank has no memory for its scratch, is asked to stop, or runs another job. */
typedef enum oddity { NO_MEMORY, STOPPED, OTHER_JOB } oddity;

enum { REFUSED_SIZE = 4242 };

/* Shared by all threads, so it keeps nothing. */
static void *refuse_one_size(void *state, void *ptr, size_t size) {
    (void)state;
    return size == REFUSED_SIZE ? NULL : realloc(ptr, size);
}

static void give_back(void *state, void *ptr) {
    (void)state;
    free(ptr);
}

static void run_oddly(thread_rank *self, void *kind) {
    notes *seen = &the.of[self->rank];
    onus_context context = {.ranks = self->ranks, .n_threads = 1};
    onus_replicates job = draw_job(the.n, 0);
    const oddity how = *(const oddity *)kind;
    if (self->rank == the.odd_rank && how == NO_MEMORY) {
        job.scratch_size = REFUSED_SIZE;
    } else if (self->rank == the.odd_rank && how == STOPPED) {
        the.stop = 1;
        context.stop = &the.stop;
    } else if (self->rank == the.odd_rank) {
        job.n_replicates++;
    }
    seen->status = onus_replicates_run(&job, &context, seen->out, &seen->err);
    seen->after = onus_replicates_run(&job, &context, seen->out, NULL);
    onus_status status = seen->status;
    seen->speaks = onus_ranks_fail(self->ranks, &context, &status);
}

static void a_failure_of_one_is_the_failure_of_all_and_is_told_once(void **state) {
    (void)state;
    thread_world world;
    const struct {
        oddity how;
        onus_status status;
        int speaker;
    } cases[] = {
        {NO_MEMORY, ONUS_ERR_NOMEM, 2},
        {STOPPED, ONUS_ERR_INTERRUPTED, 2},
        {OTHER_JOB, ONUS_ERR_BUG, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(100, 0, 2);
        oddity how = cases[i].how;
        const onus_allocator refusing = {.realloc = refuse_one_size, .free = give_back};
        onus_alloc_set(&refusing);
        thread_ranks_run(&world, 4, run_oddly, &how);
        onus_alloc_set(NULL);
        for (int r = 0; r < 4; r++) {
            assert_int_equal(the.of[r].status, cases[i].status);
            assert_int_equal(the.of[r].err.status, cases[i].status);
            assert_int_equal(the.of[r].after, cases[i].status); /* nothing more is begun */
            assert_int_equal(the.of[r].speaks, r == cases[i].speaker);
        }
        assert_int_equal(world.n_left, 4); /* all know: nobody need be killed */
        assert_int_equal(world.abort_code, 0);
    }
}

static void fail_or_run(thread_rank *self, void *all_fail) {
    notes *seen = &the.of[self->rank];
    const onus_context context = {.ranks = self->ranks, .n_threads = 1};
    onus_status status = ONUS_OK;
    if (*(const bool *)all_fail || self->rank == the.odd_rank) {
        status = self->rank == the.odd_rank ? ONUS_ERR_NOINPUT : ONUS_ERR_DATA;
    } else {
        const onus_replicates job = draw_job(the.n, 0);
        status = onus_replicates_run(&job, &context, seen->out, &seen->err);
    }
    seen->status = status;
    seen->speaks = onus_ranks_fail(self->ranks, &context, &status);
    seen->after = status;
}

static void who_waits_for_replicates_learns_of_a_failure_elsewhere(void **state) {
    (void)state;
    thread_world world;
    bool all_fail = false;
    begin(100, 0, 1);
    thread_ranks_run(&world, 3, fail_or_run, &all_fail);
    for (int r = 0; r < 3; r++) {
        assert_int_equal(the.of[r].status, ONUS_ERR_NOINPUT);
        assert_int_equal(the.of[r].after, ONUS_ERR_NOINPUT);
        assert_int_equal(the.of[r].speaks, r == 1);
    }
    assert_int_equal(world.n_left, 3);
}

static void of_many_failures_the_lowest_rank_tells_its_own(void **state) {
    (void)state;
    thread_world world;
    bool all_fail = true;
    begin(100, 0, 1);
    thread_ranks_run(&world, 3, fail_or_run, &all_fail);
    for (int r = 0; r < 3; r++) {
        assert_int_equal(the.of[r].after, ONUS_ERR_DATA); /* rank 0's, not rank 1's */
        assert_int_equal(the.of[r].speaks, r == 0);
    }
}

static void agree(thread_rank *self, void *n_words) {
    notes *seen = &the.of[self->rank];
    const onus_context context = {.ranks = self->ranks};
    onus_ranks_word words[] = {{"program", "a"}, {"case file", "b"}, {"data.csv", "c"}};
    if (self->rank == the.odd_rank) {
        words[1].digest[1] = 'x';
    }
    size_t n = *(const size_t *)n_words;
    if (n == 0) { /* another number of words on the odd rank */
        n = self->rank == the.odd_rank ? 2 : 3;
    }
    seen->status = onus_ranks_agree(self->ranks, &context, words, n, ONUS_ERR_DATA,
                                    "see the manual", &seen->err);
}

static void ranks_that_see_something_else_are_named(void **state) {
    (void)state;
    thread_world world;
    size_t n_words = 3;
    begin(0, 0, -1);
    thread_ranks_run(&world, 3, agree, &n_words);
    for (int r = 0; r < 3; r++) {
        assert_int_equal(the.of[r].status, ONUS_OK);
    }
    begin(0, 0, 2);
    thread_ranks_run(&world, 3, agree, &n_words);
    for (int r = 0; r < 3; r++) {
        assert_int_equal(the.of[r].status, ONUS_ERR_DATA);
        assert_string_equal(the.of[r].err.text,
                            "rank 2 of 3 has another case file than rank 0; see the manual");
    }
    n_words = 0;
    begin(0, 0, 1);
    thread_ranks_run(&world, 3, agree, &n_words);
    for (int r = 0; r < 3; r++) {
        assert_int_equal(the.of[r].status, ONUS_ERR_BUG);
    }
    n_words = 1001; /* more than one exchange holds: said before anybody is met */
    begin(0, 0, -1);
    thread_ranks_run(&world, 2, agree, &n_words);
    assert_int_equal(the.of[0].status, ONUS_ERR_BUG);
    assert_int_equal(the.of[1].status, ONUS_ERR_BUG);
    /* rank 0 is the one the others are compared with */
    n_words = 3;
    begin(0, 0, 0);
    thread_ranks_run(&world, 2, agree, &n_words);
    assert_string_equal(the.of[0].err.text,
                        "rank 1 of 2 has another case file than rank 0; see the manual");
}

static void stay_away_or_wait(thread_rank *self, void *unused) {
    (void)unused;
    notes *seen = &the.of[self->rank];
    if (self->rank == the.odd_rank) {
        return; /* it was killed */
    }
    the.stop = 1; /* and mpirun asks the others to stop */
    const onus_context context = {.ranks = self->ranks, .n_threads = 1, .stop = &the.stop};
    const onus_ranks_word word = {"case file", ""};
    seen->status = onus_ranks_agree(self->ranks, &context, &word, 1, ONUS_ERR_DATA, "", NULL);
}

static void nobody_waits_for_ever_for_a_rank_that_was_killed(void **state) {
    (void)state;
    thread_world world;
    begin(0, 0, 1);
    thread_ranks_run(&world, 2, stay_away_or_wait, NULL);
    assert_int_equal(the.of[0].status, ONUS_ERR_INTERRUPTED);
    assert_int_equal(world.abort_code, 130);
}

static void fail_while_the_other_computes(thread_rank *self, void *unused) {
    (void)unused;
    notes *seen = &the.of[self->rank];
    if (self->rank == the.odd_rank) {
        return; /* for longer than anybody waits */
    }
    onus_status status = ONUS_ERR_NOINPUT;
    seen->speaks = onus_ranks_fail(self->ranks, NULL, &status);
    seen->status = status;
}

static void a_rank_that_failed_does_not_wait_for_long(void **state) {
    (void)state;
    thread_world world;
    begin(0, 0, 0);
    thread_patience_ms = 5;
    thread_ranks_run(&world, 2, fail_while_the_other_computes, NULL);
    thread_patience_ms = 2000;
    assert_int_equal(the.of[1].status, ONUS_ERR_NOINPUT);
    assert_true(the.of[1].speaks);
    assert_int_equal(world.abort_code, 66);
}

static void agree_on_too_much(thread_rank *self, void *words) {
    notes *seen = &the.of[self->rank];
    seen->status = onus_ranks_agree(self->ranks, NULL, words, 1001, ONUS_ERR_DATA, "", &seen->err);
}

static void more_words_than_an_exchange_holds_are_a_bug(void **state) {
    (void)state;
    static onus_ranks_word words[1001];
    thread_world world;
    begin(0, 0, -1);
    thread_ranks_run(&world, 2, agree_on_too_much, words);
    assert_int_equal(the.of[0].status, ONUS_ERR_BUG);
    assert_int_equal(the.of[1].status, ONUS_ERR_BUG);
}

static void without_memory_a_rank_says_so_before_it_joins_in(void **state) {
    (void)state;
    thread_world world;
    int n_refused = 0;
    /* One rank: every allocation of agreeing fails in turn; those of the setting up are left out.
     */
    FAULT_EACH(fault) {
        begin(0, 0, -1);
        const onus_ranks_word word = {"case file", ""};
        thread_rank self = {.world = &world};
        world = (thread_world){.n_ranks = 1, .lock = PTHREAD_MUTEX_INITIALIZER};
        assert_int_equal(pthread_barrier_init(&world.barrier, NULL, 1), 0);
        const onus_ranks_link link = {.state = &self,
                                      .n_ranks = 1,
                                      .n_sharing = 1,
                                      .begin_min = thread_begin_min,
                                      .is_done = thread_is_done,
                                      .gather = thread_gather,
                                      .leave = thread_leave};
        onus_ranks *ranks = NULL;
        onus_status status = onus_ranks_new(&link, &ranks, NULL);
        if (status == ONUS_OK) {
            status = onus_ranks_agree(ranks, NULL, &word, 1, ONUS_ERR_DATA, "", NULL);
        }
        onus_ranks_free(ranks);
        pthread_barrier_destroy(&world.barrier);
        fault_expect(&fault, status);
        n_refused += status == ONUS_ERR_NOMEM;
    }
    assert_int_equal(n_refused, 4);
}

static void one_process_agrees_with_itself_for_nothing(void **state) {
    (void)state;
    onus_status status = ONUS_ERR_DATA;
    assert_int_equal(onus_ranks_agree(NULL, NULL, NULL, 0, ONUS_ERR_DATA, "", NULL), ONUS_OK);
    assert_true(onus_ranks_fail(NULL, NULL, &status));
    assert_int_equal(status, ONUS_ERR_DATA);
    assert_int_equal(onus_ranks_rank(NULL), 0);
    assert_int_equal(onus_ranks_n(NULL), 1);
    assert_int_equal(onus_ranks_n_threads(NULL), onus_exec_n_threads(NULL));
    onus_ranks_free(NULL);
}

static void a_module_of_this_version_is_loaded(void **state) {
    (void)state;
    const char *path = getenv("ONUS_TEST_MODULE"); /* made beside this test */
    const onus_ranks_module *module = NULL;
    char text[32];
    if (path == NULL) {
        skip();
    }
    assert_int_equal(onus_ranks_load(path, false, &module, NULL), ONUS_OK);
    module->describe(text, sizeof text);
    assert_string_equal(text, "no MPI at all");
}

static void a_module_that_is_not_there_or_not_ours_is_said(void **state) {
    (void)state;
    const onus_ranks_module *module = NULL;
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_ranks_load("/nowhere/onus-x.so", false, &module, &err), ONUS_ERR_LIMIT);
    assert_non_null(strstr(err.text, "/nowhere/onus-x.so"));
    assert_int_equal(onus_ranks_load("libm.so.6", false, &module, &err), ONUS_ERR_LIMIT);
    assert_non_null(strstr(err.text, "is not a module of onus"));
    assert_null(module);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rank_has_the_bytes_of_one_process),
        cmocka_unit_test(a_short_job_is_not_worth_a_meeting),
        cmocka_unit_test(replicates_within_a_replicate_stay_on_their_rank),
        cmocka_unit_test(a_failure_of_one_is_the_failure_of_all_and_is_told_once),
        cmocka_unit_test(who_waits_for_replicates_learns_of_a_failure_elsewhere),
        cmocka_unit_test(of_many_failures_the_lowest_rank_tells_its_own),
        cmocka_unit_test(ranks_that_see_something_else_are_named),
        cmocka_unit_test(nobody_waits_for_ever_for_a_rank_that_was_killed),
        cmocka_unit_test(a_rank_that_failed_does_not_wait_for_long),
        cmocka_unit_test(more_words_than_an_exchange_holds_are_a_bug),
        cmocka_unit_test(without_memory_a_rank_says_so_before_it_joins_in),
        cmocka_unit_test(one_process_agrees_with_itself_for_nothing),
        cmocka_unit_test(a_module_of_this_version_is_loaded),
        cmocka_unit_test(a_module_that_is_not_there_or_not_ours_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
