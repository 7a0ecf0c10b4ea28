/* The triangle: what people reported, what onlookers said, what the product said, and how often
 * each two are the same.
 *
 * A product that reads emotions would agree with people about themselves. One that agrees with
 * onlookers, who do not, reads what onlookers read. Where nobody was asked the side stays open,
 * with the reason, and the report is capped there. Beside it, where actors were told what to show,
 * the same with the instruction: it is no corner of the triangle, because nobody has to feel what
 * he plays. Called by trial.c; all figures are drafts of validity*.c. */
#include <math.h>

#include "affect_internal.h"

static const char NOBODY_ASKED[] = "nobody was asked what they felt (self_report)";
static const char NO_ONLOOKERS[] = "no onlooker voted (raters)";
static const char NOT_MEASURED[] = "this was not measured";

static onus_status put(onus_series *series, const char *from, const char *to, const char *stratum,
                       const onus_measure *m, const char *reason) {
    onus_status status = ONUS_OK;
    const bool shown = affect_shown(m);
    ONUS_TRY(onus_series_text(series, from));
    ONUS_TRY(onus_series_text(series, to));
    ONUS_TRY(stratum != NULL ? onus_series_text(series, stratum) : onus_series_null(series));
    ONUS_TRY(onus_series_number(series, shown && m->has_fraction ? m->den : NAN));
    ONUS_TRY(onus_series_number(series, shown && m->has_fraction ? m->num : NAN));
    ONUS_TRY(onus_series_number(series, shown ? m->value : NAN));
    ONUS_TRY(onus_series_number(series, shown && m->interval.given ? m->interval.low : NAN));
    ONUS_TRY(onus_series_number(series, shown && m->interval.given ? m->interval.high : NAN));
    if (shown) {
        ONUS_TRY(onus_series_null(series));
    } else {
        ONUS_TRY(onus_series_text(series, m != NULL && m->reason != NULL ? m->reason : reason));
    }
out:
    return status;
}

/* A reference and the product. */
static onus_status put_product(const affect_trial *t, onus_series *series,
                               const affect_reference *r) {
    return put(series, r->name, "product", r->stratum,
               affect_look(t, "affect.accuracy", r, NULL, NULL, NULL), NOT_MEASURED);
}

/* What single onlookers get right about another reference, stratum by stratum. */
static onus_status put_onlookers(const affect_trial *t, onus_series *series,
                                 const affect_reference *r) {
    onus_status status = ONUS_OK;
    const bool strata = t->a->votes.n_strata > 1;
    for (size_t s = 0; s < t->a->votes.n_strata; s++) {
        const char *stratum = strata ? t->a->votes.strata[s] : NULL;
        ONUS_TRY(
            put(series, r->name, "raters", stratum,
                affect_look(t, "affect.one_human", r, strata ? "stratum" : NULL, stratum, NULL),
                NOT_MEASURED));
    }
out:
    return status;
}

onus_status affect_triangle(affect_trial *t) {
    static const char *columns[] = {"from",  "to",  "stratum", "n",     "same",
                                    "share", "low", "high",    "reason"};
    onus_status status = ONUS_OK;
    const affect_reference *felt = NULL;
    onus_series *series =
        onus_result_series(t->result, "triangle", columns, sizeof columns / sizeof columns[0]);
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < t->n_references; k++) {
        felt = t->references[k].against == AFFECT_SELF_REPORT ? &t->references[k] : felt;
    }
    if (felt != NULL) {
        ONUS_TRY(put_product(t, series, felt));
        ONUS_TRY(put_onlookers(t, series, felt));
    } else {
        ONUS_TRY(put(series, "self_report", "product", NULL, NULL, NOBODY_ASKED));
        ONUS_TRY(put(series, "self_report", "raters", NULL, NULL, NOBODY_ASKED));
    }
    if (!t->a->votes.given) {
        ONUS_TRY(put(series, "raters", "product", NULL, NULL, NO_ONLOOKERS));
    }
    for (size_t k = 0; k < t->n_references; k++) {
        const affect_reference *r = &t->references[k];
        if (r->against != AFFECT_SELF_REPORT) {
            ONUS_TRY(put_product(t, series, r));
        }
        if (r->against == AFFECT_INTENDED) {
            ONUS_TRY(put_onlookers(t, series, r));
        }
    }
out:
    return status;
}
