/* What the three sources of the verdict share; private to src/result. */
#ifndef ONUS_RESULT_CLAIMS_INTERNAL_H
#define ONUS_RESULT_CLAIMS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "onus/array.h"
#include "onus/result.h"
#include "onus/status.h"
#include "onus/text.h"

/**
 * A judged part of a claim. Parts are nested: one value with its intervals by source; a reading,
 * which is a value under each definition; the claim, which is every reading that its scope leaves
 * open.
 */
typedef struct claim_part {
    onus_verdict verdict;
    double p; /* of the bound; NaN: none */
    double
        excess; /* how far the value lies on the wrong side of the bound; negative: on the right */
    size_t measure;       /* whose value, num and den stand for the part */
    size_t widest;        /* whose interval is the widest; SIZE_MAX: no interval */
    size_t n_sources;     /* measures of the value */
    size_t n_given;       /* ... with an interval */
    bool is_weak;         /* an interval must not carry a verdict */
    bool is_split;        /* sources or definitions disagree */
    bool is_partial;      /* a source of uncertainty could not be had: agreement is unknown */
    onus_verdict at_hand; /* what the intervals that could be had say together */
    const char *missing;  /* why there is no value or interval; NULL if nothing is */
} claim_part;

/** One claim on its way to a verdict. */
typedef struct claim_work {
    const onus_result *result;
    const onus_claim_ref *ref;
    double level;
    onus_array matched;  /* size_t: measures that the claim is about */
    onus_array values;   /* claim_part */
    onus_array readings; /* claim_part */
    onus_text missing;   /* nothing matched: what there is instead */
    onus_text notes;     /* slices that were left aside */
    claim_part whole;
    size_t n_of[4]; /* readings by verdict */
} claim_work;

/* ---- claims_match.c: which measures a claim is about ---- */

/** Fills work->matched, or leaves it empty and says in work->missing what there is. */
onus_status claims_match(claim_work *work) ONUS_MUST_USE;
/** Equal but for the named keys (either may be NULL). */
bool claims_same_scope(const onus_scope *a, const onus_scope *b, const char *but,
                       const char *and_but);
/** Does any key of the scope carry this name? */
bool claims_has_key(const onus_scope *scope, const char *key);

/* ---- claims_text.c: what a council member reads ---- */

/** A figure as a person would write it: 1.43, 12,345, 3.5 % (unit "share"). */
void claims_put_figure(onus_text *out, double value, const char *unit);
/** "at most 1.25", "between 0.8 and 1.25". */
void claims_put_bound(onus_text *out, const onus_claim_ref *ref, const char *unit);
/** claims_affect.c: how often a label of an emotion is right, as a sentence; false and nothing put
 *  where it has no words for the measure. */
bool claims_put_affect(onus_text *out, const onus_measure *m);
/** claims_feedback.c: a feedback.amplification as a sentence; false and nothing put where its scope
 * is not one that has words. */
bool claims_put_amplification(onus_text *out, const onus_measure *m);
/** claims_rates.c: an error rate of comparisons as a sentence; false and nothing put of any other
 * measure. */
bool claims_put_error_rate(onus_text *out, const onus_measure *m);
/** claims_rates.c: how many people it takes before the bound could be shown; nothing where the
 *  measure is no rate over people. */
void claims_put_people_needed(onus_text *out, const onus_measure *m, const onus_claim_ref *ref);
/** The sentence and the reason, once the verdict is final. */
onus_status claims_write(const claim_work *work, size_t n_claims, onus_claim *claim) ONUS_MUST_USE;

#endif
