/* The tree of a case file into struct onus_case, row by row of the schema.
 *
 * The idea: a walk over blocks. Each key is looked up as "block.key" among the rows of this kind of
 * case; blocks are walked in turn, lists of blocks grow an array whose element becomes the base of
 * the rows below, named maps become arrays of pairs, and everything else is a value (value.c). A
 * key that has no row is a problem with the best guess of what was meant; after the walk of a block
 * the rows that are required and were not met are problems at the block's own place.
 *
 * Called by case.c. Never stops at a problem: the whole file is read, and all are reported at once.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/scalar.h"
#include "onus/text.h"
#include "schema.h"

enum { PATH_MAX_LEN = 256, NEAR_MAX = 512 };

/* name and values share their layout, so that maps of either kind are filled by one function */
static_assert(offsetof(onus_where, column) == offsetof(onus_mapping, name) &&
                  offsetof(onus_where, values) == offsetof(onus_mapping, values) &&
                  sizeof(onus_where) == sizeof(onus_mapping),
              "onus_where and onus_mapping are filled alike");

static onus_status read_block(const onus_reader *r, const onus_node *node, const char *block,
                              void *base);

/* ---- keys that have no row ---- */

/* The only row of this kind whose last part is `name`, or NULL if there is none or several. */
static const onus_case_key *only_row_named(const onus_reader *r, const char *name) {
    size_t n_keys;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    const onus_case_key *found = NULL;
    for (size_t i = 0; i < n_keys; i++) {
        const char *dot = strrchr(keys[i].path, '.');
        if (dot != NULL && strcmp(dot + 1, name) == 0 && onus_schema_is_for(&keys[i], r->kind)) {
            if (found != NULL) {
                return NULL;
            }
            found = &keys[i];
        }
    }
    return found;
}

/* What the writer may have meant: a key of the same block, or one further down in it. */
static const char *near_key(const onus_reader *r, const char *block, const char *name) {
    size_t n_keys;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    const char *siblings[NEAR_MAX];
    const char *below[NEAR_MAX];
    size_t n_siblings = 0;
    size_t n_below = 0;
    const size_t len = strlen(block);
    for (size_t i = 0; i < n_keys && n_siblings < NEAR_MAX && n_below < NEAR_MAX; i++) {
        if (!onus_schema_is_for(&keys[i], r->kind)) {
            continue;
        }
        const char *child = onus_schema_child(keys[i].path, block);
        const char *dot = strrchr(keys[i].path, '.');
        if (child != NULL) {
            siblings[n_siblings++] = child;
        } else if (len > 0 && dot != NULL && strncmp(keys[i].path, block, len) == 0) {
            below[n_below++] = dot + 1;
        }
    }
    const char *near = onus_text_nearest(name, siblings, n_siblings);
    return near != NULL ? near : onus_text_nearest(name, below, n_below);
}

static void unknown_key(const onus_reader *r, const char *block, const onus_node *key,
                        const char *path) {
    if (strpbrk(key->text, ".[") != NULL) {
        onus_problems_add(r->problems, "unknown key", r->file, key->at.line, key->at.col,
                          "unknown key '%s'; a key within a block is written 'block: {key: value}'",
                          path);
        return;
    }
    const onus_case_key *other = onus_schema_find(path, NULL);
    if (other != NULL) {
        onus_problems_add(r->problems, "unknown key", r->file, key->at.line, key->at.col,
                          "key '%s' belongs to cases of kind %s; this one is of kind %s", path,
                          other->kinds, r->kind);
        return;
    }
    const char *near = near_key(r, block, key->text);
    if (near != NULL && strcmp(near, key->text) != 0) {
        onus_problems_add(r->problems, "unknown key", r->file, key->at.line, key->at.col,
                          "unknown key '%s'; did you mean '%s'?", path, near);
        return;
    }
    const onus_case_key *elsewhere = only_row_named(r, key->text);
    if (elsewhere != NULL) {
        const char *dot = strrchr(elsewhere->path, '.');
        onus_problems_add(r->problems, "unknown key", r->file, key->at.line, key->at.col,
                          "unknown key '%s'; it belongs under '%.*s'", path,
                          (int)(dot - elsewhere->path), elsewhere->path);
        return;
    }
    onus_problems_add(r->problems, "unknown key", r->file, key->at.line, key->at.col,
                      "unknown key '%s'", path);
}

/* ---- lists and maps ---- */

/* Appends a zeroed element of rule->size to the array that the rule names. NULL: no memory. */
static void *grow(const onus_case_rule *rule, char *base) {
    char *items;
    size_t n;
    memcpy(&items, base + rule->offset, sizeof items);
    memcpy(&n, base + rule->count, sizeof n);
    items = onus_realloc_n(items, n + 1, rule->size);
    if (items == NULL) {
        return NULL;
    }
    memset(items + n * rule->size, 0, rule->size);
    n++;
    memcpy(base + rule->offset, &items, sizeof items);
    memcpy(base + rule->count, &n, sizeof n);
    return items + (n - 1) * rule->size;
}

static void set_at(void *base, size_t offset, onus_at at) {
    if (offset != 0) {
        memcpy((char *)base + offset, &at, sizeof at);
    }
}

static onus_status read_blocks(const onus_reader *r, const onus_case_key *key,
                               const onus_node *node, void *base) {
    if (node->kind != ONUS_NODE_LIST) {
        onus_value_misshapen(r, key, node, "a list of blocks");
        return ONUS_OK;
    }
    char block[PATH_MAX_LEN];
    (void)snprintf(block, sizeof block, "%s[]", key->path);
    for (size_t i = 0; i < node->n; i++) {
        const onus_node *item = &node->items[i];
        if (item->kind != ONUS_NODE_BLOCK) {
            onus_value_misshapen(r, key, item, "a block of keys in this list");
            continue;
        }
        void *element = grow(key->rule, base);
        if (element == NULL) {
            return ONUS_ERR_NOMEM;
        }
        set_at(element, key->rule->at, item->at);
        const onus_status status = read_block(r, item, block, element);
        if (status != ONUS_OK) {
            return status;
        }
    }
    return ONUS_OK;
}

/* A scalar that says something; else the problem is named. */
static bool is_text(const onus_reader *r, const onus_case_key *key, const onus_node *node) {
    if (node->kind == ONUS_NODE_SCALAR && !onus_node_is_empty(node) && node->text[0] != '\0') {
        return true;
    }
    onus_value_misshapen(r, key, node, "a text in this block");
    return false;
}

static onus_status push_string(onus_strings *strings, const char *text) {
    char **items = onus_realloc_n(strings->items, strings->n + 1, sizeof *items);
    if (items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    strings->items = items;
    items[strings->n] = onus_strdup(text);
    if (items[strings->n] == NULL) {
        return ONUS_ERR_NOMEM;
    }
    strings->n++;
    return ONUS_OK;
}

static onus_status extra_below(const onus_reader *r, const onus_case_key *key,
                               const onus_node *name, const onus_node *item) {
    char *path = onus_alloc(strlen(key->path) + strlen(name->text) + 2);
    if (path == NULL) {
        return ONUS_ERR_NOMEM;
    }
    (void)sprintf(path, "%s.%s", key->path, name->text);
    const onus_status status = onus_value_extra(r, path, item);
    onus_free(path);
    return status;
}

/* name: text or [texts]. An empty text is a value here: rows without an entry can be asked for. */
static onus_status read_named_list(const onus_reader *r, const onus_case_key *key,
                                   const onus_node *name, const onus_node *node, void *base) {
    onus_mapping *mapping = NULL;
    onus_status status = ONUS_OK;
    if (key->rule->is_stored) {
        mapping = grow(key->rule, base);
        if (mapping == NULL) {
            return ONUS_ERR_NOMEM;
        }
        mapping->name = onus_strdup(name->text);
        if (mapping->name == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    const size_t n = node->kind == ONUS_NODE_LIST ? node->n : 1;
    if (n == 0) {
        onus_problems_add(r->problems, "no value", r->file, node->at.line, node->at.col,
                          "'%s.%s' is an empty list", key->path, name->text);
    }
    for (size_t i = 0; i < n && status == ONUS_OK; i++) {
        const onus_node *item = node->kind == ONUS_NODE_LIST ? &node->items[i] : node;
        const bool is_empty_quoted =
            item->kind == ONUS_NODE_SCALAR && !item->plain && item->text[0] == '\0';
        if (!is_empty_quoted && !is_text(r, key, item)) {
            continue;
        }
        status = mapping != NULL ? push_string(&mapping->values, item->text)
                                 : extra_below(r, key, name, item);
    }
    return status;
}

static onus_status read_group(const onus_reader *r, const onus_case_key *key, const onus_node *name,
                              const onus_node *node, void *base) {
    if (!is_text(r, key, node)) {
        return ONUS_OK;
    }
    onus_group_ref *group = grow(key->rule, base);
    if (group == NULL) {
        return ONUS_ERR_NOMEM;
    }
    group->at = name->at;
    group->name = onus_strdup(name->text);
    group->column = onus_strdup(node->text);
    return group->name == NULL || group->column == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
}

/* The number that a scope's text spells, a share included. Quoted text is text. */
static bool spells_number(const onus_node *node, double *number) {
    const size_t len = strlen(node->text);
    return node->plain && onus_parse_share(node->text, len, number);
}

static onus_status read_scope_item(const onus_reader *r, const onus_case_key *key,
                                   const onus_node *name, const onus_node *node, void *base) {
    if (!is_text(r, key, node)) {
        return ONUS_OK;
    }
    onus_scope_item *item = grow(key->rule, base);
    if (item == NULL) {
        return ONUS_ERR_NOMEM;
    }
    item->is_number = spells_number(node, &item->number);
    item->key = onus_strdup(name->text);
    item->text = onus_strdup(node->text);
    return item->key == NULL || item->text == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
}

/* Blocks whose keys are the writer's own words. */
static onus_status read_map(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                            void *base) {
    if (node->kind != ONUS_NODE_BLOCK) {
        onus_value_misshapen(r, key, node, "a block of keys");
        return ONUS_OK;
    }
    if (node->n == 0) {
        onus_problems_add(r->problems, "no value", r->file, node->at.line, node->at.col,
                          "'%s' is an empty block; leave the key out or name something", key->path);
    }
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < node->n && status == ONUS_OK; i++) {
        const onus_node *name = &node->keys[i];
        const onus_node *item = &node->items[i];
        if (name->text[0] == '\0') {
            onus_problems_add(r->problems, "no value", r->file, name->at.line, name->at.col,
                              "a key of '%s' is empty", key->path);
            continue;
        }
        if (key->rule->choices != NULL && onus_schema_choice(key->rule->choices, name->text) < 0) {
            onus_problems_add(r->problems, "unknown key", r->file, name->at.line, name->at.col,
                              "unknown key '%s.%s'; expected %s", key->path, name->text,
                              key->rule->choices);
            continue;
        }
        switch (key->rule->what) {
        case ONUS_WHAT_MAP_LIST:
            status = read_named_list(r, key, name, item, base);
            break;
        case ONUS_WHAT_GROUPS:
            status = read_group(r, key, name, item, base);
            break;
        case ONUS_WHAT_SCOPE:
            status = read_scope_item(r, key, name, item, base);
            break;
        case ONUS_WHAT_MAP:
            /* one text each, never a list: stored as a list of one */
            status = is_text(r, key, item) ? read_named_list(r, key, name, item, base) : ONUS_OK;
            break;
        default: /* ONUS_WHAT_MARGINS: joined to the groups by check.c, which sees them all */
            (void)is_text(r, key, item);
            break;
        }
    }
    return status;
}

/* A square list of lists, row by row into one list of numbers. */
static onus_status read_matrix(const onus_reader *r, const onus_case_key *key,
                               const onus_node *node, void *base) {
    if (node->kind != ONUS_NODE_LIST || node->n == 0) {
        onus_value_misshapen(r, key, node, "a list of lists of numbers");
        return ONUS_OK;
    }
    onus_case_key entry = *key; /* one number of the matrix, with the range of the whole */
    onus_case_rule rule = *key->rule;
    rule.what = ONUS_WHAT_NUMBER;
    entry.rule = &rule;
    for (size_t i = 0; i < node->n; i++) {
        const onus_node *row = &node->items[i];
        if (row->kind != ONUS_NODE_LIST || row->n != node->n) {
            onus_problems_add(r->problems, "wrong type", r->file, row->at.line, row->at.col,
                              "row %zu of '%s' is not a list of %zu numbers; the matrix is square",
                              i + 1, key->path, node->n);
            continue;
        }
        for (size_t j = 0; j < row->n; j++) {
            const onus_status status = onus_value_append(r, &entry, &row->items[j], base);
            if (status != ONUS_OK) {
                return status;
            }
        }
    }
    return ONUS_OK;
}

/* ---- the walk ---- */

static onus_status read_key(const onus_reader *r, const onus_case_key *key, const onus_node *node,
                            void *base) {
    const onus_case_rule *rule = key->rule;
    if (node->kind == ONUS_NODE_REFUSED) {
        return ONUS_OK;
    }
    if (rule->has != 0) {
        const bool yes = true;
        memcpy((char *)base + rule->has, &yes, sizeof yes);
    }
    if (rule->what == ONUS_WHAT_BLOCK || (rule->or_block && node->kind == ONUS_NODE_BLOCK)) {
        if (node->kind != ONUS_NODE_BLOCK) {
            onus_value_misshapen(r, key, node, "a block of keys");
            return ONUS_OK;
        }
        set_at(base, rule->at, node->at);
        return read_block(r, node, key->path, base);
    }
    switch (rule->what) {
    case ONUS_WHAT_BLOCKS:
        return read_blocks(r, key, node, base);
    case ONUS_WHAT_MAP:
    case ONUS_WHAT_MAP_LIST:
    case ONUS_WHAT_GROUPS:
    case ONUS_WHAT_MARGINS:
    case ONUS_WHAT_SCOPE:
        return read_map(r, key, node, base);
    case ONUS_WHAT_MATRIX:
        return read_matrix(r, key, node, base);
    default:
        return onus_value_read(r, key, node, base);
    }
}

/* Rows of this block that must be there and are not. */
static void missing_keys(const onus_reader *r, const onus_node *node, const char *block) {
    size_t n_keys;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        const char *child = onus_schema_child(keys[i].path, block);
        if (child == NULL || !keys[i].required || !onus_schema_is_for(&keys[i], r->kind) ||
            (r->kind == NULL && strcmp(keys[i].kinds, "place match affect") != 0) ||
            onus_node_get(node, child) != NULL) {
            continue;
        }
        onus_problems_add(r->problems, "missing key", r->file, node->at.line, node->at.col,
                          "missing key '%s'; expected %s", keys[i].path, keys[i].type);
    }
}

static onus_status read_block(const onus_reader *r, const onus_node *node, const char *block,
                              void *base) {
    for (size_t i = 0; i < node->n; i++) {
        char path[PATH_MAX_LEN];
        (void)snprintf(path, sizeof path, "%s%s%s", block, block[0] == '\0' ? "" : ".",
                       node->keys[i].text);
        /* a key with a dot or bracket in it could spell another row's path */
        const onus_case_key *key =
            strpbrk(node->keys[i].text, ".[") == NULL ? onus_schema_find(path, r->kind) : NULL;
        if (key == NULL) {
            unknown_key(r, block, &node->keys[i], path);
            continue;
        }
        const onus_status status = read_key(r, key, &node->items[i], base);
        if (status != ONUS_OK) {
            return status;
        }
    }
    missing_keys(r, node, block);
    return ONUS_OK;
}

onus_status onus_schema_read(const onus_reader *r, const onus_node *root) {
    size_t n_keys;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        if (keys[i].dfault != NULL && keys[i].rule->is_stored &&
            strstr(keys[i].path, "[]") == NULL && onus_schema_is_for(&keys[i], r->kind)) {
            const onus_status status = onus_value_default(r, &keys[i], r->c);
            if (status != ONUS_OK) {
                return status;
            }
        }
    }
    return read_block(r, root, "", r->c);
}
