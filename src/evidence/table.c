/* onus_table_read: columns of a table, from our own scanner (CSV, TSV, packed or not) or from GDAL.
 *
 * The scanner finds records and fields, rows.c checks and keeps them; this file joins the two:
 * header names, ragged rows, faults of the text itself (NUL, not UTF-8, broken quotes), the digest
 * of what was read. Called for every table of a case (load.c) and directly by later trials. Never
 * keeps a column that was not asked for. */
#include <string.h>

#include "evidence_internal.h"
#include "gdal_internal.h"
#include "onus/alloc.h"

enum { LOOK_EVERY = 4096 }; /* records between two looks at the stop flag */

const char *onus_table_text(const onus_table *table, size_t column, size_t row) {
    return table->pool + table->pool_starts[table->columns[column].texts[row]];
}

void onus_table_clear(onus_table *table) {
    for (size_t i = 0; table->columns != NULL && i < table->n_columns; i++) {
        onus_free(table->columns[i].numbers);
        onus_free(table->columns[i].texts);
        onus_free(table->columns[i].local_day);
    }
    onus_free(table->columns);
    onus_free(table->lines);
    onus_free(table->pool);
    onus_free(table->pool_starts);
    *table = (onus_table){0};
}

typedef struct names {
    char **items;
    size_t n;
} names;

static void clear_names(names *header) {
    for (size_t i = 0; i < header->n; i++) {
        onus_free(header->items[i]);
    }
    onus_free(header->items);
    *header = (names){0};
}

/* The header record's fields, copied. */
static onus_status copy_header(onus_scan *scan, names *header) {
    header->items = onus_alloc_n(scan->n_fields, sizeof *header->items);
    if (header->items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < scan->n_fields; i++) {
        size_t len = 0;
        const char *text = onus_scan_text(scan, i, &len);
        char *copy = text == NULL ? NULL : onus_strndup(text, len);
        if (copy == NULL) {
            return ONUS_ERR_NOMEM;
        }
        header->items[i] = copy;
        header->n = i + 1;
    }
    return ONUS_OK;
}

static onus_status refuse_fault(onus_rows *rows, const onus_scan *scan) {
    switch (scan->fault) {
    case ONUS_SCAN_AFTER_QUOTE:
        return onus_rows_refuse(rows, "broken quotes", scan->fault_line, scan->fault_col,
                                "text between a closing quote and the next delimiter (a quote "
                                "inside a field is written twice)");
    case ONUS_SCAN_NUL:
        return onus_rows_refuse(rows, "NUL byte", scan->fault_line, scan->fault_col,
                                "a NUL byte (offset %llu) is no text",
                                (unsigned long long)scan->fault_offset);
    case ONUS_SCAN_NOT_UTF8:
        return onus_rows_refuse(
            rows, "not UTF-8", scan->fault_line, scan->fault_col,
            "byte 0x%02X (offset %llu) is not UTF-8; is the file in another encoding?",
            (unsigned)(unsigned char)scan->buf[scan->fault_offset - scan->buf_offset],
            (unsigned long long)scan->fault_offset);
    case ONUS_SCAN_FINE:
        break;
    }
    return ONUS_ERR_BUG;
}

static onus_status take_record(onus_rows *rows, onus_scan *scan, size_t n_names) {
    if (scan->fault != ONUS_SCAN_FINE) {
        return refuse_fault(rows, scan);
    }
    if (scan->n_fields != n_names) {
        return onus_rows_refuse(rows, "wrong number of fields", scan->record_line, 0,
                                "the row has %zu field%s, the header has %zu", scan->n_fields,
                                scan->n_fields == 1 ? "" : "s", n_names);
    }
    const size_t n_cells = rows->n_asks + rows->source->n_where;
    for (size_t i = 0; i < n_cells; i++) {
        onus_cell_in *cell = &rows->cells[i];
        cell->text = onus_scan_text(scan, rows->places[i], &cell->len);
        if (cell->text == NULL) {
            return ONUS_ERR_NOMEM;
        }
        cell->kind = cell->len == 0 ? ONUS_CELL_MISSING : ONUS_CELL_TEXTUAL;
    }
    return onus_rows_take(rows, scan->record_line);
}

static onus_status read_header(onus_scan *scan, const onus_source *source, onus_rows *rows,
                               names *header, onus_error *err) {
    onus_status status = ONUS_OK;
    if (source->header.n > 0) {
        status =
            onus_rows_columns(rows, (const char *const *)source->header.items, source->header.n, 0);
        goto out;
    }
    bool got = false;
    ONUS_TRY(onus_scan_next(scan, &got, err));
    if (!got) {
        status = onus_fail(err, ONUS_ERR_DATA, source->file, 0, 0, "is empty");
        goto out;
    }
    if (scan->n_fields > scan->fields_cap) {
        status = onus_fail(err, ONUS_ERR_DATA, source->file, scan->record_line, 0,
                           "the header has %zu columns, more than %d", scan->n_fields,
                           ONUS_TABLE_COLUMNS_MAX);
        goto out;
    }
    if (scan->fault != ONUS_SCAN_FINE) { /* without a header nothing else can be told */
        onus_rows strict = *rows;
        onus_source stop = *source;
        stop.invalid = ONUS_INVALID_STOP;
        strict.source = &stop;
        status = refuse_fault(&strict, scan);
        status = status == ONUS_OK ? ONUS_ERR_DATA : status;
        goto out;
    }
    ONUS_TRY(copy_header(scan, header));
    status =
        onus_rows_columns(rows, (const char *const *)header->items, header->n, scan->record_line);
out:
    return status;
}

static onus_status read_scanned(const onus_source *source, const char *path,
                                const onus_context *context, onus_rows *rows, onus_error *err) {
    onus_status status = ONUS_OK;
    onus_scan scan = {.bytes = {.fd = -1}};
    names header = {0};
    ONUS_TRY(onus_scan_open(path, source->file, source->delimiter, 0, &scan, err));
    ONUS_TRY(read_header(&scan, source, rows, &header, err));
    const size_t n_names = source->header.n > 0 ? source->header.n : header.n;
    for (uint64_t n = 1;; n++) {
        bool got = false;
        ONUS_TRY(onus_scan_next(&scan, &got, err));
        if (!got) {
            break;
        }
        ONUS_TRY(take_record(rows, &scan, n_names));
        if (n % LOOK_EVERY == 0) {
            if (onus_stopped(context)) {
                status = ONUS_ERR_INTERRUPTED;
                goto out;
            }
            onus_progress(context, "reading", scan.bytes.n_raw, scan.bytes.file_size);
        }
    }
    ONUS_TRY(onus_bytes_finish(&scan.bytes, rows->input->sha256, err));
out:
    clear_names(&header);
    onus_scan_close(&scan);
    return status;
}

onus_status onus_table_read(const onus_source *source, const char *data_dir,
                            const onus_column_ask *asks, size_t n_asks, const onus_context *context,
                            onus_table *table, onus_input *input, onus_problems *problems) {
    onus_status status = ONUS_OK;
    onus_error err = ONUS_ERROR_INIT;
    onus_rows rows = {0};
    *table = (onus_table){0};
    const char *role = input->role;
    *input = (onus_input){.role = role};
    char *path = onus_source_path(data_dir, source->file);
    input->file = onus_source_name(source->file);
    if (path == NULL || input->file == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    onus_source shown = *source;
    shown.file = input->file;
    ONUS_TRY(onus_rows_begin(&rows, &shown, asks, n_asks, table, input, problems));
    if (onus_gdal_wants(source->file)) {
        ONUS_TRY(onus_gdal_table(&shown, path, context, &rows, &err));
    } else {
        ONUS_TRY(read_scanned(&shown, path, context, &rows, &err));
    }
    ONUS_TRY(onus_rows_end(&rows));
out:
    if (status != ONUS_OK && err.status != ONUS_OK && status != ONUS_ERR_NOMEM) {
        onus_problems_add_error(problems, status == ONUS_ERR_NOINPUT ? "missing input" : "file",
                                &err);
    }
    onus_rows_clear(&rows);
    onus_free(path);
    if (status != ONUS_OK) {
        onus_table_clear(table);
    }
    return status;
}

static onus_status scanned_names(const onus_source *source, const char *path, names *header,
                                 onus_error *err) {
    onus_status status = ONUS_OK;
    onus_scan scan = {.bytes = {.fd = -1}};
    bool got = false;
    ONUS_TRY(onus_scan_open(path, source->file, source->delimiter, 0, &scan, err));
    ONUS_TRY(onus_scan_next(&scan, &got, err));
    if (!got || scan.fault != ONUS_SCAN_FINE || scan.n_fields > scan.fields_cap) {
        status = onus_fail(err, ONUS_ERR_DATA, source->file, scan.record_line, 0,
                           got ? "the header cannot be read" : "is empty");
        goto out;
    }
    status = copy_header(&scan, header);
out:
    onus_scan_close(&scan);
    return status;
}

static onus_status copy_names(const char *const *from, size_t n, names *header) {
    header->items = onus_alloc_n(n, sizeof *header->items);
    if (header->items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (header->n = 0; header->n < n; header->n++) {
        header->items[header->n] = onus_strdup(from[header->n]);
        if (header->items[header->n] == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    return ONUS_OK;
}

onus_status onus_table_names(const onus_source *source, const char *data_dir, char ***out,
                             size_t *n_names, onus_problems *problems) {
    onus_status status = ONUS_OK;
    onus_error err = ONUS_ERROR_INIT;
    names header = {0};
    onus_gdal gdal = {0};
    const char **borrowed = NULL;
    char *path = onus_source_path(data_dir, source->file);
    onus_source shown = *source;
    shown.file = onus_source_name(source->file);
    if (path == NULL || shown.file == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    if (source->header.n > 0) {
        ONUS_TRY(copy_names((const char *const *)source->header.items, source->header.n, &header));
    } else if (onus_gdal_wants(source->file)) {
        size_t n = 0;
        ONUS_TRY(onus_gdal_open(&shown, path, &gdal, &err));
        ONUS_TRY(onus_gdal_names(&shown, &gdal, &borrowed, &n, &err));
        ONUS_TRY(copy_names(borrowed, n, &header));
    } else {
        ONUS_TRY(scanned_names(&shown, path, &header, &err));
    }
    *out = header.items;
    *n_names = header.n;
    header = (names){0};
out:
    if (status != ONUS_OK && err.status != ONUS_OK && status != ONUS_ERR_NOMEM) {
        onus_problems_add_error(problems, status == ONUS_ERR_NOINPUT ? "missing input" : "file",
                                &err);
    }
    onus_free(borrowed);
    onus_gdal_close(&gdal);
    clear_names(&header);
    onus_free(path);
    onus_free(shown.file);
    return status;
}
