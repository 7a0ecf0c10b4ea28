/* Two sides that are known one by one: the product against each reference, two named raters, two
 * versions of the product. Cohen's kappa, Scott's pi, R_K.
 *
 * An abstention is an answer of its own, which no reference gives: it counts as disagreement, and
 * the table is made again without them only beside it. Against onlookers every vote is a row, and
 * beside it the commonest vote of each item. Between onlookers the two must have names: nameless
 * votes that were put into numbered slots are refused, because slot 1 is nobody. Called by
 * agreement.c. */
#include "agreement_internal.h"
#include "onus/alloc.h"
#include "onus/stats_coders.h"
#include "validity_internal.h"

static const struct {
    const char *id;
    onus_coders_coefficient which;
} KAPPAS[] = {{"affect.cohen", ONUS_CODERS_COHEN},
              {"affect.scott", ONUS_CODERS_SCOTT},
              {"affect.mcc", ONUS_CODERS_MCC}};
enum { N_KAPPAS = sizeof KAPPAS / sizeof KAPPAS[0] };

/* One cross table and the keys of its measures. */
typedef struct crossing {
    onus_coded *rows;
    size_t n_rows;
    size_t n_labels;                   /* of the table: an abstention is one more */
    const affect_reference *reference; /* NULL: between */
    const char *between;
    const char *stratum; /* of between */
    bool plurality;
    bool left_out; /* abstentions */
    const affect_grouping *grouping;
    size_t group;
} crossing;

static onus_number number_of(const onus_coders *found, onus_coders_coefficient which) {
    return which == ONUS_CODERS_COHEN   ? found->cohen
           : which == ONUS_CODERS_SCOTT ? found->scott
                                        : found->mcc;
}

static void scope_crossing(const affect_trial *t, onus_measure *m, const crossing *x) {
    if (x->reference != NULL) {
        affect_scope_against(m, x->reference);
    } else {
        onus_scope_set_text(&m->scope, "between", x->between);
        if (x->stratum != NULL) {
            onus_scope_set_text(&m->scope, "stratum", x->stratum);
        }
    }
    if (x->plurality) {
        onus_scope_set_text(&m->scope, "raters", "plurality");
    }
    if (x->left_out) {
        onus_scope_set_text(&m->scope, "abstentions", "left_out");
    }
    if (x->grouping != NULL) {
        affect_scope_group(t, m, x->grouping, x->group);
    }
}

static onus_status refuse(affect_trial *t, const crossing *x, const char *reason) {
    onus_status status = ONUS_OK;
    for (size_t k = 0; k < N_KAPPAS; k++) {
        onus_measure m = affect_draft_of(KAPPAS[k].id);
        onus_draft_set_number(&m, onus_number_none(reason));
        scope_crossing(t, &m, x);
        ONUS_TRY(affect_add(t, &m, NULL));
    }
out:
    return status;
}

static onus_status add_crossing(affect_trial *t, const crossing *x) {
    const size_t q = x->n_labels;
    onus_status status = ONUS_OK;
    onus_coders found;
    onus_jackknife jackknife[ONUS_N_CODERS];
    size_t n_drawn = 0;
    double *table = onus_alloc_n(q * q, sizeof *table);
    if (table == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < x->n_rows; i++) {
        table[(size_t)x->rows[i].first * q + (size_t)x->rows[i].second] += x->rows[i].times;
    }
    ONUS_TRY(onus_coders_measure(table, q, NULL, &found, t->err));
    ONUS_TRY(onus_coders_jackknife(x->rows, x->n_rows, t->n_person_indices, q, NULL,
                                   t->c->protocol.level, jackknife, &n_drawn));
    for (size_t k = 0; k < N_KAPPAS; k++) {
        onus_measure m = affect_draft_of(KAPPAS[k].id);
        onus_draft_set_number(&m, number_of(&found, KAPPAS[k].which));
        agreement_put_limits(t, &m, &jackknife[KAPPAS[k].which], n_drawn);
        scope_crossing(t, &m, x);
        if (x->grouping != NULL) {
            onus_draft_mark_group(&m, &x->grouping->show[x->group]);
        }
        if (x->reference != NULL && t->knows_people && n_drawn < ONUS_GROUP_PEOPLE_MIN) {
            affect_withhold_tiny(&m);
        }
        ONUS_TRY(affect_add(t, &m, NULL));
    }
out:
    onus_free(table);
    return status;
}

/* ---- the product against a reference ---- */

static bool in_group(const affect_trial *t, const crossing *x, size_t item) {
    return x->grouping == NULL || affect_group_of_item(t, x->grouping, item) == (int32_t)x->group;
}

/* Rows of the crossing: reference first, product second. */
static void take_rows(const affect_trial *t, crossing *x) {
    const affect_reference *r = x->reference;
    const size_t q = t->n_labels;
    const double *times = x->plurality ? r->plurality : r->votes != NULL ? r->votes : r->truth;
    x->n_rows = 0;
    for (size_t i = 0; i < t->n_items; i++) {
        const bool abstained = t->said[i] == AFFECT_ABSTAINED;
        if (t->said[i] == AFFECT_NOT_ASKED || !in_group(t, x, i)) {
            continue;
        }
        for (size_t l = 0; l < q; l++) {
            if (!(times[i * q + l] > 0.0)) {
                continue;
            }
            if (!abstained || !x->left_out) {
                x->rows[x->n_rows++] = (onus_coded){.person = t->person[i],
                                                    .first = (int32_t)l,
                                                    .second = abstained ? (int32_t)q : t->said[i],
                                                    .times = times[i * q + l]};
            }
        }
    }
}

/* With abstentions as disagreement; then, of everybody together, without them. */
static onus_status add_both(affect_trial *t, crossing x) {
    onus_status status = ONUS_OK;
    x.left_out = false;
    x.n_labels = t->n_labels + 1;
    take_rows(t, &x);
    ONUS_TRY(add_crossing(t, &x));
    if (x.grouping == NULL) {
        x.left_out = true;
        x.n_labels = t->n_labels;
        take_rows(t, &x);
        ONUS_TRY(add_crossing(t, &x));
    }
out:
    return status;
}

static onus_status against(affect_trial *t, const affect_reference *r, onus_coded *rows) {
    onus_status status = ONUS_OK;
    crossing x = {.rows = rows, .reference = r};
    ONUS_TRY(add_both(t, x));
    if (r->plurality != NULL) {
        x.plurality = true;
        ONUS_TRY(add_both(t, x));
        x.plurality = false;
    }
    for (size_t k = 0; k < t->n_groupings; k++) {
        x.grouping = &t->groupings[k];
        for (x.group = 0; x.group < x.grouping->n_groups; x.group++) {
            ONUS_TRY(add_both(t, x));
        }
    }
out:
    return status;
}

/* ---- two onlookers, two versions ---- */

static const char NAMELESS[] =
    "the votes name no rater: Cohen's kappa needs two coders who are known, and votes in numbered "
    "slots are not; alpha, Fleiss and AC1 take nameless votes";
static const char NOT_TWO[] =
    "not two raters: Cohen's kappa is of two; alpha, Fleiss and AC1 take any number";

/* Votes of the two raters on the units of a stratum (SIZE_MAX: all) that both saw. Votes ascend by
 * unit, then by rater. */
static size_t rows_of_two(const affect_trial *t, size_t stratum, onus_coded *rows) {
    const onus_votes *v = &t->a->votes;
    size_t n = 0;
    for (size_t i = 0; i + 1 < v->n_votes; i++) {
        if (v->unit[i] == v->unit[i + 1] && v->rater[i] == 0 && v->rater[i + 1] == 1 &&
            (stratum == SIZE_MAX || (size_t)v->stratum[v->unit[i]] == stratum)) {
            rows[n++] = (onus_coded){.person = t->person[v->item[v->unit[i]]],
                                     .first = v->vote[i],
                                     .second = v->vote[i + 1],
                                     .times = 1.0};
        }
    }
    return n;
}

static onus_status between_raters(affect_trial *t) {
    const onus_votes *v = &t->a->votes;
    onus_status status = ONUS_OK;
    crossing x = {.between = "raters", .n_labels = t->n_labels};
    if (!v->named_raters || v->n_raters != 2) {
        return refuse(t, &x, v->named_raters ? NOT_TWO : NAMELESS);
    }
    x.rows = affect_alloc(t, v->n_votes, sizeof *x.rows);
    if (x.rows == NULL) {
        return ONUS_ERR_NOMEM;
    }
    x.n_rows = rows_of_two(t, SIZE_MAX, x.rows);
    ONUS_TRY(add_crossing(t, &x));
    for (size_t s = 0; v->n_strata > 1 && s < v->n_strata; s++) {
        x.stratum = v->strata[s];
        x.n_rows = rows_of_two(t, s, x.rows);
        ONUS_TRY(add_crossing(t, &x));
    }
out:
    return status;
}

/* First repeat of each version; an abstention is a label that only the other could share. */
static onus_status between_versions(affect_trial *t) {
    const onus_said *said = &t->a->said;
    onus_status status = ONUS_OK;
    crossing x = {.between = "versions", .n_labels = t->n_labels + 1};
    int32_t *row = onus_alloc_n(2 * t->n_items, sizeof *row);
    x.rows = affect_alloc(t, t->n_items, sizeof *x.rows);
    if (row == NULL || x.rows == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < 2 * t->n_items; i++) {
        row[i] = -1;
    }
    for (size_t r = 0; r < said->n_rows; r++) {
        int32_t *of = &row[2 * (size_t)said->item[r] + (size_t)said->version[r]];
        if (*of < 0 || (said->repeat != NULL && said->repeat[r] < said->repeat[*of])) {
            *of = (int32_t)r;
        }
    }
    for (size_t i = 0; i < t->n_items; i++) {
        if (row[2 * i] >= 0 && row[2 * i + 1] >= 0) {
            const int32_t first = said->label[row[2 * i]];
            const int32_t second = said->label[row[2 * i + 1]];
            x.rows[x.n_rows++] = (onus_coded){.person = t->person[i],
                                              .first = first >= 0 ? first : (int32_t)t->n_labels,
                                              .second = second >= 0 ? second : (int32_t)t->n_labels,
                                              .times = 1.0};
        }
    }
    status = add_crossing(t, &x);
out:
    onus_free(row);
    return status;
}

onus_status agreement_of_coders(affect_trial *t) {
    onus_status status = ONUS_OK;
    onus_coded *rows = affect_alloc(t, t->n_items * t->n_labels, sizeof *rows);
    if (rows == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < t->n_references; k++) {
        ONUS_TRY(against(t, &t->references[k], rows));
    }
    ONUS_TRY(t->a->votes.given ? between_raters(t) : ONUS_OK);
    ONUS_TRY(t->a->said.n_versions == 2 ? between_versions(t) : ONUS_OK);
out:
    return status;
}
