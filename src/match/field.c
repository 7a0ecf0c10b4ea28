/* Figures of use in the field: each with its exact interval, and against what was printed of it.
 *
 * The idea: "10 false alerts" is one in 208 alerts and one in 314,745 faces, and both are printed
 * of the same year. Every row is a count over another; the same numbers over both denominators
 * stand side by side, and a printed percentage must come out of its counts to one step of its last
 * digit.
 *
 * Called by trial.c. Who was alerted is not in such a table, so that events are taken for
 * independent and their intervals carry no verdict. Never looks at which police it was. */
#include <math.h>

#include "match_internal.h"
#include "onus/stats_interval.h"

/* As place/published.c: a step of the last digit is a power of ten that no double holds exactly. */
static const double ROUNDING_SHARE = 1e-12;

static const char *why_not(const onus_field_figures *f, size_t i) {
    return isnan(f->count[i]) || isnan(f->of[i]) ? "no counts are given, only the figure"
           : !(f->of[i] > 0.0)                   ? "counted of nothing"
           : f->count[i] > f->of[i]              ? "more were counted than there are"
                                                 : NULL;
}

static onus_status add_share(match_trial *t, const onus_field_figures *f, size_t i) {
    onus_measure m = match_draft_of("match.field_share");
    const char *why = why_not(f, i);
    onus_scope_set_text(&m.scope, "figure", f->names[i]);
    if (f->what != NULL && f->what[i][0] != '\0') {
        onus_scope_set_text(&m.scope, "what", f->what[i]);
    }
    if (why != NULL) {
        onus_draft_set_number(&m, onus_number_none(why));
        return match_add(t, &m, NULL);
    }
    const double level = t->c->protocol.level;
    const onus_limits limits = onus_clopper_pearson(f->count[i], f->of[i], level);
    onus_draft_set_fraction(&m, f->count[i], f->of[i], NULL);
    m.interval = (onus_interval){.given = !isnan(limits.low),
                                 .level = level,
                                 .low = limits.low,
                                 .high = limits.high,
                                 .method = "clopper-pearson",
                                 .weak = true,
                                 .weak_reason = "who was alerted is not known: events are taken "
                                                "for independent"};
    return match_add(t, &m, NULL);
}

/* Rows that print a figure beside their counts: how many agree, and the most that one is off. */
static onus_status add_recomputed(match_trial *t, const onus_field_figures *f) {
    size_t n_both = 0;
    size_t n_agree = 0;
    double most = 0.0;
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < f->n_rows; i++) {
        if (why_not(f, i) == NULL && !isnan(f->printed[i])) {
            const double value = f->count[i] / f->of[i];
            const double off = fabs(value - f->printed[i]);
            n_both++;
            n_agree += off <= f->digit_unit[i] * (1.0 + ROUNDING_SHARE) ? 1 : 0;
            most = fmax(most, off);
        }
    }
    onus_measure agree = match_draft_of("match.field_recomputed");
    onus_draft_set_fraction(&agree, (double)n_agree, (double)n_both,
                            "no row prints a figure beside its counts");
    onus_draft_set_printed(&agree, t->c->protocol.level);
    ONUS_TRY(match_add(t, &agree, NULL));
    if (n_agree < n_both) {
        ONUS_TRY(
            onus_result_warn(t->result, "field_not_recomputed",
                             "%zu of %zu printed figures do not come out of the counts printed "
                             "beside them; the largest difference is %.3g percentage points",
                             n_both - n_agree, n_both, 100.0 * most));
    }
out:
    return status;
}

onus_status match_field(match_trial *t) {
    const onus_field_figures *f = &t->m->field;
    onus_status status = ONUS_OK;
    if (t->c->match.field.source.file == NULL) {
        return ONUS_OK;
    }
    for (size_t i = 0; i < f->n_rows; i++) {
        ONUS_TRY(add_share(t, f, i));
    }
    ONUS_TRY(add_recomputed(t, f));
out:
    return status;
}
