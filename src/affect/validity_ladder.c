/* The ladder: chance, the commonest label, one human, what onlookers reach, the product.
 *
 * Every rung is an accuracy on the same items against the same reference, so the product is
 * compared with each by a difference within people. Chance deals the product's own labels out anew
 * within each person. The humans' ceiling is a rater against the plurality of the others (held
 * against votes) or the raters' plurality (held against what people said themselves, which no rater
 * has a part in); never the plurality against the votes it is made of, which no outsider could
 * reach. Called by validity.c. Never lets the product vote. */
#include <math.h>

#include "onus/alloc.h"
#include "onus/stats_interval.h"
#include "validity_internal.h"

/* Sums per person. */
enum { N, RIGHT, CHANCE, COMMONEST, N_HUMAN, RIGHT_HUMAN, ONE_HUMAN, CEILING, N_SUMS };
/* Values of each rung, then the skill over the better of chance and the commonest label. */
enum { VALUE, GAIN, SKILL, PER_RUNG };
enum { BEST_SKILL = AFFECT_N_RUNGS * PER_RUNG, N_VALUES };

static const struct {
    const char *name;
    const char *id;
    size_t base;
    size_t right;
    size_t all;
} RUNGS[AFFECT_N_RUNGS] = {
    {"chance", "affect.chance", CHANCE, RIGHT, N},
    {"commonest", "affect.commonest", COMMONEST, RIGHT, N},
    {"one_human", "affect.one_human", ONE_HUMAN, RIGHT_HUMAN, N_HUMAN},
    {"human_ceiling", "affect.human_ceiling", CEILING, RIGHT_HUMAN, N_HUMAN},
};

const char *affect_rung_name(enum affect_rung rung) {
    return RUNGS[rung].name;
}

static void values_of(const void *shared, const double *totals, double *values) {
    (void)shared;
    for (size_t k = 0; k < AFFECT_N_RUNGS; k++) {
        const double all = totals[RUNGS[k].all];
        const bool there = all > 0.0;
        const double base = there ? totals[RUNGS[k].base] / all : NAN;
        const double right = there ? totals[RUNGS[k].right] / all : NAN;
        values[k * PER_RUNG + VALUE] = base;
        values[k * PER_RUNG + GAIN] = right - base;
        values[k * PER_RUNG + SKILL] = onus_skill(right, base).value;
    }
    const double best = fmax(values[AFFECT_RUNG_CHANCE * PER_RUNG + VALUE],
                             values[AFFECT_RUNG_COMMONEST * PER_RUNG + VALUE]);
    values[BEST_SKILL] = onus_skill(totals[N] > 0.0 ? totals[RIGHT] / totals[N] : NAN, best).value;
}

/* ---- sums per person ---- */

/* What every person's own labels would get right, dealt out anew among that person's items; or,
 * where nobody has two items, everybody's among all items. */
static void add_chance(const affect_view *view, const double *all, bool within, size_t common,
                       double *sums) {
    const size_t q = view->data.n_labels;
    double n = 0.0;
    for (size_t k = 0; k < onus_confusion_n_cells(q); k++) {
        n += all[k];
    }
    for (size_t p = 0; p < view->data.n_people; p++) {
        const double *cells = &view->sums[p * onus_confusion_n_cells(q)];
        double *of = &sums[p * N_SUMS];
        double met = 0.0;
        for (size_t l = 0; l < q; l++) {
            double row = 0.0;
            double column = 0.0;
            for (size_t k = 0; k <= q; k++) {
                row += cells[l * (q + 1) + k];
                column += k == q ? 0.0 : (within ? cells : all)[k * (q + 1) + l];
            }
            met += row * column;
            of[N] += row;
            of[RIGHT] += cells[l * (q + 1) + l];
            of[COMMONEST] += l == common ? row : 0.0;
        }
        of[CHANCE] = met / (within ? of[N] : n);
    }
}

static void add_humans(const affect_trial *t, const affect_view *view, const double *votes,
                       bool are_reference, double *weights, double *sums) {
    const size_t q = view->data.n_labels;
    for (size_t i = 0; i < view->data.n_items; i++) {
        const double *of_item = &votes[(size_t)view->item[i] * t->n_labels];
        const double *truth = &view->truth[i * q];
        double one = 0.0;
        double ceiling = 0.0;
        if (are_reference) {
            const onus_ceiling unit = onus_unit_ceiling(of_item, q);
            if (!(unit.n_units > 0.0)) {
                continue; /* a single vote meets nobody */
            }
            one = unit.pair;
            ceiling = unit.loo;
        } else {
            size_t n_tied = 0;
            double n = 0.0;
            onus_plurality(of_item, q, weights, &n_tied);
            if (n_tied == 0) {
                continue;
            }
            for (size_t l = 0; l < q; l++) {
                n += of_item[l];
                one += truth[l] * of_item[l];
                ceiling += truth[l] * weights[l];
            }
            one /= n;
        }
        double *of = &sums[(size_t)view->person[i] * N_SUMS];
        of[N_HUMAN] += 1.0;
        of[RIGHT_HUMAN] += view->said[i] < 0 ? 0.0 : truth[view->said[i]];
        of[ONE_HUMAN] += one;
        of[CEILING] += ceiling;
    }
}

/* ---- measures ---- */

typedef struct footing { /* what all ladders of a reference stand on */
    onus_chance chance;
    bool within; /* labels are dealt out within people */
    size_t common;
} footing;

static onus_measure begin(const affect_found *found, const affect_ladder *ladder, const char *id) {
    onus_measure m = affect_draft_of(id);
    affect_scope_against(&m, found->reference);
    if (ladder->stratum != NULL) {
        onus_scope_set_text(&m.scope, "stratum", ladder->stratum);
    }
    return m;
}

static onus_status add_rung(affect_trial *t, const affect_found *found, affect_ladder *ladder,
                            size_t k, const footing *foot) {
    const onus_chance *chance = &foot->chance;
    affect_step *step = &ladder->steps[k];
    onus_measure m = begin(found, ladder, RUNGS[k].id);
    onus_draft_set_fraction(&m, step->num, step->den, step->reason);
    if (k != AFFECT_RUNG_CHANCE) {
        affect_set_share_estimate(t, &m, &step->value);
        return affect_add(t, &m, &step->measure);
    }
    /* its interval is not about other people but about other deals */
    if (m.has_value && isfinite(chance->p_value)) {
        const double level = t->c->protocol.level;
        const double reach = chance->sd * onus_normal_quantile(0.5 + 0.5 * level);
        onus_draft_set_limits(&m,
                              (onus_limits){.low = fmax(0.0, chance->value - reach),
                                            .high = fmin(1.0, chance->value + reach)},
                              level,
                              foot->within ? "deals of the labels within people, exact moments"
                                           : "deals of the labels over all items, exact moments",
                              NULL);
        m.has_p = true;
        m.p_value = fmin(1.0, fmax(0.0, chance->p_value));
    } else if (m.has_value) {
        m.reason = chance->reason;
    }
    step->value.limits = m.interval.given
                             ? (onus_limits){.low = m.interval.low, .high = m.interval.high}
                             : onus_limits_none();
    return affect_add(t, &m, &step->measure);
}

static onus_status add_compared(affect_trial *t, const affect_found *found,
                                const affect_ladder *ladder, size_t k) {
    const affect_step *step = &ladder->steps[k];
    const char *why = step->reason != NULL ? step->reason
                                           : "the baseline is right every time: nothing is left to "
                                             "gain";
    onus_measure gain = begin(found, ladder, "affect.gain");
    onus_measure skill = begin(found, ladder, "affect.skill");
    onus_scope_set_text(&gain.scope, "baseline", RUNGS[k].name);
    onus_scope_set_text(&skill.scope, "baseline", RUNGS[k].name);
    onus_draft_set_number(&gain, (onus_number){.value = step->gain.value, .reason = step->reason});
    onus_draft_set_number(&skill, (onus_number){.value = step->skill.value, .reason = why});
    affect_set_estimate(t, &gain, &step->gain);
    affect_set_estimate(t, &skill, &step->skill);
    const onus_status status = affect_add(t, &gain, NULL);
    return status != ONUS_OK ? status : affect_add(t, &skill, NULL);
}

static onus_status add_ladder(affect_trial *t, const affect_found *found, affect_ladder *ladder,
                              const footing *foot, bool is_first) {
    onus_status status = ONUS_OK;
    /* chance and the commonest label need no humans: once, without a stratum of theirs */
    const char *stratum = ladder->stratum;
    for (size_t k = 0; k < AFFECT_N_RUNGS; k++) {
        const bool of_humans = k >= AFFECT_RUNG_ONE_HUMAN;
        ladder->stratum = of_humans ? stratum : NULL;
        if (of_humans || is_first) {
            ONUS_TRY(add_rung(t, found, ladder, k, foot));
            ONUS_TRY(add_compared(t, found, ladder, k));
        }
    }
out:
    ladder->stratum = stratum;
    return status;
}

/* ---- one ladder ---- */

static onus_status climb(affect_trial *t, const affect_view *view, const double *sums,
                         affect_ladder *ladder, onus_cluster_estimate *best_skill) {
    onus_cluster_estimate values[N_VALUES];
    double totals[N_SUMS] = {0};
    const onus_cluster_opts opts = affect_cluster_opts(t, false);
    const onus_cluster_data data = {
        .sums = sums, .n_clusters = view->data.n_people, .n_sums = N_SUMS};
    const onus_status status =
        onus_cluster_estimates(&data, values_of, NULL, N_VALUES, &opts, t->context, values, t->err);
    if (status != ONUS_OK) {
        return status;
    }
    for (size_t p = 0; p < view->data.n_people; p++) {
        for (size_t k = 0; k < N_SUMS; k++) {
            totals[k] += sums[p * N_SUMS + k];
        }
    }
    for (size_t k = 0; k < AFFECT_N_RUNGS; k++) {
        affect_step *step = &ladder->steps[k];
        step->value = values[k * PER_RUNG + VALUE];
        step->gain = values[k * PER_RUNG + GAIN];
        step->skill = values[k * PER_RUNG + SKILL];
        if (!isnan(step->value.limits.low)) {
            step->value.limits = (onus_limits){.low = fmax(step->value.limits.low, 0.0),
                                               .high = fmin(step->value.limits.high, 1.0)};
        }
        step->num = totals[RUNGS[k].base];
        step->den = totals[RUNGS[k].all];
        step->product = totals[RUNGS[k].right];
        step->reason = step->den > 0.0 ? NULL
                       : t->a->votes.given
                           ? "no item that is compared has enough votes of onlookers"
                           : "the case has no onlookers (raters)";
    }
    *best_skill = values[BEST_SKILL];
    return ONUS_OK;
}

static onus_status climb_with(affect_trial *t, const affect_view *view, const footing *foot,
                              const affect_reference *humans, const affect_found *found,
                              affect_ladder *ladder, onus_cluster_estimate *best_skill) {
    onus_status status = ONUS_ERR_NOMEM;
    double *sums = onus_alloc_n(view->data.n_people * N_SUMS, sizeof *sums);
    double *weights = onus_alloc_n(t->n_labels, sizeof *weights);
    if (sums != NULL && weights != NULL) {
        add_chance(view, view->cells, foot->within, foot->common, sums);
        if (humans != NULL) {
            add_humans(t, view, humans->votes, humans == found->reference, weights, sums);
        }
        status = climb(t, view, sums, ladder, best_skill);
    }
    onus_free(sums);
    onus_free(weights);
    return status;
}

static onus_status add_best_skill(affect_trial *t, const affect_found *found,
                                  const onus_cluster_estimate *best) {
    onus_measure m = affect_draft_of("affect.skill");
    affect_scope_against(&m, found->reference);
    onus_draft_set_number(&m,
                          (onus_number){.value = best->value,
                                        .reason = "the better of chance and the commonest label "
                                                  "is right every time"});
    affect_set_estimate(t, &m, best);
    return affect_add(t, &m, NULL);
}

onus_status affect_climb(affect_trial *t, const affect_view *view, affect_found *found) {
    onus_status status = ONUS_OK;
    onus_cluster_estimate best_skill = {.value = NAN};
    footing foot = {.within = true};
    onus_labelled all = view->data;
    (void)onus_confusion_commonest(found->cells, t->n_labels, &foot.common);
    ONUS_TRY(onus_labels_chance(&view->data, &foot.chance, t->err));
    if (foot.chance.n_movable == 0) {
        foot.within = false;
        all.person = NULL;
        ONUS_TRY(onus_labels_chance(&all, &foot.chance, t->err));
    }
    found->ladders = affect_alloc(t, t->n_references, sizeof *found->ladders);
    if (found->ladders == NULL) {
        return ONUS_ERR_NOMEM;
    }
    const bool held_against_raters = found->reference->against == AFFECT_RATERS;
    for (size_t k = 0; k < t->n_references; k++) {
        const affect_reference *humans = &t->references[k];
        if (held_against_raters ? humans != found->reference : humans->against != AFFECT_RATERS) {
            continue;
        }
        affect_ladder *ladder = &found->ladders[found->n_ladders++];
        ladder->stratum = held_against_raters ? NULL : humans->stratum;
        ONUS_TRY(climb_with(t, view, &foot, humans, found, ladder, &best_skill));
    }
    if (found->n_ladders == 0) { /* no onlookers at all */
        found->n_ladders = 1;
        ONUS_TRY(climb_with(t, view, &foot, NULL, found, &found->ladders[0], &best_skill));
    }
    ONUS_TRY(add_best_skill(t, found, &best_skill));
    for (size_t k = 0; k < found->n_ladders; k++) {
        ONUS_TRY(add_ladder(t, found, &found->ladders[k], &foot, k == 0));
    }
out:
    return status;
}
