/* Figures of use in the field, as somebody printed them: counts, and the figure made of them.
 *
 * Beside its value a printed figure keeps what its last digit is worth. It may be written as a
 * percentage
 * ("0.48%"), as a chance ("1 in 6000") or as a number; a text that is none of these is no figure.
 * Called by load.c. Knows nothing of people: a row is a count of events. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

enum { NAME, COUNT, OF, WHAT, PRINTED, N_ASKED };
enum { NUMBER_MAX = 40 };

/* The number at the start of a text; its length, 0: there is none. */
static size_t number_at(const char *text, double *value, double *unit) {
    char number[NUMBER_MAX];
    const size_t len = strspn(text, "0123456789.");
    if (len == 0 || len >= sizeof number) {
        return 0;
    }
    memcpy(number, text, len);
    number[len] = '\0';
    *unit = onus_digit_unit_of(number);
    return onus_parse_double(number, len, value) ? len : 0;
}

/* "1 in 6000": the last digit of 6000 that is not 0 is worth 1,000. */
static bool read_chance(const char *text, double *value, double *unit) {
    static const char ONE_IN[] = "1 in ";
    double n = 0.0;
    if (strncmp(text, ONE_IN, sizeof ONE_IN - 1) != 0 ||
        number_at(text + sizeof ONE_IN - 1, &n, unit) == 0 || !(n >= 1.0)) {
        return false;
    }
    while (fmod(n, 10.0 * *unit) == 0.0) {
        *unit *= 10.0;
    }
    *value = 1.0 / n;
    *unit /= n * n; /* a step of n moves 1 / n by so much */
    return true;
}

static void read_printed(const char *text, double *value, double *unit) {
    while (isspace((unsigned char)*text)) {
        text++;
    }
    *unit = NAN;
    if (read_chance(text, value, unit)) {
        return;
    }
    const size_t len = number_at(text, value, unit);
    const char *rest = text + len;
    rest += *rest == ' ' ? 1 : 0;
    if (len > 0 && *rest == '%') {
        *value /= 100.0;
        *unit /= 100.0;
    } else if (len == 0 || *rest != '\0') {
        *value = NAN;
        *unit = NAN;
    }
}

static double *take_numbers(onus_table *table, size_t k) {
    double *numbers = table->columns[k].numbers;
    table->columns[k].numbers = NULL;
    return numbers;
}

static onus_status copy_texts(const onus_table *table, size_t column, char ***out) {
    *out = onus_alloc_n(table->n_rows, sizeof **out);
    for (size_t i = 0; *out != NULL && i < table->n_rows; i++) {
        (*out)[i] = onus_strdup(onus_table_text(table, column, i));
        if ((*out)[i] == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    return *out != NULL ? ONUS_OK : ONUS_ERR_NOMEM;
}

static onus_status take(onus_table *table, const onus_field_ref *ref, size_t what, size_t printed,
                        onus_field_figures *out) {
    onus_status status = ONUS_OK;
    out->n_rows = table->n_rows;
    ONUS_TRY(copy_texts(table, NAME, &out->names));
    if (ref->what != NULL) {
        ONUS_TRY(copy_texts(table, what, &out->what));
    }
    out->printed = onus_alloc_n(table->n_rows, sizeof *out->printed);
    out->digit_unit = onus_alloc_n(table->n_rows, sizeof *out->digit_unit);
    if (out->printed == NULL || out->digit_unit == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        out->printed[i] = NAN;
        if (ref->printed != NULL) {
            read_printed(onus_table_text(table, printed, i), &out->printed[i], &out->digit_unit[i]);
        }
    }
    out->count = take_numbers(table, COUNT);
    out->of = take_numbers(table, OF);
out:
    return status;
}

onus_status onus_load_field(onus_loading *loading) {
    const onus_field_ref *ref = &loading->c->match.field;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    onus_table table = {0};
    onus_input input = {.role = "field"};
    onus_column_ask asks[N_ASKED] = {
        {.name = ref->name, .type = ONUS_COLUMN_TEXT, .missing_reason = "no name"},
        {.name = ref->count, .type = ONUS_COLUMN_COUNT, .may_be_missing = true},
        {.name = ref->of, .type = ONUS_COLUMN_COUNT, .may_be_missing = true}};
    size_t n = WHAT;
    const size_t what = n;
    if (ref->what != NULL) {
        asks[n++] =
            (onus_column_ask){.name = ref->what, .type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    }
    const size_t printed = n;
    if (ref->printed != NULL) {
        asks[n++] = (onus_column_ask){
            .name = ref->printed, .type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    }
    ONUS_TRY(onus_table_read(&ref->source, loading->c->data_dir, asks, n, loading->context, &table,
                             &input, loading->problems));
    ONUS_TRY(take(&table, ref, what, printed, &loading->out->match.field));
out:
    status = onus_settle_input(loading, &input, status);
    onus_table_clear(&table);
    return status;
}

void onus_field_clear(onus_field_figures *field) {
    for (size_t i = 0; i < field->n_rows; i++) {
        if (field->names != NULL) {
            onus_free(field->names[i]);
        }
        if (field->what != NULL) {
            onus_free(field->what[i]);
        }
    }
    onus_free(field->names);
    onus_free(field->what);
    onus_free(field->count);
    onus_free(field->of);
    onus_free(field->printed);
    onus_free(field->digit_unit);
    *field = (onus_field_figures){0};
}
