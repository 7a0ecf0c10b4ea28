/* JSON as text. A tree in memory would be built only to be written once, so values go straight into
 * a growing text; commas, line breaks and the order of keys are looked after here. Numbers come
 * from scalar.c, free of any locale: "%.17g", and integral values below 2^53 as integers, so that a
 * reader gets back the same double. Nothing that is not finite is ever written.
 *
 * Called by json.c (results.json) and page.c (the data of the page). Never escapes for HTML: page.c
 * does. The tests read everything back with jansson. */
#include "json_out.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onus/scalar.h"

/* Before an item of the container that is open: comma, line break. */
static void separate(onus_json *json) {
    if (json->after_key) {
        json->after_key = false;
        return;
    }
    const int d = json->depth;
    if (json->has_items[d]) {
        onus_text_add_len(json->text, ",", 1);
    }
    if (json->lines[d]) {
        onus_text_add_len(json->text, "\n", 1);
    }
    json->has_items[d] = true;
}

void onus_json_open(onus_json *json, char bracket, bool lines) {
    separate(json);
    onus_text_add_len(json->text, &bracket, 1);
    if (json->depth + 1 >= ONUS_JSON_DEPTH_MAX) {
        json->disorder = true;
        return;
    }
    json->depth++;
    json->last_key[json->depth] = NULL;
    json->has_items[json->depth] = false;
    json->lines[json->depth] = lines;
}

void onus_json_close(onus_json *json, char bracket) {
    if (json->lines[json->depth] && json->has_items[json->depth]) {
        onus_text_add_len(json->text, "\n", 1);
    }
    onus_text_add_len(json->text, &bracket, 1);
    json->depth--;
}

static void escaped(onus_json *json, const char *value) {
    const size_t len = strlen(value);
    if (onus_utf8_check(value, len) != len) {
        json->bad_text = true;
        return;
    }
    onus_text_add_len(json->text, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)value[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        onus_text_add_len(json->text, value + from, i - from);
        from = i + 1;
        switch (c) {
        case '"':
            onus_text_add_len(json->text, "\\\"", 2);
            break;
        case '\\':
            onus_text_add_len(json->text, "\\\\", 2);
            break;
        case '\n':
            onus_text_add_len(json->text, "\\n", 2);
            break;
        case '\t':
            onus_text_add_len(json->text, "\\t", 2);
            break;
        default:
            onus_text_addf(json->text, "\\u%04x", c);
        }
    }
    onus_text_add_len(json->text, value + from, len - from);
    onus_text_add_len(json->text, "\"", 1);
}

void onus_json_key(onus_json *json, const char *key) {
    const char *last = json->last_key[json->depth];
    if (last != NULL && strcmp(last, key) >= 0) {
        json->disorder = true;
    }
    json->last_key[json->depth] = key;
    separate(json);
    escaped(json, key);
    onus_text_add_len(json->text, ":", 1);
    json->after_key = true;
}

void onus_json_text(onus_json *json, const char *value) {
    if (value == NULL) {
        onus_json_null(json);
        return;
    }
    separate(json);
    escaped(json, value);
}

void onus_json_number(onus_json *json, double value) {
    if (!isfinite(value)) {
        onus_json_null(json);
        return;
    }
    separate(json);
    const double exact_integers = 9007199254740992.0; /* 2^53 */
    if (value == floor(value) && fabs(value) < exact_integers) {
        onus_text_addf(json->text, "%" PRId64, (int64_t)value);
        return;
    }
    char buf[ONUS_DOUBLE_TEXT_MAX];
    const size_t len = onus_format_double(value, buf);
    onus_text_add_len(json->text, buf, len);
}

void onus_json_rounded(onus_json *json, double value) {
    if (!isfinite(value) || value == 0.0) {
        onus_json_number(json, value);
        return;
    }
    /* digits and exponent as integers ("123456e-3"): no locale can put a comma in between */
    const int digits = 6;
    int exponent = (int)floor(log10(fabs(value))) - (digits - 1);
    int64_t mantissa = llround(value * pow(10.0, -exponent));
    while (mantissa % 10 == 0) {
        mantissa /= 10;
        exponent++;
    }
    separate(json);
    if (exponent < 0 || exponent > digits) {
        onus_text_addf(json->text, "%" PRId64 "e%d", mantissa, exponent);
        return;
    }
    for (; exponent > 0; exponent--) {
        mantissa *= 10;
    }
    onus_text_addf(json->text, "%" PRId64, mantissa);
}

void onus_json_count(onus_json *json, uint64_t value) {
    separate(json);
    onus_text_addf(json->text, "%" PRIu64, value);
}

void onus_json_bool(onus_json *json, bool value) {
    separate(json);
    onus_text_add(json->text, value ? "true" : "false");
}

void onus_json_null(onus_json *json) {
    separate(json);
    onus_text_add_len(json->text, "null", 4);
}

void onus_json_key_text(onus_json *json, const char *key, const char *value) {
    onus_json_key(json, key);
    onus_json_text(json, value);
}

void onus_json_key_number(onus_json *json, const char *key, double value) {
    onus_json_key(json, key);
    onus_json_number(json, value);
}

void onus_json_key_count(onus_json *json, const char *key, uint64_t value) {
    onus_json_key(json, key);
    onus_json_count(json, value);
}
