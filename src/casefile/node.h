/* A case file as a tree of YAML nodes with their places; private to src/casefile. */
#ifndef ONUS_CASEFILE_NODE_H
#define ONUS_CASEFILE_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "onus/case.h"
#include "onus/error.h"
#include "onus/status.h"

typedef enum onus_node_kind {
    ONUS_NODE_SCALAR,
    ONUS_NODE_LIST,
    ONUS_NODE_BLOCK,  /* keys and values */
    ONUS_NODE_REFUSED /* an alias or the like: already reported, says nothing more */
} onus_node_kind;

typedef struct onus_node {
    onus_node_kind kind;
    onus_at at;
    char *text;              /* scalar; UTF-8 without NUL */
    bool plain;              /* scalar without quotes */
    struct onus_node *keys;  /* block: n scalars, all different */
    struct onus_node *items; /* list: n items; block: n values */
    size_t n;
    size_t cap;
} onus_node;

enum {
    ONUS_CASE_BYTES_MAX = 1 << 20,
    ONUS_CASE_DEPTH_MAX = 24,   /* blocks within blocks; real cases need 5 */
    ONUS_CASE_KEYS_MAX = 1024,  /* in one block: repeated keys are found pair by pair */
    ONUS_CASE_ITEMS_MAX = 10000 /* in one list */
};

/**
 * Reads one YAML document. Anchors, aliases, tags, merge keys and second documents are problems, so
 * nothing can grow beyond the text itself.
 *
 * @param[out] root  caller's storage; empty but clearable on failure
 * @return ONUS_OK (problems may have been added); ONUS_ERR_DATA if there is no tree to go on with
 *         (the reason was added to problems); ONUS_ERR_NOMEM
 */
onus_status onus_node_parse(const char *text, size_t len, const char *path, onus_node *root,
                            onus_problems *problems) ONUS_MUST_USE;
void onus_node_clear(onus_node *node);

/** Value of a key, or NULL if node is NULL, no block, or has no such key. */
const onus_node *onus_node_get(const onus_node *node, const char *key);
/** As onus_node_get along "a.b.c". */
const onus_node *onus_node_find(const onus_node *node, const char *path);
/** "", "~" and the nulls of YAML, unquoted. */
bool onus_node_is_empty(const onus_node *node);

#endif
