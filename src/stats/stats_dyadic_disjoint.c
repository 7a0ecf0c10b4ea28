/* How many comparisons share nobody: a maximum matching of the graph of people.
 *
 * People who were compared with themselves need nobody else and count each for himself; among the
 * others, pairs are chosen greedily, the person with the fewest partners first. In complete and in
 * bipartite complete designs that already meets a bound that no choice can pass. Elsewhere
 * Edmonds' blossoms (1965) lengthen the choice, along paths found from one free person after the
 * other, until none is left or the work allowed is spent. Called by onus_dyadic_estimate. Never
 * hands out who was paired with whom, only how many. */
#include "onus/stats_dyadic.h"

#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"

enum { NOBODY = -1 };

typedef struct graph {
    size_t n; /* people without a comparison with themselves, who have partners among such */
    size_t *start;
    int32_t *partner; /* start[v] .. start[v + 1] - 1 */
    int32_t *match;   /* NOBODY: free */
    uint64_t work;
    uint64_t work_max;
    /* of one search */
    int32_t *parent;
    int32_t *base;
    int32_t *queue;
    uint8_t *seen; /* even, reached */
    uint8_t *blossom;
    uint8_t *marked;
} graph;

static void graph_clear(graph *g) {
    onus_free(g->start);
    onus_free(g->partner);
    onus_free(g->match);
    onus_free(g->parent);
    onus_free(g->base);
    onus_free(g->queue);
    onus_free(g->seen);
    onus_free(g->blossom);
    onus_free(g->marked);
}

/* ---- the graph ---- */

static bool is_edge(const onus_dyad *pair, const uint8_t *alone) {
    return pair->i != pair->j && alone[pair->i] == 0 && alone[pair->j] == 0;
}

static onus_status make_graph(const onus_dyads *dyads, const uint8_t *alone, graph *g) {
    g->n = dyads->n_people;
    g->start = onus_alloc_n(g->n + 1, sizeof *g->start);
    g->match = onus_alloc_n(g->n, sizeof *g->match);
    size_t n_edges = 0;
    if (g->start == NULL || g->match == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t d = 0; d < dyads->n_pairs; d++) {
        if (is_edge(&dyads->pairs[d], alone)) {
            g->start[dyads->pairs[d].i + 1]++;
            g->start[dyads->pairs[d].j + 1]++;
            n_edges++;
        }
    }
    for (size_t v = 0; v < g->n; v++) {
        g->start[v + 1] += g->start[v];
        g->match[v] = NOBODY;
    }
    g->partner = onus_alloc_n(n_edges, 2 * sizeof *g->partner);
    size_t *next = onus_alloc_n(g->n, sizeof *next);
    if (g->partner == NULL || next == NULL) {
        onus_free(next);
        return ONUS_ERR_NOMEM;
    }
    for (size_t v = 0; v < g->n; v++) {
        next[v] = g->start[v];
    }
    for (size_t d = 0; d < dyads->n_pairs; d++) {
        const onus_dyad *pair = &dyads->pairs[d];
        if (is_edge(pair, alone)) {
            g->partner[next[pair->i]++] = pair->j;
            g->partner[next[pair->j]++] = pair->i;
        }
    }
    onus_free(next);
    return ONUS_OK;
}

static size_t degree(const graph *g, size_t v) {
    return g->start[v + 1] - g->start[v];
}

/* ---- greedy: the person with the fewest partners chooses first, of his partners the one with the
 * fewest ---- */

typedef struct by_degree {
    size_t degree;
    int32_t person;
} by_degree;

static int compare_degree(const void *pa, const void *pb) {
    const by_degree *a = pa;
    const by_degree *b = pb;
    if (a->degree != b->degree) {
        return a->degree < b->degree ? -1 : 1;
    }
    return (a->person > b->person) - (a->person < b->person);
}

static onus_status choose_greedily(graph *g, size_t *n_chosen) {
    by_degree *order = onus_alloc_n(g->n, sizeof *order);
    if (order == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t v = 0; v < g->n; v++) {
        order[v] = (by_degree){.degree = degree(g, v), .person = (int32_t)v};
    }
    if (g->n > 0) {
        qsort(order, g->n, sizeof *order, compare_degree);
    }
    *n_chosen = 0;
    for (size_t k = 0; k < g->n; k++) {
        const int32_t v = order[k].person;
        if (g->match[v] != NOBODY) {
            continue;
        }
        int32_t best = NOBODY;
        for (size_t e = g->start[v]; e < g->start[v + 1]; e++) {
            const int32_t u = g->partner[e];
            if (g->match[u] == NOBODY &&
                (best == NOBODY || degree(g, (size_t)u) < degree(g, (size_t)best))) {
                best = u;
            }
        }
        if (best != NOBODY) {
            g->match[v] = best;
            g->match[best] = v;
            (*n_chosen)++;
        }
    }
    onus_free(order);
    return ONUS_OK;
}

/* No matching is larger: half of those with a partner; and, where nobody of one side meets anybody
 * of his own (probes and references), the smaller side. Two-coloured breadth first, part by part.
 */
static size_t upper_bound(graph *g) {
    size_t bound = 0;
    memset(g->seen, 0, g->n);
    for (size_t root = 0; root < g->n; root++) {
        if (g->seen[root] != 0 || degree(g, root) == 0) {
            continue;
        }
        size_t n_side[2] = {1, 0};
        bool is_bipartite = true;
        size_t head = 0;
        size_t tail = 0;
        g->seen[root] = 1;
        g->queue[tail++] = (int32_t)root;
        while (head < tail) {
            const int32_t v = g->queue[head++];
            for (size_t e = g->start[v]; e < g->start[v + 1]; e++) {
                const int32_t u = g->partner[e];
                if (g->seen[u] == 0) {
                    g->seen[u] = (uint8_t)(3 - g->seen[v]);
                    n_side[g->seen[u] - 1]++;
                    g->queue[tail++] = u;
                } else if (g->seen[u] == g->seen[v]) {
                    is_bipartite = false;
                }
            }
        }
        const size_t half = tail / 2;
        const size_t side = n_side[0] < n_side[1] ? n_side[0] : n_side[1];
        bound += is_bipartite && side < half ? side : half;
    }
    return bound;
}

/* ---- blossoms ---- */

static int32_t common_base(graph *g, int32_t a, int32_t b) {
    memset(g->marked, 0, g->n);
    for (;;) {
        a = g->base[a];
        g->marked[a] = 1;
        if (g->match[a] == NOBODY) {
            break;
        }
        a = g->parent[g->match[a]];
    }
    for (;;) {
        b = g->base[b];
        if (g->marked[b] != 0) {
            return b;
        }
        b = g->parent[g->match[b]];
    }
}

static void mark_path(graph *g, int32_t v, int32_t base, int32_t child) {
    while (g->base[v] != base) {
        g->blossom[g->base[v]] = 1;
        g->blossom[g->base[g->match[v]]] = 1;
        g->parent[v] = child;
        child = g->match[v];
        v = g->parent[g->match[v]];
    }
}

/* Shrinks the odd cycle closed by (v, u) into its base. */
static void shrink(graph *g, int32_t v, int32_t u, size_t *tail) {
    const int32_t base = common_base(g, v, u);
    memset(g->blossom, 0, g->n);
    mark_path(g, v, base, u);
    mark_path(g, u, base, v);
    for (size_t w = 0; w < g->n; w++) {
        if (g->blossom[g->base[w]] != 0) {
            g->base[w] = base;
            if (g->seen[w] == 0) {
                g->seen[w] = 1;
                g->queue[(*tail)++] = (int32_t)w;
            }
        }
    }
    g->work += g->n;
}

/* The free end of a path that alternates from root, or NOBODY. */
static int32_t find_path(graph *g, int32_t root) {
    memset(g->seen, 0, g->n);
    for (size_t v = 0; v < g->n; v++) {
        g->parent[v] = NOBODY;
        g->base[v] = (int32_t)v;
    }
    g->work += g->n;
    size_t head = 0;
    size_t tail = 0;
    g->seen[root] = 1;
    g->queue[tail++] = root;
    while (head < tail && g->work <= g->work_max) {
        const int32_t v = g->queue[head++];
        g->work += degree(g, (size_t)v);
        for (size_t e = g->start[v]; e < g->start[v + 1]; e++) {
            const int32_t u = g->partner[e];
            if (g->base[v] == g->base[u] || g->match[v] == u) {
                continue;
            }
            if (u == root || (g->match[u] != NOBODY && g->parent[g->match[u]] != NOBODY)) {
                shrink(g, v, u, &tail);
            } else if (g->parent[u] == NOBODY) {
                g->parent[u] = v;
                if (g->match[u] == NOBODY) {
                    return u;
                }
                const int32_t mate = g->match[u];
                g->seen[mate] = 1;
                g->queue[tail++] = mate;
            }
        }
    }
    return NOBODY;
}

static void turn_path(graph *g, int32_t end) {
    int32_t v = end;
    while (v != NOBODY) {
        const int32_t before = g->parent[v];
        const int32_t next = g->match[before];
        g->match[v] = before;
        g->match[before] = v;
        v = next;
    }
}

static onus_status search_room(graph *g) {
    g->parent = onus_alloc_n(g->n, sizeof *g->parent);
    g->base = onus_alloc_n(g->n, sizeof *g->base);
    g->queue = onus_alloc_n(g->n, sizeof *g->queue);
    g->seen = onus_alloc_n(g->n, sizeof *g->seen);
    g->blossom = onus_alloc_n(g->n, sizeof *g->blossom);
    g->marked = onus_alloc_n(g->n, sizeof *g->marked);
    const bool whole = g->parent != NULL && g->base != NULL && g->queue != NULL &&
                       g->seen != NULL && g->blossom != NULL && g->marked != NULL;
    return whole ? ONUS_OK : ONUS_ERR_NOMEM;
}

onus_status onus_dyads_disjoint(const onus_dyads *dyads, uint64_t work_max, size_t *n_disjoint,
                                bool *is_maximum) {
    graph g = {.work_max = work_max};
    size_t n_chosen = 0;
    size_t n_alone = 0;
    bool is_best = true;
    onus_status status = ONUS_OK;
    uint8_t *alone = onus_alloc_n(dyads->n_people, sizeof *alone);
    if (alone == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t d = 0; d < dyads->n_pairs; d++) {
        if (dyads->pairs[d].i == dyads->pairs[d].j && alone[dyads->pairs[d].i] == 0) {
            alone[dyads->pairs[d].i] = 1;
            n_alone++;
        }
    }
    ONUS_TRY(make_graph(dyads, alone, &g));
    ONUS_TRY(search_room(&g));
    ONUS_TRY(choose_greedily(&g, &n_chosen));
    const size_t bound = upper_bound(&g);
    for (size_t v = 0; v < g.n && n_chosen < bound; v++) {
        if (g.match[v] != NOBODY || degree(&g, v) == 0) {
            continue;
        }
        const int32_t end = find_path(&g, (int32_t)v);
        if (end != NOBODY) {
            turn_path(&g, end);
            n_chosen++;
        } else if (g.work > g.work_max) {
            is_best = false;
            break;
        }
    }
    *n_disjoint = n_alone + n_chosen;
    if (is_maximum != NULL) {
        *is_maximum = is_best;
    }
out:
    onus_free(alone);
    graph_clear(&g);
    return status;
}
