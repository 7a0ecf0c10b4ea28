/* What the product's labels are held against, in the one form that the kernels take.
 *
 * Self-reports and instructions are one label an item. Votes become shares for each stratum, and
 * beside them the commonest vote, where there is one: a tie is nobody's answer. Called by trial.c.
 * Never calls an instruction or an onlooker's vote what somebody felt. */
#include "affect_internal.h"

static bool asked(const affect_trial *t, size_t item) {
    return t->said[item] != AFFECT_NOT_ASKED;
}

static onus_status take_labels(affect_trial *t, affect_against against, const char *name,
                               const onus_item_labels *labels) {
    if (!labels->given) {
        return ONUS_OK;
    }
    affect_reference *r = &t->references[t->n_references++];
    double *truth = affect_alloc(t, t->n_items * t->n_labels, sizeof *truth);
    *r = (affect_reference){.against = against, .name = name, .truth = truth};
    if (truth == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n_items; i++) {
        if (labels->label[i] >= 0) {
            truth[i * t->n_labels + (size_t)labels->label[i]] = 1.0;
            r->n_items++;
            r->n_compared += asked(t, i);
        }
    }
    return ONUS_OK;
}

static onus_status take_votes(affect_trial *t, size_t stratum) {
    const onus_votes *votes = &t->a->votes;
    const size_t q = t->n_labels;
    affect_reference *r = &t->references[t->n_references++];
    double *truth = affect_alloc(t, t->n_items * q, sizeof *truth);
    double *plurality = affect_alloc(t, t->n_items * q, sizeof *plurality);
    double *counts = affect_alloc(t, t->n_items * q, sizeof *counts);
    *r = (affect_reference){.against = AFFECT_RATERS,
                            .name = "raters",
                            .stratum = votes->n_strata > 1 ? votes->strata[stratum] : NULL,
                            .stratum_index = stratum,
                            .truth = truth,
                            .plurality = plurality,
                            .votes = counts};
    if (truth == NULL || plurality == NULL || counts == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t u = 0; u < votes->n_units; u++) {
        if ((size_t)votes->stratum[u] != stratum) {
            continue;
        }
        const size_t item = (size_t)votes->item[u];
        const double *of = &votes->counts[u * q];
        double n = 0.0;
        double most = 0.0;
        size_t n_most = 0;
        for (size_t c = 0; c < q; c++) { /* whole numbers: exact in any order */
            counts[item * q + c] = of[c];
            n += of[c];
            n_most = of[c] > most ? 1 : n_most + (of[c] >= most && most > 0.0);
            most = of[c] > most ? of[c] : most;
        }
        for (size_t c = 0; c < q; c++) {
            truth[item * q + c] = of[c] / n;
            plurality[item * q + c] = n_most == 1 && of[c] >= most ? 1.0 : 0.0;
        }
        r->n_items++;
        r->n_compared += asked(t, item);
        r->n_tied += asked(t, item) && n_most > 1;
    }
    return ONUS_OK;
}

/* How often two votes of one item agree, over the items of a reference; -1: no item has two. Only
 * ranks strata: what is printed is affect.percent_agreement. */
static double agreement_of(const affect_trial *t, const affect_reference *r) {
    double sum = 0.0;
    size_t n_items = 0;
    for (size_t i = 0; i < t->n_items; i++) {
        double n = 0.0;
        double pairs = 0.0;
        for (size_t c = 0; c < t->n_labels; c++) {
            const double votes = r->votes[i * t->n_labels + c];
            n += votes;
            pairs += votes * (votes - 1.0);
        }
        if (n > 1.0) {
            sum += pairs / (n * (n - 1.0));
            n_items++;
        }
    }
    return n_items > 0 ? sum / (double)n_items : -1.0;
}

static void choose_main(affect_trial *t) {
    double best = -2.0;
    for (size_t k = 0; k < t->n_references; k++) {
        const affect_reference *r = &t->references[k];
        if (r->n_compared == 0) {
            continue;
        }
        const double rank = r->against == AFFECT_SELF_REPORT ? 3.0
                            : r->against == AFFECT_RATERS    ? 1.0 + agreement_of(t, r)
                                                             : -1.5;
        if (rank > best) {
            best = rank;
            t->main = r;
        }
    }
}

onus_status affect_make_references(affect_trial *t) {
    onus_status status = ONUS_OK;
    t->references = affect_alloc(t, 2 + t->a->votes.n_strata, sizeof *t->references);
    if (t->references == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(take_labels(t, AFFECT_SELF_REPORT, "self_report", &t->a->self_report));
    for (size_t s = 0; t->a->votes.given && s < t->a->votes.n_strata; s++) {
        ONUS_TRY(take_votes(t, s));
    }
    ONUS_TRY(take_labels(t, AFFECT_INTENDED, "intended", &t->a->intended));
    choose_main(t);
out:
    return status;
}
