/* Which measures a claim is about.
 *
 * The idea: a claim names a measure and some keys of its scope. A measure is about the claim if it
 * holds each of them, `any` standing for every value. Keys that the claim leaves out are read as a
 * person would: the overall value where there is one (a claim on the hit rate is not about burglary
 * alone), Onus's own convention, and otherwise every value there is. Where nothing matches, the
 * keys and values that exist are listed, because a misspelt group must not read as "no evidence".
 *
 * Called by claims.c. Judges nothing. */
#include <math.h>
#include <string.h>

#include "claims_internal.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

static const onus_measure *measure_at(const claim_work *work, size_t i) {
    const size_t *matched = work->matched.items;
    return onus_result_measure(work->result, matched[i]);
}

/* Index of a key in a scope, or n_items. */
static size_t key_at(const onus_scope *scope, const char *key) {
    size_t i = 0;
    while (i < scope->n_items && strcmp(scope->items[i].key, key) != 0) {
        i++;
    }
    return i;
}

bool claims_has_key(const onus_scope *scope, const char *key) {
    return key_at(scope, key) < scope->n_items;
}

/* Shares go through a division on both sides: equal up to the last bits. */
static bool same_number(double a, double b) {
    return fabs(a - b) <= 1e-12 * fmax(1.0, fabs(a));
}

static bool holds(const onus_scope *scope, const onus_scope_item *item) {
    const size_t i = key_at(scope, item->key);
    if (i == scope->n_items) {
        return false;
    }
    if (strcmp(item->text, "any") == 0) {
        return true;
    }
    if (scope->items[i].text != NULL) {
        return strcmp(scope->items[i].text, item->text) == 0;
    }
    return item->is_number && same_number(scope->items[i].number, item->number);
}

bool claims_same_scope(const onus_scope *a, const onus_scope *b, const char *but,
                       const char *and_but) {
    size_t i = 0;
    size_t j = 0;
    for (;;) { /* keys are sorted */
        while (i < a->n_items && (onus_text_equal(a->items[i].key, but) ||
                                  onus_text_equal(a->items[i].key, and_but))) {
            i++;
        }
        while (j < b->n_items && (onus_text_equal(b->items[j].key, but) ||
                                  onus_text_equal(b->items[j].key, and_but))) {
            j++;
        }
        if (i == a->n_items || j == b->n_items) {
            return i == a->n_items && j == b->n_items;
        }
        if (strcmp(a->items[i].key, b->items[j].key) != 0 ||
            !onus_text_equal(a->items[i].text, b->items[j].text) ||
            (a->items[i].text == NULL && !same_number(a->items[i].number, b->items[j].number))) {
            return false;
        }
        i++;
        j++;
    }
}

/* Keeps the matched measures for which keep() is true, in order. */
static void keep_if(claim_work *work, bool (*keep)(const onus_scope *, const void *),
                    const void *what) {
    size_t *matched = work->matched.items;
    size_t n = 0;
    for (size_t i = 0; i < work->matched.n_items; i++) {
        if (keep(&onus_result_measure(work->result, matched[i])->scope, what)) {
            matched[n++] = matched[i];
        }
    }
    work->matched.n_items = n;
}

static bool keep_holding(const onus_scope *scope, const void *item) {
    return holds(scope, item);
}

static bool keep_without(const onus_scope *scope, const void *key) {
    return !claims_has_key(scope, key);
}

static bool keep_own_convention(const onus_scope *scope, const void *unused) {
    (void)unused;
    const size_t i = key_at(scope, "convention");
    return i == scope->n_items || onus_text_equal(scope->items[i].text, "onus");
}

static void put_scope_value(onus_text *out, const onus_scope *scope, size_t i) {
    if (scope->items[i].text != NULL) {
        onus_text_add(out, scope->items[i].text);
    } else {
        claims_put_figure(out, scope->items[i].number, NULL);
    }
}

/* "A, B, C": the values that a key has among the matched measures, each once, first met first. */
static void put_values(const claim_work *work, const char *key, onus_text *out) {
    size_t n_put = 0;
    for (size_t i = 0; i < work->matched.n_items; i++) {
        const onus_scope *scope = &measure_at(work, i)->scope;
        const size_t at = key_at(scope, key);
        bool seen = at == scope->n_items;
        for (size_t j = 0; j < i && !seen; j++) {
            const onus_scope *other = &measure_at(work, j)->scope;
            const size_t there = key_at(other, key);
            seen = there < other->n_items &&
                   onus_text_equal(scope->items[at].text, other->items[there].text) &&
                   (scope->items[at].text != NULL ||
                    same_number(scope->items[at].number, other->items[there].number));
        }
        if (!seen) {
            onus_text_add(out, n_put++ == 0 ? "" : ", ");
            put_scope_value(out, scope, at);
        }
    }
}

/* "group (A, B), universe (residents)": every key that the matched measures have. */
static void put_keys(const claim_work *work, onus_text *out) {
    size_t n_put = 0;
    for (size_t i = 0; i < work->matched.n_items; i++) {
        const onus_scope *scope = &measure_at(work, i)->scope;
        for (size_t k = 0; k < scope->n_items; k++) {
            bool seen = false;
            for (size_t j = 0; j < i && !seen; j++) {
                seen = claims_has_key(&measure_at(work, j)->scope, scope->items[k].key);
            }
            if (!seen) {
                onus_text_addf(out, "%s%s (", n_put++ == 0 ? "" : ", ", scope->items[k].key);
                put_values(work, scope->items[k].key, out);
                onus_text_add(out, ")");
            }
        }
    }
    if (n_put == 0) {
        onus_text_add(out, "none");
    }
}

/* The measures that remained before this key was asked for hold no such key or no such value. */
static void explain_miss(claim_work *work, const onus_scope_item *item) {
    bool has_key = false;
    for (size_t i = 0; i < work->matched.n_items && !has_key; i++) {
        has_key = claims_has_key(&measure_at(work, i)->scope, item->key);
    }
    if (!has_key) {
        onus_text_addf(&work->missing, "%s is not measured by '%s'; it is measured by ",
                       work->ref->measure, item->key);
        put_keys(work, &work->missing);
        return;
    }
    onus_text_addf(&work->missing, "there is no %s '%s' in the results; there is ", item->key,
                   item->text);
    put_values(work, item->key, &work->missing);
}

static bool claim_names(const onus_claim_ref *ref, const char *key) {
    for (size_t i = 0; i < ref->n_scope; i++) {
        if (strcmp(ref->scope[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

static void note_overall(claim_work *work, const char *key) {
    if (strcmp(key, "threshold") == 0) {
        onus_text_add(&work->notes, " The claim names no threshold, so the one in use is judged; "
                                    "others are in the results beside it.");
    } else if (strcmp(key, "probe_group") != 0 && strcmp(key, "reference_group") != 0) {
        onus_text_addf(&work->notes,
                       " The claim names no %s, so the value over all is judged; slices by %s "
                       "are in the results beside it.",
                       key, key);
    }
}

/* A key that the claim leaves out and only some measures have: those without it are the overall
 * value. */
static void prefer_overall(claim_work *work) {
    for (bool again = true; again;) {
        again = false;
        const size_t *matched = work->matched.items;
        for (size_t i = 0; i < work->matched.n_items && !again; i++) {
            const onus_scope *scope = &onus_result_measure(work->result, matched[i])->scope;
            for (size_t k = 0; k < scope->n_items && !again; k++) {
                const char *key = scope->items[k].key;
                size_t n_without = 0;
                for (size_t j = 0; j < work->matched.n_items; j++) {
                    n_without += !claims_has_key(&measure_at(work, j)->scope, key);
                }
                if (claim_names(work->ref, key) || n_without == 0) {
                    continue;
                }
                note_overall(work, key);
                keep_if(work, keep_without, key);
                again = true; /* the arrays changed: look afresh */
            }
        }
    }
}

onus_status claims_match(claim_work *work) {
    for (size_t i = 0; i < onus_result_n_measures(work->result); i++) {
        if (strcmp(onus_result_measure(work->result, i)->def->id, work->ref->measure) == 0 &&
            onus_array_push(&work->matched, &i) != ONUS_OK) {
            return ONUS_ERR_NOMEM;
        }
    }
    if (work->matched.n_items == 0) {
        onus_text_addf(&work->missing, "this trial yields no %s", work->ref->measure);
    }
    for (size_t i = 0; i < work->ref->n_scope && work->matched.n_items > 0; i++) {
        const onus_scope_item *item = &work->ref->scope[i];
        bool found = false;
        for (size_t j = 0; j < work->matched.n_items && !found; j++) {
            found = holds(&measure_at(work, j)->scope, item);
        }
        if (found) {
            keep_if(work, keep_holding, item);
        } else {
            explain_miss(work, item);
            work->matched.n_items = 0;
        }
    }
    if (work->matched.n_items > 0 && !claim_names(work->ref, "convention")) {
        keep_if(work, keep_own_convention, NULL);
        if (work->matched.n_items == 0) {
            onus_text_addf(&work->missing,
                           "%s is given under other conventions only; the claim must name one",
                           work->ref->measure);
        }
    }
    prefer_overall(work);
    return work->missing.failed || work->notes.failed ? ONUS_ERR_NOMEM : ONUS_OK;
}
