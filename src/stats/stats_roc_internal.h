/* Private to stats_roc*: scores as integer keys, and the ladder of buckets that is refined where an
 * answer lies. */
#ifndef ONUS_STATS_ROC_INTERNAL_H
#define ONUS_STATS_ROC_INTERNAL_H

#include <string.h>

#include "onus/stats_roc.h"

/* ---- keys: unsigned integers in the order of the scores, higher is same ---- */

enum { ONUS_ROC_GENUINE, ONUS_ROC_IMPOSTOR, ONUS_ROC_N_CLASSES };
enum { ONUS_ROOT_BITS = 16, ONUS_ROOT_SHIFT = 64 - ONUS_ROOT_BITS };
#define ONUS_N_ROOTS ((size_t)1 << ONUS_ROOT_BITS)
/* the key of NaN, which no number has: infinity's is 0xFFF0 followed by zeros */
#define ONUS_KEY_NAN UINT64_MAX
#define ONUS_KEY_SIGN ((uint64_t)1 << 63)

/** flip: ONUS_KEY_SIGN where a lower score is same, else 0. Both zeros have one key. */
static inline uint64_t onus_score_key(double score, uint64_t flip) {
    uint64_t bits = 0;
    memcpy(&bits, &score, sizeof bits);
    bits ^= flip;
    double oriented = 0.0;
    memcpy(&oriented, &bits, sizeof bits);
    oriented += 0.0; /* -0.0 becomes 0.0 */
    memcpy(&bits, &oriented, sizeof bits);
    const uint64_t key = bits ^ ((0 - (bits >> 63)) | ONUS_KEY_SIGN);
    return oriented == oriented ? key : ONUS_KEY_NAN;
}

static inline double onus_key_score(uint64_t key, uint64_t flip) {
    const uint64_t bits = (key ^ ((key >> 63) != 0 ? ONUS_KEY_SIGN : UINT64_MAX)) ^ flip;
    double score = 0.0;
    memcpy(&score, &bits, sizeof bits);
    return score + 0.0;
}

/** Ascending. */
void onus_sort_keys(uint64_t *keys, size_t n);
/** How many of n ascending keys are below `key`, and at or below it. O(log n). */
size_t onus_keys_below(const uint64_t *keys, size_t n, uint64_t key);
size_t onus_keys_up_to(const uint64_t *keys, size_t n, uint64_t key);

/* ---- blocks of scores: the unit of work ---- */

typedef struct onus_score_block {
    const double *scores;
    size_t n;
    int class_of;
} onus_score_block;

enum { ONUS_ROC_BLOCKS_MAX = 64 };
/** Cuts both classes into blocks; depends on nothing but their sizes. @return how many. */
size_t onus_score_blocks(const onus_scores *scores, onus_score_block blocks[ONUS_ROC_BLOCKS_MAX]);

/* ---- the ladder ---- */

/** A range of keys that is not empty of scores. Ranges ascend and never overlap. */
typedef struct onus_rungs {
    uint64_t low; /* keys low..high, both included; a power of two of them */
    uint64_t high;
    uint64_t n[ONUS_ROC_N_CLASSES];     /* scores in it */
    uint64_t below[ONUS_ROC_N_CLASSES]; /* scores in the ranges below */
    bool open;                          /* its keys are known one by one: */
    size_t start[ONUS_ROC_N_CLASSES];   /* from here in ladder->keys, ascending */
    bool wanted;                        /* an answer lies in it */
    unsigned split_bits;                /* or: too wide for the curve */
} onus_rungs;

typedef struct onus_ladder {
    const onus_scores *scores;
    const onus_context *context;
    uint64_t flip;
    uint64_t n[ONUS_ROC_N_CLASSES];
    uint64_t n_fta[ONUS_ROC_N_CLASSES];
    onus_rungs *rungs;
    size_t n_rungs;
    uint64_t *keys[ONUS_ROC_N_CLASSES]; /* of the open ranges */
    size_t n_keys[ONUS_ROC_N_CLASSES];
} onus_ladder;

/** First counts. *ladder is to be cleared, also on failure. */
onus_status onus_ladder_init(onus_ladder *ladder, const onus_scores *scores,
                             const onus_context *context) ONUS_MUST_USE;
/** Opens or splits what is marked (wanted, split_bits), in one pass; *any false: nothing was. */
onus_status onus_ladder_refine(onus_ladder *ladder, bool *any) ONUS_MUST_USE;
void onus_ladder_clear(onus_ladder *ladder);

/** true if every key of the range is known: it is open, or of one key alone. */
static inline bool onus_rungs_known(const onus_rungs *r) {
    return r->open || r->low == r->high;
}
/** First range whose high >= key; n_rungs if there is none. */
size_t onus_ladder_find(const onus_ladder *ladder, uint64_t key);
/** Scores of a class below `key`, of a range that is known or begins at or after it. */
uint64_t onus_rungs_below(const onus_ladder *ladder, const onus_rungs *r, int class_of,
                          uint64_t key);

/* ---- answers, each from a ladder; false: ranges were marked, and it is to be asked again ---- */

/** Errors at a key; threshold set from it. */
onus_roc_counts onus_ladder_counts(const onus_ladder *ladder, uint64_t key,
                                   uint64_t n_genuine_below, uint64_t n_impostor_below);
bool onus_ladder_at(onus_ladder *ladder, double threshold, onus_roc_counts *out);
bool onus_ladder_fnmr_at(onus_ladder *ladder, double fmr, onus_fnmr_at *out);
bool onus_ladder_eer(onus_ladder *ladder, onus_eer out[ONUS_EER_N_CONVENTIONS]);

/** Marks ranges that are wider than the curve wants. @return true if any was. */
bool onus_ladder_smooth(onus_ladder *ladder, size_t n_points);
/** The curve of a ladder with nothing left to ask, with `must` among its points. */
onus_status onus_ladder_det(const onus_ladder *ladder, const onus_roc_counts *must, size_t n_must,
                            size_t n_points, onus_roc_counts **out, size_t *n_out) ONUS_MUST_USE;

/* ---- stats_roc_auc.c ---- */
onus_status onus_roc_auc(const onus_scores *scores, const onus_context *context,
                         onus_auc *out) ONUS_MUST_USE;

#endif
