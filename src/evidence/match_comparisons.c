/* Comparison scores: one row each, with who the two truly are.
 *
 *   rows -> sides (match_sides.c) -> truth -> one space or two -> pairs (match_pairs.c) -> evidence
 *
 * A row without a score is a failure to acquire and stays; a row without truth goes, and is
 * counted. Where the case gives both people and a column of labels, the two must agree. Called by
 * match_load.c. Never forgives a label that occurs in no row, which would turn every comparison of
 * a person with himself into one of two people. */
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

typedef struct reading {
    onus_match_loading *m;
    const onus_comparisons_ref *ref;
    onus_table table;
    onus_input *input;
    onus_side probe;
    onus_side reference;
    size_t score_ask;
    size_t same_ask;
    uint8_t *keep;
    uint8_t *same;
    int32_t *twin; /* of each probe the reference of one id, where that may be one sighting */
} reading;

static onus_status read_table(reading *in) {
    const onus_case *c = in->m->loading->c;
    const onus_comparisons_ref *ref = in->ref;
    size_t n = 0;
    onus_column_ask *asks =
        onus_alloc_n(8 + ref->probe.n_groups + ref->reference.n_groups, sizeof *asks);
    if (asks == NULL) {
        return ONUS_ERR_NOMEM;
    }
    onus_side_ask(in->m, &ref->probe, &in->probe, asks, &n);
    onus_side_ask(in->m, &ref->reference, &in->reference, asks, &n);
    in->score_ask = n;
    asks[n++] =
        (onus_column_ask){.name = ref->score, .type = ONUS_COLUMN_SCORE, .may_be_missing = true};
    in->same_ask = n;
    if (ref->same_column != NULL) {
        asks[n++] = (onus_column_ask){
            .name = ref->same_column, .type = ONUS_COLUMN_TEXT, .may_be_missing = true};
    }
    const onus_status status =
        onus_table_read(&ref->source, c->data_dir, asks, n, in->m->loading->context, &in->table,
                        in->input, in->m->loading->problems);
    onus_free(asks);
    return status;
}

/* ---- truth ---- */

enum { LABEL_NO, LABEL_YES, LABEL_NONE };

/* Which label each row has. A `yes` that occurs nowhere is a problem where the column holds two
 * other words: one of them was meant. */
static onus_status read_labels(reading *in, uint8_t *label) {
    const onus_table *table = &in->table;
    const uint32_t *texts = table->columns[in->same_ask].texts;
    uint32_t others[2];
    size_t n_others = 0;
    uint64_t n_yes = 0;
    for (size_t r = 0; r < table->n_rows; r++) {
        const char *text = onus_table_text(table, in->same_ask, r);
        const bool is_yes = strcmp(text, in->ref->same_yes) == 0;
        label[r] = is_yes ? LABEL_YES : text[0] == '\0' ? LABEL_NONE : LABEL_NO;
        n_yes += is_yes;
        if (label[r] == LABEL_NO && n_others < 2 && (n_others == 0 || others[0] != texts[r])) {
            others[n_others++] = texts[r];
        }
    }
    if (n_others < 2) {
        return ONUS_OK;
    }
    const char *first = table->pool + table->pool_starts[others[0]];
    const char *second = table->pool + table->pool_starts[others[1]];
    char a[ONUS_QUOTED_MAX];
    char b[ONUS_QUOTED_MAX];
    (void)onus_quoted(first, strlen(first), a);
    (void)onus_quoted(second, strlen(second), b);
    if (n_yes == 0) {
        onus_problems_add(in->m->loading->problems, "no row says yes", in->input->file, 0, 0,
                          "no row has column '%s' equal to '%s' (comparisons.same.yes); it holds "
                          "'%s', '%s'",
                          in->ref->same_column, in->ref->same_yes, a, b);
        return ONUS_ERR_DATA;
    }
    return onus_warn(&in->m->loading->out->warnings, "several_words_for_no",
                     "%s: column '%s' holds more than two words ('%s', '%s' beside '%s'); all but "
                     "'%s' are read as two people",
                     in->input->file, in->ref->same_column, a, b, in->ref->same_yes,
                     in->ref->same_yes);
}

/* Is the comparison of row r one of a person with himself? By the people, else by the label. */
static uint8_t truth_by_people(const reading *in, size_t r) {
    const int32_t a = in->probe.who.person[in->probe.of_row[r]];
    const int32_t b = in->reference.who.person[in->reference.of_row[r]];
    return a < 0 || b < 0 ? LABEL_NONE : a == b ? LABEL_YES : LABEL_NO;
}

static onus_status find_truth(reading *in) {
    onus_status status = ONUS_OK;
    onus_comparisons *out = &in->m->out->comparisons;
    const size_t n = in->table.n_rows;
    const bool has_label = in->ref->same_column != NULL;
    const bool is_shared =
        in->ref->ids == ONUS_IDS_SHARED || (in->probe.by_table && in->reference.by_table);
    uint64_t n_disagree = 0;
    uint8_t *label = onus_alloc_n(n, sizeof *label);
    in->same = onus_alloc_n(n, sizeof *in->same);
    if (label == NULL || in->same == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    if (has_label) {
        ONUS_TRY(read_labels(in, label));
    } else if (in->ref->mates.file != NULL) {
        ONUS_TRY(onus_mates_label(in->m, &in->table, &in->probe, &in->reference, is_shared, label));
    }
    out->knows_people = in->probe.knows_person && in->reference.knows_person;
    for (size_t r = 0; r < n; r++) {
        if (!in->keep[r]) {
            continue;
        }
        const uint8_t truth = out->knows_people ? truth_by_people(in, r) : label[r];
        in->same[r] = truth == LABEL_YES;
        if (truth == LABEL_NONE) {
            in->keep[r] = 0;
            out->n_no_truth++;
        } else if (has_label && label[r] != LABEL_NONE && label[r] != truth) {
            in->keep[r] = 0;
            n_disagree++;
            if (in->ref->source.invalid == ONUS_INVALID_STOP) {
                onus_problems_add(in->m->loading->problems, "label and people disagree",
                                  in->input->file, in->table.lines[r], 0,
                                  "column '%s' is '%s', but by their columns the two are %s",
                                  in->ref->same_column,
                                  onus_table_text(&in->table, in->same_ask, r),
                                  truth == LABEL_YES ? "one person" : "two people");
                status = ONUS_ERR_DATA;
            }
        }
    }
    ONUS_TRY(status);
    in->input->used -= n_disagree + out->n_no_truth;
    ONUS_TRY(onus_input_exclude(in->input, "label and people disagree", false, n_disagree));
    ONUS_TRY(onus_input_exclude(in->input, "no known truth", false, out->n_no_truth));
out:
    onus_free(label);
    return status;
}

static void keep_rows(reading *in) {
    size_t n = 0;
    for (size_t r = 0; r < in->table.n_rows; r++) {
        if (in->keep[r]) {
            in->probe.of_row[n] = in->probe.of_row[r];
            in->reference.of_row[n] = in->reference.of_row[r];
            in->same[n] = in->same[r];
            n++;
        }
    }
    onus_table_keep(&in->table, in->keep);
}

/* The two sides, and the truth of every row that is left. */
static onus_status read_rows(reading *in) {
    onus_status status = ONUS_OK;
    const size_t n = in->table.n_rows;
    in->keep = onus_alloc_n(n, sizeof *in->keep);
    if (in->keep == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memset(in->keep, 1, n);
    const onus_status probe = onus_side_read(in->m, &in->table, &in->probe, in->keep);
    if (probe != ONUS_OK && probe != ONUS_ERR_DATA) {
        return probe;
    }
    ONUS_TRY(onus_side_read(in->m, &in->table, &in->reference, in->keep));
    ONUS_TRY(probe);
    uint64_t n_gone = 0;
    for (size_t r = 0; r < n; r++) {
        n_gone += !in->keep[r];
    }
    const uint64_t n_unknown = in->probe.n_unknown_rows + in->reference.n_unknown_rows;
    in->input->used -= n_gone;
    ONUS_TRY(onus_input_exclude(in->input, "no such sighting", false, n_unknown));
    ONUS_TRY(onus_input_exclude(in->input, ONUS_CONTRADICTS, false, n_gone - n_unknown));
    ONUS_TRY(find_truth(in));
    keep_rows(in);
out:
    return status;
}

/* ---- pairs ---- */

static onus_status take_places(reading *in) {
    onus_comparisons *out = &in->m->out->comparisons;
    const size_t n = in->table.n_rows;
    if (out->probe == NULL) {
        out->probe = onus_alloc_n(n, sizeof *out->probe);
        out->reference = onus_alloc_n(n, sizeof *out->reference);
        if (out->probe == NULL || out->reference == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
    const onus_status status =
        onus_sides_number(in->m, &in->probe, &in->reference, out->one_space ? in->twin : NULL, n);
    for (size_t r = 0; status == ONUS_OK && r < n; r++) {
        out->probe[r] = in->probe.place[in->probe.of_row[r]];
        out->reference[r] = in->reference.place[in->reference.of_row[r]];
    }
    return status;
}

static onus_status decide_space(reading *in) {
    onus_status status = ONUS_OK;
    onus_comparisons *out = &in->m->out->comparisons;
    out->names_pairs = in->probe.named && in->reference.named;
    if (!out->names_pairs || in->ref->ids == ONUS_IDS_SEPARATE) {
        return ONUS_OK;
    }
    ONUS_TRY(onus_sides_twins(&in->probe, &in->reference, in->table.n_texts, &in->twin));
    out->one_space =
        in->ref->ids == ONUS_IDS_SHARED || (in->probe.by_table && in->reference.by_table) ||
        onus_sides_agree(in->m, &in->probe, &in->reference, in->twin, in->same, in->table.n_rows);
out:
    return status;
}

static onus_status refuse_contradiction(const reading *in, size_t row) {
    onus_problems_add(in->m->loading->problems, "label contradicts an earlier row", in->input->file,
                      in->table.lines[row], 0,
                      "column '%s' is '%s', but an earlier row of the same pair says otherwise",
                      in->ref->same_column, onus_table_text(&in->table, in->same_ask, row));
    return ONUS_ERR_DATA;
}

static onus_status settle_pairs(reading *in) {
    onus_status status = ONUS_OK;
    onus_comparisons *out = &in->m->out->comparisons;
    const size_t n_in_table = in->m->sightings.n;
    const bool is_decided = in->ref->ids == ONUS_IDS_SHARED || out->knows_people ||
                            (in->probe.by_table && in->reference.by_table);
    onus_pairs_found found = {.keep = in->keep};
    ONUS_TRY(take_places(in));
    ONUS_TRY(onus_pairs_settle(in->m, out, &found));
    if (found.contradicting < out->n_comparisons && out->one_space && !is_decided) {
        /* a pair and its mirror image differ in truth: they are not one pair */
        out->one_space = false;
        in->m->sightings.n = n_in_table;
        ONUS_TRY(take_places(in));
        ONUS_TRY(onus_pairs_settle(in->m, out, &found));
    }
    if (found.contradicting < out->n_comparisons) {
        return refuse_contradiction(in, found.contradicting);
    }
    size_t n = 0;
    for (size_t r = 0; r < out->n_comparisons; r++) {
        out->probe[n] = out->probe[r];
        out->reference[n] = out->reference[r];
        out->score[n] = out->score[r];
        out->same[n] = out->same[r];
        n += in->keep[r];
    }
    out->n_comparisons = n;
    in->input->used = n;
    ONUS_TRY(onus_input_exclude(in->input, "repeats a comparison with the same score", true,
                                out->n_repeated));
    ONUS_TRY(onus_input_exclude(in->input, "mirror image of a comparison with the same score", true,
                                out->n_mirrored));
    ONUS_TRY(onus_input_exclude(in->input, "a sighting compared with itself", true, out->n_self));
out:
    return status;
}

static onus_status warn_about_pairs(const reading *in) {
    onus_status status = ONUS_OK;
    const onus_comparisons *c = &in->m->out->comparisons;
    onus_array *warnings = &in->m->loading->out->warnings;
    const char *name = in->input->file;
    const unsigned long long n_rows = in->input->rows;
    if (c->n_mirrored > 0) {
        ONUS_TRY(onus_warn(warnings, "symmetric_table",
                           "%s: %llu of %llu rows are the mirror image of a comparison with the "
                           "same score; each pair counts once%s",
                           name, (unsigned long long)c->n_mirrored, n_rows,
                           in->probe.by_table && in->reference.by_table
                               ? ""
                               : " (comparisons.ids: separate keeps both)"));
    }
    if (c->n_self > 0) {
        ONUS_TRY(onus_warn(warnings, "compared_with_itself",
                           "%s: %llu of %llu rows compare a sighting with itself; they were left "
                           "out, for they match whatever the product can do",
                           name, (unsigned long long)c->n_self, n_rows));
    }
    if (c->n_repeated > 0) {
        ONUS_TRY(onus_warn(warnings, "comparisons_repeated",
                           "%s: %llu of %llu rows repeat a comparison with the same score; each "
                           "counts once",
                           name, (unsigned long long)c->n_repeated, n_rows));
    }
    if (c->n_asymmetric > 0) {
        ONUS_TRY(onus_warn(warnings, "asymmetric_scores",
                           "%s: %llu of %llu rows are the mirror image of a comparison with "
                           "another score; both count",
                           name, (unsigned long long)c->n_asymmetric, n_rows));
    }
    if (c->n_conflicting > 0) {
        ONUS_TRY(onus_warn(warnings, "conflicting_scores",
                           "%s: %llu of %llu rows repeat a comparison with another score; all "
                           "count, and the product's answer is not always the same",
                           name, (unsigned long long)c->n_conflicting, n_rows));
    }
out:
    return status;
}

/* ---- ids for the searches ---- */

static onus_status remember(const reading *in, const onus_side *side, onus_known *known) {
    onus_status status = ONUS_OK;
    if (!side->named || side->by_table || in->m->loading->c->match.searches.source.file == NULL) {
        return ONUS_OK;
    }
    known->sighting = onus_alloc_n(side->n, sizeof *known->sighting);
    if (known->sighting == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < side->n; i++) {
        int32_t index = -1;
        if (side->place[i] >= 0) {
            ONUS_TRY(onus_texts_intern(
                &known->ids, in->table.pool + in->table.pool_starts[side->id_text[i]], &index));
            known->sighting[index] = side->place[i];
        }
    }
out:
    return status;
}

onus_status onus_load_comparisons(onus_match_loading *m) {
    const onus_comparisons_ref *ref = &m->loading->c->match.comparisons;
    if (ref->source.file == NULL) {
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    onus_input input = {.role = "comparisons"};
    reading in = {.m = m, .ref = ref, .input = &input};
    onus_comparisons *out = &m->out->comparisons;
    ONUS_TRY(read_table(&in));
    if (m->sightings_failed) {
        goto out; /* the problem was named there */
    }
    ONUS_TRY(read_rows(&in));
    ONUS_TRY(decide_space(&in));
    out->n_comparisons = in.table.n_rows;
    out->score = in.table.columns[in.score_ask].numbers;
    in.table.columns[in.score_ask].numbers = NULL;
    out->same = in.same;
    in.same = NULL;
    ONUS_TRY(settle_pairs(&in));
    ONUS_TRY(warn_about_pairs(&in));
    ONUS_TRY(remember(&in, &in.probe, &m->probes));
    ONUS_TRY(remember(&in, &in.reference, &m->references));
out:
    status = onus_settle_input(m->loading, &input, status);
    m->comparisons_failed = status != ONUS_OK;
    onus_side_clear(m, &in.probe);
    onus_side_clear(m, &in.reference);
    onus_table_clear(&in.table);
    onus_free(in.keep);
    onus_free(in.same);
    onus_free(in.twin);
    return status;
}
