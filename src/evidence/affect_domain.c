/* The domain of labels: what a product, a rater or a person may say, and what each is worth.
 *
 * A declared domain holds labels that never occur too, because the number of labels is part of
 * every chance correction. A label that occurs and is neither declared nor mapped stops the trial
 * (or its rows are let go and counted, where the case says so): "calm" that silently becomes
 * nothing would change every share. Without a declared domain the labels that occur make one, which
 * is warned.
 *
 * Called by affect_load.c. Never guesses that two labels mean the same. */
#include <string.h>

#include "affect_loading.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

static const onus_mapping *mapped(const affect_loading *a, const char *label) {
    const onus_domain_ref *domain = &a->ref->domain;
    for (size_t i = 0; i < domain->n_map; i++) {
        if (strcmp(domain->map[i].name, label) == 0) {
            return &domain->map[i];
        }
    }
    return NULL;
}

static int32_t place_of(const onus_domain *domain, const char *label) {
    for (size_t c = 0; c < domain->n_labels; c++) {
        if (strcmp(domain->labels[c], label) == 0) {
            return (int32_t)c;
        }
    }
    return ONUS_AFFECT_UNKNOWN_LABEL;
}

int32_t affect_label_of(const affect_loading *a, const char *label) {
    const onus_mapping *map = mapped(a, label);
    return place_of(&a->out->domain, map != NULL ? map->values.items[0] : label);
}

/* ---- making it ---- */

static onus_status add_case_labels(onus_names *names, const onus_mapping *keys, size_t n) {
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < n; k++) {
        ONUS_TRY(onus_names_add(names, keys[k].name));
    }
out:
    return status;
}

static onus_status warn_undeclared(affect_loading *a) {
    const onus_domain *domain = &a->out->domain;
    onus_text list = {0};
    for (size_t c = 0; c < domain->n_labels; c++) {
        char quoted[ONUS_QUOTED_MAX];
        onus_text_addf(&list, "%s%s", c == 0 ? "" : ", ",
                       onus_quoted(domain->labels[c], strlen(domain->labels[c]), quoted));
    }
    const onus_status status = onus_warn(
        &a->loading->out->warnings, "domain_of_data",
        "no domain of labels is declared: it was made of the %zu that occur (%s); a label "
        "that nobody used is missing from it, and every correction for chance depends on "
        "how many there are",
        domain->n_labels, list.data != NULL ? list.data : "none");
    onus_text_clear(&list);
    return status;
}

static onus_status from_data(affect_loading *a) {
    onus_names names = {0};
    onus_status status = ONUS_OK;
    for (int k = 0; k < ONUS_AFFECT_N_TABLES; k++) {
        const affect_table *t = &a->tables[k];
        if (affect_given(t) && t->label != ONUS_AFFECT_NO_COLUMN) {
            ONUS_TRY(onus_names_add_column(&names, &t->table, (size_t)t->label));
        }
    }
    ONUS_TRY(add_case_labels(&names, a->ref->labels.scores, a->ref->labels.n_scores));
    ONUS_TRY(add_case_labels(&names, a->ref->raters.counts, a->ref->raters.n_counts));
    ONUS_TRY(onus_names_settle(&names, ONUS_NAMES_READ));
    ONUS_TRY(onus_names_copy(&names, &a->out->domain.labels, &a->out->domain.n_labels));
    ONUS_TRY(warn_undeclared(a));
out:
    onus_names_clear(&names);
    return status;
}

static onus_status as_declared(affect_loading *a) {
    const onus_strings *labels = &a->ref->domain.labels;
    onus_domain *domain = &a->out->domain;
    domain->declared = true;
    domain->labels = onus_alloc_n(labels->n, sizeof *domain->labels);
    if (domain->labels == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (; domain->n_labels < labels->n; domain->n_labels++) {
        domain->labels[domain->n_labels] = onus_strdup(labels->items[domain->n_labels]);
        if (domain->labels[domain->n_labels] == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    return ONUS_OK;
}

onus_status affect_make_domain(affect_loading *a) {
    onus_domain *domain = &a->out->domain;
    onus_status status = ONUS_OK;
    ONUS_TRY(a->ref->domain.given ? as_declared(a) : from_data(a));
    domain->values = onus_alloc_n(domain->n_labels, sizeof *domain->values);
    if (domain->values == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    const bool by_value =
        a->ref->domain.scale == ONUS_LABELS_INTERVAL || a->ref->domain.scale == ONUS_LABELS_RATIO;
    for (size_t c = 0; c < domain->n_labels; c++) {
        domain->values[c] = (double)c;
        if (by_value) { /* check_affect.c saw that each is a number */
            (void)onus_parse_double(domain->labels[c], strlen(domain->labels[c]),
                                    &domain->values[c]);
        }
    }
out:
    return status;
}

/* ---- labels of tables ---- */

/* "column 'label' is 'calm', which the domain does not hold; ..." */
static onus_status refuse_label(affect_loading *a, affect_table *t, size_t i, const char *label) {
    const onus_domain *domain = &a->out->domain;
    const char *const *labels = (const char *const *)domain->labels;
    const char *near = onus_text_nearest(label, labels, domain->n_labels);
    const char *column = a->ref->raters.label;
    if (t == &a->tables[ONUS_AFFECT_LABELS]) {
        column = a->ref->labels.label;
    } else if (t == &a->tables[ONUS_AFFECT_SELF_REPORT]) {
        column = a->ref->self_report.label;
    } else if (t == &a->tables[ONUS_AFFECT_INTENDED]) {
        column = a->ref->intended.label;
    }
    char quoted[ONUS_QUOTED_MAX];
    char meant[ONUS_QUOTED_MAX];
    if (near == NULL) {
        near = "one of its labels";
    }
    return affect_refuse(a, t, i, "label that the domain does not hold",
                         "column '%s' is '%s', which the domain does not hold; add it to "
                         "domain.labels, or say what it counts as: 'domain: {map: {%s: %s}}'",
                         column, onus_quoted(label, strlen(label), quoted), quoted,
                         onus_quoted(near, strlen(near), meant));
}

onus_status affect_take_labels(affect_loading *a, affect_table *t, int32_t **of_row) {
    const onus_table *table = &t->table;
    onus_status status = ONUS_OK;
    int32_t *of_text = onus_alloc_n(table->n_texts, sizeof *of_text);
    uint8_t *known = onus_alloc_n(table->n_texts, sizeof *known); /* 1: looked up, 2: by the map */
    *of_row = onus_alloc_n(table->n_rows, sizeof **of_row);
    if (of_text == NULL || known == NULL || *of_row == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const uint32_t text = table->columns[t->label].texts[i];
        const char *label = table->pool + table->pool_starts[text];
        (*of_row)[i] = ONUS_AFFECT_NO_LABEL;
        if (t->keep[i] == 0 || label[0] == '\0') {
            continue;
        }
        if (known[text] == 0) {
            of_text[text] = affect_label_of(a, label);
            known[text] = mapped(a, label) != NULL ? 2 : 1;
        }
        a->out->domain.n_mapped += known[text] == 2;
        if (of_text[text] == ONUS_AFFECT_UNKNOWN_LABEL) {
            ONUS_TRY(refuse_label(a, t, i, label));
        } else {
            (*of_row)[i] = of_text[text];
        }
    }
out:
    onus_free(of_text);
    onus_free(known);
    return status;
}
