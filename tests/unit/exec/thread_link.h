/* Ranks that are threads of one process, for tests without MPI: the link of onus/ranks.h over a
 * mutex and a barrier. thread_ranks_run calls a function once for each rank, all at once. */
#ifndef ONUS_TEST_THREAD_LINK_H
#define ONUS_TEST_THREAD_LINK_H

#include "../fault.h"

#include <pthread.h>
#include <string.h>

#include "onus/ranks.h"

enum { THREAD_RANKS_MAX = 16, THREAD_MEETINGS_MAX = 64, THREAD_VALUES_MAX = 16 };

/* Nobody waits so long, unless the test is about it. */
static uint32_t thread_patience_ms = 2000;

typedef struct thread_world {
    int n_ranks;
    pthread_mutex_t lock;
    pthread_barrier_t barrier;
    int n_come[THREAD_MEETINGS_MAX];
    int64_t minima[THREAD_MEETINGS_MAX][THREAD_VALUES_MAX];
    double *joined;
    char *gathered;
    int n_left; /* in good order */
    int abort_code;
} thread_world;

typedef struct thread_rank {
    thread_world *world;
    onus_ranks *ranks;
    int rank;
    int n_meetings;
    int64_t *values;
    int n_values;
    void (*run)(struct thread_rank *self, void *job);
    void *job;
} thread_rank;

static inline void thread_begin_min(void *state, int64_t *values, int n_values) {
    thread_rank *self = state;
    thread_world *world = self->world;
    pthread_mutex_lock(&world->lock);
    int64_t *minima = world->minima[self->n_meetings];
    for (int i = 0; i < n_values; i++) {
        if (world->n_come[self->n_meetings] == 0 || values[i] < minima[i]) {
            minima[i] = values[i];
        }
    }
    world->n_come[self->n_meetings]++;
    pthread_mutex_unlock(&world->lock);
    self->values = values;
    self->n_values = n_values;
}

static inline bool thread_is_done(void *state) {
    thread_rank *self = state;
    thread_world *world = self->world;
    pthread_mutex_lock(&world->lock);
    const bool done = world->n_come[self->n_meetings] == world->n_ranks;
    if (done) {
        memcpy(self->values, world->minima[self->n_meetings],
               (size_t)self->n_values * sizeof *self->values);
        self->n_meetings++;
    }
    pthread_mutex_unlock(&world->lock);
    return done;
}

static inline void thread_join(void *state, double *out, const uint64_t *first, size_t width,
                               size_t piece) {
    (void)piece;
    thread_rank *self = state;
    thread_world *world = self->world;
    const size_t n_bytes = (size_t)first[world->n_ranks] * width * sizeof *out;
    if (self->rank == 0) {
        world->joined = malloc(n_bytes);
    }
    pthread_barrier_wait(&world->barrier);
    const size_t from = (size_t)first[self->rank] * width;
    const size_t until = (size_t)first[self->rank + 1] * width;
    memcpy(world->joined + from, out + from, (until - from) * sizeof *out);
    memset(out, 0xA5, n_bytes); /* whatever is right afterwards has come from here */
    pthread_barrier_wait(&world->barrier);
    memcpy(out, world->joined, n_bytes);
    pthread_barrier_wait(&world->barrier);
    if (self->rank == 0) {
        free(world->joined);
    }
}

static inline void thread_gather(void *state, const void *mine, size_t size, void *all) {
    thread_rank *self = state;
    thread_world *world = self->world;
    if (self->rank == 0) {
        world->gathered = malloc((size_t)world->n_ranks * size);
    }
    pthread_barrier_wait(&world->barrier);
    memcpy(world->gathered + (size_t)self->rank * size, mine, size);
    pthread_barrier_wait(&world->barrier);
    memcpy(all, world->gathered, (size_t)world->n_ranks * size);
    pthread_barrier_wait(&world->barrier);
    if (self->rank == 0) {
        free(world->gathered);
    }
}

static inline void thread_leave(void *state) {
    thread_rank *self = state;
    pthread_mutex_lock(&self->world->lock);
    self->world->n_left++;
    pthread_mutex_unlock(&self->world->lock);
}

static inline void thread_abort(void *state, int exit_code) {
    thread_rank *self = state;
    pthread_mutex_lock(&self->world->lock);
    self->world->abort_code = exit_code;
    pthread_mutex_unlock(&self->world->lock);
}

static inline void *thread_rank_main(void *state) {
    thread_rank *self = state;
    self->run(self, self->job);
    return NULL;
}

/* Runs job on every rank; the world's n_left and abort_code tell how it ended. */
static inline void thread_ranks_run(thread_world *world, int n_ranks,
                                    void (*run)(thread_rank *self, void *job), void *job) {
    *world = (thread_world){.n_ranks = n_ranks, .lock = PTHREAD_MUTEX_INITIALIZER};
    thread_rank selves[THREAD_RANKS_MAX] = {0};
    pthread_t threads[THREAD_RANKS_MAX];
    assert_int_equal(pthread_barrier_init(&world->barrier, NULL, (unsigned)n_ranks), 0);
    for (int r = 0; r < n_ranks; r++) {
        selves[r] = (thread_rank){.world = world, .rank = r, .run = run, .job = job};
        const onus_ranks_link link = {
            .state = &selves[r],
            .rank = r,
            .n_ranks = n_ranks,
            .n_sharing = n_ranks,
            .piece = SIZE_MAX,
            .patience_ms = thread_patience_ms,
            .begin_min = thread_begin_min,
            .is_done = thread_is_done,
            .join = thread_join,
            .gather = thread_gather,
            .leave = thread_leave,
            .abort = thread_abort,
        };
        assert_int_equal(onus_ranks_new(&link, &selves[r].ranks, NULL), ONUS_OK);
    }
    for (int r = 0; r < n_ranks; r++) {
        assert_int_equal(pthread_create(&threads[r], NULL, thread_rank_main, &selves[r]), 0);
    }
    for (int r = 0; r < n_ranks; r++) {
        pthread_join(threads[r], NULL);
        onus_ranks_free(selves[r].ranks);
    }
    pthread_barrier_destroy(&world->barrier);
    pthread_mutex_destroy(&world->lock);
}

#endif
