/* The pool of a table's distinct texts: equal texts share one index, so that a column of categories
 * costs four bytes a row and comparing two rows is comparing two numbers.
 *
 * Open addressing with a fixed hash; the pool itself grows in order of first occurrence, and
 * nothing ever walks the slots, so no result depends on the hash. Called by rows.c for each kept
 * cell of a text column. Never holds texts of rows that were let go. */
#include <string.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

static uint64_t hash_text(const char *text, size_t len) {
    uint64_t h = UINT64_C(0xCBF29CE484222325); /* FNV-1a, 64 bits */
    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001B3);
    }
    return h ^ (h >> 32);
}

static size_t slot_of(const onus_rows *rows, const char *text, size_t len) {
    const onus_table *table = rows->table;
    size_t slot = (size_t)hash_text(text, len) & (rows->n_slots - 1);
    while (rows->slots[slot] != 0) {
        const char *known = table->pool + table->pool_starts[rows->slots[slot] - 1];
        if (strncmp(known, text, len) == 0 && known[len] == '\0') {
            break;
        }
        slot = (slot + 1) & (rows->n_slots - 1);
    }
    return slot;
}

static onus_status grow_slots(onus_rows *rows) {
    const onus_table *table = rows->table;
    uint32_t *old = rows->slots;
    const size_t n = rows->n_slots == 0 ? 256 : 2 * rows->n_slots;
    uint32_t *slots = onus_alloc_n(n, sizeof *slots);
    if (slots == NULL) {
        return ONUS_ERR_NOMEM;
    }
    rows->slots = slots;
    rows->n_slots = n;
    for (size_t i = 0; i < table->n_texts; i++) {
        const char *text = table->pool + table->pool_starts[i];
        rows->slots[slot_of(rows, text, strlen(text))] = (uint32_t)(i + 1);
    }
    onus_free(old);
    return ONUS_OK;
}

onus_status onus_rows_intern(onus_rows *rows, const char *text, size_t len, uint32_t *index) {
    onus_table *table = rows->table;
    if (2 * (table->n_texts + 1) > rows->n_slots) {
        const onus_status status = grow_slots(rows);
        if (status != ONUS_OK) {
            return status;
        }
    }
    const size_t slot = slot_of(rows, text, len);
    if (rows->slots[slot] != 0) {
        *index = rows->slots[slot] - 1;
        return ONUS_OK;
    }
    if (table->n_texts >= UINT32_MAX - 1) {
        return ONUS_ERR_LIMIT;
    }
    if (table->n_texts == rows->starts_cap) {
        const size_t cap = rows->starts_cap == 0 ? 64 : 2 * rows->starts_cap;
        size_t *starts = onus_realloc_n(table->pool_starts, cap, sizeof *starts);
        if (starts == NULL) {
            return ONUS_ERR_NOMEM;
        }
        table->pool_starts = starts;
        rows->starts_cap = cap;
    }
    if (rows->pool_len + len + 1 > rows->pool_cap) {
        const size_t cap = 2 * (rows->pool_len + len + 1) + 1024;
        char *pool = onus_realloc_n(table->pool, cap, 1);
        if (pool == NULL) {
            return ONUS_ERR_NOMEM;
        }
        table->pool = pool;
        rows->pool_cap = cap;
    }
    memcpy(table->pool + rows->pool_len, text, len);
    table->pool[rows->pool_len + len] = '\0';
    table->pool_starts[table->n_texts] = rows->pool_len;
    rows->pool_len += len + 1;
    rows->slots[slot] = (uint32_t)(table->n_texts + 1);
    *index = (uint32_t)table->n_texts++;
    return ONUS_OK;
}

uint32_t onus_rows_find(const onus_rows *rows, const char *text, size_t len) {
    if (rows->n_slots == 0) {
        return UINT32_MAX;
    }
    const size_t slot = slot_of(rows, text, len);
    return rows->slots[slot] == 0 ? UINT32_MAX : rows->slots[slot] - 1;
}
