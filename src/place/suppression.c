/* No figure about a handful of people: small counts are withheld, and so is what would give them
 * back.
 *
 * A count from 1 to suppress_below - 1 of people is withheld wherever it stands: in the table of
 * areas, as the numerator of a share, as the people of a set. A reader also has the sums: totals,
 * sets, deciles, exposures and, where groups make up the universe, each area's total. In order:
 *
 *   1. small counts and small sums are withheld
 *   2. where groups make up the total, further counts, so that no row gives one back
 *      (stats_disclosure.h, whole-number algebra over the whole table)
 *   3. column by column, further counts or figures, fractional and weighted sums included
 *      (suppression_column.c)
 *   4. the whole table is audited once more by the algebra of 2; what it still gives back takes its
 *      whole area with it, and in the end the group's figures
 *
 * Figures under a published convention exist to reproduce what was printed from a public table.
 * They stay exact, and a warning says how many rest on few people and how many withheld counts they
 * pin.
 *
 * Called by trial.c once all measures are drafted. Looks at exact linear recovery only: not at
 * bounds, nor at indices that are not linear in the counts. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/stats_disclosure.h"
#include "place_internal.h"

/* The counts of one universe, column by column, and the whole-number sums over them. */
typedef struct universe_table {
    size_t first; /* groups first .. end - 1 */
    size_t end;
    size_t n_columns; /* groups, and the total unless the groups make it up */
    bool exhaustive;
    onus_array values; /* int64_t */
    onus_array starts; /* size_t */
    onus_array cells;  /* int32_t */
    uint8_t *hidden;   /* cells, column by column */
    size_t n_rows;     /* the first sums: one a row, if exhaustive */
} universe_table;

static void clear_table(universe_table *table) {
    onus_array_clear(&table->values);
    onus_array_clear(&table->starts);
    onus_array_clear(&table->cells);
    onus_free(table->hidden);
}

onus_status place_withhold(place_trial *t, place_draft *draft, bool small) {
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

/* Every figure that names the group, as itself or as a reference. */
static onus_status withhold_group(place_trial *t, const place_group *g, bool small) {
    place_draft *drafts = t->drafts.items;
    onus_status status = ONUS_OK;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const onus_scope *scope = &drafts[d].measure.scope;
        const char *universe = onus_scope_text(scope, "universe");
        const char *group = onus_scope_text(scope, "group");
        const char *reference = onus_scope_text(scope, "reference");
        const char *convention = onus_scope_text(scope, "convention");
        const bool published = convention != NULL && strcmp(convention, "onus") != 0;
        const bool named = (group != NULL && strcmp(group, g->name) == 0) ||
                           (reference != NULL && strcmp(reference, g->name) == 0);
        if (universe != NULL && strcmp(universe, g->universe) == 0 && named && !published) {
            ONUS_TRY(place_withhold(t, &drafts[d], small));
        }
    }
out:
    return status;
}

static bool is_small(const place_trial *t, double people) {
    return people > 0.0 && people < (double)t->c->protocol.suppress_below;
}

/* ---- step 1 ---- */

static onus_status withhold_small(place_trial *t) {
    place_draft *drafts = t->drafts.items;
    onus_status status = ONUS_OK;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        place_draft *draft = &drafts[d];
        const onus_measure *m = &draft->measure;
        if (draft->group == NULL || draft->weighted || !m->has_fraction ||
            !(is_small(t, m->num) || is_small(t, m->den))) {
            continue;
        }
        t->n_published_small += draft->exact ? 1 : 0;
        ONUS_TRY(place_withhold(t, draft, true));
    }
    for (size_t k = 0; k < t->n_groups; k++) {
        if (is_small(t, t->groups[k].people_sum)) {
            ONUS_TRY(withhold_group(t, &t->groups[k], true));
        }
        for (size_t i = 0; i < t->n; i++) {
            t->hide_people[k][i] =
                is_small(t, t->groups[k].people[i]) ? ONUS_WITHHELD_SMALL : ONUS_WITHHELD_NOT;
        }
    }
    for (size_t u = 0; u < t->evidence->people.n_universes; u++) {
        for (size_t i = 0; i < t->n; i++) {
            t->hide_total[u][i] = is_small(t, t->evidence->people.universes[u].total[i])
                                      ? ONUS_WITHHELD_SMALL
                                      : ONUS_WITHHELD_NOT;
        }
    }
out:
    return status;
}

/* ---- the table of a universe ---- */

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

/* One sum: the areas with a part (NULL: all) in the columns from .. until - 1. */
static onus_status add_sum(place_trial *t, universe_table *table, const double *part, size_t from,
                           size_t until) {
    onus_status status = ONUS_OK;
    for (size_t column = from; column < until; column++) {
        for (size_t i = 0; i < t->n; i++) {
            const int32_t cell = (int32_t)(column * t->n + i);
            if (part == NULL || part[i] > 0.0) {
                ONUS_TRY(onus_array_push(&table->cells, &cell));
            }
        }
    }
    const size_t end = table->cells.n_items;
    ONUS_TRY(onus_array_push(&table->starts, &end));
out:
    return status;
}

static onus_status add_row_sums(place_trial *t, universe_table *table) {
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < t->n; i++) {
        for (size_t column = 0; column < table->n_columns; column++) {
            const int32_t cell = (int32_t)(column * t->n + i);
            ONUS_TRY(onus_array_push(&table->cells, &cell));
        }
        const size_t end = table->cells.n_items;
        ONUS_TRY(onus_array_push(&table->starts, &end));
    }
    table->n_rows = t->n;
out:
    return status;
}

static onus_status make_table(place_trial *t, size_t first, size_t end, universe_table *table) {
    onus_status status = ONUS_OK;
    const size_t n_groups = end - first;
    const size_t zero = 0;
    table->first = first;
    table->end = end;
    table->exhaustive = groups_make_total(t, first, end);
    table->n_columns = n_groups + (table->exhaustive ? 0 : 1);
    table->hidden = onus_alloc_n(table->n_columns * t->n, 1);
    if (table->hidden == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t column = 0; column < table->n_columns; column++) {
        const double *people =
            column < n_groups ? t->groups[first + column].people : t->groups[first].total;
        for (size_t i = 0; i < t->n; i++) {
            const int64_t count = llround(people[i]);
            ONUS_TRY(onus_array_push(&table->values, &count));
        }
    }
    ONUS_TRY(onus_array_push(&table->starts, &zero));
    if (table->exhaustive) {
        ONUS_TRY(add_row_sums(t, table));
    }
    for (size_t column = 0; column < table->n_columns; column++) {
        ONUS_TRY(add_sum(t, table, NULL, column, column + 1));
    }
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

static uint8_t *hidden_column(place_trial *t, const universe_table *table, size_t column) {
    return column < table->end - table->first
               ? t->hide_people[table->first + column]
               : t->hide_total[t->groups[table->first].universe_index];
}

static void from_columns(place_trial *t, universe_table *table) {
    for (size_t column = 0; column < table->n_columns; column++) {
        memcpy(table->hidden + column * t->n, hidden_column(t, table, column), t->n);
    }
}

/* ---- step 2: rows ---- */

static onus_status protect_rows(place_trial *t, universe_table *table) {
    const onus_disclosure known = borrowed(table);
    onus_disclosure_account account = {0};
    uint8_t *sums = onus_alloc_n(known.n_sums, 1);
    onus_status status = ONUS_ERR_NOMEM;
    if (sums == NULL) {
        goto out;
    }
    ONUS_TRY(onus_disclosure_withhold(&known, t->c->protocol.suppress_below, true, table->hidden,
                                      sums, &account, t->err));
    for (size_t column = 0; column < table->n_columns; column++) {
        uint8_t *hidden = hidden_column(t, table, column);
        for (size_t i = 0; i < t->n; i++) {
            /* what was found to be beyond help here stays small, for the steps that follow */
            const bool mate = table->hidden[column * t->n + i] == ONUS_WITHHELD_MATE;
            hidden[i] = hidden[i] == ONUS_WITHHELD_NOT && mate ? ONUS_WITHHELD_MATE : hidden[i];
        }
    }
out:
    onus_free(sums);
    return status;
}

/* ---- step 4: the audit ---- */

/* Sums of whole areas that are printed (or, `published`, that only published figures print). */
static onus_status add_printed_sums(place_trial *t, universe_table *table, bool published) {
    const place_draft *drafts = t->drafts.items;
    onus_status status = ONUS_OK;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        const place_draft *draft = &drafts[d];
        if (draft->group == NULL || draft->weighted || draft->measure.withheld ||
            !draft->measure.has_value || draft->exact != published) {
            continue;
        }
        for (size_t k = table->first; k < table->end; k++) {
            bool whole = draft->group == &t->groups[k];
            for (size_t i = 0; whole && i < t->n; i++) {
                whole = draft->part[i] == 0.0 || draft->part[i] == 1.0;
            }
            if (whole) {
                ONUS_TRY(add_sum(t, table, draft->part, k - table->first, k - table->first + 1));
            }
        }
    }
out:
    return status;
}

static onus_status recover(place_trial *t, universe_table *table, uint8_t *recoverable,
                           size_t *n_recoverable) {
    const onus_disclosure known = borrowed(table);
    const uint8_t *hide_total = t->hide_total[t->groups[table->first].universe_index];
    uint8_t *sums = onus_alloc_n(known.n_sums, 1);
    onus_status status = ONUS_ERR_NOMEM;
    *n_recoverable = 0;
    if (sums == NULL) {
        goto out;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        sums[i] = hide_total[i] != ONUS_WITHHELD_NOT ? 1 : 0;
    }
    ONUS_TRY(onus_disclosure_recoverable(&known, table->hidden, sums, recoverable, NULL, t->err));
    for (size_t cell = 0; cell < known.n_cells; cell++) {
        recoverable[cell] = recoverable[cell] != 0 && table->hidden[cell] == ONUS_WITHHELD_SMALL;
        *n_recoverable += recoverable[cell];
    }
out:
    onus_free(sums);
    return status;
}

/* Hides the whole area of every small count that can still be worked out; where it was hidden
 * already, the group's figures. false: nothing was left to hide. */
static onus_status hide_areas(place_trial *t, universe_table *table, const uint8_t *recoverable,
                              bool *more) {
    const size_t n_groups = table->end - table->first;
    onus_status status = ONUS_OK;
    *more = false;
    for (size_t column = 0; column < table->n_columns; column++) {
        bool group_too = false;
        for (size_t i = 0; i < t->n; i++) {
            if (recoverable[column * t->n + i] == 0) {
                continue;
            }
            bool hid = false;
            for (size_t other = 0; other <= n_groups; other++) {
                uint8_t *hidden = other < n_groups
                                      ? t->hide_people[table->first + other]
                                      : t->hide_total[t->groups[table->first].universe_index];
                const double people = other < n_groups ? t->groups[table->first + other].people[i]
                                                       : t->groups[table->first].total[i];
                if (hidden[i] == ONUS_WITHHELD_NOT && people > 0.0) {
                    hidden[i] = ONUS_WITHHELD_MATE;
                    hid = true;
                }
            }
            *more = *more || hid;
            group_too = group_too || !hid;
        }
        if (group_too && column < n_groups) {
            ONUS_TRY(withhold_group(t, &t->groups[table->first + column], false));
        }
    }
out:
    return status;
}

/* Counts that our own figures leave protected and published ones would give back. */
static onus_status count_pinned(place_trial *t, universe_table *table, uint8_t *recoverable) {
    size_t n_pinned = 0;
    onus_status status = add_printed_sums(t, table, true);
    if (status == ONUS_OK) {
        status = recover(t, table, recoverable, &n_pinned);
    }
    t->n_published_pinned += n_pinned;
    return status;
}

static onus_status audit(place_trial *t, universe_table *table) {
    uint8_t *recoverable = onus_alloc_n(table->values.n_items, 1);
    onus_status status = recoverable == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    bool more = true;
    if (status != ONUS_OK) {
        goto out;
    }
    ONUS_TRY(add_printed_sums(t, table, false));
    while (more) {
        size_t n_recoverable = 0;
        from_columns(t, table);
        ONUS_TRY(recover(t, table, recoverable, &n_recoverable));
        more = false;
        if (n_recoverable > 0) {
            ONUS_TRY(hide_areas(t, table, recoverable, &more));
        }
    }
    if (place_asked(t, ONUS_CONVENTION_MARKUP_2021)) {
        ONUS_TRY(count_pinned(t, table, recoverable));
    }
out:
    onus_free(recoverable);
    return status;
}

static onus_status suppress_universe(place_trial *t, size_t first, size_t end) {
    universe_table table = {.values = ONUS_ARRAY_OF(int64_t),
                            .starts = ONUS_ARRAY_OF(size_t),
                            .cells = ONUS_ARRAY_OF(int32_t)};
    onus_status status = ONUS_OK;
    ONUS_TRY(make_table(t, first, end, &table));
    if (table.exhaustive) {
        ONUS_TRY(protect_rows(t, &table));
    } else {
        ONUS_TRY(place_protect_column(t, &t->groups[first], true,
                                      t->hide_total[t->groups[first].universe_index]));
    }
    for (size_t k = first; k < end; k++) {
        ONUS_TRY(place_protect_column(t, &t->groups[k], false, t->hide_people[k]));
    }
    ONUS_TRY(audit(t, &table));
out:
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
    ONUS_TRY(withhold_small(t));
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
