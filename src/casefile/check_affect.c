/* What no single row of the schema can say of an affect case: labels that a domain does not hold,
 * votes in two forms, people without items that show them.
 *
 * The idea: a label that the domain does not hold and its map does not name is an error, here for
 * the keys of the case and in src/evidence for the tables, because a label that is dropped in
 * silence changes every figure. The message proposes the map.
 *
 * Called by check.c. Never opens a file. */
#include <string.h>

#include "onus/scalar.h"
#include "onus/text.h"
#include "schema.h"

#define PROBLEM(r, kind, node, ...)                                                                \
    onus_problems_add((r)->problems, (kind), (r)->file, (node)->at.line, (node)->at.col,           \
                      __VA_ARGS__)

static bool has(const onus_node *block, const char *key) {
    return onus_node_get(block, key) != NULL;
}

static bool holds(const onus_strings *labels, const char *label) {
    for (size_t i = 0; i < labels->n; i++) {
        if (strcmp(labels->items[i], label) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_mapped(const onus_domain_ref *domain, const char *label) {
    for (size_t i = 0; i < domain->n_map; i++) {
        if (strcmp(domain->map[i].name, label) == 0) {
            return true;
        }
    }
    return false;
}

/* Item i of a list, or the single value that stands for a list of one. */
static const onus_node *list_item(const onus_node *node, size_t i) {
    return node->kind == ONUS_NODE_LIST ? &node->items[i] : node;
}

/* ---- the domain ---- */

static void check_twice(const onus_reader *r, const onus_node *labels) {
    const onus_strings *all = &r->c->affect.domain.labels;
    for (size_t i = 0; i < all->n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(all->items[i], all->items[k]) == 0) {
                PROBLEM(r, "repeated value", list_item(labels, i), "'domain.labels' has '%s' twice",
                        all->items[i]);
            }
        }
    }
}

/* Numbers in an ordinal domain stand in their order, or in the opposite one: "1, 10, 2" is how a
 * list looks that was sorted as texts. */
static void check_order(const onus_reader *r, const onus_node *labels) {
    const onus_strings *all = &r->c->affect.domain.labels;
    double before = 0.0;
    int way = 0;
    for (size_t i = 0; i < all->n; i++) {
        double value = 0.0;
        if (!onus_parse_double(all->items[i], strlen(all->items[i]), &value)) {
            return; /* words: their order is the writer's */
        }
        const int step = i == 0 ? 0 : (value > before) - (value < before);
        if (step * way < 0) {
            PROBLEM(
                r, "labels out of order", list_item(labels, i),
                "'domain.labels' is a scale of numbers, but '%s' comes after '%s'; give them in "
                "their order",
                all->items[i], all->items[i - 1]);
            return;
        }
        way = step != 0 ? step : way;
        before = value;
    }
}

static void check_values(const onus_reader *r, const onus_node *labels) {
    const onus_domain_ref *domain = &r->c->affect.domain;
    const bool ratio = domain->scale == ONUS_LABELS_RATIO;
    for (size_t i = 0; i < domain->labels.n; i++) {
        const char *label = domain->labels.items[i];
        double value = 0.0;
        if (!onus_parse_double(label, strlen(label), &value)) {
            PROBLEM(
                r, "label is no number", list_item(labels, i),
                "label '%s' is no number, but 'domain.scale' is %s; use ordinal for words in an "
                "order",
                label, ratio ? "ratio" : "interval");
        } else if (ratio && value < 0.0) {
            PROBLEM(r, "label is no number", list_item(labels, i),
                    "label '%s' is below 0, which no ratio scale has; use interval", label);
        }
    }
}

static void check_map(const onus_reader *r, const onus_node *map) {
    const onus_domain_ref *domain = &r->c->affect.domain;
    for (size_t i = 0; i < map->n; i++) {
        const onus_node *from = &map->keys[i];
        const onus_node *to = &map->items[i];
        if (holds(&domain->labels, from->text)) {
            PROBLEM(r, "clashing keys", from,
                    "'domain.map' maps '%s', which 'domain.labels' holds; take it out of one",
                    from->text);
        }
        if (to->kind == ONUS_NODE_SCALAR && !holds(&domain->labels, to->text)) {
            const char *near = onus_text_nearest(
                to->text, (const char *const *)domain->labels.items, domain->labels.n);
            PROBLEM(r, "unknown label", to,
                    "'domain.map' maps '%s' to '%s', which 'domain.labels' "
                    "does not hold%s%s%s",
                    from->text, to->text, near == NULL ? "" : "; did you mean '",
                    near == NULL ? "" : near, near == NULL ? "" : "'?");
        }
    }
}

static void check_domain(const onus_reader *r, const onus_node *root) {
    const onus_node *labels = onus_node_find(root, "domain.labels");
    const onus_node *map = onus_node_find(root, "domain.map");
    const onus_domain_ref *domain = &r->c->affect.domain;
    if (labels == NULL || (labels->kind == ONUS_NODE_LIST ? labels->n : 1) != domain->labels.n) {
        return; /* a label that is no text was named already */
    }
    if (domain->labels.n < 2) {
        PROBLEM(r, "too few labels", labels,
                "'domain.labels' has %zu label; a product that can say only one thing says nothing",
                domain->labels.n);
    }
    check_twice(r, labels);
    if (domain->scale == ONUS_LABELS_ORDINAL) {
        check_order(r, labels);
    } else if (domain->scale != ONUS_LABELS_NOMINAL) {
        check_values(r, labels);
    }
    if (map != NULL && map->kind == ONUS_NODE_BLOCK) {
        check_map(r, map);
    }
}

/* Keys of labels.scores and raters.counts are labels. */
static void check_label_keys(const onus_reader *r, const onus_node *root, const char *path) {
    const onus_domain_ref *domain = &r->c->affect.domain;
    const onus_node *block = onus_node_find(root, path);
    if (block == NULL || block->kind != ONUS_NODE_BLOCK || !domain->given ||
        domain->labels.n == 0) {
        return;
    }
    for (size_t i = 0; i < block->n; i++) {
        const char *label = block->keys[i].text;
        if (holds(&domain->labels, label) || is_mapped(domain, label)) {
            continue;
        }
        const char *near =
            onus_text_nearest(label, (const char *const *)domain->labels.items, domain->labels.n);
        PROBLEM(r, "unknown label", &block->keys[i],
                "'%s' has label '%s', which 'domain.labels' does not hold; add it there, or say "
                "what it counts as, for example 'domain: {map: {%s: %s}}'",
                path, label, label, near != NULL ? near : domain->labels.items[0]);
    }
}

/* ---- tables ---- */

static void check_raters(const onus_reader *r, const onus_node *raters) {
    if (raters == NULL || raters->kind != ONUS_NODE_BLOCK) {
        return;
    }
    if (has(raters, "label") == has(raters, "counts")) {
        PROBLEM(r, "missing key", raters,
                "'raters' needs either 'label' (one row per vote) or 'counts' (one row per item)");
    } else if (has(raters, "rater") && has(raters, "counts")) {
        PROBLEM(r, "clashing keys", onus_node_get(raters, "rater"),
                "'raters.rater' goes with 'label' (one row per vote); counts name nobody");
    }
}

static void check_people(const onus_reader *r, const onus_node *root) {
    const onus_node *people = onus_node_get(root, "people");
    if (people != NULL && !has(onus_node_get(root, "items"), "person")) {
        PROBLEM(r, "missing key", people,
                "'people' needs 'items: {file, id, person}', which says whom each item shows");
    }
}

static void check_repeats(const onus_reader *r, const onus_node *root) {
    const onus_node *labels = onus_node_get(root, "labels");
    const onus_node *retest = onus_node_find(root, "protocol.retest");
    const char *repeat = r->c->affect.labels.repeat;
    if (retest != NULL && repeat != NULL && r->c->protocol.retest != NULL &&
        strcmp(repeat, r->c->protocol.retest) != 0) {
        PROBLEM(r, "clashing keys", retest,
                "'protocol.retest' is '%s' and 'labels.repeat' is '%s'; both name the column that "
                "tells rows of one item apart",
                r->c->protocol.retest, repeat);
    }
    const onus_node *version = onus_node_get(labels, "version");
    if (version != NULL && repeat != NULL && r->c->affect.labels.version != NULL &&
        strcmp(repeat, r->c->affect.labels.version) == 0) {
        PROBLEM(
            r, "clashing keys", version,
            "'labels.version' and 'labels.repeat' are the same column; a row cannot be a re-test "
            "and another version at once");
    }
}

void onus_case_check_affect(const onus_reader *r, const onus_node *root) {
    check_domain(r, root);
    check_label_keys(r, root, "labels.scores");
    check_label_keys(r, root, "raters.counts");
    check_raters(r, onus_node_get(root, "raters"));
    check_people(r, root);
    check_repeats(r, root);
    if (!has(root, "self_report") && !has(root, "raters") && !has(root, "intended")) {
        PROBLEM(
            r, "missing key", root,
            "missing key 'self_report', 'raters' or 'intended': an affect case has at least one");
    }
}
