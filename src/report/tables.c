/* The folder tables/: the report for people who work in a spreadsheet, R or pandas. Tidy: one row
 * per measure, claim, question, area, reason of exclusion and warning, one file per series. Every
 * number that is missing has a column beside it that says why (`reason`, `withheld`, `undefined`).
 *
 * Each table is built in memory and written at once by files.c, which checks every write. Called by
 * report.c. Never writes a value that is withheld, never a raw row of the evidence. */
#include <stdio.h>
#include <string.h>

#include "csv_out.h"
#include "files.h"
#include "onus/alloc.h"
#include "report_internal.h"

static onus_status write_table(const char *dir, const char *name, onus_csv *csv, onus_error *err) {
    if (csv->text.failed) {
        onus_text_clear(&csv->text);
        return onus_fail_nomem(err);
    }
    const onus_status status = onus_report_file(dir, name, csv->text.data, csv->text.len, err);
    onus_text_clear(&csv->text);
    return status;
}

static void header(onus_csv *csv, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++) {
        onus_csv_text(csv, names[i]);
    }
}

static void put_interval(onus_csv *csv, const onus_interval *interval, bool shown) {
    const bool given = interval->given && shown;
    onus_csv_number(csv, given, interval->level);
    onus_csv_number(csv, given, interval->low);
    onus_csv_number(csv, given, interval->high);
    onus_csv_text(csv, given ? interval->method : NULL);
    onus_csv_text(csv, given ? interval->resampled : NULL);
}

/* ---- measures.csv: a column for each scope key that occurs ---- */

static const char *const MEASURE_NAMES[] = {
    "index", "id",   "title",  "value",     "unit",    "num",      "den",    "level",
    "low",   "high", "method", "resampled", "p_value", "withheld", "reason",
};
enum { N_MEASURE_NAMES = sizeof MEASURE_NAMES / sizeof MEASURE_NAMES[0] };

/* Keys that occur, sorted; an array of static strings. */
static onus_status scope_keys(const onus_result *result, onus_array *keys) {
    for (size_t i = 0; i < onus_result_n_measures(result); i++) {
        const onus_scope *scope = &onus_result_measure(result, i)->scope;
        for (size_t k = 0; k < scope->n_items; k++) {
            const char *key = scope->items[k].key;
            const char **list = keys->items;
            size_t at = 0;
            while (at < keys->n_items && strcmp(list[at], key) < 0) {
                at++;
            }
            if (at < keys->n_items && strcmp(list[at], key) == 0) {
                continue;
            }
            if (onus_array_push(keys, &key) != ONUS_OK) {
                return ONUS_ERR_NOMEM;
            }
            list = keys->items;
            memmove(&list[at + 1], &list[at], (keys->n_items - 1 - at) * sizeof *list);
            list[at] = key;
        }
    }
    return ONUS_OK;
}

static void put_scope_header(onus_csv *csv, const char *key) {
    bool taken = false;
    for (size_t i = 0; i < N_MEASURE_NAMES; i++) {
        taken = taken || strcmp(MEASURE_NAMES[i], key) == 0;
    }
    char name[64] = "";
    (void)snprintf(name, sizeof name, "%s%s", taken ? "scope_" : "", key);
    onus_csv_text(csv, name);
}

static void put_scope(onus_csv *csv, const onus_scope *scope, const onus_array *keys) {
    for (size_t k = 0; k < keys->n_items; k++) {
        const char *key = ((const char **)keys->items)[k];
        size_t at = 0;
        while (at < scope->n_items && strcmp(scope->items[at].key, key) != 0) {
            at++;
        }
        if (at == scope->n_items) {
            onus_csv_text(csv, NULL);
        } else if (scope->items[at].text != NULL) {
            onus_csv_text(csv, scope->items[at].text);
        } else {
            onus_csv_number(csv, true, scope->items[at].number);
        }
    }
}

static onus_status measures_table(const onus_result *result, const char *dir, onus_error *err) {
    onus_csv csv = {0};
    onus_array keys = ONUS_ARRAY_OF(const char *);
    if (scope_keys(result, &keys) != ONUS_OK) {
        onus_array_clear(&keys);
        return onus_fail_nomem(err);
    }
    header(&csv, MEASURE_NAMES, N_MEASURE_NAMES);
    for (size_t k = 0; k < keys.n_items; k++) {
        put_scope_header(&csv, ((const char **)keys.items)[k]);
    }
    onus_csv_end_row(&csv);
    for (size_t i = 0; i < onus_result_n_measures(result); i++) {
        const onus_measure *m = onus_result_measure(result, i);
        const bool shown = !m->withheld;
        onus_csv_count(&csv, i);
        onus_csv_text(&csv, m->def->id);
        onus_csv_text(&csv, m->def->title);
        onus_csv_number(&csv, m->has_value && shown, m->value);
        onus_csv_text(&csv, m->def->unit);
        onus_csv_number(&csv, m->has_fraction && shown, m->num);
        onus_csv_number(&csv, m->has_fraction && shown, m->den);
        put_interval(&csv, &m->interval, shown);
        onus_csv_number(&csv, m->has_p && shown, m->p_value);
        onus_csv_text(&csv, m->withheld ? "yes" : "no");
        onus_csv_text(&csv, onus_report_reason(m));
        put_scope(&csv, &m->scope, &keys);
        onus_csv_end_row(&csv);
    }
    onus_array_clear(&keys);
    return write_table(dir, "measures.csv", &csv, err);
}

/* ---- claims.csv, questions.csv ---- */

static char *scope_phrase(const onus_claim_ref *ref) {
    onus_text text = {0};
    for (size_t i = 0; i < ref->n_scope; i++) {
        onus_text_addf(&text, "%s%s=%s", i == 0 ? "" : "; ", ref->scope[i].key, ref->scope[i].text);
    }
    return onus_text_take(&text);
}

static void put_indices(onus_csv *csv, const size_t *indices, size_t n) {
    onus_text list = {0};
    for (size_t i = 0; i < n; i++) {
        onus_text_addf(&list, "%s%zu", i == 0 ? "" : ";", indices[i]);
    }
    csv->text.failed = csv->text.failed || list.failed;
    onus_csv_text(csv, list.data);
    onus_text_clear(&list);
}

static onus_status claims_table(const onus_result *result, const char *dir, onus_error *err) {
    static const char *const names[] = {
        "n",          "say",       "measure", "scope",    "at_least", "at_most",
        "value",      "num",       "den",     "level",    "low",      "high",
        "method",     "resampled", "p_value", "p_holm",   "verdict",  "verdict_raw",
        "detectable", "sentence",  "why",     "measures",
    };
    onus_csv csv = {0};
    header(&csv, names, sizeof names / sizeof names[0]);
    onus_csv_end_row(&csv);
    for (size_t i = 0; i < result->n_claims; i++) {
        const onus_claim *claim = &result->claims[i];
        char *scope = scope_phrase(claim->ref);
        if (scope == NULL) {
            onus_text_clear(&csv.text);
            return onus_fail_nomem(err);
        }
        onus_csv_count(&csv, i + 1);
        onus_csv_text(&csv, claim->ref->say);
        onus_csv_text(&csv, claim->ref->measure);
        onus_csv_text(&csv, scope);
        onus_free(scope);
        onus_csv_number(&csv, claim->ref->has_at_least, claim->ref->at_least);
        onus_csv_number(&csv, claim->ref->has_at_most, claim->ref->at_most);
        onus_csv_number(&csv, claim->has_value, claim->value);
        onus_csv_number(&csv, claim->has_fraction, claim->num);
        onus_csv_number(&csv, claim->has_fraction, claim->den);
        put_interval(&csv, &claim->interval, true);
        onus_csv_number(&csv, claim->has_p, claim->p_value);
        onus_csv_number(&csv, claim->has_p, claim->p_holm);
        onus_csv_text(&csv, onus_verdict_text(claim->verdict));
        onus_csv_text(&csv, onus_verdict_text(claim->verdict_raw));
        onus_csv_number(&csv, claim->has_detectable, claim->detectable);
        onus_csv_text(&csv, claim->sentence);
        onus_csv_text(&csv, claim->why);
        put_indices(&csv, claim->measures, claim->n_measures);
        onus_csv_end_row(&csv);
    }
    return write_table(dir, "claims.csv", &csv, err);
}

static onus_status questions_table(const onus_result *result, const char *dir, onus_error *err) {
    static const char *const names[] = {"n", "ask", "grade", "answer", "measures"};
    onus_csv csv = {0};
    header(&csv, names, sizeof names / sizeof names[0]);
    onus_csv_end_row(&csv);
    const onus_question *questions = result->questions.items;
    for (size_t i = 0; i < result->questions.n_items; i++) {
        onus_csv_count(&csv, (uint64_t)questions[i].n);
        onus_csv_text(&csv, questions[i].ask);
        onus_csv_text(&csv, questions[i].grade);
        onus_csv_text(&csv, questions[i].answer);
        put_indices(&csv, questions[i].measures, questions[i].n_measures);
        onus_csv_end_row(&csv);
    }
    return write_table(dir, "questions.csv", &csv, err);
}

/* ---- areas.csv ---- */

/* The columns of area i that are not known in the given way, as one field. */
static void put_gaps(onus_csv *csv, const onus_area_table *areas, size_t area, onus_known known) {
    onus_text list = {0};
    for (size_t k = 0; k < areas->n_columns; k++) {
        if (areas->columns[k].known[area] == known) {
            onus_text_addf(&list, "%s%s", list.len == 0 ? "" : ";", areas->columns[k].name);
        }
    }
    csv->text.failed = csv->text.failed || list.failed;
    onus_csv_text(csv, list.data);
    onus_text_clear(&list);
}

static onus_status areas_table(const onus_result *result, const char *dir, onus_error *err) {
    const onus_area_table *areas = &result->areas;
    onus_csv csv = {0};
    onus_csv_text(&csv, "id");
    for (size_t k = 0; k < areas->n_columns; k++) {
        onus_csv_text(&csv, areas->columns[k].name);
    }
    onus_csv_text(&csv, "withheld");
    onus_csv_text(&csv, "undefined");
    onus_csv_end_row(&csv);
    for (size_t i = 0; i < areas->n_areas; i++) {
        onus_csv_text(&csv, areas->layer->ids[i]);
        for (size_t k = 0; k < areas->n_columns; k++) {
            onus_csv_number(&csv, areas->columns[k].known[i] == ONUS_KNOWN,
                            areas->columns[k].values[i]);
        }
        put_gaps(&csv, areas, i, ONUS_WITHHELD);
        put_gaps(&csv, areas, i, ONUS_UNDEFINED);
        onus_csv_end_row(&csv);
    }
    return write_table(dir, "areas.csv", &csv, err);
}

/* ---- evidence.csv, warnings.csv ---- */

static void put_account(onus_csv *csv, const onus_input *input, const char *account,
                        const char *reason, uint64_t rows) {
    onus_csv_text(csv, input->role);
    onus_csv_text(csv, input->file);
    onus_csv_text(csv, input->sha256);
    onus_csv_text(csv, account);
    onus_csv_text(csv, reason);
    onus_csv_count(csv, rows);
    onus_csv_end_row(csv);
}

static onus_status evidence_table(const onus_result *result, const char *dir, onus_error *err) {
    static const char *const names[] = {"role", "file", "sha256", "account", "reason", "rows"};
    onus_csv csv = {0};
    header(&csv, names, sizeof names / sizeof names[0]);
    onus_csv_end_row(&csv);
    const size_t n = result->evidence == NULL ? 0 : result->evidence->inputs.n_items;
    for (size_t i = 0; i < n; i++) {
        const onus_input *input = (const onus_input *)result->evidence->inputs.items + i;
        put_account(&csv, input, "used", NULL, input->used);
        for (size_t j = 0; j < input->n_excluded; j++) {
            put_account(&csv, input, "excluded", input->excluded[j].reason,
                        input->excluded[j].rows);
        }
    }
    return write_table(dir, "evidence.csv", &csv, err);
}

static onus_status warnings_table(const onus_result *result, const char *dir, onus_error *err) {
    static const char *const names[] = {"code", "text"};
    onus_report_warning *warnings = NULL;
    size_t n = 0;
    if (onus_report_warnings(result, &warnings, &n) != ONUS_OK) {
        return onus_fail_nomem(err);
    }
    onus_csv csv = {0};
    header(&csv, names, sizeof names / sizeof names[0]);
    onus_csv_end_row(&csv);
    for (size_t i = 0; i < n; i++) {
        onus_csv_text(&csv, warnings[i].code);
        onus_csv_text(&csv, warnings[i].text);
        onus_csv_end_row(&csv);
    }
    onus_free(warnings);
    return write_table(dir, "warnings.csv", &csv, err);
}

/* ---- series_<name>.csv ---- */

static onus_status series_table(const onus_series *s, const char *dir, onus_error *err) {
    onus_csv csv = {0};
    const onus_cell *cells = s->cells.items;
    header(&csv, s->columns, s->n_columns);
    onus_csv_end_row(&csv);
    const size_t n_rows = s->n_columns == 0 ? 0 : s->cells.n_items / s->n_columns;
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t k = 0; k < s->n_columns; k++) {
            const onus_cell *cell = &cells[r * s->n_columns + k];
            if (cell->type == ONUS_CELL_NUMBER) {
                onus_csv_number(&csv, true, cell->number);
            } else {
                onus_csv_text(&csv, cell->type == ONUS_CELL_TEXT ? cell->text : NULL);
            }
        }
        onus_csv_end_row(&csv);
    }
    onus_text name = {0};
    onus_text_addf(&name, "series_%s.csv", s->name);
    char *file = onus_text_take(&name);
    if (file == NULL) {
        onus_text_clear(&csv.text);
        return onus_fail_nomem(err);
    }
    const onus_status status = write_table(dir, file, &csv, err);
    onus_free(file);
    return status;
}

onus_status onus_report_tables(const onus_result *result, const char *dir, onus_error *err) {
    onus_status status = ONUS_OK;
    ONUS_TRY(measures_table(result, dir, err));
    ONUS_TRY(claims_table(result, dir, err));
    ONUS_TRY(questions_table(result, dir, err));
    if (result->areas.layer != NULL) {
        ONUS_TRY(areas_table(result, dir, err));
    }
    ONUS_TRY(evidence_table(result, dir, err));
    ONUS_TRY(warnings_table(result, dir, err));
    const onus_series *series = result->series.items;
    for (size_t i = 0; i < result->series.n_items; i++) {
        ONUS_TRY(series_table(&series[i], dir, err));
    }
out:
    return status;
}
