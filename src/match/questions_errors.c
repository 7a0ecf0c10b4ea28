/* Questions 1, 2, 3, 4 and 9 of the board: strangers, misses, for whom, at whose threshold, and who
 * is not acquired at all.
 *
 * Called by questions.c. */
#include <math.h>
#include <string.h>

#include "questions_internal.h"

/* "comparisons of two different people at two cameras" */
static const char *of_pairs(const match_trial *t) {
    return t->main == NULL || t->main->name == NULL     ? ""
           : t->main->pairs == MATCH_PAIRS_CROSS_CAMERA ? " at two cameras"
           : t->main->pairs == MATCH_PAIRS_SAME_CAMERA  ? " at one camera"
                                                        : "";
}

static const char *missing_threshold(const match_trial *t) {
    return t->has_in_use ? "comparisons of different people, or searches of which some are for "
                           "nobody on the list"
                         : "the threshold in use (threshold.value)";
}

/* ---- 1: strangers ---- */

static onus_status question_1(match_trial *t) {
    match_answer a = match_answer_begin();
    const onus_measure *fpir = match_use_measure(t, &a, (match_want){.id = "match.fpir"});
    const onus_measure *fmr = match_use_measure(t, &a, (match_want){.id = "match.fmr"});
    if (fpir != NULL) {
        onus_text_add(&a.text, "Of searches for somebody who is not on the list ");
        match_put_rate(&a, fpir, NULL);
        onus_text_add(&a.text, " returned a stranger. ");
    }
    if (fmr != NULL) {
        onus_text_addf(&a.text, "Of comparisons of two different people%s ", of_pairs(t));
        match_put_rate(&a, fmr, NULL);
        onus_text_add(&a.text, " were taken for one person. ");
        const onus_measure *search = match_use_measure(
            t, &a, (match_want){.id = "match.error_per", .key = "per", .text = "search"});
        if (search != NULL && fpir == NULL) {
            onus_text_add(&a.text, "In this test ");
            match_put_rate(&a, search, "searches");
            onus_text_add(&a.text, " had at least one such stranger. ");
        }
    }
    if (fpir == NULL && fmr == NULL) {
        onus_text_addf(&a.text, "Not testable: it takes %s.", missing_threshold(t));
        return match_give(t, 1, MATCH_NOT_TESTABLE, &a);
    }
    const onus_measure *day =
        match_use_measure(t, &a, (match_want){.id = "match.false_alerts_per_day"});
    if (day != NULL) {
        onus_text_add(&a.text, "In the use that is meant that is about ");
        match_put_figure(&a, day->value);
        onus_text_add(&a.text, " false alerts a day");
        match_put_interval(&a, day, false);
        onus_text_add(&a.text, ".");
    } else {
        onus_text_add(&a.text, "How many that is a day takes the use that is meant (deployment: "
                               "searches_per_day, people_on_list, prevalence).");
    }
    return match_give(t, 1, MATCH_ANSWERED, &a);
}

/* ---- 2: misses ---- */

static onus_status question_2(match_trial *t) {
    match_answer a = match_answer_begin();
    const onus_measure *fnir = match_use_measure(t, &a, (match_want){.id = "match.fnir"});
    const onus_measure *fnmr = match_use_measure(t, &a, (match_want){.id = "match.fnmr"});
    if (fnir != NULL) {
        onus_text_add(&a.text, "Of searches for somebody who is on the list ");
        match_put_rate(&a, fnir, NULL);
        onus_text_add(&a.text, " did not return that person. ");
    }
    if (fnmr != NULL) {
        onus_text_addf(&a.text, "Of comparisons of two sightings of one person%s ", of_pairs(t));
        match_put_rate(&a, fnmr, NULL);
        onus_text_add(&a.text, " were taken for two people. ");
        const onus_measure *frr = match_use_measure(
            t, &a,
            (match_want){.id = "match.fnmr", .key = "convention", .text = "fta_as_nonmatch"});
        if (frr != NULL && frr->has_fraction && frr->num > fnmr->num) {
            onus_text_add(&a.text, "Counting failures to acquire as misses it is ");
            match_put_rate(&a, frr, NULL);
            onus_text_add(&a.text, ".");
        }
    }
    if (fnir == NULL && fnmr == NULL) {
        onus_text_add(&a.text,
                      t->has_in_use
                          ? "Not testable: it takes comparisons of two sightings of one person, or "
                            "searches for people on the list."
                          : "Not testable: it takes the threshold in use (threshold.value).");
        return match_give(t, 2, MATCH_NOT_TESTABLE, &a);
    }
    return match_give(t, 2, MATCH_ANSWERED, &a);
}

/* ---- 3: for whom ---- */

typedef struct range {
    size_t best; /* drafts; SIZE_MAX: none */
    size_t worst;
    size_t n_shown;
    size_t n_withheld;
} range;

/* Of one grouping, the groups with the least and the greatest rate, both sides in the group. */
static range range_of(const match_trial *t, const char *id, size_t g) {
    const onus_measure *drafts = t->drafts.items;
    range r = {.best = SIZE_MAX, .worst = SIZE_MAX};
    for (size_t v = 0; v < t->group_start[g + 1] - t->group_start[g]; v++) {
        onus_measure m = match_draft_of(id);
        if (t->main != NULL) {
            match_scope_set(&m, t->main);
        }
        match_scope_group(t, &m, g, v);
        const size_t d = onus_draft_find(&t->drafts, id, &m.scope);
        if (d == SIZE_MAX) {
            continue;
        }
        if (drafts[d].withheld || !drafts[d].has_value) {
            r.n_withheld += drafts[d].withheld ? 1 : 0;
            continue;
        }
        r.n_shown++;
        r.best = r.best == SIZE_MAX || drafts[d].value < drafts[r.best].value ? d : r.best;
        r.worst = r.worst == SIZE_MAX || drafts[d].value > drafts[r.worst].value ? d : r.worst;
    }
    return r;
}

/* The worst group's rate over that of all others (match.group_ratio); SIZE_MAX: not computed. */
static size_t ratio_of(const match_trial *t, const char *rate, const onus_measure *worst) {
    onus_measure m = {.scope = worst->scope};
    onus_scope_set_text(&m.scope, "rate", rate);
    return onus_draft_find(&t->drafts, "match.group_ratio", &m.scope);
}

static bool tell_range(const match_trial *t, match_answer *a, const char *id, const char *rate,
                       const char *error, size_t g, bool *apart) {
    const range r = range_of(t, id, g);
    if (r.n_shown < 2) {
        return false;
    }
    const onus_measure *best = match_drafted(t, r.best);
    const onus_measure *worst = match_drafted(t, r.worst);
    if (worst->value == best->value) {
        onus_text_addf(&a->text, "%s within every %s shown: %s. ", error,
                       t->groups[t->group_start[g]].by, match_percent(worst->value).text);
        match_refer(a, r.worst);
        return true;
    }
    onus_text_addf(&a->text, "%s within %s %s: ", error, t->groups[t->group_start[g]].by,
                   onus_scope_text(&worst->scope, "group"));
    match_put_rate(a, worst, NULL);
    onus_text_addf(&a->text, "; within %s: ", onus_scope_text(&best->scope, "group"));
    match_put_rate(a, best, NULL);
    match_refer(a, r.worst);
    match_refer(a, r.best);
    const size_t at = ratio_of(t, rate, worst);
    const onus_measure *ratio = at != SIZE_MAX ? match_drafted(t, at) : NULL;
    bool more = false;
    if (ratio != NULL && ratio->has_value && !ratio->withheld) {
        onus_text_addf(&a->text, ". That is %s times the rate of all others",
                       match_decimal(ratio->value).text);
        match_put_interval(a, ratio, false);
        match_refer(a, at);
        more = ratio->interval.given && !ratio->interval.weak && ratio->interval.low > 1.0;
    }
    onus_text_add(&a->text, more ? ". That is more than noise. "
                                 : ". This sample cannot tell it from noise. ");
    *apart = *apart || more;
    if (r.n_withheld > 0) {
        onus_text_addf(&a->text, "(%zu groups of too few people are withheld.) ", r.n_withheld);
    }
    return true;
}

static onus_status question_3(match_trial *t) {
    match_answer a = match_answer_begin();
    bool apart = false;
    bool told = false;
    for (size_t g = 0; g < t->n_groupings; g++) {
        told =
            tell_range(t, &a, "match.fmr", "fmr", "Strangers taken for one person,", g, &apart) ||
            told;
        told = tell_range(t, &a, "match.fnmr", "fnmr", "Misses,", g, &apart) || told;
    }
    if (!told) {
        onus_text_add(
            &a.text, t->n_groupings == 0
                         ? "Not testable: the case names no groups of people (groups of a probe, a "
                           "reference or the sightings)."
                         : "Not testable: it takes two groups of at least three people with "
                           "comparisons within each, at the threshold in use.");
        return match_give(t, 3, MATCH_NOT_TESTABLE, &a);
    }
    return match_give(t, 3, apart ? MATCH_ANSWERED : "not shown", &a);
}

/* ---- 4: whose threshold ---- */

static onus_status question_4(match_trial *t) {
    match_answer a = match_answer_begin();
    if (!t->has_in_use) {
        onus_text_add(&a.text,
                      "Not testable: the case names no threshold (threshold: {value, from}).");
        return match_give(t, 4, MATCH_NOT_TESTABLE, &a);
    }
    onus_text_addf(&a.text, "The threshold is %s; ", match_decimal(t->c->match.threshold).text);
    if (t->c->match.threshold_from != NULL) {
        onus_text_addf(&a.text, "the case says that it comes from: %s. ",
                       t->c->match.threshold_from);
    } else {
        onus_text_add(&a.text, "the case does not say who set it (threshold.from). ");
    }
    onus_text_add(&a.text, match_warned(t, "threshold_tuned")
                               ? "It lies exactly where these very data put it (see the warning). "
                               : "On which people it was set is not in this evidence. ");
    const onus_measure *m = match_use_measure(t, &a, (match_want){.id = "match.fmr_elsewhere"});
    const onus_measure *fmr = match_use_measure(t, &a, (match_want){.id = "match.fmr"});
    if (m != NULL && fmr != NULL && m->interval.given) {
        onus_text_addf(
            &a.text,
            "Set on half of the people so as to keep %s false matches, it gives %s to %s "
            "on the other half.",
            match_percent(fmr->value).text, match_percent(m->interval.low).text,
            match_percent(m->interval.high).text);
    }
    return match_give(t, 4, MATCH_ANSWERED, &a);
}

/* ---- 9: failures to acquire ---- */

static onus_status question_9(match_trial *t) {
    match_answer a = match_answer_begin();
    const onus_measure *fta = match_use_measure(t, &a, (match_want){.id = "match.fta"});
    if (fta == NULL) {
        onus_text_add(&a.text, "Not testable: it takes a table of comparisons (or scores) in which "
                               "an empty score is a failure to acquire.");
        return match_give(t, 9, MATCH_NOT_TESTABLE, &a);
    }
    match_put_rate(&a, fta, "comparisons");
    onus_text_addf(&a.text, "%s have no score. ", of_pairs(t));
    for (size_t g = 0; g < t->n_groupings; g++) {
        const range r = range_of(t, "match.fta", g);
        if (r.n_shown >= 2 && match_drafted(t, r.worst)->value > 0.0) {
            const onus_measure *worst = match_drafted(t, r.worst);
            const onus_measure *best = match_drafted(t, r.best);
            onus_text_addf(&a.text, "Most often within %s %s, ", t->groups[t->group_start[g]].by,
                           onus_scope_text(&worst->scope, "group"));
            match_put_rate(&a, worst, NULL);
            onus_text_addf(&a.text, ", least within %s, ", onus_scope_text(&best->scope, "group"));
            match_put_rate(&a, best, NULL);
            onus_text_add(&a.text, ". ");
            match_refer(&a, r.worst);
            match_refer(&a, r.best);
        }
    }
    const onus_measure *missing = match_use_measure(
        t, &a, (match_want){.id = "match.missing", .key = "comparisons", .text = "genuine"});
    if (missing != NULL && missing->num > 0.0) {
        match_put_rate(&a, missing, "comparisons of two sightings of one person");
        onus_text_add(&a.text, " are in no row at all. ");
    }
    return match_give(t, 9, MATCH_ANSWERED, &a);
}

onus_status match_questions_errors(match_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(question_1(t));
    ONUS_TRY(question_2(t));
    ONUS_TRY(question_3(t));
    ONUS_TRY(question_4(t));
    ONUS_TRY(question_9(t));
out:
    return status;
}
