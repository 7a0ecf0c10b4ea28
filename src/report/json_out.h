/* JSON as text: escapes, numbers and nesting; nothing of what it says. */
#ifndef ONUS_JSON_OUT_H
#define ONUS_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onus/text.h"

enum { ONUS_JSON_DEPTH_MAX = 16 };

/** A writer: a zeroed struct with `text` set is ready. `disorder` is raised when the keys of an
 *  object do not come in ascending order, which would be our bug. */
typedef struct onus_json {
    onus_text *text;
    const char *last_key[ONUS_JSON_DEPTH_MAX];
    bool has_items[ONUS_JSON_DEPTH_MAX];
    bool lines[ONUS_JSON_DEPTH_MAX];
    int depth;
    bool after_key;
    bool disorder;
    bool bad_text;
} onus_json;

/** Opens an object or array; `lines`: each item on a line of its own. */
void onus_json_open(onus_json *json, char bracket, bool lines);
void onus_json_close(onus_json *json, char bracket);
/** The next value's key. Borrowed until the object is closed. */
void onus_json_key(onus_json *json, const char *key);
/** NULL gives null. Text that is not UTF-8 raises `bad_text`. */
void onus_json_text(onus_json *json, const char *value);
/** %.17g, integral values as integers; not finite: null. */
void onus_json_number(onus_json *json, double value);
/** Six significant digits, for drawing. */
void onus_json_rounded(onus_json *json, double value);
void onus_json_count(onus_json *json, uint64_t value);
void onus_json_bool(onus_json *json, bool value);
void onus_json_null(onus_json *json);

void onus_json_key_text(onus_json *json, const char *key, const char *value);
void onus_json_key_number(onus_json *json, const char *key, double value);
void onus_json_key_count(onus_json *json, const char *key, uint64_t value);

#endif
