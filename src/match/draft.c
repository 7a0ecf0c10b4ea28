/* Scopes and storage of the match trial's drafts; what is common to all trials is in onus/drafts.h.
 *
 * Called by every stage. Never computes a statistic. */
#include <math.h>
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

void *match_keep(match_trial *t, void *ptr) {
    return onus_keep(&t->kept, ptr);
}

void *match_alloc(match_trial *t, size_t n, size_t size) {
    return match_keep(t, onus_alloc_n(n > 0 ? n : 1, size));
}

onus_measure match_draft_of(const char *id) {
    onus_measure m = {.def = match_measure(id)};
    return m;
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
    onus_draft_mark_group(m, &group->show);
}

/* ---- the list ---- */

onus_status match_add(match_trial *t, const onus_measure *m, size_t *index) {
    onus_measure shown = *m;
    if (t->n_counted > 0 && t->n_counted < t->c->protocol.suppress_below) {
        hide_size(&shown);
    }
    return onus_draft_add(&t->drafts, &shown, index);
}

const onus_measure *match_drafted(const match_trial *t, size_t index) {
    const onus_measure *drafts = t->drafts.items;
    return &drafts[index];
}
