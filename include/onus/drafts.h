/* Drafts of measures: filled by the stages of a trial, handed to the result at the end.
 *
 * A measure that reaches the result is never changed; what a stage finds later (a group that is too
 * small) may still have to be said in it. So stages draft, and the drafts are handed over in their
 * order: the index of a draft is its index in the result. */
#ifndef ONUS_DRAFTS_H
#define ONUS_DRAFTS_H

#include <stddef.h>

#include "onus/array.h"
#include "onus/error.h"
#include "onus/groups.h"
#include "onus/result.h"
#include "onus/stats_number.h"
#include "onus/status.h"

#define ONUS_DRAFTS_INIT ONUS_ARRAY_OF(onus_measure)

/** The value, or the reason why there is none. */
void onus_draft_set_number(onus_measure *m, onus_number value);
/** num / den; den 0: no value, for this reason. */
void onus_draft_set_fraction(onus_measure *m, double num, double den, const char *reason);
/** Limits at a level; none (and no change) where they are NaN. An infinite limit is unbounded. */
void onus_draft_set_limits(onus_measure *m, onus_limits limits, double level, const char *method,
                           const char *resampled);
/** The printed table is all there is: nothing was drawn, and its figures have no error. */
void onus_draft_set_printed(onus_measure *m, double level);
/** What a group's size does to a measure over it: withholds it, or makes its interval weak. Call it
 *  last. */
void onus_draft_mark_group(onus_measure *m, const onus_group_show *group);

onus_status onus_draft_add(onus_array *drafts, const onus_measure *m, size_t *index) ONUS_MUST_USE;
/** First draft with this id whose scope is exactly this one (NULL: empty); SIZE_MAX: none. */
size_t onus_draft_find(const onus_array *drafts, const char *id, const onus_scope *scope);
bool onus_scope_same(const onus_scope *a, const onus_scope *b);
/** Appends one; a withheld one keeps its scope and reason alone, nothing that could be computed
 *  back. ONUS_ERR_BUG where the measure breaks the result's rules. */
onus_status onus_draft_hand_over(onus_measure *m, onus_result *result,
                                 onus_error *err) ONUS_MUST_USE;
/** Appends them all in their order, and counts those that are withheld. */
onus_status onus_drafts_hand_over(onus_array *drafts, onus_result *result,
                                  onus_error *err) ONUS_MUST_USE;

#endif
