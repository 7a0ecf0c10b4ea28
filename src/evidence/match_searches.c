/* List searches: the gallery, and for each probe the candidates that the product returned.
 *
 * A search is a probe; its rows are its candidates. A row without a candidate is a search that
 * returned nothing, which is an answer too: left out, it would make false alarms look more frequent
 * and misses rarer. Who a probe is comes from a column, else from the sightings table, else from
 * the probes of the comparisons; who a candidate is from the gallery, else from the sightings.
 * Called by match_load.c. Never invents a mate: a candidate that the gallery does not know is left
 * out and counted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

typedef struct reading {
    onus_match_loading *m;
    const onus_searches_ref *ref;
    onus_input *input;
    onus_table table;
    size_t rank_ask;
    onus_list list;
    int32_t *of_row; /* probe of each row */
    uint32_t *probe_text;
    size_t n_probes;
    int32_t *probe_sighting;
    onus_who probes;
    uint8_t
        *is_search; /* of each probe: it is known, so that it counts with or without candidates */
    uint8_t *keep;
    int32_t *entry_of; /* entry of each row; -1: no candidate */
} reading;

enum { PROBE, REFERENCE, SCORE, N_FIXED };

static const char *pool_text(const onus_table *table, uint32_t text) {
    return table->pool + table->pool_starts[text];
}

/* ---- probes ---- */

static onus_status read_table(reading *in) {
    const onus_case *c = in->m->loading->c;
    const onus_searches_ref *ref = in->ref;
    onus_column_ask asks[N_FIXED + 1 + 2] = {
        [PROBE] = {.name = ref->probe, .type = ONUS_COLUMN_ID},
        [REFERENCE] = {.name = ref->reference, .type = ONUS_COLUMN_TEXT, .may_be_missing = true},
        [SCORE] = {.name = ref->score, .type = ONUS_COLUMN_SCORE, .may_be_missing = true}};
    onus_who_asks who = {.person_column = ref->probe_person, .camera_column = ref->probe_camera};
    onus_status status = ONUS_OK;
    size_t n = N_FIXED;
    in->rank_ask = n;
    if (ref->rank != NULL) {
        asks[n++] = (onus_column_ask){
            .name = ref->rank, .type = ONUS_COLUMN_NUMBER, .may_be_missing = true};
    }
    onus_who_ask(&who, asks, &n);
    ONUS_TRY(onus_table_read(&ref->source, c->data_dir, asks, n, in->m->loading->context,
                             &in->table, in->input, in->m->loading->problems));
    in->keep = onus_alloc_n(in->table.n_rows, sizeof *in->keep);
    if (in->keep == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memset(in->keep, 1, in->table.n_rows);
    ONUS_TRY(onus_things_of(&in->table, PROBE, &in->of_row, &in->probe_text, &in->n_probes));
    status = onus_who_read(in->m, &who, &in->table, &ref->source, in->of_row, in->n_probes,
                           in->keep, &in->probes);
out:
    return status;
}

static onus_status drop_contradictions(reading *in) {
    uint64_t n = 0;
    for (size_t r = 0; r < in->table.n_rows; r++) {
        n += !in->keep[r];
    }
    in->input->used -= n;
    return onus_input_exclude(in->input, ONUS_CONTRADICTS, false, n);
}

static onus_status refuse(const reading *in, const char *kind, size_t row, const char *column,
                          size_t ask, const char *what) {
    char quoted[ONUS_QUOTED_MAX];
    const char *text = onus_table_text(&in->table, ask, row);
    onus_problems_add(in->m->loading->problems, kind, in->input->file, in->table.lines[row], 0,
                      "column '%s' is '%s', %s", column, onus_quoted(text, strlen(text), quoted),
                      what);
    return ONUS_ERR_DATA;
}

static onus_status find_probes(reading *in) {
    onus_status status = ONUS_OK;
    const bool stop = in->ref->source.invalid == ONUS_INVALID_STOP;
    in->probe_sighting = onus_alloc_n(in->n_probes, sizeof *in->probe_sighting);
    uint8_t *is_told = onus_alloc_n(in->n_probes, sizeof *is_told);
    if (in->probe_sighting == NULL || is_told == NULL) {
        onus_free(is_told);
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < in->n_probes; i++) {
        const char *id = pool_text(&in->table, in->probe_text[i]);
        in->probe_sighting[i] = onus_sighting_of(in->m, &in->m->probes, id);
        onus_who_complete(in->m, &in->probes, i, in->probe_sighting[i]);
    }
    uint64_t n_unknown = 0;
    for (size_t r = 0; r < in->table.n_rows; r++) {
        const int32_t i = in->of_row[r];
        if (!in->keep[r] || in->probe_sighting[i] >= 0 || in->ref->probe_person != NULL) {
            continue;
        }
        in->keep[r] = 0;
        n_unknown++;
        if (stop && !is_told[i]) {
            status = refuse(in, "unknown sighting", r, in->ref->probe, PROBE,
                            "which is no sighting that the case gives");
        }
        is_told[i] = 1;
    }
    onus_free(is_told);
    ONUS_TRY(status);
    in->input->used -= n_unknown;
    status = onus_input_exclude(in->input, "no such sighting", false, n_unknown);
out:
    return status;
}

/* ---- candidates ---- */

/* The entry of each row, by text: the gallery's, else a new one for each reference that occurs. */
static onus_status find_candidates(reading *in) {
    enum { UNSEEN = -2, NOBODY = -3 };
    onus_status status = ONUS_OK;
    onus_searches *out = &in->m->out->searches;
    const onus_table *table = &in->table;
    const bool stop = in->ref->source.invalid == ONUS_INVALID_STOP;
    uint64_t n_unknown = 0;
    int32_t *of_text = onus_alloc_n(table->n_texts, sizeof *of_text);
    in->entry_of = onus_alloc_n(table->n_rows, sizeof *in->entry_of);
    if (of_text == NULL || in->entry_of == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t t = 0; t < table->n_texts; t++) {
        of_text[t] = UNSEEN;
    }
    for (size_t r = 0; r < table->n_rows; r++) {
        in->entry_of[r] = -1;
        const uint32_t text = table->columns[REFERENCE].texts[r];
        const char *id = pool_text(table, text);
        if (!in->keep[r] || id[0] == '\0') {
            continue;
        }
        if (of_text[text] == UNSEEN) {
            of_text[text] = onus_texts_find(&in->list.ids, id);
            if (!out->gallery_given) {
                ONUS_TRY(onus_list_add(in->m, &in->list, id, &of_text[text]));
                if (in->list.sighting[of_text[text]] < 0) {
                    of_text[text] = NOBODY;
                    if (stop) {
                        status = refuse(in, "unknown sighting", r, in->ref->reference, REFERENCE,
                                        "which is no sighting that the case gives, and there is no "
                                        "gallery");
                    }
                }
            }
        }
        in->entry_of[r] = of_text[text];
        if (of_text[text] < 0) {
            in->keep[r] = 0;
            n_unknown += of_text[text] == NOBODY;
            out->n_not_in_gallery += of_text[text] == -1;
        }
    }
    ONUS_TRY(status);
    in->input->used -= n_unknown + out->n_not_in_gallery;
    ONUS_TRY(onus_input_exclude(in->input, "no such sighting", false, n_unknown));
    ONUS_TRY(onus_input_exclude(in->input, "not in the gallery", false, out->n_not_in_gallery));
    if (!out->gallery_given) {
        const size_t n = in->list.who.n;
        ONUS_TRY(onus_who_make(in->m, n, &in->list.who));
        for (size_t i = 0; i < n; i++) {
            onus_who_complete(in->m, &in->list.who, i, in->list.sighting[i]);
        }
    }
out:
    onus_free(of_text);
    return status;
}

/* Rows of which it is not known who the probe or the candidate is, and candidates that are the
 * probe itself, which any product finds. A probe that is known stays a search without them. */
static onus_status drop_candidates(reading *in) {
    onus_status status = ONUS_OK;
    onus_searches *out = &in->m->out->searches;
    in->is_search = onus_alloc_n(in->n_probes, sizeof *in->is_search);
    if (in->is_search == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < in->n_probes; i++) {
        in->is_search[i] = in->probes.person[i] >= 0;
    }
    for (size_t r = 0; r < in->table.n_rows; r++) {
        const int32_t probe = in->of_row[r];
        const int32_t entry = in->entry_of[r];
        if (!in->keep[r]) {
            continue;
        }
        if (!in->is_search[probe] || (entry >= 0 && in->list.who.person[entry] < 0)) {
            in->keep[r] = 0;
            out->n_no_truth++;
        } else if (entry >= 0 && in->probe_sighting[probe] >= 0 &&
                   in->list.sighting[entry] == in->probe_sighting[probe]) {
            in->keep[r] = 0;
            out->n_self++;
        }
    }
    in->input->used -= out->n_no_truth + out->n_self;
    ONUS_TRY(onus_input_exclude(in->input, "no known truth", false, out->n_no_truth));
    ONUS_TRY(onus_input_exclude(in->input, "a sighting found as itself", true, out->n_self));
out:
    return status;
}

static onus_status check_ranks(reading *in) {
    onus_status status = ONUS_OK;
    uint64_t n_bad = 0;
    if (in->ref->rank == NULL) {
        return ONUS_OK;
    }
    const bool stop = in->ref->source.invalid == ONUS_INVALID_STOP;
    const double *rank = in->table.columns[in->rank_ask].numbers;
    for (size_t r = 0; r < in->table.n_rows; r++) {
        if (!in->keep[r] || in->entry_of[r] < 0 ||
            (rank[r] >= 1 && rank[r] <= INT32_MAX && rank[r] == floor(rank[r]))) {
            continue;
        }
        in->keep[r] = 0;
        n_bad++;
        if (stop && isnan(rank[r])) {
            onus_problems_add(in->m->loading->problems, "empty field", in->input->file,
                              in->table.lines[r], 0, "column '%s' is empty", in->ref->rank);
        } else if (stop) {
            onus_problems_add(in->m->loading->problems, "not a rank", in->input->file,
                              in->table.lines[r], 0,
                              "column '%s' is '%.10g', not a rank (a whole number from 1)",
                              in->ref->rank, rank[r]);
        }
    }
    ONUS_TRY(stop && n_bad > 0 ? ONUS_ERR_DATA : ONUS_OK);
    in->input->used -= n_bad;
    status = onus_input_exclude(in->input, "not a rank", false, n_bad);
out:
    return status;
}

/* ---- in order ---- */

typedef struct candidate {
    double key; /* ascending: rank, or how far the score is from the best */
    double score;
    uint32_t row;
    int32_t entry;
} candidate;

static int by_key(const void *a, const void *b) {
    const candidate *x = a;
    const candidate *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

/* Is a a better score than b? A failure to acquire is worse than any. */
static bool is_better(const reading *in, double a, double b) {
    if (isnan(a) || isnan(b)) {
        return !isnan(a) && isnan(b);
    }
    return in->ref->higher_is == ONUS_HIGHER_SAME ? a > b : a < b;
}

static double key_of(const reading *in, size_t row) {
    if (in->ref->rank != NULL) {
        return in->table.columns[in->rank_ask].numbers[row];
    }
    const double score = in->table.columns[SCORE].numbers[row];
    if (isnan(score)) {
        return INFINITY;
    }
    return in->ref->higher_is == ONUS_HIGHER_SAME ? -score : score;
}

/* Probes that are known, numbered by appearance; candidates by probe. */
typedef struct lists {
    int32_t *place; /* of each probe as read, or -1 */
    size_t n_probes;
    size_t *start;    /* n_probes + 1 */
    candidate *items; /* every row with a candidate */
    size_t *seen;     /* by entry: 1 + the last search that returned it */
} lists;

static onus_status make_lists(const reading *in, lists *l) {
    const size_t n_rows = in->table.n_rows;
    l->place = onus_alloc_n(in->n_probes, sizeof *l->place);
    l->start = onus_alloc_n(in->n_probes + 2, sizeof *l->start);
    l->items = onus_alloc_n(n_rows, sizeof *l->items);
    l->seen = onus_alloc_n(in->list.who.n, sizeof *l->seen);
    if (l->place == NULL || l->start == NULL || l->items == NULL || l->seen == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < in->n_probes; i++) {
        l->place[i] = -1;
    }
    for (size_t r = 0; r < n_rows; r++) {
        if (in->is_search[in->of_row[r]] && l->place[in->of_row[r]] < 0) {
            l->place[in->of_row[r]] = (int32_t)l->n_probes++;
        }
    }
    /* start[p + 2] counts, then start[p + 1] is where p's candidates are filled in */
    for (size_t r = 0; r < n_rows; r++) {
        if (in->keep[r] && in->entry_of[r] >= 0) {
            l->start[l->place[in->of_row[r]] + 2]++;
        }
    }
    for (size_t p = 0; p < l->n_probes; p++) {
        l->start[p + 2] += l->start[p + 1];
    }
    for (size_t r = 0; r < n_rows; r++) {
        if (in->keep[r] && in->entry_of[r] >= 0) {
            const size_t p = (size_t)l->place[in->of_row[r]];
            l->items[l->start[p + 1]++] = (candidate){.key = key_of(in, r),
                                                      .score = in->table.columns[SCORE].numbers[r],
                                                      .row = (uint32_t)r,
                                                      .entry = in->entry_of[r]};
        }
    }
    return ONUS_OK;
}

/* Puts one search's candidates in order behind those of the searches before it. */
static void take_search(const reading *in, lists *l, size_t p, size_t *n) {
    onus_searches *out = &in->m->out->searches;
    candidate *items = l->items + l->start[p];
    const size_t n_items = l->start[p + 1] - l->start[p];
    const size_t first = *n;
    if (n_items > 1) {
        qsort(items, n_items, sizeof *items, by_key);
    }
    for (size_t i = 0; i < n_items; i++) {
        if (l->seen[items[i].entry] == p + 1) {
            out->n_candidate_repeats++;
            continue;
        }
        l->seen[items[i].entry] = p + 1;
        out->entry[*n] = items[i].entry;
        out->score[*n] = items[i].score;
        if (out->rank != NULL) {
            out->rank[*n] = (int32_t)items[i].key;
            const bool is_after = *n > first;
            out->n_rank_repeats += is_after && out->rank[*n] == out->rank[*n - 1];
            out->n_out_of_order += is_after && out->rank[*n] != out->rank[*n - 1] &&
                                   is_better(in, out->score[*n], out->score[*n - 1]);
        }
        (*n)++;
    }
}

static onus_status take_lists(reading *in) {
    onus_status status = ONUS_OK;
    onus_searches *out = &in->m->out->searches;
    lists l = {0};
    const size_t n_rows = in->table.n_rows;
    size_t n = 0;
    ONUS_TRY(make_lists(in, &l));
    out->start = onus_alloc_n(l.n_probes + 1, sizeof *out->start);
    out->entry = onus_alloc_n(n_rows, sizeof *out->entry);
    out->score = onus_alloc_n(n_rows, sizeof *out->score);
    out->rank = in->ref->rank == NULL ? NULL : onus_alloc_n(n_rows, sizeof *out->rank);
    onus_who who = {0};
    status = onus_who_make(in->m, l.n_probes, &who);
    out->probe_person = who.person;
    out->probe_camera = who.camera;
    out->probe_group = who.group;
    ONUS_TRY(status);
    if (out->start == NULL || out->entry == NULL || out->score == NULL ||
        (in->ref->rank != NULL && out->rank == NULL)) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    out->n_probes = l.n_probes;
    for (size_t i = 0; i < in->n_probes; i++) {
        const int32_t p = l.place[i];
        if (p < 0) {
            continue;
        }
        out->probe_person[p] = in->probes.person[i];
        out->probe_camera[p] = in->probes.camera[i];
        for (size_t g = 0; g < in->m->out->sightings.n_groupings; g++) {
            out->probe_group[g][p] = in->probes.group[g][i];
        }
    }
    for (size_t p = 0; p < l.n_probes; p++) {
        take_search(in, &l, p, &n);
        out->start[p + 1] = n;
        out->n_without_candidate += out->start[p + 1] == out->start[p];
    }
    in->input->used -= out->n_candidate_repeats;
    ONUS_TRY(onus_input_exclude(in->input, "a candidate that the search has already", true,
                                out->n_candidate_repeats));
out:
    onus_free(l.place);
    onus_free(l.start);
    onus_free(l.items);
    onus_free(l.seen);
    return status;
}

static onus_status warn_about_searches(const reading *in) {
    onus_status status = ONUS_OK;
    const onus_searches *q = &in->m->out->searches;
    onus_array *warnings = &in->m->loading->out->warnings;
    const char *name = in->input->file;
    if (q->n_not_in_gallery > 0) {
        ONUS_TRY(onus_warn(warnings, "not_in_gallery",
                           "%s: %llu of %llu candidates are not in the gallery; left out", name,
                           (unsigned long long)q->n_not_in_gallery,
                           (unsigned long long)in->input->rows));
    }
    if (q->n_self > 0) {
        ONUS_TRY(onus_warn(warnings, "found_as_itself",
                           "%s: %llu of %llu candidates are the probe itself; they were left out, "
                           "for any product finds them",
                           name, (unsigned long long)q->n_self,
                           (unsigned long long)in->input->rows));
    }
    if (q->n_candidate_repeats > 0) {
        ONUS_TRY(onus_warn(
            warnings, "candidates_repeated",
            "%s: %llu of %llu candidates were returned already by the same search; the "
            "best counts",
            name, (unsigned long long)q->n_candidate_repeats, (unsigned long long)in->input->rows));
    }
    if (q->n_out_of_order > 0) {
        ONUS_TRY(onus_warn(
            warnings, "ranks_against_scores",
            "%s: %llu of %llu candidates have a better score than the one ranked before "
            "them; the ranks count",
            name, (unsigned long long)q->n_out_of_order, (unsigned long long)in->input->rows));
    }
    if (q->n_rank_repeats > 0) {
        ONUS_TRY(onus_warn(
            warnings, "ranks_repeated",
            "%s: %llu of %llu candidates have a rank that another of the same search has", name,
            (unsigned long long)q->n_rank_repeats, (unsigned long long)in->input->rows));
    }
out:
    return status;
}

static void clear_reading(reading *in) {
    onus_table_clear(&in->table);
    onus_list_clear(in->m, &in->list);
    onus_free(in->of_row);
    onus_free(in->probe_text);
    onus_free(in->probe_sighting);
    onus_who_clear(in->m, &in->probes);
    onus_free(in->is_search);
    onus_free(in->keep);
    onus_free(in->entry_of);
}

onus_status onus_load_searches(onus_match_loading *m) {
    const onus_searches_ref *ref = &m->loading->c->match.searches;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    onus_input input = {.role = "searches"};
    reading in = {.m = m, .ref = ref, .input = &input};
    onus_searches *out = &m->out->searches;
    const onus_status gallery = onus_load_gallery(m, &in.list);
    onus_status status = onus_goes_on(gallery) ? ONUS_OK : gallery;
    ONUS_TRY(status);
    ONUS_TRY(read_table(&in));
    if (gallery != ONUS_OK || m->sightings_failed || m->comparisons_failed) {
        goto out; /* the problem was named there */
    }
    ONUS_TRY(drop_contradictions(&in));
    ONUS_TRY(find_probes(&in));
    ONUS_TRY(find_candidates(&in));
    ONUS_TRY(drop_candidates(&in));
    ONUS_TRY(check_ranks(&in));
    ONUS_TRY(take_lists(&in));
    out->n_entries = in.list.who.n;
    out->entry_person = in.list.who.person;
    out->entry_camera = in.list.who.camera;
    out->entry_group = in.list.who.group;
    in.list.who = (onus_who){0};
    ONUS_TRY(warn_about_searches(&in));
out:
    status = onus_settle_input(m->loading, &input, status);
    clear_reading(&in);
    return status == ONUS_OK ? gallery : status;
}
