/* The expected course of the feedback urn: luck left out, one draw after another; and for two areas
 * without decay as a curve in closed form.
 *
 * For two areas that only discover, dA/dt = a A / (A + B) and dB/dt = b B / (A + B). In the inner
 * time T with dt = (A + B) dT both grow exponentially, A = n_A e^{aT} and B = n_B e^{bT}, so that
 *
 *     odds = n_A / n_B e^{(a - b) T},    t = n_A (e^{aT} - 1) / a + n_B (e^{bT} - 1) / b,
 *
 * which answers "what share after t days" and "how many days to that share" alike. Called by the
 * place trial's feedback half. Never draws a random number. */
#include "onus/stats_urn.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "onus/alloc.h"
#include "stats_urn_internal.h"

/* ---- draw by draw ---- */
static double fewest(const double *balls, size_t n) {
    double least = balls[0];
    for (size_t i = 1; i < n; i++) {
        least = fmin(least, balls[i]);
    }
    return least;
}

static void add_row(const double *row, double times, size_t n, double *gain) {
    for (size_t j = 0; j < n; j++) {
        gain[j] += times * row[j];
    }
}

/* attention: the balls that areas are drawn by; gain: n doubles to work in. */
static void expect_draw(const onus_urn *urn, const double *attention, double *gain, double *balls) {
    const size_t n = urn->n_areas;
    double all = 0;
    for (size_t i = 0; i < n; i++) {
        all += attention[i];
    }
    const double least = fewest(attention, n);
    memset(gain, 0, n * sizeof *gain);
    for (size_t i = 0; i < n; i++) {
        const double share = attention[i] / all;
        const bool is_repaired = urn->repair != ONUS_URN_REPAIR_NONE;
        const double kept = is_repaired ? least / attention[i] : 1;
        add_row(urn->increments + i * n, share * kept, n, gain);
        if (is_repaired && urn->rejected != NULL) {
            add_row(urn->rejected + i * n, share * (1 - kept), n, gain);
        }
    }
    for (size_t j = 0; j < n; j++) {
        balls[j] += gain[j];
        if (urn->decay_frac > 0) {
            balls[j] = fmax((1 - urn->decay_frac) * balls[j], urn->min_balls);
        }
    }
}

onus_status onus_urn_mean_field(const onus_urn *urn, const uint64_t *horizon_draws,
                                size_t n_horizons, double *out, onus_error *err) {
    onus_status status = ONUS_OK;
    double *balls = NULL;
    ONUS_TRY(onus_urn_check(urn, err));
    ONUS_TRY(urn_check_horizons(horizon_draws, n_horizons, err));
    const size_t n = urn->n_areas;
    balls = onus_alloc_n(n, 2 * sizeof *balls);
    if (balls == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    memcpy(balls, urn->start_balls, n * sizeof *balls);
    const double *attention = urn->attention == ONUS_URN_OPEN ? urn->start_balls : balls;
    uint64_t draw = 0;
    for (size_t h = 0; h < n_horizons; h++) {
        for (; draw < horizon_draws[h]; draw++) {
            expect_draw(urn, attention, balls + n, balls);
        }
        urn_write_horizon(balls, n, out + h * (n + 1));
    }
out:
    onus_free(balls);
    return status;
}

/* ---- two areas in closed form ---- */
static const char *const bad_pair = "both areas need balls and a rate above 0";

static bool is_fit(const onus_urn_pair *pair) {
    return pair->start_a > 0 && pair->start_b > 0 && pair->rate_a > 0 && pair->rate_b > 0 &&
           isfinite(pair->start_a) && isfinite(pair->start_b) && isfinite(pair->rate_a) &&
           isfinite(pair->rate_b);
}

static double days_at(const onus_urn_pair *pair, double inner) {
    return pair->start_a * expm1(pair->rate_a * inner) / pair->rate_a +
           pair->start_b * expm1(pair->rate_b * inner) / pair->rate_b;
}

/* The inner time of t days. The sum of two rising convex terms reaches t no later than either does
 * alone; from there Newton's steps come down to the root without passing it. */
static double inner_time(const onus_urn_pair *pair, double days) {
    double inner = fmin(log1p(pair->rate_a * days / pair->start_a) / pair->rate_a,
                        log1p(pair->rate_b * days / pair->start_b) / pair->rate_b);
    for (int step = 0; step < 200; step++) { /* quadratic: six or seven are enough */
        const double slope =
            pair->start_a * exp(pair->rate_a * inner) + pair->start_b * exp(pair->rate_b * inner);
        const double next = inner - (days_at(pair, inner) - days) / slope;
        if (!(next < inner)) {
            break;
        }
        inner = next;
    }
    return inner;
}

onus_number onus_urn_share_after(const onus_urn_pair *pair, double days) {
    if (!is_fit(pair)) {
        return onus_number_none(bad_pair);
    }
    if (!(days >= 0 && isfinite(days))) {
        return onus_number_none("days must be a number >= 0");
    }
    const double inner = inner_time(pair, days);
    const double odds_against =
        pair->start_b / pair->start_a * exp((pair->rate_b - pair->rate_a) * inner);
    return onus_number_of(1 / (1 + odds_against));
}

onus_number onus_urn_days_to_share(const onus_urn_pair *pair, double share_frac) {
    if (!is_fit(pair)) {
        return onus_number_none(bad_pair);
    }
    if (!(share_frac > 0 && share_frac < 1)) {
        return onus_number_none("a share must lie between 0 and 1");
    }
    const double log_ratio =
        log(share_frac / (1 - share_frac)) - log(pair->start_a / pair->start_b);
    if (share_frac == pair->start_a / (pair->start_a + pair->start_b)) {
        return onus_number_of(0);
    }
    if (pair->rate_a == pair->rate_b) {
        return onus_number_none("with equal rates the expected share stays where it is");
    }
    const double inner = log_ratio / (pair->rate_a - pair->rate_b);
    if (inner < 0) {
        return onus_number_none("the expected share moves away from it");
    }
    const double days = days_at(pair, inner);
    return isfinite(days) ? onus_number_of(days)
                          : onus_number_none("it takes more days than a number can hold");
}

onus_number onus_urn_doubling_days(double rate_a, double rate_b, double decay_frac) {
    if (!(rate_a >= 0 && rate_b >= 0 && isfinite(rate_a) && isfinite(rate_b))) {
        return onus_number_none("rates must be numbers >= 0");
    }
    if (!(decay_frac > 0 && decay_frac < 1)) {
        return onus_number_none("without decay the odds double ever more slowly");
    }
    if (rate_a == rate_b) {
        return onus_number_none("with equal rates the odds do not grow");
    }
    const double balls = (rate_a + rate_b) / 2 / decay_frac;
    return onus_number_of(log(2) * balls / fabs(rate_a - rate_b));
}
