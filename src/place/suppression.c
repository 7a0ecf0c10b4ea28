/* No figure about a handful of people: small counts are withheld, and so is what would give them
 * back.
 *
 * A count from 1 to suppress_below - 1 of people is withheld wherever it stands: in the table of
 * areas, as the numerator of a share, as the people of a set. A reader also has the sums: totals,
 * sets, deciles, above and below the median, and, where groups make up the universe, each area's
 * total. So further counts are withheld until none of the small ones follows from what is printed:
 *
 *   1. exactly, for sums of whole counts (stats_disclosure.h: row space of the published sums)
 *   2. for weighted sums too (exposures, tied edges of sets): a withheld count is determined if and
 *      only if its unit vector lies in the row space of the printed sums over withheld counts, that
 *      is if its leverage is 1; then another count of that column is withheld, or in the end
 * figures
 *
 * Figures under a published convention exist to reproduce what was printed from a public table.
 * They stay exact, and a warning says how many rest on few people and how many withheld counts they
 * pin.
 *
 * Called by trial.c once all measures are drafted. Looks at exact recovery only; not at bounds, nor
 * at indices that are not linear in the counts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_disclosure.h"
#include "onus/sum.h"
#include "place_internal.h"

/* Leverage from which a count is taken to be determined: on the safe side of rounding. */
#define DETERMINED (1.0 - 1e-6)
/* A direction left over after orthogonalisation below this is rounding. */
#define NO_DIRECTION 1e-9

/* ---- step 1: exact, for sums of whole counts ---- */

typedef struct universe_table {
    size_t first; /* groups first .. end - 1 */
    size_t end;
    size_t n_columns; /* groups, and the total unless the groups make it up */
    bool exhaustive;
    onus_array values; /* int64_t: column by column */
    onus_array starts; /* size_t */
    onus_array cells;  /* int32_t */
    onus_array sets;   /* const double *: the part of sum s, NULL for row sums */
    onus_array owner; /* int32_t: column of sum s; n_columns: the total of an exhaustive universe */
    size_t n_ours;    /* sums before those of published conventions */
} universe_table;

static void clear_table(universe_table *table) {
    onus_array_clear(&table->values);
    onus_array_clear(&table->starts);
    onus_array_clear(&table->cells);
    onus_array_clear(&table->sets);
    onus_array_clear(&table->owner);
}

static bool groups_make_total(const place_trial *t, size_t first, size_t end) {
    for (size_t i = 0; i < t->n; i++) {
        double sum = 0.0;
        for (size_t k = first; k < end; k++) {
            sum += t->groups[k].people[i];
        }
        if (fabs(sum - t->groups[first].total[i]) >= 0.5) {
            return false;
        }
    }
    return true;
}

static const double *column_people(const place_trial *t, const universe_table *table,
                                   size_t column) {
    const size_t n_groups = table->end - table->first;
    return column < n_groups ? t->groups[table->first + column].people
                             : t->groups[table->first].total;
}

/* Appends one sum: the areas of `part` (NULL: area `only`) in columns from .. until - 1. */
static onus_status add_sum(place_trial *t, universe_table *table, const double *part, size_t only,
                           size_t from, size_t until, size_t owner) {
    onus_status status = ONUS_OK;
    for (size_t column = from; column < until; column++) {
        for (size_t i = part == NULL ? only : 0; i < (part == NULL ? only + 1 : t->n); i++) {
            const int32_t cell = (int32_t)(column * t->n + i);
            if (part == NULL || part[i] > 0.0) {
                ONUS_TRY(onus_array_push(&table->cells, &cell));
            }
        }
    }
    const size_t end = table->cells.n_items;
    const int32_t whose = (int32_t)owner;
    ONUS_TRY(onus_array_push(&table->starts, &end));
    ONUS_TRY(onus_array_push(&table->sets, &part));
    ONUS_TRY(onus_array_push(&table->owner, &whose));
out:
    return status;
}

static bool whole_areas(const double *part, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (part[i] != 0.0 && part[i] != 1.0) {
            return false;
        }
    }
    return true;
}

/* The people of one set: of each group, and of everyone. */
static onus_status add_set(place_trial *t, universe_table *table, const double *part) {
    const size_t n_groups = table->end - table->first;
    onus_status status = ONUS_OK;
    for (size_t column = 0; column < table->n_columns; column++) {
        ONUS_TRY(add_sum(t, table, part, 0, column, column + 1, column));
    }
    if (table->exhaustive) {
        ONUS_TRY(add_sum(t, table, part, 0, 0, n_groups, n_groups));
    }
out:
    return status;
}

static onus_status add_sets(place_trial *t, universe_table *table, bool published) {
    const place_set *sets = t->sets.items;
    onus_status status = ONUS_OK;
    if (!published && !place_asked(t, ONUS_CONVENTION_ONUS)) {
        return ONUS_OK;
    }
    for (size_t s = 0; s < t->sets.n_items; s++) {
        const bool ours = strcmp(sets[s].convention, "onus") == 0;
        const bool here = sets[s].universe_index == SIZE_MAX ||
                          sets[s].universe_index == t->groups[table->first].universe_index;
        if (ours != published && here && whole_areas(sets[s].part, t->n)) {
            ONUS_TRY(add_set(t, table, sets[s].part));
        }
    }
out:
    return status;
}

static onus_status make_table(place_trial *t, size_t first, size_t end, universe_table *table) {
    onus_status status = ONUS_OK;
    *table = (universe_table){.first = first,
                              .end = end,
                              .exhaustive = groups_make_total(t, first, end),
                              .values = ONUS_ARRAY_OF(int64_t),
                              .starts = ONUS_ARRAY_OF(size_t),
                              .cells = ONUS_ARRAY_OF(int32_t),
                              .sets = ONUS_ARRAY_OF(const double *),
                              .owner = ONUS_ARRAY_OF(int32_t)};
    table->n_columns = end - first + (table->exhaustive ? 0 : 1);
    for (size_t column = 0; column < table->n_columns; column++) {
        const double *people = column_people(t, table, column);
        for (size_t i = 0; i < t->n; i++) {
            const int64_t count = llround(people[i]);
            ONUS_TRY(onus_array_push(&table->values, &count));
        }
    }
    const size_t zero = 0;
    ONUS_TRY(onus_array_push(&table->starts, &zero));
    double *everywhere = place_doubles(t, t->n);
    if (everywhere == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < t->n; i++) {
        everywhere[i] = 1.0;
    }
    ONUS_TRY(add_set(t, table, everywhere)); /* the group's own size is in every exposure */
    if (table->exhaustive) {
        for (size_t i = 0; i < t->n; i++) {
            ONUS_TRY(add_sum(t, table, NULL, i, 0, end - first, end - first));
        }
    }
    ONUS_TRY(add_sets(t, table, false));
    table->n_ours = table->starts.n_items - 1;
out:
    return status;
}

static onus_disclosure borrowed(const universe_table *table) {
    return (onus_disclosure){.n_cells = table->values.n_items,
                             .values = table->values.items,
                             .n_sums = table->starts.n_items - 1,
                             .starts = table->starts.items,
                             .cells = table->cells.items};
}

/* ---- what is withheld, said where it is read ---- */

static onus_status withhold_draft(place_trial *t, place_draft *draft, bool small) {
    if (draft->measure.withheld || draft->exact) {
        return ONUS_OK;
    }
    draft->measure.withheld = true;
    draft->measure.reason = onus_result_text(
        t->result,
        small ? "withheld: fewer than %u people"
              : "withheld: it would give back a count of fewer than %u people by subtraction",
        (unsigned)t->c->protocol.suppress_below);
    return draft->measure.reason != NULL ? ONUS_OK : ONUS_ERR_NOMEM;
}

/* Every measure that names the group: there are too few of them to say anything. */
static onus_status withhold_group(place_trial *t, const place_group *g, bool small) {
    place_draft *drafts = t->drafts.items;
    onus_status status = ONUS_OK;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_scope *scope = &drafts[d].measure.scope;
        const char *universe = onus_scope_text(scope, "universe");
        const char *group = onus_scope_text(scope, "group");
        const char *reference = onus_scope_text(scope, "reference");
        const bool named = (group != NULL && strcmp(group, g->name) == 0) ||
                           (reference != NULL && strcmp(reference, g->name) == 0);
        if (universe != NULL && strcmp(universe, g->universe) == 0 && named) {
            ONUS_TRY(withhold_draft(t, &drafts[d], small));
        }
    }
out:
    return status;
}

/* Sums that may not be shown take their measures along. */
static onus_status withhold_sums(place_trial *t, const universe_table *table, const uint8_t *sums) {
    const double *const *sets = table->sets.items;
    const int32_t *owner = table->owner.items;
    const size_t n_groups = table->end - table->first;
    place_draft *drafts = t->drafts.items;
    onus_status status = ONUS_OK;
    for (size_t s = 0; s < table->n_ours; s++) {
        if (sums[s] == ONUS_WITHHELD_NOT || sets[s] == NULL) {
            continue;
        }
        const bool small = sums[s] == ONUS_WITHHELD_SMALL;
        for (size_t k = table->first; k < table->end; k++) {
            const bool mine = (size_t)owner[s] == k - table->first || (size_t)owner[s] >= n_groups;
            if (mine && s < table->n_columns) { /* the first sums are of everywhere */
                ONUS_TRY(withhold_group(t, &t->groups[k], small));
            }
            for (size_t d = 0; mine && d < t->drafts.n_items; d++) {
                if (drafts[d].group == &t->groups[k] && drafts[d].part == sets[s]) {
                    ONUS_TRY(withhold_draft(t, &drafts[d], small));
                }
            }
        }
    }
out:
    return status;
}

/* ---- step 2: weighted sums ---- */

typedef struct printed {
    const double *weight;
    place_draft *draft; /* whose withholding takes the sum away; NULL: cannot be taken away */
} printed;

/* Leverage of each unknown in the row space of the printed sums (modified Gram-Schmidt). */
static onus_status leverages(const printed *sums, size_t n_sums, const size_t *unknown,
                             size_t n_unknown, double *leverage) {
    double *basis = onus_alloc_n(n_sums * n_unknown, sizeof *basis);
    if (basis == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t rank = 0;
    memset(leverage, 0, n_unknown * sizeof *leverage);
    for (size_t s = 0; s < n_sums; s++) {
        if (sums[s].draft != NULL && sums[s].draft->measure.withheld) {
            continue;
        }
        double *row = basis + rank * n_unknown;
        double length = 0.0;
        for (size_t j = 0; j < n_unknown; j++) {
            row[j] = sums[s].weight[unknown[j]];
            length = hypot(length, row[j]);
        }
        if (!(length > 0.0)) {
            continue;
        }
        double left = 0.0;
        for (size_t j = 0; j < n_unknown; j++) {
            row[j] /= length;
        }
        for (int pass = 0; pass < 2; pass++) { /* twice is enough (Giraud et al. 2005) */
            for (size_t b = 0; b < rank; b++) {
                const double along = onus_sum_dot(row, basis + b * n_unknown, n_unknown);
                for (size_t j = 0; j < n_unknown; j++) {
                    row[j] -= along * basis[b * n_unknown + j];
                }
            }
        }
        left = sqrt(onus_sum_dot(row, row, n_unknown));
        if (left < NO_DIRECTION) {
            continue;
        }
        for (size_t j = 0; j < n_unknown; j++) {
            row[j] /= left;
            leverage[j] += row[j] * row[j];
        }
        rank++;
    }
    onus_free(basis);
    return ONUS_OK;
}

/* Which figure to give up when no count is left to withhold: tenths first, then sets, exposures
 * last. */
static int worth(const place_draft *draft) {
    return strcmp(draft->measure.def->id, "burden.composition") == 0 ? 0 : draft->weighted ? 2 : 1;
}

static place_draft *least_worth(const printed *sums, size_t n_sums) {
    place_draft *least = NULL;
    for (size_t s = 0; s < n_sums; s++) {
        place_draft *draft = sums[s].draft;
        if (draft == NULL || draft->measure.withheld || draft->exact) {
            continue;
        }
        if (least == NULL || worth(draft) < worth(least) ||
            (worth(draft) == worth(least) && draft->measure.num < least->measure.num)) {
            least = draft;
        }
    }
    return least;
}

/* Smallest positive count of the column that is still shown; n if none. */
static size_t smallest_shown(const double *people, const uint8_t *hidden, size_t n) {
    size_t best = n;
    for (size_t i = 0; i < n; i++) {
        if (hidden[i] == ONUS_WITHHELD_NOT && people[i] > 0.0 &&
            (best == n || people[i] < people[best])) {
            best = i;
        }
    }
    return best;
}

/* What is printed about one column: of a group its own figures, of a total the people of every set.
 */
static onus_status list_printed(place_trial *t, const place_group *g, bool total,
                                onus_array *sums) {
    place_draft *drafts = t->drafts.items;
    const place_set *sets = t->sets.items;
    onus_status status = ONUS_OK;
    for (size_t d = 0; !total && d < t->drafts.n_items; d++) {
        if (drafts[d].group == g && drafts[d].measure.has_value && !drafts[d].exact) {
            const printed one = {.weight = drafts[d].part, .draft = &drafts[d]};
            ONUS_TRY(onus_array_push(sums, &one));
        }
    }
    for (size_t s = 0; total && s < t->sets.n_items; s++) {
        const bool here =
            sets[s].universe_index == SIZE_MAX || sets[s].universe_index == g->universe_index;
        if (here && strcmp(sets[s].convention, "onus") == 0) {
            const printed one = {.weight = sets[s].part};
            ONUS_TRY(onus_array_push(sums, &one));
        }
    }
out:
    return status;
}

/* Step 2 for the people of group g, or (total) for everyone of its universe. */
static onus_status protect_column(place_trial *t, const place_group *g, bool total,
                                  uint8_t *hidden) {
    onus_array sums = ONUS_ARRAY_OF(printed);
    size_t *unknown = onus_alloc_n(t->n, sizeof *unknown);
    double *leverage = onus_alloc_n(t->n, sizeof *leverage);
    double *everywhere = onus_alloc_n(t->n, sizeof *everywhere);
    onus_status status = ONUS_ERR_NOMEM;
    if (unknown == NULL || leverage == NULL || everywhere == NULL) {
        goto out;
    }
    for (size_t i = 0; i < t->n; i++) {
        everywhere[i] = 1.0;
    }
    const printed size = {.weight = everywhere};
    ONUS_TRY(onus_array_push(&sums, &size));
    ONUS_TRY(list_printed(t, g, total, &sums));
    for (;;) {
        size_t n_unknown = 0;
        bool pinned = false;
        for (size_t i = 0; i < t->n; i++) {
            if (hidden[i] != ONUS_WITHHELD_NOT) {
                unknown[n_unknown++] = i;
            }
        }
        ONUS_TRY(leverages(sums.items, sums.n_items, unknown, n_unknown, leverage));
        for (size_t j = 0; j < n_unknown; j++) {
            pinned =
                pinned || (hidden[unknown[j]] == ONUS_WITHHELD_SMALL && leverage[j] >= DETERMINED);
        }
        if (!pinned) {
            break;
        }
        const size_t next = smallest_shown(total ? g->total : g->people, hidden, t->n);
        place_draft *draft = least_worth(sums.items, sums.n_items);
        if (next < t->n) {
            hidden[next] = ONUS_WITHHELD_MATE;
        } else if (draft != NULL) {
            ONUS_TRY(draft->weighted ? withhold_group(t, g, false)
                                     : withhold_draft(t, draft, false));
        } else {
            break; /* nothing is printed but the size of the group */
        }
    }
    status = ONUS_OK;
out:
    onus_array_clear(&sums);
    onus_free(unknown);
    onus_free(leverage);
    onus_free(everywhere);
    return status;
}

/* Parts of areas (tied edges, sets by population) can count few people too. */
static onus_status withhold_small_parts(place_trial *t) {
    const double below = (double)t->c->protocol.suppress_below;
    place_draft *drafts = t->drafts.items;
    onus_status status = ONUS_OK;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        place_draft *draft = &drafts[d];
        const onus_measure *m = &draft->measure;
        if (draft->group == NULL || draft->weighted || !m->has_fraction) {
            continue;
        }
        const bool small = (m->num > 0.0 && m->num < below) || (m->den > 0.0 && m->den < below);
        t->n_published_small += small && draft->exact ? 1 : 0;
        if (small) {
            ONUS_TRY(withhold_draft(t, draft, true));
        }
    }
out:
    return status;
}

/* ---- a universe at a time ---- */

static onus_status count_pinned(place_trial *t, universe_table *table, const uint8_t *cells,
                                const uint8_t *sums) {
    onus_status status = ONUS_OK;
    uint8_t *sums_too = NULL;
    uint8_t *recoverable = NULL;
    ONUS_TRY(add_sets(t, table, true));
    const onus_disclosure all = borrowed(table);
    sums_too = onus_alloc_n(all.n_sums, 1);
    recoverable = onus_alloc_n(all.n_cells, 1);
    if (sums_too == NULL || recoverable == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    memcpy(sums_too, sums, table->n_ours);
    ONUS_TRY(onus_disclosure_recoverable(&all, cells, sums_too, recoverable, NULL, t->err));
    for (size_t c = 0; c < all.n_cells; c++) {
        t->n_published_pinned += recoverable[c] != 0 ? 1 : 0;
    }
out:
    onus_free(sums_too);
    onus_free(recoverable);
    return status;
}

static onus_status suppress_universe(place_trial *t, size_t first, size_t end) {
    universe_table table;
    onus_disclosure_account account = {0};
    uint8_t *cells = NULL;
    uint8_t *sums = NULL;
    onus_status status = make_table(t, first, end, &table);
    if (status != ONUS_OK) {
        goto out;
    }
    const onus_disclosure ours = borrowed(&table);
    cells = onus_alloc_n(ours.n_cells, 1);
    sums = onus_alloc_n(ours.n_sums, 1);
    if (cells == NULL || sums == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_disclosure_withhold(&ours, t->c->protocol.suppress_below, false, cells, sums,
                                      &account, t->err));
    ONUS_TRY(withhold_sums(t, &table, sums));
    const size_t n_groups = end - first;
    for (size_t k = 0; k < n_groups; k++) {
        memcpy(t->hide_people[first + k], cells + k * t->n, t->n);
        ONUS_TRY(protect_column(t, &t->groups[first + k], false, t->hide_people[first + k]));
        memcpy(cells + k * t->n, t->hide_people[first + k], t->n);
    }
    uint8_t *hide_total = t->hide_total[t->groups[first].universe_index];
    if (table.exhaustive) {
        /* row sums stand right after the sums of everywhere */
        memcpy(hide_total, sums + n_groups + 1, t->n);
    } else {
        memcpy(hide_total, cells + n_groups * t->n, t->n);
        ONUS_TRY(protect_column(t, &t->groups[first], true, hide_total));
        memcpy(cells + n_groups * t->n, hide_total, t->n);
    }
    if (place_asked(t, ONUS_CONVENTION_MARKUP_2021)) {
        ONUS_TRY(count_pinned(t, &table, cells, sums));
    }
out:
    onus_free(cells);
    onus_free(sums);
    clear_table(&table);
    return status;
}

onus_status place_suppress(place_trial *t) {
    const size_t n_universes = t->evidence->people.n_universes;
    onus_status status = ONUS_OK;
    t->hide_people = place_keep(t, onus_alloc_n(t->n_groups, sizeof *t->hide_people));
    t->hide_total = place_keep(t, onus_alloc_n(n_universes, sizeof *t->hide_total));
    if (t->hide_people == NULL || t->hide_total == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < t->n_groups + n_universes; k++) {
        uint8_t *hidden = place_keep(t, onus_alloc_n(t->n, 1));
        if (hidden == NULL) {
            return ONUS_ERR_NOMEM;
        }
        *(k < t->n_groups ? &t->hide_people[k] : &t->hide_total[k - t->n_groups]) = hidden;
    }
    if (t->c->protocol.suppress_below < 2) {
        return ONUS_OK;
    }
    ONUS_TRY(withhold_small_parts(t));
    for (size_t first = 0; first < t->n_groups;) {
        size_t end = first + 1;
        while (end < t->n_groups &&
               t->groups[end].universe_index == t->groups[first].universe_index) {
            end++;
        }
        ONUS_TRY(suppress_universe(t, first, end));
        first = end;
    }
out:
    return status;
}
