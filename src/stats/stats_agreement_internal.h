/* Private to the agreement kernels: what the coefficients are made of, and how votes are drawn. */
#ifndef ONUS_STATS_AGREEMENT_INTERNAL_H
#define ONUS_STATS_AGREEMENT_INTERNAL_H

#include <stdint.h>

#include "onus/exec.h"
#include "onus/stats_agreement.h"

/* How sums become coefficients. Labels stand in the order of their values: column j is label
 * order[j] of the table.
 *
 *   | n_c: q | V_c / n: q | pa | pairable | rated | disagreement: 1, or q (q - 1) / 2 (ordinal) |
 */
typedef struct onus_agreement_recipe {
    size_t n_labels;
    size_t n_sums;
    onus_distance distance;
    size_t *order;
    double *d2;      /* n_labels^2; zeros for ordinal, whose distances change with the votes */
    double *weights; /* n_labels^2, or NULL */
    double weights_total;
} onus_agreement_recipe;

enum { ONUS_AGREEMENT_ONES = 3 }; /* columns between the shares and the disagreement */

static inline size_t onus_agreement_pa_column(const onus_agreement_recipe *r) {
    return 2 * r->n_labels;
}

struct onus_agreement_sums {
    onus_agreement_recipe recipe;
    double *totals; /* recipe.n_sums */
    size_t n_clusters;
    double *clusters; /* n_clusters * n_sums: clusters with a vote */
    size_t n_rows;
    double *rows;        /* n_rows * n_sums: distinct units with a vote */
    uint32_t *row_times; /* how many units are alike */
    size_t n_units;      /* their sum */
};

onus_status onus_agreement_recipe_make(const onus_vote_counts *votes,
                                       const onus_agreement_opts *opts, onus_agreement_recipe *out,
                                       onus_error *err) ONUS_MUST_USE;
void onus_agreement_recipe_clear(onus_agreement_recipe *recipe);

/* Sums of one unit; all 0 for a unit without a vote. */
void onus_agreement_unit_sums(const onus_agreement_recipe *recipe, const double *votes,
                              double *sums);
/* Coefficients of any total of sums: NaN where undefined. */
void onus_agreement_of_sums(const onus_agreement_recipe *recipe, const double *sums,
                            double values[ONUS_N_COEFFICIENTS]);
/* Squared distance of two columns, given how often each label was used (totals). */
double onus_agreement_d2(const onus_agreement_recipe *recipe, const double *sums, size_t c,
                         size_t k);
/* sum n_c n_k d2 over pairs of different labels; 0: only one label. */
double onus_agreement_expected(const onus_agreement_recipe *recipe, const double *sums);
/* Fleiss, AC1, PABAK: what chance would do, from the labels' shares summed over rated units. */
void onus_agreement_chance(const onus_agreement_recipe *recipe, const double *share_sums,
                           double n_rated, double chance[ONUS_N_COEFFICIENTS]);

/* ---- exact binomial draws from random bits ---- */

enum { ONUS_COIN_WORDS = 256 };

/* Bits from a stream of Philox words, in order. */
typedef struct onus_coins {
    onus_rng rng;
    uint32_t words[ONUS_COIN_WORDS];
    size_t n_used;
    uint64_t pool;
    unsigned n_pool;
} onus_coins;

void onus_coins_init(onus_coins *coins, uint64_t seed, uint64_t replicate, uint32_t entity);
/* How many of n fair coins show heads: Binomial(n, 1/2). */
uint64_t onus_coins_heads(onus_coins *coins, uint64_t n);
/* Binomial(n, p): n numbers compared with p bit by bit, all at once; bits are read only for those
 * that are still equal to p so far, 2 n in all. Exact for the double p. */
uint64_t onus_coins_binomial(onus_coins *coins, uint64_t n, double p);

/* Multinomial counts of N draws over rows of whole weights that add up to N. */
typedef struct onus_draw_plan {
    size_t n_positions; /* N */
    size_t n_rows;
    int32_t *row_at;    /* of each position; rows of 2^k positions stand at multiples of 2^k */
    uint8_t *size_log2; /* of the piece that starts here */
} onus_draw_plan;

/* times: NULL: each row once. */
onus_status onus_draw_plan_make(const uint32_t *times, size_t n_rows,
                                onus_draw_plan *out) ONUS_MUST_USE;
void onus_draw_plan_clear(onus_draw_plan *plan);
/* counts: n_rows, overwritten; their sum is N. */
void onus_draw_plan_draw(const onus_draw_plan *plan, onus_coins *coins, uint32_t *counts);

#endif
