/* What a reader must know before believing a figure of this trial, each with its numbers.
 *
 * The tricks that make a product look good (a common label, abstaining, rows for people, a label
 * set of its own) and the limits of the evidence (no self-reports, acted, forced choice, anonymous
 * votes). Called by trial.c once the families have drafted. Never prints a small count of people.
 */
#include <math.h>

#include "affect_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

/* Gives a text to the result as a warning, and clears it. */
static onus_status warn(affect_trial *t, const char *code, onus_text *text) {
    onus_status status = ONUS_ERR_NOMEM;
    if (!text->failed && text->data != NULL) {
        status = onus_result_warn(t->result, code, "%s", text->data);
    }
    onus_text_clear(text);
    return status;
}

/* ---- how the evidence came about ---- */

static bool given(const affect_trial *t, affect_against against) {
    for (size_t k = 0; k < t->n_references; k++) {
        if (t->references[k].against == against) {
            return true;
        }
    }
    return false;
}

static onus_status warn_setting(affect_trial *t) {
    const onus_setting_ref *s = &t->c->affect.setting;
    onus_status status = ONUS_OK;
    if (!given(t, AFFECT_SELF_REPORT)) {
        ONUS_TRY(onus_result_warn(
            t->result, "no_self_report",
            "nobody was asked what they felt: whatever is right here is right about what onlookers "
            "say or actors were told, and no figure says that a feeling was read"));
    }
    if (s->expression == ONUS_EXPRESSION_ACTED) {
        ONUS_TRY(
            onus_result_warn(t->result, "acted",
                             "the expressions were acted: they show how an emotion is played, "
                             "and say nothing of how often people who feel it look like that"));
    } else if (s->expression == ONUS_EXPRESSION_UNSAID && given(t, AFFECT_INTENDED)) {
        ONUS_TRY(onus_result_warn(
            t->result, "acted",
            "people were told what to show: the expressions were acted (setting.expression does "
            "not say otherwise), and say nothing of how often people who feel it look like that"));
    }
    if (s->choice == ONUS_CHOICE_FORCED && t->a->votes.given) {
        ONUS_TRY(onus_result_warn(
            t->result, "forced_choice",
            "onlookers had to pick one of %zu labels: a list that must be chosen from raises "
            "agreement, because what fits none of them has nowhere to go",
            t->n_labels));
    }
    if (s->says_blind && !s->raters_blind && t->a->votes.given) {
        ONUS_TRY(onus_result_warn(
            t->result, "raters_not_blind",
            "onlookers knew the product's label or the instruction: their votes are no independent "
            "evidence"));
    }
out:
    return status;
}

/* ---- who the evidence is about ---- */

static onus_status warn_people(affect_trial *t) {
    enum { FEW = 10 };
    onus_status status = ONUS_OK;
    if (!t->knows_people) {
        ONUS_TRY(onus_result_warn(
            t->result, "people_unknown",
            "the case does not say whom its %zu items show (items.person): each counts as another "
            "person, so that intervals are too narrow if anybody is shown twice, and nothing can "
            "be "
            "said of groups",
            t->n_asked));
    } else if (t->n_people < FEW) {
        ONUS_TRY(onus_result_warn(t->result, "few_people",
                                  "%zu items show fewer than %d people: however many rows there "
                                  "are, that is how much evidence there is, and no interval over "
                                  "them carries a verdict",
                                  t->n_asked, (int)FEW));
    }
out:
    return status;
}

/* How many rows are worth one: against the main reference. */
static onus_status warn_clustered(affect_trial *t) {
    const onus_measure *m =
        t->main == NULL ? NULL : affect_look(t, "affect.design_effect", t->main, NULL, NULL, NULL);
    onus_text text = {0};
    char effect[ONUS_DOUBLE_TEXT_MAX];
    if (!affect_shown(m) || m->value < 2.0) {
        return ONUS_OK;
    }
    (void)onus_format(effect, sizeof effect, "%.1f", m->value);
    onus_text_add(&text, "items of one person resemble each other: held against ");
    affect_put_reference(&text, t->main);
    onus_text_addf(&text, ", %s of them are worth one independent one, so that ", effect);
    affect_put_count(&text, (double)t->main->n_compared);
    onus_text_add(&text, " are worth about ");
    affect_put_count(&text, round((double)t->main->n_compared / m->value));
    onus_text_add(&text, "; every interval draws people, not rows");
    return warn(t, "clustered", &text);
}

/* ---- tricks ---- */

/* Always saying the commonest label gets more right than the product. */
static onus_status warn_base_rate(affect_trial *t, const affect_reference *r) {
    const onus_measure *product = affect_look(t, "affect.accuracy", r, NULL, NULL, NULL);
    const onus_measure *commonest = affect_look(t, "affect.commonest", r, NULL, NULL, NULL);
    onus_text text = {0};
    if (!affect_shown(product) || !affect_shown(commonest) || commonest->value < product->value) {
        return ONUS_OK;
    }
    double most = -1.0;
    size_t label = 0;
    for (size_t c = 0; c < t->n_labels; c++) {
        double n = 0.0;
        for (size_t i = 0; i < t->n_items; i++) {
            n += t->said[i] == AFFECT_NOT_ASKED ? 0.0 : r->truth[i * t->n_labels + c];
        }
        label = n > most ? c : label;
        most = n > most ? n : most;
    }
    onus_text_add(&text, "held against ");
    affect_put_reference(&text, r);
    onus_text_addf(&text, ", looking at nothing and always saying '%s' is right about ",
                   t->labels[label]);
    affect_put_share(&text, commonest, "items");
    onus_text_add(&text, ", the product about ");
    affect_put_share(&text, product, "items");
    return warn(t, "base_rate", &text);
}

static onus_status warn_abstentions(affect_trial *t, const affect_reference *r) {
    const onus_measure *all = affect_look(t, "affect.accuracy", r, NULL, NULL, NULL);
    const onus_measure *answered =
        affect_look(t, "affect.accuracy", r, "abstentions", "left_out", NULL);
    onus_text text = {0};
    if (!affect_shown(all) || !affect_shown(answered) || all->den <= answered->den) {
        return ONUS_OK;
    }
    onus_text_add(&text, "the product gave no label for ");
    affect_put_count(&text, all->den - answered->den);
    onus_text_add(&text, " of ");
    affect_put_count(&text, all->den);
    onus_text_add(&text, " items; leaving them out would raise what it gets right, held against ");
    affect_put_reference(&text, r);
    onus_text_add(&text, ", from ");
    affect_put_percent(&text, all->value);
    onus_text_add(&text, " to ");
    affect_put_percent(&text, answered->value);
    return warn(t, "abstentions", &text);
}

/* A product that is the commonest vote is made of the votes that it is held against. */
static onus_status warn_copied_votes(affect_trial *t, const affect_reference *r) {
    enum { TOO_MANY_BY_CHANCE = 30 };
    onus_text text = {0};
    size_t n = 0;
    for (size_t i = 0; i < t->n_items && r->plurality != NULL; i++) {
        const double *commonest = &r->plurality[i * t->n_labels];
        double any = 0.0;
        for (size_t c = 0; c < t->n_labels; c++) {
            any += commonest[c];
        }
        if (t->said[i] < 0 || any <= 0.0) {
            continue;
        }
        if (commonest[t->said[i]] <= 0.0) {
            return ONUS_OK;
        }
        n++;
    }
    if (n < TOO_MANY_BY_CHANCE) {
        return ONUS_OK;
    }
    onus_text_add(&text, "the product's label is the commonest of ");
    affect_put_reference(&text, r);
    onus_text_add(&text, " on every one of ");
    affect_put_count(&text, (double)n);
    onus_text_add(&text, " items: it was made of the votes that it is held against");
    return warn(t, "copies_raters", &text);
}

/* ---- labels that do not meet ---- */

/* "fear, sad": the labels of which use says so. */
static void put_labels(const affect_trial *t, const double *said, const double *truth,
                       bool never_said, onus_text *out, size_t *n, double *items) {
    *n = 0;
    *items = 0.0;
    for (size_t c = 0; c < t->n_labels; c++) {
        const bool wanted =
            never_said ? said[c] <= 0.0 && truth[c] > 0.0 : said[c] > 0.0 && truth[c] <= 0.0;
        if (wanted) {
            onus_text_addf(out, "%s'%s'", *n > 0 ? ", " : "", t->labels[c]);
            *items += never_said ? truth[c] : said[c];
            (*n)++;
        }
    }
}

static onus_status warn_label_sets(affect_trial *t, const affect_reference *r) {
    onus_status status = ONUS_OK;
    onus_text text = {0};
    onus_text list = {0};
    size_t n = 0;
    double items = 0.0;
    double *said = onus_alloc_n(t->n_labels, sizeof *said);
    double *truth = onus_alloc_n(t->n_labels, sizeof *truth);
    if (said == NULL || truth == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < t->n_items; i++) {
        const double *of = &r->truth[i * t->n_labels];
        double any = 0.0;
        for (size_t c = 0; c < t->n_labels && t->said[i] != AFFECT_NOT_ASKED; c++) {
            truth[c] += of[c];
            any += of[c];
        }
        if (any > 0.0 && t->said[i] >= 0) {
            said[t->said[i]] += 1.0;
        }
    }
    put_labels(t, said, truth, true, &list, &n, &items);
    if (n > 0) {
        onus_text_addf(&text, "the product never says %s, though ", list.data);
        affect_put_count(&text, items);
        onus_text_add(&text, " items have it by ");
        affect_put_reference(&text, r);
        onus_text_add(&text, ": it can be right about none of them");
        ONUS_TRY(warn(t, "label_never_said", &text));
    }
    onus_text_clear(&list);
    put_labels(t, said, truth, false, &list, &n, &items);
    if (n > 0) {
        onus_text_addf(&text, "the product says %s of ", list.data);
        affect_put_count(&text, items);
        onus_text_add(&text, " items, but by ");
        affect_put_reference(&text, r);
        onus_text_add(&text, " no item ever is: label sets that do not match need domain.map");
        ONUS_TRY(warn(t, "label_without_reference", &text));
    }
out:
    onus_text_clear(&text);
    onus_text_clear(&list);
    onus_free(said);
    onus_free(truth);
    return status;
}

/* Labels that nothing and nobody used: they change AC1 and every correction by their number. */
static onus_status warn_unused(affect_trial *t) {
    onus_text list = {0};
    onus_status status = ONUS_OK;
    size_t n = 0;
    for (size_t c = 0; c < t->n_labels && t->a->domain.declared; c++) {
        bool used = false;
        for (size_t i = 0; i < t->n_items && !used; i++) {
            used = t->said[i] == (int32_t)c;
            for (size_t k = 0; k < t->n_references && !used; k++) {
                used = t->references[k].truth[i * t->n_labels + c] > 0.0;
            }
        }
        if (!used) {
            onus_text_addf(&list, "%s'%s'", n++ > 0 ? ", " : "", t->labels[c]);
        }
    }
    if (n > 0) {
        status = onus_result_warn(
            t->result, "unused_labels",
            "of %zu declared labels %zu were used by nobody (%s): they still count as labels that "
            "could have been said, which raises AC1 and lowers what chance would reach",
            t->n_labels, n, list.data);
    }
    onus_text_clear(&list);
    return status;
}

static onus_status warn_mapped(affect_trial *t) {
    const onus_domain_ref *domain = &t->c->affect.domain;
    onus_text list = {0};
    if (t->a->domain.n_mapped == 0) {
        return ONUS_OK;
    }
    for (size_t k = 0; k < domain->n_map; k++) {
        onus_text_addf(&list, "%s'%s' counts as '%s'", k > 0 ? ", " : "", domain->map[k].name,
                       domain->map[k].values.items[0]);
    }
    const onus_status status = onus_result_warn(
        t->result, "labels_mapped", "%llu rows had a label that the case maps to another: %s",
        (unsigned long long)t->a->domain.n_mapped, list.data);
    onus_text_clear(&list);
    return status;
}

/* ---- references ---- */

static onus_status warn_reference(affect_trial *t, const affect_reference *r) {
    onus_status status = ONUS_OK;
    onus_text text = {0};
    if (r->n_compared < t->n_asked) {
        affect_put_count(&text, (double)(t->n_asked - r->n_compared));
        onus_text_add(&text, " of ");
        affect_put_count(&text, (double)t->n_asked);
        onus_text_add(&text, " items cannot be held against ");
        affect_put_reference(&text, r);
        onus_text_add(&text, ": there is none for them");
        ONUS_TRY(warn(t, "without_reference", &text));
    }
    const onus_item_labels *labels = r->against == AFFECT_SELF_REPORT ? &t->a->self_report
                                     : r->against == AFFECT_INTENDED  ? &t->a->intended
                                                                      : NULL;
    if (labels != NULL && labels->n_conflicting > 0) {
        affect_put_count(&text, (double)labels->n_conflicting);
        onus_text_add(&text, " items have rows that differ in ");
        affect_put_reference(&text, r);
        onus_text_add(&text, "; they are left out, because choosing one would decide the case");
        ONUS_TRY(warn(t, "conflicting_labels", &text));
    }
out:
    onus_text_clear(&text);
    return status;
}

/* Numbered slots that are filled from the first on: raters who would vote on every item until they
 * stop, all in the same order, are columns and no people. */
static onus_status looks_like_slots(const affect_trial *t, bool *slots) {
    const onus_votes *v = &t->a->votes;
    size_t *n_of = onus_alloc_n(v->n_raters, sizeof *n_of);
    size_t *rank = onus_alloc_n(v->n_raters, sizeof *rank);
    *slots = false;
    if (n_of == NULL || rank == NULL) {
        onus_free(n_of);
        onus_free(rank);
        return ONUS_ERR_NOMEM;
    }
    for (size_t k = 0; k < v->n_votes; k++) {
        n_of[v->rater[k]]++;
    }
    for (size_t r = 0; r < v->n_raters; r++) {
        for (size_t o = 0; o < v->n_raters; o++) {
            rank[r] += n_of[o] > n_of[r] || (o < r && n_of[o] == n_of[r]);
        }
    }
    bool nested = v->n_raters > 1;
    bool unequal = false;
    size_t first = 0;
    for (size_t k = 0; k < v->n_votes && nested; k++) {
        if (k + 1 < v->n_votes && v->unit[k + 1] == v->unit[k]) {
            continue;
        }
        const size_t n = k + 1 - first;
        for (size_t j = first; j <= k; j++) {
            nested = nested && rank[v->rater[j]] < n;
        }
        unequal = unequal || n < v->n_raters;
        first = k + 1;
    }
    *slots = nested && unequal;
    onus_free(n_of);
    onus_free(rank);
    return ONUS_OK;
}

static onus_status warn_votes(affect_trial *t) {
    const onus_votes *v = &t->a->votes;
    onus_status status = ONUS_OK;
    if (!v->given) {
        return ONUS_OK;
    }
    double n = 0.0;
    for (size_t k = 0; k < v->n_units * t->n_labels; k++) {
        n += v->counts[k];
    }
    if (!v->named_raters) {
        char n_votes[32];
        (void)onus_format_count((int64_t)n, n_votes);
        ONUS_TRY(onus_result_warn(
            t->result, "anonymous_votes",
            "%s votes name no rater: how many people cast them is not known, and what needs to "
            "know who voted (Cohen, Scott, ICC of named raters) is refused",
            n_votes));
    } else if (v->n_raters <= 64) { /* slots are columns: there are never many */
        bool slots = false;
        ONUS_TRY(looks_like_slots(t, &slots));
        if (slots) {
            ONUS_TRY(onus_result_warn(
                t->result, "slots",
                "raters are filled in like numbered slots: wherever an item has fewer votes, it is "
                "always the same raters who are missing. If these are columns and no people, name "
                "no rater (raters.rater): figures that need to know who voted would be of nobody"));
        }
    }
out:
    return status;
}

/* ---- what was tried ---- */

static onus_status warn_rows(affect_trial *t) {
    const onus_said *said = &t->a->said;
    onus_status status = ONUS_OK;
    if (said->n_versions > 1) {
        ONUS_TRY(
            onus_result_warn(t->result, "versions",
                             "the labels are of %zu versions of the product; '%s' is on trial, "
                             "the others say whether an item keeps its label",
                             said->n_versions, t->version));
    }
    if (said->n_rows > t->n_asked && said->repeat != NULL) {
        ONUS_TRY(onus_result_warn(t->result, "repeats",
                                  "%zu rows are of %zu items: of an item's %s the first is held "
                                  "against the references, and all say whether the label stays",
                                  said->n_rows, t->n_asked, said->retest ? "re-tests" : "frames"));
    }
out:
    return status;
}

onus_status affect_warnings(affect_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(warn_setting(t));
    ONUS_TRY(warn_people(t));
    ONUS_TRY(warn_clustered(t));
    for (size_t k = 0; k < t->n_references; k++) {
        const affect_reference *r = &t->references[k];
        ONUS_TRY(warn_base_rate(t, r));
        ONUS_TRY(warn_copied_votes(t, r));
        ONUS_TRY(warn_label_sets(t, r));
        ONUS_TRY(warn_reference(t, r));
    }
    if (t->main != NULL) {
        ONUS_TRY(warn_abstentions(t, t->main));
    }
    ONUS_TRY(warn_unused(t));
    ONUS_TRY(warn_mapped(t));
    ONUS_TRY(warn_votes(t));
    ONUS_TRY(warn_rows(t));
out:
    return status;
}
