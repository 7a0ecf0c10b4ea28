/* Do onlookers agree among themselves, and do versions of the product with each other?
 *
 * One panel for each stratum of votes, one for all votes, one for versions where there are several:
 * alpha, Fleiss, AC1, PABAK and plain agreement side by side, with how often each label was given,
 * because each of them alone can mislead. Where the declared scale has an order or numbers, the
 * panel comes twice: on that scale, and nominal. Intervals draw people; the others stand beside
 * them in the series agreement_intervals. Called by trial.c. Never asks who cast a vote, and never
 * turns nameless votes into coders. */
#include <math.h>
#include <string.h>

#include "agreement_internal.h"
#include "onus/alloc.h"
#include "onus/stats_interval.h"

static const char *const IDS[ONUS_N_COEFFICIENTS] = {[ONUS_COEFFICIENT_PERCENT] =
                                                         "affect.percent_agreement",
                                                     [ONUS_COEFFICIENT_ALPHA] = "affect.alpha",
                                                     [ONUS_COEFFICIENT_FLEISS] = "affect.fleiss",
                                                     [ONUS_COEFFICIENT_AC1] = "affect.ac1",
                                                     [ONUS_COEFFICIENT_PABAK] = "affect.pabak"};

/* ---- one panel ---- */

static const char ITEMS_ALONE[] =
    "the case does not say whom the items show: items are drawn as if each showed another person";
static const char FEW_PEOPLE[] = "fewer than 10 people";

void agreement_put_limits(const affect_trial *t, onus_measure *m, const onus_jackknife *jackknife,
                          size_t n_drawn) {
    onus_draft_set_limits(m, jackknife->limits, t->c->protocol.level,
                          t->knows_people ? "jackknife of people" : "jackknife of items",
                          t->knows_people ? "person" : "item");
    if (m->interval.given && !t->knows_people) {
        m->interval.weak = true;
        m->interval.weak_reason = ITEMS_ALONE;
    } else if (m->interval.given && n_drawn < AGREEMENT_PEOPLE_MIN) {
        m->interval.weak = true;
        m->interval.weak_reason = FEW_PEOPLE;
    }
}

/* Percentiles of every coefficient's replicates. */
static onus_status percentiles(const affect_trial *t, const onus_agreement_sums *sums,
                               onus_resample resample, uint64_t n_replicates, onus_limits *limits) {
    onus_status status = ONUS_ERR_NOMEM;
    const size_t n = (size_t)n_replicates;
    double *drawn = onus_alloc_n(n * ONUS_N_COEFFICIENTS, sizeof *drawn);
    double *one = onus_alloc_n(n, sizeof *one);
    if (drawn == NULL || one == NULL) {
        goto out;
    }
    ONUS_TRY(onus_agreement_bootstrap(sums, resample, t->c->protocol.seed, n_replicates, t->context,
                                      drawn, t->err));
    for (size_t c = 0; c < ONUS_N_COEFFICIENTS; c++) {
        for (size_t r = 0; r < n; r++) {
            one[r] = drawn[r * ONUS_N_COEFFICIENTS + c];
        }
        ONUS_TRY(onus_percentile_interval(one, n, t->c->protocol.level, &limits[c]));
    }
    status = ONUS_OK;
out:
    onus_free(drawn);
    onus_free(one);
    return status;
}

static onus_status hayes(const affect_trial *t, agreement_panel *p, uint64_t n_replicates) {
    double *drawn = onus_alloc_n((size_t)n_replicates, sizeof *drawn);
    onus_status status = ONUS_ERR_NOMEM;
    if (drawn != NULL) {
        status = onus_agreement_krippendorff_hayes(&p->votes, &p->opts, t->c->protocol.seed,
                                                   n_replicates, t->context, drawn, t->err);
    }
    if (status == ONUS_OK) {
        status =
            onus_percentile_interval(drawn, (size_t)n_replicates, t->c->protocol.level, &p->hayes);
    }
    onus_free(drawn);
    return status;
}

onus_status agreement_measure_panel(affect_trial *t, agreement_panel *p) {
    enum { COMPARISON_REPLICATES = 1000 }; /* of what carries no verdict */
    const uint64_t n = t->c->protocol.n_replicates;
    const uint64_t n_few = n < COMPARISON_REPLICATES ? n : COMPARISON_REPLICATES;
    onus_status status = ONUS_OK;
    onus_agreement_sums *sums = NULL;
    p->hayes = onus_limits_none();
    p->prevalence = affect_alloc(t, t->n_labels, sizeof *p->prevalence);
    if (p->prevalence == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(onus_agreement_measure(&p->votes, &p->opts, p->prevalence, &p->found, t->err));
    ONUS_TRY(onus_agreement_sums_new(&p->votes, &p->opts, &sums, t->err));
    p->n_drawn = onus_agreement_n_drawn(sums, ONUS_RESAMPLE_CLUSTERS);
    if (p->n_drawn == 0) {
        goto out;
    }
    p->sure = true;
    ONUS_TRY(
        onus_agreement_jackknife(sums, ONUS_RESAMPLE_CLUSTERS, t->c->protocol.level, p->people));
    ONUS_TRY(onus_agreement_jackknife(sums, ONUS_RESAMPLE_UNITS, t->c->protocol.level, p->units));
    if (n > 0) {
        ONUS_TRY(percentiles(t, sums, ONUS_RESAMPLE_CLUSTERS, n, p->people_drawn));
        ONUS_TRY(percentiles(t, sums, ONUS_RESAMPLE_UNITS, n_few, p->units_drawn));
        if (p->found.coefficients[ONUS_COEFFICIENT_ALPHA].value.reason == NULL) {
            ONUS_TRY(hayes(t, p, n_few));
        }
    }
out:
    onus_agreement_sums_free(sums);
    return status;
}

/* ---- measures ---- */

static void scope_panel(onus_measure *m, const agreement_panel *p) {
    onus_scope_set_text(&m->scope, "between", p->between);
    if (p->stratum != NULL) {
        onus_scope_set_text(&m->scope, "stratum", p->stratum);
    }
    if (p->scale != NULL) {
        onus_scope_set_text(&m->scope, "scale", p->scale);
    }
}

static onus_status add_panel(affect_trial *t, const agreement_panel *p) {
    onus_status status = ONUS_OK;
    for (int c = 0; c < ONUS_N_COEFFICIENTS; c++) {
        onus_measure m = affect_draft_of(IDS[c]);
        onus_draft_set_number(&m, p->found.coefficients[c].value);
        if (p->sure) {
            agreement_put_limits(t, &m, &p->people[c], p->n_drawn);
        }
        scope_panel(&m, p);
        ONUS_TRY(affect_add(t, &m, NULL));
    }
    if (p->opts.distance != ONUS_DISTANCE_NOMINAL) {
        return ONUS_OK; /* how often a label was given depends on no scale */
    }
    for (size_t l = 0; l < t->n_labels; l++) {
        onus_measure m = affect_draft_of("affect.prevalence");
        onus_draft_set_number(&m, isnan(p->prevalence[l]) ? onus_number_none("nobody voted")
                                                          : onus_number_of(p->prevalence[l]));
        scope_panel(&m, p);
        affect_scope_label(t, &m, l);
        ONUS_TRY(affect_add(t, &m, NULL));
    }
out:
    return status;
}

/* ---- series ---- */

static onus_status put_text(onus_series *series, const char *text) {
    return text != NULL ? onus_series_text(series, text) : onus_series_null(series);
}

static onus_status put_panel(onus_series *series, const agreement_panel *p) {
    onus_status status = ONUS_OK;
    for (int c = 0; c < ONUS_N_COEFFICIENTS; c++) {
        const onus_agreement_value *v = &p->found.coefficients[c];
        ONUS_TRY(onus_series_text(series, p->between));
        ONUS_TRY(put_text(series, p->stratum));
        ONUS_TRY(put_text(series, p->scale));
        ONUS_TRY(onus_series_text(series, IDS[c] + strlen("affect.")));
        ONUS_TRY(onus_series_number(series, v->value.value));
        ONUS_TRY(onus_series_number(series, p->sure ? p->people[c].limits.low : NAN));
        ONUS_TRY(onus_series_number(series, p->sure ? p->people[c].limits.high : NAN));
        ONUS_TRY(onus_series_number(series, v->expected));
        ONUS_TRY(onus_series_number(series, (double)p->found.n_pairable));
        ONUS_TRY(onus_series_number(series, p->found.n_votes));
        ONUS_TRY(put_text(series, v->value.reason));
    }
out:
    return status;
}

static onus_status put_limits(onus_series *series, const agreement_panel *p, int coefficient,
                              const char *method, onus_limits limits) {
    onus_status status = ONUS_OK;
    if (isnan(limits.low)) {
        return ONUS_OK;
    }
    ONUS_TRY(onus_series_text(series, p->between));
    ONUS_TRY(put_text(series, p->stratum));
    ONUS_TRY(put_text(series, p->scale));
    ONUS_TRY(onus_series_text(series, IDS[coefficient] + strlen("affect.")));
    ONUS_TRY(onus_series_text(series, method));
    ONUS_TRY(onus_series_number(series, isinf(limits.low) ? NAN : limits.low));
    ONUS_TRY(onus_series_number(series, isinf(limits.high) ? NAN : limits.high));
out:
    return status;
}

static onus_status put_intervals(const affect_trial *t, onus_series *series,
                                 const agreement_panel *p) {
    onus_status status = ONUS_OK;
    const bool drawn = t->c->protocol.n_replicates > 0;
    for (int c = 0; c < ONUS_N_COEFFICIENTS && p->sure; c++) {
        ONUS_TRY(put_limits(series, p, c, "jackknife of people: what verdicts rest on",
                            p->people[c].limits));
        if (drawn) {
            ONUS_TRY(
                put_limits(series, p, c, "bootstrap of people, percentiles", p->people_drawn[c]));
        }
        ONUS_TRY(put_limits(series, p, c, "jackknife of items as if independent: too sure",
                            p->units[c].limits));
        if (drawn) {
            ONUS_TRY(put_limits(series, p, c, "bootstrap of items as if independent: too sure",
                                p->units_drawn[c]));
        }
        if (drawn && c == ONUS_COEFFICIENT_ALPHA) {
            ONUS_TRY(put_limits(series, p, c,
                                "Krippendorff-Hayes, for comparison only: far too sure", p->hayes));
        }
    }
out:
    return status;
}

static onus_status put_prevalence(const affect_trial *t, onus_series *series,
                                  const agreement_panel *p) {
    onus_status status = ONUS_OK;
    for (size_t l = 0; l < t->n_labels; l++) {
        ONUS_TRY(onus_series_text(series, p->between));
        ONUS_TRY(put_text(series, p->stratum));
        ONUS_TRY(onus_series_text(series, t->labels[l]));
        ONUS_TRY(onus_series_number(series, p->prevalence[l]));
    }
out:
    return status;
}

static onus_status write_series(affect_trial *t, const agreement_panel *panels, size_t n_panels) {
    static const char *panel_columns[] = {"between", "stratum", "scale", "coefficient",
                                          "value",   "low",     "high",  "by_chance",
                                          "units",   "votes",   "reason"};
    static const char *interval_columns[] = {"between", "stratum", "scale", "coefficient",
                                             "method",  "low",     "high"};
    static const char *prevalence_columns[] = {"between", "stratum", "label", "share"};
    onus_status status = ONUS_ERR_NOMEM;
    onus_series *series = onus_result_series(t->result, "agreement", panel_columns,
                                             sizeof panel_columns / sizeof panel_columns[0]);
    for (size_t i = 0; series != NULL && i < n_panels; i++) {
        ONUS_TRY(put_panel(series, &panels[i]));
    }
    series = series == NULL
                 ? NULL
                 : onus_result_series(t->result, "agreement_intervals", interval_columns,
                                      sizeof interval_columns / sizeof interval_columns[0]);
    for (size_t i = 0; series != NULL && i < n_panels; i++) {
        ONUS_TRY(put_intervals(t, series, &panels[i]));
    }
    series = series == NULL
                 ? NULL
                 : onus_result_series(t->result, "prevalence", prevalence_columns,
                                      sizeof prevalence_columns / sizeof prevalence_columns[0]);
    for (size_t i = 0; series != NULL && i < n_panels; i++) {
        if (panels[i].opts.distance == ONUS_DISTANCE_NOMINAL) {
            ONUS_TRY(put_prevalence(t, series, &panels[i]));
        }
    }
    status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
out:
    return status;
}

/* ---- which panels there are ---- */

/* Weights of the declared scale: by places of an order, by squares of numbers. */
static onus_status scale_opts(affect_trial *t, onus_agreement_opts *opts, const char **name) {
    const size_t q = t->n_labels;
    double *weights = NULL;
    *opts = (onus_agreement_opts){.distance = ONUS_DISTANCE_NOMINAL};
    switch (t->c->affect.domain.scale) {
    case ONUS_LABELS_NOMINAL:
        *name = NULL;
        return ONUS_OK;
    case ONUS_LABELS_ORDINAL:
        *name = "ordinal";
        opts->distance = ONUS_DISTANCE_ORDINAL;
        break;
    case ONUS_LABELS_INTERVAL:
        *name = "interval";
        opts->distance = ONUS_DISTANCE_INTERVAL;
        break;
    case ONUS_LABELS_RATIO:
        *name = "ratio";
        opts->distance = ONUS_DISTANCE_RATIO;
        break;
    }
    weights = affect_alloc(t, q * q, sizeof *weights);
    if (weights == NULL) {
        return ONUS_ERR_NOMEM;
    }
    if (opts->distance == ONUS_DISTANCE_ORDINAL) {
        onus_agreement_weights_linear(t->a->domain.values, q, weights);
    } else {
        onus_agreement_weights_quadratic(t->a->domain.values, q, weights);
    }
    opts->weights = weights;
    return ONUS_OK;
}

/* The panel on the declared scale, and nominal beside it where that is another. */
static onus_status add_scales(affect_trial *t, const agreement_panel *base, agreement_panel *panels,
                              size_t *n_panels) {
    onus_status status = ONUS_OK;
    const char *scale = NULL;
    onus_agreement_opts declared;
    ONUS_TRY(scale_opts(t, &declared, &scale));
    for (int nominal = scale == NULL; nominal < 2; nominal++) {
        agreement_panel *p = &panels[*n_panels];
        *p = *base;
        p->opts = nominal ? (onus_agreement_opts)ONUS_AGREEMENT_OPTS_INIT : declared;
        p->scale = scale == NULL ? NULL : nominal ? "nominal" : scale;
        p->votes.values = nominal ? NULL : t->a->domain.values;
        (*n_panels)++;
        ONUS_TRY(agreement_measure_panel(t, p));
        ONUS_TRY(add_panel(t, p));
        ONUS_TRY(nominal ? agreement_say_paradox(t, p) : ONUS_OK);
    }
out:
    return status;
}

/* People shown in the units from `from` on. */
static onus_status votes_of(affect_trial *t, size_t from, size_t n_units, onus_vote_counts *out) {
    const onus_votes *votes = &t->a->votes;
    int32_t *person = affect_alloc(t, n_units, sizeof *person);
    if (person == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t u = 0; u < n_units; u++) {
        person[u] = t->person[votes->item[from + u]];
    }
    *out = (onus_vote_counts){.n_units = n_units,
                              .n_labels = t->n_labels,
                              .counts = votes->counts + from * t->n_labels,
                              .cluster = person,
                              .n_clusters = t->n_person_indices};
    return ONUS_OK;
}

static onus_status panels_of_raters(affect_trial *t, agreement_panel *panels, size_t *n_panels) {
    const onus_votes *votes = &t->a->votes;
    onus_status status = ONUS_OK;
    agreement_panel base = {.between = "raters"};
    ONUS_TRY(votes_of(t, 0, votes->n_units, &base.votes));
    ONUS_TRY(add_scales(t, &base, panels, n_panels));
    for (size_t from = 0; votes->n_strata > 1 && from < votes->n_units;) {
        size_t until = from;
        while (until < votes->n_units && votes->stratum[until] == votes->stratum[from]) {
            until++;
        }
        base.stratum = votes->strata[votes->stratum[from]];
        ONUS_TRY(votes_of(t, from, until - from, &base.votes));
        ONUS_TRY(add_scales(t, &base, panels, n_panels));
        from = until;
    }
out:
    return status;
}

/* Versions of the product as coders: one vote each an item, of its first repeat; abstaining is not
 * voting. */
static onus_status panel_of_versions(affect_trial *t, agreement_panel *panels, size_t *n_panels) {
    const onus_said *said = &t->a->said;
    agreement_panel base = {.between = "versions"};
    double *counts = affect_alloc(t, t->n_items * t->n_labels, sizeof *counts);
    int32_t *row = onus_alloc_n(t->n_items, sizeof *row);
    if (counts == NULL || row == NULL) {
        onus_free(row);
        return ONUS_ERR_NOMEM;
    }
    for (size_t v = 0; v < said->n_versions; v++) {
        for (size_t i = 0; i < t->n_items; i++) {
            row[i] = -1;
        }
        for (size_t r = 0; r < said->n_rows; r++) {
            int32_t *of = &row[said->item[r]];
            const bool earlier =
                *of < 0 || (said->repeat != NULL && said->repeat[r] < said->repeat[*of]);
            *of = (size_t)said->version[r] == v && earlier ? (int32_t)r : *of;
        }
        for (size_t i = 0; i < t->n_items; i++) {
            if (row[i] >= 0 && said->label[row[i]] >= 0) {
                counts[i * t->n_labels + (size_t)said->label[row[i]]] += 1.0;
            }
        }
    }
    onus_free(row);
    base.votes = (onus_vote_counts){.n_units = t->n_items,
                                    .n_labels = t->n_labels,
                                    .counts = counts,
                                    .cluster = t->person,
                                    .n_clusters = t->n_person_indices};
    return add_scales(t, &base, panels, n_panels);
}

onus_status affect_agreement(affect_trial *t) {
    const onus_votes *votes = &t->a->votes;
    onus_status status = ONUS_OK;
    size_t n_panels = 0;
    /* two scales each: all votes, every stratum, versions */
    agreement_panel *panels = affect_alloc(t, 2 * (votes->n_strata + 2), sizeof *panels);
    if (panels == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(votes->given ? panels_of_raters(t, panels, &n_panels) : ONUS_OK);
    ONUS_TRY(t->a->said.n_versions > 1 ? panel_of_versions(t, panels, &n_panels) : ONUS_OK);
    ONUS_TRY(n_panels > 0 ? write_series(t, panels, n_panels) : ONUS_OK);
    ONUS_TRY(agreement_of_coders(t));
    ONUS_TRY(agreement_of_scores(t));
out:
    return status;
}
