/* CSV as text, the way R, pandas and spreadsheets read it without being told: comma, UTF-8, a
 * header row written by the caller, quotes only where needed. Numbers are "%.17g" and so give back
 * the same double; what is undefined or withheld is an empty field, and another column says which.
 *
 * Called by tables.c. Never decides what may be shown. */
#include "csv_out.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onus/scalar.h"

static void separate(onus_csv *csv) {
    if (csv->in_row) {
        onus_text_add_len(&csv->text, ",", 1);
    }
    csv->in_row = true;
}

void onus_csv_text(onus_csv *csv, const char *value) {
    separate(csv);
    if (value == NULL) {
        return;
    }
    if (strpbrk(value, ",\"\r\n") == NULL) {
        onus_text_add(&csv->text, value);
        return;
    }
    onus_text_add_len(&csv->text, "\"", 1);
    for (const char *from = value; *from != '\0';) {
        const size_t plain = strcspn(from, "\"");
        onus_text_add_len(&csv->text, from, plain);
        from += plain;
        if (*from == '"') {
            onus_text_add_len(&csv->text, "\"\"", 2);
            from++;
        }
    }
    onus_text_add_len(&csv->text, "\"", 1);
}

void onus_csv_number(onus_csv *csv, bool given, double value) {
    separate(csv);
    if (!given || !isfinite(value)) {
        return;
    }
    char buf[ONUS_DOUBLE_TEXT_MAX];
    const size_t len = onus_format_double(value, buf);
    onus_text_add_len(&csv->text, buf, len);
}

void onus_csv_count(onus_csv *csv, uint64_t value) {
    separate(csv);
    onus_text_addf(&csv->text, "%" PRIu64, value);
}

void onus_csv_end_row(onus_csv *csv) {
    onus_text_add_len(&csv->text, "\n", 1);
    csv->in_row = false;
}
