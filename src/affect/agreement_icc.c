/* Agreement of numbers, where the declared labels are numbers: intraclass correlations.
 *
 * The one-way form takes any votes. Forms 2 and 3 and the means take out each rater's own level, so
 * they need raters with names who all scored the same units; nameless votes are refused with the
 * reason. Called by agreement.c. Never fills in a score that was not given. */
#include "agreement_internal.h"
#include "onus/alloc.h"
#include "onus/stats_icc.h"

static const char *const FORMS[ONUS_N_ICC] = {"1", "2", "3", "1k", "2k", "3k"};

static const char NAMELESS[] =
    "the votes name no rater: this form takes out each rater's own level, and votes in numbered "
    "slots have none; the one-way form (1) takes nameless votes";
static const char UNITS_INDEPENDENT[] =
    "by normal theory, with items taken for independent, though people may be shown in several";

static onus_status add_form(affect_trial *t, const char *stratum, onus_icc_form form,
                            const onus_icc_value *found) {
    onus_measure m = affect_draft_of("affect.icc");
    onus_draft_set_number(&m, found->value);
    onus_draft_set_limits(&m, found->limits, t->c->protocol.level, "F distribution", NULL);
    if (m.interval.given) {
        m.interval.weak = true;
        m.interval.weak_reason = UNITS_INDEPENDENT;
    }
    onus_scope_set_text(&m.scope, "between", "raters");
    onus_scope_set_text(&m.scope, "form", FORMS[form]);
    if (stratum != NULL) {
        onus_scope_set_text(&m.scope, "stratum", stratum);
    }
    return affect_add(t, &m, NULL);
}

/* Every vote as a number: the one-way form. */
static onus_status one_way(affect_trial *t, size_t from, size_t until, onus_icc_value *out) {
    const onus_votes *v = &t->a->votes;
    const size_t q = t->n_labels;
    onus_status status = ONUS_ERR_NOMEM;
    double n = 0.0;
    for (size_t i = from * q; i < until * q; i++) {
        n += v->counts[i];
    }
    int32_t *unit = onus_alloc_n((size_t)n, sizeof *unit);
    double *score = onus_alloc_n((size_t)n, sizeof *score);
    if (unit != NULL && score != NULL) {
        size_t k = 0;
        for (size_t i = from * q; i < until * q; i++) {
            for (size_t votes = (size_t)v->counts[i]; votes > 0; votes--, k++) {
                unit[k] = (int32_t)(i / q - from);
                score[k] = t->a->domain.values[i % q];
            }
        }
        status = onus_icc_one_way(unit, score, k, until - from, t->c->protocol.level, out, t->err);
    }
    onus_free(unit);
    onus_free(score);
    return status;
}

/* Named votes of these units: all six forms over those who voted there. */
static onus_status two_way(affect_trial *t, size_t from, size_t until, onus_icc *out) {
    const onus_votes *v = &t->a->votes;
    onus_status status = ONUS_OK;
    int32_t *rank = onus_alloc_n(v->n_raters, sizeof *rank); /* of each rater among those here */
    onus_named_score *scores = onus_alloc_n(v->n_votes, sizeof *scores);
    if (rank == NULL || scores == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    int32_t n_here = 0;
    size_t n = 0;
    for (size_t i = 0; i < v->n_votes; i++) {
        if ((size_t)v->unit[i] >= from && (size_t)v->unit[i] < until) {
            int32_t *of = &rank[v->rater[i]];
            *of = *of == 0 ? ++n_here : *of;
            scores[n++] = (onus_named_score){.unit = v->unit[i] - (int32_t)from,
                                             .rater = *of - 1,
                                             .score = t->a->domain.values[v->vote[i]]};
        }
    }
    status = onus_icc_two_way(scores, n, until - from, (size_t)n_here, t->c->protocol.level, out,
                              t->err);
out:
    onus_free(rank);
    onus_free(scores);
    return status;
}

static onus_status add_stratum(affect_trial *t, const char *stratum, size_t from, size_t until) {
    onus_status status = ONUS_OK;
    onus_icc_value one;
    onus_icc icc = {.n_units = 0};
    ONUS_TRY(one_way(t, from, until, &one));
    ONUS_TRY(add_form(t, stratum, ONUS_ICC_1, &one));
    if (t->a->votes.named_raters) {
        ONUS_TRY(two_way(t, from, until, &icc));
    }
    for (int f = ONUS_ICC_2; f < ONUS_N_ICC; f++) {
        const onus_icc_value none = {.value = onus_number_none(NAMELESS),
                                     .limits = onus_limits_none()};
        ONUS_TRY(add_form(t, stratum, (onus_icc_form)f,
                          t->a->votes.named_raters ? &icc.forms[f] : &none));
    }
out:
    return status;
}

onus_status agreement_of_scores(affect_trial *t) {
    const onus_votes *v = &t->a->votes;
    onus_status status = ONUS_OK;
    if (!v->given || (t->c->affect.domain.scale != ONUS_LABELS_INTERVAL &&
                      t->c->affect.domain.scale != ONUS_LABELS_RATIO)) {
        return ONUS_OK;
    }
    ONUS_TRY(add_stratum(t, NULL, 0, v->n_units));
    for (size_t from = 0; v->n_strata > 1 && from < v->n_units;) {
        size_t until = from;
        while (until < v->n_units && v->stratum[until] == v->stratum[from]) {
            until++;
        }
        ONUS_TRY(add_stratum(t, v->strata[v->stratum[from]], from, until));
        from = until;
    }
out:
    return status;
}
