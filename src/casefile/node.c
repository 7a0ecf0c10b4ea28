/* YAML text to a tree of nodes that know their line and column.
 *
 * The idea: libyaml's event stream is turned into scalars, lists and blocks by recursive descent,
 * with every freedom of YAML that a case file does not need refused on the way: aliases and anchors
 * (no "billion laughs"), tags, several documents, keys that are not plain text, repeated keys, and
 * nesting or sizes beyond what a person would write. What remains is as large as the text at most.
 *
 * Called by case.c only. Knows nothing of the schema and converts no value: a scalar stays text, so
 * that "42abc" can still be refused by whoever wanted a number. */
#include "node.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

#include "onus/alloc.h"
#include "onus/text.h"

typedef struct builder {
    yaml_parser_t parser;
    const char *path;
    const char *text;
    size_t len;
    onus_problems *problems;
} builder;

static onus_at at_of(yaml_mark_t mark) {
    return (onus_at){.line = (int64_t)mark.line + 1, .col = (int64_t)mark.column + 1};
}

/* Line and column (in characters) of a byte offset. */
static onus_at at_of_offset(const char *text, size_t offset) {
    onus_at at = {.line = 1, .col = 1};
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            at.line++;
            at.col = 1;
        } else if (((unsigned char)text[i] & 0xC0U) != 0x80U) {
            at.col++;
        }
    }
    return at;
}

void onus_node_clear(onus_node *node) {
    for (size_t i = 0; i < node->n; i++) {
        onus_node_clear(&node->items[i]);
        if (node->keys != NULL) {
            onus_node_clear(&node->keys[i]);
        }
    }
    onus_free(node->items);
    onus_free(node->keys);
    onus_free(node->text);
    memset(node, 0, sizeof *node);
}

/* What libyaml says is wrong, at the place it says. */
static onus_status syntax_problem(builder *b) {
    const yaml_parser_t *p = &b->parser;
    if (p->error == YAML_MEMORY_ERROR) {
        return ONUS_ERR_NOMEM;
    }
    if (p->error == YAML_READER_ERROR) {
        const onus_at at =
            at_of_offset(b->text, p->problem_offset < b->len ? p->problem_offset : b->len);
        onus_problems_add(b->problems, "not YAML", b->path, at.line, at.col, "not YAML: %s",
                          p->problem);
        return ONUS_ERR_DATA;
    }
    const onus_at at = at_of(p->problem_mark);
    if (p->context != NULL && p->context_mark.line != p->problem_mark.line) {
        onus_problems_add(b->problems, "not YAML", b->path, at.line, at.col,
                          "not YAML: %s %s that began on line %zu", p->problem, p->context,
                          p->context_mark.line + 1);
    } else {
        onus_problems_add(b->problems, "not YAML", b->path, at.line, at.col, "not YAML: %s%s%s",
                          p->problem, p->context == NULL ? "" : " ",
                          p->context == NULL ? "" : p->context);
    }
    return ONUS_ERR_DATA;
}

static onus_status next_event(builder *b, yaml_event_t *event) {
    return yaml_parser_parse(&b->parser, event) == 1 ? ONUS_OK : syntax_problem(b);
}

/* Room for one more child; both arrays of a block grow together. */
static onus_status make_room(onus_node *node) {
    if (node->n < node->cap) {
        return ONUS_OK;
    }
    const size_t cap = node->cap == 0 ? 4 : node->cap * 2;
    onus_node *items = onus_realloc_n(node->items, cap, sizeof *items);
    if (items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    node->items = items;
    if (node->kind == ONUS_NODE_BLOCK) {
        onus_node *keys = onus_realloc_n(node->keys, cap, sizeof *keys);
        if (keys == NULL) {
            return ONUS_ERR_NOMEM;
        }
        node->keys = keys;
    }
    node->cap = cap;
    return ONUS_OK;
}

static void refuse_decoration(builder *b, const yaml_event_t *event, const yaml_char_t *anchor,
                              const yaml_char_t *tag) {
    const onus_at at = at_of(event->start_mark);
    if (anchor != NULL) {
        onus_problems_add(b->problems, "anchor or alias", b->path, at.line, at.col,
                          "anchor '&%s': a case file has no anchors; write the value where it is "
                          "needed",
                          (const char *)anchor);
    }
    if (tag != NULL) {
        onus_problems_add(b->problems, "tag", b->path, at.line, at.col,
                          "tag '%s': a case file has no tags; write the plain value",
                          (const char *)tag);
    }
}

static onus_status build(builder *b, const yaml_event_t *event, int depth, onus_node *node);

static onus_status build_scalar(builder *b, const yaml_event_t *event, onus_node *node) {
    const char *text = (const char *)event->data.scalar.value;
    const size_t len = event->data.scalar.length;
    refuse_decoration(b, event, event->data.scalar.anchor, event->data.scalar.tag);
    node->kind = ONUS_NODE_SCALAR;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (memchr(text, '\0', len) != NULL) { /* written as "\0" in double quotes */
        onus_problems_add(b->problems, "NUL in a text", b->path, node->at.line, node->at.col,
                          "a text holds a NUL character");
        node->kind = ONUS_NODE_REFUSED;
        return ONUS_OK;
    }
    node->text = onus_strndup(text, len);
    return node->text == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
}

static onus_status build_list(builder *b, const yaml_event_t *start, int depth, onus_node *node) {
    refuse_decoration(b, start, start->data.sequence_start.anchor, start->data.sequence_start.tag);
    node->kind = ONUS_NODE_LIST;
    for (;;) {
        yaml_event_t event;
        onus_status status = next_event(b, &event);
        if (status != ONUS_OK) {
            return status;
        }
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return ONUS_OK;
        }
        if (node->n >= ONUS_CASE_ITEMS_MAX) {
            onus_problems_add(b->problems, "too large", b->path, node->at.line, node->at.col,
                              "a list of more than %d items", ONUS_CASE_ITEMS_MAX);
            status = ONUS_ERR_DATA;
        } else {
            status = make_room(node);
        }
        if (status == ONUS_OK) {
            onus_node *item = &node->items[node->n++];
            memset(item, 0, sizeof *item);
            status = build(b, &event, depth + 1, item);
        }
        yaml_event_delete(&event);
        if (status != ONUS_OK) {
            return status;
        }
    }
}

/* The last pair is dropped if its key cannot be used; the problem has been named. */
static void check_key(builder *b, onus_node *node) {
    onus_node *key = &node->keys[node->n - 1];
    bool drop = key->kind == ONUS_NODE_REFUSED;
    if (key->kind == ONUS_NODE_LIST || key->kind == ONUS_NODE_BLOCK) {
        onus_problems_add(b->problems, "key is not text", b->path, key->at.line, key->at.col,
                          "a key must be plain text, not a list or a block");
        drop = true;
    }
    for (size_t i = 0; !drop && i + 1 < node->n; i++) {
        if (strcmp(node->keys[i].text, key->text) == 0) {
            onus_problems_add(b->problems, "repeated key", b->path, key->at.line, key->at.col,
                              "key '%s' is given twice; the first is on line %lld", key->text,
                              (long long)node->keys[i].at.line);
            drop = true;
        }
    }
    if (drop) {
        onus_node_clear(key);
        onus_node_clear(&node->items[node->n - 1]);
        node->n--;
    }
}

static onus_status build_block(builder *b, const yaml_event_t *start, int depth, onus_node *node) {
    refuse_decoration(b, start, start->data.mapping_start.anchor, start->data.mapping_start.tag);
    node->kind = ONUS_NODE_BLOCK;
    for (;;) {
        yaml_event_t event;
        onus_status status = next_event(b, &event);
        if (status != ONUS_OK) {
            return status;
        }
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return ONUS_OK;
        }
        if (node->n >= ONUS_CASE_KEYS_MAX) {
            onus_problems_add(b->problems, "too large", b->path, node->at.line, node->at.col,
                              "a block of more than %d keys", ONUS_CASE_KEYS_MAX);
            status = ONUS_ERR_DATA;
        } else {
            status = make_room(node);
        }
        if (status == ONUS_OK) {
            memset(&node->keys[node->n], 0, sizeof *node->keys);
            memset(&node->items[node->n], 0, sizeof *node->items);
            node->n++;
            status = build(b, &event, depth + 1, &node->keys[node->n - 1]);
        }
        yaml_event_delete(&event);
        if (status == ONUS_OK) {
            status = next_event(b, &event);
            if (status == ONUS_OK) {
                status = build(b, &event, depth + 1, &node->items[node->n - 1]);
                yaml_event_delete(&event);
            }
        }
        if (status != ONUS_OK) {
            return status;
        }
        check_key(b, node);
    }
}

static onus_status build(builder *b, const yaml_event_t *event, int depth, onus_node *node) {
    node->at = at_of(event->start_mark);
    if (depth > ONUS_CASE_DEPTH_MAX) {
        onus_problems_add(b->problems, "too deep", b->path, node->at.line, node->at.col,
                          "blocks and lists are nested more than %d deep", ONUS_CASE_DEPTH_MAX);
        return ONUS_ERR_DATA;
    }
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return build_scalar(b, event, node);
    case YAML_SEQUENCE_START_EVENT:
        return build_list(b, event, depth, node);
    case YAML_MAPPING_START_EVENT:
        return build_block(b, event, depth, node);
    default: /* YAML_ALIAS_EVENT: nothing else can stand where a node is expected */
        node->kind = ONUS_NODE_REFUSED;
        onus_problems_add(b->problems, "anchor or alias", b->path, node->at.line, node->at.col,
                          "alias '*%s': a case file has no aliases; write the value out",
                          event->type == YAML_ALIAS_EVENT ? (const char *)event->data.alias.anchor
                                                          : "");
        return ONUS_OK;
    }
}

/* Size, encoding and NUL, before libyaml sees a byte. */
static onus_status check_bytes(builder *b) {
    if (b->len > ONUS_CASE_BYTES_MAX) {
        onus_problems_add(b->problems, "too large", b->path, 0, 0,
                          "the case file is larger than %d bytes; a case names tables, it does not "
                          "hold them",
                          ONUS_CASE_BYTES_MAX);
        return ONUS_ERR_DATA;
    }
    const size_t bad = onus_utf8_check(b->text, b->len);
    if (bad < b->len) {
        const onus_at at = at_of_offset(b->text, bad);
        onus_problems_add(b->problems, "not UTF-8", b->path, at.line, at.col,
                          "byte '\\x%02x' is not UTF-8; save the case file as UTF-8",
                          (unsigned)(unsigned char)b->text[bad]);
        return ONUS_ERR_DATA;
    }
    const char *nul = memchr(b->text, '\0', b->len);
    if (nul != NULL) {
        const onus_at at = at_of_offset(b->text, (size_t)(nul - b->text));
        onus_problems_add(b->problems, "NUL in a text", b->path, at.line, at.col,
                          "a NUL byte: this is not a text file");
        return ONUS_ERR_DATA;
    }
    return ONUS_OK;
}

/* stream start, document start, the root, document end, stream end */
static onus_status build_document(builder *b, onus_node *root) {
    yaml_event_t event;
    onus_status status = next_event(b, &event); /* stream start */
    if (status != ONUS_OK) {
        return status;
    }
    yaml_event_delete(&event);
    status = next_event(b, &event);
    if (status != ONUS_OK) {
        return status;
    }
    const bool is_empty = event.type == YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
    if (is_empty) {
        onus_problems_add(b->problems, "empty", b->path, 1, 1,
                          "the case file is empty; it begins with 'onus: 1'");
        return ONUS_ERR_DATA;
    }
    status = next_event(b, &event);
    if (status != ONUS_OK) {
        return status;
    }
    status = build(b, &event, 0, root);
    yaml_event_delete(&event);
    if (status == ONUS_OK) {
        status = next_event(b, &event); /* document end */
        if (status == ONUS_OK) {
            yaml_event_delete(&event);
            status = next_event(b, &event);
        }
    }
    if (status != ONUS_OK) {
        return status;
    }
    if (event.type == YAML_DOCUMENT_START_EVENT) {
        const onus_at at = at_of(event.start_mark);
        onus_problems_add(b->problems, "second document", b->path, at.line, at.col,
                          "a second document begins here; one case to a file");
    }
    yaml_event_delete(&event);
    return ONUS_OK;
}

onus_status onus_node_parse(const char *text, size_t len, const char *path, onus_node *root,
                            onus_problems *problems) {
    memset(root, 0, sizeof *root);
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark says nothing */
        text += 3;
        len -= 3;
    }
    builder b = {.path = path, .text = text, .len = len, .problems = problems};
    onus_status status = check_bytes(&b);
    if (status != ONUS_OK) {
        return status;
    }
    if (yaml_parser_initialize(&b.parser) != 1) {
        return ONUS_ERR_NOMEM;
    }
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, len);
    status = build_document(&b, root);
    yaml_parser_delete(&b.parser);
    if (status == ONUS_OK && root->kind != ONUS_NODE_BLOCK) {
        onus_problems_add(problems, "not a case", path, root->at.line, root->at.col,
                          "a case file is a block of keys that begins with 'onus: 1'");
        status = ONUS_ERR_DATA;
    }
    if (status != ONUS_OK) {
        onus_node_clear(root);
    }
    return status;
}

const onus_node *onus_node_get(const onus_node *node, const char *key) {
    if (node == NULL || node->kind != ONUS_NODE_BLOCK) {
        return NULL;
    }
    for (size_t i = 0; i < node->n; i++) {
        if (strcmp(node->keys[i].text, key) == 0) {
            return &node->items[i];
        }
    }
    return NULL;
}

const onus_node *onus_node_find(const onus_node *node, const char *path) {
    while (node != NULL && *path != '\0') {
        const char *dot = strchrnul(path, '.');
        char key[64];
        const size_t len = (size_t)(dot - path);
        assert(len < sizeof key); /* paths are our own */
        memcpy(key, path, len);
        key[len] = '\0';
        node = onus_node_get(node, key);
        path = *dot == '.' ? dot + 1 : dot;
    }
    return node;
}

bool onus_node_is_empty(const onus_node *node) {
    if (node->kind != ONUS_NODE_SCALAR || !node->plain) {
        return false;
    }
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        if (strcmp(node->text, nulls[i]) == 0) {
            return true;
        }
    }
    return false;
}
