/* What a trial hands on: measures, warnings, questions, series and the table of areas, in one
 * struct that owns every string it points to.
 *
 * The idea: a trial appends, nobody edits. Texts that measures point to (scope values, reasons) are
 * kept in one list and freed with the result, so measures stay plain data that can be copied.
 * Additions check the invariant of result.h, because a NaN that slips in here would end as a silent
 * null in a published file.
 *
 * Called by every trial; read by claims.c and by src/report. Never computes a statistic, never
 * prints, never changes a measure once it was added. */
#include "onus/result.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/kept.h"
#include "onus/scalar.h"
#include "onus/text.h"

void onus_result_init(onus_result *result, const onus_case *c, const onus_evidence *evidence) {
    memset(result, 0, sizeof *result);
    result->c = c;
    result->evidence = evidence;
    result->measures.elem_size = sizeof(onus_measure);
    result->questions.elem_size = sizeof(onus_question);
    result->series.elem_size = sizeof(onus_series);
    result->warnings.elem_size = sizeof(onus_warning);
    result->texts = (onus_array)ONUS_KEPT_INIT;
}

static void clear_series(onus_series *series) {
    const onus_cell *cells = series->cells.items;
    for (size_t i = 0; i < series->cells.n_items; i++) {
        onus_free(cells[i].text);
    }
    onus_array_clear(&series->cells);
    onus_free(series->name);
    onus_free((void *)series->columns);
    memset(series, 0, sizeof *series);
}

static void clear_areas(onus_area_table *areas) {
    for (size_t i = 0; i < areas->n_columns; i++) {
        onus_free(areas->columns[i].name);
        onus_free(areas->columns[i].title);
        onus_free(areas->columns[i].values);
        onus_free(areas->columns[i].known);
    }
    onus_free(areas->columns);
    memset(areas, 0, sizeof *areas);
}

void onus_result_clear(onus_result *result) {
    onus_array_clear(&result->measures);
    for (size_t i = 0; i < result->n_claims; i++) {
        onus_free(result->claims[i].sentence);
        onus_free(result->claims[i].why);
        onus_free(result->claims[i].measures);
    }
    onus_free(result->claims);
    const onus_question *questions = result->questions.items;
    for (size_t i = 0; i < result->questions.n_items; i++) {
        onus_free(questions[i].answer);
        onus_free(questions[i].measures);
    }
    onus_array_clear(&result->questions);
    onus_series *series = result->series.items;
    for (size_t i = 0; i < result->series.n_items; i++) {
        clear_series(&series[i]);
    }
    onus_array_clear(&result->series);
    const onus_warning *warnings = result->warnings.items;
    for (size_t i = 0; i < result->warnings.n_items; i++) {
        onus_free(warnings[i].text);
    }
    onus_array_clear(&result->warnings);
    clear_areas(&result->areas);
    onus_kept_clear(&result->texts);
    memset(result, 0, sizeof *result);
}

/* ---- scopes ---- */

/* The place of a key, keys being sorted: an existing one is overwritten, otherwise room is made. */
static size_t scope_place(onus_scope *scope, const char *key) {
    size_t at = 0;
    while (at < scope->n_items && strcmp(scope->items[at].key, key) < 0) {
        at++;
    }
    if (at < scope->n_items && strcmp(scope->items[at].key, key) == 0) {
        return at;
    }
    /* keys are written by our own trials, never by a user: more than the maximum is a bug */
    assert(scope->n_items < ONUS_SCOPE_MAX);
    memmove(&scope->items[at + 1], &scope->items[at],
            (scope->n_items - at) * sizeof scope->items[0]);
    scope->n_items++;
    return at;
}

void onus_scope_set_text(onus_scope *scope, const char *key, const char *text) {
    const size_t at = scope_place(scope, key);
    scope->items[at].key = key;
    scope->items[at].text = text;
    scope->items[at].number = 0.0;
}

void onus_scope_set_number(onus_scope *scope, const char *key, double number) {
    const size_t at = scope_place(scope, key);
    scope->items[at].key = key;
    scope->items[at].text = NULL;
    scope->items[at].number = number;
}

const char *onus_scope_text(const onus_scope *scope, const char *key) {
    for (size_t i = 0; i < scope->n_items; i++) {
        if (strcmp(scope->items[i].key, key) == 0) {
            return scope->items[i].text;
        }
    }
    return NULL;
}

/* ---- texts ---- */

/* Formats into one allocation; NULL if out of memory. */
static char *format_text(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));
static char *format_text(const char *fmt, va_list args) {
    va_list again;
    va_copy(again, args);
    const int len = onus_vformat(NULL, 0, fmt, args);
    char *text = len < 0 ? NULL : onus_alloc((size_t)len + 1);
    if (text != NULL) {
        (void)onus_vformat(text, (size_t)len + 1, fmt, again);
    }
    va_end(again);
    return text;
}

const char *onus_result_text(onus_result *result, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *text = format_text(fmt, args);
    va_end(args);
    return onus_keep(&result->texts, text);
}

onus_status onus_result_warn(onus_result *result, const char *code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *text = format_text(fmt, args);
    va_end(args);
    const onus_warning warning = {.code = code, .text = text};
    if (text == NULL || onus_array_push(&result->warnings, &warning) != ONUS_OK) {
        onus_free(text);
        return ONUS_ERR_NOMEM;
    }
    return ONUS_OK;
}

/* ---- measures ---- */

static bool finite_or_nan(double value) {
    return !isinf(value);
}

/* The invariant of onus_measure: nothing that a reader would see as an unexplained gap. */
static bool measure_check(const onus_measure *m) {
    if (m->def == NULL || (m->has_value && !isfinite(m->value)) ||
        (!m->has_value && !m->withheld && m->reason == NULL) ||
        (m->has_fraction && (!isfinite(m->num) || !isfinite(m->den))) ||
        (m->has_p && !(m->p_value >= 0.0 && m->p_value <= 1.0))) {
        return false;
    }
    if (m->interval.given) {
        const onus_interval *i = &m->interval;
        if (!finite_or_nan(i->low) || !finite_or_nan(i->high) || i->low > i->high ||
            i->method == NULL || !(i->level > 0.0 && i->level < 1.0) ||
            (i->weak && i->weak_reason == NULL) || !(i->n_effective >= 0.0) ||
            isinf(i->n_effective) || (i->exact && (i->low != m->value || i->high != m->value))) {
            return false;
        }
    }
    return m->scale == ONUS_SCALE_NONE || (m->se > 0.0 && isfinite(m->se) && m->df >= 0.0);
}

onus_status onus_result_add(onus_result *result, const onus_measure *measure, size_t *index) {
    if (!measure_check(measure)) {
        return ONUS_ERR_BUG;
    }
    onus_measure copy = *measure;
    for (size_t i = 0; i < copy.scope.n_items; i++) {
        if (copy.scope.items[i].text == NULL) {
            continue;
        }
        copy.scope.items[i].text = onus_keep(&result->texts, onus_strdup(copy.scope.items[i].text));
        if (copy.scope.items[i].text == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    const onus_status status = onus_array_push(&result->measures, &copy);
    if (status == ONUS_OK && index != NULL) {
        *index = result->measures.n_items - 1;
    }
    return status;
}

const onus_measure *onus_result_measure(const onus_result *result, size_t index) {
    const onus_measure *measures = result->measures.items;
    return index < result->measures.n_items ? &measures[index] : NULL;
}

size_t onus_result_n_measures(const onus_result *result) {
    return result->measures.n_items;
}

const char *onus_verdict_text(onus_verdict verdict) {
    switch (verdict) {
    case ONUS_VERDICT_SUPPORTED:
        return "supported";
    case ONUS_VERDICT_CONTRADICTED:
        return "contradicted";
    case ONUS_VERDICT_NOT_SHOWN:
        return "not shown";
    case ONUS_VERDICT_NOT_TESTABLE:
        break;
    }
    return "not testable";
}

/* ---- questions ---- */

const char *onus_method_words(const char *baseline) {
    static const char *const words[][2] = {
        {"uniform", "flags spread evenly"},
        {"previous_window", "a repeat of the window before"},
        {"moving_count", "a moving count of past records"},
        {"long_run", "a count of all past records"},
        {"kde", "a kernel density of past records"},
        {"near_repeat", "a near-repeat map"},
        {"self_exciting", "a self-exciting process"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(baseline, words[i][0]) == 0) {
            return words[i][1];
        }
    }
    return baseline;
}

onus_status onus_result_question(onus_result *result, int n, const char *ask, const char *grade,
                                 char *answer, const size_t *measures, size_t n_measures) {
    onus_question question = {.n = n, .ask = ask, .grade = grade, .answer = answer};
    if (answer == NULL) {
        return ONUS_ERR_NOMEM; /* the caller's text could not be made */
    }
    if (n_measures > 0) {
        question.measures = onus_alloc_n(n_measures, sizeof *question.measures);
        if (question.measures == NULL) {
            goto nomem;
        }
        memcpy(question.measures, measures, n_measures * sizeof *measures);
        question.n_measures = n_measures;
    }
    if (onus_array_push(&result->questions, &question) != ONUS_OK) {
        goto nomem;
    }
    /* kept in the order of their numbers, whatever the order in which a trial answers them */
    onus_question *all = result->questions.items;
    size_t at = result->questions.n_items - 1;
    while (at > 0 && all[at - 1].n > n) {
        all[at] = all[at - 1];
        at--;
    }
    all[at] = question;
    return ONUS_OK;
nomem:
    onus_free(question.measures);
    onus_free(answer);
    return ONUS_ERR_NOMEM;
}

/* ---- series ---- */

onus_series *onus_result_series(onus_result *result, const char *name, const char **columns,
                                size_t n_columns) {
    onus_series series = {.n_columns = n_columns, .cells = ONUS_ARRAY_OF(onus_cell)};
    series.name = onus_strdup(name);
    series.columns = onus_alloc_n(n_columns, sizeof *columns);
    if (series.name == NULL || series.columns == NULL) {
        goto nomem;
    }
    memcpy((void *)series.columns, (const void *)columns, n_columns * sizeof *columns);
    if (onus_array_push(&result->series, &series) != ONUS_OK) {
        goto nomem;
    }
    onus_series *all = result->series.items;
    return &all[result->series.n_items - 1];
nomem:
    clear_series(&series);
    return NULL;
}

onus_status onus_series_number(onus_series *series, double value) {
    const onus_cell cell = {.type = isnan(value) ? ONUS_CELL_NULL : ONUS_CELL_NUMBER,
                            .number = isnan(value) ? 0.0 : value};
    return isinf(value) ? ONUS_ERR_BUG : onus_array_push(&series->cells, &cell);
}

onus_status onus_series_text(onus_series *series, const char *text) {
    const onus_cell cell = {.type = ONUS_CELL_TEXT, .text = onus_strdup(text)};
    if (cell.text == NULL || onus_array_push(&series->cells, &cell) != ONUS_OK) {
        onus_free(cell.text);
        return ONUS_ERR_NOMEM;
    }
    return ONUS_OK;
}

onus_status onus_series_null(onus_series *series) {
    const onus_cell cell = {.type = ONUS_CELL_NULL};
    return onus_array_push(&series->cells, &cell);
}

/* ---- areas ---- */

onus_area_column *onus_result_area_column(onus_result *result, const char *name, const char *title,
                                          const char *unit) {
    onus_area_table *areas = &result->areas;
    onus_area_column column = {.unit = unit};
    column.name = onus_strdup(name);
    column.title = onus_strdup(title);
    column.values = onus_alloc_n(areas->n_areas, sizeof *column.values);
    column.known = onus_alloc_n(areas->n_areas, sizeof *column.known);
    onus_area_column *grown =
        onus_realloc_n(areas->columns, areas->n_columns + 1, sizeof *areas->columns);
    if (grown != NULL) {
        areas->columns = grown;
    }
    if (grown == NULL || column.name == NULL || column.title == NULL || column.values == NULL ||
        column.known == NULL) {
        onus_free(column.name);
        onus_free(column.title);
        onus_free(column.values);
        onus_free(column.known);
        return NULL;
    }
    memset(column.known, ONUS_UNDEFINED, areas->n_areas);
    areas->columns[areas->n_columns] = column;
    return &areas->columns[areas->n_columns++];
}
