/* Any bytes as a table. Read in one piece and, packed with gzip, in small bites, it must give the
 * same records; and the typed reader must account for every row that it saw.
 *
 * The first byte chooses delimiter and bite; the rest is the file. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "../../src/evidence/evidence_internal.h"
#include "onus/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact) {
    if (!fact) {
        abort();
    }
}

/* A file in memory, under a path that ends as a table's does. */
typedef struct memory_file {
    int fd;
    char path[64];
} memory_file;

static memory_file make_file(const void *bytes, size_t len) {
    memory_file file = {.fd = memfd_create("table", 0)};
    must(file.fd >= 0);
    size_t done = 0;
    while (done < len) {
        const ssize_t n = write(file.fd, (const char *)bytes + done, len - done);
        must(n > 0);
        done += (size_t)n;
    }
    (void)snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t len) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ at[i]) * UINT64_C(1099511628211); /* FNV-1a */
    }
    return (hash ^ len) * UINT64_C(1099511628211);
}

typedef struct outcome {
    onus_status status;
    uint64_t hash;
    uint64_t n_records;
    int64_t error_line;
} outcome;

static outcome scan_all(const char *path, char delimiter, size_t chunk) {
    outcome found = {.hash = 1};
    onus_scan scan;
    onus_error err = ONUS_ERROR_INIT;
    found.status = onus_scan_open(path, "fuzz.csv", delimiter, chunk, &scan, &err);
    bool got = found.status == ONUS_OK;
    while (got) {
        found.status = onus_scan_next(&scan, &got, &err);
        got = got && found.status == ONUS_OK;
        if (!got) {
            break;
        }
        found.n_records++;
        must(scan.n_fields > 0 && scan.record_end >= scan.record_start);
        found.hash = mix(found.hash, &scan.record_line, sizeof scan.record_line);
        found.hash = mix(found.hash, &scan.fault, sizeof scan.fault);
        if (scan.fault != ONUS_SCAN_FINE) {
            found.hash = mix(found.hash, &scan.fault_line, sizeof scan.fault_line);
            found.hash = mix(found.hash, &scan.fault_col, sizeof scan.fault_col);
            found.hash = mix(found.hash, &scan.fault_offset, sizeof scan.fault_offset);
            continue;
        }
        const size_t n = scan.n_fields < scan.fields_cap ? scan.n_fields : scan.fields_cap;
        for (size_t i = 0; i < n; i++) {
            size_t len = 0;
            const char *text = onus_scan_text(&scan, i, &len);
            must(text != NULL && onus_utf8_check(text, len) == len);
            must(memchr(text, '\0', len) == NULL);
            found.hash = mix(found.hash, text, len);
        }
    }
    found.error_line = err.line;
    onus_scan_close(&scan);
    return found;
}

static void read_typed(const char *path, char delimiter) {
    char *const file = strdup(path);
    char day[] = "day";
    char column_a[] = "a";
    char column_b[] = "b";
    const onus_time_ref time = {.column = day};
    const onus_column_ask asks[] = {
        {.name = column_a, .type = ONUS_COLUMN_TEXT, .may_be_missing = true},
        {.name = column_b, .type = ONUS_COLUMN_NUMBER, .missing_reason = "no number"},
        {.name = day, .type = ONUS_COLUMN_TIME, .time = &time, .missing_reason = "no day"},
    };
    for (int invalid = 0; invalid < 2; invalid++) {
        const onus_source source = {
            .file = file, .delimiter = delimiter, .invalid = (onus_invalid)invalid};
        onus_table table = {0};
        onus_input input = {0};
        static onus_problems problems;
        problems = (onus_problems){0};
        const onus_status status =
            onus_table_read(&source, NULL, asks, 3, NULL, &table, &input, &problems);
        must((status == ONUS_OK) == (problems.n_all == 0));
        if (status == ONUS_OK) {
            must(onus_input_adds_up(&input) && input.used == table.n_rows);
            for (size_t i = 0; i < table.n_rows; i++) {
                must(onus_table_text(&table, 0, i) != NULL);
                must(table.columns[1].numbers[i] == table.columns[1].numbers[i]);
                must(i == 0 || table.lines[i] > table.lines[i - 1]);
            }
        }
        onus_table_clear(&table);
        onus_input_clear(&input);
    }
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > (1 << 20)) {
        return 0;
    }
    static const char delimiters[] = {0, ',', '\t', ';', '|', ' ', ',', ','};
    const char delimiter = delimiters[data[0] & 7U];
    const size_t bite = (size_t)(data[0] >> 3U) + 1; /* 1 to 32 bytes */
    const uint8_t *text = data + 1;
    const size_t len = size - 1;

    memory_file plain = make_file(text, len);
    const outcome whole = scan_all(plain.path, delimiter, 0);
    read_typed(plain.path, delimiter);
    (void)close(plain.fd);

    uLong cap = compressBound((uLong)len) + 64;
    unsigned char *packed = malloc(cap);
    z_stream z = {0};
    must(packed != NULL && deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)text;
    z.avail_in = (uInt)len;
    z.next_out = packed;
    z.avail_out = (uInt)cap;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    memory_file gzip = make_file(packed, z.total_out);
    (void)deflateEnd(&z);
    free(packed);
    /* Bytes that are themselves packed, or that say so, are read as what they say. */
    const bool is_packed = len >= 2 && ((text[0] == 0x1f && text[1] == 0x8b) || text[0] == 0x28);
    if (!is_packed) {
        const outcome bites = scan_all(gzip.path, delimiter, bite);
        must(bites.status == whole.status && bites.n_records == whole.n_records);
        must(bites.hash == whole.hash && bites.error_line == whole.error_line);
    }
    (void)close(gzip.fd);
    return 0;
}
