/* Do printed indices come out of the counts printed beside them, and do their rows agree about what
 * happened?
 *
 *   made again   (n / N) / (a / A) against the printed index, to one step of its last digit
 *   held against each other   rows of one set (published.by) count the same outcomes, so they must
 *                have the same N. Where two printed tables have two, an index of one table is not
 *                on the scale of the other's, however right each is in itself
 *
 * Called by trial.c. Judges arithmetic and nothing else: whose figure a row is, is never said. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/scalar.h"
#include "onus/stats_capture.h"
#include "onus/text.h"
#include "place_internal.h"

/* The unit of the last digit is a power of ten that no double holds exactly, and so is the figure:
 * a difference of exactly one step may come out larger by this share of the figure. */
#define ROUNDING_SHARE 1e-15

enum { SETS_TOLD_MAX = 8 };

typedef struct recomputed {
    size_t n_agree;
    size_t n_cannot;
    size_t n_impossible; /* more captured than recorded, or more flagged than there is */
    double most_off;
    double least_share; /* flagged area of the whole */
    double most_share;
} recomputed;

static recomputed make_again(const onus_published *p) {
    recomputed r = {.least_share = INFINITY, .most_share = 0.0};
    for (size_t i = 0; i < p->n_rows; i++) {
        const onus_number pai = onus_pai(p->captured[i], p->outcomes[i], p->area[i], p->of_area[i]);
        if (p->area[i] > 0.0 && p->of_area[i] > 0.0) {
            r.least_share = fmin(r.least_share, p->area[i] / p->of_area[i]);
            r.most_share = fmax(r.most_share, p->area[i] / p->of_area[i]);
        }
        if (p->captured[i] > p->outcomes[i] || p->area[i] > p->of_area[i]) {
            r.n_impossible++;
            continue;
        }
        if (pai.reason != NULL) {
            r.n_cannot++;
            continue;
        }
        const double off = fabs(pai.value - p->pai[i]);
        r.most_off = fmax(r.most_off, off);
        r.n_agree += off <= p->digit_unit[i] + ROUNDING_SHARE * p->pai[i] ? 1 : 0;
    }
    return r;
}

static onus_status add(place_trial *t, const char *id, onus_number value) {
    onus_measure m = place_draft_of(id);
    onus_draft_set_number(&m, value);
    onus_draft_set_printed(&m, t->c->protocol.level);
    return place_add(t, &m, NULL);
}

static onus_status add_recomputed(place_trial *t, const onus_published *p) {
    const recomputed r = make_again(p);
    onus_status status = ONUS_OK;
    onus_measure m = place_draft_of("place.pai_recomputed");
    onus_draft_set_fraction(&m, (double)r.n_agree, (double)p->n_rows, "no printed index");
    onus_draft_set_printed(&m, t->c->protocol.level);
    ONUS_TRY(place_add(t, &m, NULL));
    ONUS_TRY(add(t, "place.pai_difference",
                 r.n_cannot + r.n_impossible < p->n_rows
                     ? onus_number_of(r.most_off)
                     : onus_number_none("no row can be made again")));
    if (p->n_names > 0) {
        ONUS_TRY(add(t, "place.published_names", onus_number_of((double)p->n_names)));
    }
    ONUS_TRY(add(t, "place.published_area_range",
                 r.most_share > 0.0 ? onus_number_of(r.most_share / r.least_share)
                                    : onus_number_none("no row has an area")));
    const size_t n_off = p->n_rows - r.n_agree - r.n_cannot - r.n_impossible;
    if (n_off > 0) {
        ONUS_TRY(onus_result_warn(t->result, "pai_not_recomputed",
                                  "%zu of %zu printed indices do not come out of the counts and "
                                  "areas printed beside them; the largest difference is %.3g",
                                  n_off, p->n_rows, r.most_off));
    }
    if (r.n_cannot > 0) {
        ONUS_TRY(
            onus_result_warn(t->result, "pai_without_counts",
                             "%zu of %zu printed indices cannot be made again: no outcomes, or "
                             "no area",
                             r.n_cannot, p->n_rows));
    }
    if (r.n_impossible > 0) {
        ONUS_TRY(onus_result_warn(t->result, "impossible_counts",
                                  "%zu of %zu printed rows capture more outcomes than there were, "
                                  "or flag more area than there is",
                                  r.n_impossible, p->n_rows));
    }
out:
    return status;
}

/* ---- rows that should count the same ---- */

typedef struct limits_of_set {
    double least;
    double most;
} limits_of_set;

/* The tables whose rows of this set give this number: "large, student". */
static void tell_tables(const onus_published *p, size_t set, double outcomes, onus_text *text) {
    size_t n_told = 0;
    for (size_t k = 0; k < p->n_tables; k++) {
        bool has = false;
        for (size_t i = 0; i < p->n_rows && !has; i++) {
            has = p->set[i] == set && p->table[i] == k && p->outcomes[i] == outcomes;
        }
        if (has) {
            onus_text_addf(text, "%s%s", n_told++ == 0 ? "" : ", ", p->tables[k]);
        }
    }
}

/* The next larger number of outcomes of a set; INFINITY: there is none. */
static double next_number(const onus_published *p, size_t set, double above) {
    double next = INFINITY;
    for (size_t i = 0; i < p->n_rows; i++) {
        if (p->set[i] == set && p->outcomes[i] > above && p->outcomes[i] < next) {
            next = p->outcomes[i];
        }
    }
    return next;
}

static size_t count_rows(const onus_published *p, size_t set, double outcomes) {
    size_t n = 0;
    for (size_t i = 0; i < p->n_rows; i++) {
        n += p->set[i] == set && p->outcomes[i] == outcomes ? 1 : 0;
    }
    return n;
}

static void add_count(onus_text *text, double value) {
    char count[ONUS_DOUBLE_TEXT_MAX];
    if (value == floor(value) && value < 1e15) {
        (void)onus_format_count((int64_t)value, count);
        onus_text_add(text, count);
    } else {
        onus_text_addf(text, "%.10g", value);
    }
}

/* "burg, 2MO: 176 (small), 269 (large, student)" */
static void tell_set(const onus_published *p, size_t set, onus_text *text) {
    onus_text_addf(text, "%s: ", p->sets[set]);
    for (double n = next_number(p, set, -1.0); isfinite(n);) {
        const double next = next_number(p, set, n);
        add_count(text, n);
        if (p->table != NULL) {
            onus_text_add(text, " (");
            tell_tables(p, set, n, text);
            onus_text_add(text, ")");
        }
        onus_text_add(text, isfinite(next) ? " and " : "");
        n = next;
    }
}

static onus_status add_series(place_trial *t, const onus_published *p) {
    static const char *const COLUMNS[] = {"rows", "outcomes", "n_rows", "tables"};
    onus_series *series =
        onus_result_series(t->result, "published_denominators", (const char **)(uintptr_t)COLUMNS,
                           sizeof COLUMNS / sizeof *COLUMNS);
    onus_status status = series == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    for (size_t set = 0; set < p->n_sets && status == ONUS_OK; set++) {
        for (double n = next_number(p, set, -1.0); isfinite(n); n = next_number(p, set, n)) {
            ONUS_TRY(onus_series_text(series, p->sets[set]));
            ONUS_TRY(onus_series_number(series, n));
            ONUS_TRY(onus_series_number(series, (double)count_rows(p, set, n)));
            if (p->table == NULL) {
                ONUS_TRY(onus_series_null(series));
                continue;
            }
            onus_text tables = {0};
            tell_tables(p, set, n, &tables);
            char *told = onus_text_take(&tables);
            status = told == NULL ? ONUS_ERR_NOMEM : onus_series_text(series, told);
            onus_free(told);
            ONUS_TRY(status);
        }
    }
out:
    return status;
}

static onus_status add_denominators(place_trial *t, const onus_published *p) {
    limits_of_set *sets = place_keep(t, onus_alloc_n(p->n_sets, sizeof *sets));
    onus_status status = ONUS_OK;
    size_t n_differ = 0;
    onus_text told = {0};
    if (sets == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < p->n_sets; k++) {
        sets[k] = (limits_of_set){INFINITY, -INFINITY};
    }
    for (size_t i = 0; i < p->n_rows; i++) {
        limits_of_set *set = &sets[p->set[i]];
        set->least = fmin(set->least, p->outcomes[i]);
        set->most = fmax(set->most, p->outcomes[i]);
    }
    for (size_t k = 0; k < p->n_sets; k++) {
        if (!(sets[k].most > sets[k].least)) {
            continue;
        }
        if (n_differ < SETS_TOLD_MAX) {
            onus_text_add(&told, n_differ == 0 ? "" : "; ");
            tell_set(p, k, &told);
        }
        n_differ++;
        onus_measure gap = place_draft_of("place.denominator_gap");
        onus_scope_set_text(&gap.scope, "rows", p->sets[k]);
        onus_draft_set_number(&gap, onus_number_of(sets[k].most - sets[k].least));
        onus_draft_set_printed(&gap, t->c->protocol.level);
        ONUS_TRY(place_add(t, &gap, NULL));
    }
    onus_measure m = place_draft_of("place.inconsistent_denominators");
    onus_draft_set_fraction(&m, (double)n_differ, (double)p->n_sets, "no printed index");
    onus_draft_set_printed(&m, t->c->protocol.level);
    ONUS_TRY(place_add(t, &m, NULL));
    if (n_differ > 0) {
        char *text = onus_text_take(&told);
        if (text == NULL) {
            return ONUS_ERR_NOMEM;
        }
        status = onus_result_warn(
            t->result, "inconsistent_denominators",
            "in %zu of %zu sets of rows that should count the same outcomes the numbers differ, so "
            "their indices cannot be ranked together: %s%s",
            n_differ, p->n_sets, text, n_differ > SETS_TOLD_MAX ? "; and others" : "");
        onus_free(text);
        ONUS_TRY(status);
    }
    ONUS_TRY(add_series(t, p));
out:
    onus_text_clear(&told);
    return status;
}

onus_status place_published(place_trial *t) {
    const onus_published *p = &t->evidence->published;
    onus_status status = ONUS_OK;
    if (p->pai == NULL) {
        return ONUS_OK;
    }
    ONUS_TRY(add_recomputed(t, p));
    if (p->set != NULL) {
        ONUS_TRY(add_denominators(t, p));
    }
out:
    return status;
}
