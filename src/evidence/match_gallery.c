/* The list that was searched: its entries, and the sightings that they are.
 *
 * Who an entry is comes from the gallery table; what the table does not say (camera, groups) from
 * the sighting of the same id, where there is one. Without a gallery table the references that
 * occur are the list, as far as it is known. Called by match_searches.c. Never adds an entry that
 * neither a table nor a search names. */
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

int32_t onus_sighting_of(const onus_match_loading *m, const onus_known *known, const char *id) {
    const int32_t at = onus_texts_find(&m->sighting_ids, id);
    if (at >= 0) {
        return at;
    }
    const int32_t k = onus_texts_find(&known->ids, id);
    return k < 0 ? -1 : known->sighting[k];
}

void onus_who_complete(const onus_match_loading *m, onus_who *who, size_t i, int32_t sighting) {
    if (sighting < 0) {
        return;
    }
    const onus_who *s = &m->sightings;
    who->person[i] = who->person[i] < 0 ? s->person[sighting] : who->person[i];
    who->camera[i] = who->camera[i] < 0 ? s->camera[sighting] : who->camera[i];
    for (size_t g = 0; g < m->out->sightings.n_groupings; g++) {
        who->group[g][i] = who->group[g][i] < 0 ? s->group[g][sighting] : who->group[g][i];
    }
}

static onus_status take_gallery(onus_match_loading *m, onus_list *list, const onus_who_asks *asks,
                                const onus_table *table, onus_input *input) {
    onus_status status = ONUS_OK;
    onus_searches *out = &m->out->searches;
    int32_t *of_row = NULL;
    uint32_t *text = NULL;
    size_t n = 0;
    uint8_t *keep = onus_alloc_n(table->n_rows, sizeof *keep);
    if (keep == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memset(keep, 1, table->n_rows);
    ONUS_TRY(onus_things_of(table, 0, &of_row, &text, &n));
    ONUS_TRY(onus_who_read(m, asks, table, &m->loading->c->match.gallery.source, of_row, n, keep,
                           &list->who));
    list->sighting = onus_alloc_n(n, sizeof *list->sighting);
    if (list->sighting == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        const char *id = table->pool + table->pool_starts[text[i]];
        int32_t index = -1;
        ONUS_TRY(onus_texts_intern(&list->ids, id, &index));
        list->sighting[i] = onus_sighting_of(m, &m->references, id);
        onus_who_complete(m, &list->who, i, list->sighting[i]);
    }
    ONUS_TRY(onus_account_repeats(input, keep, table->n_rows, n, "repeats an entry of the gallery",
                                  &out->n_entry_repeats));
    if (out->n_entry_repeats > 0) {
        ONUS_TRY(onus_warn(&m->loading->out->warnings, "gallery_repeated",
                           "%s: %llu rows repeat an entry that is there already; left out",
                           input->file, (unsigned long long)out->n_entry_repeats));
    }
out:
    onus_free(of_row);
    onus_free(text);
    onus_free(keep);
    return status;
}

onus_status onus_load_gallery(onus_match_loading *m, onus_list *list) {
    const onus_case *c = m->loading->c;
    const onus_gallery_ref *ref = &c->match.gallery;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    onus_table table = {0};
    onus_input input = {.role = "gallery"};
    onus_who_asks who = {.person_column = ref->person,
                         .camera_column = ref->camera,
                         .groups = ref->groups,
                         .n_groups = ref->n_groups};
    size_t n = 0;
    onus_column_ask *asks = onus_alloc_n(3 + ref->n_groups, sizeof *asks);
    if (asks == NULL) {
        return ONUS_ERR_NOMEM;
    }
    asks[n++] = (onus_column_ask){.name = ref->id, .type = ONUS_COLUMN_ID};
    onus_who_ask(&who, asks, &n);
    asks[1].type = ONUS_COLUMN_ID; /* an entry that is nobody's cannot be judged */
    asks[1].may_be_missing = false;
    asks[1].missing_reason = "no known truth";
    ONUS_TRY(onus_table_read(&ref->source, c->data_dir, asks, n, m->loading->context, &table,
                             &input, m->loading->problems));
    ONUS_TRY(take_gallery(m, list, &who, &table, &input));
    m->out->searches.gallery_given = true;
out:
    status = onus_settle_input(m->loading, &input, status);
    onus_table_clear(&table);
    onus_free(asks);
    return status;
}

onus_status onus_list_add(const onus_match_loading *m, onus_list *list, const char *id,
                          int32_t *entry) {
    onus_status status = ONUS_OK;
    ONUS_TRY(onus_texts_intern(&list->ids, id, entry));
    const size_t n = (size_t)*entry + 1;
    if (n > list->who.n) {
        if (n > list->cap) {
            const size_t cap = 2 * n;
            int32_t *grown = onus_realloc_n(list->sighting, cap, sizeof *grown);
            if (grown == NULL) {
                return ONUS_ERR_NOMEM;
            }
            list->sighting = grown;
            list->cap = cap;
        }
        list->sighting[*entry] = onus_sighting_of(m, &m->references, id);
        list->who.n = n;
    }
out:
    return status;
}

void onus_list_clear(const onus_match_loading *m, onus_list *list) {
    onus_texts_clear(&list->ids);
    onus_free(list->sighting);
    onus_who_clear(m, &list->who);
    *list = (onus_list){0};
}
