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

static const char NOT_HELD[] = "label that the domain does not hold";

static const char *label_column(const affect_loading *a, const affect_table *t) {
    return t == &a->tables[ONUS_AFFECT_LABELS]        ? a->ref->labels.label
           : t == &a->tables[ONUS_AFFECT_SELF_REPORT] ? a->ref->self_report.label
           : t == &a->tables[ONUS_AFFECT_INTENDED]    ? a->ref->intended.label
                                                      : a->ref->raters.label;
}

/* One problem for each such label, at its first row: thousands of rows hold the same word. */
static void report_label(affect_loading *a, const affect_table *t, size_t i, const char *label,
                         uint32_t n_rows) {
    const onus_domain *domain = &a->out->domain;
    const char *near =
        onus_text_nearest(label, (const char *const *)domain->labels, domain->n_labels);
    char quoted[ONUS_QUOTED_MAX];
    char meant[ONUS_QUOTED_MAX];
    char more[64] = "";
    if (near == NULL) {
        near = "one of its labels";
    }
    if (n_rows > 1) {
        (void)onus_format(more, sizeof more, " (here and in %u more rows)", n_rows - 1);
    }
    onus_problems_add(a->loading->problems, NOT_HELD, t->input.file, t->table.lines[i], 0,
                      "column '%s' is '%s'%s, which the domain does not hold; add it to "
                      "domain.labels, or say what it counts as: 'domain: {map: {%s: %s}}'",
                      label_column(a, t), onus_quoted(label, strlen(label), quoted), more, quoted,
                      onus_quoted(near, strlen(near), meant));
}

static const char *label_text(const affect_table *t, size_t i) {
    return onus_table_text(&t->table, (size_t)t->label, i);
}

onus_status affect_take_labels(affect_loading *a, affect_table *t, int32_t **of_row) {
    const onus_table *table = &t->table;
    onus_status status = ONUS_OK;
    int32_t *of_text = onus_alloc_n(table->n_texts, sizeof *of_text);
    uint8_t *known = onus_alloc_n(table->n_texts, sizeof *known); /* 1: looked up, 2: by the map */
    uint32_t *n_unknown = onus_alloc_n(table->n_texts, sizeof *n_unknown);
    *of_row = onus_alloc_n(table->n_rows, sizeof **of_row);
    if (of_text == NULL || known == NULL || n_unknown == NULL || *of_row == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const uint32_t text = table->columns[t->label].texts[i];
        const char *label = label_text(t, i);
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
            n_unknown[text]++;
            ONUS_TRY(affect_let_go(t, i, NOT_HELD, false));
        } else {
            (*of_row)[i] = of_text[text];
        }
    }
    for (size_t i = 0; i < table->n_rows && t->source->invalid == ONUS_INVALID_STOP; i++) {
        const uint32_t text = table->columns[t->label].texts[i];
        if (n_unknown[text] > 0) {
            report_label(a, t, i, label_text(t, i), n_unknown[text]);
            n_unknown[text] = 0;
        }
    }
out:
    onus_free(of_text);
    onus_free(known);
    onus_free(n_unknown);
    return status;
}
