/* results.json, schema "onus.results/1": what other people's scripts rely on (design/RESULTS.md,
 * and field by field schemas/results.schema.json).
 *
 * One function per part, in the order of the file, which is that of the keys. Each measure, claim,
 * question and row of a series stands on a line of its own, so that two reports can be compared
 * with diff. Nothing here depends on the machine, the clock or the folder: the case is named by its
 * base name, inputs as the case writes them.
 *
 * Called by report.c and by `onus try --json`. Never decides a verdict, never rounds, never prints
 * a number that is withheld. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_out.h"
#include "onus/alloc.h"
#include "onus/text.h"
#include "onus/version.h"
#include "report_internal.h"

static void put_number_or_null(onus_json *json, const char *key, bool given, double value) {
    onus_json_key(json, key);
    if (given) {
        onus_json_number(json, value);
    } else {
        onus_json_null(json);
    }
}

static void put_interval(onus_json *json, const onus_interval *interval) {
    onus_json_key(json, "interval");
    if (!interval->given) {
        onus_json_null(json);
        return;
    }
    onus_json_open(json, '{', false);
    onus_json_key_number(json, "high", interval->high);
    onus_json_key_number(json, "level", interval->level);
    onus_json_key_number(json, "low", interval->low);
    onus_json_key_text(json, "method", interval->method);
    if (interval->n_effective > 0.0) {
        onus_json_key_number(json, "n_effective", interval->n_effective);
    }
    onus_json_key_text(json, "resampled", interval->resampled);
    onus_json_key_text(json, "weak", interval->weak ? interval->weak_reason : NULL);
    onus_json_close(json, '}');
}

static void put_indices(onus_json *json, const size_t *indices, size_t n) {
    onus_json_key(json, "measures");
    onus_json_open(json, '[', false);
    for (size_t i = 0; i < n; i++) {
        onus_json_count(json, indices[i]);
    }
    onus_json_close(json, ']');
}

static void put_scope(onus_json *json, const onus_scope *scope) {
    onus_json_key(json, "scope");
    onus_json_open(json, '{', false);
    for (size_t i = 0; i < scope->n_items; i++) {
        onus_json_key(json, scope->items[i].key);
        if (scope->items[i].text != NULL) {
            onus_json_text(json, scope->items[i].text);
        } else {
            onus_json_number(json, scope->items[i].number);
        }
    }
    onus_json_close(json, '}');
}

static int by_key(const void *a, const void *b) {
    const onus_scope_item *const *x = a;
    const onus_scope_item *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

/* The scope of a claim comes in the order of the case file. */
static onus_status put_claim_scope(onus_json *json, const onus_claim_ref *ref) {
    const onus_scope_item **items = onus_alloc_n(ref->n_scope, sizeof *items);
    if (items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < ref->n_scope; i++) {
        items[i] = &ref->scope[i];
    }
    qsort(items, ref->n_scope, sizeof *items, by_key);
    onus_json_key(json, "scope");
    onus_json_open(json, '{', false);
    for (size_t i = 0; i < ref->n_scope; i++) {
        onus_json_key(json, items[i]->key);
        if (items[i]->is_number) {
            onus_json_number(json, items[i]->number);
        } else {
            onus_json_text(json, items[i]->text);
        }
    }
    onus_json_close(json, '}');
    onus_free(items);
    return ONUS_OK;
}

static void put_case(onus_json *json, const onus_case *c) {
    onus_json_key(json, "case");
    onus_json_open(json, '{', true);
    onus_json_key_text(json, "file", c->path == NULL ? NULL : onus_path_base(c->path));
    onus_json_key_text(json, "kind", onus_report_kind(c->kind));
    onus_json_key_count(json, "seed", c->protocol.seed);
    onus_json_key_text(json, "sha256", c->sha256);
    onus_json_key_text(json, "title", c->title);
    onus_json_close(json, '}');
}

static onus_status put_claims(onus_json *json, const onus_result *result) {
    onus_status status = ONUS_OK;
    onus_json_key(json, "claims");
    onus_json_open(json, '[', true);
    for (size_t i = 0; i < result->n_claims; i++) {
        const onus_claim *claim = &result->claims[i];
        onus_json_open(json, '{', false);
        if (claim->ref->has_at_least) {
            onus_json_key_number(json, "at_least", claim->ref->at_least);
        }
        if (claim->ref->has_at_most) {
            onus_json_key_number(json, "at_most", claim->ref->at_most);
        }
        put_number_or_null(json, "den", claim->has_fraction, claim->den);
        put_number_or_null(json, "detectable", claim->has_detectable, claim->detectable);
        put_interval(json, &claim->interval);
        onus_json_key_text(json, "measure", claim->ref->measure);
        put_indices(json, claim->measures, claim->n_measures);
        put_number_or_null(json, "num", claim->has_fraction, claim->num);
        put_number_or_null(json, "p_holm", claim->has_p, claim->p_holm);
        put_number_or_null(json, "p_value", claim->has_p, claim->p_value);
        onus_json_key_text(json, "say", claim->ref->say);
        ONUS_TRY(put_claim_scope(json, claim->ref));
        onus_json_key_text(json, "sentence", claim->sentence);
        put_number_or_null(json, "value", claim->has_value, claim->value);
        onus_json_key_text(json, "verdict", onus_verdict_text(claim->verdict));
        onus_json_key_text(json, "verdict_raw", onus_verdict_text(claim->verdict_raw));
        onus_json_key_text(json, "why", claim->why);
        onus_json_close(json, '}');
    }
    onus_json_close(json, ']');
out:
    return status;
}

static onus_status put_definitions(onus_json *json, const onus_result *result) {
    const onus_measure_def **defs = NULL;
    size_t n = 0;
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_report_definitions(result, &defs, &n));
    onus_json_key(json, "definitions");
    onus_json_open(json, '{', true);
    for (size_t i = 0; i < n; i++) {
        onus_json_key(json, defs[i]->id);
        onus_json_open(json, '{', false);
        onus_json_key_text(json, "definition", defs[i]->definition);
        onus_json_key_text(json, "interval", defs[i]->interval);
        onus_json_key_text(json, "reference", defs[i]->reference);
        onus_json_key_text(json, "title", defs[i]->title);
        onus_json_key_text(json, "unit", defs[i]->unit);
        onus_json_close(json, '}');
    }
    onus_json_close(json, '}');
out:
    onus_free(defs);
    return status;
}

static void put_evidence(onus_json *json, const onus_evidence *evidence) {
    onus_json_key(json, "evidence");
    onus_json_open(json, '[', true);
    const size_t n = evidence == NULL ? 0 : evidence->inputs.n_items;
    for (size_t i = 0; i < n; i++) {
        const onus_input *input = (const onus_input *)evidence->inputs.items + i;
        onus_json_open(json, '{', false);
        onus_json_key(json, "excluded");
        onus_json_open(json, '[', false);
        for (size_t j = 0; j < input->n_excluded; j++) {
            onus_json_open(json, '{', false);
            onus_json_key(json, "by_choice");
            onus_json_bool(json, input->excluded[j].by_choice);
            onus_json_key_text(json, "reason", input->excluded[j].reason);
            onus_json_key_count(json, "rows", input->excluded[j].rows);
            onus_json_close(json, '}');
        }
        onus_json_close(json, ']');
        onus_json_key_text(json, "file", input->file);
        onus_json_key_text(json, "role", input->role);
        onus_json_key_count(json, "rows", input->rows);
        onus_json_key_text(json, "sha256", input->sha256[0] == '\0' ? NULL : input->sha256);
        onus_json_key_count(json, "used", input->used);
        onus_json_close(json, '}');
    }
    onus_json_close(json, ']');
}

static void put_measures(onus_json *json, const onus_result *result) {
    onus_json_key(json, "measures");
    onus_json_open(json, '[', true);
    for (size_t i = 0; i < onus_result_n_measures(result); i++) {
        const onus_measure *m = onus_result_measure(result, i);
        const bool shown = m->has_value && !m->withheld;
        const bool fraction = m->has_fraction && !m->withheld;
        onus_json_open(json, '{', false);
        put_number_or_null(json, "den", fraction, m->den);
        onus_json_key_text(json, "id", m->def->id);
        onus_interval interval = m->interval;
        interval.given = interval.given && !m->withheld;
        put_interval(json, &interval);
        put_number_or_null(json, "num", fraction, m->num);
        if (m->has_p && !m->withheld) {
            onus_json_key_number(json, "p_value", m->p_value);
        }
        onus_json_key_text(json, "reason", onus_report_reason(m));
        put_scope(json, &m->scope);
        onus_json_key_text(json, "unit", m->def->unit);
        put_number_or_null(json, "value", shown, m->value);
        onus_json_key(json, "withheld");
        onus_json_bool(json, m->withheld);
        onus_json_close(json, '}');
    }
    onus_json_close(json, ']');
}

static void put_onus(onus_json *json) {
    onus_report_library libraries[ONUS_REPORT_LIBRARIES_MAX];
    onus_report_libraries(libraries);
    onus_json_key(json, "onus");
    onus_json_open(json, '{', true);
    onus_json_key(json, "libraries");
    onus_json_open(json, '{', false);
    for (size_t i = 0; i < ONUS_REPORT_LIBRARIES_MAX && libraries[i].name != NULL; i++) {
        onus_json_key_text(json, libraries[i].name, libraries[i].version);
    }
    onus_json_close(json, '}');
    onus_json_key_count(json, "rng_scheme", ONUS_RNG_SCHEME);
    onus_json_key_text(json, "version", onus_version());
    onus_json_close(json, '}');
}

static void put_protocol(onus_json *json, const onus_case *c) {
    static const char *const conventions[] = {
        [ONUS_CONVENTION_ONUS] = "onus", [ONUS_CONVENTION_MARKUP_2021] = "markup-2021"};
    static const char *const units[] = {[ONUS_UNIT_WEEK] = "week",
                                        [ONUS_UNIT_DAY] = "day",
                                        [ONUS_UNIT_AREA] = "area",
                                        [ONUS_UNIT_PERSON] = "person"};
    const onus_protocol *p = &c->protocol;
    onus_json_key(json, "protocol");
    onus_json_open(json, '{', true);
    onus_json_key(json, "conventions");
    onus_json_open(json, '[', false);
    for (size_t i = 0; i < sizeof conventions / sizeof conventions[0]; i++) {
        if (p->conventions[i]) {
            onus_json_text(json, conventions[i]);
        }
    }
    onus_json_close(json, ']');
    onus_json_key_number(json, "level", p->level);
    onus_json_key_text(json, "period_from", c->has_period ? c->period_from : NULL);
    onus_json_key_text(json, "period_until", c->has_period ? c->period_until : NULL);
    onus_json_key_count(json, "replicates", p->n_replicates);
    onus_json_key_number(json, "top", p->top_frac);
    onus_json_key_text(json, "unit", units[p->unit]);
    onus_json_close(json, '}');
}

static int by_number(const void *a, const void *b) {
    const onus_question *const *x = a;
    const onus_question *const *y = b;
    return ((*x)->n > (*y)->n) - ((*x)->n < (*y)->n);
}

static onus_status put_questions(onus_json *json, const onus_result *result) {
    const size_t n = result->questions.n_items;
    const onus_question *all = result->questions.items;
    const onus_question **order = onus_alloc_n(n, sizeof *order);
    if (order == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = &all[i];
    }
    qsort(order, n, sizeof *order, by_number);
    onus_json_key(json, "questions");
    onus_json_open(json, '[', true);
    for (size_t i = 0; i < n; i++) {
        const onus_question *q = order[i];
        onus_json_open(json, '{', false);
        onus_json_key_text(json, "answer", q->answer);
        onus_json_key_text(json, "ask", q->ask);
        onus_json_key_text(json, "grade", q->grade);
        put_indices(json, q->measures, q->n_measures);
        onus_json_key_count(json, "n", (uint64_t)q->n);
        onus_json_close(json, '}');
    }
    onus_json_close(json, ']');
    onus_free(order);
    return ONUS_OK;
}

static void put_one_series(onus_json *json, const onus_series *s) {
    onus_json_key(json, s->name);
    onus_json_open(json, '{', false);
    onus_json_key(json, "columns");
    onus_json_open(json, '[', false);
    for (size_t i = 0; i < s->n_columns; i++) {
        onus_json_text(json, s->columns[i]);
    }
    onus_json_close(json, ']');
    onus_json_key(json, "rows");
    onus_json_open(json, '[', true);
    const onus_cell *cells = s->cells.items;
    const size_t n_rows = s->n_columns == 0 ? 0 : s->cells.n_items / s->n_columns;
    for (size_t r = 0; r < n_rows; r++) {
        onus_json_open(json, '[', false);
        for (size_t i = 0; i < s->n_columns; i++) {
            const onus_cell *cell = &cells[r * s->n_columns + i];
            if (cell->type == ONUS_CELL_NUMBER) {
                onus_json_number(json, cell->number);
            } else if (cell->type == ONUS_CELL_TEXT) {
                onus_json_text(json, cell->text);
            } else {
                onus_json_null(json);
            }
        }
        onus_json_close(json, ']');
    }
    onus_json_close(json, ']');
    onus_json_close(json, '}');
}

static onus_status put_series(onus_json *json, const onus_result *result) {
    size_t *order = onus_report_series_order(result);
    if (order == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const onus_series *series = result->series.items;
    onus_json_key(json, "series");
    onus_json_open(json, '{', true);
    for (size_t i = 0; i < result->series.n_items; i++) {
        put_one_series(json, &series[order[i]]);
    }
    onus_json_close(json, '}');
    onus_free(order);
    return ONUS_OK;
}

static onus_status put_warnings(onus_json *json, const onus_result *result) {
    onus_report_warning *warnings = NULL;
    size_t n = 0;
    const onus_status status = onus_report_warnings(result, &warnings, &n);
    if (status != ONUS_OK) {
        return status;
    }
    onus_json_key(json, "warnings");
    onus_json_open(json, '[', true);
    for (size_t i = 0; i < n; i++) {
        onus_json_open(json, '{', false);
        onus_json_key_text(json, "code", warnings[i].code);
        onus_json_key_text(json, "text", warnings[i].text);
        onus_json_close(json, '}');
    }
    onus_json_close(json, ']');
    onus_free(warnings);
    return ONUS_OK;
}

onus_status onus_report_json(const onus_result *result, char **out, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_text text = {0};
    onus_json json = {.text = &text};

    onus_json_open(&json, '{', true);
    put_case(&json, result->c);
    ONUS_TRY(put_claims(&json, result));
    ONUS_TRY(put_definitions(&json, result));
    put_evidence(&json, result->evidence);
    put_measures(&json, result);
    put_onus(&json);
    put_protocol(&json, result->c);
    ONUS_TRY(put_questions(&json, result));
    onus_json_key_text(&json, "schema", "onus.results/1");
    ONUS_TRY(put_series(&json, result));
    onus_json_key(&json, "suppressed");
    onus_json_open(&json, '{', false);
    onus_json_key_count(&json, "below", result->c->protocol.suppress_below);
    onus_json_key_count(&json, "cells", result->n_suppressed);
    onus_json_close(&json, '}');
    ONUS_TRY(put_warnings(&json, result));
    onus_json_close(&json, '}');
    onus_text_add(&text, "\n");

    if (json.disorder || json.bad_text) {
        status = onus_bug(err, json.disorder ? "keys of results.json are out of order or repeated"
                                             : "a text of the result is not UTF-8");
        goto out;
    }
    *out = onus_text_take(&text);
    if (*out == NULL) {
        status = ONUS_ERR_NOMEM;
    }
out:
    onus_text_clear(&text);
    if (status == ONUS_ERR_NOMEM) {
        return onus_fail_nomem(err);
    }
    return status;
}
