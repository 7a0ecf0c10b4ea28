/* The feedback urn without luck of our own: the exact law of two areas after n draws, and where it
 * goes and how fast in closed form.
 *
 * With fixed increments what an urn of two areas holds after n draws follows from k, how often the
 * first area was drawn:  A = n_A + k a + (n - k) c,  B = n_B + k b + (n - k) d.  So the law of k is
 * carried from draw to draw,
 *
 *     P_{n+1}(k) = P_n(k - 1) A(n, k - 1) / all + P_n(k) B(n, k) / all,
 *
 * n + 1 terms a draw. Called by the place trial's feedback half and by the tests, in which the
 * simulation must agree with it. Never draws a random number. */
#include "onus/stats_urn.h"

#include <float.h>
#include <math.h>

#include "onus/alloc.h"
#include "onus/sum.h"

/* ---- the exact law ---- */
static const double max_law_draws = 1e5; /* some 8 s of CPU */

/* Terms below take no further part: 1e-300 is beyond anything that a sum could notice, and the
 * subnormal numbers behind it are a hundred times slower. */
static const double negligible = 1e-300;

static onus_status check_law(const onus_urn *urn, uint64_t n_draws, onus_error *err) {
    const onus_status status = onus_urn_check(urn, err);
    if (status != ONUS_OK) {
        return status;
    }
    const char *why = urn->n_areas != 2                     ? "it has more than two areas"
                      : urn->noise != ONUS_URN_FIXED        ? "its increments are random"
                      : urn->repair != ONUS_URN_REPAIR_NONE ? "it is repaired"
                      : urn->decay_frac != 0                ? "its balls decay"
                                                            : NULL;
    if (why != NULL) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN, "no exact law of this urn: %s", why);
    }
    if ((double)n_draws > max_law_draws) {
        return onus_fail_plain(err, ONUS_ERR_DOMAIN,
                               "an exact law of %.0f draws, expected %g or less", (double)n_draws,
                               max_law_draws);
    }
    return ONUS_OK;
}

/* What area A and both hold after n draws, k of them of A: linear in both. */
typedef struct course {
    double a0;
    double a_per_draw; /* c */
    double a_per_k;    /* a - c */
    double all0;
    double all_per_draw;
    double all_per_k;
} course;

static course course_of(const onus_urn *urn) {
    const double *m = urn->increments;
    return (course){
        .a0 = urn->start_balls[0],
        .a_per_draw = m[2],
        .a_per_k = m[0] - m[2],
        .all0 = urn->start_balls[0] + urn->start_balls[1],
        .all_per_draw = m[2] + m[3],
        .all_per_k = (m[0] + m[1]) - (m[2] + m[3]),
    };
}

static double share_at(const course *c, double n, double k) {
    return (c->a0 + n * c->a_per_draw + k * c->a_per_k) /
           (c->all0 + n * c->all_per_draw + k * c->all_per_k);
}

/* P of 0..n_draws in place; only [low, high] holds more than nothing. */
static void carry_law(const course *urn, double fixed_share, size_t n_draws, double *p) {
    size_t low = 0;
    size_t high = 0;
    p[0] = 1;
    for (size_t n = 0; n < n_draws; n++) {
        double stays = 0; /* what P(k + 1) keeps of itself */
        for (size_t k = high + 1; k-- > low;) {
            const double x = fixed_share >= 0 ? fixed_share : share_at(urn, (double)n, (double)k);
            const double moves = p[k] * x;
            p[k + 1] = stays + moves;
            stays = p[k] * (1 - x);
        }
        p[low] = stays;
        high++;
        while (high > low && p[high] < negligible) {
            p[high--] = 0;
        }
        while (low < high && p[low] < negligible) {
            p[low++] = 0;
        }
    }
}

onus_status onus_urn_law_new(const onus_urn *urn, uint64_t n_draws, onus_urn_law *out,
                             onus_error *err) {
    *out = (onus_urn_law){0};
    onus_status status = ONUS_OK;
    onus_urn_law law = {0};
    ONUS_TRY(check_law(urn, n_draws, err));
    const size_t n = (size_t)n_draws;
    law.n_atoms = n + 1;
    law.share_frac = onus_alloc_n(n + 1, sizeof *law.share_frac);
    law.probability = onus_alloc_n(n + 1, sizeof *law.probability);
    if (law.share_frac == NULL || law.probability == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    const course balls = course_of(urn);
    const bool is_open = urn->attention == ONUS_URN_OPEN;
    carry_law(&balls, is_open ? share_at(&balls, 0, 0) : -1, n, law.probability);
    for (size_t k = 0; k <= n; k++) {
        law.share_frac[k] = share_at(&balls, (double)n_draws, (double)k);
    }
    /* The share is a quotient of two straight lines in k, so it only rises or only falls. */
    if (law.share_frac[n] < law.share_frac[0]) {
        for (size_t i = 0, j = n; i < j; i++, j--) {
            const double share = law.share_frac[i];
            const double probability = law.probability[i];
            law.share_frac[i] = law.share_frac[j];
            law.probability[i] = law.probability[j];
            law.share_frac[j] = share;
            law.probability[j] = probability;
        }
    }
    *out = law;
    law = (onus_urn_law){0};
out:
    onus_urn_law_clear(&law);
    return status;
}

void onus_urn_law_clear(onus_urn_law *law) {
    onus_free(law->share_frac);
    onus_free(law->probability);
    *law = (onus_urn_law){0};
}

double onus_urn_law_mean(const onus_urn_law *law) {
    return onus_sum_dot(law->share_frac, law->probability, law->n_atoms);
}

double onus_urn_law_sd(const onus_urn_law *law) {
    const double mean = onus_urn_law_mean(law);
    onus_sum squares = {0};
    for (size_t k = 0; k < law->n_atoms; k++) {
        const double off = law->share_frac[k] - mean;
        onus_sum_add(&squares, law->probability[k] * off * off);
    }
    return sqrt(onus_sum_get(&squares));
}

double onus_urn_law_quantile(const onus_urn_law *law, double p) {
    if (!(p > 0 && p < 1) || law->n_atoms == 0) {
        return NAN;
    }
    onus_sum below = {0};
    for (size_t k = 0; k < law->n_atoms; k++) {
        onus_sum_add(&below, law->probability[k]);
        if (onus_sum_get(&below) >= p) {
            return law->share_frac[k];
        }
    }
    return law->share_frac[law->n_atoms - 1]; /* p within rounding of 1 */
}

double onus_urn_law_above(const onus_urn_law *law, double bound) {
    onus_sum above = {0};
    for (size_t k = law->n_atoms; k-- > 0 && law->share_frac[k] > bound;) {
        onus_sum_add(&above, law->probability[k]);
    }
    return onus_sum_get(&above);
}

/* ---- limits ---- */
static onus_urn_limit point(double share_frac) {
    return (onus_urn_limit){
        .kind = ONUS_URN_LIMIT_POINT, .share_frac = share_frac, .sd = 0, .alpha = NAN, .beta = NAN};
}

static onus_urn_limit none(const char *reason) {
    return (onus_urn_limit){.kind = ONUS_URN_LIMIT_NONE,
                            .share_frac = NAN,
                            .sd = NAN,
                            .alpha = NAN,
                            .beta = NAN,
                            .reason = reason};
}

static onus_urn_limit beta_limit(double alpha, double beta) {
    const double all = alpha + beta;
    return (onus_urn_limit){.kind = ONUS_URN_LIMIT_BETA,
                            .share_frac = alpha / all,
                            .sd = sqrt(alpha * beta / (all + 1)) / all,
                            .alpha = alpha,
                            .beta = beta};
}

/* The root of  f(x) = (c + d - a - b) x^2 + (a - 2c - d) x + c  at which f falls through 0: what
 * the share is pushed to from both sides. f(0) = c >= 0 and f(1) = -b <= 0, so there is exactly
 * one: f is the push on the share, and a parabola that starts above and ends below 0 crosses once.
 * Written as 2c / (-q + sqrt) or (-q - sqrt) / 2p, whichever adds numbers of one sign. */
static double stable_root(double a, double b, double c, double d) {
    const double p = c + d - a - b;
    const double q = a - 2 * c - d;
    const double root = sqrt(fmax(q * q - 4 * p * c, 0));
    /* f' < 0 at (-q - root) / 2p, for either sign of p */
    const double x = q <= 0 ? (root - q > 0 ? 2 * c / (root - q) : 0) : (-q - root) / (2 * p);
    return fmin(fmax(x, 0), 1);
}

static onus_urn_limit limit_of_loop(const onus_urn *urn) {
    const double a = urn->increments[0];
    const double b = urn->increments[1];
    const double c = urn->increments[2];
    const double d = urn->increments[3];
    if (a != d || b != 0 || c != 0) {
        /* An area that is empty and that the other never feeds stays as it is. */
        if (b == 0 && urn->start_balls[1] == 0) {
            return point(1);
        }
        if (c == 0 && urn->start_balls[0] == 0) {
            return point(0);
        }
        return point(stable_root(a, b, c, d));
    }
    if (urn->start_balls[0] == 0 || urn->start_balls[1] == 0) {
        return point(urn->start_balls[0] == 0 ? 0 : 1);
    }
    if (urn->noise != ONUS_URN_FIXED) {
        return none("equal random increments leave every run at a share of its own, by a law that "
                    "has no known closed form");
    }
    return beta_limit(urn->start_balls[0] / a, urn->start_balls[1] / a);
}

onus_status onus_urn_limit_of(const onus_urn *urn, onus_urn_limit *out, onus_error *err) {
    const onus_status status = onus_urn_check(urn, err);
    if (status != ONUS_OK) {
        return status;
    }
    if (urn->n_areas != 2) {
        *out = none("closed forms are for two areas");
        return ONUS_OK;
    }
    const double *m = urn->increments;
    const bool is_repaired = urn->repair != ONUS_URN_REPAIR_NONE;
    const bool is_open = urn->attention == ONUS_URN_OPEN;
    if (urn->decay_frac > 0) {
        *out = none("with decay the share never settles");
    } else if (is_repaired && urn->rejected != NULL) {
        *out = none("no closed form where rejected draws add something");
    } else if (m[0] + m[1] + m[2] + m[3] == 0) {
        *out = none("nothing is ever added");
    } else if (is_repaired) {
        *out = point((m[0] + m[2]) / (m[0] + m[1] + m[2] + m[3]));
    } else if (is_open) {
        const double x = urn->start_balls[0] / (urn->start_balls[0] + urn->start_balls[1]);
        const double to_a = x * m[0] + (1 - x) * m[2];
        const double to_b = x * m[1] + (1 - x) * m[3];
        *out = to_a + to_b > 0 ? point(to_a / (to_a + to_b)) : none("nothing is ever added");
    } else {
        *out = limit_of_loop(urn);
    }
    return ONUS_OK;
}
