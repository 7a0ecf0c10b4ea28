/* Tricks that make a matching product look better than it is, each looked for by itself.
 *
 * Nobody has to ask: whoever wrote the test may not know that it flatters. A detector warns in
 * plain words that carry its numbers, under a code that stays; docs/match.md lists them. It is
 * silent where there is nothing to say. Called by trial.c after every family, whose measures it
 * reads. */
#include <math.h>

#include "onus/scalar.h"
#include "tricks_internal.h"

match_text match_count(uint64_t n) {
    match_text out = {.text = ""};
    (void)onus_format_count((int64_t)n, out.text);
    return out;
}

match_text match_decimal(double value) {
    match_text out = {.text = ""};
    const bool whole = fabs(value - round(value)) < 1e-9;
    int decimals = whole || fabs(value) >= 100.0 ? 0 : fabs(value) >= 10.0 ? 1 : 2;
    for (double at = 0.1; !whole && fabs(value) < at && decimals < 12; at /= 10.0) {
        decimals++;
    }
    (void)onus_format(out.text, sizeof out.text, "%.*f", decimals, value);
    return out;
}

match_text match_percent(double share) {
    match_text out = {.text = ""};
    /* a share that is almost none or almost all is not rounded to it */
    if (share > 0.0 && share < 1e-7) {
        (void)onus_format(out.text, sizeof out.text, "under 0.00001 %%");
        return out;
    }
    if (share < 1.0 && share >= 0.9995) {
        (void)onus_format(out.text, sizeof out.text, "over 99.9 %%");
        return out;
    }
    (void)onus_format(out.text, sizeof out.text, "%s %%", match_decimal(100.0 * share).text);
    return out;
}

onus_status match_tricks(match_trial *t) {
    onus_status status = ONUS_OK;
    ONUS_TRY(match_trick_closed_set(t));
    ONUS_TRY(match_trick_threshold(t));
    ONUS_TRY(match_trick_duplicates(t));
    ONUS_TRY(match_trick_cameras(t));
    ONUS_TRY(match_trick_impostors(t));
    ONUS_TRY(match_trick_missing(t));
    ONUS_TRY(match_trick_ties(t));
    ONUS_TRY(match_trick_people(t));
    ONUS_TRY(match_trick_denominator(t));
    ONUS_TRY(match_trick_list(t));
    ONUS_TRY(match_trick_tracks(t));
out:
    return status;
}
