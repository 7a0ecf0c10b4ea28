/* Who lives in each area: residents by group, and other yardsticks, joined to the areas by id.
 *
 * Every id of the people table must be an area's, once; an area may be without a row (its values
 * are then NaN and it is counted in a warning), and an area of 0 residents is legitimate. Published
 * estimates may give a group more people than the total: that is said, not mended. Called by load.c
 * after the areas. Never spreads people over areas that have no row. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

enum { NAMED_MAX = 5 };

typedef struct joining {
    onus_loading *loading;
    const onus_people_ref *ref;
    onus_people *people;
    size_t n_areas;
    onus_column_ask *asks;
    double **targets; /* per ask: where its values go, by area; NULL for the id */
    size_t reported;  /* the ask of feedback.reported.column; 0: none */
    size_t n_asks;
} joining;

static onus_status add_ask(joining *j, const char *column, bool may_be_missing, double **values) {
    double *target = onus_alloc_n(j->n_areas, sizeof *target);
    if (target == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t a = 0; a < j->n_areas; a++) {
        target[a] = (double)NAN;
    }
    *values = target;
    j->asks[j->n_asks] = (onus_column_ask){.name = column,
                                           .type = ONUS_COLUMN_COUNT,
                                           .may_be_missing = may_be_missing,
                                           .missing_reason = "a count is missing"};
    j->targets[j->n_asks] = target;
    j->n_asks++;
    return ONUS_OK;
}

static onus_status prepare(joining *j) {
    onus_status status = ONUS_OK;
    const onus_people_ref *ref = j->ref;
    onus_people *people = j->people;
    const char *reported = j->loading->c->feedback.reported_column;
    size_t cap = 2 + ref->n_benchmarks;
    for (size_t u = 0; u < ref->n_universes; u++) {
        cap += 2 + 2 * ref->universes[u].n_groups;
    }
    j->asks = onus_alloc_n(cap, sizeof *j->asks);
    j->targets = onus_alloc_n(cap, sizeof *j->targets);
    people->universes = onus_alloc_n(ref->n_universes, sizeof *people->universes);
    people->benchmarks = onus_alloc_n(ref->n_benchmarks, sizeof *people->benchmarks);
    people->has_row = onus_alloc_n(j->n_areas, sizeof *people->has_row);
    if (j->asks == NULL || j->targets == NULL || people->universes == NULL ||
        people->benchmarks == NULL || people->has_row == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    j->asks[0] = (onus_column_ask){.name = ref->id, .type = ONUS_COLUMN_ID};
    j->n_asks = 1;
    for (size_t u = 0; u < ref->n_universes; u++) {
        const onus_universe_ref *from = &ref->universes[u];
        onus_universe *to = &people->universes[u];
        people->n_universes = u + 1;
        to->ref = from;
        to->groups = onus_alloc_n(from->n_groups, sizeof *to->groups);
        to->margins = onus_alloc_n(from->n_groups, sizeof *to->margins);
        if (to->groups == NULL || to->margins == NULL) {
            status = ONUS_ERR_NOMEM;
            goto out;
        }
        ONUS_TRY(add_ask(j, from->total, false, &to->total));
        if (from->total_margin != NULL) {
            ONUS_TRY(add_ask(j, from->total_margin, true, &to->total_margin));
        }
        for (size_t g = 0; g < from->n_groups; g++) {
            ONUS_TRY(add_ask(j, from->groups[g].column, false, &to->groups[g]));
            if (from->groups[g].margin != NULL) {
                ONUS_TRY(add_ask(j, from->groups[g].margin, true, &to->margins[g]));
            }
        }
    }
    for (size_t b = 0; b < ref->n_benchmarks; b++) {
        people->n_benchmarks = b + 1;
        people->benchmarks[b].name = ref->benchmarks[b].name;
        ONUS_TRY(add_ask(j, ref->benchmarks[b].column, false, &people->benchmarks[b].values));
    }
    if (reported != NULL) {
        j->reported = j->n_asks;
        ONUS_TRY(add_ask(j, reported, true, &people->reported_frac));
    }
out:
    return status;
}

onus_status onus_report_stranger(onus_loading *loading, const onus_input *input,
                                 onus_invalid invalid, const char *id, int64_t line) {
    const onus_layer *areas = &loading->out->areas;
    char hint[ONUS_QUOTED_MAX + 96] = "";
    char quoted[ONUS_QUOTED_MAX];
    onus_text padded = {0}; /* a spreadsheet eats the zero at the beginning of "060990001001" */
    onus_text_addf(&padded, "0%s", id);
    if (padded.data != NULL && onus_ids_find(areas->ids, loading->id_order, areas->n_areas,
                                             padded.data) < areas->n_areas) {
        (void)snprintf(hint, sizeof hint, "; '%s' is one: has its leading zero been lost?",
                       onus_quoted(padded.data, padded.len, quoted));
    }
    onus_text_clear(&padded);
    if (invalid == ONUS_INVALID_STOP) {
        onus_problems_add(loading->problems, "id in no area", input->file, line, 0,
                          "id '%s' is in no area%s", onus_quoted(id, strlen(id), quoted), hint);
    }
    return invalid == ONUS_INVALID_STOP ? ONUS_ERR_DATA : ONUS_OK;
}

static onus_status join_rows(joining *j, const onus_table *table, onus_input *input) {
    onus_status status = ONUS_OK;
    onus_status result = ONUS_OK;
    const onus_layer *areas = &j->loading->out->areas;
    int64_t *line_of = onus_alloc_n(j->n_areas, sizeof *line_of);
    if (line_of == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        const char *id = onus_table_text(table, 0, i);
        const size_t a = onus_ids_find(areas->ids, j->loading->id_order, j->n_areas, id);
        if (a == j->n_areas) {
            if (onus_report_stranger(j->loading, input, j->ref->source.invalid, id,
                                     table->lines[i]) != ONUS_OK) {
                result = ONUS_ERR_DATA;
            }
            input->used--;
            ONUS_TRY(onus_input_exclude(input, "id in no area", false, 1));
            continue;
        }
        if (j->people->has_row[a]) {
            char quoted[ONUS_QUOTED_MAX];
            onus_problems_add(j->loading->problems, "id twice", input->file, table->lines[i], 0,
                              "id '%s' occurs twice (also in line %lld)",
                              onus_quoted(id, strlen(id), quoted), (long long)line_of[a]);
            result = ONUS_ERR_DATA;
            continue;
        }
        j->people->has_row[a] = 1;
        line_of[a] = table->lines[i];
        for (size_t k = 1; k < j->n_asks; k++) {
            j->targets[k][a] = table->columns[k].numbers[i];
        }
        if (j->reported > 0 && j->targets[j->reported][a] > 1.0) {
            onus_problems_add(j->loading->problems, "not a share", input->file, table->lines[i], 0,
                              "column '%s' is '%.10g', not a share from 0 to 1",
                              j->loading->c->feedback.reported_column, j->targets[j->reported][a]);
            result = ONUS_ERR_DATA;
        }
    }
    status = result;
out:
    onus_free(line_of);
    return status;
}

static onus_status warn_about_rows(const joining *j, const char *name) {
    onus_status status = ONUS_OK;
    const onus_layer *areas = &j->loading->out->areas;
    onus_array *warnings = &j->loading->out->warnings;
    onus_text list = {0};
    size_t n_without = 0;
    for (size_t a = 0; a < j->n_areas; a++) {
        if (j->people->has_row[a]) {
            continue;
        }
        if (n_without < NAMED_MAX) {
            char quoted[ONUS_QUOTED_MAX];
            onus_text_addf(&list, "%s'%s'", n_without == 0 ? "" : ", ",
                           onus_quoted(areas->ids[a], strlen(areas->ids[a]), quoted));
        }
        n_without++;
    }
    j->people->n_areas_without_row = n_without;
    if (n_without > 0) {
        ONUS_TRY(onus_warn(warnings, "areas_without_row",
                           "%s: %zu of %zu areas have no row in it: %s%s", name, n_without,
                           j->n_areas, list.data != NULL ? list.data : "",
                           n_without > NAMED_MAX ? ", ..." : ""));
    }
    for (size_t u = 0; u < j->people->n_universes; u++) {
        const onus_universe *universe = &j->people->universes[u];
        for (size_t g = 0; g < universe->ref->n_groups; g++) {
            size_t n_more = 0;
            for (size_t a = 0; a < j->n_areas; a++) {
                n_more += universe->groups[g][a] > universe->total[a];
            }
            if (n_more > 0) {
                ONUS_TRY(onus_warn(warnings, "group_over_total",
                                   "%s: in %zu areas the group '%s' has more %s than the total",
                                   name, n_more, universe->ref->groups[g].name,
                                   universe->ref->name));
            }
        }
    }
out:
    onus_text_clear(&list);
    return status;
}

onus_status onus_load_people(onus_loading *loading) {
    const onus_case *c = loading->c;
    if (c->people.source.file == NULL) {
        return ONUS_OK;
    }
    if (c->areas.source.file == NULL) {
        return onus_warn(&loading->out->warnings, "not_read",
                         "people were not read: the case has no areas to join them to");
    }
    if (loading->id_order == NULL) {
        return ONUS_OK; /* the areas failed, which is told there */
    }
    onus_status status = ONUS_OK;
    onus_table table = {0};
    onus_input input = {.role = "people"};
    joining j = {.loading = loading,
                 .ref = &c->people,
                 .people = &loading->out->people,
                 .n_areas = loading->out->areas.n_areas};
    ONUS_TRY(prepare(&j));
    ONUS_TRY(onus_table_read(&c->people.source, c->data_dir, j.asks, j.n_asks, loading->context,
                             &table, &input, loading->problems));
    ONUS_TRY(join_rows(&j, &table, &input));
    ONUS_TRY(warn_about_rows(&j, input.file));
out:
    status = onus_settle_input(loading, &input, status);
    onus_table_clear(&table);
    onus_free(j.asks);
    onus_free(j.targets);
    return status;
}

void onus_people_clear(onus_people *people) {
    for (size_t u = 0; u < people->n_universes; u++) {
        onus_universe *universe = &people->universes[u];
        for (size_t g = 0; universe->groups != NULL && g < universe->ref->n_groups; g++) {
            onus_free(universe->groups[g]);
        }
        for (size_t g = 0; universe->margins != NULL && g < universe->ref->n_groups; g++) {
            onus_free(universe->margins[g]);
        }
        onus_free(universe->groups);
        onus_free(universe->margins);
        onus_free(universe->total);
        onus_free(universe->total_margin);
    }
    for (size_t b = 0; b < people->n_benchmarks; b++) {
        onus_free(people->benchmarks[b].values);
    }
    onus_free(people->universes);
    onus_free(people->benchmarks);
    onus_free(people->reported_frac);
    onus_free(people->has_row);
    *people = (onus_people){0};
}
