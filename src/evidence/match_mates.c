/* Who is who by a list: the pairs that are one person, in a table of their own.
 *
 * The pairs become numbers of both sides' sightings, put in order, and each comparison is looked up
 * by bisection. A pair of the list that was not compared is said: a product that cannot find a
 * person can leave the row out, and the list is where that shows. Called by match_comparisons.c.
 * Never takes a comparison for one of mates because its ids look alike. */
#include <stdlib.h>
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

static int by_key(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t key_of(int32_t probe, int32_t reference) {
    return (uint64_t)(uint32_t)probe << 32U | (uint32_t)reference;
}

/* The ids of one side; number = its sighting. */
static onus_status list_ids(const onus_table *table, const onus_side *side, onus_texts *ids) {
    onus_status status = ONUS_OK;
    for (size_t i = 0; i < side->n; i++) {
        int32_t index = -1;
        ONUS_TRY(
            onus_texts_intern(ids, table->pool + table->pool_starts[side->id_text[i]], &index));
    }
out:
    return status;
}

typedef struct mates {
    uint64_t *keys; /* ascending, each once */
    uint8_t *seen;  /* of each: some row compares it */
    size_t n;
    uint64_t n_unknown; /* rows that name what the comparisons do not */
    uint64_t n_repeated;
} mates;

static onus_status take_keys(const onus_table *list, const onus_texts *probes,
                             const onus_texts *references, bool either_way, mates *out) {
    out->keys = onus_alloc_n(2 * list->n_rows, sizeof *out->keys);
    out->seen = onus_alloc_n(2 * list->n_rows, sizeof *out->seen);
    if (out->keys == NULL || out->seen == NULL) {
        return ONUS_ERR_NOMEM;
    }
    size_t n = 0;
    for (size_t r = 0; r < list->n_rows; r++) {
        const char *a = onus_table_text(list, 0, r);
        const char *b = onus_table_text(list, 1, r);
        int32_t probe = onus_texts_find(probes, a);
        int32_t reference = onus_texts_find(references, b);
        if (either_way && (probe < 0 || reference < 0)) {
            probe = onus_texts_find(probes, b);
            reference = onus_texts_find(references, a);
        }
        if (probe < 0 || reference < 0) {
            out->n_unknown++;
            continue;
        }
        out->keys[n++] = key_of(probe, reference);
    }
    qsort(out->keys, n, sizeof *out->keys, by_key);
    for (size_t i = 0; i < n; i++) {
        if (out->n > 0 && out->keys[i] == out->keys[out->n - 1]) {
            out->n_repeated++;
        } else {
            out->keys[out->n++] = out->keys[i];
        }
    }
    return ONUS_OK;
}

static bool look_up(mates *list, int32_t probe, int32_t reference) {
    const uint64_t key = key_of(probe, reference);
    const uint64_t *found =
        list->n == 0 ? NULL : bsearch(&key, list->keys, list->n, sizeof key, by_key);
    if (found != NULL) {
        list->seen[found - list->keys] = 1;
    }
    return found != NULL;
}

/* Marks the rows whose pair is on the list. With either_way the mirror image of a listed pair is
 * sought by the ids that the two sides share. */
static onus_status label_rows(const onus_table *table, const onus_side *probe,
                              const onus_side *reference, bool either_way, mates *list,
                              uint8_t *label) {
    onus_status status = ONUS_OK;
    int32_t *twin = NULL; /* of each probe the reference of one id */
    int32_t *back = NULL; /* of each reference the probe */
    if (either_way) {
        ONUS_TRY(onus_sides_twins(probe, reference, table->n_texts, &twin));
        ONUS_TRY(onus_sides_twins(reference, probe, table->n_texts, &back));
    }
    for (size_t r = 0; r < table->n_rows; r++) {
        const int32_t a = probe->of_row[r];
        const int32_t b = reference->of_row[r];
        bool is_mate = look_up(list, a, b);
        if (either_way && back[b] >= 0 && twin[a] >= 0) {
            is_mate = look_up(list, back[b], twin[a]) || is_mate;
        }
        label[r] = is_mate;
    }
out:
    onus_free(twin);
    onus_free(back);
    return status;
}

onus_status onus_mates_label(onus_match_loading *m, const onus_table *table, const onus_side *probe,
                             const onus_side *reference, bool either_way, uint8_t *label) {
    const onus_case *c = m->loading->c;
    const onus_comparisons_ref *ref = &c->match.comparisons;
    onus_status status = ONUS_OK;
    onus_table list = {0};
    onus_input input = {.role = "mates"};
    onus_texts probes = {0};
    onus_texts references = {0};
    mates found = {0};
    const onus_column_ask asks[] = {{.name = ref->mates_probe, .type = ONUS_COLUMN_ID},
                                    {.name = ref->mates_reference, .type = ONUS_COLUMN_ID}};
    ONUS_TRY(onus_table_read(&ref->mates, c->data_dir, asks, 2, m->loading->context, &list, &input,
                             m->loading->problems));
    ONUS_TRY(list_ids(table, probe, &probes));
    ONUS_TRY(list_ids(table, reference, &references));
    ONUS_TRY(take_keys(&list, &probes, &references, either_way, &found));
    ONUS_TRY(label_rows(table, probe, reference, either_way, &found, label));
    uint64_t n_unseen = found.n_unknown;
    for (size_t i = 0; i < found.n; i++) {
        n_unseen += !found.seen[i];
    }
    input.used -= n_unseen + found.n_repeated;
    ONUS_TRY(onus_input_exclude(&input, "in no comparison", true, n_unseen));
    ONUS_TRY(onus_input_exclude(&input, "repeats a pair", true, found.n_repeated));
    if (n_unseen > 0) {
        ONUS_TRY(onus_warn(&m->loading->out->warnings, "mates_not_compared",
                           "%s: %llu of %llu pairs of one person are in no comparison; were they "
                           "failures, they are not counted as such",
                           input.file, (unsigned long long)n_unseen,
                           (unsigned long long)input.rows));
    }
out:
    status = onus_settle_input(m->loading, &input, status);
    onus_table_clear(&list);
    onus_texts_clear(&probes);
    onus_texts_clear(&references);
    onus_free(found.keys);
    onus_free(found.seen);
    return status;
}
