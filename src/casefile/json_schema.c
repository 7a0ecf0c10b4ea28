/* The JSON Schema of case files, made from the same rows that the reader uses.
 *
 * The idea: one definition for each kind of case, written by descending the paths; a value's type
 * becomes the JSON types that a YAML loader may make of its text, with a pattern where the text
 * itself has a form (a length with its unit). It can say less than the reader, which also knows
 * what keys need and exclude each other, but never refuses what the reader takes.
 *
 * Called by `onus explain` and by the test that compares schemas/case.schema.json with it. Never
 * reads a case. */
#include <stdio.h>
#include <string.h>

#include "onus/scalar.h"
#include "onus/text.h"
#include "schema.h"

#define NUMBER_PATTERN "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?"

static void put_string(onus_text *out, const char *text) {
    onus_text_add(out, "\"");
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') {
            onus_text_add_len(out, "\\", 1);
        }
        onus_text_add_len(out, p, 1);
    }
    onus_text_add(out, "\"");
}

static void put_indent(onus_text *out, int depth) {
    onus_text_add_len(out, "\n                                        ", (size_t)(1 + depth));
}

static void put_number(onus_text *out, const char *key, double number) {
    char text[ONUS_DOUBLE_TEXT_MAX];
    onus_text_add(out, ", \"");
    onus_text_add(out, key);
    onus_text_add(out, "\": ");
    onus_text_add_len(out, text, onus_format_double(number, text));
}

static void put_range(onus_text *out, const onus_case_rule *rule) {
    if (rule->has_low) {
        put_number(out, rule->low_open ? "exclusiveMinimum" : "minimum", rule->low);
    }
    if (rule->has_high) {
        put_number(out, rule->high_open ? "exclusiveMaximum" : "maximum", rule->high);
    }
}

static void put_enum(onus_text *out, const char *choices) {
    char word[64];
    onus_text_add(out, "\"enum\": [");
    for (int i = 0; onus_schema_choice_at(choices, i, word, sizeof word); i++) {
        onus_text_add(out, i == 0 ? "" : ", ");
        put_string(out, word);
    }
    onus_text_add(out, "]");
}

/* The inside of the schema of one value, without braces. */
static void put_value(onus_text *out, const onus_case_rule *rule) {
    switch (rule->what) {
    case ONUS_WHAT_CHOICE:
    case ONUS_WHAT_FLAGS:
        put_enum(out, rule->choices);
        return;
    case ONUS_WHAT_WHOLE:
        onus_text_add(out, "\"type\": \"integer\"");
        put_range(out, rule);
        return;
    case ONUS_WHAT_NUMBER:
        onus_text_add(out,
                      "\"type\": [\"number\", \"string\"], \"pattern\": \"^" NUMBER_PATTERN "$\"");
        put_range(out, rule);
        return;
    case ONUS_WHAT_SHARE:
        onus_text_add(out, "\"type\": [\"number\", \"string\"], \"pattern\": \"^" NUMBER_PATTERN
                           "( ?%)?$\"");
        put_range(out, rule);
        return;
    case ONUS_WHAT_LENGTH:
        onus_text_add(out,
                      "\"type\": \"string\", \"pattern\": \"^" NUMBER_PATTERN " ?(m|km|ft|mi)$\"");
        return;
    case ONUS_WHAT_SPAN:
        onus_text_add(out,
                      "\"type\": \"string\", \"pattern\": \"^" NUMBER_PATTERN " ?(s|min|h|d|w)$\"");
        return;
    case ONUS_WHAT_BOOL: /* a YAML 1.2 loader leaves yes and no as text */
        onus_text_add(out, "\"enum\": [true, false, \"yes\", \"no\"]");
        return;
    case ONUS_WHAT_TIME:
        onus_text_add(out, "\"type\": \"string\", \"pattern\": "
                           "\"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[-+][0-9:]+)?)?$\"");
        return;
    case ONUS_WHAT_DELIMITER:
        onus_text_add(out, "\"enum\": [\",\", \";\", \"tab\", \"space\", \"\\t\", \" \"]");
        return;
    case ONUS_WHAT_ZONE:
    case ONUS_WHAT_FORMAT:
        onus_text_add(out, "\"type\": \"string\", \"minLength\": 1");
        return;
    default: /* a name may look like a number or a truth value to a YAML loader */
        onus_text_add(out, "\"type\": [\"string\", \"number\", \"boolean\"], \"minLength\": 1");
        return;
    }
}

static void put_block(onus_text *out, const char *block, const char *kind, int depth);

/* Maps whose keys are the writer's own words. */
static void put_map(onus_text *out, const onus_case_rule *rule) {
    static const char text[] = "\"type\": [\"string\", \"number\", \"boolean\"]";
    onus_text_add(out, "\"type\": \"object\", \"minProperties\": 1, ");
    if (rule->choices != NULL) {
        onus_text_add(out, "\"propertyNames\": {");
        put_enum(out, rule->choices);
        onus_text_add(out, "}, ");
    }
    onus_text_add(out, "\"additionalProperties\": {");
    if (rule->what == ONUS_WHAT_MAP_LIST) {
        onus_text_add(out, "\"anyOf\": [{");
        onus_text_add(out, text);
        onus_text_add(out, "}, {\"type\": \"array\", \"minItems\": 1, \"items\": {");
        onus_text_add(out, text);
        onus_text_add(out, "}}]");
    } else {
        onus_text_add(out, text);
    }
    onus_text_add(out, "}");
}

static void put_key(onus_text *out, const onus_case_key *key, const char *kind, int depth) {
    const onus_case_rule *rule = key->rule;
    onus_text_add(out, "{\"description\": ");
    put_string(out, key->doc);
    onus_text_add(out, ", ");
    if (key->dfault != NULL) {
        const bool raw = rule->what == ONUS_WHAT_WHOLE || rule->what == ONUS_WHAT_BOOL;
        onus_text_add(out, "\"default\": ");
        if (raw) {
            onus_text_add(out, key->dfault);
        } else {
            put_string(out, key->dfault);
        }
        onus_text_add(out, ", ");
    }
    switch (rule->what) {
    case ONUS_WHAT_BLOCK:
        put_block(out, key->path, kind, depth);
        break;
    case ONUS_WHAT_BLOCKS: {
        char block[128];
        (void)snprintf(block, sizeof block, "%s[]", key->path);
        onus_text_add(out, "\"type\": \"array\", \"items\": {");
        put_block(out, block, kind, depth);
        onus_text_add(out, "}");
        break;
    }
    case ONUS_WHAT_MAP:
    case ONUS_WHAT_MAP_LIST:
    case ONUS_WHAT_GROUPS:
    case ONUS_WHAT_MARGINS:
    case ONUS_WHAT_SCOPE:
        put_map(out, rule);
        break;
    case ONUS_WHAT_MATRIX:
        onus_text_add(out, "\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": \"array\", "
                           "\"items\": {\"type\": [\"number\", \"string\"]}}");
        break;
    default:
        if (rule->is_list || rule->or_block) {
            onus_text_add(out, "\"anyOf\": [{");
            put_value(out, rule);
            onus_text_add(out, rule->is_list
                                   ? "}, {\"type\": \"array\", \"minItems\": 1, \"items\": {"
                                   : "}, {");
            if (rule->is_list) {
                put_value(out, rule);
            } else {
                put_block(out, key->path, kind, depth);
            }
            onus_text_add(out, rule->is_list ? "}}]" : "}]");
        } else {
            put_value(out, rule);
        }
        break;
    }
    onus_text_add(out, "}");
}

static void put_block(onus_text *out, const char *block, const char *kind, int depth) {
    size_t n_keys;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    size_t n_put = 0;
    onus_text_add(out, "\"type\": \"object\", \"additionalProperties\": false, \"required\": [");
    for (size_t i = 0; i < n_keys; i++) {
        const char *child = onus_schema_child(keys[i].path, block);
        if (child != NULL && keys[i].required && onus_schema_is_for(&keys[i], kind)) {
            onus_text_add(out, n_put++ == 0 ? "" : ", ");
            put_string(out, child);
        }
    }
    onus_text_add(out, "], \"properties\": {");
    n_put = 0;
    for (size_t i = 0; i < n_keys; i++) {
        const char *child = onus_schema_child(keys[i].path, block);
        if (child != NULL && onus_schema_is_for(&keys[i], kind)) {
            onus_text_add(out, n_put++ == 0 ? "" : ",");
            put_indent(out, depth + 1);
            put_string(out, child);
            onus_text_add(out, ": ");
            put_key(out, &keys[i], kind, depth + 1);
        }
    }
    put_indent(out, depth);
    onus_text_add(out, "}");
}

char *onus_case_json_schema(void) {
    static const char *const kinds[] = {"place", "match", "affect"};
    onus_text out = {0};
    onus_text_add(&out, "{\n \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                        " \"$id\": \"urn:onus:case:1\",\n \"title\": \"A case file of Onus\",\n"
                        " \"description\": \"Made from the table that reads case files "
                        "(onus explain --schema).\",\n \"type\": \"object\",\n"
                        " \"required\": [\"onus\", \"title\", \"kind\"],\n"
                        " \"properties\": {\"kind\": {\"enum\": [\"place\", \"match\", "
                        "\"affect\"]}},\n \"allOf\": [");
    for (size_t i = 0; i < 3; i++) {
        onus_text_addf(&out,
                       "%s\n  {\"if\": {\"properties\": {\"kind\": {\"const\": \"%s\"}}, "
                       "\"required\": [\"kind\"]}, \"then\": {\"$ref\": \"#/$defs/%s\"}}",
                       i == 0 ? "" : ",", kinds[i], kinds[i]);
    }
    onus_text_add(&out, "\n ],\n \"$defs\": {");
    for (size_t i = 0; i < 3; i++) {
        onus_text_addf(&out, "%s\n  \"%s\": {", i == 0 ? "" : ",", kinds[i]);
        put_block(&out, "", kinds[i], 2);
        onus_text_add(&out, "}");
    }
    onus_text_add(&out, "\n }\n}\n");
    return onus_text_take(&out);
}
