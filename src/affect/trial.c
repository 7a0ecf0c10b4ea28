/* The affect trial: its table of contents.
 *
 *   what the product said -> whom it said it of -> what that is held against
 *   -> how many items, people, raters; how often it abstained (counts.c)
 *   -> do onlookers agree among themselves (agreement*.c) -> is the label right (validity*.c)
 *   -> do its scores mean what they say, does the label stay (scores*.c)
 *   -> for whom is it wrong (groups*.c) -> tricks it must see by itself (warnings.c)
 *   -> the triangle -> the board's questions
 *
 * One call per stage; affect_trial is the only state and dies here. Claims are judged afterwards by
 * onus_claims_judge, question 1 after that by onus_affect_answer. Never sees a face or hears a
 * voice, infers no emotion, and names no person. */
#include "onus/affect.h"

#include "affect_internal.h"

static void clear(affect_trial *t) {
    onus_array_clear(&t->drafts);
    onus_kept_clear(&t->kept);
}

onus_status onus_affect_try(const onus_case *c, const onus_evidence *evidence,
                            const onus_context *context, onus_result *result, onus_error *err) {
    affect_trial t = {.c = c,
                      .evidence = evidence,
                      .a = &evidence->affect,
                      .context = context,
                      .result = result,
                      .err = err,
                      .drafts = ONUS_DRAFTS_INIT,
                      .kept = ONUS_KEPT_INIT};
    onus_status status = ONUS_OK;
    ONUS_TRY(affect_make_said(&t));
    ONUS_TRY(affect_make_people(&t));
    ONUS_TRY(affect_make_references(&t));
    ONUS_TRY(affect_counts(&t));
    ONUS_TRY(affect_validity(&t));
    ONUS_TRY(affect_scores(&t));
    ONUS_TRY(affect_groups(&t));
    ONUS_TRY(affect_agreement(&t));
    ONUS_TRY(affect_warnings(&t));
    ONUS_TRY(affect_triangle(&t));
    ONUS_TRY(affect_questions(&t));
    ONUS_TRY(onus_drafts_hand_over(&t.drafts, result, err));
out:
    clear(&t);
    return status == ONUS_ERR_NOMEM ? onus_fail_nomem(err) : status;
}
