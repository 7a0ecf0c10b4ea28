/* Private to stats: what the sources of the feedback urn share, and its counts by table. */
#ifndef ONUS_STATS_URN_INTERNAL_H
#define ONUS_STATS_URN_INTERNAL_H

#include "onus/stats_urn.h"

/** ERR_DOMAIN unless there is a horizon and they rise from 1 on. */
onus_status urn_check_horizons(const uint64_t *horizon_draws, size_t n_horizons,
                               onus_error *err) ONUS_MUST_USE;

/** Shares and number of balls of one horizon: n_areas + 1 doubles. */
static inline void urn_write_horizon(const double *balls, size_t n_areas, double *slot) {
    double all = 0;
    for (size_t i = 0; i < n_areas; i++) {
        all += balls[i];
    }
    for (size_t i = 0; i < n_areas; i++) {
        slot[i] = balls[i] / all;
    }
    slot[n_areas] = all;
}

/* ---- counts: the inverse of a distribution function, by table (stats_urn_tables.c) ---- */
enum { URN_UNSETTLED = 255 };

/**
 * X = first + the number of thresholds at or below a 64-bit word; threshold[k] = 2^64 P(X <= first
 * + k). Where the word's first byte settles X, guide holds X - first; else URN_UNSETTLED, and the
 * thresholds are searched.
 */
typedef struct urn_inverse {
    uint8_t guide[256];
    const uint64_t *threshold; /* n, rising; the last one is the largest word */
    uint32_t n;
    uint32_t first;
} urn_inverse;

uint32_t urn_inverse_search(const urn_inverse *inverse, uint64_t word);

static inline uint32_t urn_inverse_at(const urn_inverse *inverse, uint64_t word) {
    const uint8_t settled = inverse->guide[word >> 56];
    return settled != URN_UNSETTLED ? inverse->first + settled : urn_inverse_search(inverse, word);
}

/** Poisson(mean), 0 < mean <= ONUS_URN_MAX_INCREMENT; NULL: out of memory. Freed by onus_free. */
urn_inverse *urn_poisson_new(double mean);

/** How many of n balls a draw forgets: Binomial(n, p), each n below n_rows by its table. */
typedef struct urn_decay {
    urn_inverse *row; /* n_rows */
    uint64_t *threshold;
    double p;
    size_t n_rows;
} urn_decay;

/** 0 < p < 1. ERR_NOMEM leaves *out empty. */
onus_status urn_decay_init(urn_decay *out, double p) ONUS_MUST_USE;
void urn_decay_clear(urn_decay *decay);
/** For n past the tables, up to 2^53: one word as well, in O(sd) steps. */
double urn_decay_search(const urn_decay *decay, double n, uint64_t word);

static inline double urn_decay_at(const urn_decay *decay, double balls, uint64_t word) {
    if (balls < (double)decay->n_rows) {
        return urn_inverse_at(&decay->row[(size_t)balls], word);
    }
    return urn_decay_search(decay, balls, word);
}

/* ---- what all runs share (stats_urn_plan.c) ---- */
/** What a row gives to one area. */
typedef struct urn_gain {
    const urn_inverse *count; /* NULL: `balls` as they stand */
    double balls;
    size_t area;
} urn_gain;

typedef struct urn_row {
    const urn_gain *first; /* n; those who get nothing are not in it */
    size_t n;
} urn_row;

struct onus_urn_plan {
    size_t n_areas;
    size_t n_horizons;
    size_t n_words;     /* 64-bit words a draw */
    size_t at_accepted; /* of these, the first for the counts of an accepted row; */
    size_t at_rejected; /* a coin chooses one row, so both may read the same words */
    size_t at_decay;
    size_t n_chunk; /* draws whose words are made at once */
    onus_urn_attention attention;
    onus_urn_repair repair;
    bool has_decay;
    double min_balls;
    uint64_t seed;
    double *start;     /* n_areas */
    uint64_t *horizon; /* n_horizons */
    urn_gain *gains;   /* of both matrices */
    urn_row *accepted; /* n_areas */
    urn_row *rejected; /* n_areas */
    double *means;     /* n_tables, rising */
    urn_inverse **tables;
    size_t n_tables;
    urn_decay decay;
};

#endif
