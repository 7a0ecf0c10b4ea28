/* Probes and references of a comparison table: which sightings they are.
 *
 * Each side is read by itself, its sightings numbered by first appearance, with who and where from
 * columns of their own or from the sightings table. Then the two are laid on one another: where ids
 * that occur on both sides contradict each other in nothing, they name the same sightings, and a
 * symmetric table can be told from two different lists. Called by match_comparisons.c. Never keeps
 * an id behind the loading. */
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

void onus_side_ask(const onus_match_loading *m, const onus_match_side_ref *ref, onus_side *side,
                   onus_column_ask *asks, size_t *n) {
    const onus_match_ref *match = &m->loading->c->match;
    side->ref = ref;
    side->named = ref->id != NULL;
    side->by_table = ref->id != NULL && ref->person == NULL && ref->camera == NULL &&
                     ref->n_groups == 0 && match->sightings.source.file != NULL;
    side->knows_person = side->by_table ? match->sightings.person != NULL : ref->person != NULL;
    if (side->named) {
        side->id_ask = *n;
        asks[(*n)++] = (onus_column_ask){.name = ref->id, .type = ONUS_COLUMN_ID};
    }
    side->asks = (onus_who_asks){.person_column = ref->person,
                                 .camera_column = ref->camera,
                                 .groups = ref->groups,
                                 .n_groups = ref->n_groups};
    onus_who_ask(&side->asks, asks, n);
}

static const char *pool_text(const onus_table *table, uint32_t text) {
    return table->pool + table->pool_starts[text];
}

/* Who the ids are by the sightings table; ids that it has not are problems at their first row. */
static onus_status look_up(onus_match_loading *m, const onus_table *table, onus_side *side,
                           uint8_t *keep) {
    onus_status status = ONUS_OK;
    const onus_source *source = &m->loading->c->match.comparisons.source;
    uint8_t *told = onus_alloc_n(side->n, sizeof *told);
    side->in_table = onus_alloc_n(side->n, sizeof *side->in_table);
    if (told == NULL || side->in_table == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    ONUS_TRY(onus_who_make(m, side->n, &side->who));
    for (size_t i = 0; i < side->n; i++) {
        const int32_t at = onus_texts_find(&m->sighting_ids, pool_text(table, side->id_text[i]));
        side->in_table[i] = at;
        if (at < 0) {
            continue;
        }
        side->who.person[i] = m->sightings.person[at];
        side->who.camera[i] = m->sightings.camera[at];
        for (size_t g = 0; g < m->out->sightings.n_groupings; g++) {
            side->who.group[g][i] = m->sightings.group[g][at];
        }
    }
    for (size_t r = 0; r < table->n_rows; r++) {
        const int32_t i = side->of_row[r];
        if (side->in_table[i] >= 0) {
            continue;
        }
        keep[r] = 0;
        side->n_unknown_rows++;
        if (source->invalid == ONUS_INVALID_STOP && !told[i]) {
            char quoted[ONUS_QUOTED_MAX];
            const char *text = pool_text(table, side->id_text[i]);
            onus_problems_add(m->loading->problems, "unknown sighting", source->file,
                              table->lines[r], 0,
                              "column '%s' is '%s', which is no sighting of '%s'", side->ref->id,
                              onus_quoted(text, strlen(text), quoted),
                              m->loading->c->match.sightings.source.file);
            status = ONUS_ERR_DATA;
        }
        told[i] = 1;
    }
out:
    onus_free(told);
    return status;
}

onus_status onus_side_read(onus_match_loading *m, const onus_table *table, onus_side *side,
                           uint8_t *keep) {
    onus_status status = ONUS_OK;
    if (side->named) {
        ONUS_TRY(onus_things_of(table, side->id_ask, &side->of_row, &side->id_text, &side->n));
    } else {
        side->n = table->n_rows;
        side->of_row = onus_alloc_n(table->n_rows, sizeof *side->of_row);
        if (side->of_row == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t r = 0; r < table->n_rows; r++) {
            side->of_row[r] = (int32_t)r;
        }
    }
    side->place = onus_alloc_n(side->n, sizeof *side->place);
    if (side->place == NULL) {
        return ONUS_ERR_NOMEM;
    }
    status = side->by_table
                 ? look_up(m, table, side, keep)
                 : onus_who_read(m, &side->asks, table, &m->loading->c->match.comparisons.source,
                                 side->of_row, side->n, keep, &side->who);
out:
    return status;
}

onus_status onus_sides_twins(const onus_side *probe, const onus_side *reference, size_t n_texts,
                             int32_t **twin) {
    int32_t *of_text = onus_alloc_n(n_texts, sizeof *of_text);
    *twin = onus_alloc_n(probe->n, sizeof **twin);
    if (of_text == NULL || *twin == NULL) {
        onus_free(of_text);
        return ONUS_ERR_NOMEM;
    }
    for (size_t t = 0; t < n_texts; t++) {
        of_text[t] = -1;
    }
    for (size_t i = 0; i < reference->n; i++) {
        of_text[reference->id_text[i]] = (int32_t)i;
    }
    for (size_t i = 0; i < probe->n; i++) {
        (*twin)[i] = of_text[probe->id_text[i]];
    }
    onus_free(of_text);
    return ONUS_OK;
}

static bool contradicts(int32_t a, int32_t b) {
    return a >= 0 && b >= 0 && a != b;
}

bool onus_sides_agree(const onus_match_loading *m, const onus_side *probe,
                      const onus_side *reference, const int32_t *twin, const uint8_t *same,
                      size_t n_rows) {
    size_t n_twins = 0;
    for (size_t i = 0; i < probe->n; i++) {
        const int32_t k = twin[i];
        if (k < 0) {
            continue;
        }
        n_twins++;
        if (contradicts(probe->who.person[i], reference->who.person[k]) ||
            contradicts(probe->who.camera[i], reference->who.camera[k])) {
            return false;
        }
        for (size_t g = 0; g < m->out->sightings.n_groupings; g++) {
            if (contradicts(probe->who.group[g][i], reference->who.group[g][k])) {
                return false;
            }
        }
    }
    if (n_twins == 0) {
        return false;
    }
    /* Lists that are both numbered by person (probe 7 is reference 7's person) look alike too; but
     * then people are compared with themselves only under one id, and in one space never. */
    bool is_mated_apart = false;
    bool is_mated_alone = false;
    for (size_t r = 0; r < n_rows; r++) {
        const bool is_twin = twin[probe->of_row[r]] == reference->of_row[r];
        if (is_twin && !same[r]) {
            return false;
        }
        is_mated_apart = is_mated_apart || (same[r] && !is_twin);
        is_mated_alone = is_mated_alone || (same[r] && is_twin);
    }
    return is_mated_apart || !is_mated_alone;
}

static void copy_who(const onus_match_loading *m, const onus_who *from, size_t i, onus_who *to,
                     size_t k) {
    /* what is known of either twin is known of both */
    to->person[k] = to->person[k] < 0 ? from->person[i] : to->person[k];
    to->camera[k] = to->camera[k] < 0 ? from->camera[i] : to->camera[k];
    for (size_t g = 0; g < m->out->sightings.n_groupings; g++) {
        to->group[g][k] = to->group[g][k] < 0 ? from->group[g][i] : to->group[g][k];
    }
}

onus_status onus_sides_number(onus_match_loading *m, onus_side *probe, onus_side *reference,
                              const int32_t *twin, size_t n_rows) {
    onus_status status = ONUS_OK;
    int32_t *back = NULL; /* of each reference its twin among the probes */
    size_t n = m->sightings.n;
    onus_side *const sides[] = {probe, reference};
    if (n + probe->n + reference->n > INT32_MAX) {
        return ONUS_ERR_LIMIT;
    }
    back = onus_alloc_n(reference->n, sizeof *back);
    if (back == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < reference->n; i++) {
        reference->place[i] = reference->in_table != NULL ? reference->in_table[i] : -1;
        back[i] = -1;
    }
    for (size_t i = 0; i < probe->n; i++) {
        probe->place[i] = probe->in_table != NULL ? probe->in_table[i] : -1;
        if (twin == NULL || twin[i] < 0) {
            continue;
        }
        back[twin[i]] = (int32_t)i;
        int32_t *other = &reference->place[twin[i]];
        probe->place[i] = probe->place[i] < 0 ? *other : probe->place[i];
        *other = probe->place[i];
    }
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t s = 0; s < 2; s++) {
            const int32_t i = sides[s]->of_row[r];
            if (sides[s]->place[i] >= 0) {
                continue;
            }
            sides[s]->place[i] = (int32_t)n++;
            const int32_t k = twin == NULL ? -1 : s == 0 ? twin[i] : back[i];
            if (k >= 0) {
                sides[1 - s]->place[k] = sides[s]->place[i];
            }
        }
    }
    ONUS_TRY(onus_who_grow(m, n, &m->sightings));
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sides[s]->n; i++) {
            if (sides[s]->place[i] >= 0) {
                copy_who(m, &sides[s]->who, i, &m->sightings, (size_t)sides[s]->place[i]);
            }
        }
    }
out:
    onus_free(back);
    return status;
}

void onus_side_clear(const onus_match_loading *m, onus_side *side) {
    onus_free(side->of_row);
    onus_free(side->id_text);
    onus_free(side->in_table);
    onus_free(side->place);
    onus_who_clear(m, &side->who);
}
