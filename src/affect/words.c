/* Figures in sentences that a council member reads: n of N, a share, how sure.
 *
 * Called by warnings.c and questions*.c. Rounds for the eye; results.json holds every digit. Never
 * calls an onlooker's vote or an instruction what somebody felt. */
#include <math.h>

#include "affect_internal.h"
#include "onus/scalar.h"

void affect_put_count(onus_text *out, double n) {
    char text[ONUS_DOUBLE_TEXT_MAX];
    char whole[32];
    const double tenths = round(fabs(n) * 10.0);
    (void)onus_format_count((int64_t)(tenths / 10.0), whole);
    onus_text_add(out, n < 0.0 ? "-" : "");
    onus_text_add(out, whole);
    if (fabs(n - round(n)) > 1e-9) {
        (void)onus_format(text, sizeof text, ".%.0f", fmod(tenths, 10.0));
        onus_text_add(out, text);
    }
}

void affect_put_percent(onus_text *out, double share) {
    char text[ONUS_DOUBLE_TEXT_MAX];
    (void)onus_format(text, sizeof text, "%.1f %%", 100.0 * share);
    onus_text_add(out, text);
}

void affect_put_share(onus_text *out, const onus_measure *m, const char *things) {
    char text[64];
    const bool whole = m->has_fraction && fabs(m->num - round(m->num)) < 1e-9;
    if (whole) {
        affect_put_count(out, m->num);
        onus_text_add(out, " of ");
        affect_put_count(out, m->den);
        onus_text_addf(out, " %s (", things);
    }
    affect_put_percent(out, m->value);
    const onus_interval *i = &m->interval;
    if (i->given && isfinite(i->low) && isfinite(i->high)) {
        (void)onus_format(text, sizeof text, "%s%.1f to %.1f %%%s", whole ? "; " : " (",
                          100.0 * i->low, 100.0 * i->high,
                          i->resampled != NULL ? " with people drawn anew" : "");
        onus_text_add(out, text);
        onus_text_add(out, whole ? "" : ")");
    }
    if (whole) {
        onus_text_add(out, ")");
    } else if (m->has_fraction) { /* an item of 8 votes is 5/8 right: no whole number is */
        onus_text_add(out, " over ");
        affect_put_count(out, m->den);
        onus_text_addf(out, " %s", things);
    }
}

void affect_put_reference(onus_text *out, const affect_reference *reference) {
    switch (reference->against) {
    case AFFECT_SELF_REPORT:
        onus_text_add(out, "what people themselves reported");
        break;
    case AFFECT_INTENDED:
        onus_text_add(out, "what actors were told to show");
        break;
    default:
        onus_text_add(out, "onlookers' votes");
        if (reference->stratum != NULL) {
            onus_text_addf(out, " (%s)", reference->stratum);
        }
        break;
    }
}
