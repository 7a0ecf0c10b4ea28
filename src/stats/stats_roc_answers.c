/* Answers from the ladder: errors at a threshold, FNMR at an FMR, the three equal error rates.
 *
 * Each looks up between which two scores its answer lies. Where the ladder is too coarse there, it
 * marks the range and says so; stats_roc.c then refines all that is marked and asks again. Rates
 * are compared as whole numbers (FM * genuine against FNM * impostors), so that no rounding moves a
 * threshold. Called by stats_roc.c. Never reads a score itself. */
#include <math.h>

#include "stats_roc_internal.h"

static const char *const NO_IMPOSTOR = "no comparison of two people has a score";
static const char *const NO_GENUINE = "no comparison of a person with himself has a score";

/* Threshold keys past every score: no number has it. */
static const uint64_t BEYOND = ONUS_KEY_NAN;

/** A distinct score: how many lie below it, and how many are equal. */
typedef struct step {
    uint64_t key; /* BEYOND: past every score */
    uint64_t below[ONUS_ROC_N_CLASSES];
    uint64_t equal[ONUS_ROC_N_CLASSES];
} step;

onus_roc_counts onus_ladder_counts(const onus_ladder *ladder, uint64_t key,
                                   uint64_t n_genuine_below, uint64_t n_impostor_below) {
    const double beyond = ladder->flip != 0 ? -INFINITY : INFINITY;
    return (onus_roc_counts){.threshold =
                                 key == BEYOND ? beyond : onus_key_score(key, ladder->flip),
                             .n_genuine = ladder->n[ONUS_ROC_GENUINE],
                             .n_impostor = ladder->n[ONUS_ROC_IMPOSTOR],
                             .fta_genuine = ladder->n_fta[ONUS_ROC_GENUINE],
                             .fta_impostor = ladder->n_fta[ONUS_ROC_IMPOSTOR],
                             .false_nonmatch = n_genuine_below,
                             .false_match = ladder->n[ONUS_ROC_IMPOSTOR] - n_impostor_below};
}

static onus_roc_counts counts_of(const onus_ladder *ladder, const step *s) {
    return onus_ladder_counts(ladder, s->key, s->below[ONUS_ROC_GENUINE],
                              s->below[ONUS_ROC_IMPOSTOR]);
}

/* The lowest score at or above `key` within a known range that has one. */
static step step_from(const onus_ladder *ladder, const onus_rungs *r, uint64_t key) {
    step s = {.key = BEYOND};
    for (int c = 0; c < ONUS_ROC_N_CLASSES; c++) {
        s.below[c] = onus_rungs_below(ladder, r, c, key);
        const uint64_t at = s.below[c] - r->below[c];
        if (at < r->n[c]) {
            const uint64_t next = r->open ? ladder->keys[c][r->start[c] + at] : r->low;
            s.key = next < s.key ? next : s.key;
        }
    }
    for (int c = 0; c < ONUS_ROC_N_CLASSES && s.key != BEYOND; c++) {
        s.equal[c] = onus_rungs_below(ladder, r, c, s.key + 1) - s.below[c];
    }
    return s;
}

/* The first score of range k, or past every score. */
static step first_of(const onus_ladder *ladder, size_t k) {
    if (k < ladder->n_rungs) {
        return step_from(ladder, &ladder->rungs[k], ladder->rungs[k].low);
    }
    return (step){.key = BEYOND, .below = {ladder->n[0], ladder->n[1]}};
}

/* true if range k (or the end) is known; else marks it. */
static bool is_known(onus_ladder *ladder, size_t k) {
    if (k >= ladder->n_rungs || onus_rungs_known(&ladder->rungs[k])) {
        return true;
    }
    ladder->rungs[k].wanted = true;
    return false;
}

bool onus_ladder_at(onus_ladder *ladder, double threshold, onus_roc_counts *out) {
    const uint64_t key = onus_score_key(threshold, ladder->flip);
    const size_t k = onus_ladder_find(ladder, key);
    uint64_t below[ONUS_ROC_N_CLASSES] = {ladder->n[0], ladder->n[1]};
    if (k < ladder->n_rungs) {
        if (key > ladder->rungs[k].low && !is_known(ladder, k)) {
            return false;
        }
        for (int c = 0; c < ONUS_ROC_N_CLASSES; c++) {
            below[c] = onus_rungs_below(ladder, &ladder->rungs[k], c, key);
        }
    }
    *out = onus_ladder_counts(ladder, key, below[ONUS_ROC_GENUINE], below[ONUS_ROC_IMPOSTOR]);
    out->threshold = threshold;
    return true;
}

/* ---- FNMR at an FMR ---- */

/* The most false matches of n with a rate, as a double, of at most fmr. */
static uint64_t most_false_matches(double fmr, uint64_t n) {
    uint64_t most = (uint64_t)(fmr * (double)n);
    most = most > n ? n : most;
    while (most < n && (double)(most + 1) / (double)n <= fmr) {
        most++;
    }
    while (most > 0 && (double)most / (double)n > fmr) {
        most--;
    }
    return most;
}

static onus_number fnmr_of(const onus_ladder *ladder, double n_false) {
    const uint64_t n = ladder->n[ONUS_ROC_GENUINE];
    return n == 0 ? onus_number_none(NO_GENUINE) : onus_number_of(n_false / (double)n);
}

/* The impostor score that would break the bound: the (n_allowed + 1)-th best. */
static bool breaking_step(onus_ladder *ladder, uint64_t n_allowed, size_t *k, step *out) {
    const uint64_t rank = ladder->n[ONUS_ROC_IMPOSTOR] - n_allowed - 1; /* from below, from 0 */
    size_t low = 0;
    size_t n = ladder->n_rungs;
    while (n > 1) { /* the last range that begins at or before the rank, and is not empty of it */
        const size_t half = n / 2;
        const bool is_there = ladder->rungs[low + half].below[ONUS_ROC_IMPOSTOR] <= rank;
        low = is_there ? low + half : low;
        n = is_there ? n - half : half;
    }
    *k = low;
    if (!is_known(ladder, low)) {
        return false;
    }
    const onus_rungs *r = &ladder->rungs[low];
    const uint64_t at = rank - r->below[ONUS_ROC_IMPOSTOR];
    const uint64_t key =
        r->open ? ladder->keys[ONUS_ROC_IMPOSTOR][r->start[ONUS_ROC_IMPOSTOR] + at] : r->low;
    *out = step_from(ladder, r, key);
    return true;
}

bool onus_ladder_fnmr_at(onus_ladder *ladder, double fmr, onus_fnmr_at *out) {
    const uint64_t n_impostor = ladder->n[ONUS_ROC_IMPOSTOR];
    *out = (onus_fnmr_at){.fmr_at_most = fmr};
    if (n_impostor == 0) {
        out->at = onus_ladder_counts(ladder, BEYOND, ladder->n[ONUS_ROC_GENUINE], 0);
        out->pessimistic = out->expected = out->optimistic = onus_number_none(NO_IMPOSTOR);
        return true;
    }
    const uint64_t n_allowed = most_false_matches(fmr, n_impostor);
    if (n_allowed == n_impostor) { /* everything may match */
        if (!is_known(ladder, 0)) {
            return false;
        }
        const step lowest = first_of(ladder, 0);
        out->at = counts_of(ladder, &lowest);
        out->pessimistic = out->expected = out->optimistic = fnmr_of(ladder, 0.0);
        return true;
    }
    size_t k = 0;
    step breaks = {0};
    if (!breaking_step(ladder, n_allowed, &k, &breaks)) {
        return false;
    }
    const onus_rungs *r = &ladder->rungs[k];
    step next = step_from(ladder, r, breaks.key + 1);
    if (next.key == BEYOND) {
        if (!is_known(ladder, k + 1)) {
            return false;
        }
        next = first_of(ladder, k + 1);
    }
    out->at = counts_of(ladder, &next);
    const double worst = (double)out->at.false_nonmatch;
    const double n_tied = (double)breaks.equal[ONUS_ROC_GENUINE];
    /* in a random order of the tied, genuine scores come before the impostor that breaks the bound
     * as often as its place among the tied impostors says */
    const double place = (double)(n_allowed - out->at.false_match + 1);
    const double share = place / (double)(breaks.equal[ONUS_ROC_IMPOSTOR] + 1);
    out->pessimistic = fnmr_of(ladder, worst);
    out->expected = fnmr_of(ladder, worst - share * n_tied);
    out->optimistic = fnmr_of(ladder, worst - n_tied);
    return true;
}

/* ---- equal error rates ---- */

/* FMR - FNMR at a threshold, times both sizes: exact. */
static int64_t gap_at(const onus_ladder *ladder, const uint64_t below[ONUS_ROC_N_CLASSES]) {
    const uint64_t n_genuine = ladder->n[ONUS_ROC_GENUINE];
    const uint64_t n_impostor = ladder->n[ONUS_ROC_IMPOSTOR];
    return (int64_t)((n_impostor - below[ONUS_ROC_IMPOSTOR]) * n_genuine) -
           (int64_t)(below[ONUS_ROC_GENUINE] * n_impostor);
}

static onus_eer eer_at(const onus_ladder *ladder, const step *s) {
    const onus_roc_counts at = counts_of(ladder, s);
    const double fmr = (double)at.false_match / (double)at.n_impostor;
    const double fnmr = (double)at.false_nonmatch / (double)at.n_genuine;
    return (onus_eer){.rate = onus_number_of((fmr + fnmr) / 2.0),
                      .at = at,
                      .low = fmr < fnmr ? fmr : fnmr,
                      .high = fmr < fnmr ? fnmr : fmr};
}

/* The last score with FMR > FNMR, and the first without (it may be past every score). */
static bool find_crossing(onus_ladder *ladder, step *before, step *after) {
    size_t low = 0;
    size_t n = ladder->n_rungs; /* the last range that begins with FMR > FNMR; the first does */
    while (n > 1) {
        const size_t half = n / 2;
        const bool is_there = gap_at(ladder, ladder->rungs[low + half].below) > 0;
        low = is_there ? low + half : low;
        n = is_there ? n - half : half;
    }
    if (!is_known(ladder, low) || !is_known(ladder, low + 1)) {
        (void)is_known(ladder, low + 1); /* both in one pass */
        return false;
    }
    const onus_rungs *r = &ladder->rungs[low];
    *before = first_of(ladder, low);
    for (;;) {
        *after = step_from(ladder, r, before->key + 1);
        if (after->key == BEYOND) {
            *after = first_of(ladder, low + 1);
        }
        if (after->key == BEYOND || gap_at(ladder, after->below) <= 0) {
            return true;
        }
        *before = *after;
    }
}

bool onus_ladder_eer(onus_ladder *ladder, onus_eer out[ONUS_EER_N_CONVENTIONS]) {
    const uint64_t n_genuine = ladder->n[ONUS_ROC_GENUINE];
    const uint64_t n_impostor = ladder->n[ONUS_ROC_IMPOSTOR];
    if (n_genuine == 0 || n_impostor == 0) {
        for (size_t k = 0; k < ONUS_EER_N_CONVENTIONS; k++) {
            out[k] = (onus_eer){.rate = onus_number_none(n_genuine == 0 ? NO_GENUINE : NO_IMPOSTOR),
                                .at = onus_ladder_counts(ladder, BEYOND, n_genuine, n_impostor),
                                .low = NAN,
                                .high = NAN};
        }
        return true;
    }
    step before = {0};
    step after = {0};
    if (!find_crossing(ladder, &before, &after)) {
        return false;
    }
    const int64_t gap_before = gap_at(ladder, before.below);
    const int64_t gap_after = gap_at(ladder, after.below);
    const uint64_t sum_before = (n_impostor - before.below[ONUS_ROC_IMPOSTOR]) * n_genuine +
                                before.below[ONUS_ROC_GENUINE] * n_impostor;
    const uint64_t sum_after = (n_impostor - after.below[ONUS_ROC_IMPOSTOR]) * n_genuine +
                               after.below[ONUS_ROC_GENUINE] * n_impostor;
    const bool meets = gap_after == 0;
    out[ONUS_EER_CROSSING] = eer_at(ladder, !meets && sum_before <= sum_after ? &before : &after);
    out[ONUS_EER_NEAREST] = eer_at(ladder, gap_before < -gap_after ? &before : &after);
    onus_eer line = eer_at(ladder, &after);
    const double share = (double)gap_before / (double)(gap_before - gap_after);
    const double fnmr = (double)before.below[ONUS_ROC_GENUINE] / (double)n_genuine;
    const double rise = (double)after.below[ONUS_ROC_GENUINE] / (double)n_genuine - fnmr;
    line.rate = onus_number_of(meets ? line.rate.value : fnmr + share * rise);
    line.low = line.rate.value;
    line.high = line.rate.value;
    out[ONUS_EER_INTERPOLATED] = line;
    return true;
}
