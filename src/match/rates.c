/* How often is it the wrong person, how often is the person missed: false matches, false
 * non-matches, failures to acquire, at every threshold that the case names and over the whole range
 * of scores.
 *
 *   set of comparisons -> one pass of counts (onus_roc_make) -> counts, rates at thresholds under
 *   three conventions for failures to acquire -> equal error rates, AUC, misses at a bound on false
 *   matches -> the curve (rates_series.c)
 *
 * Counts come from the scores alone and are exact; intervals come from who was compared
 * (match_tally_fill, match_set_rate), because comparisons of the same people are not independent.
 * Where both count the same, they must agree. Bare scores, up to a hundred million, are counted
 * where they lie, and nobody is known. Called by trial.c. Slices by group are groups*.c. */
#include <math.h>

#include "match_rates.h"
#include "onus/alloc.h"

/* Bounds on false matches at which misses are given where the case names none. */
static const double FMR_AT[] = {1e-2, 1e-3, 1e-4};

static const char *const NONE[MATCH_N_KINDS] = {
    [MATCH_GENUINE] = "no comparison of a person with himself or herself has a score",
    [MATCH_IMPOSTOR] = "no comparison of two people has a score"};

/* ---- counts ---- */

static onus_status add_counts(match_trial *t, const match_set *set, const onus_roc_counts *totals) {
    static const char *const IDS[MATCH_N_KINDS] = {"match.genuine", "match.impostor"};
    const uint64_t acquired[MATCH_N_KINDS] = {totals->n_genuine, totals->n_impostor};
    const uint64_t failed[MATCH_N_KINDS] = {totals->fta_genuine, totals->fta_impostor};
    onus_status status = ONUS_OK;
    for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
        onus_measure m = match_draft_of(IDS[kind]);
        match_scope_set(&m, set);
        m.has_fraction = true;
        m.num = (double)acquired[kind];
        m.den = (double)(acquired[kind] + failed[kind]);
        onus_draft_set_number(&m, onus_number_of(m.num));
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    return status;
}

/* ---- a rate ---- */

/* Counts of a slice with who was compared, where that is known. */
static onus_status fill(const match_trial *t, const match_slice *slice, onus_share counted,
                        match_tally *out) {
    *out = (match_tally){.n_errors = counted.num, .n_comparisons = counted.den};
    if (t->pair_of_row == NULL) {
        return ONUS_OK;
    }
    const onus_status status = match_tally_fill(t, slice, out);
    if (status == ONUS_OK && (out->n_errors != counted.num || out->n_comparisons != counted.den)) {
        return onus_bug(t->err, "errors by pair of people are not the errors of the scores");
    }
    return status;
}

/* One rate and its interval; weak (or NULL) is why the interval must not decide. */
static onus_status add_rate(match_trial *t, onus_measure *m, const match_slice *slice,
                            onus_share counted, const char *weak) {
    match_tally tally = {0};
    onus_status status = ONUS_OK;
    ONUS_TRY(fill(t, slice, counted, &tally));
    ONUS_TRY(match_set_rate(t, m, &tally, NONE[slice->kind]));
    if (weak != NULL && m->interval.given && !m->interval.weak) {
        m->interval.weak = true;
        m->interval.weak_reason = weak;
    }
    ONUS_TRY(match_add(t, m, NULL));
out:
    match_tally_clear(&tally);
    return status;
}

static onus_status add_point(match_trial *t, const match_set *set, const match_point *point,
                             const onus_roc_counts *at) {
    onus_status status = ONUS_OK;
    for (int fta = MATCH_FTA_LEFT_OUT; fta <= MATCH_FTA_AS_MATCH; fta++) {
        const onus_fta_convention convention = (onus_fta_convention)fta; /* in the same order */
        for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
            const match_slice slice = {.set = set,
                                       .kind = (match_kind)kind,
                                       .threshold = point->threshold,
                                       .fta = (match_fta)fta};
            onus_measure m = match_draft_of(kind == MATCH_IMPOSTOR ? "match.fmr" : "match.fnmr");
            match_scope_set(&m, set);
            match_scope_point(&m, point);
            match_scope_fta(&m, slice.fta);
            ONUS_TRY(add_rate(t, &m, &slice,
                              kind == MATCH_IMPOSTOR ? onus_roc_fmr(at, convention)
                                                     : onus_roc_fnmr(at, convention),
                              NULL));
        }
    }
out:
    return status;
}

/* ---- failures to acquire ---- */

static bool comes_first(const onus_dyad *a, const onus_dyad *b) {
    return a->i != b->i ? a->i < b->i : a->j < b->j;
}

/* Both kinds in one: a pair is of one person or of two, so none occurs in both. */
static onus_status join(const match_tally *a, const match_tally *b, match_tally *out) {
    *out = (match_tally){.n_errors = a->n_errors + b->n_errors,
                         .n_comparisons = a->n_comparisons + b->n_comparisons,
                         .by_pair = a->by_pair && b->by_pair};
    if (!out->by_pair) {
        return ONUS_OK;
    }
    const onus_dyads *x = &a->dyads;
    const onus_dyads *y = &b->dyads;
    out->dyads = (onus_dyads){.n_people = x->n_people,
                              .n_comparisons = x->n_comparisons + y->n_comparisons,
                              .n_errors = x->n_errors + y->n_errors};
    out->dyads.pairs = onus_alloc_n(x->n_pairs + y->n_pairs, sizeof *out->dyads.pairs);
    if (out->dyads.pairs == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t k = 0;
    for (size_t i = 0; i < x->n_pairs || k < y->n_pairs;) {
        const bool first =
            k == y->n_pairs || (i < x->n_pairs && comes_first(&x->pairs[i], &y->pairs[k]));
        out->dyads.pairs[out->dyads.n_pairs++] = first ? x->pairs[i++] : y->pairs[k++];
    }
    return ONUS_OK;
}

/* A failure is the only error where every score matches a person with himself (and no score
 * matches two people). */
static onus_status fta_tally(const match_trial *t, const match_set *set, match_kind kind,
                             onus_share failed, match_tally *out) {
    const bool genuine = kind == MATCH_GENUINE;
    const double never = match_is_match(t, 0.0, -INFINITY) ? INFINITY : -INFINITY;
    const match_slice slice = {.set = set,
                               .kind = kind,
                               .threshold = genuine ? -never : never,
                               .fta = genuine ? MATCH_FTA_AS_NONMATCH : MATCH_FTA_AS_MATCH};
    return fill(t, &slice, failed, out);
}

static onus_status add_fta(match_trial *t, const match_set *set, const onus_roc_counts *totals) {
    static const char *const KINDS[] = {"genuine", "impostor"};
    const char *const none = "nothing was compared";
    const onus_share failed[MATCH_N_KINDS] = {
        {totals->fta_genuine, totals->fta_genuine + totals->n_genuine},
        {totals->fta_impostor, totals->fta_impostor + totals->n_impostor}};
    match_tally tallies[MATCH_N_KINDS] = {0};
    match_tally both = {0};
    onus_status status = ONUS_OK;
    for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
        ONUS_TRY(fta_tally(t, set, (match_kind)kind, failed[kind], &tallies[kind]));
    }
    ONUS_TRY(join(&tallies[0], &tallies[1], &both));
    onus_measure m = match_draft_of("match.fta");
    match_scope_set(&m, set);
    ONUS_TRY(match_set_rate(t, &m, &both, none));
    ONUS_TRY(match_add(t, &m, NULL));
    for (int kind = 0; kind < MATCH_N_KINDS; kind++) {
        m = match_draft_of("match.fta");
        match_scope_set(&m, set);
        onus_scope_set_text(&m.scope, "comparisons", KINDS[kind]);
        ONUS_TRY(match_set_rate(t, &m, &tallies[kind], none));
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    match_tally_clear(&tallies[0]);
    match_tally_clear(&tallies[1]);
    match_tally_clear(&both);
    return status;
}

/* ---- over the whole range of scores ---- */

/* Which threshold it takes; past every score it is none that can be set. */
static onus_status add_threshold(match_trial *t, const onus_measure *of,
                                 const onus_roc_counts *at) {
    onus_measure m = match_draft_of("match.threshold_at");
    m.scope = of->scope;
    onus_draft_set_number(&m,
                          isfinite(at->threshold)
                              ? onus_number_of(at->threshold)
                              : onus_number_none("only a threshold past every score does it, at "
                                                 "which nothing matches"));
    return match_add(t, &m, NULL);
}

static onus_status add_eer(match_trial *t, const match_set *set, const onus_roc *roc) {
    static const char *const NAMES[] = {"crossing", "nearest", "interpolated"};
    onus_status status = ONUS_OK;
    for (int c = 0; c < ONUS_EER_N_CONVENTIONS; c++) {
        onus_measure m = match_draft_of("match.eer");
        match_scope_set(&m, set);
        onus_scope_set_text(&m.scope, "convention", NAMES[c]);
        onus_draft_set_number(&m, roc->eer[c].rate);
        ONUS_TRY(match_add(t, &m, NULL));
        if (m.has_value) {
            ONUS_TRY(add_threshold(t, &m, &roc->eer[c].at));
        }
    }
out:
    return status;
}

static onus_status add_auc(match_trial *t, const match_set *set, const onus_roc *roc) {
    onus_measure m = match_draft_of("match.auc");
    match_scope_set(&m, set);
    onus_draft_set_fraction(&m, (double)roc->auc.num2 / 2.0, (double)roc->auc.den2 / 2.0,
                            NONE[roc->totals.n_genuine == 0 ? MATCH_GENUINE : MATCH_IMPOSTOR]);
    return match_add(t, &m, NULL);
}

/* Misses at a bound on false matches; and what they would be if equal scores were told apart. */
static onus_status add_fnmr_at(match_trial *t, const match_set *set, const onus_fnmr_at *at) {
    onus_status status = ONUS_OK;
    const match_slice slice = {.set = set, .kind = MATCH_GENUINE, .threshold = at->at.threshold};
    const onus_number among_ties[] = {at->expected, at->optimistic};
    static const char *const TIES[] = {"expected", "best"};
    onus_measure m = match_draft_of("match.fnmr_at");
    match_scope_set(&m, set);
    onus_scope_set_number(&m.scope, "fmr", at->fmr_at_most);
    const onus_scope scope = m.scope;
    if (at->pessimistic.reason != NULL) {
        onus_draft_set_number(&m, at->pessimistic);
        return match_add(t, &m, NULL);
    }
    const bool is_fine = at->fmr_at_most * (double)at->at.n_impostor >= 1.0;
    ONUS_TRY(add_rate(t, &m, &slice, onus_roc_fnmr(&at->at, ONUS_FTA_ACQUIRED),
                      is_fine ? NULL
                              : "there are too few comparisons of two people to tell this bound "
                                "from none at all"));
    ONUS_TRY(add_threshold(t, &m, &at->at));
    for (int k = 0; k < 2; k++) {
        m = match_draft_of("match.fnmr_at");
        m.scope = scope;
        onus_scope_set_text(&m.scope, "ties", TIES[k]);
        onus_draft_set_number(&m, among_ties[k]);
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    return status;
}

/* ---- all of it, for one set of comparisons ---- */

static onus_status add_set(match_trial *t, const match_set *set, const onus_roc *roc,
                           size_t n_fmr_at) {
    onus_status status = ONUS_OK;
    ONUS_TRY(add_counts(t, set, &roc->totals));
    ONUS_TRY(add_fta(t, set, &roc->totals));
    for (size_t p = 0; p < t->n_points; p++) {
        ONUS_TRY(add_point(t, set, &t->points[p], &roc->at[p]));
    }
    ONUS_TRY(add_eer(t, set, roc));
    ONUS_TRY(add_auc(t, set, roc));
    for (size_t i = 0; i < n_fmr_at; i++) {
        ONUS_TRY(add_fnmr_at(t, set, &roc->fnmr_at[i]));
    }
    ONUS_TRY(match_rates_series(t, set, roc, n_fmr_at));
out:
    return status;
}

static onus_status count_set(match_trial *t, const match_set *set, const double *thresholds) {
    const onus_doubles *asked = &t->c->protocol.fmr_at;
    const onus_roc_ask ask = {.thresholds = thresholds,
                              .n_thresholds = t->n_points,
                              .fmr_at = asked->n > 0 ? asked->items : FMR_AT,
                              .n_fmr_at = asked->n > 0 ? asked->n : sizeof FMR_AT / sizeof *FMR_AT,
                              .eer = true,
                              .auc = true,
                              .n_det = MATCH_DET_POINTS};
    const onus_scores scores = {.genuine = set->of[MATCH_GENUINE].score,
                                .n_genuine = set->of[MATCH_GENUINE].n,
                                .impostor = set->of[MATCH_IMPOSTOR].score,
                                .n_impostor = set->of[MATCH_IMPOSTOR].n,
                                .lower_is_same = !match_is_match(t, 0.0, -INFINITY)};
    onus_roc roc;
    onus_status status = onus_roc_make(&scores, &ask, t->context, &roc);
    if (status == ONUS_OK) {
        status = add_set(t, set, &roc, ask.n_fmr_at);
    }
    onus_roc_clear(&roc);
    return status == ONUS_ERR_LIMIT
               ? onus_fail_plain(t->err, status, "more than %zu comparisons of one kind",
                                 ONUS_SCORES_MAX)
               : status;
}

onus_status match_rates(match_trial *t) {
    onus_status status = ONUS_OK;
    double *thresholds = onus_alloc_n(t->n_points, sizeof *thresholds);
    if (thresholds == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t p = 0; p < t->n_points; p++) {
        thresholds[p] = t->points[p].threshold;
    }
    for (size_t s = 0; s < t->n_sets; s++) {
        ONUS_TRY(count_set(t, &t->sets[s], thresholds));
    }
out:
    onus_free(thresholds);
    return status;
}
