/* Questions 5, 6, 7, 8, 10 and 12 of the board: a list of our size, alerts, trails, easy cases,
 * enough people, repeatable.
 *
 * Called by questions.c. */
#include <math.h>
#include <string.h>

#include "onus/stats_interval.h"
#include "questions_internal.h"

static onus_status cannot(match_trial *t, int n, const char *text) {
    match_answer a = match_answer_begin();
    onus_text_add(&a.text, text);
    return match_give(t, n, MATCH_NOT_TESTABLE, &a);
}

/* ---- 5: a list of our size ---- */

static onus_status question_5(match_trial *t) {
    match_answer a = match_answer_begin();
    const uint64_t list = t->c->match.deployment.n_on_list;
    if (list == 0) {
        return cannot(t, 5,
                      "Not testable: the case does not say how long the list in use is "
                      "(deployment.people_on_list).");
    }
    const onus_measure *fpir = match_use_measure(
        t, &a, (match_want){.id = "match.fpir", .key = "list_size", .number = (double)list});
    if (fpir == NULL) {
        onus_text_add(&a.text,
                      "Not testable: it takes the rate at which a stranger is taken for somebody, "
                      "from searches of which some are for nobody on the list, or from comparisons "
                      "of different people at the threshold in use.");
        return match_give(t, 5, MATCH_NOT_TESTABLE, &a);
    }
    onus_text_addf(
        &a.text,
        "On a list of %s people a search for somebody who is not on it returns a stranger "
        "in %s of cases",
        match_count(list).text, match_percent(fpir->value).text);
    match_put_interval(&a, fpir, true);
    onus_text_add(&a.text,
                  ", computed from the test's own errors as if every entry were a chance of "
                  "its own.");
    return match_give(t, 5, MATCH_ANSWERED, &a);
}

/* ---- 6: alerts ---- */

static onus_status question_6(match_trial *t) {
    match_answer a = match_answer_begin();
    const onus_measure *ppv = match_use_measure(t, &a, (match_want){.id = "match.ppv"});
    if (ppv == NULL) {
        const bool stated = !isnan(t->c->match.deployment.prevalence_frac);
        return cannot(t, 6,
                      stated
                          ? "Not testable: it takes both errors at the threshold in use, of "
                            "searches for people who are on the list and who are not."
                          : "Not testable: it takes the share of searches whose person is on the "
                            "list (deployment.prevalence).");
    }
    if (ppv->value > 0.0 && ppv->value < 0.01) {
        onus_text_add(&a.text, "One alert in ");
        match_put_figure(&a, round(1.0 / ppv->value));
        onus_text_add(&a.text, " would be of the person sought, the others of somebody else");
    } else {
        onus_text_addf(&a.text, "Of alerts %s would be of the person sought, %s of somebody else",
                       match_percent(ppv->value).text, match_percent(1.0 - ppv->value).text);
    }
    if (ppv->interval.given && !isnan(ppv->interval.low) && !isnan(ppv->interval.high)) {
        onus_text_addf(&a.text, " (%s to %s right with %s %% confidence)",
                       match_percent(ppv->interval.low).text,
                       match_percent(ppv->interval.high).text,
                       match_decimal(100.0 * ppv->interval.level).text);
    }
    onus_text_addf(&a.text,
                   ", where %s of searches are for somebody on the list, as the case says.",
                   match_percent(t->c->match.deployment.prevalence_frac).text);
    return match_give(t, 6, MATCH_ANSWERED, &a);
}

/* ---- 7: trails ---- */

static onus_status question_7(match_trial *t) {
    match_answer a = match_answer_begin();
    const uint32_t hops = t->c->match.deployment.n_hops;
    const onus_measure *mixed = match_use_measure(t, &a, (match_want){.id = "match.mixed_trails"});
    const onus_measure *people =
        match_use_measure(t, &a, (match_want){.id = "match.people_per_trail"});
    const onus_measure *bystanders =
        match_use_measure(t, &a, (match_want){.id = "match.bystanders_per_trail"});
    const onus_measure *purity =
        hops == 0
            ? NULL
            : match_use_measure(
                  t, &a,
                  (match_want){.id = "match.trail_purity", .key = "hops", .number = (double)hops});
    const onus_measure *merged = match_use_measure(t, &a, (match_want){.id = "match.merged_share"});
    if (mixed != NULL) {
        match_put_rate(&a, mixed, "trails");
        onus_text_add(&a.text, " mix people. ");
    }
    if (people != NULL) {
        onus_text_addf(&a.text, "A trail holds %s people on average",
                       match_decimal(people->value).text);
        if (bystanders != NULL) {
            onus_text_addf(&a.text, ", %s of them bystanders",
                           match_decimal(bystanders->value).text);
        }
        onus_text_add(&a.text, ". ");
    }
    if (purity != NULL) {
        onus_text_addf(&a.text, "After %u hops with these errors %s of trails hold nobody else",
                       hops, match_percent(purity->value).text);
        match_put_interval(&a, purity, true);
        onus_text_add(&a.text, ". ");
    }
    if (merged != NULL) {
        onus_text_addf(&a.text,
                       "If every match were linked, %s of the people in view would share a trail "
                       "with somebody else. ",
                       match_percent(merged->value).text);
    }
    if (a.text.len == 0) {
        onus_text_add(&a.text,
                      "Not testable: it takes the product's tracks beside the true ones "
                      "(tracks), or both errors at the threshold in use and the use that is "
                      "meant (deployment: hops, people, sightings_each).");
        return match_give(t, 7, MATCH_NOT_TESTABLE, &a);
    }
    return match_give(t, 7, MATCH_ANSWERED, &a);
}

/* ---- 8: easy cases ---- */

static onus_status question_8(match_trial *t) {
    match_answer a = match_answer_begin();
    const bool compared = t->m->comparisons.n_comparisons > 0;
    const bool searched = t->m->searches.n_probes > 0;
    if (!compared && !searched) {
        return cannot(t, 8,
                      "Not testable: it takes a table of comparisons or of searches; bare "
                      "scores and tracks do not say who was compared with whom.");
    }
    if (compared && t->m->sightings.n_cameras > 0) {
        onus_text_add(&a.text,
                      match_warned(t, "same_camera")
                          ? "Yes: some comparisons of one person are at one camera (see the "
                            "warning for the rates without them). "
                          : "No comparison of one person is at one camera. ");
    } else if (compared) {
        onus_text_add(&a.text, "Whether comparisons of one person are at one camera is not known: "
                               "no camera is given. ");
    }
    static const char *const sources[] = {"comparisons", "searches"};
    for (size_t k = 0; k < 2; k++) {
        const onus_measure *twins = match_use_measure(
            t, &a, (match_want){.id = "match.duplicates", .key = "source", .text = sources[k]});
        if (twins != NULL) {
            onus_text_addf(&a.text, "%s of %s %s have the very scores of another one. ",
                           match_count((uint64_t)twins->num).text,
                           match_count((uint64_t)twins->den).text,
                           k == 0 ? "sightings" : "entries of the list");
        }
    }
    if (match_warned(t, "same_camera_searches")) {
        onus_text_add(&a.text,
                      "Some searches are answered from their own camera (see the warning). ");
    }
    if (searched) {
        onus_text_add(&a.text, match_warned(t, "closed_set")
                                   ? "Every search is for somebody on the list. "
                                   : "Some searches are for somebody who is not on the list. ");
    }
    return match_give(t, 8, MATCH_ANSWERED, &a);
}

/* ---- 10: enough people ---- */

static onus_status question_10(match_trial *t) {
    match_answer a = match_answer_begin();
    const onus_measure *worth = match_use_measure(t, &a, (match_want){.id = "match.n_effective"});
    const onus_measure *people = match_use_measure(t, &a, (match_want){.id = "match.people"});
    if (t->m->comparisons.n_comparisons == 0 && people != NULL) {
        onus_text_addf(&a.text,
                       "There are %s people. Intervals are made by drawing people, not boxes or "
                       "searches, so that they say how far as many others would differ.",
                       match_count((uint64_t)people->value).text);
        return match_give(t, 10, MATCH_ANSWERED, &a);
    }
    if (!t->knows_people) {
        onus_text_add(&a.text,
                      "Not testable: the table does not say which sightings are of one "
                      "person (person columns), so nobody can say how many people it holds.");
        return match_give(t, 10, MATCH_NOT_TESTABLE, &a);
    }
    const onus_measure *fmr = match_use_measure(t, &a, (match_want){.id = "match.fmr"});
    if (people != NULL) {
        onus_text_addf(&a.text, "There are %s people. ", match_count((uint64_t)people->value).text);
    } else {
        onus_text_addf(&a.text, "There are fewer than %u people. ", t->c->protocol.suppress_below);
    }
    if (fmr != NULL && worth != NULL) {
        onus_text_addf(&a.text,
                       "%s comparisons of strangers are worth about %s independent ones, because "
                       "the same people meet again and again. ",
                       match_count((uint64_t)fmr->den).text,
                       match_count((uint64_t)worth->value).text);
    }
    /* the rule of three on pairs that share nobody */
    const double n_pairs = floor((double)t->n_counted / 2.0);
    if (n_pairs >= 1.0 && people != NULL) {
        const double least = -expm1(log1p(-t->c->protocol.level) / n_pairs);
        onus_text_addf(
            &a.text,
            "Without a single false match so many people could show a rate below %s, and "
            "none smaller.",
            match_percent(least).text);
    }
    return match_give(t, 10, match_warned(t, "too_few_people") ? "not shown" : MATCH_ANSWERED, &a);
}

/* ---- 12: repeatable ---- */

static onus_status question_12(match_trial *t) {
    const onus_input *inputs = t->evidence->inputs.items;
    const size_t n_inputs = t->evidence->inputs.n_items;
    match_answer a = match_answer_begin();
    size_t n_digests = 0;
    for (size_t k = 0; k < n_inputs; k++) {
        n_digests += inputs[k].sha256[0] != '\0' ? 1 : 0;
    }
    onus_text_addf(
        &a.text,
        "The counting, by whoever has the same files: the case and %zu of %zu inputs are named "
        "with "
        "their SHA-256, the case declares which column is what, every row left out is counted, and "
        "random numbers follow from seed %llu alone. ",
        n_digests, n_inputs, (unsigned long long)t->c->protocol.seed);
    onus_text_add(&a.text,
                  n_digests < n_inputs
                      ? "An input without a digest is a live connection and may have changed. "
                      : "");
    onus_text_add(&a.text, "The scores, only by whoever has the product and the pictures; neither "
                           "is in this evidence.");
    return match_give(t, 12, MATCH_ANSWERED, &a);
}

onus_status match_questions_use(match_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(question_5(t));
    ONUS_TRY(question_6(t));
    ONUS_TRY(question_7(t));
    ONUS_TRY(question_8(t));
    ONUS_TRY(question_10(t));
    ONUS_TRY(question_12(t));
out:
    return status;
}
