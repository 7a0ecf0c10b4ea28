/* CORP: do forecast probabilities come true as often as they say, and what would be left if they
 * did?
 *
 * Isotonic regression by pooling adjacent violators gives, for every level of forecast, how often
 * it came true; the Brier score then splits exactly into miscalibration, discrimination and
 * uncertainty. A year of daily windows has 10 million forecasts, almost all without an event. The
 * regression can only rise where there is an event, so forecasts without one are counted (with the
 * sums that the score needs) in the gaps between the forecasts of events: memory O(events). Called
 * by the place trial. Never bins by a width that somebody chose. */
#include "onus/stats_calibration.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "onus/alloc.h"
#include "stats_sort.h"

/* Forecasts that the regression cannot tell apart: all equal to an event's (odd places), or all
 * between two of them and without an event (even places). */
typedef struct bin {
    double n;
    double n_events;
    double low;
    double high;
    onus_sum sum;    /* of p */
    onus_sum square; /* of p^2, only of forecasts in gaps */
} bin;

struct onus_corp_stream {
    double *keys; /* distinct forecasts of events, ascending */
    size_t n_keys;
    bin *bins; /* 2 n_keys + 1 */
    bool spoilt;
};

void onus_corp_clear(onus_corp *corp) {
    onus_free(corp->steps);
    *corp = (onus_corp){0};
}

void onus_corp_close(onus_corp_stream *stream) {
    if (stream != NULL) {
        onus_free(stream->keys);
        onus_free(stream->bins);
        onus_free(stream);
    }
}

static bool is_probability(double p) {
    return p >= 0.0 && p <= 1.0;
}

onus_status onus_corp_open(const double *probability, size_t n_events, onus_corp_stream **out,
                           onus_error *err) {
    *out = NULL;
    for (size_t i = 0; i < n_events; i++) {
        if (!is_probability(probability[i])) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN, "a forecast is not a probability");
        }
    }
    onus_status status = ONUS_ERR_NOMEM;
    onus_corp_stream *stream = onus_alloc(sizeof *stream);
    if (stream == NULL) {
        goto out;
    }
    double *sorted = NULL;
    ONUS_TRY(onus_sort_values(probability, n_events, &sorted));
    stream->keys = sorted;
    stream->bins = onus_alloc_n(2 * n_events + 1, sizeof *stream->bins);
    if (stream->bins == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < n_events; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1]) {
            sorted[stream->n_keys++] = sorted[i];
        }
        stream->bins[2 * stream->n_keys - 1].n_events++;
    }
    *out = stream;
    stream = NULL;
out:
    onus_corp_close(stream);
    return status == ONUS_OK ? ONUS_OK : onus_fail_nomem(err);
}

/* Number of keys below p. */
static size_t n_below(const double *keys, size_t n, double p) {
    size_t low = 0;
    while (n > 0) {
        const size_t half = n / 2;
        if (keys[low + half] < p) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

onus_status onus_corp_add(onus_corp_stream *stream, const double *probability, size_t n,
                          onus_error *err) {
    for (size_t i = 0; i < n && !stream->spoilt; i++) {
        const double p = probability[i];
        if (!is_probability(p)) {
            stream->spoilt = true;
            break;
        }
        const size_t k = n_below(stream->keys, stream->n_keys, p);
        const bool at = k < stream->n_keys && stream->keys[k] == p;
        bin *b = &stream->bins[2 * k + (at ? 1 : 0)];
        b->low = b->n == 0.0 ? p : fmin(b->low, p);
        b->high = b->n == 0.0 ? p : fmax(b->high, p);
        b->n++;
        onus_sum_add(&b->sum, p);
        onus_sum_add(&b->square, p * p);
    }
    return stream->spoilt ? onus_fail_plain(err, ONUS_ERR_DOMAIN, "a forecast is not a probability")
                          : ONUS_OK;
}

/* Brier score of a bin, not yet divided: its events have the very same forecast. */
static double squares(const bin *b) {
    if (b->n_events == 0.0) {
        return onus_sum_get(&b->square);
    }
    return (b->n - b->n_events) * b->low * b->low + b->n_events * (1.0 - b->low) * (1.0 - b->low);
}

onus_status onus_corp_finish(const onus_corp_stream *stream, onus_corp *out, onus_error *err) {
    *out = (onus_corp){0};
    const size_t n_bins = 2 * stream->n_keys + 1;
    double n = 0.0;
    double n_events = 0.0;
    onus_sum score = {0};
    for (size_t i = 0; i < n_bins; i++) {
        const bin *b = &stream->bins[i];
        if (stream->spoilt || b->n < b->n_events) {
            return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                                   "an event's forecast is not among all forecasts");
        }
        n += b->n;
        n_events += b->n_events;
        onus_sum_add(&score, squares(b));
    }
    if (n == 0.0) {
        *out = (onus_corp){
            .score = NAN, .mcb = NAN, .dsc = NAN, .unc = NAN, .reason = "no forecast to judge"};
        return ONUS_OK;
    }
    onus_corp_step *steps = onus_alloc_n(n_bins, sizeof *steps);
    onus_sum *sums = onus_alloc_n(n_bins, sizeof *sums);
    if (steps == NULL || sums == NULL) {
        onus_free(steps);
        onus_free(sums);
        return onus_fail_nomem(err);
    }
    size_t n_steps = 0;
    for (size_t i = 0; i < n_bins; i++) {
        const bin *b = &stream->bins[i];
        if (b->n == 0.0) {
            continue;
        }
        sums[n_steps] = b->sum;
        steps[n_steps++] =
            (onus_corp_step){.low = b->low, .high = b->high, .n = b->n, .n_events = b->n_events};
        /* pool while the step before is not below: cross-multiplied, so that equal is equal */
        while (n_steps > 1) {
            onus_corp_step *before = &steps[n_steps - 2];
            const onus_corp_step *last = &steps[n_steps - 1];
            if (before->n_events * last->n < last->n_events * before->n) {
                break;
            }
            before->high = last->high;
            before->n += last->n;
            before->n_events += last->n_events;
            onus_sum_add(&sums[n_steps - 2], sums[n_steps - 1].total);
            onus_sum_add(&sums[n_steps - 2], sums[n_steps - 1].carry);
            n_steps--;
        }
    }
    onus_sum recalibrated = {0};
    for (size_t s = 0; s < n_steps; s++) {
        steps[s].share = steps[s].n_events / steps[s].n;
        steps[s].mean = onus_sum_get(&sums[s]) / steps[s].n;
        onus_sum_add(&recalibrated, steps[s].n_events * (1.0 - steps[s].share));
    }
    onus_free(sums);
    const double rate = n_events / n;
    const double best = onus_sum_get(&recalibrated) / n;
    out->score = onus_sum_get(&score) / n;
    out->unc = rate * (1.0 - rate);
    out->mcb = out->score - best;
    out->dsc = out->unc - best;
    out->steps = steps;
    out->n_steps = n_steps;
    return ONUS_OK;
}

onus_status onus_corp_of(const double *probability, const uint8_t *outcome, size_t n,
                         onus_corp *out, onus_error *err) {
    *out = (onus_corp){0};
    onus_status status = ONUS_OK;
    onus_corp_stream *stream = NULL;
    double *events = onus_alloc_n(n, sizeof *events);
    if (events == NULL) {
        return onus_fail_nomem(err);
    }
    size_t n_events = 0;
    for (size_t i = 0; i < n; i++) {
        if (outcome[i] > 1) {
            status = onus_fail_plain(err, ONUS_ERR_DOMAIN, "an outcome is neither 0 nor 1");
            goto out;
        }
        if (outcome[i] == 1) {
            events[n_events++] = probability[i];
        }
    }
    ONUS_TRY(onus_corp_open(events, n_events, &stream, err));
    assert(stream != NULL);
    ONUS_TRY(onus_corp_add(stream, probability, n, err));
    ONUS_TRY(onus_corp_finish(stream, out, err));
out:
    onus_corp_close(stream);
    onus_free(events);
    return status;
}
