/* The place trial: its table of contents.
 *
 *   the town and its people -> where flags fell, and when -> recorded outcomes
 *   -> did they come true (accuracy.c) -> do printed figures come out of their counts (published.c)
 *   -> who carries the flags (burden_*.c) -> does it feed itself (feedback/feedback.c)
 *   -> what may be shown -> measures, series, questions
 *
 * One call per stage; place_trial is the only state and dies here. Claims are judged afterwards by
 * onus_claims_judge, question 14 after that by onus_place_answer. Never prints, never forecasts,
 * and names no cell that a method would flag. */
#include "onus/place.h"

#include <string.h>

#include "place_internal.h"

static void clear(place_trial *t) {
    place_accuracy_clear(t);
    onus_sparse_clear(&t->queen);
    onus_sparse_clear(&t->flags.on);
    onus_sparse_clear(&t->flags.by_day);
    onus_sparse_clear(&t->flags.by_unit);
    onus_space_free(t->space);
    onus_array_clear(&t->sets);
    onus_array_clear(&t->loads);
    onus_array_clear(&t->drafts);
    onus_kept_clear(&t->kept);
}

/* Who carries the flags: nothing to do where none fell on areas that are known. */
static onus_status try_burden(place_trial *t) {
    onus_status status = ONUS_OK;
    if (t->flags.missing != NULL) {
        return ONUS_OK;
    }
    ONUS_TRY(burden_sets(t));
    ONUS_TRY(burden_ranks(t));
    ONUS_TRY(burden_exposure(t));
    ONUS_TRY(burden_bounds(t));
    ONUS_TRY(burden_outcomes(t));
    ONUS_TRY(burden_inequality(t));
    ONUS_TRY(burden_runs(t));
out:
    return status;
}

onus_status onus_place_try(const onus_case *c, const onus_evidence *evidence,
                           const onus_context *context, onus_result *result, onus_error *err) {
    place_trial t = {.c = c,
                     .evidence = evidence,
                     .context = context,
                     .result = result,
                     .err = err,
                     .sets = ONUS_ARRAY_OF(place_set),
                     .loads = ONUS_ARRAY_OF(place_load),
                     .drafts = ONUS_ARRAY_OF(place_draft),
                     .kept = ONUS_KEPT_INIT};
    onus_status status = ONUS_OK;
    ONUS_TRY(place_town(&t));
    ONUS_TRY(place_flags_fall(&t));
    ONUS_TRY(place_flags_in_time(&t));
    ONUS_TRY(place_outcomes_fall(&t));
    ONUS_TRY(place_accuracy(&t));
    ONUS_TRY(place_published(&t));
    ONUS_TRY(burden_counts(&t));
    ONUS_TRY(try_burden(&t));
    ONUS_TRY(place_feedback_try(&t));
    ONUS_TRY(place_suppress(&t));
    ONUS_TRY(place_area_table(&t));
    ONUS_TRY(place_warnings(&t));
    ONUS_TRY(place_conventions(&t));
    ONUS_TRY(place_series(&t));
    ONUS_TRY(place_questions(&t));
    ONUS_TRY(place_hand_over(&t));
out:
    clear(&t);
    return status == ONUS_ERR_NOMEM ? onus_fail_nomem(err) : status;
}
