/* Drafts of measures: filled by the stages, handed to the result at the end.
 *
 * A measure that reaches the result is never changed; what a stage finds later (a group that is too
 * small, a threshold that was tuned) may still have to be said in it. So stages draft, and
 * match_hand_over appends the drafts in their order: the index of a draft is its index in the
 * result.
 *
 * Called by every stage. Never computes a statistic. */
#include <math.h>
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

void *match_keep(match_trial *t, void *ptr) {
    if (ptr != NULL && onus_array_push(&t->kept, &ptr) != ONUS_OK) {
        onus_free(ptr);
        return NULL;
    }
    return ptr;
}

void *match_alloc(match_trial *t, size_t n, size_t size) {
    return match_keep(t, onus_alloc_n(n > 0 ? n : 1, size));
}

onus_measure match_draft_of(const char *id) {
    onus_measure m = {.def = match_measure(id)};
    return m;
}

void match_set_number(onus_measure *m, onus_number value) {
    m->has_value = isfinite(value.value);
    if (m->has_value) {
        m->value = value.value;
    } else {
        m->reason = value.reason != NULL ? value.reason : "undefined";
    }
}

void match_set_fraction(onus_measure *m, double num, double den, const char *reason) {
    m->has_fraction = true;
    m->num = num;
    m->den = den;
    match_set_number(m, den > 0.0 ? onus_number_of(num / den) : onus_number_none(reason));
}

/* ---- scopes ---- */

void match_scope_set(onus_measure *m, const match_set *set) {
    if (set->name != NULL) {
        onus_scope_set_text(&m->scope, "pairs", set->name);
    }
}

void match_scope_point(onus_measure *m, const match_point *point) {
    if (!point->in_use) {
        onus_scope_set_number(&m->scope, "threshold", point->threshold);
    }
}

void match_scope_fta(onus_measure *m, match_fta fta) {
    if (fta != MATCH_FTA_LEFT_OUT) {
        onus_scope_set_text(&m->scope, "convention",
                            fta == MATCH_FTA_AS_MATCH ? "fta_as_match" : "fta_as_nonmatch");
    }
}

static void scope_by(const match_trial *t, onus_measure *m, const match_group *group) {
    if (t->n_groupings > 1) {
        onus_scope_set_text(&m->scope, "by", group->by);
    }
}

void match_scope_group(const match_trial *t, onus_measure *m, size_t grouping, size_t value) {
    const match_group *group = match_group_of(t, grouping, value);
    scope_by(t, m, group);
    onus_scope_set_text(&m->scope, "group", group->name);
}

void match_scope_cell(const match_trial *t, onus_measure *m, size_t grouping, size_t probe_value,
                      size_t reference_value) {
    const match_group *probe = match_group_of(t, grouping, probe_value);
    scope_by(t, m, probe);
    onus_scope_set_text(&m->scope, "probe_group", probe->name);
    onus_scope_set_text(&m->scope, "reference_group",
                        match_group_of(t, grouping, reference_value)->name);
}

const match_group *match_group_of(const match_trial *t, size_t grouping, size_t value) {
    return &t->groups[t->group_start[grouping] + value];
}

/* A limit from pairs that share nobody, 1 - 0.05^(1 / n), gives n back, and with it how many people
 * there are. Without it the interval is open on that side: few people can refute, not support. */
static void hide_size(onus_measure *m) {
    onus_interval *i = &m->interval;
    if (!i->given || strstr(i->method, "disjoint pairs") == NULL) {
        return;
    }
    const bool all_erred = m->value == 1.0;
    if (all_erred || strstr(i->method, "lower limit") != NULL) {
        i->low = NAN;
    } else {
        i->high = NAN;
    }
    i->n_effective = 0.0;
}

void match_mark_group(const match_group *group, onus_measure *m) {
    if (group->hide_size) {
        hide_size(m);
    }
    if (group->state == MATCH_GROUP_WITHHELD) {
        m->withheld = true;
        m->reason = group->reason;
    } else if (group->state == MATCH_GROUP_WEAK && m->interval.given && !m->interval.weak) {
        m->interval.weak = true;
        m->interval.weak_reason = group->reason;
    }
}

/* ---- the list ---- */

onus_status match_add(match_trial *t, const onus_measure *m, size_t *index) {
    onus_measure shown = *m;
    if (t->n_counted > 0 && t->n_counted < t->c->protocol.suppress_below) {
        hide_size(&shown);
    }
    const onus_status status = onus_array_push(&t->drafts, &shown);
    if (status == ONUS_OK && index != NULL) {
        *index = t->drafts.n_items - 1;
    }
    return status;
}

const onus_measure *match_drafted(const match_trial *t, size_t index) {
    const onus_measure *drafts = t->drafts.items;
    return &drafts[index];
}

static bool same_scope(const onus_scope *a, const onus_scope *b) {
    bool same = a->n_items == b->n_items;
    for (size_t i = 0; i < a->n_items && same; i++) { /* keys are sorted */
        same = strcmp(a->items[i].key, b->items[i].key) == 0 &&
               onus_text_equal(a->items[i].text, b->items[i].text) &&
               (a->items[i].text != NULL || a->items[i].number == b->items[i].number);
    }
    return same;
}

size_t match_find(const match_trial *t, const char *id, const onus_scope *scope) {
    static const onus_scope empty;
    const onus_measure *drafts = t->drafts.items;
    for (size_t i = 0; i < t->drafts.n_items; i++) {
        if (drafts[i].def != NULL && strcmp(drafts[i].def->id, id) == 0 &&
            same_scope(&drafts[i].scope, scope != NULL ? scope : &empty)) {
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

onus_status match_hand_over(match_trial *t) {
    onus_measure *drafts = t->drafts.items;
    for (size_t i = 0; i < t->drafts.n_items; i++) {
        if (drafts[i].withheld) {
            blank(&drafts[i]);
            t->result->n_suppressed++;
        }
        const onus_status status = onus_result_add(t->result, &drafts[i], NULL);
        if (status == ONUS_ERR_BUG) {
            return onus_fail_plain(t->err, status, "measure '%s' breaks its own rules",
                                   drafts[i].def != NULL ? drafts[i].def->id
                                                         : "without a definition");
        }
        if (status != ONUS_OK) {
            return status;
        }
    }
    return ONUS_OK;
}
