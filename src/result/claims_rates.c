/* What a claim on an error rate of a matching product reads, and how many people it takes.
 *
 * "In 36 of 345 comparisons of two different people, both of group C, at two cameras, the product
 * took them for one: 10.4 %". How many people a bound takes follows from the rule of three:
 * comparisons that share nobody are independent whatever people are like, so many of them without a
 * single error show a rate below the bound, and fewer never can. Called by claims_text.c. Never
 * judges. */
#include <math.h>
#include <string.h>

#include "claims_internal.h"
#include "onus/scalar.h"

static void put_count(onus_text *out, double value) {
    char text[ONUS_DOUBLE_TEXT_MAX];
    onus_text_add_len(out, text, onus_format_count((int64_t)value, text));
}

/* ", both of group C, at two cameras, at threshold 0.45"; other keys by their name. */
static void put_slice(onus_text *out, const onus_scope *scope) {
    const char *by = onus_scope_text(scope, "by");
    for (size_t i = 0; i < scope->n_items; i++) {
        const char *key = scope->items[i].key;
        const char *text = scope->items[i].text;
        if (strcmp(key, "by") == 0 || (strcmp(key, "pairs") == 0 && strcmp(text, "all") == 0)) {
            continue;
        }
        onus_text_add(out, ", ");
        if (strcmp(key, "group") == 0) {
            onus_text_addf(out, "both of %s %s", by != NULL ? by : "group", text);
        } else if (strcmp(key, "probe_group") == 0 || strcmp(key, "reference_group") == 0) {
            onus_text_addf(out, "one of %s %s", by != NULL ? by : "group", text);
        } else if (strcmp(key, "pairs") == 0) {
            onus_text_add(out,
                          strcmp(text, "same_camera") == 0 ? "at one camera" : "at two cameras");
        } else if (strcmp(key, "convention") == 0) {
            onus_text_addf(out, "failures to acquire counted as %s",
                           strcmp(text, "fta_as_match") == 0 ? "matches" : "no matches");
        } else {
            onus_text_addf(out, "%s ", strcmp(key, "threshold") == 0 ? "at threshold" : key);
            if (text != NULL) {
                onus_text_add(out, text);
            } else {
                claims_put_figure(out, scope->items[i].number, NULL);
            }
        }
    }
    onus_text_add(out, ",");
}

bool claims_put_error_rate(onus_text *out, const onus_measure *m) {
    const bool strangers = strcmp(m->def->id, "match.fmr") == 0;
    if ((!strangers && strcmp(m->def->id, "match.fnmr") != 0) || !m->has_fraction ||
        !m->has_value) {
        return false;
    }
    onus_text_add(out, "in ");
    put_count(out, m->num);
    onus_text_add(out, " of ");
    put_count(out, m->den);
    onus_text_addf(out, " comparisons of %s",
                   strangers ? "two different people" : "two sightings of one person");
    put_slice(out, &m->scope);
    onus_text_add(out, strangers ? " the product took them for one: "
                                 : " the product took them for two: ");
    claims_put_figure(out, m->value, m->def->unit);
    return true;
}

void claims_put_people_needed(onus_text *out, const onus_measure *m, const onus_claim_ref *ref) {
    const int each = m->interval.people_each;
    if (each == 0 || !ref->has_at_most || !(ref->at_most > 0.0 && ref->at_most < 1.0)) {
        return;
    }
    const double n = ceil(log1p(-m->interval.level) / log1p(-ref->at_most));
    if (!(n * each < 1e15)) {
        return;
    }
    onus_text_add(out, " Without a single such error it would still take ");
    put_count(out, n * each);
    const bool of_group = onus_scope_text(&m->scope, "group") != NULL;
    onus_text_add(out, of_group ? " people of this group" : " people");
    if (each == 2) {
        onus_text_add(out, " (");
        put_count(out, n);
        onus_text_add(out, " pairs of whom no two share a person)");
    }
    onus_text_add(out, " before it could be shown.");
}
