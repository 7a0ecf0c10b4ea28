/* Drafts of measures before they are handed over to the result.
 *
 * Called by the stages of trials. Never computes a statistic. */
#include "onus/drafts.h"

#include <math.h>
#include <string.h>

#include "onus/text.h"

void onus_draft_set_number(onus_measure *m, onus_number value) {
    m->has_value = isfinite(value.value);
    if (m->has_value) {
        m->value = value.value;
    } else {
        m->reason = value.reason != NULL ? value.reason : "undefined";
    }
}

void onus_draft_set_fraction(onus_measure *m, double num, double den, const char *reason) {
    m->has_fraction = true;
    m->num = num;
    m->den = den;
    onus_draft_set_number(m, den > 0.0 ? onus_number_of(num / den) : onus_number_none(reason));
}

void onus_draft_set_limits(onus_measure *m, onus_limits limits, double level, const char *method,
                           const char *resampled) {
    if (!m->has_value || isnan(limits.low) || isnan(limits.high)) {
        return;
    }
    m->interval = (onus_interval){.given = true,
                                  .level = level,
                                  .low = isinf(limits.low) ? NAN : limits.low,
                                  .high = isinf(limits.high) ? NAN : limits.high,
                                  .method = method,
                                  .resampled = resampled};
}

void onus_draft_set_printed(onus_measure *m, double level) {
    if (m->has_value) {
        m->interval = (onus_interval){.given = true,
                                      .exact = true,
                                      .level = level,
                                      .low = m->value,
                                      .high = m->value,
                                      .method = "exact: every printed row"};
    }
}

void onus_draft_mark_group(onus_measure *m, const onus_group_show *group) {
    if (group->state == ONUS_GROUP_WITHHELD) {
        m->withheld = true;
        m->reason = group->reason;
    } else if (group->state == ONUS_GROUP_WEAK && m->interval.given && !m->interval.weak) {
        m->interval.weak = true;
        m->interval.weak_reason = group->reason;
    }
}

onus_status onus_draft_add(onus_array *drafts, const onus_measure *m, size_t *index) {
    const onus_status status = onus_array_push(drafts, m);
    if (status == ONUS_OK && index != NULL) {
        *index = drafts->n_items - 1;
    }
    return status;
}

bool onus_scope_same(const onus_scope *a, const onus_scope *b) {
    bool same = a->n_items == b->n_items;
    for (size_t i = 0; i < a->n_items && same; i++) { /* keys are sorted */
        same = strcmp(a->items[i].key, b->items[i].key) == 0 &&
               onus_text_equal(a->items[i].text, b->items[i].text) &&
               (a->items[i].text != NULL || !(a->items[i].number < b->items[i].number ||
                                              a->items[i].number > b->items[i].number));
    }
    return same;
}

size_t onus_draft_find(const onus_array *drafts, const char *id, const onus_scope *scope) {
    static const onus_scope empty;
    const onus_measure *m = drafts->items;
    for (size_t i = 0; i < drafts->n_items; i++) {
        if (m[i].def != NULL && strcmp(m[i].def->id, id) == 0 &&
            onus_scope_same(&m[i].scope, scope != NULL ? scope : &empty)) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* A withheld measure keeps its scope and its reason, nothing that could be computed back. */
static void blank(onus_measure *m) {
    const onus_measure bare = {
        .def = m->def, .scope = m->scope, .reason = m->reason, .withheld = true};
    *m = bare;
}

onus_status onus_draft_hand_over(onus_measure *m, onus_result *result, onus_error *err) {
    if (m->withheld) {
        blank(m);
    }
    const onus_status status = onus_result_add(result, m, NULL);
    if (status == ONUS_ERR_BUG) {
        return onus_fail_plain(err, status, "measure '%s' breaks its own rules",
                               m->def != NULL ? m->def->id : "without a definition");
    }
    return status;
}

onus_status onus_drafts_hand_over(onus_array *drafts, onus_result *result, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_measure *m = drafts->items;
    for (size_t i = 0; i < drafts->n_items && status == ONUS_OK; i++) {
        result->n_suppressed += m[i].withheld;
        status = onus_draft_hand_over(&m[i], result, err);
    }
    return status;
}
