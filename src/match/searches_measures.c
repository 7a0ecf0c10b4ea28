/* Measures of searches: CMC, mAP, mINP, FPIR, FNIR, the deployment's list, groups, the curve.
 *
 * Every figure is a ratio of two sums over searches, kept by the person searched for, so that one
 * set of draws gives all intervals. FPIR has unmated searches under it and nothing else: without
 * any it is not testable, and no figure of a closed set takes its place.
 *
 * Called by searches.c once for each protocol.
 */
#include <math.h>

#include "searches_internal.h"

static const char NO_MATED[] = "no search is of somebody who is on the list";
static const char NO_UNMATED[] =
    "no search is of somebody who is not on the list: how often a stranger is returned cannot be "
    "seen in a closed set";
static const char CUT_SHORT[] =
    "the lists are cut short: where a person who is not shown would come is not known";

enum { FNIR_N_RANKS = 3 };
static const uint32_t FNIR_RANKS[FNIR_N_RANKS] = {0, 1, 10}; /* 0: any place */

enum { N_MEANS = 2, N_CMC = SEARCH_N_RANKS * ONUS_N_ORDERS };

/* Which ratio stands where. */
typedef struct columns {
    size_t unmated;
    size_t mean[N_MEANS]; /* mAP, mINP, three orders of ties each */
    size_t cmc;
    size_t fpir; /* by point */
    size_t fnir; /* by point and rank */
    size_t shorter;
    size_t n;
} columns;

static columns lay_out(size_t n_points) {
    columns at = {.unmated = 0, .mean = {1, 1 + ONUS_N_ORDERS}};
    at.cmc = at.mean[1] + ONUS_N_ORDERS;
    at.fpir = at.cmc + N_CMC;
    at.fnir = at.fpir + n_points;
    at.shorter = at.fnir + n_points * FNIR_N_RANKS;
    at.n = at.shorter + 1;
    return at;
}

/* The list in use in entries of this one: as many more or fewer as it has people. 0: not asked. */
static double list_factor(const searching *s) {
    const uint64_t in_use = s->t->c->match.deployment.n_on_list;
    return in_use == 0 || s->n_people_listed == 0 ? 0.0
                                                  : (double)in_use / (double)s->n_people_listed;
}

static void add_search(const searching *s, const search_run *run, const columns *at, size_t i,
                       match_by_person *b) {
    const match_trial *t = s->t;
    const onus_retrieval *one = &run->of[i];
    const size_t person = (size_t)s->set.probe_person[s->probe[i]];
    const bool mated = one->n_mates > 0;
    const bool higher = s->set.higher_is_same;
    match_by_person_add(b, person, at->unmated, mated ? 0.0 : 1.0, 1.0);
    for (int k = 0; k < ONUS_N_ORDERS && mated; k++) {
        match_by_person_add(b, person, at->mean[0] + (size_t)k, one->ap[k], 1.0);
        match_by_person_add(b, person, at->mean[1] + (size_t)k, one->inp[k], 1.0);
        for (size_t r = 0; r < SEARCH_N_RANKS; r++) {
            match_by_person_add(b, person, at->cmc + r * ONUS_N_ORDERS + (size_t)k,
                                onus_retrieval_hit(one, SEARCH_RANKS[r], (onus_tie_order)k), 1.0);
        }
    }
    for (size_t p = 0; p < t->n_points; p++) {
        const double threshold = t->points[p].threshold;
        if (!mated) {
            match_by_person_add(b, person, at->fpir + p,
                                onus_retrieval_alerts(one, threshold, higher) ? 1.0 : 0.0, 1.0);
            continue;
        }
        for (size_t r = 0; r < FNIR_N_RANKS; r++) {
            const double found =
                onus_retrieval_returned(one, threshold, higher, FNIR_RANKS[r], ONUS_ORDER_EXPECTED);
            match_by_person_add(b, person, at->fnir + p * FNIR_N_RANKS + r, 1.0 - found, 1.0);
        }
    }
    const double factor = list_factor(s);
    if (!mated && run->above != NULL && factor > 0.0 && factor <= 1.0) {
        const uint64_t n_shorter = (uint64_t)llround(factor * (double)one->n_entries);
        match_by_person_add(b, person, at->shorter,
                            onus_alert_on_shorter_list(one->n_entries, run->above[i], n_shorter),
                            1.0);
    }
}

static bool is_cut(const search_run *run, uint32_t rank) {
    return !run->totals.complete && rank > run->totals.fewest_listed;
}

static void scope_protocol(onus_measure *m, const search_run *run, bool always) {
    if (always || !run->as_it_was_run) {
        onus_scope_set_text(&m->scope, "protocol", run->protocol);
    }
}

static onus_status add_ranking(match_trial *t, const search_run *run, const columns *at,
                               const match_by_person *b) {
    static const char *const ids[N_MEANS] = {"match.map", "match.minp"};
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < ONUS_N_ORDERS; k++) {
        for (size_t i = 0; i < N_MEANS; i++) {
            onus_measure m = match_draft_of(ids[i]);
            scope_protocol(&m, run, true);
            onus_scope_set_text(&m.scope, "ties", SEARCH_TIES[k]);
            if (run->totals.complete || k != ONUS_ORDER_EXPECTED) {
                match_set_by_person(t, &m, b, at->mean[i] + k, false, NO_MATED);
            } else {
                m.reason = CUT_SHORT; /* the bounds beside it hold all the same */
            }
            ONUS_TRY(match_add(t, &m, NULL));
        }
        for (size_t r = 0; r < SEARCH_N_RANKS; r++) {
            onus_measure m = match_draft_of("match.cmc");
            onus_scope_set_number(&m.scope, "rank", SEARCH_RANKS[r]);
            scope_protocol(&m, run, true);
            onus_scope_set_text(&m.scope, "ties", SEARCH_TIES[k]);
            if (is_cut(run, SEARCH_RANKS[r])) {
                m.reason = CUT_SHORT;
            } else {
                match_set_by_person(t, &m, b, at->cmc + r * ONUS_N_ORDERS + k, true, NO_MATED);
            }
            ONUS_TRY(match_add(t, &m, NULL));
        }
    }
out:
    return status;
}

static onus_status add_errors(match_trial *t, const search_run *run, const columns *at,
                              const match_by_person *b) {
    onus_status status = ONUS_OK;
    for (size_t p = 0; p < t->n_points; p++) {
        onus_measure fpir = match_draft_of("match.fpir");
        scope_protocol(&fpir, run, false);
        match_scope_point(&fpir, &t->points[p]);
        match_set_by_person(t, &fpir, b, at->fpir + p, true, NO_UNMATED);
        ONUS_TRY(match_add(t, &fpir, NULL));
        for (size_t r = 0; r < FNIR_N_RANKS; r++) {
            onus_measure fnir = match_draft_of("match.fnir");
            scope_protocol(&fnir, run, false);
            match_scope_point(&fnir, &t->points[p]);
            if (FNIR_RANKS[r] > 0) {
                onus_scope_set_number(&fnir.scope, "rank", FNIR_RANKS[r]);
            }
            if (is_cut(run, FNIR_RANKS[r])) {
                fnir.reason = CUT_SHORT;
            } else {
                match_set_by_person(t, &fnir, b, at->fnir + p * FNIR_N_RANKS + r, true, NO_MATED);
            }
            ONUS_TRY(match_add(t, &fnir, NULL));
        }
    }
out:
    return status;
}

/* FPIR on the list in use: counted exactly where that list is shorter, else carried over. */
static onus_status add_list_size(const searching *s, const search_run *run, const columns *at,
                                 const match_by_person *b) {
    match_trial *t = s->t;
    const double factor = list_factor(s);
    if (!t->has_in_use || factor == 0.0 || run->totals.n_unmated == 0) {
        return ONUS_OK;
    }
    onus_measure m = match_draft_of("match.fpir");
    scope_protocol(&m, run, false);
    if (b->den[at->shorter] > 0.0) {
        match_set_by_person(t, &m, b, at->shorter, true, NO_UNMATED);
    } else {
        match_set_by_person(t, &m, b, at->fpir, true, NO_UNMATED);
        m.has_fraction = false; /* those are of the list that was tested */
        m.value = onus_fpir_on_list(m.value, 1.0, factor);
        m.interval.low = onus_fpir_on_list(m.interval.low, 1.0, factor);
        m.interval.high = onus_fpir_on_list(m.interval.high, 1.0, factor);
        m.interval.n_effective = 0.0;
        m.interval.weak = m.interval.given;
        m.interval.weak_reason =
            m.interval.given ? "another list size: entries are taken to alert independently" : NULL;
    }
    onus_scope_set_number(&m.scope, "list_size", (double)t->c->match.deployment.n_on_list);
    return match_add(t, &m, NULL);
}

static onus_status add_curve(const searching *s, const search_run *run) {
    enum { N_CURVE = 50, N_COLUMNS = 6 };
    static const char *columns_of[N_COLUMNS] = {"protocol", "ties", "rank", "num", "den", "value"};
    onus_status status = ONUS_OK;
    static const char NAME[] = "cmc";
    onus_series *series = NULL;
    onus_series *all = s->t->result->series.items;
    for (size_t k = 0; k < s->t->result->series.n_items; k++) {
        series = onus_text_equal(all[k].name, NAME) ? &all[k] : series;
    }
    if (series == NULL) {
        series = onus_result_series(s->t->result, NAME, columns_of, N_COLUMNS);
    }
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const double den = (double)run->totals.n_mated;
    for (int k = 0; k < ONUS_N_ORDERS && den > 0.0; k++) {
        for (uint32_t rank = 1; rank <= N_CURVE && rank <= s->set.n_entries && !is_cut(run, rank);
             rank++) {
            const double hits = onus_retrieval_hits(run->of, s->n_known, rank, (onus_tie_order)k);
            ONUS_TRY(onus_series_text(series, run->protocol));
            ONUS_TRY(onus_series_text(series, SEARCH_TIES[k]));
            ONUS_TRY(onus_series_number(series, rank));
            ONUS_TRY(onus_series_number(series, hits));
            ONUS_TRY(onus_series_number(series, den));
            ONUS_TRY(onus_series_number(series, hits / den));
        }
    }
out:
    return status;
}

onus_status match_search_measures(searching *s, const search_run *run) {
    onus_status status;
    match_trial *t = s->t;
    const columns at = lay_out(t->n_points);
    match_by_person b;
    ONUS_TRY(match_by_person_make(t, s->set.n_people, at.n, &b));
    for (size_t i = 0; i < s->n_known; i++) {
        add_search(s, run, &at, i, &b);
    }
    ONUS_TRY(match_by_person_estimate(t, &b));
    onus_measure unmated = match_draft_of("match.unmated");
    scope_protocol(&unmated, run, true);
    onus_draft_set_fraction(&unmated, b.num[at.unmated], b.den[at.unmated],
                            "no search is of anybody known");
    ONUS_TRY(match_add(t, &unmated, NULL));
    ONUS_TRY(add_ranking(t, run, &at, &b));
    ONUS_TRY(add_errors(t, run, &at, &b));
    ONUS_TRY(add_list_size(s, run, &at, &b));
    ONUS_TRY(add_curve(s, run));
out:
    return status;
}
