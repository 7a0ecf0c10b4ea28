/* Where a failure is described: one error in the caller's storage, or all problems of a file at
 * once. */
#ifndef ONUS_ERROR_H
#define ONUS_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/status.h"

enum { ONUS_ERROR_PATH_MAX = 512, ONUS_ERROR_TEXT_MAX = 512 };

/** One failure. `line` and `col` count from 1; 0 means "no line", "no column". */
typedef struct onus_error {
    onus_status status;
    int64_t line;
    int64_t col;
    char path[ONUS_ERROR_PATH_MAX];
    char text[ONUS_ERROR_TEXT_MAX];
} onus_error;

#define ONUS_ERROR_INIT                                                                            \
    { .status = ONUS_OK }

/** Fills *err (may be NULL) and returns `status`, so that a caller can `return onus_fail(...)`. */
onus_status onus_fail(onus_error *err, onus_status status, const char *path, int64_t line,
                      int64_t col, const char *fmt, ...) ONUS_PRINTF(6, 7) ONUS_MUST_USE;

/** As onus_fail without a place. */
onus_status onus_fail_plain(onus_error *err, onus_status status, const char *fmt, ...)
    ONUS_PRINTF(3, 4) ONUS_MUST_USE;

/** "out of memory", without formatting. */
onus_status onus_fail_nomem(onus_error *err) ONUS_MUST_USE;

/** A state that no input can reach: status ERR_BUG with file and line. Live in release builds. */
#define onus_bug(err, what) onus_bug_at((err), __FILE__, __LINE__, (what))
onus_status onus_bug_at(onus_error *err, const char *file, int line,
                        const char *what) ONUS_MUST_USE;

/**
 * Formats "path:line:col: error: text" (parts that are unknown are left out) into buf.
 * @return buf. Truncates silently at size, always terminated.
 */
const char *onus_error_format(const onus_error *err, char *buf, size_t size);

/**
 * All problems found in one file or case. The first ONUS_PROBLEMS_FULL are kept in full; every one
 * is counted by `kind`, a short static phrase ("longitude out of range").
 */
enum { ONUS_PROBLEMS_FULL = 20, ONUS_PROBLEM_KINDS = 64 };

typedef struct onus_problems {
    onus_error full[ONUS_PROBLEMS_FULL];
    size_t n_full;
    size_t n_all;
    struct {
        const char *kind; /* static string */
        size_t n;
    } kinds[ONUS_PROBLEM_KINDS];
    size_t n_kinds;
    onus_status gravest; /* kept by the functions below; see onus_problems_status */
} onus_problems;

/** Adds one problem. Never fails; past the caps it only counts. */
void onus_problems_add(onus_problems *problems, const char *kind, const char *path, int64_t line,
                       int64_t col, const char *fmt, ...) ONUS_PRINTF(6, 7);

/** As onus_problems_add with the status of *err (for example a file that is missing); copies it. */
void onus_problems_add_error(onus_problems *problems, const char *kind, const onus_error *err);

/** The status that a run with these problems ends with: OK if there are none, ERR_NOINPUT only if
 *  every problem is a missing input, ERR_DATA for the user's mistakes; a failing disk, a limit, an
 *  interrupt and a bug of ours outweigh those, in this order. */
onus_status onus_problems_status(const onus_problems *problems);

#endif
