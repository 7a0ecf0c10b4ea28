/* Every rate per group, and per group of the probe and of the reference.
 *
 * The idea: strangers who look alike are taken for one another more often, so a rate pooled over
 * all impostor pairs hides what happens within a group. `group: A` therefore has both sides in A,
 * and each cell of the matrix says which groups met. Tallies of a grouping are made once, and all
 * that compares groups works on them (groups_ratio.c, groups_differential.c).
 *
 * Called by trial.c. A group of one or two people is withheld whole (people.c). Names no person. */
#include <string.h>

#include "groups_internal.h"
#include "onus/alloc.h"

static const char NO_COMPARISONS[] = "no comparison of this slice was acquired";
static const char NONE_ATTEMPTED[] = "no comparison of this slice was attempted";

const char *match_rate_name(match_kind kind) {
    return kind == MATCH_IMPOSTOR ? "fmr" : "fnmr";
}

static match_slice within(const group_bench *bench, match_kind kind, size_t probe, size_t reference,
                          match_fta fta) {
    return (match_slice){.set = bench->set,
                         .kind = kind,
                         .threshold = bench->point->threshold,
                         .fta = fta,
                         .by_group = true,
                         .grouping = bench->grouping,
                         .probe_value = (int32_t)probe,
                         .reference_value = (int32_t)reference};
}

/* ---- the tallies of a grouping ---- */

static void bench_clear(group_bench *bench) {
    for (int k = 0; k < MATCH_N_KINDS; k++) {
        for (size_t g = 0; bench->of[k] != NULL && g < bench->n_groups; g++) {
            match_tally_clear(&bench->of[k][g].tally);
        }
        onus_free(bench->of[k]);
    }
}

static onus_status bench_fill(match_trial *t, group_bench *bench) {
    onus_status status = ONUS_OK;
    for (int k = 0; k < MATCH_N_KINDS; k++) {
        bench->of[k] = onus_alloc_n(bench->n_groups, sizeof *bench->of[k]);
        if (bench->of[k] == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t g = 0; g < bench->n_groups; g++) {
            group_rate *rate = &bench->of[k][g];
            const match_slice slice = within(bench, (match_kind)k, g, g, MATCH_FTA_LEFT_OUT);
            ONUS_TRY(match_tally_fill(t, &slice, &rate->tally));
            rate->is_estimated = rate->tally.by_pair && rate->tally.n_comparisons > 0 &&
                                 rate->tally.dyads.n_comparisons == rate->tally.n_comparisons;
            if (rate->is_estimated) {
                ONUS_TRY(onus_dyadic_estimate(&rate->tally.dyads, t->c->protocol.level,
                                              &rate->estimate));
            }
        }
    }
out:
    return status;
}

/* ---- one measure ---- */

/* Value and interval; the estimate, where there is one, is not made twice. */
static onus_status set_rate(match_trial *t, onus_measure *m, const group_rate *rate,
                            match_kind kind) {
    if (!rate->is_estimated) {
        return match_set_rate(t, m, &rate->tally, NO_COMPARISONS);
    }
    onus_draft_set_fraction(m, (double)rate->tally.n_errors, (double)rate->tally.n_comparisons,
                            NULL);
    match_set_interval(m, &rate->estimate, t->c->protocol.level, kind == MATCH_IMPOSTOR ? 2 : 1);
    return ONUS_OK;
}

static onus_measure draft(const match_trial *t, const char *id, const group_bench *bench,
                          size_t group) {
    onus_measure m = match_draft_of(id);
    match_scope_set(&m, bench->set);
    match_scope_group(t, &m, bench->grouping, group);
    return m;
}

/* Rates of one group with failures counted as no match, and as a match. */
static onus_status add_conventions(match_trial *t, const group_bench *bench, match_kind kind,
                                   size_t g) {
    static const match_fta OTHERS[] = {MATCH_FTA_AS_NONMATCH, MATCH_FTA_AS_MATCH};
    onus_status status = ONUS_OK;
    match_tally tally = {0};
    for (size_t k = 0; k < sizeof OTHERS / sizeof OTHERS[0]; k++) {
        const match_slice slice = within(bench, kind, g, g, OTHERS[k]);
        onus_measure m = draft(t, kind == MATCH_IMPOSTOR ? "match.fmr" : "match.fnmr", bench, g);
        match_scope_point(&m, bench->point);
        match_scope_fta(&m, OTHERS[k]);
        match_tally_clear(&tally);
        ONUS_TRY(match_tally_fill(t, &slice, &tally));
        ONUS_TRY(match_set_rate(t, &m, &tally, NONE_ATTEMPTED));
        match_mark_group(match_group_of(t, bench->grouping, g), &m);
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    match_tally_clear(&tally);
    return status;
}

static onus_status add_rates(match_trial *t, const group_bench *bench) {
    onus_status status = ONUS_OK;
    for (size_t g = 0; g < bench->n_groups; g++) {
        for (int k = MATCH_N_KINDS - 1; k >= 0; k--) {
            const match_kind kind = (match_kind)k;
            onus_measure m =
                draft(t, kind == MATCH_IMPOSTOR ? "match.fmr" : "match.fnmr", bench, g);
            match_scope_point(&m, bench->point);
            ONUS_TRY(set_rate(t, &m, &bench->of[k][g], kind));
            match_mark_group(match_group_of(t, bench->grouping, g), &m);
            ONUS_TRY(match_add(t, &m, NULL));
            ONUS_TRY(add_conventions(t, bench, kind, g));
        }
    }
out:
    return status;
}

/* ---- failures to acquire, and how many comparisons there are: at no threshold ---- */

/* Comparisons of one kind within a group that failed: errors of a tally of their own. */
static onus_status fill_failed(const match_trial *t, const group_bench *bench, match_kind kind,
                               size_t g, match_tally *out) {
    match_tally acquired = {0};
    onus_status status = ONUS_OK;
    match_slice slice = within(bench, kind, g, g, MATCH_FTA_AS_NONMATCH);
    ONUS_TRY(match_tally_fill(t, &slice, out));
    slice.fta = MATCH_FTA_LEFT_OUT;
    ONUS_TRY(match_tally_fill(t, &slice, &acquired));
    out->n_errors = out->n_comparisons - acquired.n_comparisons;
    out->dyads.n_errors = out->dyads.n_comparisons - acquired.dyads.n_comparisons;
    size_t at = 0;
    for (size_t d = 0; d < out->dyads.n_pairs; d++) {
        onus_dyad *pair = &out->dyads.pairs[d];
        const onus_dyad *same = at < acquired.dyads.n_pairs ? &acquired.dyads.pairs[at] : NULL;
        const bool found = same != NULL && same->i == pair->i && same->j == pair->j;
        pair->n_errors = pair->n_comparisons - (found ? same->n_comparisons : 0);
        at += found ? 1 : 0;
    }
out:
    match_tally_clear(&acquired);
    return status;
}

static bool comes_first(const onus_dyad *a, const onus_dyad *b) {
    return a->i != b->i ? a->i < b->i : a->j < b->j;
}

/* Both kinds in one, ascending by pair. */
static onus_status join(const match_tally *a, const match_tally *b, match_tally *out) {
    *out = (match_tally){.n_errors = a->n_errors + b->n_errors,
                         .n_comparisons = a->n_comparisons + b->n_comparisons,
                         .by_pair = a->by_pair && b->by_pair};
    out->dyads.n_people = a->dyads.n_people;
    out->dyads.n_comparisons = a->dyads.n_comparisons + b->dyads.n_comparisons;
    out->dyads.n_errors = a->dyads.n_errors + b->dyads.n_errors;
    out->dyads.pairs = onus_alloc_n(a->dyads.n_pairs + b->dyads.n_pairs, sizeof *out->dyads.pairs);
    if (out->dyads.pairs == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t i = 0;
    size_t j = 0;
    while (i < a->dyads.n_pairs || j < b->dyads.n_pairs) {
        const bool only_a = j == b->dyads.n_pairs;
        const bool only_b = i == a->dyads.n_pairs;
        const bool first =
            only_a || (!only_b && comes_first(&a->dyads.pairs[i], &b->dyads.pairs[j]));
        out->dyads.pairs[out->dyads.n_pairs++] = first ? a->dyads.pairs[i] : b->dyads.pairs[j];
        i += first ? 1 : 0;
        j += first ? 0 : 1;
    }
    return ONUS_OK;
}

static onus_status add_count(match_trial *t, const group_bench *bench, match_kind kind, size_t g,
                             const match_tally *attempted) {
    onus_measure m =
        draft(t, kind == MATCH_IMPOSTOR ? "match.impostor" : "match.genuine", bench, g);
    onus_draft_set_number(&m,
                          onus_number_of((double)(attempted->n_comparisons - attempted->n_errors)));
    match_mark_group(match_group_of(t, bench->grouping, g), &m);
    return match_add(t, &m, NULL);
}

static onus_status add_failures(match_trial *t, const group_bench *bench) {
    onus_status status = ONUS_OK;
    match_tally of[MATCH_N_KINDS] = {0};
    match_tally both = {0};
    for (size_t g = 0; g < bench->n_groups; g++) {
        for (int k = 0; k < MATCH_N_KINDS; k++) {
            match_tally_clear(&of[k]);
            ONUS_TRY(fill_failed(t, bench, (match_kind)k, g, &of[k]));
            ONUS_TRY(add_count(t, bench, (match_kind)k, g, &of[k]));
        }
        onus_measure m = draft(t, "match.fta", bench, g);
        match_tally_clear(&both);
        ONUS_TRY(join(&of[MATCH_GENUINE], &of[MATCH_IMPOSTOR], &both));
        ONUS_TRY(match_set_rate(t, &m, &both, NONE_ATTEMPTED));
        m.interval.people_each = 0; /* a failure is one sighting's, not two people's */
        match_mark_group(match_group_of(t, bench->grouping, g), &m);
        ONUS_TRY(match_add(t, &m, NULL));
    }
out:
    match_tally_clear(&both);
    match_tally_clear(&of[MATCH_GENUINE]);
    match_tally_clear(&of[MATCH_IMPOSTOR]);
    return status;
}

/* ---- the matrix ---- */

static const char *MATRIX_COLUMNS[] = {
    "by",     "pairs",       "threshold", "rate", "probe_group", "reference_group",
    "errors", "comparisons", "value",     "low",  "high",        "state"};
enum { N_MATRIX_COLUMNS = sizeof MATRIX_COLUMNS / sizeof MATRIX_COLUMNS[0] };

static onus_status add_number(onus_series *series, bool shown, double value) {
    return shown ? onus_series_number(series, value) : onus_series_null(series);
}

static onus_status add_row(match_trial *t, onus_series *series, const group_bench *bench,
                           const char *rate, const match_group *probe, const match_group *reference,
                           const onus_measure *m) {
    const bool shown = !m->withheld;
    const bool given = shown && m->interval.given;
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_series_text(series, probe->by));
    ONUS_TRY(onus_series_text(series, bench->set->name != NULL ? bench->set->name : "all"));
    ONUS_TRY(onus_series_number(series, bench->point->threshold));
    ONUS_TRY(onus_series_text(series, rate));
    ONUS_TRY(onus_series_text(series, probe->name));
    ONUS_TRY(onus_series_text(series, reference->name));
    ONUS_TRY(add_number(series, shown, m->num));
    ONUS_TRY(add_number(series, shown, m->den));
    ONUS_TRY(add_number(series, shown && m->has_value, m->value));
    ONUS_TRY(add_number(series, given, m->interval.low));
    ONUS_TRY(add_number(series, given, m->interval.high));
    ONUS_TRY(onus_series_text(series, !shown                      ? "withheld"
                                      : given && m->interval.weak ? "weak"
                                                                  : ""));
out:
    (void)t;
    return status;
}

static onus_status add_cell(match_trial *t, onus_series *series, const group_bench *bench,
                            match_kind kind, size_t probe, size_t reference) {
    const match_group *a = match_group_of(t, bench->grouping, probe);
    const match_group *b = match_group_of(t, bench->grouping, reference);
    const match_slice slice = within(bench, kind, probe, reference, MATCH_FTA_LEFT_OUT);
    match_tally tally = {0};
    onus_status status = ONUS_OK;
    onus_measure m = match_draft_of(kind == MATCH_IMPOSTOR ? "match.fmr" : "match.fnmr");
    match_scope_set(&m, bench->set);
    match_scope_point(&m, bench->point);
    match_scope_cell(t, &m, bench->grouping, probe, reference);
    if (probe == reference) {
        ONUS_TRY(set_rate(t, &m, &bench->of[kind][probe], kind));
    } else {
        ONUS_TRY(match_tally_fill(t, &slice, &tally));
        ONUS_TRY(match_set_rate(t, &m, &tally, NO_COMPARISONS));
    }
    match_mark_group(a, &m);
    match_mark_group(b, &m);
    ONUS_TRY(add_row(t, series, bench, match_rate_name(kind), a, b, &m));
    ONUS_TRY(match_add(t, &m, NULL));
out:
    match_tally_clear(&tally);
    return status;
}

/* False matches in every cell; misses on the diagonal (one person is in one group). */
static onus_status add_matrix(match_trial *t, const group_bench *bench, onus_series *series) {
    onus_status status = ONUS_OK;
    const bool one_space = t->m->comparisons.one_space;
    for (size_t probe = 0; probe < bench->n_groups; probe++) {
        for (size_t reference = one_space ? probe : 0; reference < bench->n_groups; reference++) {
            ONUS_TRY(add_cell(t, series, bench, MATCH_IMPOSTOR, probe, reference));
        }
        ONUS_TRY(add_cell(t, series, bench, MATCH_GENUINE, probe, probe));
    }
out:
    return status;
}

/* ---- the family ---- */

static onus_status try_grouping(match_trial *t, const match_set *set, const match_point *point,
                                size_t grouping, onus_series *matrix) {
    onus_status status = ONUS_OK;
    group_bench bench = {.set = set,
                         .point = point,
                         .grouping = grouping,
                         .n_groups = t->group_start[grouping + 1] - t->group_start[grouping]};
    ONUS_TRY(bench_fill(t, &bench));
    if (point == t->points) { /* once a set: these have no threshold */
        ONUS_TRY(add_failures(t, &bench));
    }
    ONUS_TRY(add_rates(t, &bench));
    ONUS_TRY(add_matrix(t, &bench, matrix));
    ONUS_TRY(match_groups_ratios(t, &bench));
    ONUS_TRY(match_groups_differentials(t, &bench));
out:
    bench_clear(&bench);
    return status;
}

onus_status match_groups(match_trial *t) {
    onus_status status = ONUS_OK;
    const bool has_rows = t->m->comparisons.n_comparisons > 0;
    onus_series *matrix = NULL;
    if (!has_rows) {
        return ONUS_OK;
    }
    if (t->n_groupings > 0 && t->n_points > 0) {
        matrix = onus_result_series(t->result, "group_matrix", MATRIX_COLUMNS, N_MATRIX_COLUMNS);
        if (matrix == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    for (size_t s = 0; s < t->n_sets; s++) {
        for (size_t p = 0; p < t->n_points; p++) {
            ONUS_TRY(match_groups_worth(t, &t->sets[s], &t->points[p]));
            for (size_t g = 0; g < t->n_groupings; g++) {
                ONUS_TRY(try_grouping(t, &t->sets[s], &t->points[p], g, matrix));
            }
        }
    }
out:
    return status;
}
