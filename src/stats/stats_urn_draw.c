/* The feedback urn by simulation: runs some draws long, summed up at given horizons.
 *
 * A run is a chain of look-ups in its plan (stats_urn_plan.c). Two areas, the case of the paper and
 * of nearly every question, have a loop of their own in which the counts for either outcome of a
 * draw are looked up before it is known which it is; it takes the same words and adds in the same
 * order as the loop for any number of areas. Runs go through the replicate engine; called by the
 * place trial's feedback half. Knows numbers of balls and nothing about where they lie. */
#include "onus/stats_urn.h"

#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/stats_rank.h"
#include "onus/sum.h"
#include "stats_urn_internal.h"

/* Runs that are simulated side by side: none waits for another, so that the processor has work
 * while one run waits for its own last draw. Each has its own random words; a run's result does not
 * depend on its neighbours. */
enum { LANES = 4 };

/* ---- random words ---- */
/* The words of n_lanes runs, a chunk of draws at a time. */
typedef struct word_source {
    onus_rng rng[LANES];
    uint32_t *words; /* n_lanes x n_words */
    size_t n_lanes;
    size_t n_words; /* of 32 bits, in a chunk of one run */
    size_t stride;  /* of a draw */
    size_t at;
} word_source;

static word_source open_words(const onus_urn_plan *plan, uint64_t first_run, size_t n_lanes,
                              void *buffer) {
    const size_t stride = 2 * plan->n_words;
    word_source source = {.words = buffer,
                          .n_lanes = n_lanes,
                          .n_words = stride * plan->n_chunk,
                          .stride = stride,
                          .at = stride * plan->n_chunk};
    for (size_t l = 0; l < n_lanes; l++) {
        onus_rng_init(&source.rng[l], plan->seed, ONUS_STREAM_FEEDBACK_URN, first_run + l, 0);
    }
    return source;
}

/* The words of the next draw: of lane 0; lane l has its own l * n_words further on. */
static inline const uint32_t *next_words(word_source *source) {
    if (source->at == source->n_words) {
        for (size_t l = 0; l < source->n_lanes; l++) {
            onus_rng_fill(&source->rng[l], source->words + l * source->n_words, source->n_words);
        }
        source->at = 0;
    }
    const uint32_t *words = source->words + source->at;
    source->at += source->stride;
    return words;
}

static inline uint64_t word_at(const uint32_t *words, size_t k) {
    return (uint64_t)words[2 * k] << 32 | words[2 * k + 1];
}

static inline double uniform_at(const uint32_t *words, size_t k) {
    return (double)(word_at(words, k) >> 11) * 0x1p-53;
}

static inline double forget(const onus_urn_plan *plan, double balls, uint64_t word) {
    const double left = balls - urn_decay_at(&plan->decay, balls, word);
    return left > plan->min_balls ? left : plan->min_balls;
}

/* ---- any number of areas ---- */
/* The area in which the ball number u * all lies. */
static size_t choose(const double *attention, size_t n, double u) {
    double all = 0;
    for (size_t i = 0; i < n; i++) {
        all += attention[i];
    }
    const double ball = u * all;
    double below = 0;
    size_t last = 0; /* rounding may put the ball behind all: then it is in the last that has any */
    for (size_t i = 0; i < n; i++) {
        below += attention[i];
        if (ball < below) {
            return i;
        }
        last = attention[i] > 0 ? i : last;
    }
    return last;
}

static double least_of(const double *balls, size_t n) {
    double least = balls[0];
    for (size_t i = 1; i < n; i++) {
        least = balls[i] < least ? balls[i] : least;
    }
    return least;
}

static void give(const urn_row *row, const uint32_t *words, size_t at, double times,
                 double *balls) {
    for (size_t k = 0; k < row->n; k++) {
        const urn_gain *gain = &row->first[k];
        const double added = gain->count != NULL
                                 ? (double)urn_inverse_at(gain->count, word_at(words, at + k))
                                 : gain->balls;
        balls[gain->area] += times * added;
    }
}

static void draw_once(const onus_urn_plan *plan, const uint32_t *words, const double *attention,
                      double *balls) {
    const size_t n = plan->n_areas;
    const size_t i = choose(attention, n, uniform_at(words, 0));
    if (plan->repair == ONUS_URN_REPAIR_NONE) {
        give(&plan->accepted[i], words, plan->at_accepted, 1, balls);
    } else {
        const double least = least_of(attention, n);
        const double kept = plan->repair == ONUS_URN_REPAIR_WEIGH
                                ? least / attention[i]
                                : (double)(uniform_at(words, 1) * attention[i] < least);
        give(&plan->accepted[i], words, plan->at_accepted, kept, balls);
        give(&plan->rejected[i], words, plan->at_rejected, 1 - kept, balls);
    }
    for (size_t j = 0; plan->has_decay && j < n; j++) {
        balls[j] = forget(plan, balls[j], word_at(words, plan->at_decay + j));
    }
}

static void run_any(const onus_urn_plan *plan, uint64_t replicate, void *scratch, double *slot) {
    const size_t n = plan->n_areas;
    double *balls = scratch;
    word_source source = open_words(plan, replicate, 1, balls + n);
    const double *attention = plan->attention == ONUS_URN_OPEN ? plan->start : balls;
    memcpy(balls, plan->start, n * sizeof *balls);
    uint64_t draw = 0;
    for (size_t h = 0; h < plan->n_horizons; h++) {
        for (; draw < plan->horizon[h]; draw++) {
            draw_once(plan, next_words(&source), attention, balls);
        }
        urn_write_horizon(balls, n, slot + h * (n + 1));
    }
}

/* ---- two areas ---- */
/* What area j gets by rows 0 and 1. */
typedef struct pair_gain {
    const urn_inverse *count[2];
    double balls[2];
    size_t word[2];
} pair_gain;

typedef struct pair_plan {
    pair_gain accepted[2];
    pair_gain rejected[2];
} pair_plan;

static void spread(const urn_row *row, size_t i, size_t at, pair_gain *gains) {
    for (size_t k = 0; k < row->n; k++) {
        pair_gain *gain = &gains[row->first[k].area];
        gain->count[i] = row->first[k].count;
        gain->balls[i] = row->first[k].balls;
        gain->word[i] = at + k;
    }
}

static pair_plan pair_plan_of(const onus_urn_plan *plan) {
    pair_plan pair = {0};
    for (size_t i = 0; i < 2; i++) {
        spread(&plan->accepted[i], i, plan->at_accepted, pair.accepted);
        spread(&plan->rejected[i], i, plan->at_rejected, pair.rejected);
    }
    return pair;
}

static inline double gain_by(const pair_gain *gain, size_t i, const uint32_t *words) {
    return gain->count[i] != NULL
               ? (double)urn_inverse_at(gain->count[i], word_at(words, gain->word[i]))
               : gain->balls[i];
}

/* One draw of one run. */
static inline void draw_pair(const onus_urn_plan *plan, const pair_plan *pair,
                             const uint32_t *words, double balls[2]) {
    const double of_a[2] = {gain_by(&pair->accepted[0], 0, words),
                            gain_by(&pair->accepted[0], 1, words)};
    const double of_b[2] = {gain_by(&pair->accepted[1], 0, words),
                            gain_by(&pair->accepted[1], 1, words)};
    const double *by = plan->attention == ONUS_URN_OPEN ? plan->start : balls;
    const size_t i = (size_t)(uniform_at(words, 0) * (by[0] + by[1]) >= by[0]);
    if (plan->repair == ONUS_URN_REPAIR_NONE) {
        balls[0] += of_a[i];
        balls[1] += of_b[i];
    } else {
        const double least = by[0] < by[1] ? by[0] : by[1];
        const double kept = plan->repair == ONUS_URN_REPAIR_WEIGH
                                ? least / by[i]
                                : (double)(uniform_at(words, 1) * by[i] < least);
        balls[0] += kept * of_a[i];
        balls[1] += kept * of_b[i];
        balls[0] += (1 - kept) * gain_by(&pair->rejected[0], i, words);
        balls[1] += (1 - kept) * gain_by(&pair->rejected[1], i, words);
    }
    if (plan->has_decay) {
        balls[0] = forget(plan, balls[0], word_at(words, plan->at_decay));
        balls[1] = forget(plan, balls[1], word_at(words, plan->at_decay + 1));
    }
}

/* n_lanes is a constant of the caller: 1 or LANES. */
static inline void run_pairs(const onus_urn_plan *plan, uint64_t first_run, size_t n_lanes,
                             void *buffer, double *slot) {
    const pair_plan pair = pair_plan_of(plan);
    word_source source = open_words(plan, first_run, n_lanes, buffer);
    const size_t width = onus_urn_plan_width(plan);
    double balls[LANES][2];
    for (size_t l = 0; l < n_lanes; l++) {
        balls[l][0] = plan->start[0];
        balls[l][1] = plan->start[1];
    }
    uint64_t draw = 0;
    for (size_t h = 0; h < plan->n_horizons; h++) {
        for (; draw < plan->horizon[h]; draw++) {
            const uint32_t *words = next_words(&source);
            for (size_t l = 0; l < n_lanes; l++) {
                draw_pair(plan, &pair, words + l * source.n_words, balls[l]);
            }
        }
        for (size_t l = 0; l < n_lanes; l++) {
            urn_write_horizon(balls[l], 2, slot + l * width + 3 * h);
        }
    }
}

/* ---- replicates ---- */
/* Balls of every area, then the words of a chunk. */
size_t onus_urn_plan_scratch_size(const onus_urn_plan *plan) {
    return plan->n_areas * sizeof(double) + 2 * plan->n_chunk * plan->n_words * sizeof(uint32_t);
}

void onus_urn_replicate(const void *plan, uint64_t replicate, void *scratch, double *slot) {
    const onus_urn_plan *of = plan;
    if (of->n_areas == 2) {
        run_pairs(of, replicate, 1, scratch, slot);
    } else {
        run_any(of, replicate, scratch, slot);
    }
}

/* Runs from one on, and how many of them make a replicate of the engine. */
typedef struct run_batch {
    const onus_urn_plan *plan;
    uint64_t first_run;
} run_batch;

static void run_lanes(const void *batch, uint64_t replicate, void *scratch, double *slot) {
    const run_batch *of = batch;
    run_pairs(of->plan, of->first_run + replicate * LANES, LANES, scratch, slot);
}

static void run_one(const void *batch, uint64_t replicate, void *scratch, double *slot) {
    const run_batch *of = batch;
    onus_urn_replicate(of->plan, of->first_run + replicate, scratch, slot);
}

onus_status onus_urn_simulate(const onus_urn_plan *plan, uint64_t n_runs,
                              const onus_context *context, double *out, onus_error *err) {
    const size_t width = onus_urn_plan_width(plan);
    const uint64_t n_batches = plan->n_areas == 2 ? n_runs / LANES : 0;
    const run_batch all = {.plan = plan, .first_run = 0};
    const run_batch rest = {.plan = plan, .first_run = n_batches * LANES};
    onus_replicates job = ONUS_REPLICATES_INIT;
    job.stage = "urn";
    job.fn = run_lanes;
    job.shared = &all;
    job.n_replicates = n_batches;
    job.width = LANES * width;
    job.scratch_size = LANES * onus_urn_plan_scratch_size(plan);
    onus_status status = n_batches > 0 ? onus_replicates_run(&job, context, out, err) : ONUS_OK;
    if (status == ONUS_OK && n_runs > rest.first_run) {
        job.fn = run_one;
        job.shared = &rest;
        job.n_replicates = n_runs - rest.first_run;
        job.width = width;
        job.scratch_size = onus_urn_plan_scratch_size(plan);
        status = onus_replicates_run(&job, context, out + rest.first_run * width, err);
    }
    return status;
}

/* ---- over runs ---- */
onus_status onus_urn_summarise(const onus_urn_column *column, double runaway_bound, const double *p,
                               size_t n_p, onus_urn_summary *out, double *quantiles) {
    const size_t n = (size_t)column->n_runs;
    if (n == 0) {
        return ONUS_ERR_TOO_FEW;
    }
    double *values = onus_alloc_n(n, sizeof *values);
    if (values == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_status status = ONUS_OK;
    onus_urn_summary found = {0};
    for (size_t r = 0; r < n; r++) {
        values[r] = column->runs[r * column->width + column->k];
        found.n_runaway += values[r] > runaway_bound;
    }
    found.runaway_share_frac = (double)found.n_runaway / (double)n;
    found.mean = onus_sum_of(values, n) / (double)n;
    onus_sum squares = {0};
    for (size_t r = 0; r < n; r++) {
        onus_sum_add(&squares, (values[r] - found.mean) * (values[r] - found.mean));
    }
    found.sd = n > 1 ? sqrt(onus_sum_get(&squares) / (double)(n - 1)) : NAN;
    if (p != NULL && quantiles != NULL) {
        ONUS_TRY(onus_quantiles(values, n, p, n_p, quantiles));
    }
    *out = found;
out:
    onus_free(values);
    return status;
}
