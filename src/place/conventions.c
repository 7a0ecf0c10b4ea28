/* Where the conventions differ, and why.
 *
 * A case that asks for markup-2021 beside onus gets every share, tenth and correlation once under
 * each. This puts the pairs side by side with the rule that parts them, so that a reader who knows
 * the published figure can see what it rests on.
 *
 * Called by trial.c after suppression: a withheld figure stays withheld here. Never prefers one. */
#include <math.h>
#include <string.h>

#include "place_internal.h"

/* Two figures differ if they differ by more than rounding of sums. */
#define SAME 1e-9

static const char *why(const onus_measure *m) {
    const char *id = m->def->id;
    const char *set = onus_scope_text(&m->scope, "set");
    if (strcmp(id, "burden.composition") == 0) {
        return "areas equal to a cut point are in no decile in the published audit, and an empty "
               "decile was printed as 0";
    }
    if (strcmp(id, "burden.rank_correlation") == 0) {
        return "the published audit broke ties by file order before ranking; onus gives tied areas "
               "one mid-rank";
    }
    if (set != NULL && strcmp(set, "most") == 0) {
        return "the published audit takes round(top n) + 1 areas, ties by file order; onus takes "
               "ceil(top n), ties shared";
    }
    if (set != NULL && strcmp(set, "median") == 0) {
        return "the published audit takes ranks within floor(w/2) of floor(n/2), ties by file "
               "order; onus the middle stretch of ceil(top n) areas, ties shared";
    }
    if (set != NULL && strcmp(set, "least") == 0) {
        return "the published audit picks areas among those with the fewest flags by file order; "
               "onus lets all tied areas share the set";
    }
    return "differently defined";
}

static bool same_text(const char *a, const char *b) {
    return (a == NULL && b == NULL) || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static double number_of(const onus_scope *scope, const char *key) {
    for (size_t i = 0; i < scope->n_items; i++) {
        if (strcmp(scope->items[i].key, key) == 0) {
            return scope->items[i].number;
        }
    }
    return 0.0;
}

/* The same figure under convention onus, or NULL. */
static const onus_measure *counterpart(const place_trial *t, const onus_measure *published) {
    const place_draft *drafts = t->drafts.items;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_measure *m = &drafts[d].measure;
        if (m->def == published->def &&
            same_text(onus_scope_text(&m->scope, "convention"), "onus") &&
            onus_scope_text(&m->scope, "by") == NULL &&
            same_text(onus_scope_text(&m->scope, "universe"),
                      onus_scope_text(&published->scope, "universe")) &&
            same_text(onus_scope_text(&m->scope, "group"),
                      onus_scope_text(&published->scope, "group")) &&
            same_text(onus_scope_text(&m->scope, "set"),
                      onus_scope_text(&published->scope, "set")) &&
            number_of(&m->scope, "decile") == number_of(&published->scope, "decile")) {
            return m;
        }
    }
    return NULL;
}

static bool shown(const onus_measure *m) {
    return m->has_value && !m->withheld;
}

static onus_status add_row(place_trial *t, onus_series *series, const onus_measure *ours,
                           const onus_measure *published) {
    const double decile = number_of(&ours->scope, "decile");
    const char *set = onus_scope_text(&ours->scope, "set");
    const double a = shown(ours) ? ours->value : NAN;
    const double b = shown(published) ? published->value : NAN;
    onus_status status = ONUS_OK;
    (void)t;
    ONUS_TRY(onus_series_text(series, onus_scope_text(&ours->scope, "universe")));
    ONUS_TRY(onus_series_text(series, onus_scope_text(&ours->scope, "group")));
    ONUS_TRY(onus_series_text(series, ours->def->id));
    ONUS_TRY(set != NULL ? onus_series_text(series, set) : onus_series_null(series));
    ONUS_TRY(onus_series_number(series, decile > 0.0 ? decile : NAN));
    ONUS_TRY(onus_series_number(series, a));
    ONUS_TRY(onus_series_number(series, b));
    ONUS_TRY(onus_series_number(series, a - b));
    ONUS_TRY(onus_series_text(series, why(ours)));
out:
    return status;
}

onus_status place_conventions(place_trial *t) {
    static const char *const COLUMNS[] = {"universe", "group",       "figure",     "set", "decile",
                                          "onus",     "markup-2021", "difference", "why"};
    if (t->flags.missing != NULL || !place_asked(t, ONUS_CONVENTION_ONUS) ||
        !place_asked(t, ONUS_CONVENTION_MARKUP_2021)) {
        return ONUS_OK;
    }
    onus_series *series = onus_result_series(t->result, "conventions", (const char **)COLUMNS,
                                             sizeof COLUMNS / sizeof COLUMNS[0]);
    if (series == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const place_draft *drafts = t->drafts.items;
    size_t n_pairs = 0;
    size_t n_differ = 0;
    size_t n_signs = 0;
    double widest = 0.0;
    onus_status status = ONUS_OK;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_measure *published = &drafts[d].measure;
        if (!same_text(onus_scope_text(&published->scope, "convention"), "markup-2021")) {
            continue;
        }
        const onus_measure *ours = counterpart(t, published);
        if (ours == NULL || ours->withheld) {
            continue;
        }
        n_pairs++;
        const bool both = shown(ours) && shown(published);
        const double gap = both ? fabs(ours->value - published->value) : 0.0;
        if (shown(ours) == shown(published) && gap <= SAME) {
            continue;
        }
        n_differ++;
        widest = fmax(widest, gap);
        if (both && strcmp(ours->def->id, "burden.rank_correlation") == 0 &&
            ours->value * published->value < 0.0) {
            n_signs++;
        }
        ONUS_TRY(add_row(t, series, ours, published));
    }
    if (n_differ > 0) {
        ONUS_TRY(onus_result_warn(t->result, "conventions_differ",
                                  "%zu of %zu figures differ between the conventions onus and "
                                  "markup-2021, by up to %.3f; %zu correlations change their sign. "
                                  "The published audit broke ties by file order, took one area "
                                  "more than the top share, and put areas equal to a cut point in "
                                  "no decile; the table 'conventions' has each pair with the rule "
                                  "that parts it",
                                  n_differ, n_pairs, widest, n_signs));
    }
out:
    return status;
}
