/* CSV as text: RFC 4180 quotes, numbers without locale, a line feed after each row. */
#ifndef ONUS_CSV_OUT_H
#define ONUS_CSV_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "onus/text.h"

typedef struct onus_csv {
    onus_text text;
    bool in_row;
} onus_csv;

/** NULL: an empty field. */
void onus_csv_text(onus_csv *csv, const char *value);
/** An empty field unless `given` and finite. */
void onus_csv_number(onus_csv *csv, bool given, double value);
void onus_csv_count(onus_csv *csv, uint64_t value);
void onus_csv_end_row(onus_csv *csv);

#endif
