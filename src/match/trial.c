/* The match trial: its table of contents.
 *
 *   who was compared with whom -> sets of comparisons, pairs of people, groups
 *   -> how often is it wrong (rates*.c) -> for whom (groups*.c) -> in a search (searches*.c)
 *   -> along a track (tracks*.c, trails*.c) -> in the use that is meant (use*.c)
 *   -> tricks it must see by itself (tricks*.c) -> the board's questions
 *
 * One call per stage; match_trial is the only state and dies here. Claims are judged afterwards by
 * onus_claims_judge, question 11 after that by onus_match_answer. Never sees a picture, compares
 * nobody with anybody, and names no person. */
#include "onus/match.h"

#include "match_internal.h"

static void clear(match_trial *t) {
    onus_array_clear(&t->drafts);
    onus_kept_clear(&t->kept);
}

onus_status onus_match_try(const onus_case *c, const onus_evidence *evidence,
                           const onus_context *context, onus_result *result, onus_error *err) {
    match_trial t = {.c = c,
                     .evidence = evidence,
                     .m = &evidence->match,
                     .context = context,
                     .result = result,
                     .err = err,
                     .drafts = ONUS_DRAFTS_INIT,
                     .kept = ONUS_KEPT_INIT};
    onus_status status = ONUS_OK;
    ONUS_TRY(match_make_sets(&t));
    ONUS_TRY(match_make_pairs(&t));
    ONUS_TRY(match_make_people(&t));
    ONUS_TRY(match_rates(&t));
    ONUS_TRY(match_groups(&t));
    ONUS_TRY(match_searches(&t));
    ONUS_TRY(match_tracks(&t));
    ONUS_TRY(match_use(&t));
    ONUS_TRY(match_field(&t));
    ONUS_TRY(match_tricks(&t));
    ONUS_TRY(match_questions(&t));
    ONUS_TRY(onus_drafts_hand_over(&t.drafts, result, err));
out:
    clear(&t);
    return status == ONUS_ERR_NOMEM ? onus_fail_nomem(err) : status;
}
