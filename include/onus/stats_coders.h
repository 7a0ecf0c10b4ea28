/* Two coders whose labels are known one by one: Cohen, Scott, Gwet, and Gorodkin's R_K.
 *
 * A cross table has a row for what the first said and a column for what the second said. Votes
 * without names cannot be put in this form: which of two nameless votes is "the first" is nobody's.
 */
#ifndef ONUS_STATS_CODERS_H
#define ONUS_STATS_CODERS_H

#include <stddef.h>
#include <stdint.h>

#include "onus/error.h"
#include "onus/stats_agreement.h"
#include "onus/stats_number.h"
#include "onus/status.h"

typedef struct onus_coders {
    double n;
    double percent; /* observed agreement, weighted; NaN if n = 0 */
    onus_number cohen;
    double cohen_var; /* Fleiss, Cohen & Everitt 1969, large sample, not of the null; NaN: none */
    onus_number scott;
    onus_number ac1;
    onus_number pabak;
    onus_number mcc; /* R_K (Gorodkin 2004): the correlation of the two, for any number of labels;
                        takes no weights */
} onus_coders;

/**
 * @param[in] table    n_labels^2 counts, [first * n_labels + second], >= 0
 * @param[in] weights  n_labels^2 as in onus_agreement_opts, or NULL
 * @return ONUS_OK; ONUS_ERR_DOMAIN for a negative or broken count or weights that are none
 *
 * Undefined with a reason: all without a row; Cohen, Scott where both used one and the same label
 * only; R_K where either used one label only (0/0, not 0).
 *
 * Source: Cohen (1960, 1968); Fleiss, Cohen & Everitt (1969) eq. 8; Scott (1955); Gwet (2008);
 * Gorodkin (2004) eq. 8.
 */
onus_status onus_coders_measure(const double *table, size_t n_labels, const double *weights,
                                onus_coders *out, onus_error *err) ONUS_MUST_USE;

typedef enum onus_coders_coefficient {
    ONUS_CODERS_PERCENT,
    ONUS_CODERS_COHEN,
    ONUS_CODERS_SCOTT,
    ONUS_CODERS_AC1,
    ONUS_CODERS_PABAK,
    ONUS_CODERS_MCC,
    ONUS_N_CODERS
} onus_coders_coefficient;

/** Coefficients of a table; NaN where undefined. No checks: for replicates. */
void onus_coders_values(const double *table, size_t n_labels, const double *weights,
                        double values[ONUS_N_CODERS]);

/** What the two said of one unit, `times` times (a vote of each of several onlookers). */
typedef struct onus_coded {
    int32_t person; /* whom the unit shows */
    int32_t first;
    int32_t second;
    double times;
} onus_coded;

/**
 * Delete-one-person jackknife of the coefficients of the rows' cross table; limits as
 * onus_jackknife.
 * @param[in]  rows     in any order
 * @param[out] out      ONUS_N_CODERS
 * @param[out] n_drawn  people with a row
 * @return ONUS_OK; ONUS_ERR_DOMAIN if an index is out of range; ONUS_ERR_NOMEM
 * Cost: O(n_rows + n_people n_labels^2) without weights.
 */
onus_status onus_coders_jackknife(const onus_coded *rows, size_t n_rows, size_t n_people,
                                  size_t n_labels, const double *weights, double level,
                                  onus_jackknife *out, size_t *n_drawn) ONUS_MUST_USE;

#endif
