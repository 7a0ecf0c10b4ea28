/* Comparisons as searches: a full design of probes against references is a search for every probe.
 *
 * Probes and references that are different sightings fill a rectangle. Where every pair of
 * sightings was compared once, in either orientation, the table is half of a full matrix: each
 * sighting is then searched among all the others. Anything less is not a search, for a list with
 * holes has no ranks.
 *
 * Called by searches.c.
 */
#include <math.h>

#include "onus/alloc.h"
#include "searches_internal.h"

typedef struct design {
    const onus_comparisons *c;
    int32_t *row_of; /* sighting -> row, -1 */
    int32_t *col_of;
    size_t n_rows;
    size_t n_cols;
    uint8_t *filled;
} design;

static void number_sightings(design *d, size_t n_sightings, bool both_ways) {
    d->n_rows = 0;
    d->n_cols = 0;
    for (size_t i = 0; i < n_sightings; i++) {
        d->row_of[i] = -1;
        d->col_of[i] = -1;
    }
    for (size_t i = 0; i < d->c->n_comparisons; i++) {
        d->row_of[d->c->probe[i]] = 0;
        d->col_of[d->c->reference[i]] = 0;
    }
    for (size_t i = 0; i < n_sightings; i++) {
        const bool is_row = d->row_of[i] == 0 || (both_ways && d->col_of[i] == 0);
        const bool is_col = d->col_of[i] == 0 || (both_ways && d->row_of[i] == 0);
        d->row_of[i] = is_row ? (int32_t)d->n_rows++ : -1;
        d->col_of[i] = is_col ? (int32_t)d->n_cols++ : -1;
    }
}

/* Cells that a full design has: all but a sighting against itself. */
static size_t n_wanted(const design *d, size_t n_sightings) {
    size_t n_self = 0;
    for (size_t i = 0; i < n_sightings; i++) {
        n_self += d->row_of[i] >= 0 && d->col_of[i] >= 0;
    }
    return d->n_rows * d->n_cols - n_self;
}

/* How many cells are filled; a cell filled twice counts once, and says so. */
static size_t fill(design *d, double *scores, bool both_ways, bool *twice) {
    const onus_comparisons *c = d->c;
    size_t n = 0;
    *twice = false;
    for (size_t i = 0; i < c->n_comparisons; i++) {
        const size_t cell =
            (size_t)d->row_of[c->probe[i]] * d->n_cols + (size_t)d->col_of[c->reference[i]];
        *twice = *twice || d->filled[cell] != 0;
        n += d->filled[cell] == 0;
        d->filled[cell] = 1;
        scores[cell] = c->score[i];
    }
    for (size_t i = 0; both_ways && i < c->n_comparisons; i++) {
        const size_t cell =
            (size_t)d->row_of[c->reference[i]] * d->n_cols + (size_t)d->col_of[c->probe[i]];
        if (d->filled[cell] == 0) {
            n++;
            d->filled[cell] = 1;
            scores[cell] = c->score[i];
        }
    }
    return n;
}

static onus_status name_sides(searching *s, const design *d) {
    const onus_sightings *in = &s->t->m->sightings;
    int32_t *probe_person = match_alloc(s->t, d->n_rows, sizeof *probe_person);
    int32_t *probe_camera = match_alloc(s->t, d->n_rows, sizeof *probe_camera);
    int32_t *probe_entry = match_alloc(s->t, d->n_rows, sizeof *probe_entry);
    int32_t *entry_person = match_alloc(s->t, d->n_cols, sizeof *entry_person);
    int32_t *entry_camera = match_alloc(s->t, d->n_cols, sizeof *entry_camera);
    if (probe_person == NULL || probe_camera == NULL || probe_entry == NULL ||
        entry_person == NULL || entry_camera == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < in->n_sightings; i++) {
        const int32_t camera = in->camera != NULL ? in->camera[i] : -1;
        if (d->row_of[i] >= 0) {
            probe_person[d->row_of[i]] = in->person[i];
            probe_camera[d->row_of[i]] = camera;
            probe_entry[d->row_of[i]] = d->col_of[i];
        }
        if (d->col_of[i] >= 0) {
            entry_person[d->col_of[i]] = in->person[i];
            entry_camera[d->col_of[i]] = camera;
        }
    }
    s->set = (onus_retrieval_set){.n_probes = d->n_rows,
                                  .probe_person = probe_person,
                                  .probe_camera = probe_camera,
                                  .probe_entry = probe_entry,
                                  .n_entries = d->n_cols,
                                  .entry_person = entry_person,
                                  .entry_camera = entry_camera,
                                  .n_people = in->n_people,
                                  .higher_is_same =
                                      s->t->c->match.comparisons.higher_is == ONUS_HIGHER_SAME};
    return ONUS_OK;
}

static const char *holes(match_trial *t, size_t n_filled, size_t n_cells) {
    return onus_result_text(t->result,
                            "comparisons are no searches: %zu of %zu pairs of probes and "
                            "references are in the table, and a list with holes has no ranks",
                            n_filled, n_cells);
}

/* One reading of the table; *n_filled == *n_cells: a full design. */
static onus_status try_design(searching *s, design *d, bool both_ways, size_t *n_filled,
                              size_t *n_cells, bool *twice) {
    const size_t n_sightings = s->t->m->sightings.n_sightings;
    number_sightings(d, n_sightings, both_ways);
    *n_cells = n_wanted(d, n_sightings);
    *n_filled = d->c->n_comparisons;
    *twice = false;
    /* rows cannot fill more cells than they are, twice that if they count both ways */
    if (*n_cells > d->c->n_comparisons * (both_ways ? 2U : 1U)) {
        *n_filled *= both_ways ? 2U : 1U;
        return ONUS_OK;
    }
    onus_free(d->filled);
    d->filled = onus_alloc_n(d->n_rows * d->n_cols, 1);
    double *scores = match_alloc(s->t, d->n_rows * d->n_cols, sizeof *scores);
    if (d->filled == NULL || scores == NULL) {
        return ONUS_ERR_NOMEM;
    }
    *n_filled = fill(d, scores, both_ways, twice);
    if (*n_filled != *n_cells || *twice) {
        return ONUS_OK;
    }
    s->scores = scores;
    return name_sides(s, d);
}

onus_status match_searches_of_comparisons(searching *s, const char **why) {
    onus_status status = ONUS_OK;
    const onus_comparisons *c = &s->t->m->comparisons;
    const size_t n_sightings = s->t->m->sightings.n_sightings;
    *why = NULL;
    if (!c->knows_people) {
        *why = "comparisons are no searches: who is who is not known";
        return ONUS_OK;
    }
    design d = {.c = c,
                .row_of = onus_alloc_n(n_sightings, sizeof(int32_t)),
                .col_of = onus_alloc_n(n_sightings, sizeof(int32_t))};
    if (d.row_of == NULL || d.col_of == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    size_t n_filled;
    size_t n_cells;
    bool twice;
    ONUS_TRY(try_design(s, &d, false, &n_filled, &n_cells, &twice));
    if (s->scores == NULL && c->one_space && !twice) {
        ONUS_TRY(try_design(s, &d, true, &n_filled, &n_cells, &twice));
    }
    if (s->scores == NULL) {
        *why = twice ? "comparisons are no searches: some pairs have two scores"
                     : holes(s->t, n_filled, n_cells);
        status = *why == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    }
out:
    onus_free(d.row_of);
    onus_free(d.col_of);
    onus_free(d.filled);
    return status;
}
