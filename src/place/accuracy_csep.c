/* The published tests of a forecast as a whole (form csep): is the number right, do the places
 * agree, the marks, both; and which of two forecasts does better per event.
 *
 * Every figure stands beside what it assumes: that events are independent, which crimes are not.
 * Nulls with clusters learn from records before the forecast how events scatter
 * (accuracy_csep_before.c); without such records they are undefined with that reason, but for the
 * size of clusters, which the case may give (protocol.csep.cluster_size). Called by
 * accuracy.c for form csep. Decides no verdict about the product by itself. */
#include <math.h>
#include <string.h>

#include "accuracy_csep.h"
#include "onus/alloc.h"
#include "onus/stats_csep.h"

onus_status acc_csep_number(place_trial *t, double n_forecast, double n_events,
                            const acc_before *before) {
    static const char *const NULLS[] = {"poisson", "negbin"};
    onus_status status = ONUS_OK;
    for (int null = 0; null < 2; null++) {
        const bool known = null == 0 || before->variance.reason == NULL;
        const onus_csep_number test = onus_csep_number_test(
            n_forecast, n_events, null == 1 && known ? before->variance.value : NAN);
        for (int tail = 0; tail < 2; tail++) {
            onus_measure m = place_draft_of("place.csep_n");
            onus_scope_set_text(&m.scope, "tail", tail == 0 ? "low" : "high");
            onus_scope_set_text(&m.scope, "null", NULLS[null]);
            onus_draft_set_number(&m, !known      ? before->variance
                                      : tail == 0 ? test.delta2
                                                  : test.delta1);
            if (m.has_value && test.p.reason == NULL) {
                m.has_p = true;
                m.p_value = test.p.value;
            }
            ONUS_TRY(place_add(t, &m, NULL));
        }
    }
out:
    return status;
}

onus_number acc_csep_clusters(const place_trial *t, onus_number learnt) {
    const double given = t->c->protocol.csep_cluster_size;
    return given > 0.0 ? onus_number_of(given) : learnt;
}

onus_csep_options acc_csep_options(const place_trial *t, double cluster_size) {
    onus_csep_options options = ONUS_CSEP_OPTIONS_INIT;
    options.seed = t->c->protocol.seed;
    options.cluster_size = cluster_size;
    if (t->c->protocol.csep_simulations > 0) {
        options.n_simulations = t->c->protocol.csep_simulations;
    }
    return options;
}

onus_status acc_csep_add(place_trial *t, onus_csep_test test, const char *null,
                         const onus_csep_result *result) {
    static const char *const IDS[ONUS_CSEP_TESTS] = {"place.csep_s", "place.csep_cl",
                                                     "place.csep_l", "place.csep_m"};
    onus_measure m = place_draft_of(IDS[test]);
    onus_scope_set_text(&m.scope, "null", null);
    onus_draft_set_number(&m, result->quantile);
    if (m.has_value) {
        m.has_fraction = true;
        m.num = (double)result->n_at_or_below;
        m.den = (double)result->n_simulations;
        m.has_p = result->p.reason == NULL;
        m.p_value = m.has_p ? result->p.value : 0.0;
    }
    return place_add(t, &m, NULL);
}

onus_status acc_csep_add_score(place_trial *t, onus_csep_test test, onus_number score) {
    static const char *const IDS[ONUS_CSEP_TESTS] = {"place.csep_s_score", "place.csep_cl_score",
                                                     "place.csep_l_score", "place.csep_m_score"};
    onus_measure m = place_draft_of(IDS[test]);
    onus_draft_set_number(&m, score);
    return place_add(t, &m, NULL);
}

onus_status acc_csep_consistency(place_trial *t, const onus_csep_data *data, onus_csep_test test,
                                 const acc_before *before) {
    onus_csep_result poisson = {0};
    onus_csep_result clustered = {.quantile = onus_number_none(before->cluster_size.reason)};
    onus_csep_options options = acc_csep_options(t, 1);
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_csep_simulate(data, test, &options, t->context, &poisson, NULL, t->err));
    if (before->cluster_size.reason == NULL) {
        options = acc_csep_options(t, before->cluster_size.value);
        ONUS_TRY(onus_csep_simulate(data, test, &options, t->context, &clustered, NULL, t->err));
    }
    ONUS_TRY(acc_csep_add(t, test, "poisson", &poisson));
    ONUS_TRY(acc_csep_add(t, test, "clustered", &clustered));
    ONUS_TRY(acc_csep_add_score(t, test, poisson.score));
out:
    return status;
}

static onus_status add_rival(place_trial *t, const onus_csep_grid *g, size_t k) {
    const size_t n = g->n_cells * g->n_marks;
    const double level = t->c->protocol.level;
    const char *name = t->c->predictions.rivals[k - 1].name;
    const onus_csep_t test = onus_csep_t_test(g->rates[0], g->rates[k], g->counts, n, 1.0, level);
    onus_csep_w signs = {0};
    onus_status status = ONUS_OK;
    onus_measure gain = place_draft_of("place.csep_ig");
    onus_measure student = place_draft_of("place.csep_t");
    onus_measure ranks = place_draft_of("place.csep_w");
    ONUS_TRY(onus_csep_w_test(g->rates[0], g->rates[k], g->counts, n, &signs));
    onus_scope_set_text(&gain.scope, "against", name);
    onus_scope_set_text(&student.scope, "against", name);
    onus_scope_set_text(&ranks.scope, "against", name);
    onus_draft_set_number(&gain, test.gain);
    if (gain.has_value && isfinite(test.interval.low) && isfinite(test.interval.high)) {
        gain.interval = (onus_interval){.given = true,
                                        .level = level,
                                        .low = test.interval.low,
                                        .high = test.interval.high,
                                        .method = "Student over events",
                                        .weak = true,
                                        .weak_reason = ONUS_CSEP_ASSUMES};
    }
    onus_draft_set_number(&student, test.t);
    if (student.has_value && test.p.reason == NULL) {
        student.has_p = true;
        student.p_value = test.p.value;
    }
    onus_draft_set_number(&ranks, signs.z);
    if (ranks.has_value && signs.p.reason == NULL) {
        ranks.has_p = true;
        ranks.p_value = signs.p.value;
    }
    if (ranks.has_value && signs.n_is_small) {
        ranks.reason = "fewer than 10 differences: the normal approximation of its p is poor";
        ONUS_TRY(onus_result_warn(t->result, "few_events",
                                  "place.csep_w against %s rests on %llu differences, fewer than "
                                  "10: the normal approximation of its p is poor",
                                  name, (unsigned long long)signs.n_used));
    }
    ONUS_TRY(place_add(t, &gain, NULL));
    ONUS_TRY(place_add(t, &student, NULL));
    ONUS_TRY(place_add(t, &ranks, NULL));
out:
    return status;
}

static onus_status add_score(place_trial *t, const char *id, onus_number value) {
    onus_measure m = place_draft_of(id);
    onus_draft_set_number(&m, value);
    return place_add(t, &m, NULL);
}

/* Scores that need no simulation. Areas are those of a sphere of radius 1. */
static onus_status add_scores(place_trial *t, const onus_csep_grid *g) {
    const double rad = acos(-1.0) / 180.0;
    const size_t n = g->n_cells * g->n_marks;
    double *rates = place_doubles(t, g->n_cells);
    double *counts = place_doubles(t, g->n_cells);
    double *area = place_doubles(t, g->n_cells);
    onus_status status = ONUS_OK;
    if (rates == NULL || counts == NULL || area == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t c = 0; c < g->n_cells; c++) {
        for (size_t m = 0; m < g->n_marks; m++) {
            const double rate = g->rates[0][c * g->n_marks + m];
            rates[c] = rate >= 0.0 ? rates[c] + rate : NAN; /* a sum must not hide it */
            counts[c] += g->counts[c * g->n_marks + m];
        }
        area[c] = (g->east[c] - g->west[c]) * (sin(rad * g->north[c]) - sin(rad * g->south[c]));
    }
    ONUS_TRY(add_score(t, "place.csep_information",
                       onus_csep_information(rates, counts, area, g->n_cells)));
    ONUS_TRY(add_score(t, "place.csep_binary_score",
                       onus_csep_binary_log_likelihood(g->rates[0], g->counts, n, 1.0)));
    ONUS_TRY(add_score(t, "place.csep_brier", onus_csep_brier(g->rates[0], g->counts, n)));
out:
    return status;
}

static onus_status add_count(place_trial *t, const char *id, double value, double of) {
    onus_measure m = place_draft_of(id);
    onus_draft_set_number(&m, onus_number_of(value));
    if (of > 0.0) {
        m.has_fraction = true;
        m.num = value;
        m.den = of;
    }
    return place_add(t, &m, NULL);
}

static onus_status warn(place_trial *t, const onus_csep_account *account) {
    const onus_csep_grid *g = &t->evidence->csep;
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_result_warn(t->result, "independent_events",
                              "the tests place.csep_* assume independent events; crimes come in "
                              "clusters, and a forecast that is right then fails them: they stand "
                              "beside and decide nothing"));
    if (g->n_outside_cells + g->n_outside_marks > 0) {
        ONUS_TRY(onus_result_warn(
            t->result, "events_outside",
            "of %llu events %llu lie outside every cell and %llu have a mark that no bin has; they "
            "are in no test",
            (unsigned long long)g->n_events, (unsigned long long)g->n_outside_cells,
            (unsigned long long)g->n_outside_marks));
    }
    if (account->n_zero_rates > 0) {
        ONUS_TRY(onus_result_warn(
            t->result, "zero_rates",
            "the forecast says of %llu of %zu bins that nothing can happen there; %llu events did",
            (unsigned long long)account->n_zero_rates, g->n_cells * g->n_marks,
            (unsigned long long)account->n_impossible));
    }
out:
    return status;
}

onus_status acc_csep(place_trial *t) {
    const onus_csep_grid *g = &t->evidence->csep;
    onus_csep_account account;
    acc_before before;
    onus_status status = ONUS_OK;
    if (t->c->predictions.form != ONUS_FORM_CSEP || g->counts == NULL) {
        return ONUS_OK;
    }
    const onus_csep_data data = {
        .n_cells = g->n_cells, .n_marks = g->n_marks, .rates = g->rates[0], .counts = g->counts};
    ONUS_TRY(onus_csep_check(&data, &account, t->err));
    ONUS_TRY(add_count(t, "place.cells", (double)g->n_cells, 0.0));
    ONUS_TRY(add_count(t, "place.predictions", (double)(g->n_cells * g->n_marks), 0.0));
    ONUS_TRY(add_count(t, "place.outcomes", account.n_events, (double)g->n_events));
    ONUS_TRY(acc_csep_before(t, &before));
    before.cluster_size = acc_csep_clusters(t, before.cluster_size);
    ONUS_TRY(acc_csep_number(t, account.n_forecast, account.n_events, &before));
    for (int test = 0; test < ONUS_CSEP_TESTS; test++) {
        ONUS_TRY(acc_csep_consistency(t, &data, (onus_csep_test)test, &before));
    }
    ONUS_TRY(add_scores(t, g));
    for (size_t k = 1; k < g->n_forecasts; k++) {
        ONUS_TRY(add_rival(t, g, k));
    }
    ONUS_TRY(warn(t, &account));
out:
    return status;
}
