/* Where a failure is described.
 *
 * An onus_error lives in the caller's storage and needs no allocation, so that even "out of memory"
 * can be told. onus_problems collects every problem of a file: the first twenty in full, the rest
 * as counts by kind, so that a table with a million bad rows is reported in a screenful and still
 * to the row. All readers call these; nothing here prints (src/cli does), and a NULL err is legal
 * everywhere because a caller may only want the status. */
#include "onus/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "onus/scalar.h"

/* Cuts at a whole UTF-8 character: a message must stay well-formed when it is cut short. */
static void trim_broken_tail(char *text, size_t len) {
    size_t start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0U) == 0x80U) {
        start--;
    }
    if (start == 0) {
        return;
    }
    const unsigned char lead = (unsigned char)text[start - 1];
    const size_t need = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC0U ? 2 : 1;
    if (need > 1 && len - (start - 1) < need) {
        text[start - 1] = '\0';
    }
}

static void copy_bounded(char *to, size_t size, const char *from) {
    const size_t len = strnlen(from, size - 1);
    memcpy(to, from, len);
    to[len] = '\0';
    if (from[len] != '\0') {
        trim_broken_tail(to, len);
    }
}

static void fill(onus_error *err, onus_status status, const char *path, int64_t line, int64_t col,
                 const char *fmt, va_list args) {
    /* The arguments may point into *err itself (a message wrapped in another): build, then copy. */
    char text[ONUS_ERROR_TEXT_MAX];
    char place[ONUS_ERROR_PATH_MAX];
    const int len = onus_vformat(text, sizeof text, fmt, args);
    if (len < 0) {
        copy_bounded(text, sizeof text, fmt);
    } else if ((size_t)len >= sizeof text) {
        trim_broken_tail(text, sizeof text - 1);
    }
    copy_bounded(place, sizeof place, path == NULL ? "" : path);
    err->status = status;
    err->line = line;
    err->col = col;
    memcpy(err->text, text, sizeof text);
    memcpy(err->path, place, sizeof place);
}

onus_status onus_fail(onus_error *err, onus_status status, const char *path, int64_t line,
                      int64_t col, const char *fmt, ...) {
    if (err != NULL) {
        va_list args;
        va_start(args, fmt);
        fill(err, status, path, line, col, fmt, args);
        va_end(args);
    }
    return status;
}

onus_status onus_fail_plain(onus_error *err, onus_status status, const char *fmt, ...) {
    if (err != NULL) {
        va_list args;
        va_start(args, fmt);
        fill(err, status, NULL, 0, 0, fmt, args);
        va_end(args);
    }
    return status;
}

onus_status onus_fail_nomem(onus_error *err) {
    if (err != NULL) {
        err->status = ONUS_ERR_NOMEM;
        err->line = 0;
        err->col = 0;
        err->path[0] = '\0';
        copy_bounded(err->text, sizeof err->text, onus_status_text(ONUS_ERR_NOMEM));
    }
    return ONUS_ERR_NOMEM;
}

onus_status onus_bug_at(onus_error *err, const char *file, int line, const char *what) {
    /* Only the last two parts of the file: a build folder is nobody's business. */
    const char *shown = file;
    const char *previous = file;
    for (const char *at = file; *at != '\0'; at++) {
        if (*at == '/') {
            shown = previous;
            previous = at + 1;
        }
    }
    return onus_fail_plain(err, ONUS_ERR_BUG, "bug in onus: %s (%s:%d); please report it", what,
                           shown, line);
}

const char *onus_error_format(const onus_error *err, char *buf, size_t size) {
    if (size == 0) {
        return buf;
    }
    char place[64] = "";
    if (err->path[0] != '\0' && err->line > 0 && err->col > 0) {
        (void)snprintf(place, sizeof place, ":%" PRId64 ":%" PRId64 ": ", err->line, err->col);
    } else if (err->path[0] != '\0' && err->line > 0) {
        (void)snprintf(place, sizeof place, ":%" PRId64 ": ", err->line);
    } else if (err->path[0] != '\0') {
        (void)snprintf(place, sizeof place, ": ");
    } else if (err->line > 0) {
        (void)snprintf(place, sizeof place, "line %" PRId64 ": ", err->line);
    }
    const char *text = err->text[0] != '\0' ? err->text : onus_status_text(err->status);
    buf[0] = '\0';
    const int len = snprintf(buf, size, "%s%serror: %s", err->path, place, text);
    if (len >= 0 && (size_t)len >= size) {
        trim_broken_tail(buf, size - 1);
    }
    return buf;
}

/* Our bug outweighs the machine's limits, those a failing disk, and that the user's data. A missing
 * input weighs least: it is the outcome only where nothing else is wrong. */
static int gravity(onus_status status) {
    switch (status) {
    case ONUS_OK:
        return 0;
    case ONUS_ERR_NOINPUT:
        return 1;
    case ONUS_ERR_USAGE:
    case ONUS_ERR_DATA:
    case ONUS_ERR_DOMAIN:
    case ONUS_ERR_TOO_FEW:
        return 2;
    case ONUS_ERR_IO:
    case ONUS_ERR_CANTCREATE:
        return 3;
    case ONUS_ERR_LIMIT:
    case ONUS_ERR_NOMEM:
        return 4;
    case ONUS_ERR_INTERRUPTED:
        return 5;
    case ONUS_ERR_BUG:
    case ONUS_N_STATUS:
        break;
    }
    return 6;
}

/* Kinds past the cap are joined under one name, so that the counts still add up to n_all. */
static void count(onus_problems *problems, onus_status status, const char *kind) {
    problems->n_all++;
    if (gravity(status) > gravity(problems->gravest)) {
        problems->gravest = status;
    }
    for (size_t i = 0; i < problems->n_kinds; i++) {
        if (strcmp(problems->kinds[i].kind, kind) == 0) {
            problems->kinds[i].n++;
            return;
        }
    }
    if (problems->n_kinds < ONUS_PROBLEM_KINDS) {
        const bool is_last = problems->n_kinds + 1 == ONUS_PROBLEM_KINDS;
        problems->kinds[problems->n_kinds].kind = is_last ? "other problems" : kind;
        problems->kinds[problems->n_kinds].n = 1;
        problems->n_kinds++;
        return;
    }
    problems->kinds[ONUS_PROBLEM_KINDS - 1].n++;
}

void onus_problems_add(onus_problems *problems, const char *kind, const char *path, int64_t line,
                       int64_t col, const char *fmt, ...) {
    if (problems->n_full < ONUS_PROBLEMS_FULL) {
        va_list args;
        va_start(args, fmt);
        fill(&problems->full[problems->n_full], ONUS_ERR_DATA, path, line, col, fmt, args);
        va_end(args);
        problems->n_full++;
    }
    count(problems, ONUS_ERR_DATA, kind);
}

void onus_problems_add_error(onus_problems *problems, const char *kind, const onus_error *err) {
    if (problems->n_full < ONUS_PROBLEMS_FULL) {
        problems->full[problems->n_full] = *err;
        problems->n_full++;
    }
    /* Whoever adds "no error" as a problem has a bug; it must not count as success. */
    count(problems, err->status == ONUS_OK ? ONUS_ERR_BUG : err->status, kind);
}

onus_status onus_problems_status(const onus_problems *problems) {
    const int grave = gravity(problems->gravest);
    return grave == 2 ? ONUS_ERR_DATA : problems->gravest;
}
