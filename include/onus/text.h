/* Text: a growing buffer, UTF-8 checks, spelling suggestions. */
#ifndef ONUS_TEXT_H
#define ONUS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "onus/status.h"

/** Growing text. A zeroed struct is empty and legal; `data` is terminated once something was added.
 *  An allocation failure sets `failed`, later additions do nothing: check once at the end. */
typedef struct onus_text {
    char *data;
    size_t len;
    size_t cap;
    bool failed;
} onus_text;

void onus_text_add(onus_text *text, const char *string);
void onus_text_add_len(onus_text *text, const char *bytes, size_t len);
/** Formats as printf does. Not for floating point (the locale would show): see onus_format_double.
 */
void onus_text_addf(onus_text *text, const char *fmt, ...) ONUS_PRINTF(2, 3);
/** Gives the string away ("" if empty); NULL if an addition failed. Leaves the buffer empty. */
char *onus_text_take(onus_text *text) ONUS_MUST_USE;
void onus_text_clear(onus_text *text);

/** Offset of the first byte that is not well-formed UTF-8 (RFC 3629), or len. */
size_t onus_utf8_check(const char *bytes, size_t len);

bool onus_text_equal(const char *a, const char *b);      /* NULL equals only NULL */
bool onus_text_equal_fold(const char *a, const char *b); /* ASCII case ignored */
bool onus_text_starts(const char *text, const char *prefix);
bool onus_text_ends(const char *text, const char *suffix);

/** Damerau-Levenshtein distance (optimal string alignment), ASCII case ignored; cap bounds the
 * work: any distance above cap is returned as cap + 1. Bytes count, not characters; words of more
 * than 127 bytes are only compared for equality. */
size_t onus_text_distance(const char *a, const char *b, size_t cap);
/** The candidate nearest to `word` (distance at most a third of its length, at least 1, at most 3),
 *  or NULL. Ties: first. */
const char *onus_text_nearest(const char *word, const char *const *candidates, size_t n_candidates);

/** dir + "/" + name, or name if it is absolute or dir is NULL or "". NULL if out of memory. */
char *onus_path_join(const char *dir, const char *name) ONUS_MUST_USE;
/** The folder part of a path ("." if none). NULL if out of memory. */
char *onus_path_dir(const char *path) ONUS_MUST_USE;
/** Borrowed pointer to the last component. */
const char *onus_path_base(const char *path);

#endif
