/* One value of a case file: text to what its row of the schema says, and into its field.
 *
 * The idea: a row names what a value is, its range and its field; this file is the only place that
 * turns the text of a case into a number, a choice, a length. A value that does not parse as a
 * whole
 * ("42abc", a length without a unit) is a problem that shows the value and the form that was
 * expected.
 *
 * Called by read.c for every key that is not a block. Knows nothing of which keys there are. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/array.h"
#include "onus/civil.h"
#include "onus/scalar.h"
#include "onus/text.h"
#include "schema.h"

enum { SHOWN_MAX = 60 }; /* bytes of a value that a message shows */

typedef struct value {
    double number;
    int64_t whole;
    int choice;
    bool truth;
    char byte;
} value;

/* A value as a message shows it: cut to a length at a character's end. */
static const char *shown(const char *text, char buf[SHOWN_MAX + 4]) {
    size_t len = strlen(text);
    if (len > SHOWN_MAX) {
        len = SHOWN_MAX;
        while (len > 0 && ((unsigned char)text[len] & 0xC0U) == 0x80U) {
            len--;
        }
        memcpy(buf, text, len); // NOLINT(bugprone-not-null-terminated-result): the next line does
        memcpy(buf + len, "...", 4);
        return buf;
    }
    memcpy(buf, text, len + 1);
    return buf;
}

void onus_value_misshapen(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                          const char *wanted) {
    char buf[SHOWN_MAX + 4];
    switch (node->kind) {
    case ONUS_NODE_REFUSED:
        return; /* named when it was met */
    case ONUS_NODE_LIST:
        onus_problems_add(r->problems, "wrong type", r->file, node->at.line, node->at.col,
                          "'%s' is a list, not %s", key->path, wanted);
        return;
    case ONUS_NODE_BLOCK:
        onus_problems_add(r->problems, "wrong type", r->file, node->at.line, node->at.col,
                          "'%s' is a block of keys, not %s", key->path, wanted);
        return;
    case ONUS_NODE_SCALAR:
        break;
    }
    if (onus_node_is_empty(node)) {
        onus_problems_add(r->problems, "no value", r->file, node->at.line, node->at.col,
                          "'%s' has no value; expected %s", key->path, wanted);
        return;
    }
    onus_problems_add(r->problems, "wrong type", r->file, node->at.line, node->at.col,
                      "'%s' is '%s', not %s", key->path, shown(node->text, buf), wanted);
}

static const char *wanted_of(onus_what what) {
    switch (what) {
    case ONUS_WHAT_WHOLE:
        return "a whole number";
    case ONUS_WHAT_NUMBER:
        return "a number";
    case ONUS_WHAT_SHARE:
        return "a number or a share such as '5 %'";
    case ONUS_WHAT_LENGTH:
        return "a length with its unit, such as '150 m' or '500 ft'";
    case ONUS_WHAT_SPAN:
        return "a span with its unit, such as '7 d' or '12 h'";
    case ONUS_WHAT_BOOL:
        return "true or false";
    case ONUS_WHAT_TIME:
        return "an ISO 8601 date or time, such as 2018-02-25";
    case ONUS_WHAT_DELIMITER:
        return "one of ',', ';', tab, space";
    case ONUS_WHAT_ZONE:
        return "a time zone such as America/New_York";
    default:
        return "a text";
    }
}

static bool in_range(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                     double number) {
    const onus_case_rule *rule = key->rule;
    const bool low =
        !rule->has_low || number > rule->low || (!rule->low_open && number == rule->low);
    const bool high =
        !rule->has_high || number < rule->high || (!rule->high_open && number == rule->high);
    if (low && high) {
        return true;
    }
    char low_text[ONUS_DOUBLE_TEXT_MAX] = "";
    char high_text[ONUS_DOUBLE_TEXT_MAX] = "";
    (void)onus_format_double(rule->low, low_text);
    (void)onus_format_double(rule->high, high_text);
    const char *unit = rule->what == ONUS_WHAT_LENGTH ? " m" : "";
    char buf[SHOWN_MAX + 4];
    onus_problems_add(r->problems, "out of range", r->file, node->at.line, node->at.col,
                      "'%s' is '%s'; it must be %s%s%s%s%s%s%s", key->path, shown(node->text, buf),
                      !rule->has_low   ? ""
                      : rule->low_open ? "above "
                                       : "at least ",
                      rule->has_low ? low_text : "", rule->has_low ? unit : "",
                      rule->has_low && rule->has_high ? " and " : "",
                      !rule->has_high   ? ""
                      : rule->high_open ? "below "
                                        : "at most ",
                      rule->has_high ? high_text : "", rule->has_high ? unit : "");
    return false;
}

/* The unknown word, all that are known, and the nearest of them. */
static void unknown_choice(const onus_reader *r, const onus_case_key *key, const onus_node *node) {
    char words[16][64];
    const char *candidates[16];
    size_t n = 0;
    while (n < 16 && onus_schema_choice_at(key->rule->choices, (int)n, words[n], sizeof words[n])) {
        candidates[n] = words[n];
        n++;
    }
    char buf[SHOWN_MAX + 4];
    const char *near = onus_text_nearest(node->text, candidates, n);
    onus_problems_add(r->problems, "unknown word", r->file, node->at.line, node->at.col,
                      "'%s' is '%s', not %s%s%s%s%s", key->path, shown(node->text, buf),
                      n > 1 ? "one of " : "", key->rule->choices,
                      near == NULL ? "" : "; did you mean '", near == NULL ? "" : near,
                      near == NULL ? "" : "'?");
}

static bool parse_delimiter(const char *text, char *out) {
    static const struct {
        const char *word;
        char byte;
    } words[] = {{",", ','}, {";", ';'}, {"tab", '\t'}, {"\t", '\t'}, {"space", ' '}, {" ", ' '}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i].word) == 0) {
            *out = words[i].byte;
            return true;
        }
    }
    return false;
}

static bool check_zone(const onus_reader *r, const onus_case_key *key, const onus_node *node) {
    onus_zone *zone = NULL;
    onus_error err = ONUS_ERROR_INIT;
    const onus_status status = onus_zone_open(node->text, &zone, &err);
    onus_zone_close(zone);
    if (status == ONUS_ERR_DATA || status == ONUS_ERR_NOINPUT) {
        onus_problems_add(r->problems, "unknown zone", r->file, node->at.line, node->at.col,
                          "'%s': %s", key->path, err.text);
        return false;
    }
    return true;
}

static bool check_format(const onus_reader *r, const onus_case_key *key, const onus_node *node) {
    const char *bad = onus_civil_format_check(node->text);
    if (bad != NULL) {
        onus_problems_add(r->problems, "unknown format", r->file, node->at.line, node->at.col,
                          "'%s' is '%s'; '%.2s' is not a letter that is known: %%Y %%m %%d %%H %%M "
                          "%%S %%y %%b %%p %%I %%z %%T %%D %%F",
                          key->path, node->text, bad);
    }
    return bad == NULL;
}

/* One scalar as its row says. false: the problem was named. */
static bool parse_scalar(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                         value *out) {
    const onus_case_rule *rule = key->rule;
    bool ok = node->kind == ONUS_NODE_SCALAR && !onus_node_is_empty(node) && node->text[0] != '\0';
    const size_t len = ok ? strlen(node->text) : 0;
    const char *text = ok ? node->text : "";
    switch (rule->what) {
    case ONUS_WHAT_WHOLE:
        ok = ok && node->plain && onus_parse_int64(text, len, &out->whole);
        out->number = (double)out->whole;
        break;
    case ONUS_WHAT_NUMBER:
        ok = ok && node->plain && onus_parse_double(text, len, &out->number);
        break;
    case ONUS_WHAT_SHARE:
        ok = ok && onus_parse_share(text, len, &out->number);
        break;
    case ONUS_WHAT_LENGTH:
        ok = ok && onus_parse_length_m(text, len, &out->number);
        break;
    case ONUS_WHAT_SPAN:
        ok = ok && onus_parse_span_s(text, len, &out->number);
        break;
    case ONUS_WHAT_BOOL:
        ok = ok && node->plain && onus_parse_bool(text, len, &out->truth);
        break;
    case ONUS_WHAT_TIME: {
        onus_civil civil;
        ok = ok && onus_civil_parse_iso(text, len, &civil);
        break;
    }
    case ONUS_WHAT_DELIMITER:
        ok = node->kind == ONUS_NODE_SCALAR && parse_delimiter(node->text, &out->byte);
        break;
    case ONUS_WHAT_CHOICE:
    case ONUS_WHAT_FLAGS:
        out->choice = ok ? onus_schema_choice(rule->choices, text) : -1;
        if (ok && out->choice < 0) {
            unknown_choice(r, key, node);
            return false;
        }
        break;
    default:
        break;
    }
    if (!ok) {
        const bool quoted = node->kind == ONUS_NODE_SCALAR && !node->plain &&
                            (rule->what == ONUS_WHAT_WHOLE || rule->what == ONUS_WHAT_NUMBER ||
                             rule->what == ONUS_WHAT_BOOL);
        onus_value_misshapen(r, key, node,
                             quoted ? "a bare value: take the quotes away" : wanted_of(rule->what));
        return false;
    }
    switch (rule->what) {
    case ONUS_WHAT_ZONE:
        return check_zone(r, key, node);
    case ONUS_WHAT_FORMAT:
        return check_format(r, key, node);
    case ONUS_WHAT_WHOLE:
    case ONUS_WHAT_NUMBER:
    case ONUS_WHAT_SHARE:
    case ONUS_WHAT_LENGTH:
    case ONUS_WHAT_SPAN:
        return in_range(r, key, node, out->number);
    default:
        return true;
    }
}

static bool is_text(const onus_case_rule *rule) {
    return rule->what == ONUS_WHAT_TEXT || rule->what == ONUS_WHAT_TIME ||
           rule->what == ONUS_WHAT_ZONE || rule->what == ONUS_WHAT_FORMAT || rule->as_text;
}

/* Writes one value to a field or an element of `size` bytes; an older text is freed. */
static onus_status store(const onus_case_rule *rule, const char *text, const value *v,
                         void *field) {
    if (is_text(rule)) {
        char *copy = onus_strdup(text);
        if (copy == NULL) {
            return ONUS_ERR_NOMEM;
        }
        char *old;
        memcpy(&old, field, sizeof old);
        onus_free(old);
        memcpy(field, &copy, sizeof copy);
        return ONUS_OK;
    }
    switch (rule->what) {
    case ONUS_WHAT_WHOLE:
        if (rule->is_list) {
            memcpy(field, &v->number, sizeof v->number);
        } else if (rule->size == sizeof(uint32_t)) {
            const uint32_t whole = (uint32_t)v->whole; /* the row's range fits */
            memcpy(field, &whole, sizeof whole);
        } else {
            const uint64_t whole = (uint64_t)v->whole;
            memcpy(field, &whole, sizeof whole);
        }
        break;
    case ONUS_WHAT_BOOL:
        memcpy(field, &v->truth, sizeof v->truth);
        break;
    case ONUS_WHAT_DELIMITER:
        memcpy(field, &v->byte, sizeof v->byte);
        break;
    case ONUS_WHAT_CHOICE: {
        const int number = rule->first + v->choice;
        assert(rule->size == sizeof number);
        memcpy(field, &number, sizeof number);
        break;
    }
    default:
        memcpy(field, &v->number, sizeof v->number);
        break;
    }
    return ONUS_OK;
}

onus_status onus_value_extra(const onus_reader *r, const char *path, const onus_node *node) {
    onus_extra extra = {.path = onus_strdup(path), .text = onus_strdup(node->text), .at = node->at};
    onus_extra *grown = onus_realloc_n(r->c->extra, r->c->n_extra + 1, sizeof *grown);
    if (grown != NULL) {
        r->c->extra = grown;
    }
    if (grown == NULL || extra.path == NULL || extra.text == NULL) {
        onus_free(extra.path);
        onus_free(extra.text);
        return ONUS_ERR_NOMEM;
    }
    r->c->extra[r->c->n_extra++] = extra;
    return ONUS_OK;
}

/* Frees the elements that a list field holds, so that it can be written again. */
static void clear_list(const onus_case_rule *rule, char *base) {
    void *items;
    size_t n;
    memcpy(&items, base + rule->offset, sizeof items);
    memcpy(&n, base + rule->count, sizeof n);
    if (is_text(rule)) {
        char **texts = items;
        for (size_t i = 0; i < n; i++) {
            onus_free(texts[i]);
        }
    }
    onus_free(items);
    items = NULL;
    n = 0;
    memcpy(base + rule->offset, &items, sizeof items);
    memcpy(base + rule->count, &n, sizeof n);
}

/* Appends one value to a list field. */
static onus_status append(const onus_case_rule *rule, const char *text, const value *v,
                          char *base) {
    char *items;
    size_t n;
    memcpy(&items, base + rule->offset, sizeof items);
    memcpy(&n, base + rule->count, sizeof n);
    items = onus_realloc_n(items, n + 1, rule->size);
    if (items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memcpy(base + rule->offset, &items, sizeof items);
    memset(items + n * rule->size, 0, rule->size);
    const onus_status status = store(rule, text, v, items + n * rule->size);
    if (status == ONUS_OK) {
        n++;
        memcpy(base + rule->count, &n, sizeof n);
    }
    return status;
}

static onus_status read_item(const onus_reader *r, const onus_case_key *key, const onus_node *item,
                             size_t i, char *base) {
    const onus_case_rule *rule = key->rule;
    value v = {0};
    if (!parse_scalar(r, key, item, &v)) {
        return ONUS_OK; /* the problem was named; the case will not be used */
    }
    if (rule->what == ONUS_WHAT_FLAGS) {
        const bool yes = true;
        memcpy(base + rule->offset + (size_t)v.choice * sizeof yes, &yes, sizeof yes);
        return ONUS_OK;
    }
    if (rule->is_stored) {
        return append(rule, item->text, &v, base);
    }
    char path[128];
    const int len = snprintf(path, sizeof path, "%s[%zu]", key->path, i);
    assert(len > 0 && (size_t)len < sizeof path);
    (void)len;
    return onus_value_extra(r, path, item);
}

onus_status onus_value_append(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                              void *base) {
    return read_item(r, key, node, 0, base);
}

static onus_status read_list(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                             char *base) {
    const onus_case_rule *rule = key->rule;
    if (rule->what == ONUS_WHAT_FLAGS) {
        memset(base + rule->offset, 0, rule->size); /* the default goes */
    } else if (rule->is_stored) {
        clear_list(rule, base);
    }
    if (node->kind == ONUS_NODE_SCALAR) { /* one alone is a list of one */
        return read_item(r, key, node, 0, base);
    }
    if (node->kind != ONUS_NODE_LIST) {
        onus_value_misshapen(r, key, node, "a list");
        return ONUS_OK;
    }
    if (node->n == 0) {
        onus_problems_add(r->problems, "no value", r->file, node->at.line, node->at.col,
                          "'%s' is an empty list; leave the key out or name something", key->path);
    }
    for (size_t i = 0; i < node->n; i++) {
        const onus_status status = read_item(r, key, &node->items[i], i, base);
        if (status != ONUS_OK) {
            return status;
        }
    }
    return ONUS_OK;
}

onus_status onus_value_read(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                            void *base) {
    const onus_case_rule *rule = key->rule;
    if (rule->is_list) {
        return read_list(r, key, node, base);
    }
    value v = {0};
    if (!parse_scalar(r, key, node, &v)) {
        return ONUS_OK;
    }
    if (!rule->is_stored) {
        return onus_value_extra(r, key->path, node);
    }
    const onus_status status = store(rule, node->text, &v, (char *)base + rule->offset);
    return status == ONUS_OK && rule->also != 0
               ? store(rule, node->text, &v, (char *)base + rule->also)
               : status;
}

onus_status onus_value_default(const onus_reader *r, const onus_case_key *key, void *base) {
    char text[64];
    const size_t len = strlen(key->dfault);
    assert(len < sizeof text);
    memcpy(text, key->dfault, len + 1);
    const onus_node node = {.kind = ONUS_NODE_SCALAR, .text = text, .plain = true};
    return onus_value_read(r, key, &node, base);
}
