/* NumPy files of scores, mapped: a hundred million of them are read where they lie.
 *
 * The format (numpy.lib.format): 6 bytes of magic, two of version, the length of a header, the
 * header (a Python dictionary of descr, fortran_order and shape in ASCII, padded with blanks), then
 * the values. Only what needs no conversion is taken: float64, little endian, C order, one
 * dimension. All else is refused with what was found and what was expected. Called by scores.c.
 * Never runs anything that the header says, and reads no object arrays. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "evidence_internal.h"
#include "onus/scalar.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "values of .npy files are used as they lie: little endian machines only"
#endif

#define EXPECTED                                                                                   \
    "expected float64, little endian, in C order, one-dimensional (numpy.save of a "               \
    "vector)"

enum { HEADER_MAX = 1 << 16, KIND_MAX = 64 };

bool onus_is_npy(const char *file) {
    return onus_text_ends(file, ".npy");
}

/** What the header says. */
typedef struct npy_header {
    char descr[KIND_MAX];
    bool fortran_order;
    uint64_t n;    /* values */
    size_t n_long; /* dimensions other than 1 */
    bool has_descr;
    bool has_order;
    bool has_shape;
} npy_header;

typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

static void skip_blanks(cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n')) {
        c->at++;
    }
}

static bool take(cursor *c, const char *text) {
    skip_blanks(c);
    const size_t len = strlen(text);
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, text, len) != 0) {
        return false;
    }
    c->at += len;
    return true;
}

/* 'text' or "text" without escapes. */
static bool take_text(cursor *c, char *out, size_t size) {
    skip_blanks(c);
    if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) {
        return false;
    }
    const char quote = *c->at++;
    size_t n = 0;
    while (c->at < c->end && *c->at != quote && *c->at != '\\' && n + 1 < size) {
        out[n++] = *c->at++;
    }
    out[n] = '\0';
    return c->at < c->end && *c->at++ == quote;
}

static bool take_shape(cursor *c, npy_header *h) {
    h->n = 1;
    if (!take(c, "(")) {
        return false;
    }
    while (!take(c, ")")) {
        const char *start = c->at;
        while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
            c->at++;
        }
        int64_t size = 0;
        if (!onus_parse_int64(start, (size_t)(c->at - start), &size) || size < 0 ||
            (size > 0 && h->n > (uint64_t)INT64_MAX / (uint64_t)size)) {
            return false;
        }
        h->n *= (uint64_t)size;
        h->n_long += size != 1 ? 1 : 0;
        if (!take(c, ",") && !(c->at < c->end && *c->at == ')')) {
            return false;
        }
    }
    return true;
}

static bool take_header(cursor *c, npy_header *h) {
    char key[KIND_MAX];
    if (!take(c, "{")) {
        return false;
    }
    while (!take(c, "}")) {
        if (!take_text(c, key, sizeof key) || !take(c, ":")) {
            return false;
        }
        bool good = false;
        if (strcmp(key, "descr") == 0) {
            good = take_text(c, h->descr, sizeof h->descr);
            h->has_descr = good;
        } else if (strcmp(key, "fortran_order") == 0) {
            h->fortran_order = take(c, "True");
            good = h->fortran_order || take(c, "False");
            h->has_order = good;
        } else if (strcmp(key, "shape") == 0) {
            good = take_shape(c, h);
            h->has_shape = good;
        }
        if (!good) {
            return false;
        }
        if (!take(c, ",")) {
            skip_blanks(c);
            if (c->at == c->end || *c->at != '}') {
                return false;
            }
        }
    }
    skip_blanks(c);
    return c->at == c->end && h->has_descr && h->has_order && h->has_shape;
}

static onus_status refuse(onus_error *err, const char *name, const char *what) {
    return onus_fail(err, ONUS_ERR_DATA, name, 0, 0, "%s; " EXPECTED, what);
}

/* Where the values begin, and how many there are. */
static onus_status read_header(const char *name, const char *bytes, size_t len, npy_header *h,
                               size_t *offset, onus_error *err) {
    static const char magic[] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};
    const unsigned char *b = (const unsigned char *)bytes;
    char text[160];
    if (len < 12 || memcmp(bytes, magic, sizeof magic) != 0) {
        return refuse(err, name, "is named .npy but is not a NumPy file");
    }
    const unsigned major = b[6];
    if (major != 1 && major != 2) {
        (void)snprintf(text, sizeof text, "is a NumPy file of version %u.%u, not 1.0 or 2.0", major,
                       (unsigned)b[7]);
        return refuse(err, name, text);
    }
    const size_t start = major == 1 ? 10 : 12;
    const size_t header_len =
        major == 1 ? (size_t)b[8] | (size_t)b[9] << 8
                   : (size_t)b[8] | (size_t)b[9] << 8 | (size_t)b[10] << 16 | (size_t)b[11] << 24;
    if (header_len > HEADER_MAX || header_len > len - start) {
        return refuse(err, name, "is truncated: its NumPy header does not end");
    }
    cursor c = {.at = bytes + start, .end = bytes + start + header_len};
    if (!take_header(&c, h)) {
        return refuse(err, name, "has a NumPy header that cannot be read");
    }
    *offset = start + header_len;
    return ONUS_OK;
}

static onus_status check_header(const char *name, const npy_header *h, size_t offset, size_t len,
                                onus_error *err) {
    char text[160];
    if (strcmp(h->descr, "<f8") != 0) {
        (void)snprintf(text, sizeof text, "holds values of type '%s'%s", h->descr,
                       strcmp(h->descr, "<f4") == 0
                           ? " (float32, in which different scores become equal)"
                           : "");
        return refuse(err, name, text);
    }
    if (h->fortran_order) {
        return refuse(err, name, "is in Fortran order");
    }
    if (h->n_long > 1) {
        return refuse(err, name, "has more than one dimension");
    }
    if (offset % sizeof(double) != 0) {
        return refuse(err, name, "has values that do not begin at a multiple of 8 bytes");
    }
    const uint64_t bytes = len - offset;
    if (h->n > bytes / sizeof(double) || bytes != h->n * sizeof(double)) {
        (void)snprintf(text, sizeof text, "says %llu values, and holds %llu bytes of them",
                       (unsigned long long)h->n, (unsigned long long)bytes);
        return refuse(err, name, text);
    }
    if (h->n == 0) {
        return onus_fail(err, ONUS_ERR_DATA, name, 0, 0, "has no rows");
    }
    return ONUS_OK;
}

static onus_status check_values(const char *name, const double *values, size_t n, onus_error *err) {
    for (size_t i = 0; i < n; i++) {
        if (isinf(values[i])) {
            return onus_fail(err, ONUS_ERR_DATA, name, 0, 0,
                             "value %zu (counted from 1) is infinite; expected a number, or NaN "
                             "for a failure to acquire",
                             i + 1);
        }
    }
    return ONUS_OK;
}

onus_status onus_npy_map(const char *path, const char *name, const double **values, size_t *n,
                         void **map, size_t *map_len, onus_input *input, onus_problems *problems) {
    onus_status status = ONUS_OK;
    onus_error err = ONUS_ERROR_INIT;
    onus_bytes bytes;
    npy_header h = {0};
    size_t offset = 0;
    *map = NULL;
    ONUS_TRY(onus_bytes_open(path, name, &bytes, &err));
    if (bytes.packing != ONUS_PACKING_NONE || bytes.map == NULL) {
        status = refuse(&err, name, "is packed, empty or no plain file, and cannot be mapped");
        goto out;
    }
    ONUS_TRY(read_header(name, bytes.map, bytes.map_len, &h, &offset, &err));
    ONUS_TRY(check_header(name, &h, offset, bytes.map_len, &err));
    const double *const mapped = (const double *)(const void *)(bytes.map + offset);
    ONUS_TRY(check_values(name, mapped, (size_t)h.n, &err));
    ONUS_TRY(onus_bytes_finish(&bytes, input->sha256, &err));
    input->rows = h.n;
    input->used = h.n;
    *values = mapped;
    *n = (size_t)h.n;
    *map = (void *)(uintptr_t)bytes.map;
    *map_len = bytes.map_len;
    bytes.map = NULL; /* the caller's from here */
out:
    onus_bytes_close(&bytes);
    if (status != ONUS_OK && status != ONUS_ERR_NOMEM) {
        onus_problems_add_error(problems, "scores", &err);
    }
    return status;
}
