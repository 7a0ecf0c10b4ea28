/* Text: a growing buffer, UTF-8 checks, spelling suggestions, paths.
 *
 * The buffer remembers a failed allocation instead of making every addition a branch: writers add
 * freely and ask once at the end. The UTF-8 check is the table of RFC 3629 section 4 (no overlong
 * forms, no surrogates, nothing above U+10FFFF). Distances between words are optimal string
 * alignment (Damerau 1964 with each pair of letters swapped at most once), for "did you mean".
 * Called by every reader and writer. Case folding is ASCII only, so that no locale matters. */
#include "onus/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/scalar.h"

static bool make_room(onus_text *text, size_t n_more) {
    size_t wanted = 0;
    if (text->failed || __builtin_add_overflow(text->len, n_more, &wanted) || wanted == SIZE_MAX) {
        text->failed = true;
        return false;
    }
    wanted++; /* the terminator */
    if (wanted <= text->cap) {
        return true;
    }
    size_t cap = text->cap < 64 ? 64 : text->cap;
    while (cap < wanted) {
        if (__builtin_add_overflow(cap, cap / 2, &cap)) {
            cap = wanted;
        }
    }
    char *data = onus_realloc_n(text->data, cap, 1);
    if (data == NULL) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->cap = cap;
    return true;
}

void onus_text_add_len(onus_text *text, const char *bytes, size_t len) {
    if (!make_room(text, len)) {
        return;
    }
    if (len > 0) {
        memcpy(text->data + text->len, bytes, len);
    }
    text->len += len;
    text->data[text->len] = '\0';
}

void onus_text_add(onus_text *text, const char *string) {
    onus_text_add_len(text, string, strlen(string));
}

void onus_text_addf(onus_text *text, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    const int len = onus_vformat(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0) {
        text->failed = true;
    } else if (make_room(text, (size_t)len)) {
        (void)onus_vformat(text->data + text->len, (size_t)len + 1, fmt, again);
        text->len += (size_t)len;
    }
    va_end(again);
}

char *onus_text_take(onus_text *text) {
    char *data = NULL;
    if (!text->failed) {
        data = text->data == NULL ? onus_strdup("") : text->data;
        text->data = NULL;
    }
    onus_text_clear(text);
    return data;
}

void onus_text_clear(onus_text *text) {
    onus_free(text->data);
    *text = (onus_text){0};
}

static bool is_tail(unsigned char byte) {
    return (byte & 0xC0U) == 0x80U;
}

/* Length of the well-formed sequence at `at` (RFC 3629 section 4), 0 if there is none. */
static size_t utf8_sequence(const unsigned char *at, size_t n_left) {
    const unsigned char lead = at[0];
    if (lead < 0x80U) {
        return 1;
    }
    if (lead < 0xC2U || lead > 0xF4U) {
        return 0; /* a tail, an overlong two-byte form, or beyond U+10FFFF */
    }
    const size_t len = lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
    if (n_left < len) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if (!is_tail(at[i])) {
            return 0;
        }
    }
    const bool is_overlong = (lead == 0xE0U && at[1] < 0xA0U) || (lead == 0xF0U && at[1] < 0x90U);
    const bool is_surrogate = lead == 0xEDU && at[1] > 0x9FU;
    const bool is_beyond = lead == 0xF4U && at[1] > 0x8FU;
    return is_overlong || is_surrogate || is_beyond ? 0 : len;
}

size_t onus_utf8_check(const char *bytes, size_t len) {
    const unsigned char *at = (const unsigned char *)bytes;
    size_t i = 0;
    while (i < len) {
        /* Eight ASCII bytes at a time: tables are mostly that. */
        uint64_t word = 0;
        while (len - i >= sizeof word) {
            memcpy(&word, at + i, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) != 0) {
                break;
            }
            i += sizeof word;
        }
        if (i == len) {
            break;
        }
        const size_t step = utf8_sequence(at + i, len - i);
        if (step == 0) {
            return i;
        }
        i += step;
    }
    return len;
}

static char fold(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool onus_text_equal(const char *a, const char *b) {
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return strcmp(a, b) == 0;
}

bool onus_text_equal_fold(const char *a, const char *b) {
    if (a == NULL || b == NULL) {
        return a == b;
    }
    size_t i = 0;
    while (a[i] != '\0' && fold(a[i]) == fold(b[i])) {
        i++;
    }
    return fold(a[i]) == fold(b[i]);
}

bool onus_text_starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool onus_text_ends(const char *text, const char *suffix) {
    const size_t len = strlen(text);
    const size_t suffix_len = strlen(suffix);
    return len >= suffix_len && memcmp(text + (len - suffix_len), suffix, suffix_len) == 0;
}

enum { DISTANCE_MAX_LEN = 127 };

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t onus_text_distance(const char *a, const char *b, size_t cap) {
    const size_t n_a = strlen(a);
    const size_t n_b = strlen(b);
    const size_t gap = n_a > n_b ? n_a - n_b : n_b - n_a;
    const size_t above = cap == SIZE_MAX ? cap : cap + 1;
    if (gap > cap) {
        return above;
    }
    if (n_a > DISTANCE_MAX_LEN || n_b > DISTANCE_MAX_LEN) {
        return onus_text_equal_fold(a, b) ? 0 : above;
    }
    /* Three rows of the table: this letter of a, the one before, and (for swaps) the one before
     * that. */
    size_t rows[3][DISTANCE_MAX_LEN + 1];
    size_t *before_last = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= n_b; j++) {
        last[j] = j;
        before_last[j] = j;
    }
    size_t last_best = 0;
    for (size_t i = 1; i <= n_a; i++) {
        row[0] = i;
        size_t best = i;
        for (size_t j = 1; j <= n_b; j++) {
            const size_t change = fold(a[i - 1]) == fold(b[j - 1]) ? 0 : 1;
            size_t cost = min_size(last[j - 1] + change, min_size(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                fold(a[i - 2]) == fold(b[j - 1])) {
                cost = min_size(cost, before_last[j - 2] + 1);
            }
            row[j] = cost;
            best = min_size(best, cost);
        }
        /* No later cell can fall below the smaller best of two rows running (a swap skips one). */
        if (best > cap && last_best > cap) {
            return above;
        }
        last_best = best;
        size_t *const oldest = before_last;
        before_last = last;
        last = row;
        row = oldest;
    }
    return min_size(last[n_b], above);
}

const char *onus_text_nearest(const char *word, const char *const *candidates,
                              size_t n_candidates) {
    const size_t third = strlen(word) / 3;
    size_t cap = third < 1 ? 1 : third > 3 ? 3 : third;
    const char *nearest = NULL;
    for (size_t i = 0; i < n_candidates; i++) {
        const size_t distance = onus_text_distance(word, candidates[i], cap);
        if (distance <= cap) {
            nearest = candidates[i];
            if (distance == 0) {
                break;
            }
            cap = distance - 1; /* only a nearer one displaces it */
        }
    }
    return nearest;
}

char *onus_path_join(const char *dir, const char *name) {
    if (dir == NULL || dir[0] == '\0' || name[0] == '/') {
        return onus_strdup(name);
    }
    onus_text path = {0};
    onus_text_add(&path, dir);
    if (!onus_text_ends(dir, "/")) {
        onus_text_add(&path, "/");
    }
    onus_text_add(&path, name);
    return onus_text_take(&path);
}

char *onus_path_dir(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return onus_strdup(".");
    }
    while (slash > path && slash[-1] == '/') {
        slash--;
    }
    return slash == path ? onus_strdup("/") : onus_strndup(path, (size_t)(slash - path));
}

const char *onus_path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}
