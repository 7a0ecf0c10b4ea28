/* Scopes and storage of the affect trial's drafts; what is common to all trials is in
 * onus/drafts.h.
 *
 * Called by every stage. Never computes a statistic. */
#include "affect_internal.h"
#include "onus/alloc.h"

void *affect_keep(affect_trial *t, void *ptr) {
    return onus_keep(&t->kept, ptr);
}

void *affect_alloc(affect_trial *t, size_t n, size_t size) {
    return affect_keep(t, onus_alloc_n(n > 0 ? n : 1, size));
}

onus_measure affect_draft_of(const char *id) {
    onus_measure m = {.def = affect_measure(id)};
    return m;
}

onus_status affect_add(affect_trial *t, const onus_measure *m, size_t *index) {
    return onus_draft_add(&t->drafts, m, index);
}

const onus_measure *affect_drafted(const affect_trial *t, size_t index) {
    const onus_measure *drafts = t->drafts.items;
    return &drafts[index];
}

void affect_scope_against(onus_measure *m, const affect_reference *reference) {
    onus_scope_set_text(&m->scope, "against", reference->name);
    if (reference->stratum != NULL) {
        onus_scope_set_text(&m->scope, "stratum", reference->stratum);
    }
}

void affect_scope_group(const affect_trial *t, onus_measure *m, const affect_grouping *grouping,
                        size_t group) {
    if (t->n_groupings > 1) {
        onus_scope_set_text(&m->scope, "by", grouping->name);
    }
    onus_scope_set_text(&m->scope, "group", grouping->groups[group]);
}

void affect_scope_label(const affect_trial *t, onus_measure *m, size_t label) {
    onus_scope_set_text(&m->scope, "label", t->labels[label]);
}

void affect_scope_stratum(const affect_trial *t, onus_measure *m, size_t stratum) {
    if (t->a->votes.n_strata > 1) {
        onus_scope_set_text(&m->scope, "stratum", t->a->votes.strata[stratum]);
    }
}

int32_t affect_group_of_item(const affect_trial *t, const affect_grouping *grouping, size_t item) {
    return grouping->of_person[t->person[item]];
}

const onus_measure *affect_look(const affect_trial *t, const char *id,
                                const affect_reference *reference, const char *key,
                                const char *value, size_t *index) {
    onus_measure m = {0};
    if (reference != NULL) {
        affect_scope_against(&m, reference);
    }
    if (key != NULL) {
        onus_scope_set_text(&m.scope, key, value);
    }
    const size_t found = onus_draft_find(&t->drafts, id, &m.scope);
    if (index != NULL) {
        *index = found;
    }
    return found == SIZE_MAX ? NULL : affect_drafted(t, found);
}
