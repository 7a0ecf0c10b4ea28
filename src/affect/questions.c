/* The board's twelve questions of an affect trial, each answered from the measures or graded "not
 * testable" with what is missing. Here 2 to 6; 7 to 12 in questions_more.c, 1 in answer.c once the
 * claims are judged.
 *
 * Answers are a few plain sentences with n of N. There is no single pass: a label can be frequent
 * and right, rare and wrong, and right for some people only, so each question has its own answer
 * and each claim its own verdict. Without self-reports nothing is said of what anybody felt.
 * Called by trial.c. */
#include <math.h>

#include "onus/alloc.h"
#include "onus/scalar.h"
#include "questions_internal.h"

static const char *const ASKS[] = {
    // NOLINTBEGIN(bugprone-suspicious-missing-comma): every text names its number
    [1] = "What exactly is claimed: a felt state, an expression, or what onlookers would say?",
    [2] = "Does the label agree with what people themselves reported?",
    [3] = "With blind raters, and do those agree among themselves?",
    [4] = "Better than chance, than always saying the commonest label, than one human?",
    [5] = "Given the label, how likely is it right at the real base rate?",
    [6] = "Which emotions fail?",
    [7] = "Does the same item get the same answer on a re-test, in the next frame, by the next "
          "version?",
    [8] = "Are the scores calibrated?",
    [9] = "Is it equal across groups after matching on the reported emotion, intersections "
          "included?",
    [10] = "How often does it abstain or fail, and for whom?",
    [11] = "Was the evidence spontaneous, in this setting, on these people?",
    [12] = "Are there enough people, not rows, to have seen the harm?",
    // NOLINTEND(bugprone-suspicious-missing-comma)
};

const char *affect_ask(int n) {
    return ASKS[n];
}

void affect_refer(affect_saying *s, size_t index) {
    if (s->status == ONUS_OK) {
        s->status = onus_array_push(&s->measures, &index);
    }
}

onus_status affect_give(affect_trial *t, int n, const char *grade, affect_saying *s) {
    onus_status status = s->status;
    while (s->text.len > 0 && s->text.data[s->text.len - 1] == ' ') {
        s->text.data[--s->text.len] = '\0';
    }
    char *text = onus_text_take(&s->text);
    if (status == ONUS_OK) {
        status = onus_result_question(t->result, n, ASKS[n], grade, text, s->measures.items,
                                      s->measures.n_items);
    } else {
        onus_free(text);
    }
    onus_array_clear(&s->measures);
    return status;
}

onus_status affect_cannot(affect_trial *t, int n, const char *missing) {
    affect_saying s = affect_new_saying();
    onus_text_addf(&s.text, "Not testable: %s.", missing);
    return affect_give(t, n, AFFECT_NOT_TESTABLE, &s);
}

const onus_measure *affect_cite(affect_trial *t, affect_saying *s, const char *id,
                                const affect_reference *reference, const char *key,
                                const char *value) {
    size_t index = SIZE_MAX;
    const onus_measure *m = affect_look(t, id, reference, key, value, &index);
    if (affect_shown(m)) {
        affect_refer(s, index);
    }
    return m;
}

const affect_reference *affect_felt(const affect_trial *t) {
    for (size_t k = 0; k < t->n_references; k++) {
        if (t->references[k].against == AFFECT_SELF_REPORT) {
            return &t->references[k];
        }
    }
    return NULL;
}

/* ---- 2: self-reports ---- */

/* "strong" and so on: Barrett et al. (2019), by the lower limit over people. */
static const char *strength(double share) {
    return share >= 0.70   ? "strong"
           : share >= 0.40 ? "moderate"
           : share >= 0.20 ? "weak"
                           : "unsupported";
}

static onus_status question_2(affect_trial *t) {
    const affect_reference *felt = affect_felt(t);
    affect_saying s = affect_new_saying();
    if (felt == NULL) {
        return affect_cannot(t, 2,
                             "nobody was asked what they felt (self_report). Everything in this "
                             "report is capped at agreement with onlookers or with instructions; "
                             "no figure says that a feeling was read");
    }
    const onus_measure *m = affect_cite(t, &s, "affect.accuracy", felt, NULL, NULL);
    if (!affect_shown(m)) {
        onus_array_clear(&s.measures);
        return affect_cannot(t, 2, "no item has both a label of the product and a self-report");
    }
    onus_text_add(&s.text, "The product's label is what people reported for ");
    affect_put_share(&s.text, m, "items");
    if (m->interval.given) {
        onus_text_addf(&s.text, ": %s by the lower limit", strength(m->interval.low));
    }
    onus_text_add(&s.text, ". ");
    for (size_t k = 0; k < (t->a->votes.n_strata > 0 ? t->a->votes.n_strata : 1); k++) {
        const bool strata = t->a->votes.n_strata > 1;
        const char *stratum = strata ? t->a->votes.strata[k] : NULL;
        const onus_measure *human =
            affect_cite(t, &s, "affect.one_human", felt, strata ? "stratum" : NULL, stratum);
        if (affect_shown(human)) {
            onus_text_addf(&s.text, "One onlooker%s%s%s gets ", strata ? " (" : "",
                           strata ? stratum : "", strata ? ")" : "");
            affect_put_percent(&s.text, human->value);
            onus_text_add(&s.text, " of them right. ");
        }
    }
    return affect_give(t, 2, AFFECT_ANSWERED, &s);
}

/* ---- 3: raters ---- */

/* First shown draft of an id between raters in a stratum. */
static size_t between_raters(const affect_trial *t, const char *id, const char *stratum) {
    const onus_measure *drafts = t->drafts.items;
    for (size_t i = 0; i < t->drafts.n_items; i++) {
        const onus_measure *m = &drafts[i];
        if (onus_text_equal(m->def->id, id) && affect_shown(m) &&
            onus_text_equal(onus_scope_text(&m->scope, "stratum"), stratum) &&
            onus_scope_text(&m->scope, "resample") == NULL) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void put_number(onus_text *out, double value) {
    char text[ONUS_DOUBLE_TEXT_MAX];
    (void)onus_format(text, sizeof text, "%.2f", value);
    onus_text_add(out, text);
}

static void put_agreement(affect_trial *t, affect_saying *s, const char *stratum, bool *any) {
    const size_t pa = between_raters(t, "affect.percent_agreement", stratum);
    const size_t alpha = between_raters(t, "affect.alpha", stratum);
    if (pa == SIZE_MAX || alpha == SIZE_MAX) {
        return;
    }
    *any = true;
    affect_refer(s, pa);
    affect_refer(s, alpha);
    onus_text_add(&s->text, "Two onlookers");
    if (stratum != NULL) {
        onus_text_addf(&s->text, " (%s)", stratum);
    }
    onus_text_add(&s->text, " agree on ");
    affect_put_percent(&s->text, affect_drafted(t, pa)->value);
    onus_text_add(&s->text, " of what they vote on; beyond chance that is an alpha of ");
    const onus_measure *m = affect_drafted(t, alpha);
    put_number(&s->text, m->value);
    if (m->interval.given) {
        onus_text_add(&s->text, " (");
        put_number(&s->text, m->interval.low);
        onus_text_add(&s->text, " to ");
        put_number(&s->text, m->interval.high);
        onus_text_add(&s->text, ")");
    }
    onus_text_add(&s->text, m->value >= 0.8     ? ", enough to rely on"
                            : m->value >= 0.667 ? ", enough for tentative conclusions"
                                                : ", less than the 0.667 below which Krippendorff "
                                                  "advises to draw no conclusion");
    onus_text_add(&s->text, ". ");
}

static onus_status question_3(affect_trial *t) {
    affect_saying s = affect_new_saying();
    bool any = false;
    if (!t->a->votes.given) {
        return affect_cannot(t, 3, "no onlooker voted (raters)");
    }
    const onus_setting_ref *setting = &t->c->affect.setting;
    onus_text_add(&s.text,
                  !setting->says_blind
                      ? "Whether the raters were blind is not said (setting.raters_blind). "
                  : setting->raters_blind ? "The raters were blind, says the case. "
                                          : "The raters were not blind, says the case. ");
    for (size_t k = 0; k < t->a->votes.n_strata; k++) {
        put_agreement(t, &s, t->a->votes.n_strata > 1 ? t->a->votes.strata[k] : NULL, &any);
    }
    for (size_t k = 0; k < t->n_references; k++) {
        const affect_reference *r = &t->references[k];
        const onus_measure *m = r->against != AFFECT_RATERS
                                    ? NULL
                                    : affect_cite(t, &s, "affect.accuracy", r, NULL, NULL);
        if (affect_shown(m)) {
            any = true;
            onus_text_add(&s.text, "The product's label meets ");
            affect_put_percent(&s.text, m->value);
            onus_text_add(&s.text, " of ");
            affect_put_reference(&s.text, r);
            onus_text_add(&s.text, " on ");
            affect_put_count(&s.text, m->den);
            onus_text_add(&s.text, " items. ");
        }
    }
    return affect_give(t, 3, any ? AFFECT_ANSWERED : AFFECT_NOT_TESTABLE, &s);
}

/* ---- 4: the ladder ---- */

/* How the product stands to one rung; adds a sentence. 1 better, -1 worse, 0 not shown, 2: no rung.
 */
static int put_rung(affect_trial *t, affect_saying *s, const char *rung, const char *id,
                    const char *words) {
    size_t index = SIZE_MAX;
    const onus_measure *base = affect_cite(t, s, id, t->main, NULL, NULL);
    const onus_measure *gain = affect_look(t, "affect.gain", t->main, "baseline", rung, &index);
    if (!affect_shown(base) || !affect_shown(gain)) {
        onus_text_addf(&s->text, "%s: cannot be said. ", words);
        return 2;
    }
    affect_refer(s, index);
    const bool sure = gain->interval.given && !gain->interval.weak;
    const int stands = sure && gain->interval.low > 0.0    ? 1
                       : sure && gain->interval.high < 0.0 ? -1
                                                           : 0;
    onus_text_addf(&s->text, "%s: ", words);
    affect_put_percent(&s->text, base->value);
    onus_text_add(&s->text, stands > 0   ? ", the product is better. "
                            : stands < 0 ? ", the product is worse. "
                                         : ", no difference is shown. ");
    return stands;
}

static onus_status question_4(affect_trial *t) {
    affect_saying s = affect_new_saying();
    const onus_measure *m =
        t->main == NULL ? NULL : affect_cite(t, &s, "affect.accuracy", t->main, NULL, NULL);
    if (!affect_shown(m)) {
        onus_array_clear(&s.measures);
        return affect_cannot(t, 4, "there is nothing to hold the labels against");
    }
    onus_text_add(&s.text, "Held against ");
    affect_put_reference(&s.text, t->main);
    onus_text_add(&s.text, " the product is right about ");
    affect_put_share(&s.text, m, "items");
    onus_text_add(&s.text, ". ");
    const int stands[] = {
        put_rung(t, &s, "chance", "affect.chance", "Its own labels dealt out by chance"),
        put_rung(t, &s, "commonest", "affect.commonest", "Always saying the commonest label"),
        put_rung(t, &s, "one_human", "affect.one_human", "One onlooker"),
        put_rung(t, &s, "human_ceiling", "affect.human_ceiling", "Onlookers together"),
    };
    /* the question names the first three; what is better than onlookers together is only told */
    size_t n_better = 0;
    size_t n_worse = 0;
    size_t n_known = 0;
    for (size_t k = 0; k < 3; k++) {
        n_better += stands[k] == 1;
        n_worse += stands[k] == -1;
        n_known += stands[k] != 2;
    }
    onus_text_addf(&s.text, "Of the first 3 comparisons it is better in %zu, worse in %zu.",
                   n_better, n_worse);
    const char *grade = n_worse > 0     ? "contradicted"
                        : n_better == 3 ? "supported"
                        : n_known == 0  ? AFFECT_NOT_TESTABLE
                                        : "not shown";
    return affect_give(t, 4, grade, &s);
}

/* ---- 5: given the label ---- */

/* How often the label is right where a share `base` of items is so: Bayes. */
static double right_at(double base, double recall, double given_not) {
    const double said = base * recall + (1.0 - base) * given_not;
    return said > 0.0 ? base * recall / said : NAN;
}

static onus_status question_5(affect_trial *t) {
    static const double RARE = 0.01;
    affect_saying s = affect_new_saying();
    size_t best = SIZE_MAX;
    double best_at = -1.0;
    size_t n = 0;
    if (t->main == NULL) {
        return affect_cannot(t, 5, "there is nothing to hold the labels against");
    }
    onus_text_add(&s.text, "In this evidence, held against ");
    affect_put_reference(&s.text, t->main);
    onus_text_add(&s.text, ", the label is right: ");
    for (size_t c = 0; c < t->n_labels; c++) {
        const onus_measure *m =
            affect_cite(t, &s, "affect.precision", t->main, "label", t->labels[c]);
        if (!affect_shown(m)) {
            continue;
        }
        onus_text_addf(&s.text, "%s'%s' ", n++ > 0 ? ", " : "", t->labels[c]);
        affect_put_percent(&s.text, m->value);
        const onus_measure *r =
            affect_look(t, "affect.recall", t->main, "label", t->labels[c], NULL);
        const onus_measure *x =
            affect_look(t, "affect.label_given_not", t->main, "label", t->labels[c], NULL);
        const double at =
            affect_shown(r) && affect_shown(x) ? right_at(RARE, r->value, x->value) : NAN;
        if (at > best_at) { /* NaN: never */
            best_at = at;
            best = c;
        }
    }
    if (n == 0) {
        onus_text_clear(&s.text);
        onus_array_clear(&s.measures);
        return affect_cannot(t, 5, "the product gave no label to an item that has a reference");
    }
    onus_text_add(&s.text, ". That holds for the mix of labels in this evidence only. ");
    if (best != SIZE_MAX) {
        (void)affect_cite(t, &s, "affect.recall", t->main, "label", t->labels[best]);
        (void)affect_cite(t, &s, "affect.label_given_not", t->main, "label", t->labels[best]);
        onus_text_addf(&s.text,
                       "Where 1 of 100 items were '%s', the label that stands up best "
                       "there, it would be right ",
                       t->labels[best]);
        affect_put_percent(&s.text, best_at);
        onus_text_add(&s.text, " of the times it is given.");
    }
    return affect_give(t, 5, AFFECT_ANSWERED, &s);
}

/* ---- 6: which fail ---- */

static onus_status question_6(affect_trial *t) {
    affect_saying s = affect_new_saying();
    size_t n = 0;
    size_t n_failing = 0;
    onus_text failing = {0};
    if (t->main == NULL) {
        return affect_cannot(t, 6, "there is nothing to hold the labels against");
    }
    onus_text_add(&s.text, "Of the items that have it by ");
    affect_put_reference(&s.text, t->main);
    onus_text_add(&s.text, ", the product finds: ");
    for (size_t c = 0; c < t->n_labels; c++) {
        const onus_measure *m = affect_cite(t, &s, "affect.recall", t->main, "label", t->labels[c]);
        if (!affect_shown(m)) {
            continue;
        }
        const double low = m->interval.given ? m->interval.low : m->value;
        onus_text_addf(&s.text, "%s'%s' ", n++ > 0 ? ", " : "", t->labels[c]);
        affect_put_percent(&s.text, m->value);
        onus_text_addf(&s.text, " (%s)", strength(low));
        if (low < 0.40) {
            onus_text_addf(&failing, "%s'%s'", n_failing++ > 0 ? ", " : "", t->labels[c]);
        }
    }
    if (n == 0) {
        onus_text_clear(&s.text);
        onus_array_clear(&s.measures);
        return affect_cannot(t, 6,
                             "no label that is measured occurs in what they are held against");
    }
    onus_text_add(&s.text,
                  ". Graded by the lower limit over people, as Barrett et al. (2019) grade: "
                  "70 % strong, 40 moderate, 20 weak, less unsupported. ");
    if (n_failing > 0) {
        onus_text_addf(&s.text, "%zu of %zu are weak or unsupported: %s.", n_failing, n,
                       failing.data);
    } else {
        onus_text_addf(&s.text, "None of %zu is weak or unsupported.", n);
    }
    s.status = failing.failed ? ONUS_ERR_NOMEM : s.status;
    onus_text_clear(&failing);
    return affect_give(t, 6, AFFECT_ANSWERED, &s);
}

onus_status affect_questions(affect_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(question_2(t));
    ONUS_TRY(question_3(t));
    ONUS_TRY(question_4(t));
    ONUS_TRY(question_5(t));
    ONUS_TRY(question_6(t));
    ONUS_TRY(affect_question_7(t));
    ONUS_TRY(affect_question_8(t));
    ONUS_TRY(affect_question_9(t));
    ONUS_TRY(affect_question_10(t));
    ONUS_TRY(affect_question_11(t));
    ONUS_TRY(affect_question_12(t));
out:
    return status;
}
