/* Records and fields of CSV and TSV: the hot path of every trial.
 *
 * The text is looked at in blocks of 64 bytes. Each block becomes one 64-bit mask of its structural
 * characters (delimiter, quote, CR, LF); the parser jumps from bit to bit and never looks at the
 * bytes between (Langdale and Lemire 2019, "Parsing gigabytes of JSON per second", sec. 3, without
 * their carry-less product: quotes are rare in such tables, so they are followed one by one). The
 * same pass notes blocks with a NUL or a byte above 127; only records that touch one are checked as
 * UTF-8.
 *
 *      window:  ....|record being read.....................|not looked at yet......
 *               at -^         field_start -^   block -^                   end -^
 *
 * A record that reaches the end of the window is read again from its start once more bytes are
 * there; the window grows up to ONUS_RECORD_MAX for a long record and no further. RFC 4180 quotes;
 * line ends LF, CRLF and CR; blank lines are no records; a quote inside an unquoted field is an
 * ordinary character. With a blank as delimiter, runs of blanks count as one, also at both ends of
 * the line. Called by table.c (and by the tests, with tiny chunks). Never converts a value. */
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "evidence_internal.h"
#include "onus/alloc.h"

enum { SCAN_CHUNK = 1 << 18, SCAN_BLOCK = 64, GUESS_MAX = 1 << 16 };
static const size_t NONE = SIZE_MAX;

#ifdef __SSE2__
/* Mask of the structural bytes of a block; *dirty is set if it holds a NUL or a byte above 127. */
static uint64_t classify(const char *p, char delimiter, bool *dirty) {
    const __m128i d = _mm_set1_epi8(delimiter);
    const __m128i q = _mm_set1_epi8('"');
    const __m128i lf = _mm_set1_epi8('\n');
    const __m128i cr = _mm_set1_epi8('\r');
    const __m128i one = _mm_set1_epi8(1);
    uint64_t mask = 0;
    __m128i odd = _mm_setzero_si128();
    for (int i = 0; i < 4; i++) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        const __m128i hit =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, d), _mm_cmpeq_epi8(v, q)),
                         _mm_or_si128(_mm_cmpeq_epi8(v, lf), _mm_cmpeq_epi8(v, cr)));
        /* as signed bytes, below 1 are 0 and everything from 128 */
        odd = _mm_or_si128(odd, _mm_cmplt_epi8(v, one));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * i);
    }
    *dirty = _mm_movemask_epi8(odd) != 0;
    return mask;
}
#else
static uint64_t classify(const char *p, char delimiter, bool *dirty) {
    uint64_t mask = 0;
    bool odd = false;
    for (int i = 0; i < SCAN_BLOCK; i++) {
        const char c = p[i];
        const bool hit = c == delimiter || c == '"' || c == '\n' || c == '\r';
        mask |= (uint64_t)hit << i;
        odd |= (signed char)c < 1;
    }
    *dirty = odd;
    return mask;
}
#endif

static void load_block(onus_scan *scan) {
    bool dirty = false;
    const size_t left = scan->end - scan->block;
    if (left >= SCAN_BLOCK) {
        scan->bits = classify(scan->buf + scan->block, scan->delimiter, &dirty);
    } else {
        char padded[SCAN_BLOCK];
        memset(padded, 'x', sizeof padded);
        memcpy(padded, scan->buf + scan->block, left);
        scan->bits = classify(padded, scan->delimiter, &dirty);
    }
    if (dirty) {
        scan->dirty_end = scan->block + SCAN_BLOCK;
    }
}

/* Position of the next structural character, or NONE at the end of the window. */
static inline size_t next_mark(onus_scan *scan) {
    while (scan->bits == 0) {
        if (scan->end - scan->block <= SCAN_BLOCK) {
            return NONE;
        }
        scan->block += SCAN_BLOCK;
        load_block(scan);
    }
    const size_t at = scan->block + (size_t)__builtin_ctzll(scan->bits);
    scan->bits &= scan->bits - 1;
    return at;
}

static void seek(onus_scan *scan, size_t at) {
    scan->block = at;
    scan->bits = 0;
    scan->dirty_end = 0;
    if (at < scan->end) {
        load_block(scan);
    }
}

/* More bytes behind `end`, the record at `at` kept. Sets `ended` if there are none. */
static onus_status refill(onus_scan *scan, onus_error *err) {
    if (scan->end - scan->at >= ONUS_RECORD_MAX) {
        return onus_fail(err, ONUS_ERR_DATA, scan->bytes.name, scan->line, 0,
                         "the record that starts here is longer than 16 MiB (an unclosed quote, or "
                         "not a table?)");
    }
    if (scan->bytes.map != NULL) {
        size_t n = scan->bytes.map_len - scan->end;
        n = n < scan->chunk ? n : scan->chunk;
        onus_bytes_digest_map(&scan->bytes, n);
        scan->end += n;
        scan->ended = n == 0;
        return ONUS_OK;
    }
    if (scan->at > 0) { /* the beginning of the window has been read: make room */
        memmove(scan->own, scan->own + scan->at, scan->end - scan->at);
        scan->end -= scan->at;
        scan->buf_offset += scan->at;
        scan->at = 0;
    }
    if (scan->end + scan->chunk > scan->own_cap) {
        const size_t cap = 2 * scan->own_cap > scan->end + scan->chunk ? 2 * scan->own_cap
                                                                       : scan->end + scan->chunk;
        char *own = onus_realloc_n(scan->own, cap, 1);
        if (own == NULL) {
            return onus_fail_nomem(err);
        }
        scan->own = own;
        scan->own_cap = cap;
    }
    scan->buf = scan->own;
    size_t n = 0;
    const onus_status status =
        onus_bytes_fill(&scan->bytes, scan->own + scan->end, scan->chunk, &n, err);
    scan->end += n;
    scan->ended = status == ONUS_OK && n == 0;
    return status;
}

/* ---- opening: byte order mark, delimiter ---- */

static char guess_delimiter(const onus_scan *scan, const char *name) {
    const size_t len = scan->end - scan->at < GUESS_MAX ? scan->end - scan->at : GUESS_MAX;
    size_t commas = 0;
    size_t semicolons = 0;
    size_t tabs = 0;
    size_t blanks = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        const char c = scan->buf[scan->at + i];
        if (c == '"') {
            quoted = !quoted;
        }
        if (quoted) {
            continue;
        }
        if (c == '\n' || c == '\r') {
            if (commas + semicolons + tabs + blanks > 0) {
                break;
            }
            continue;
        }
        commas += c == ',';
        semicolons += c == ';';
        tabs += c == '\t';
        blanks += c == ' ';
    }
    /* the ending decides only where its delimiter occurs: European "csv" is full of semicolons */
    if (tabs > 0 && (onus_text_ends(name, ".tsv") || onus_text_ends(name, ".tab") ||
                     onus_text_ends(name, ".tsv.gz") || onus_text_ends(name, ".tsv.zst"))) {
        return '\t';
    }
    if (commas > 0 && commas >= semicolons && commas >= tabs) {
        return ',';
    }
    if (semicolons > 0 && semicolons >= tabs) {
        return ';';
    }
    if (tabs > 0) {
        return '\t';
    }
    const bool plain = onus_text_ends(name, ".txt") || onus_text_ends(name, ".dat");
    return plain && blanks > 0 ? ' ' : ',';
}

onus_status onus_scan_open(const char *path, const char *name, char delimiter, size_t chunk,
                           onus_scan *scan, onus_error *err) {
    onus_status status = ONUS_OK;
    *scan = (onus_scan){.bytes = {.fd = -1}, .line = 1};
    scan->chunk = chunk > 0 ? chunk : SCAN_CHUNK;
    ONUS_TRY(onus_bytes_open(path, name, &scan->bytes, err));
    scan->buf = scan->bytes.map;
    /* enough for a byte order mark */
    while (!scan->ended && scan->end < 4) {
        ONUS_TRY(refill(scan, err));
    }
    /* The guess may look past the first line, and must not depend on how much happens to be there.
     */
    while (delimiter == 0 && !scan->ended && scan->end < GUESS_MAX) {
        ONUS_TRY(refill(scan, err));
    }
    const unsigned char *head = (const unsigned char *)scan->buf;
    if (scan->end >= 2 &&
        ((head[0] == 0xFF && head[1] == 0xFE) || (head[0] == 0xFE && head[1] == 0xFF))) {
        status = onus_fail(err, ONUS_ERR_DATA, name, 1, 1,
                           "is UTF-16 text; save it as UTF-8 and try again");
        goto out;
    }
    if (scan->end >= 3 && head[0] == 0xEF && head[1] == 0xBB && head[2] == 0xBF) {
        scan->at = 3;
    }
    scan->delimiter = delimiter != 0 ? delimiter : guess_delimiter(scan, name);
    seek(scan, scan->at);
out:
    return status;
}

/* ---- records ---- */

static onus_status emit(onus_scan *scan, size_t start, size_t end, bool doubled, onus_error *err) {
    if (scan->n_fields == scan->fields_cap && scan->fields_cap < ONUS_TABLE_COLUMNS_MAX) {
        const size_t cap = scan->fields_cap == 0 ? 64 : 2 * scan->fields_cap;
        onus_field *fields = onus_realloc_n(scan->fields, cap, sizeof *fields);
        if (fields == NULL) {
            return onus_fail_nomem(err);
        }
        scan->fields = fields;
        scan->fields_cap = cap;
    }
    if (scan->n_fields < scan->fields_cap) {
        scan->fields[scan->n_fields] =
            (onus_field){.start = start, .len = end - start, .doubled = doubled};
    }
    scan->n_fields++;
    return ONUS_OK;
}

static void fault_at(onus_scan *scan, onus_scan_fault fault, size_t at) {
    if (scan->fault != ONUS_SCAN_FINE) {
        return;
    }
    int64_t line = scan->record_line;
    int64_t col = 1;
    for (size_t i = scan->record_start; i < at; i++) {
        const char c = scan->buf[i];
        if (c == '\n' || (c == '\r' && scan->buf[i + 1] != '\n')) {
            line++;
            col = 1;
        } else {
            col += ((unsigned char)c & 0xC0) != 0x80; /* characters, not their continuation bytes */
        }
    }
    scan->fault = fault;
    scan->fault_line = line;
    scan->fault_col = col;
    scan->fault_offset = scan->buf_offset + at;
}

static void check_bytes(onus_scan *scan) {
    const char *text = scan->buf + scan->record_start;
    const size_t len = scan->record_end - scan->record_start;
    const char *nul = memchr(text, '\0', len);
    const size_t bad = onus_utf8_check(text, len);
    if (nul != NULL && (size_t)(nul - text) <= bad) {
        fault_at(scan, ONUS_SCAN_NUL, scan->record_start + (size_t)(nul - text));
    } else if (bad < len) {
        fault_at(scan, ONUS_SCAN_NOT_UTF8, scan->record_start + bad);
    }
}

typedef enum attempt { ATTEMPT_RECORD, ATTEMPT_BLANK, ATTEMPT_SHORT, ATTEMPT_NOTHING } attempt;

/* Follows a quoted field from behind its opening quote. ATTEMPT_SHORT: the window ends inside it.
 */
static onus_status quoted_field(onus_scan *scan, size_t *close, bool *doubled, int64_t *n_lines,
                                attempt *result, onus_error *err) {
    const int64_t line_before = *n_lines;
    for (;;) {
        const size_t p = next_mark(scan);
        if (p == NONE || (p + 1 == scan->end && !scan->ended && scan->buf[p] != scan->delimiter)) {
            if (scan->ended && p == NONE) {
                return onus_fail(err, ONUS_ERR_DATA, scan->bytes.name,
                                 scan->record_line + line_before, 0,
                                 "a quote that opens on this line is never closed");
            }
            *result = ATTEMPT_SHORT;
            return ONUS_OK;
        }
        const char c = scan->buf[p];
        if (c == '\n' || (c == '\r' && !(p + 1 < scan->end && scan->buf[p + 1] == '\n'))) {
            *n_lines += 1;
        } else if (c == '"') {
            if (p + 1 < scan->end && scan->buf[p + 1] == '"') {
                (void)next_mark(scan); /* the second of the pair */
                *doubled = true;
                continue;
            }
            *close = p;
            *result = ATTEMPT_RECORD;
            return ONUS_OK;
        }
    }
}

/* Reads the record at `at`, from the cursor on. */
static onus_status try_record(onus_scan *scan, attempt *result, onus_error *err) {
    onus_status status = ONUS_OK;
    const size_t start = scan->at;
    const bool blanks = scan->delimiter == ' ';
    size_t field_start = start;
    size_t content_end = NONE; /* of a quoted field that has been closed */
    bool doubled = false;
    bool any_quoted = false;
    int64_t n_lines = 0;
    scan->n_fields = 0;
    scan->fault = ONUS_SCAN_FINE;
    scan->record_line = scan->line;
    scan->record_start = start;
    for (;;) {
        const size_t p = next_mark(scan);
        const bool last = p == NONE;
        if (last && !scan->ended) {
            *result = ATTEMPT_SHORT;
            return ONUS_OK;
        }
        if (last && scan->end == start) {
            *result = ATTEMPT_NOTHING;
            return ONUS_OK;
        }
        const size_t here = last ? scan->end : p;
        const char c = last ? '\n' : scan->buf[p];
        if (c == '"') {
            if (here != field_start || content_end != NONE) {
                continue; /* an ordinary character of an unquoted field */
            }
            ONUS_TRY(quoted_field(scan, &content_end, &doubled, &n_lines, result, err));
            if (*result == ATTEMPT_SHORT) {
                return ONUS_OK;
            }
            any_quoted = true;
            continue;
        }
        if (c == '\r' && p + 1 == scan->end && !scan->ended) {
            *result = ATTEMPT_SHORT; /* CR, or the first half of CRLF */
            return ONUS_OK;
        }
        const bool line_end = c != scan->delimiter || last;
        if (content_end != NONE) {
            if (content_end + 1 != here) {
                fault_at(scan, ONUS_SCAN_AFTER_QUOTE, content_end + 1);
            }
            ONUS_TRY(emit(scan, field_start + 1, content_end, doubled, err));
        } else if (!blanks || here > field_start) {
            ONUS_TRY(emit(scan, field_start, here, false, err));
        }
        content_end = NONE;
        doubled = false;
        field_start = here + 1;
        if (!line_end) {
            continue;
        }
        size_t next = last ? here : here + 1;
        if (c == '\r' && next < scan->end && scan->buf[next] == '\n') {
            next++;
            (void)next_mark(scan);
        }
        scan->record_end = here;
        scan->at = next;
        scan->line += n_lines + !last;
        const bool blank =
            scan->n_fields == 0 || (scan->n_fields == 1 && !any_quoted && scan->fields[0].len == 0);
        *result = blank ? ATTEMPT_BLANK : ATTEMPT_RECORD;
        return ONUS_OK;
    }
out:
    return status;
}

onus_status onus_scan_next(onus_scan *scan, bool *got, onus_error *err) {
    onus_status status = ONUS_OK;
    *got = false;
    for (;;) {
        attempt result = ATTEMPT_NOTHING;
        ONUS_TRY(try_record(scan, &result, err));
        switch (result) {
        case ATTEMPT_SHORT:
            ONUS_TRY(refill(scan, err));
            seek(scan, scan->at);
            break;
        case ATTEMPT_BLANK:
            break;
        case ATTEMPT_NOTHING:
            return ONUS_OK;
        case ATTEMPT_RECORD:
            if (scan->record_end - scan->record_start > ONUS_RECORD_MAX) {
                return onus_fail(err, ONUS_ERR_DATA, scan->bytes.name, scan->record_line, 0,
                                 "the record that starts here is longer than 16 MiB");
            }
            if (scan->dirty_end > scan->record_start) {
                check_bytes(scan);
            }
            *got = true;
            return ONUS_OK;
        }
    }
out:
    return status;
}

const char *onus_scan_text(onus_scan *scan, size_t field, size_t *len) {
    const onus_field *f = &scan->fields[field];
    const char *text = scan->buf + f->start;
    *len = f->len;
    if (!f->doubled) {
        return text;
    }
    /* each field has its own stretch of the scratch, so that a row's texts live side by side */
    const size_t need = scan->record_end - scan->record_start;
    if (need > scan->scratch_cap) {
        char *scratch = onus_realloc_n(scan->scratch, need, 1);
        if (scratch == NULL) {
            return NULL;
        }
        scan->scratch = scratch;
        scan->scratch_cap = need;
    }
    char *to = scan->scratch + (f->start - scan->record_start);
    size_t n = 0;
    for (size_t i = 0; i < f->len; i++) {
        to[n++] = text[i];
        i += text[i] == '"'; /* the second of the pair */
    }
    *len = n;
    return to;
}

void onus_scan_close(onus_scan *scan) {
    onus_bytes_close(&scan->bytes);
    onus_free(scan->own);
    onus_free(scan->fields);
    onus_free(scan->scratch);
    *scan = (onus_scan){.bytes = {.fd = -1}};
}
