/* Which withheld counts can be worked out: exact linear algebra modulo a prime.
 *
 * A published sum less its published cells is a linear equation in the withheld ones. A withheld
 * cell is determined exactly if every solution of the homogeneous system is 0 there. So: reduce the
 * equations (shortest first: the sums of single areas share no cell and cost nothing, the few long
 * ones follow), give the free cells random values, solve backwards, and look where the solution is
 * 0. All modulo 2^61 - 1, where nothing is rounded. The "random" values are a fixed hash of the
 * cell, so the answer is the same every time. stats_withhold.c builds on it; the place trial calls
 * both. Never looks at bounds: that counts are not negative can narrow a cell down further. */
#include "onus/stats_disclosure.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/array.h"

__extension__ typedef unsigned __int128 wide;

static const uint64_t PRIME = (UINT64_C(1) << 61) - 1; /* a Mersenne prime: reduction by shifts */

static uint64_t reduce(uint64_t a) {
    a = (a & PRIME) + (a >> 61);
    return a >= PRIME ? a - PRIME : a;
}

static uint64_t times(uint64_t a, uint64_t b) {
    const wide product = (wide)a * b;
    return reduce((uint64_t)(product & PRIME) + (uint64_t)(product >> 61));
}

static uint64_t minus(uint64_t a, uint64_t b) {
    return a >= b ? a - b : a + PRIME - b;
}

/* Fermat: a^(p - 2). */
static uint64_t inverse(uint64_t a) {
    uint64_t result = 1;
    for (uint64_t e = PRIME - 2; e > 0; e >>= 1) {
        if (e & 1) {
            result = times(result, a);
        }
        a = times(a, a);
    }
    return result;
}

/* A fixed value in 1 .. p - 1 for each cell (splitmix64, Steele, Lea & Flood 2014). */
static uint64_t scatter(uint64_t i) {
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % (PRIME - 1) + 1;
}

typedef struct entry {
    size_t column;
    uint64_t value;
} entry;

/* Reduced equations so far. Row k is entries[starts[k] .. starts[k + 1] - 1], its pivot has value 1
 * and it holds no pivot of an earlier row. */
typedef struct system {
    size_t n_columns;
    size_t n_rows;
    onus_array entries;  /* entry */
    size_t *starts;      /* rows_cap + 1 */
    size_t *pivots;      /* column of each row */
    size_t *row_of;      /* per column: 1 + row whose pivot it is; 0: none */
    uint64_t *dense;     /* n_columns: the equation at work */
    size_t *touched;     /* columns of it that are or were nonzero */
    uint8_t *is_touched; /* n_columns */
    uint64_t *pending;   /* bits: rows still to be subtracted */
} system_state;

static void system_clear(system_state *s) {
    onus_array_clear(&s->entries);
    onus_free(s->starts);
    onus_free(s->pivots);
    onus_free(s->row_of);
    onus_free(s->dense);
    onus_free(s->touched);
    onus_free(s->is_touched);
    onus_free(s->pending);
    memset(s, 0, sizeof *s);
}

static onus_status system_init(system_state *s, size_t n_columns, size_t n_rows) {
    const size_t n_pivots = n_rows < n_columns ? n_rows : n_columns;
    *s = (system_state){.n_columns = n_columns, .entries = ONUS_ARRAY_OF(entry)};
    s->starts = onus_alloc_n(n_pivots + 1, sizeof *s->starts);
    s->pivots = onus_alloc_n(n_pivots, sizeof *s->pivots);
    s->row_of = onus_alloc_n(n_columns, sizeof *s->row_of);
    s->dense = onus_alloc_n(n_columns, sizeof *s->dense);
    s->touched = onus_alloc_n(n_columns, sizeof *s->touched);
    s->is_touched = onus_alloc_n(n_columns, sizeof *s->is_touched);
    s->pending = onus_alloc_n(n_pivots / 64 + 1, sizeof *s->pending);
    if (s->starts == NULL || s->pivots == NULL || s->row_of == NULL || s->dense == NULL ||
        s->touched == NULL || s->is_touched == NULL || s->pending == NULL) {
        return ONUS_ERR_NOMEM;
    }
    return ONUS_OK;
}

static void touch(system_state *s, size_t column, size_t *n_touched) {
    if (!s->is_touched[column]) {
        s->is_touched[column] = 1;
        s->touched[(*n_touched)++] = column;
        const size_t row = s->row_of[column];
        if (row > 0) {
            s->pending[(row - 1) / 64] |= UINT64_C(1) << ((row - 1) % 64);
        }
    }
}

/* Reduces the 0/1 equation over `columns` and keeps what is left of it. Subtracting row k can bring
 * in pivots of later rows only, so one ascending walk over the pending rows is enough. */
static onus_status system_add(system_state *s, const size_t *columns, size_t n) {
    size_t n_touched = 0;
    for (size_t k = 0; k < n; k++) {
        s->dense[columns[k]] = 1;
        touch(s, columns[k], &n_touched);
    }
    const entry *entries = s->entries.items;
    const size_t n_words = s->n_rows / 64 + 1;
    for (size_t w = 0; w < n_words; w++) {
        while (s->pending[w] != 0) {
            const size_t row = 64 * w + (size_t)__builtin_ctzll(s->pending[w]);
            s->pending[w] &= s->pending[w] - 1;
            const uint64_t factor = s->dense[s->pivots[row]];
            assert(entries != NULL); /* a pending row is one that has entries */
            for (size_t e = s->starts[row]; factor != 0 && e < s->starts[row + 1]; e++) {
                const size_t column = entries[e].column;
                s->dense[column] = minus(s->dense[column], times(factor, entries[e].value));
                touch(s, column, &n_touched);
            }
        }
    }
    size_t pivot = SIZE_MAX;
    for (size_t k = 0; k < n_touched; k++) {
        if (s->dense[s->touched[k]] != 0) {
            pivot = s->touched[k];
            break;
        }
    }
    onus_status status = ONUS_OK;
    if (pivot != SIZE_MAX) {
        const uint64_t scale = inverse(s->dense[pivot]);
        for (size_t k = 0; k < n_touched && status == ONUS_OK; k++) {
            const size_t column = s->touched[k];
            if (s->dense[column] != 0) {
                const entry e = {.column = column, .value = times(scale, s->dense[column])};
                status = onus_array_push(&s->entries, &e);
            }
        }
        s->pivots[s->n_rows++] = pivot;
        s->starts[s->n_rows] = s->entries.n_items;
        s->row_of[pivot] = s->n_rows;
    }
    for (size_t k = 0; k < n_touched; k++) {
        s->dense[s->touched[k]] = 0;
        s->is_touched[s->touched[k]] = 0;
    }
    return status;
}

/* A vector of the null space with random free entries, into s->dense. */
static void system_null_vector(system_state *s) {
    for (size_t c = 0; c < s->n_columns; c++) {
        s->dense[c] = s->row_of[c] > 0 ? 0 : scatter(c);
    }
    const entry *entries = s->entries.items;
    for (size_t row = s->n_rows; row-- > 0;) {
        uint64_t rest = 0;
        for (size_t e = s->starts[row]; e < s->starts[row + 1]; e++) {
            if (entries[e].column != s->pivots[row]) {
                rest = reduce(rest + times(entries[e].value, s->dense[entries[e].column]));
            }
        }
        s->dense[s->pivots[row]] = minus(0, rest);
    }
}

typedef struct length {
    size_t n;
    size_t sum;
} length;

static int shorter_first(const void *left, const void *right) {
    const length *a = left;
    const length *b = right;
    if (a->n != b->n) {
        return a->n < b->n ? -1 : 1;
    }
    return (a->sum > b->sum) - (a->sum < b->sum);
}

static bool in_range(const onus_disclosure *table) {
    for (size_t s = 0; s < table->n_sums; s++) {
        if (table->starts[s] > table->starts[s + 1]) {
            return false;
        }
    }
    for (size_t k = 0; table->n_sums > 0 && k < table->starts[table->n_sums]; k++) {
        if (table->cells[k] < 0 || (size_t)table->cells[k] >= table->n_cells) {
            return false;
        }
    }
    return true;
}

onus_status onus_disclosure_recoverable(const onus_disclosure *table, const uint8_t *cell_withheld,
                                        const uint8_t *sum_withheld, uint8_t *recoverable,
                                        uint8_t *sum_recoverable, onus_error *err) {
    onus_status status = ONUS_OK;
    system_state s = {0};
    if (!in_range(table)) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a sum names a cell that does not exist");
    }
    size_t *column_of = onus_alloc_n(table->n_cells, sizeof *column_of);
    size_t *columns = onus_alloc_n(table->n_cells, sizeof *columns);
    length *order = onus_alloc_n(table->n_sums, sizeof *order);
    if (column_of == NULL || columns == NULL || order == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    size_t n_unknown = 0;
    for (size_t c = 0; c < table->n_cells; c++) {
        column_of[c] = cell_withheld[c] ? n_unknown++ : SIZE_MAX;
    }
    size_t n_rows = 0;
    for (size_t k = 0; k < table->n_sums; k++) {
        length row = {.n = 0, .sum = k};
        for (size_t e = table->starts[k]; e < table->starts[k + 1]; e++) {
            row.n += cell_withheld[table->cells[e]] != 0;
        }
        if (row.n > 0 && (sum_withheld == NULL || !sum_withheld[k])) {
            order[n_rows++] = row;
        }
    }
    if (n_rows > 1) {
        qsort(order, n_rows, sizeof *order, shorter_first);
    }
    status = system_init(&s, n_unknown, n_rows);
    for (size_t r = 0; r < n_rows && status == ONUS_OK; r++) {
        size_t n = 0;
        const size_t k = order[r].sum;
        for (size_t e = table->starts[k]; e < table->starts[k + 1]; e++) {
            if (cell_withheld[table->cells[e]]) {
                columns[n++] = column_of[table->cells[e]];
            }
        }
        status = system_add(&s, columns, n);
    }
    if (status != ONUS_OK) {
        status = onus_fail_nomem(err);
        goto out;
    }
    system_null_vector(&s);
    for (size_t c = 0; c < table->n_cells; c++) {
        recoverable[c] = cell_withheld[c] && s.dense[column_of[c]] == 0;
    }
    for (size_t k = 0; sum_recoverable != NULL && k < table->n_sums; k++) {
        uint64_t sum = 0;
        for (size_t e = table->starts[k]; e < table->starts[k + 1]; e++) {
            if (cell_withheld[table->cells[e]]) {
                sum = reduce(sum + s.dense[column_of[table->cells[e]]]);
            }
        }
        sum_recoverable[k] = sum_withheld != NULL && sum_withheld[k] && sum == 0;
    }
out:
    system_clear(&s);
    onus_free(column_of);
    onus_free(columns);
    onus_free(order);
    return status;
}
