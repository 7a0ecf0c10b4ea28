/* One column of counts (a group by area, or everyone by area) against everything printed about it.
 *
 * What a reader sees of the column: the counts that are shown, and sums: totals, sets, deciles,
 * tied edges with fractional parts, exposures with the flags as weights. Over the unknown counts u
 * those are linear equations, A u = b. A figure f'u is determined exactly if and only if f lies in
 * the row space of A, that is if the projection of f on it is as long as f (its leverage is 1).
 * Protected are
 *
 *      every small count             f = the unit vector of its area
 *      every small sum withheld      f = the parts of its areas
 *
 * and no whole set may be left with a remainder of 1 to threshold - 1 unknown people. Repairs,
 * least harm first: one more count that settles it; one figure that settles it (tenths before sets,
 * exposures last); else one more count and again. Each step withholds more, so it ends.
 *
 * Called by suppression.c. Bounds that follow from counts being whole and not negative are not
 * looked at. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_disclosure.h"
#include "onus/sum.h"
#include "place_internal.h"

/* Squared leverage from which a figure is taken to be determined: the safe side of rounding. */
#define DETERMINED (1.0 - 1e-9)
/* A direction left over after orthogonalisation below this is rounding. */
#define NO_DIRECTION 1e-9
/* How many candidates are tried for one that settles it alone. */
enum { N_TRIES = 24 };

/* A sum that a reader sees. group NULL: it stands in the figures of every group of the universe. */
typedef struct printed {
    const double *weight;
    double size; /* people in it */
    int worth;   /* 0: given up first; 3: never */
    bool whole;  /* parts are 0 or 1 */
    bool gone;
} printed;

typedef struct column {
    place_trial *t;
    const place_group *g;
    bool total;
    const double *people;
    uint8_t *hidden;
    onus_array printed;    /* printed */
    onus_array small_sums; /* const double * */
    size_t *unknown;       /* areas */
    double *basis;
    double *row;
    double *leverage;
    double threshold;
} column;

static bool whole_parts(const double *part, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (part[i] != 0.0 && part[i] != 1.0) {
            return false;
        }
    }
    return true;
}

static bool of_column(const column *c, const place_draft *draft) {
    return draft->group != NULL && !draft->exact &&
           (c->total ? draft->group->universe_index == c->g->universe_index && !draft->weighted
                     : draft->group == c->g);
}

/* Shares of a set print its people in all as well; shares of the group (above the median) do not.
 */
static bool prints_total(const place_draft *draft) {
    const char *id = draft->measure.def->id;
    return strcmp(id, "burden.share") == 0 || strcmp(id, "burden.composition") == 0;
}

static onus_status add_printed(column *c, const double *weight, int worth) {
    printed *all = c->printed.items;
    for (size_t k = 0; k < c->printed.n_items; k++) {
        if (all[k].weight == weight) {
            all[k].worth = worth > all[k].worth ? worth : all[k].worth;
            return ONUS_OK;
        }
    }
    const printed one = {.weight = weight,
                         .size = onus_sum_dot(weight, c->people, c->t->n),
                         .worth = worth,
                         .whole = whole_parts(weight, c->t->n)};
    return onus_array_push(&c->printed, &one);
}

static onus_status list_printed(column *c, const double *everywhere) {
    const place_draft *drafts = c->t->drafts.items;
    onus_status status = ONUS_OK;
    ONUS_TRY(add_printed(c, everywhere, 3)); /* the size of the group is in every exposure */
    for (size_t d = 0; d < c->t->drafts.n_items; d++) {
        const place_draft *draft = &drafts[d];
        if (!of_column(c, draft) || !draft->measure.has_value ||
            (c->total && !prints_total(draft))) {
            continue;
        }
        const double size = onus_sum_dot(draft->part, c->people, c->t->n);
        if (!draft->measure.withheld) {
            const bool tenth = strcmp(draft->measure.def->id, "burden.composition") == 0;
            ONUS_TRY(add_printed(c, draft->part, draft->weighted ? 2 : tenth ? 0 : 1));
        } else if (size > 0.0 && size < c->threshold) {
            ONUS_TRY(onus_array_push(&c->small_sums, &draft->part));
        }
    }
out:
    return status;
}

/* Squared length of the projection of `row` (of length 1) on the basis. */
static double along_basis(const column *c, size_t rank, size_t n) {
    double sum = 0.0;
    for (size_t b = 0; b < rank; b++) {
        const double along = onus_sum_dot(c->row, c->basis + b * n, n);
        sum += along * along;
    }
    return sum;
}

/* Loads a figure into c->row, scaled to length 1; false if it says nothing of the unknown counts.
 */
static bool load_row(column *c, const double *weight, double *row, size_t n) {
    double largest = 0.0;
    for (size_t j = 0; j < n; j++) {
        row[j] = weight[c->unknown[j]];
        largest = fmax(largest, fabs(row[j]));
    }
    if (!(largest > 0.0)) {
        return false;
    }
    for (size_t j = 0; j < n; j++) {
        row[j] /= largest;
    }
    const double length = sqrt(onus_sum_dot(row, row, n));
    for (size_t j = 0; j < n; j++) {
        row[j] /= length;
    }
    return true;
}

/* Orthonormal basis of the printed sums over the unknown counts; modified Gram-Schmidt, twice
 * (Giraud et al. 2005). Fills the leverage of each unknown count. */
static size_t build_basis(column *c, size_t n) {
    const printed *all = c->printed.items;
    size_t rank = 0;
    memset(c->leverage, 0, n * sizeof *c->leverage);
    for (size_t s = 0; s < c->printed.n_items && rank < n; s++) {
        double *row = c->basis + rank * n;
        if (all[s].gone || !load_row(c, all[s].weight, row, n)) {
            continue;
        }
        for (int pass = 0; pass < 2; pass++) {
            for (size_t b = 0; b < rank; b++) {
                const double *before = c->basis + b * n;
                const double along = onus_sum_dot(row, before, n);
                for (size_t j = 0; j < n; j++) {
                    row[j] -= along * before[j];
                }
            }
        }
        const double left = sqrt(onus_sum_dot(row, row, n));
        if (left < NO_DIRECTION) {
            continue;
        }
        for (size_t j = 0; j < n; j++) {
            row[j] /= left;
            c->leverage[j] += row[j] * row[j];
        }
        rank++;
    }
    return rank;
}

/* How many protected figures are determined; the first small count among them, else n_areas. */
static size_t count_determined(column *c, size_t *first) {
    const double *const *small = c->small_sums.items;
    size_t n = 0;
    size_t n_determined = 0;
    *first = c->t->n;
    for (size_t i = 0; i < c->t->n; i++) {
        if (c->hidden[i] != ONUS_WITHHELD_NOT) {
            c->unknown[n++] = i;
        }
    }
    const size_t rank = build_basis(c, n);
    for (size_t j = 0; j < n; j++) {
        if (c->hidden[c->unknown[j]] == ONUS_WITHHELD_SMALL && c->leverage[j] >= DETERMINED) {
            *first = n_determined == 0 ? c->unknown[j] : *first;
            n_determined++;
        }
    }
    for (size_t s = 0; s < c->small_sums.n_items; s++) {
        if (load_row(c, small[s], c->row, n) && along_basis(c, rank, n) >= DETERMINED) {
            n_determined++;
        }
    }
    return n_determined;
}

/* ---- remainders ---- */

static size_t smallest_shown(const column *c, const double *part) {
    size_t best = c->t->n;
    for (size_t i = 0; i < c->t->n; i++) {
        if (part[i] > 0.0 && c->hidden[i] == ONUS_WITHHELD_NOT && c->people[i] > 0.0 &&
            (best == c->t->n || c->people[i] < c->people[best])) {
            best = i;
        }
    }
    return best;
}

/* A whole set whose unknown people are 1 .. threshold - 1 in all gets one more; if it has no more
 * to give, the set itself is a small count and its figure is no longer printed. */
static bool mend_remainders(column *c) {
    printed *all = c->printed.items;
    bool mended = false;
    for (size_t s = 0; s < c->printed.n_items; s++) {
        if (all[s].gone || !all[s].whole) {
            continue;
        }
        double left = 0.0;
        for (size_t i = 0; i < c->t->n; i++) {
            left +=
                all[s].weight[i] > 0.0 && c->hidden[i] != ONUS_WITHHELD_NOT ? c->people[i] : 0.0;
        }
        if (!(left > 0.0 && left < c->threshold)) {
            continue;
        }
        const size_t mate = smallest_shown(c, all[s].weight);
        if (mate < c->t->n) {
            c->hidden[mate] = ONUS_WITHHELD_MATE;
            mended = true;
        } else if (all[s].worth < 3) {
            all[s].gone = true;
            mended = true;
        }
    }
    return mended;
}

/* ---- repairs ---- */

/* The k-th smallest count that is shown and stands in a whole set with the area, sets that hold all
 * left aside unless `anywhere`; n_areas if there are not so many. */
static size_t candidate(const column *c, size_t area, size_t k, bool anywhere) {
    const printed *all = c->printed.items;
    size_t last = c->t->n;
    for (size_t step = 0; step <= k; step++) {
        size_t best = c->t->n;
        for (size_t i = 0; i < c->t->n; i++) {
            const bool later = last == c->t->n || c->people[i] > c->people[last] ||
                               (i > last && c->people[i] == c->people[last]);
            const bool smaller = best == c->t->n || c->people[i] < c->people[best];
            if (c->hidden[i] != ONUS_WITHHELD_NOT || !(c->people[i] > 0.0) || !later || !smaller) {
                continue;
            }
            bool beside = anywhere || area == c->t->n;
            for (size_t s = 0; s < c->printed.n_items && !beside; s++) {
                beside = !all[s].gone && all[s].whole && all[s].worth < 3 &&
                         all[s].weight[area] > 0.0 && all[s].weight[i] > 0.0;
            }
            best = beside ? i : best;
        }
        if (best == c->t->n) {
            return best;
        }
        last = best;
    }
    return last;
}

static bool one_count_settles(column *c, size_t area, size_t n_before) {
    for (size_t k = 0; k < N_TRIES; k++) {
        const size_t i = candidate(c, area, k, false);
        size_t first = 0;
        if (i == c->t->n) {
            return false;
        }
        c->hidden[i] = ONUS_WITHHELD_MATE;
        if (count_determined(c, &first) < n_before) {
            return true;
        }
        c->hidden[i] = ONUS_WITHHELD_NOT;
    }
    return false;
}

/* The figure that is missed least of those still printed (and not yet tried); n_printed if none. */
static size_t least_worth(const column *c, const uint8_t *tried) {
    const printed *all = c->printed.items;
    size_t best = c->printed.n_items;
    for (size_t s = 0; s < c->printed.n_items; s++) {
        if (!all[s].gone && !tried[s] && all[s].worth < 3 &&
            (best == c->printed.n_items || all[s].worth < all[best].worth ||
             (all[s].worth == all[best].worth && all[s].size < all[best].size))) {
            best = s;
        }
    }
    return best;
}

static onus_status one_figure_settles(column *c, size_t n_before, bool *settled) {
    printed *all = c->printed.items;
    uint8_t *tried = onus_alloc_n(c->printed.n_items, 1);
    *settled = false;
    if (tried == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (;;) {
        const size_t s = least_worth(c, tried);
        size_t first = 0;
        if (s == c->printed.n_items) {
            break;
        }
        tried[s] = 1;
        all[s].gone = true;
        if (count_determined(c, &first) < n_before) {
            *settled = true;
            break;
        }
        all[s].gone = false;
    }
    onus_free(tried);
    return ONUS_OK;
}

/* Nothing settles it alone: withhold one more, a count if there is one. false: nothing is left. */
static onus_status one_more(column *c, size_t area, bool *more) {
    printed *all = c->printed.items;
    size_t i = candidate(c, area, 0, false);
    i = i == c->t->n ? candidate(c, area, 0, true) : i;
    *more = i < c->t->n;
    if (*more) {
        c->hidden[i] = ONUS_WITHHELD_MATE;
        return ONUS_OK;
    }
    uint8_t *tried = onus_alloc_n(c->printed.n_items, 1);
    if (tried == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const size_t s = least_worth(c, tried);
    onus_free(tried);
    *more = s < c->printed.n_items;
    if (*more) {
        all[s].gone = true;
    }
    return ONUS_OK;
}

static onus_status repair(column *c) {
    for (;;) {
        size_t area = 0;
        if (mend_remainders(c)) {
            continue;
        }
        const size_t n_determined = count_determined(c, &area);
        if (n_determined == 0) {
            return ONUS_OK;
        }
        bool settled = area < c->t->n && one_count_settles(c, area, n_determined);
        onus_status status = ONUS_OK;
        if (!settled) {
            status = one_figure_settles(c, n_determined, &settled);
        }
        if (status == ONUS_OK && !settled) {
            status = one_more(c, area, &settled);
        }
        if (status != ONUS_OK || !settled) {
            return status; /* not settled: nothing is printed any more but the size of the group */
        }
    }
}

/* Loads of the group: with the figure of one definition gone, ratios would give it back. */
static bool is_load(const onus_measure *m, const place_group *g) {
    static const char *const IDS[] = {"burden.exposure", "burden.attributed", "burden.ratio",
                                      "burden.evalue", "burden.excess"};
    const char *universe = onus_scope_text(&m->scope, "universe");
    const char *group = onus_scope_text(&m->scope, "group");
    const char *reference = onus_scope_text(&m->scope, "reference");
    bool load = false;
    for (size_t k = 0; k < sizeof IDS / sizeof IDS[0]; k++) {
        load = load || strcmp(m->def->id, IDS[k]) == 0;
    }
    return load && universe != NULL && strcmp(universe, g->universe) == 0 &&
           ((group != NULL && strcmp(group, g->name) == 0) ||
            (reference != NULL && strcmp(reference, g->name) == 0));
}

static onus_status withhold_gone(column *c) {
    const printed *all = c->printed.items;
    place_draft *drafts = c->t->drafts.items;
    onus_status status = ONUS_OK;
    for (size_t s = 0; s < c->printed.n_items; s++) {
        for (size_t d = 0; all[s].gone && d < c->t->drafts.n_items; d++) {
            const bool same = of_column(c, &drafts[d]) && drafts[d].part == all[s].weight;
            const bool load = all[s].worth == 2 && is_load(&drafts[d].measure, c->g);
            if (same || load) {
                ONUS_TRY(place_withhold(c->t, &drafts[d], false));
            }
        }
    }
out:
    return status;
}

onus_status place_protect_column(place_trial *t, const place_group *g, bool total,
                                 uint8_t *hidden) {
    column c = {.t = t,
                .g = g,
                .total = total,
                .people = total ? g->total : g->people,
                .hidden = hidden,
                .printed = ONUS_ARRAY_OF(printed),
                .small_sums = ONUS_ARRAY_OF(const double *),
                .unknown = onus_alloc_n(t->n, sizeof(size_t)),
                .row = onus_alloc_n(t->n, sizeof(double)),
                .leverage = onus_alloc_n(t->n, sizeof(double)),
                .threshold = (double)t->c->protocol.suppress_below};
    double *everywhere = onus_alloc_n(t->n, sizeof *everywhere);
    onus_status status = ONUS_ERR_NOMEM;
    if (c.unknown == NULL || c.row == NULL || c.leverage == NULL || everywhere == NULL) {
        goto out;
    }
    for (size_t i = 0; i < t->n; i++) {
        everywhere[i] = 1.0;
    }
    ONUS_TRY(list_printed(&c, everywhere));
    c.basis = onus_alloc_n(c.printed.n_items * t->n, sizeof *c.basis);
    if (c.basis == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(repair(&c));
    ONUS_TRY(withhold_gone(&c));
out:
    onus_array_clear(&c.printed);
    onus_array_clear(&c.small_sums);
    onus_free(c.unknown);
    onus_free(c.basis);
    onus_free(c.row);
    onus_free(c.leverage);
    onus_free(everywhere);
    return status;
}
