/* Who lives in the most, median and least flagged areas, above and below the median, in each
 * decile.
 *
 * A set is a vector of parts w_i in [0, 1], the part of area i that belongs to it; every share is
 * then sum w_i P_gi / sum w_i P_i. Convention onus lines areas up by flags and takes a stretch of
 * the line; equally flagged areas stand side by side and share what a stretch holds of them:
 *
 *      flags   9   7   5   5   5   2   0   0        most flagged 3 of 8:
 *      part    1   1  1/3 1/3 1/3  0   0   0        the third place is shared by three areas
 *
 * Conventions markup-2021 and markup-2021-by-population do what the published code does
 * (markup.md).
 *
 * Called by trial.c. Never counts an empty set as 0. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "onus/stats_rank.h"
#include "onus/sum.h"
#include "place_internal.h"

/* ceil(top n) must not see 7.000000000000001 where 0.05 * 140 is meant. */
#define CEIL_SLACK 1e-9
enum { N_DECILES = 10 };

typedef struct lined {
    double flags;
    double people;
    int32_t id_rank;
    int32_t area;
} lined;

/* Most flags first; then (for the published conventions) most people; then lowest id. */
static int line_up(const void *a, const void *b) {
    const lined *p = a;
    const lined *q = b;
    if (p->flags != q->flags) {
        return p->flags > q->flags ? -1 : 1;
    }
    if (p->people != q->people) {
        return p->people > q->people ? -1 : 1;
    }
    return (p->id_rank > q->id_rank) - (p->id_rank < q->id_rank);
}

/* The line of areas; people NULL: ties by id alone. */
static lined *make_line(place_trial *t, const double *people) {
    lined *line = place_keep(t, onus_alloc_n(t->n, sizeof *line));
    for (size_t i = 0; line != NULL && i < t->n; i++) {
        line[i] = (lined){.flags = t->flags.by_area[i],
                          .people = people == NULL || isnan(people[i]) ? 0.0 : people[i],
                          .id_rank = t->id_rank[i],
                          .area = (int32_t)i};
    }
    if (line != NULL) {
        qsort(line, t->n, sizeof *line, line_up);
    }
    return line;
}

static onus_status new_set(place_trial *t, const char *name, const char *by, const char *convention,
                           size_t universe, place_set **out) {
    const place_set set = {.name = name,
                           .by = by,
                           .convention = convention,
                           .universe_index = universe,
                           .part = place_doubles(t, t->n)};
    if (set.part == NULL || onus_array_push(&t->sets, &set) != ONUS_OK) {
        return ONUS_ERR_NOMEM;
    }
    place_set *sets = t->sets.items;
    *out = &sets[t->sets.n_items - 1];
    return ONUS_OK;
}

/* Parts of the stretch [low, high] of the line, where an area is `size` long (NULL: 1). */
static void take_stretch(const lined *line, size_t n, const double *size, double low, double high,
                         double *part) {
    double from = 0.0;
    for (size_t k = 0; k < n;) {
        onus_sum length = {0};
        size_t end = k;
        while (end < n && line[end].flags == line[k].flags) {
            onus_sum_add(&length, size == NULL ? 1.0 : size[line[end].area]);
            end++;
        }
        const double run = onus_sum_get(&length);
        const double until = from + run;
        const double inside = fmin(until, high) - fmax(from, low);
        const double share = run > 0.0 && inside > 0.0 ? fmin(inside / run, 1.0) : 0.0;
        for (; k < end; k++) {
            part[line[k].area] = share;
        }
        from = until;
    }
}

static onus_status onus_sets(place_trial *t) {
    const lined *line = make_line(t, NULL);
    if (line == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const double n = (double)t->n;
    const double top = t->c->protocol.top_frac;
    const double k = ceil(top * n - CEIL_SLACK);
    onus_status status = ONUS_OK;
    place_set *set = NULL;
    ONUS_TRY(new_set(t, "most", NULL, "onus", SIZE_MAX, &set));
    take_stretch(line, t->n, NULL, 0.0, k, set->part);
    ONUS_TRY(new_set(t, "median", NULL, "onus", SIZE_MAX, &set));
    take_stretch(line, t->n, NULL, 0.5 * (n - k), 0.5 * (n + k), set->part);
    ONUS_TRY(new_set(t, "least", NULL, "onus", SIZE_MAX, &set));
    take_stretch(line, t->n, NULL, n - k, n, set->part);
    ONUS_TRY(new_set(t, "all", NULL, "onus", SIZE_MAX, &set));
    take_stretch(line, t->n, NULL, 0.0, n, set->part);
    for (size_t u = 0; u < t->evidence->people.n_universes; u++) {
        double *people = place_doubles(t, t->n);
        if (people == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t i = 0; i < t->n; i++) {
            const double total = t->evidence->people.universes[u].total[i];
            people[i] = isnan(total) ? 0.0 : total;
        }
        const double all = onus_sum_of(people, t->n);
        ONUS_TRY(new_set(t, "most", "population", "onus", u, &set));
        take_stretch(line, t->n, people, 0.0, top * all, set->part);
        ONUS_TRY(new_set(t, "median", "population", "onus", u, &set));
        take_stretch(line, t->n, people, 0.5 * (1.0 - top) * all, 0.5 * (1.0 + top) * all,
                     set->part);
        ONUS_TRY(new_set(t, "least", "population", "onus", u, &set));
        take_stretch(line, t->n, people, (1.0 - top) * all, all, set->part);
    }
out:
    return status;
}

/* The published sets: ranks n .. 1 down the line, w + 1 of them (markup.md, "Rank"). */
static onus_status published_sets(place_trial *t, const char *convention, const double *people) {
    const lined *line = make_line(t, people);
    if (line == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const int64_t n = (int64_t)t->n;
    const int64_t w = (int64_t)nearbyint(t->c->protocol.top_frac * (double)n);
    int64_t n_least = 0;
    while (n_least < n && line[n - 1 - n_least].flags == line[n - 1].flags) {
        n_least++;
    }
    onus_status status = ONUS_OK;
    place_set *set = NULL;
    ONUS_TRY(new_set(t, "most", NULL, convention, SIZE_MAX, &set));
    for (int64_t k = 0; k < n; k++) {
        set->part[line[k].area] = n - k >= n - w ? 1.0 : 0.0;
    }
    ONUS_TRY(new_set(t, "median", NULL, convention, SIZE_MAX, &set));
    for (int64_t k = 0; k < n; k++) {
        const int64_t away = (n - k) - n / 2;
        set->part[line[k].area] = away <= w / 2 && -away <= w / 2 ? 1.0 : 0.0;
    }
    ONUS_TRY(new_set(t, "least", NULL, convention, SIZE_MAX, &set));
    for (int64_t k = 0; k < n; k++) {
        const int64_t rank = n - k;
        const bool in = n_least > w ? rank >= n_least - w && rank <= n_least : rank <= 1 + w;
        set->part[line[k].area] = in ? 1.0 : 0.0;
    }
    if (people == NULL) { /* everything is the same in whichever order ties fall */
        ONUS_TRY(new_set(t, "all", NULL, convention, SIZE_MAX, &set));
        for (size_t i = 0; i < t->n; i++) {
            set->part[i] = 1.0;
        }
    }
out:
    return status;
}

/* The universe by which published ties fall: residents if there is one of that name, else the
 * first. */
static const double *residents(const onus_people *people) {
    for (size_t u = 0; u < people->n_universes; u++) {
        if (strcmp(people->universes[u].ref->name, "residents") == 0) {
            return people->universes[u].total;
        }
    }
    return people->n_universes > 0 ? people->universes[0].total : NULL;
}

static onus_status halves(place_trial *t, const char *convention) {
    double median = NAN;
    onus_status status = ONUS_OK;
    place_set *set = NULL;
    ONUS_TRY(onus_median(t->flags.by_area, t->n, &median));
    ONUS_TRY(new_set(t, "above median", NULL, convention, SIZE_MAX, &set));
    for (size_t i = 0; i < t->n; i++) {
        set->part[i] = t->flags.by_area[i] > median ? 1.0 : 0.0;
    }
    ONUS_TRY(new_set(t, "below median", NULL, convention, SIZE_MAX, &set));
    for (size_t i = 0; i < t->n; i++) {
        set->part[i] = t->flags.by_area[i] < median ? 1.0 : 0.0;
    }
out:
    return status;
}

static int double_order(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Cut points q10 .. q90 of type 7, in whole-number arithmetic so that a cut point that is a value
 * is that value exactly. */
static onus_status cut_points(place_trial *t, double cuts[N_DECILES - 1]) {
    double *sorted = onus_alloc_n(t->n, sizeof *sorted);
    if (sorted == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memcpy(sorted, t->flags.by_area, t->n * sizeof *sorted);
    qsort(sorted, t->n, sizeof *sorted, double_order);
    for (size_t d = 1; d < N_DECILES; d++) {
        const size_t tenths = (t->n - 1) * d;
        const size_t at = tenths / N_DECILES;
        const double part = (double)(tenths % N_DECILES) / N_DECILES;
        cuts[d - 1] = part > 0.0 ? sorted[at] + part * (sorted[at + 1] - sorted[at]) : sorted[at];
    }
    onus_free(sorted);
    return ONUS_OK;
}

static onus_status deciles(place_trial *t, const char *convention, bool published) {
    double cuts[N_DECILES - 1];
    onus_status status = ONUS_OK;
    ONUS_TRY(cut_points(t, cuts));
    for (int d = 1; d <= N_DECILES; d++) {
        place_set *set = NULL;
        ONUS_TRY(new_set(t, NULL, NULL, convention, SIZE_MAX, &set));
        set->decile = d;
        for (size_t i = 0; i < t->n; i++) {
            const double x = t->flags.by_area[i];
            const bool above = d == 1 || x > cuts[d - 2];
            const bool below = d == N_DECILES || (published ? x < cuts[d - 1] : x <= cuts[d - 1]);
            set->part[i] = above && below ? 1.0 : 0.0;
            if (set->part[i] > 0.0 && !published) {
                t->decile[i] = d;
            }
        }
    }
out:
    return status;
}

static bool is_empty(const place_set *set, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (set->part[i] > 0.0) {
            return false;
        }
    }
    return true;
}

static onus_status add_share(place_trial *t, const place_set *set, const place_group *g) {
    const bool published = strcmp(set->convention, "onus") != 0;
    const bool above = set->name != NULL && strcmp(set->name, "above median") == 0;
    const bool of_group = above || (set->name != NULL && strcmp(set->name, "below median") == 0);
    onus_measure m = place_draft_of(set->decile > 0 ? "burden.composition"
                                    : above         ? "burden.above_median"
                                    : of_group      ? "burden.below_median"
                                                    : "burden.share");
    place_scope_group(&m, g);
    place_scope_convention(t, &m, set->convention);
    if (set->decile > 0) {
        onus_scope_set_number(&m.scope, "decile", (double)set->decile);
    } else if (!of_group) {
        onus_scope_set_text(&m.scope, "set", set->name);
        if (set->by != NULL) {
            onus_scope_set_text(&m.scope, "by", set->by);
        }
    }
    const double num = onus_sum_dot(set->part, g->people, t->n);
    const double den = of_group ? g->people_sum : onus_sum_dot(set->part, g->total, t->n);
    const char *reason =
        of_group ? "nobody of the group lives in the areas"
        : is_empty(set, t->n)
            ? (published ? "no area is in this set (the published audit printed 0)"
                         : "no area is in this set")
            : (published ? "nobody lives in this set (the published audit printed 0)"
                         : "nobody lives in this set");
    onus_draft_set_fraction(&m, num, den, reason);
    if (m.has_value) {
        const double se = published ? NAN : burden_share_se(g, set->part, m.value, den, of_group);
        const onus_limits limits = onus_se_interval(m.value, se, INFINITY, t->c->protocol.level);
        if (se > 0.0 && !isnan(limits.low)) {
            m.interval = (onus_interval){.given = true,
                                         .level = t->c->protocol.level,
                                         .low = fmax(limits.low, 0.0),
                                         .high = fmin(limits.high, 1.0),
                                         .method = "delta method from census margins"};
            m.scale = ONUS_SCALE_LINEAR;
            m.se = se;
        } else {
            m.reason = published ? "no interval: the published figure is an estimate alone"
                                 : "no interval: every area is counted, and the people table gives "
                                   "no margins of error";
        }
    }
    return place_add_people(t, &m, g, set->part, NULL);
}

onus_status burden_sets(place_trial *t) {
    const bool published = place_asked(t, ONUS_CONVENTION_MARKUP_2021);
    onus_status status = ONUS_OK;
    t->decile = place_doubles(t, t->n);
    if (t->decile == NULL) {
        return ONUS_ERR_NOMEM;
    }
    ONUS_TRY(onus_sets(t));
    ONUS_TRY(halves(t, "onus"));
    ONUS_TRY(deciles(t, "onus", false));
    if (published) {
        ONUS_TRY(published_sets(t, "markup-2021", NULL));
        ONUS_TRY(published_sets(t, "markup-2021-by-population", residents(&t->evidence->people)));
        ONUS_TRY(halves(t, "markup-2021"));
        ONUS_TRY(deciles(t, "markup-2021", true));
    }
    const place_set *sets = t->sets.items;
    for (size_t s = 0; s < t->sets.n_items; s++) {
        if (strcmp(sets[s].convention, "onus") == 0 && !place_asked(t, ONUS_CONVENTION_ONUS)) {
            continue; /* deciles are still needed for the map */
        }
        for (size_t k = 0; k < t->n_groups; k++) {
            if (sets[s].universe_index == SIZE_MAX ||
                sets[s].universe_index == t->groups[k].universe_index) {
                ONUS_TRY(add_share(t, &sets[s], &t->groups[k]));
            }
        }
    }
out:
    return status;
}
