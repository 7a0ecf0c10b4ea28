/* What the product said of each item: one label, or that it abstained.
 *
 * An item may have several rows: versions of the product, and re-tests or frames of each. On trial
 * is the last version, and of its repeats the first: the others say whether the label stays
 * (scores.c), and counting them as further items would count one clip many times. Called by
 * trial.c. Never picks a label from scores. */
#include "affect_internal.h"

static bool is_before(const onus_said *said, size_t row, size_t other) {
    return said->repeat != NULL && said->repeat[row] < said->repeat[other];
}

onus_status affect_make_said(affect_trial *t) {
    const onus_said *said = &t->a->said;
    t->n_items = t->a->items.n_items;
    t->n_labels = t->a->domain.n_labels;
    t->labels = t->a->domain.labels;
    t->said = affect_alloc(t, t->n_items, sizeof *t->said);
    t->said_row = affect_alloc(t, t->n_items, sizeof *t->said_row);
    if (t->said == NULL || t->said_row == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n_items; i++) {
        t->said_row[i] = -1;
        t->said[i] = AFFECT_NOT_ASKED;
    }
    const size_t last = said->n_versions > 0 ? said->n_versions - 1 : 0;
    t->version = said->n_versions > 0 ? said->versions[last] : NULL;
    for (size_t row = 0; row < said->n_rows; row++) {
        int32_t *of = &t->said_row[said->item[row]];
        if (said->version != NULL && (size_t)said->version[row] != last) {
            continue;
        }
        t->n_asked += *of < 0;
        if (*of < 0 || is_before(said, row, (size_t)*of)) {
            *of = (int32_t)row;
        }
    }
    for (size_t i = 0; i < t->n_items; i++) {
        if (t->said_row[i] >= 0) {
            t->said[i] = said->label[t->said_row[i]];
        }
    }
    return ONUS_OK;
}
