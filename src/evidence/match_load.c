/* The tables of a match case, in the order in which they explain one another:
 *
 *   sightings -> comparisons -> gallery, searches -> tracks -> names put in order
 *
 * and what they share: columns that say who and where, things that several rows name, groupings.
 * Called by onus_evidence_load. Never keeps the name of a person, a sighting or a track: see
 * match_texts.c. */
#include <stdlib.h>
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

/* ---- groupings ---- */

static int by_grouping_name(const void *a, const void *b) {
    return strcmp(((const onus_grouping *)a)->name, ((const onus_grouping *)b)->name);
}

size_t onus_match_grouping(const onus_match_loading *m, const char *name) {
    size_t g = 0;
    while (strcmp(m->out->sightings.groupings[g].name, name) != 0) { /* all were listed */
        g++;
    }
    return g;
}

static onus_status add_groupings(onus_sightings *s, const onus_mapping *groups, size_t n_groups) {
    for (size_t i = 0; i < n_groups; i++) {
        bool is_there = false;
        for (size_t g = 0; g < s->n_groupings; g++) {
            is_there = is_there || strcmp(s->groupings[g].name, groups[i].name) == 0;
        }
        if (is_there) {
            continue;
        }
        char *name = onus_strdup(groups[i].name);
        onus_grouping *grown =
            name == NULL ? NULL : onus_realloc_n(s->groupings, s->n_groupings + 1, sizeof *grown);
        if (grown == NULL) {
            onus_free(name);
            return ONUS_ERR_NOMEM;
        }
        s->groupings = grown;
        s->groupings[s->n_groupings++] = (onus_grouping){.name = name};
    }
    return ONUS_OK;
}

static onus_status list_groupings(onus_match_loading *m) {
    onus_status status = ONUS_OK;
    const onus_match_ref *ref = &m->loading->c->match;
    onus_sightings *s = &m->out->sightings;
    ONUS_TRY(add_groupings(s, ref->sightings.groups, ref->sightings.n_groups));
    ONUS_TRY(add_groupings(s, ref->comparisons.probe.groups, ref->comparisons.probe.n_groups));
    ONUS_TRY(
        add_groupings(s, ref->comparisons.reference.groups, ref->comparisons.reference.n_groups));
    ONUS_TRY(add_groupings(s, ref->gallery.groups, ref->gallery.n_groups));
    if (s->n_groupings > 0) {
        qsort(s->groupings, s->n_groupings, sizeof *s->groupings, by_grouping_name);
    }
    m->values = onus_alloc_n(s->n_groupings, sizeof *m->values);
    status = m->values == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
out:
    return status;
}

/* ---- who and where ---- */

onus_status onus_who_grow(const onus_match_loading *m, size_t n, onus_who *who) {
    const size_t n_groupings = m->out->sightings.n_groupings;
    if (who->group == NULL) {
        who->group = onus_alloc_n(n_groupings, sizeof *who->group);
        if (who->group == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    for (size_t k = 0; k < 2 + n_groupings; k++) {
        int32_t **array = k == 0 ? &who->person : k == 1 ? &who->camera : &who->group[k - 2];
        int32_t *grown = onus_realloc_n(*array, n == 0 ? 1 : n, sizeof *grown);
        if (grown == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t i = who->n; i < n; i++) {
            grown[i] = -1;
        }
        *array = grown;
    }
    who->n = n;
    return ONUS_OK;
}

onus_status onus_who_make(const onus_match_loading *m, size_t n, onus_who *who) {
    *who = (onus_who){0};
    return onus_who_grow(m, n, who);
}

void onus_who_clear(const onus_match_loading *m, onus_who *who) {
    onus_free(who->person);
    onus_free(who->camera);
    for (size_t g = 0; who->group != NULL && g < m->out->sightings.n_groupings; g++) {
        onus_free(who->group[g]);
    }
    onus_free(who->group);
    *who = (onus_who){0};
}

void onus_who_ask(onus_who_asks *who, onus_column_ask *asks, size_t *n) {
    who->first = *n;
    const onus_column_ask text = {.type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    if (who->person_column != NULL) {
        asks[*n] = text;
        asks[(*n)++].name = who->person_column;
    }
    if (who->camera_column != NULL) {
        asks[*n] = text;
        asks[(*n)++].name = who->camera_column;
    }
    for (size_t g = 0; g < who->n_groups; g++) {
        asks[*n] = text;
        asks[(*n)++].name = who->groups[g].values.items[0];
    }
}

/* One column of who and where, by rows, onto the things that the rows name. */
typedef struct joining {
    onus_match_loading *m;
    const onus_table *table;
    const onus_source *source;
    const int32_t *of_row;
    const uint32_t *first_row; /* of each thing */
    uint8_t *keep;
    bool failed;
} joining;

static onus_status join_column(joining *j, size_t column, const char *name, onus_texts *names,
                               int32_t *target) {
    int32_t *values = NULL;
    const onus_status status = onus_texts_take(names, j->table, column, &values);
    for (size_t r = 0; status == ONUS_OK && r < j->table->n_rows; r++) {
        int32_t *known = &target[j->of_row[r]];
        // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): onus_who_make made every array
        if (!j->keep[r] || values[r] == -1 || *known == values[r]) {
            continue;
        }
        if (*known == -1) {
            *known = values[r];
            continue;
        }
        if (j->source->invalid == ONUS_INVALID_EXCLUDE) {
            j->keep[r] = 0;
            continue;
        }
        char quoted[ONUS_QUOTED_MAX];
        const char *text = onus_table_text(j->table, column, r);
        onus_problems_add(
            j->m->loading->problems, "rows that contradict each other", j->source->file,
            j->table->lines[r], 0,
            "column '%s' is '%s', but an earlier row says otherwise of the same id (it first "
            "occurs in line %lld)",
            name, onus_quoted(text, strlen(text), quoted),
            (long long)j->table->lines[j->first_row[j->of_row[r]]]);
        j->failed = true;
    }
    onus_free(values);
    return status;
}

onus_status onus_who_read(onus_match_loading *m, const onus_who_asks *asks, const onus_table *table,
                          const onus_source *source, const int32_t *of_row, size_t n, uint8_t *keep,
                          onus_who *who) {
    onus_status status = ONUS_OK;
    uint32_t *first_row = onus_alloc_n(n, sizeof *first_row);
    joining j = {.m = m,
                 .table = table,
                 .source = source,
                 .of_row = of_row,
                 .first_row = first_row,
                 .keep = keep};
    size_t column = asks->first;
    *who = (onus_who){0};
    if (first_row == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t r = table->n_rows; r > 0; r--) {
        first_row[of_row[r - 1]] = (uint32_t)(r - 1);
    }
    ONUS_TRY(onus_who_make(m, n, who));
    if (asks->person_column != NULL) {
        ONUS_TRY(join_column(&j, column++, asks->person_column, &m->people, who->person));
    }
    if (asks->camera_column != NULL) {
        ONUS_TRY(join_column(&j, column++, asks->camera_column, &m->cameras, who->camera));
    }
    for (size_t g = 0; g < asks->n_groups; g++) {
        const size_t of = onus_match_grouping(m, asks->groups[g].name);
        ONUS_TRY(join_column(&j, column++, asks->groups[g].values.items[0], &m->values[of],
                             who->group[of]));
    }
    status = j.failed ? ONUS_ERR_DATA : ONUS_OK;
out:
    onus_free(first_row);
    return status;
}

onus_status onus_things_of(const onus_table *table, size_t column, int32_t **of_row,
                           uint32_t **text, size_t *n) {
    onus_status status = ONUS_ERR_NOMEM;
    int32_t *of_text = onus_alloc_n(table->n_texts, sizeof *of_text);
    *n = 0;
    *of_row = onus_alloc_n(table->n_rows, sizeof **of_row);
    *text = onus_alloc_n(table->n_texts, sizeof **text);
    if (of_text == NULL || *of_row == NULL || *text == NULL) {
        goto out;
    }
    for (size_t t = 0; t < table->n_texts; t++) {
        of_text[t] = -1;
    }
    const uint32_t *texts = table->columns[column].texts;
    for (size_t r = 0; r < table->n_rows; r++) {
        int32_t *thing = &of_text[texts[r]];
        if (*thing == -1) {
            (*text)[*n] = texts[r];
            *thing = (int32_t)(*n)++;
        }
        (*of_row)[r] = *thing;
    }
    status = ONUS_OK;
out:
    onus_free(of_text);
    return status;
}

onus_status onus_account_repeats(onus_input *input, const uint8_t *keep, size_t n_rows, size_t n,
                                 const char *reason, uint64_t *n_repeats) {
    size_t n_kept = 0;
    for (size_t r = 0; r < n_rows; r++) {
        n_kept += keep[r];
    }
    *n_repeats = n_kept - n;
    input->used = n;
    const onus_status status = onus_input_exclude(input, ONUS_CONTRADICTS, false, n_rows - n_kept);
    return status == ONUS_OK ? onus_input_exclude(input, reason, true, *n_repeats) : status;
}

/* ---- the sightings table ---- */

/* The first row of each id, completed by the others. */
static onus_status take_sightings(onus_match_loading *m, const onus_who_asks *asks,
                                  const onus_table *table, onus_input *input) {
    onus_status status = ONUS_OK;
    const onus_source *source = &m->loading->c->match.sightings.source;
    int32_t *of_row = NULL;
    uint32_t *text = NULL;
    size_t n = 0;
    uint64_t n_repeats = 0;
    uint8_t *keep = onus_alloc_n(table->n_rows, sizeof *keep);
    if (keep == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memset(keep, 1, table->n_rows);
    ONUS_TRY(onus_things_of(table, 0, &of_row, &text, &n));
    ONUS_TRY(onus_who_read(m, asks, table, source, of_row, n, keep, &m->sightings));
    for (size_t i = 0; i < n; i++) {
        int32_t index = -1;
        ONUS_TRY(
            onus_texts_intern(&m->sighting_ids, table->pool + table->pool_starts[text[i]], &index));
    }
    ONUS_TRY(onus_account_repeats(input, keep, table->n_rows, n, "repeats a sighting", &n_repeats));
    if (n_repeats > 0) {
        ONUS_TRY(onus_warn(&m->loading->out->warnings, "sightings_repeated",
                           "%s: %llu rows repeat a sighting that is there already; left out",
                           input->file, (unsigned long long)n_repeats));
    }
out:
    onus_free(of_row);
    onus_free(text);
    onus_free(keep);
    return status;
}

onus_status onus_load_sightings(onus_match_loading *m) {
    const onus_case *c = m->loading->c;
    const onus_sightings_ref *ref = &c->match.sightings;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    onus_table table = {0};
    onus_input input = {.role = "sightings"};
    onus_who_asks who = {.person_column = ref->person,
                         .camera_column = ref->camera,
                         .groups = ref->groups,
                         .n_groups = ref->n_groups};
    size_t n = 0;
    onus_column_ask *asks = onus_alloc_n(4 + ref->n_groups, sizeof *asks);
    if (asks == NULL) {
        return ONUS_ERR_NOMEM;
    }
    asks[n++] = (onus_column_ask){.name = ref->id, .type = ONUS_COLUMN_ID};
    onus_who_ask(&who, asks, &n);
    if (ref->time != NULL) { /* asked for so that its absence is told */
        asks[n++] =
            (onus_column_ask){.name = ref->time, .type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    }
    ONUS_TRY(onus_table_read(&ref->source, c->data_dir, asks, n, m->loading->context, &table,
                             &input, m->loading->problems));
    ONUS_TRY(take_sightings(m, &who, &table, &input));
out:
    status = onus_settle_input(m->loading, &input, status);
    m->sightings_failed = status != ONUS_OK;
    onus_table_clear(&table);
    onus_free(asks);
    return status;
}

/* ---- names in order ---- */

static void renumber(int32_t *values, size_t n, const int32_t *place) {
    for (size_t i = 0; values != NULL && i < n; i++) {
        values[i] = values[i] < 0 ? -1 : place[values[i]];
    }
}

static onus_status order_cameras(onus_match_loading *m) {
    onus_sightings *s = &m->out->sightings;
    onus_searches *q = &m->out->searches;
    int32_t *place = NULL;
    const onus_status status = onus_texts_sort(&m->cameras, &s->cameras, &place);
    if (status == ONUS_OK) {
        s->n_cameras = m->cameras.table.n_texts;
        renumber(s->camera, s->n_sightings, place);
        renumber(q->probe_camera, q->n_probes, place);
        renumber(q->entry_camera, q->n_entries, place);
    }
    onus_free(place);
    return status;
}

static onus_status order_groups(onus_match_loading *m, size_t g) {
    onus_sightings *s = &m->out->sightings;
    onus_searches *q = &m->out->searches;
    onus_grouping *grouping = &s->groupings[g];
    int32_t *place = NULL;
    const onus_status status = onus_texts_sort(&m->values[g], &grouping->values, &place);
    if (status == ONUS_OK) {
        grouping->n_values = m->values[g].table.n_texts;
        renumber(s->group[g], s->n_sightings, place);
        renumber(q->probe_group != NULL ? q->probe_group[g] : NULL, q->n_probes, place);
        renumber(q->entry_group != NULL ? q->entry_group[g] : NULL, q->n_entries, place);
    }
    onus_free(place);
    return status;
}

/* The design by group was counted with the numbers of first appearance. */
static onus_status order_design(onus_match_loading *m, size_t g, const onus_texts *values) {
    onus_comparisons *c = &m->out->comparisons;
    if (c->expected == NULL) {
        return ONUS_OK;
    }
    uint64_t **const tables[] = {c->expected, c->missing};
    for (size_t t = 0; t < 2; t++) {
        const size_t n = values->table.n_texts;
        uint64_t *sorted = onus_alloc_n(n + 1, sizeof *sorted);
        if (sorted == NULL) {
            return ONUS_ERR_NOMEM;
        }
        const onus_grouping *grouping = &m->out->sightings.groupings[g];
        for (size_t v = 0; v < n; v++) {
            sorted[v] = tables[t][g][onus_texts_find(values, grouping->values[v])];
        }
        onus_free(tables[t][g]);
        tables[t][g] = sorted;
    }
    return ONUS_OK;
}

/* How many people are named under several values of grouping g; each person's first value in
 * first[], -2 for several. */
static void note_values(const int32_t *person, const int32_t *group, size_t n, int32_t *first) {
    for (size_t i = 0; person != NULL && i < n; i++) {
        if (person[i] < 0 || group[i] < 0) {
            continue;
        }
        int32_t *known = &first[person[i]];
        *known = *known == -1 || *known == group[i] ? group[i] : -2;
    }
}

static onus_status count_two_groups(onus_match_loading *m) {
    onus_sightings *s = &m->out->sightings;
    const onus_searches *q = &m->out->searches;
    int32_t *first = onus_alloc_n(s->n_people, sizeof *first);
    uint8_t *several = onus_alloc_n(s->n_people, sizeof *several);
    onus_status status = ONUS_OK;
    if (first == NULL || several == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t g = 0; g < s->n_groupings; g++) {
        for (size_t p = 0; p < s->n_people; p++) {
            first[p] = -1;
        }
        note_values(s->person, s->group[g], s->n_sightings, first);
        if (q->n_entries > 0) {
            note_values(q->entry_person, q->entry_group[g], q->n_entries, first);
        }
        for (size_t p = 0; p < s->n_people; p++) {
            several[p] = several[p] || first[p] == -2;
        }
    }
    for (size_t p = 0; p < s->n_people; p++) {
        s->n_two_groups += several[p];
    }
    if (s->n_two_groups > 0) {
        ONUS_TRY(onus_warn(&m->loading->out->warnings, "person_in_two_groups",
                           "%llu of %zu people are named under more than one group of the same "
                           "kind; their rows count for the group that the row names",
                           (unsigned long long)s->n_two_groups, s->n_people));
    }
out:
    onus_free(first);
    onus_free(several);
    return status;
}

static onus_status refuse_reserved(const onus_match_loading *m) {
    const onus_sightings *s = &m->out->sightings;
    for (size_t g = 0; g < s->n_groupings; g++) {
        for (size_t v = 0; v < s->groupings[g].n_values; v++) {
            if (strcmp(s->groupings[g].values[v], "any") == 0) {
                onus_problems_add(m->loading->problems, "reserved name", m->loading->c->path, 0, 0,
                                  "a group of '%s' is called 'any' in the data; in a claim's scope "
                                  "that word stands for every group in turn",
                                  s->groupings[g].name);
                return ONUS_ERR_DATA;
            }
        }
    }
    return ONUS_OK;
}

static onus_status put_in_order(onus_match_loading *m) {
    onus_status status = ONUS_OK;
    onus_sightings *s = &m->out->sightings;
    ONUS_TRY(onus_who_grow(m, m->sightings.n, &m->sightings)); /* there also where empty */
    s->n_sightings = m->sightings.n;
    s->person = m->sightings.person;
    s->camera = m->sightings.camera;
    s->group = m->sightings.group;
    m->sightings = (onus_who){0};
    s->n_people = m->people.table.n_texts;
    ONUS_TRY(order_cameras(m));
    for (size_t g = 0; g < s->n_groupings; g++) {
        ONUS_TRY(order_groups(m, g));
        ONUS_TRY(order_design(m, g, &m->values[g]));
    }
    ONUS_TRY(refuse_reserved(m));
    status = count_two_groups(m);
out:
    return status;
}

/* ---- all of it ---- */

static void clear_known(onus_known *known) {
    onus_texts_clear(&known->ids);
    onus_free(known->sighting);
}

onus_status onus_load_match(onus_loading *loading) {
    typedef onus_status (*table_loader)(onus_match_loading *);
    static const table_loader tables[] = {onus_load_sightings, onus_load_comparisons,
                                          onus_load_searches, onus_load_tracks};
    if (loading->c->kind != ONUS_KIND_MATCH) {
        return ONUS_OK;
    }
    onus_match_loading m = {.loading = loading, .out = &loading->out->match};
    onus_status status = ONUS_OK;
    ONUS_TRY(list_groupings(&m));
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && onus_goes_on(status); i++) {
        const onus_status table = tables[i](&m);
        if (table != ONUS_OK && (status == ONUS_OK || !onus_goes_on(table))) {
            status = table;
        }
    }
    if (status == ONUS_OK) {
        status = put_in_order(&m);
    }
out:
    onus_who_clear(&m, &m.sightings);
    onus_texts_clear(&m.people);
    onus_texts_clear(&m.cameras);
    for (size_t g = 0; m.values != NULL && g < m.out->sightings.n_groupings; g++) {
        onus_texts_clear(&m.values[g]);
    }
    onus_free(m.values);
    onus_texts_clear(&m.sighting_ids);
    clear_known(&m.probes);
    clear_known(&m.references);
    return status;
}

static void clear_groups(int32_t **group, size_t n) {
    for (size_t g = 0; group != NULL && g < n; g++) {
        onus_free(group[g]);
    }
    onus_free(group);
}

static void clear_counts(uint64_t **counts, size_t n) {
    for (size_t g = 0; counts != NULL && g < n; g++) {
        onus_free(counts[g]);
    }
    onus_free(counts);
}

static void clear_texts(char **texts, size_t n) {
    for (size_t i = 0; texts != NULL && i < n; i++) {
        onus_free(texts[i]);
    }
    onus_free(texts);
}

static void clear_tracks(onus_tracks *tracks) {
    onus_free(tracks->camera);
    onus_free(tracks->frame);
    onus_free(tracks->track);
    onus_free(tracks->x);
    onus_free(tracks->y);
    onus_free(tracks->w);
    onus_free(tracks->h);
}

void onus_match_evidence_clear(onus_match_evidence *match) {
    onus_field_clear(&match->field);
    onus_sightings *s = &match->sightings;
    const size_t n_groupings = s->n_groupings;
    onus_free(s->person);
    onus_free(s->camera);
    clear_groups(s->group, n_groupings);
    clear_texts(s->cameras, s->n_cameras);
    onus_comparisons *c = &match->comparisons;
    onus_free(c->probe);
    onus_free(c->reference);
    onus_free(c->score);
    onus_free(c->same);
    clear_counts(c->expected, n_groupings);
    clear_counts(c->missing, n_groupings);
    onus_searches *q = &match->searches;
    onus_free(q->probe_person);
    onus_free(q->probe_camera);
    clear_groups(q->probe_group, n_groupings);
    onus_free(q->start);
    onus_free(q->entry);
    onus_free(q->score);
    onus_free(q->rank);
    onus_free(q->entry_person);
    onus_free(q->entry_camera);
    clear_groups(q->entry_group, n_groupings);
    for (size_t g = 0; g < n_groupings; g++) {
        onus_free(s->groupings[g].name);
        clear_texts(s->groupings[g].values, s->groupings[g].n_values);
    }
    onus_free(s->groupings);
    clear_tracks(&match->truth);
    clear_tracks(&match->output);
    onus_bare_scores_clear(&match->scores);
    clear_texts(match->track_cameras, match->n_track_cameras);
    *match = (onus_match_evidence){0};
}
