/* The board's twelve questions of a match trial: their words, and how an answer finds its measures.
 *
 * Each is answered from drafted measures in one or two plain sentences with n of N, or graded "not
 * testable" with what is missing, so that nobody reads its absence as a clean bill. Question 11
 * waits for the verdicts (answer.c). Called by trial.c. Computes nothing. */
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "questions_internal.h"

static const char *const ASKS[] = {
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): every text names its number
    [1] = "How often is a stranger taken for the person sought, per search and per day?",
    [2] = "How often is the person missed?",
    [3] = "For whom is it worse, and is that more than the sample's noise?",
    [4] = "At whose threshold, set on what?",
    [5] = "What happens on a list of our size?",
    [6] = "Of the alerts that officers act on, how many are wrong at the real base rate?",
    [7] = "How many hops until a trail has somebody else in it; how many bystanders per trail?",
    [8] = "Were easy cases counted (same camera, duplicates, closed set)?",
    [9] = "How many failures to acquire, for whom?",
    [10] = "Are there enough people, not comparisons?",
    [11] = "Does the vendor's number come out of the same data?",
    [12] = "Can somebody else repeat it?",
};

const char *match_ask(int n) {
    return ASKS[n];
}

match_answer match_answer_begin(void) {
    return (match_answer){.measures = ONUS_ARRAY_OF(size_t)};
}

bool match_warned(const match_trial *t, const char *code) {
    const onus_warning *warnings = t->result->warnings.items;
    for (size_t i = 0; i < t->result->warnings.n_items; i++) {
        if (strcmp(warnings[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

void match_refer(match_answer *a, size_t index) {
    if (a->status == ONUS_OK) {
        a->status = onus_array_push(&a->measures, &index);
    }
}

onus_status match_give(match_trial *t, int n, const char *grade, match_answer *a) {
    onus_status status = a->status;
    while (a->text.len > 0 && a->text.data[a->text.len - 1] == ' ') {
        a->text.data[--a->text.len] = '\0';
    }
    char *text = onus_text_take(&a->text);
    if (status == ONUS_OK) {
        status = onus_result_question(t->result, n, ASKS[n], grade, text, a->measures.items,
                                      a->measures.n_items);
    } else {
        onus_free(text);
    }
    onus_array_clear(&a->measures);
    return status;
}

/* ---- finding measures ---- */

/* Keys of slices that no sentence is about unless it asks for them. */
static const char *const SLICES[] = {
    "group", "probe_group", "reference_group", "convention", "threshold", "by", "list_size",
    "rate",  "hops",        "comparisons",     "per"};

static bool holds(const onus_scope *scope, const match_want *want) {
    for (size_t i = 0; i < scope->n_items; i++) {
        if (strcmp(scope->items[i].key, want->key) == 0) {
            return want->text != NULL
                       ? onus_text_equal(scope->items[i].text, want->text)
                       : isnan(want->number) || (scope->items[i].text == NULL &&
                                                 scope->items[i].number == want->number);
        }
    }
    return false;
}

static bool is_about(const match_trial *t, const onus_measure *m, const match_want *want) {
    if (m->def == NULL || strcmp(m->def->id, want->id) != 0 || !m->has_value || m->withheld ||
        (want->key != NULL && !holds(&m->scope, want))) {
        return false;
    }
    for (size_t i = 0; i < m->scope.n_items; i++) {
        const char *key = m->scope.items[i].key;
        for (size_t k = 0; k < sizeof SLICES / sizeof SLICES[0]; k++) {
            if (strcmp(key, SLICES[k]) == 0 && (want->key == NULL || strcmp(key, want->key) != 0)) {
                return false;
            }
        }
        if (strcmp(key, "pairs") == 0 && t->main != NULL &&
            !onus_text_equal(m->scope.items[i].text, t->main->name)) {
            return false;
        }
    }
    return true;
}

/* Of several the one with the fewest keys: what is over all. */
const onus_measure *match_pick(const match_trial *t, match_want want, size_t *index) {
    const onus_measure *drafts = t->drafts.items;
    const onus_measure *found = NULL;
    for (size_t d = 0; d < t->drafts.n_items; d++) {
        if (is_about(t, &drafts[d], &want) &&
            (found == NULL || drafts[d].scope.n_items < found->scope.n_items)) {
            found = &drafts[d];
            if (index != NULL) {
                *index = d;
            }
        }
    }
    return found;
}

const onus_measure *match_use_measure(const match_trial *t, match_answer *a, match_want want) {
    size_t index = 0;
    const onus_measure *m = match_pick(t, want, &index);
    if (m != NULL) {
        match_refer(a, index);
    }
    return m;
}

/* ---- figures in a sentence ---- */

static match_text figure(double value, bool percent) {
    return percent ? match_percent(value)
           : fabs(value) < 1e15 && (value == floor(value) || fabs(value) >= 1000.0)
               ? match_count((uint64_t)round(fabs(value)))
               : match_decimal(value);
}

void match_put_figure(match_answer *a, double value) {
    onus_text_add(&a->text, figure(value, false).text);
}

void match_put_interval(match_answer *a, const onus_measure *m, bool percent) {
    const onus_interval *i = &m->interval;
    if (!i->given || i->exact || (i->low == 0.0 && isnan(i->high)) ||
        (!isnan(i->low) && !isnan(i->high) &&
         strcmp(figure(i->low, percent).text, figure(i->high, percent).text) == 0)) {
        return; /* none, or none that these figures could show */
    }
    if (isnan(i->low)) {
        onus_text_addf(&a->text, "; at most %s", figure(i->high, percent).text);
    } else if (isnan(i->high)) {
        onus_text_addf(&a->text, "; at least %s", figure(i->low, percent).text);
    } else {
        onus_text_addf(&a->text, "; %s to %s", figure(i->low, percent).text,
                       figure(i->high, percent).text);
    }
    onus_text_addf(&a->text, " with %s %% confidence", match_decimal(100.0 * i->level).text);
    if (i->weak) {
        onus_text_addf(&a->text, ", which carries no verdict: %s", i->weak_reason);
    }
}

void match_put_rate(match_answer *a, const onus_measure *m, const char *of) {
    if (m->has_fraction) {
        onus_text_addf(&a->text, "%s of %s%s%s (", figure(m->num, false).text,
                       figure(m->den, false).text, of != NULL ? " " : "", of != NULL ? of : "");
    }
    onus_text_add(&a->text, match_percent(m->value).text);
    match_put_interval(a, m, true);
    onus_text_add(&a->text, m->has_fraction ? ")" : "");
}

onus_status match_questions(match_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(match_questions_errors(t));
    ONUS_TRY(match_questions_use(t));
out:
    return status;
}
